#!/usr/bin/env python3
"""Writes heldout.json: networks drawn at random, with the norms of their gradients at initialisation as PyTorch measures them.

    pip install torch
    python tests/reference/make_heldout.py [SEED] [OUTPUT]

The formulas of the forecast were derived, and none was fitted to these networks; but what is wrong with them has been looked
at, so that they are no blind test of what is changed now: draw others with another seed for that. Depth and width are drawn evenly on a logarithmic scale, 1 to 50 layers of 4 to 512 units,
up to what can be measured in seconds. Each network is measured in double precision with 400 sets of weights, inputs and
targets; stored are the decimal logarithms of the deciles 1, 5 and 9 of the norm of each parameter's gradient.
"""
import json
import math
import pathlib
import random
import sys

import torch
from torch.nn import functional

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20261125
OUTPUT = sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "heldout.json"
SAMPLES = 400
# Multiplications of one sample that are measured in seconds.
LARGEST = 3e7
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "Linear": lambda x: x,
    "Relu": torch.relu,
    "LeakyRelu(0.2)": lambda x: functional.leaky_relu(x, 0.2),
    "Tanh": torch.tanh,
    "Sigmoid": torch.sigmoid,
    "Gelu": functional.gelu,
    "Silu": functional.silu,
    "Elu(1.0)": functional.elu,
    "Selu": functional.selu,
    "Softplus": functional.softplus,
    "Softsign": functional.softsign,
    "Mish": functional.mish,
    "HardSigmoid": functional.hardsigmoid,
}
BENT = [name for name in ACTIVATIONS if name != "Linear"]
LARGEST_VALUES = 1.5e7


def uniform(limit):
    return lambda shape, draw: (torch.rand(shape, generator=draw) * 2 - 1) * limit


def truncated(deviation):
    """Cut at two standard deviations, and scaled to have this one after that."""
    edge = math.erf(math.sqrt(2.0))

    def values(shape, draw):
        inside = (torch.rand(shape, generator=draw) * 2 - 1) * edge
        return torch.erfinv(inside) * (math.sqrt(2.0) * deviation / 0.87962566103423978)

    return values


def orthogonal(shape, draw):
    samples, rows, columns = shape
    q, r = torch.linalg.qr(torch.randn(samples, max(rows, columns), min(rows, columns), generator=draw))
    q = q * torch.sign(torch.diagonal(r, dim1=1, dim2=2))[:, None]
    return q if rows >= columns else q.transpose(1, 2)


# The name, and what draws the values for a fan-in and a fan-out.
FITTED = {
    "GlorotUniform": lambda i, o: uniform(math.sqrt(6 / (i + o))),
    "GlorotNormal": lambda i, o: truncated(math.sqrt(2 / (i + o))),
    "HeUniform": lambda i, o: uniform(math.sqrt(6 / i)),
    "HeNormal": lambda i, o: truncated(math.sqrt(2 / i)),
    "LecunUniform": lambda i, o: uniform(math.sqrt(3 / i)),
    "LecunNormal": lambda i, o: truncated(math.sqrt(1 / i)),
    "Orthogonal": lambda i, o: orthogonal,
}


def of_range(low, high):
    return lambda i, o: lambda shape, draw: torch.rand(shape, generator=draw) * (high - low) + low


def of_normal(mean, deviation):
    return lambda i, o: lambda shape, draw: torch.randn(shape, generator=draw) * deviation + mean


def of_constant(value):
    return lambda i, o: lambda shape, draw: torch.full(shape, value)


class Dense:
    def __init__(self, units, activation="Linear", init=("GlorotUniform", FITTED["GlorotUniform"])):
        self.units, self.activation, self.init = units, activation, init

    def text(self):
        return f"Dense({self.units}, activation = {self.activation}, init = {self.init[0]})"

    def forward(self, x, draw, parameters):
        samples, _, width = x.shape
        weight = self.init[1](width, self.units)((samples, width, self.units), draw).requires_grad_()
        bias = torch.zeros(samples, 1, self.units).requires_grad_()
        parameters += [weight, bias]
        return ACTIVATIONS[self.activation](x @ weight + bias)


class Activation:
    def __init__(self, name):
        self.name = name

    def text(self):
        return self.name

    def forward(self, x, draw, parameters):
        return ACTIVATIONS[self.name](x)


class Dropout:
    def __init__(self, rate):
        self.rate = rate

    def text(self):
        return f"Dropout({self.rate})"

    def forward(self, x, draw, parameters):
        return x * (torch.rand(x.shape, generator=draw) >= self.rate) / (1 - self.rate)


