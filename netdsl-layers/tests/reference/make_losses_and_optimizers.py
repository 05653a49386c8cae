"""Writes losses.json and optimizers.json: what Keras makes of small inputs, and for some optimizers PyTorch
and optax, in double precision but for the mean of a loss, which Keras takes in single precision.

Run with Keras 3, PyTorch and optax installed:  python make_losses_and_optimizers.py
"""

import itertools
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"

import jax
import keras
import numpy
import optax
import torch

keras.config.set_floatx("float64")
jax.config.update("jax_enable_x64", True)
FOLDER = pathlib.Path(__file__).parent
VERSIONS = {"keras": keras.__version__, "torch": torch.__version__.split("+")[0], "optax": optax.__version__}
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


WEIGHT, BIAS = [[0.5, -1.0, 2.0], [-0.25, 1.5, 0.75]], [0.1, -0.3]


def gradients(step, weight, bias):
    """Gradients that depend on the parameters and on the step, without a random number."""
    noise = numpy.sin(0.7 * step + numpy.arange(8))
    return 0.5 * weight + noise[:6].reshape(2, 3), 0.5 * bias + noise[6:]


def by_keras(optimizer):
    weight, bias = keras.Variable(WEIGHT, dtype="float64"), keras.Variable(BIAS, dtype="float64")
    while True:
        step = int(optimizer.iterations) + 1
        found = gradients(step, weight.numpy(), bias.numpy())
        optimizer.apply([torch.tensor(gradient) for gradient in found], [weight, bias])
        yield weight.numpy().copy(), bias.numpy().copy()


def by_torch(make):
    weight, bias = (torch.tensor(start, dtype=torch.float64, requires_grad=True) for start in (WEIGHT, BIAS))
    optimizer = make([weight, bias])
    for step in itertools.count(1):
        found = gradients(step, weight.detach().numpy(), bias.detach().numpy())
        weight.grad, bias.grad = (torch.tensor(gradient) for gradient in found)
        optimizer.step()
        yield weight.detach().numpy().copy(), bias.detach().numpy().copy()


def by_optax(optimizer):
    parameters = tuple(jax.numpy.array(start, dtype="float64") for start in (WEIGHT, BIAS))
    state = optimizer.init(parameters)
    for step in itertools.count(1):
        found = gradients(step, *(numpy.asarray(parameter) for parameter in parameters))
        updates, state = optimizer.update(found, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        yield tuple(numpy.asarray(parameter) for parameter in parameters)


def optimizer_cases():
    optimizers = keras.optimizers
    cases = [
        ("Sgd", "keras", by_keras(optimizers.SGD())),
        ("Sgd momentum", "keras", by_keras(optimizers.SGD(momentum=0.9))),
        ("Sgd momentum", "torch", by_torch(lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9))),
        ("Sgd nesterov", "keras", by_keras(optimizers.SGD(momentum=0.9, nesterov=True))),
        ("Sgd nesterov", "torch", by_torch(lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True))),
        ("Adam", "keras", by_keras(optimizers.Adam())),
        ("AdamW", "keras", by_keras(optimizers.AdamW())),
        ("RmsProp", "keras", by_keras(optimizers.RMSprop())),
        ("Adagrad", "keras", by_keras(optimizers.Adagrad())),
        ("Nadam", "keras", by_keras(optimizers.Nadam())),
        (
            "Nadam of the paper",
            "torch",
            by_torch(lambda p: torch.optim.NAdam(p, lr=0.001, eps=1e-7, momentum_decay=0.004)),
        ),
        ("Adamax", "keras", by_keras(optimizers.Adamax())),
        ("Adamax", "optax", by_optax(optax.adamax(0.001, eps=1e-7))),
        ("Adadelta", "keras", by_keras(optimizers.Adadelta())),
        ("Adadelta", "torch", by_torch(lambda p: torch.optim.Adadelta(p, lr=0.001, rho=0.95, eps=1e-7))),
        ("Lamb", "keras", by_keras(optimizers.Lamb())),
        ("Lamb decay", "optax", by_optax(optax.lamb(0.001, eps=1e-7, weight_decay=0.1))),
        ("Lion", "keras", by_keras(optimizers.Lion())),
        ("Lion decay", "optax", by_optax(optax.lion(0.001, weight_decay=0.1))),
        ("Muon", "keras", by_keras(optimizers.Muon())),
    ]
    for name, made_by, steps in cases:
        steps = {str(step): found for step, found in zip(range(1, 51), steps) if step in (1, 10, 50)}
        after = {step: [*weight.flatten(), *bias] for step, (weight, bias) in steps.items()}
        yield {"name": name, "made_by": made_by, "after": after}


for file, cases in (("losses.json", loss_cases()), ("optimizers.json", optimizer_cases())):
    document = {"made_with": VERSIONS, "seed": SEED, "cases": list(cases)}
    (FOLDER / file).write_text(json.dumps(document, indent=1) + "\n")
