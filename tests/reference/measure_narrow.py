"""Medians of the gradient norms of eight rectified layers of eight units, `d_relu_glorot_8x8` of docs/accuracy.md.

    python tests/reference/measure_narrow.py

Inputs [50] ~ Uniform(0, 1), a batch of 32, targets ~ Uniform(0, 1), mean squared error, Glorot uniform weights; 8,000 draws of
all of it from seed 1 in double precision (numpy 2.x). Prints the decimal logarithm of each median, from the first weight on.
"""

import numpy as np

WIDTHS = [50, 8, 8, 8, 8, 8, 8, 8, 8, 1]
BATCH, DRAWS, AT_ONCE = 32, 8000, 500


def norms(rng):
    """The norms of all gradients in some draws, [draw, parameter], from the last bias to the first weight."""
    last = len(WIDTHS) - 2
    values = [rng.random((AT_ONCE, BATCH, WIDTHS[0]))]
    target = rng.random((AT_ONCE, BATCH, WIDTHS[-1]))
    weights = []
    for index, (fan_in, fan_out) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        bound = np.sqrt(6 / (fan_in + fan_out))
        weights.append(rng.uniform(-bound, bound, (AT_ONCE, fan_in, fan_out)))
        before = values[-1] @ weights[-1]
        values.append(before if index == last else np.maximum(before, 0))
    gradient = 2 * (values[-1] - target) / BATCH
    found = []
    for index in range(last, -1, -1):
        if index < last:
            gradient = gradient * (values[index + 1] > 0)
        found.append(np.linalg.norm(gradient.sum(1), axis=1))
        found.append(np.sqrt(((values[index].transpose(0, 2, 1) @ gradient) ** 2).sum((1, 2))))
        gradient = gradient @ weights[index].transpose(0, 2, 1)
    return np.array(found).T


rng = np.random.default_rng(1)
medians = np.log10(np.median(np.concatenate([norms(rng) for _ in range(DRAWS // AT_ONCE)]), axis=0))
for layer, (weight, bias) in enumerate(zip(medians[::-1][0::2], medians[::-1][1::2])):
    print(f"{layer}  weight {weight:+.3f}  bias {bias:+.3f}")
