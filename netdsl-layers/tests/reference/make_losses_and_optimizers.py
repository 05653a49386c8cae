"""Writes losses.json and optimizers.json: what Keras makes of small inputs, in double precision
but for the mean of a loss, which Keras takes in single precision.

Run with Keras 3 and PyTorch installed:  KERAS_BACKEND=torch python make_losses_and_optimizers.py
"""

import json
import math
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

keras.config.set_floatx("float64")
FOLDER = pathlib.Path(__file__).parent
VERSIONS = {"keras": keras.__version__, "torch": torch.__version__.split("+")[0]}
SEED = 7


def loss_cases():
    torch.manual_seed(SEED)
    values = torch.randn(5, 4, dtype=torch.float64) * 2
    targets = torch.randn(5, 4, dtype=torch.float64)
    probabilities = torch.rand(5, 4, dtype=torch.float64)
    probabilities[0, 0], probabilities[1, 1] = 0.0, 1.0  # what Keras cuts
    truths = torch.rand(5, 4, dtype=torch.float64)
    classes = [0, 3, 1, 2, 1]
    one_hot = torch.nn.functional.one_hot(torch.tensor(classes), 4).double()
    losses = keras.losses
    logits = {"from_logits": True}
    cases = [
        ("MeanSquaredError", losses.mean_squared_error, {}, values, targets, targets),
        ("MeanAbsoluteError", losses.mean_absolute_error, {}, values, targets, targets),
        ("Huber", losses.huber, {"delta": 1.0}, values, targets, targets),
        ("SigmoidCrossEntropy", losses.binary_crossentropy, logits, values, truths, truths),
        ("BinaryCrossEntropy", losses.binary_crossentropy, {}, probabilities, truths, truths),
        ("SoftmaxCrossEntropy", losses.categorical_crossentropy, logits, values, one_hot, classes),
        ("CategoricalCrossEntropy", losses.categorical_crossentropy, {}, probabilities, one_hot, classes),
    ]
    for name, loss, settings, output, target, written in cases:
        output = output.clone().requires_grad_()
        value = loss(target, output, **settings).mean()
        value.backward()
        yield {
            "name": name,
            "output": output.detach().flatten().tolist(),
            "target": written if isinstance(written, list) else written.flatten().tolist(),
            "loss": value.item(),
            "gradient": output.grad.flatten().tolist(),
        }


def optimizer_cases():
    optimizers = keras.optimizers
    cases = [
        ("Sgd", optimizers.SGD()),
        ("Sgd momentum", optimizers.SGD(momentum=0.9)),
        ("Sgd nesterov", optimizers.SGD(momentum=0.9, nesterov=True)),
        ("Adam", optimizers.Adam()),
        ("AdamW", optimizers.AdamW()),
        ("RmsProp", optimizers.RMSprop()),
        ("Adagrad", optimizers.Adagrad()),
    ]
    for name, optimizer in cases:
        start = [0.5, -1.0, 2.0]
        variable = keras.Variable(start, dtype="float64")
        after = {}
        for step in range(1, 51):
            # A gradient that depends on the parameter and on the step, without a random number.
            noise = [math.sin(0.7 * step + index) for index in range(3)]
            gradient = 0.5 * variable.value.detach() + torch.tensor(noise, dtype=torch.float64)
            optimizer.apply([gradient], [variable])
            if step in (1, 10, 50):
                after[str(step)] = variable.value.detach().tolist()
        yield {"name": name, "start": start, "after": after}


for file, cases in (("losses.json", loss_cases()), ("optimizers.json", optimizer_cases())):
    document = {"made_with": VERSIONS, "seed": SEED, "cases": list(cases)}
    (FOLDER / file).write_text(json.dumps(document, indent=1) + "\n")
