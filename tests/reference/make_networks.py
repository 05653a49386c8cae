#!/usr/bin/env python3
"""Writes networks.json: outputs, losses and gradients of small networks as PyTorch computes them in double precision.

    pip install torch
    python tests/reference/make_networks.py

The networks are those that tests/reference.rs declares under the same names, with PyTorch's own layers and losses.
Parameters, inputs and targets come from one seeded generator.
"""
import json
import pathlib
import platform

import torch
from torch import nn
from torch.nn import functional

SEED = 20240607
torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(SEED)
statistics_generator = torch.Generator().manual_seed(SEED + 1)


class Padding:
    """The lengths of the sequences of the batch, where some are padded."""

    lengths = None

    @classmethod
    def data(cls, x):
        """Which steps of [batch, time, ..] are data."""
        lengths = torch.full((x.shape[0],), x.shape[1]) if cls.lengths is None else cls.lengths
        return torch.arange(x.shape[1])[None] < lengths[:, None]


class Residual(nn.Module):
    def __init__(self, branch, shortcut=None, scale=1.0):
        super().__init__()
        self.branch, self.shortcut, self.scale = branch, shortcut, scale

    def forward(self, x):
        return (self.shortcut(x) if self.shortcut else x) + self.scale * self.branch(x)


class TokenLast(nn.Module):
    """A BatchNorm1d over [batch, time, features], of the steps that are data."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        data = Padding.data(x)
        return torch.zeros_like(x).masked_scatter(data[..., None], self.norm(x[data]))


class MeanOfSpace(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(-1)


class MaximumOfSpace(nn.Module):
    def forward(self, x):
        return x.flatten(2).amax(-1)


class Transpose(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class LastStep(nn.Module):
    def forward(self, x):
        return x[torch.arange(x.shape[0]), Padding.data(x).sum(1) - 1]


class MeanOverTime(nn.Module):
    def forward(self, x):
        data = Padding.data(x)
        return (x * data[..., None]).sum(1) / data.sum(1)[:, None]


class Reshape(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(x.shape[0], *self.shape)


class Exponential(nn.Module):
    def forward(self, x):
        return torch.exp(x)


class Concat(nn.Module):
    """Branches of one input along the features, or along the channels of [batch, channels, ..space]."""

    def __init__(self, *branches, axis=-1):
        super().__init__()
        self.branches, self.axis = nn.ModuleList(branches), axis

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], self.axis)


class Recurrent(nn.Module):
    """A recurrent layer over [batch, time, features]; a second bias of PyTorch's that the declaration lacks stays zero."""

    def __init__(self, layer, second_bias=True, sequences=False):
        super().__init__()
        self.layer, self.sequences = layer, sequences
        if not second_bias:
            layer.bias_hh_l0.requires_grad = False
            layer.bias_hh_l0.data.zero_()

    def forward(self, x):
        lengths = Padding.data(x).sum(1)
        packed, last = self.layer(nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        if self.sequences:
            return nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])[0]
        return (last[0] if isinstance(last, tuple) else last)[0]


