#!/usr/bin/env python3
"""PyTorch's inference of W1 and W7 for one example, beside `cargo run --release --manifest-path benches/step/Cargo.toml -- --latency`."""

import time

import torch
import torch.nn as nn

torch.set_num_threads(1)
W1 = nn.Sequential(*[layer for _ in range(10) for layer in (nn.Linear(100, 100), nn.Sigmoid())], nn.Linear(100, 1))
W7 = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))


def microseconds(network, features, turns=15, turn=0.03):
    """The minimum and the median over the turns."""
    example, times = torch.rand(1, features), []
    with torch.inference_mode():
        for _ in range(100):
            network(example)
        for _ in range(turns):
            start, calls = time.perf_counter(), 0
            while time.perf_counter() - start < turn:
                network(example)
                calls += 1
            times.append((time.perf_counter() - start) / calls * 1e6)
    return min(times), sorted(times)[turns // 2]


print("PyTorch", torch.__version__)
for name, network, features in (("W1", W1, 100), ("W7", W7, 2)):
    least, median = microseconds(network, features)
    print(f"{name}: {least:.2f} us at least, {median:.2f} us in the median")