class Norm:
    """Epsilon is 1e-3, but 1e-6 for `RmsNorm`, as the language has it."""

    def __init__(self, name):
        self.name = name

    def text(self):
        return self.name

    def forward(self, x, draw, parameters):
        gamma = torch.ones(x.shape[0], 1, x.shape[2]).requires_grad_()
        parameters.append(gamma)
        if self.name == "RmsNorm":
            return x / torch.sqrt((x * x).mean(2, keepdim=True) + 1e-6) * gamma
        beta = torch.zeros_like(gamma).requires_grad_()
        parameters.append(beta)
        axis = 1 if self.name == "BatchNorm" else 2
        apart = x - x.mean(axis, keepdim=True)
        return apart / torch.sqrt((apart * apart).mean(axis, keepdim=True) + 1e-3) * gamma + beta


class Residual:
    def __init__(self, *branch, scale=1.0):
        self.branch, self.scale = branch, scale

    def text(self):
        scale = f", scale = {self.scale}" if self.scale != 1.0 else ""
        return "Residual(" + ", ".join(layer.text() for layer in self.branch) + scale + ")"

    def forward(self, x, draw, parameters):
        through = x
        for layer in self.branch:
            x = layer.forward(x, draw, parameters)
        return through + self.scale * x


def values(shape, draw, distribution):
    kind, one, other = distribution
    if kind == "Uniform":
        return torch.rand(shape, generator=draw) * (other - one) + one
    return torch.randn(shape, generator=draw) * other + one


# The mean over examples and outputs; classes are summed over. What the last layer has for an activation, and whether the
# targets are classes.
LOSSES = {
    "MeanSquaredError": (lambda y, t: ((y - t) ** 2).mean((1, 2)), "Linear", False),
    "MeanAbsoluteError": (lambda y, t: (y - t).abs().mean((1, 2)), "Linear", False),
    "Huber": (lambda y, t: functional.huber_loss(y, t, reduction="none").mean((1, 2)), "Linear", False),
    "SoftmaxCrossEntropy": (lambda y, t: -(y.log_softmax(2) * t).sum(2).mean(1), "Linear", True),
    "CategoricalCrossEntropy": (lambda y, t: -(y.softmax(2).log() * t).sum(2).mean(1), "Softmax", True),
    "SigmoidCrossEntropy": (
        lambda y, t: functional.binary_cross_entropy_with_logits(y, t, reduction="none").mean((1, 2)), "Linear", False),
    "BinaryCrossEntropy": (
        lambda y, t: functional.binary_cross_entropy(y.sigmoid(), t, reduction="none").mean((1, 2)), "Sigmoid", False),
}


class Network:
    def __init__(self, family, depth, width, block, choose):
        self.family, self.depth, self.width = family, depth, width
        self.features = choose.choice([2, 5, 10, 20, 40, 100])
        self.input = choose.choice([("Normal", 0.0, 1.0)] * 3 + [("Uniform", 0.0, 1.0)] * 3
                                   + [("Uniform", -1.0, 1.0), ("Normal", 0.5, 0.5), ("Normal", 0.0, 3.0)])
        self.batch = choose.choice([4, 16, 32, 32, 32, 32, 128])
        self.loss = choose.choice(["MeanSquaredError"] * 5 + ["SoftmaxCrossEntropy"] * 5 + list(LOSSES))
        classes = LOSSES[self.loss][2]
        self.outputs = choose.choice([2, 3, 10, 10, 50] if classes else [1, 1, 1, 2, 5, 20])
        bounded = self.loss in ("SigmoidCrossEntropy", "BinaryCrossEntropy")
        self.target = ("Uniform", 0.0, 1.0) if bounded else choose.choice(
            [("Uniform", 0.0, 1.0)] * 3 + [("Normal", 0.0, 1.0), ("Normal", 1.0, 2.0)])
        before = [Dense(width)] if family == "residual" else []
        self.layers = before + [layer for _ in range(depth) for layer in block]
        self.body = "".join(layer.text() + ", " for layer in before) + "[" + ", ".join(
            layer.text() for layer in block) + f"; {depth}]"

    def text(self, name):
        last = LOSSES[self.loss][1]
        written = lambda of: f"{of[0]}({of[1]}, {of[2]})"
        target = "" if LOSSES[self.loss][2] else f"target ~ {written(self.target)}, "
        return (f"struct {name} {{ input: [{self.features}] ~ {written(self.input)}, {self.body}, "
                f"Dense({self.outputs}, activation = {last}), {target}loss: {self.loss}, batch: {self.batch} }}")

    def norms(self, samples, draw):
        """The norm of each parameter's gradient in each sample."""
        x = values((samples, self.batch, self.features), draw, self.input)
        parameters = []
        for layer in self.layers + [Dense(self.outputs)]:
            x = layer.forward(x, draw, parameters)
        loss, _, classes = LOSSES[self.loss]
        if classes:
            index = torch.randint(self.outputs, (samples, self.batch), generator=draw)
            target = functional.one_hot(index, self.outputs).to(x.dtype)
        else:
            target = values(x.shape, draw, self.target)
        gradients = torch.autograd.grad(loss(x, target).sum(), parameters)
        return torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients])

    def measured(self, draw):
        at_once = max(1, min(SAMPLES, int(LARGEST_VALUES / (self.batch * self.width * len(self.layers)))))
        parts, left = [], SAMPLES
        while left > 0:
            parts.append(self.norms(min(at_once, left), draw))
            left -= at_once
        return torch.quantile(torch.cat(parts, 1), torch.tensor([0.1, 0.5, 0.9]), dim=1).T