class SelfAttention(nn.Module):
    def __init__(self, features, heads, causal=False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.query, self.key, self.value, self.out = (
            nn.Parameter(torch.empty(features, features)) for _ in range(4)
        )

    def forward(self, x):
        padding = None if Padding.lengths is None else ~Padding.data(x)
        time, x = x.shape[1], x.transpose(0, 1)
        mask = torch.ones(time, time).triu(1).bool() if self.causal else None
        mixed, _ = functional.multi_head_attention_forward(
            x, x, x, x.shape[-1], self.heads, None, None, None, None, False, 0.0, self.out, None,
            attn_mask=mask, key_padding_mask=padding, need_weights=False, use_separate_proj_weight=True,
            q_proj_weight=self.query, k_proj_weight=self.key, v_proj_weight=self.value,
        )
        return mixed.transpose(0, 1)


class Hardsigmoid(nn.Module):
    """nn.Hardsigmoid, whose backward pass multiplies by a sixth in single precision also in a double network."""

    def forward(self, x):
        return torch.clamp(x + 3, 0, 6) / 6


def stack(*layers):
    return nn.Sequential(*layers)


def linear(inputs, outputs, bias=True):
    return nn.Linear(inputs, outputs, bias=bias)


def mean_squared_error(y, t):
    return functional.mse_loss(y, t)


def mean_absolute_error(y, t):
    return functional.l1_loss(y, t)


def huber(y, t):
    return functional.huber_loss(y, t, delta=0.5)


def softmax_cross_entropy(y, t):
    return functional.cross_entropy(y.reshape(-1, y.shape[-1]), t.reshape(-1))


def sigmoid_cross_entropy(y, t):
    return functional.binary_cross_entropy_with_logits(y, t)


def categorical_cross_entropy(y, t):
    return functional.nll_loss(torch.log(y), t)


def binary_cross_entropy(y, t):
    return functional.binary_cross_entropy(y, t)


VALUES, UNIT, CLASSES = "values", "unit", "classes"


class Tokens:
    """An input of whole numbers below a vocabulary."""

    def __init__(self, time, vocabulary):
        self.time, self.vocabulary = time, vocabulary

NETWORKS = [
    ("SigmoidStack", [6], stack(linear(6, 5), nn.Sigmoid(), linear(5, 5), nn.Sigmoid(), linear(5, 5), nn.Sigmoid(), linear(5, 2)),
     mean_squared_error, VALUES),
    ("TanhClasses", [4], stack(linear(4, 7), nn.Tanh(), linear(7, 7, bias=False), nn.Tanh(), linear(7, 3)), softmax_cross_entropy, CLASSES),
    ("Rectifiers", [5], stack(linear(5, 8), nn.ReLU(), linear(8, 8), nn.LeakyReLU(0.1), linear(8, 8), nn.ELU(0.7), linear(8, 8), nn.SELU(),
                              linear(8, 1)), huber, VALUES),
    ("SmoothRectifiers", [5], stack(linear(5, 6), nn.GELU(), linear(6, 6), nn.SiLU(), linear(6, 6), nn.Mish(), linear(6, 6), nn.Softplus(),
                                    linear(6, 2)), mean_absolute_error, VALUES),
    ("Bounded", [3], stack(linear(3, 6), nn.Softsign(), linear(6, 6), Hardsigmoid(), linear(6, 2)), sigmoid_cross_entropy, UNIT),
    ("BatchNormBefore", [4], stack(linear(4, 6), nn.BatchNorm1d(6, eps=1e-3), nn.ReLU(), linear(6, 3)), softmax_cross_entropy, CLASSES),
    ("BatchNormBehind", [4], stack(linear(4, 6), nn.Sigmoid(), nn.BatchNorm1d(6, eps=1e-3), linear(6, 1)), mean_squared_error, VALUES),
    ("LayerNormResidual", [4], stack(linear(4, 6),
                                     Residual(stack(nn.LayerNorm(6, eps=1e-3), linear(6, 9), nn.GELU(), linear(9, 6)), scale=0.5),
                                     Residual(stack(linear(6, 5), nn.Tanh()), shortcut=linear(6, 5)), linear(5, 2)),
     mean_squared_error, VALUES),
    ("RmsNormed", [5], stack(linear(5, 6), nn.RMSNorm(6, eps=1e-6), nn.SiLU(), linear(6, 2), nn.Sigmoid()), binary_cross_entropy, UNIT),
    ("OverTime", [4, 3], stack(linear(3, 5), nn.Tanh(), TokenLast(nn.BatchNorm1d(5, eps=1e-3)), nn.Flatten(), linear(20, 3), nn.Softmax(-1)),
     categorical_cross_entropy, CLASSES),
    ("PerStep", [4, 3], stack(linear(3, 5), nn.LayerNorm(5, eps=1e-3), nn.ReLU(), linear(5, 4)), softmax_cross_entropy, CLASSES),
    # `Same` pads the odd row or column at the end, which PyTorch is told by hand.
    ("LeNet", [1, 10, 9], stack(nn.Conv2d(1, 3, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 4, (2, 3)), nn.Tanh(), nn.Flatten(),
                                linear(32, 5), nn.Tanh(), linear(5, 3)), softmax_cross_entropy, CLASSES),
    ("Signals", [3, 13], stack(nn.ConstantPad1d((1, 2), 0.0), nn.Conv1d(3, 4, 4, stride=2), nn.GELU(), nn.MaxPool1d(3, stride=2, padding=1),
                               nn.Conv1d(4, 5, 2, bias=False), nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False),
                               MeanOfSpace(), linear(5, 2)), mean_squared_error, VALUES),
    ("SmallResNet", [2, 5, 6], stack(nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3, eps=1e-3), nn.ReLU(),
                                     Residual(stack(nn.ZeroPad2d((0, 1, 1, 1)), nn.Conv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4, eps=1e-3),
                                                    nn.SiLU(), nn.Conv2d(4, 4, 3, padding=1)),
                                              shortcut=nn.Conv2d(3, 4, 1, stride=2)),
                                     nn.MaxPool2d(2, stride=1), MaximumOfSpace(), linear(4, 3)), softmax_cross_entropy, CLASSES),
    ("ChannelsOfTime", [6, 3], stack(Transpose(), nn.Conv1d(3, 4, 3), nn.Tanh(), nn.BatchNorm1d(4, eps=1e-3), Transpose(), linear(4, 2)),
     mean_squared_error, VALUES),
    ("Inception", [2, 4, 5], stack(Concat(stack(nn.Conv2d(2, 3, 1), nn.ReLU()),
                                          stack(nn.Conv2d(2, 2, 1), nn.Tanh(), nn.Conv2d(2, 4, 3, padding=1)),
                                          nn.MaxPool2d(3, stride=1, padding=1), axis=1),
                                   nn.BatchNorm2d(9, eps=1e-3), MeanOfSpace(), linear(9, 3)), softmax_cross_entropy, CLASSES),
    ("DenselyConnected", [4], stack(Concat(nn.Identity(), stack(linear(4, 3), Exponential())), linear(7, 2)), mean_squared_error, VALUES),
    ("StepsSideBySide", [3, 4], stack(Concat(linear(4, 2), stack(linear(4, 3), nn.Tanh())), linear(5, 2)), huber, VALUES),
    ("Reshaped", [12], stack(Reshape(2, 2, 3), nn.Conv2d(2, 3, 2), nn.ReLU(), nn.Dropout(0.0), Reshape(3, 2), nn.Conv1d(3, 2, 1), nn.Flatten(),
                             linear(4, 2)), mean_absolute_error, VALUES),
    ("Recurrent", [5, 3], stack(Recurrent(nn.RNN(3, 4, batch_first=True), second_bias=False, sequences=True),
                                Recurrent(nn.RNN(4, 5, batch_first=True, nonlinearity="relu", bias=False)), linear(5, 2)),
     mean_squared_error, VALUES),
    ("LongShortTerm", [5, 3], stack(Recurrent(nn.LSTM(3, 4, batch_first=True), second_bias=False, sequences=True),
                                    Recurrent(nn.LSTM(4, 3, batch_first=True, bias=False)), linear(3, 4)), softmax_cross_entropy, CLASSES),
    ("Gated", [5, 3], stack(Recurrent(nn.GRU(3, 4, batch_first=True), sequences=True),
                            Recurrent(nn.GRU(4, 5, batch_first=True, bias=False), sequences=True), LastStep(), linear(5, 2)),
     sigmoid_cross_entropy, UNIT),
    ("Encoder", Tokens(6, 7), stack(nn.Embedding(7, 8),
                                    Residual(stack(nn.LayerNorm(8, eps=1e-3), SelfAttention(8, 2))),
                                    Residual(stack(nn.LayerNorm(8, eps=1e-3), linear(8, 12), nn.GELU(), linear(12, 8))),
                                    MeanOverTime(), linear(8, 3)), softmax_cross_entropy, CLASSES),
    ("NextToken", Tokens(5, 6), stack(nn.Embedding(6, 4), SelfAttention(4, 1, causal=True), linear(4, 6)), softmax_cross_entropy, CLASSES),
]
BATCH = 6
LENGTHS = torch.tensor([5, 1, 3, 4, 2, 5])
PADDED = [
    ("PaddedStates", [5, 3], stack(Recurrent(nn.GRU(3, 4, batch_first=True), sequences=True),
                                   Recurrent(nn.LSTM(4, 3, batch_first=True), second_bias=False), linear(3, 2)), mean_squared_error, VALUES),
    ("PaddedLabels", [5, 3], stack(Recurrent(nn.RNN(3, 4, batch_first=True), second_bias=False, sequences=True),
                                   TokenLast(nn.BatchNorm1d(4, eps=1e-3)), linear(4, 5)), softmax_cross_entropy, CLASSES),
    ("PaddedValues", [5, 3], stack(SelfAttention(3, 1, causal=True), Concat(linear(3, 2), stack(linear(3, 2), nn.Tanh()))), huber, VALUES),
    ("PaddedEncoder", Tokens(5, 7), stack(nn.Embedding(7, 8), Residual(stack(nn.LayerNorm(8, eps=1e-3), SelfAttention(8, 2))),
                                          MeanOverTime(), linear(8, 3)), softmax_cross_entropy, CLASSES),
    ("PaddedEnd", [5, 3], stack(linear(3, 4), nn.Tanh(), LastStep(), linear(4, 1)), mean_absolute_error, VALUES),
]


