"""Writes class_weights.json: PyTorch's cross-entropy with weights of classes where each place of an output has a class, over
the number of places, and its gradients, in double precision.

Run with PyTorch installed:  python make_class_weights.py
"""

import json
import pathlib

import torch
from torch import nn

SEED, EXAMPLES, CHANNELS, CLASSES = 7, 3, 2, 4
WEIGHTS = [0.5, 2.0, 0.0, 1.25]
torch.set_default_dtype(torch.float64)
torch.manual_seed(SEED)


def case(convolution, places):
    """A convolution of size 1, whose output is (N, C, d1, ..)."""
    input = torch.randn(EXAMPLES, CHANNELS, *places)
    target = torch.randint(CLASSES, (EXAMPLES, *places))
    loss = nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS), reduction="sum")
    loss = loss(convolution(input), target) / target.numel()
    loss.backward()
    tensors = {"input": input, "target": target, "weight": convolution.weight, "bias": convolution.bias}
    gradients = {"weight_gradient": convolution.weight.grad, "bias_gradient": convolution.bias.grad}
    values = {name: tensor.flatten().tolist() for name, tensor in (tensors | gradients).items()}
    mean = nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS))(convolution(input), target)
    return values | {"loss": loss.item(), "mean": mean.item()}


document = {
    "made_with": {"torch": torch.__version__.split("+")[0], "seed": SEED},
    "class_weights": WEIGHTS,
    "signal": case(nn.Conv1d(CHANNELS, CLASSES, 1), [5]),
    "image": case(nn.Conv2d(CHANNELS, CLASSES, 1), [3, 2]),
}
(pathlib.Path(__file__).parent / "class_weights.json").write_text(json.dumps(document, indent=1) + "\n")