def drawn(family, choose):
    while True:
        depth = round(math.exp(choose.uniform(0.0, math.log(50))))
        width = round(math.exp(choose.uniform(math.log(4), math.log(512))))
        if depth * width * width * 32 <= LARGEST:
            break
    activation = choose.choice(BENT + ["Relu", "Relu", "Tanh"])
    name = choose.choice(list(FITTED))
    init = (name, FITTED[name])
    if family == "dense":
        block = [Dense(width, activation, init)]
        if choose.random() < 0.2:
            block.append(Dropout(choose.choice([0.1, 0.3, 0.5])))
    elif family == "mean":
        # In units of the scale that keeps a signal, and of the mean that does.
        scale, mean = 1 / math.sqrt(width), 1 / width
        kind = choose.randrange(4)
        depth = min(depth, 12)
        if kind == 0:
            mean, deviation = round(mean * choose.uniform(-3, 3), 4), round(scale * choose.uniform(0.3, 2), 4)
            init = (f"Normal({mean}, {deviation})", of_normal(mean, deviation))
        elif kind == 1:
            low, high = round(-scale * choose.uniform(0, 1), 4), round(scale * choose.uniform(0.5, 2), 4)
            init = (f"Uniform({low}, {high})", of_range(low, high))
        elif kind == 2:
            init = ("Ones", of_constant(1.0))
        else:
            value = round(mean * choose.uniform(0.3, 3), 5)
            init = (f"Constant({value})", of_constant(value))
        block = [Dense(width, activation, init)]
    elif family == "norm":
        norm = Norm(choose.choice(["BatchNorm", "LayerNorm", "RmsNorm"]))
        dense = Dense(width, "Linear", init)
        block = choose.choice([[dense, norm, Activation(activation)], [Dense(width, activation, init), norm]])
    else:
        norm = Norm(choose.choice(["BatchNorm", "LayerNorm", "RmsNorm"]))
        one, two = Dense(width, activation, init), [Dense(2 * width, activation, init), Dense(width, "Linear", init)]
        block = choose.choice([
            [Residual(one)],
            [Residual(one, Dense(width, "Linear", init))],
            [Residual(*two, scale=choose.choice([0.1, 0.3, 0.5]))],
            [Residual(norm, *two)],
            [Residual(norm, Activation(activation), Dense(width, "Linear", init))],
            [Residual(*two), norm],
        ])
    return Network(family, depth, width, block, choose)


def log10(value):
    return round(math.log10(value), 4) if value > 0 else None


def main():
    choose = random.Random(SEED)
    draw = torch.Generator().manual_seed(SEED)
    networks = []
    for family, count in [("dense", 40), ("mean", 20), ("norm", 30), ("residual", 30)]:
        for index in range(count):
            network = drawn(family, choose)
            name = f"{family.title()}{index:02}"
            deciles = [[log10(float(value)) for value in row] for row in network.measured(draw)]
            networks.append({"family": family, "block": network.text(name), "deciles": deciles})
            print(networks[-1]["block"], file=sys.stderr, flush=True)
    header = {"script": "tests/reference/make_heldout.py", "seed": SEED, "samples": SAMPLES, "torch": torch.__version__}
    rows = ",\n".join(json.dumps(network) for network in networks)
    pathlib.Path(OUTPUT).write_text(json.dumps(header)[:-1] + ', "networks": [\n' + rows + "\n]}\n")


main()