def draw(*shape):
    return torch.randn(shape, generator=generator)


def draw_statistics(network):
    """Running means and variances that no batch has made, in the order of the declaration."""
    drawn = []
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            mean, deviation = (torch.randn(module.num_features, generator=statistics_generator) for _ in range(2))
            module.running_mean.copy_(mean)
            module.running_var.copy_(0.5 + deviation**2)
            drawn += module.running_mean.tolist() + module.running_var.tolist()
    return drawn


def record(name, shape, network, loss, kind, lengths=None):
    Padding.lengths = lengths
    network.train()
    # PyTorch lists a residual's branch before its shortcut, as the declaration does.
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    with torch.no_grad():
        for parameter in parameters:
            parameter.copy_(draw(*parameter.shape) * 0.6)
    if isinstance(shape, Tokens):
        x = torch.randint(0, shape.vocabulary, (BATCH, shape.time), generator=generator)
    else:
        x = draw(BATCH, *shape)
    y = network(x)
    data = slice(None)
    if lengths is not None and y.dim() == 3:
        # What stands on padding is of no meaning and has no part in the loss.
        data = Padding.data(y)
        y = y * data[..., None]
    if kind == VALUES:
        t = draw(*y.shape)
    elif kind == UNIT:
        t = torch.rand(y.shape, generator=generator)
    else:
        t = torch.randint(0, y.shape[-1], y.shape[:-1], generator=generator)
    value = loss(y[data], t[data])
    value.backward()
    flat = lambda tensors: torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).tolist()
    statistics = draw_statistics(network)
    network.eval()
    inference = network(x)
    if isinstance(data, torch.Tensor):
        inference = inference * data[..., None]
    return {
        "name": name,
        "parameters": flat(parameters),
        "shapes": [list(parameter.shape) for parameter in parameters],
        "input": x.reshape(-1).tolist(),
        "target": t.reshape(-1).tolist(),
        "output": y.detach().reshape(-1).tolist(),
        "loss": value.item(),
        "gradient": flat([parameter.grad for parameter in parameters]),
        "statistics": statistics,
        "inference": inference.detach().reshape(-1).tolist(),
        "lengths": None if lengths is None else lengths.tolist(),
    }


def main():
    document = {
        "made_by": "tests/reference/make_networks.py",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "seed": SEED,
        "batch": BATCH,
        "networks": [record(*network) for network in NETWORKS] + [record(*network, LENGTHS) for network in PADDED],
    }
    path = pathlib.Path(__file__).with_name("networks.json")
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
