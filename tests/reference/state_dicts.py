"""Loads the files of state_dicts.rs into equal modules of PyTorch, strictly, and writes others for it.

    python state_dicts.py FOLDER

For each module below, FOLDER holds NAME.safetensors. Prints a JSON object with the outputs of the module for the inputs
below, as loaded ("loaded") and after its parameters were changed ("changed"), and writes the changed parameters to
NAME.changed.safetensors. Needs PyTorch and safetensors.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn

FOLDER = pathlib.Path(sys.argv[1])
EPSILON = 1e-3  # that of netdsl and Keras


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 3, 3)
        self.norm = nn.BatchNorm2d(3, eps=EPSILON)
        self.hidden = nn.ModuleList([nn.Linear(108, 10), nn.Linear(10, 10)])
        self.output = nn.Linear(10, 3)

    def forward(self, x):
        x = torch.relu(self.norm(self.stem(x))).flatten(1)
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.output(x)


class Sequences(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(4, 5, batch_first=True)
        self.gated = nn.GRU(5, 6, batch_first=True)
        self.plain = nn.RNN(6, 8, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2, bias=False, batch_first=True)
        self.norm = nn.LayerNorm(8, eps=EPSILON)
        self.output = nn.Linear(8, 2)

    def forward(self, x):
        x = self.plain(self.gated(self.memory(x)[0])[0])[0]
        x = self.norm(self.attention(x, x, x, need_weights=False)[0])
        return self.output(x[:, -1])


class Signals(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv1d(2, 3, 3)
        self.norm = nn.BatchNorm1d(3, eps=EPSILON)
        self.scale = nn.RMSNorm(30, eps=1e-6)
        self.output = nn.Linear(30, 3)

    def forward(self, x):
        return self.output(self.scale(torch.relu(self.norm(self.stem(x))).flatten(1)))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(11, 4)
        self.output = nn.Linear(4, 3)

    def forward(self, x):
        return self.output(self.table(x.long()).mean(1))


def ramp(*shape):
    """Numbers that both sides can make."""
    count = torch.tensor(shape).prod().item()
    return torch.tensor([(index * 37 % 101) / 101 for index in range(count)]).reshape(shape)


INPUTS = {
    "Images": (Images, ramp(2, 2, 8, 8)),
    "Sequences": (Sequences, ramp(2, 7, 4)),
    "Signals": (Signals, ramp(2, 2, 12)),
    "Words": (Words, torch.arange(10).reshape(2, 5) % 11),
}

generator = torch.Generator().manual_seed(7)
outputs = {}
for name, (module, input) in INPUTS.items():
    module = module().eval()
    module.load_state_dict(load_file(FOLDER / f"{name}.safetensors"), strict=True)
    with torch.no_grad():
        loaded = module(input).flatten().tolist()
        for tensor in module.state_dict().values():
            if tensor.dtype.is_floating_point:
                tensor += torch.rand(tensor.shape, generator=generator) * 0.2
            else:
                tensor += 5
        changed = module(input).flatten().tolist()
    save_file(module.state_dict(), FOLDER / f"{name}.changed.safetensors")
    outputs[name] = {"loaded": loaded, "changed": changed}
print(json.dumps(outputs))
