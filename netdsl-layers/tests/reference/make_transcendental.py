"""Writes transcendental.json: what mpmath makes of functions that have no exact twin in a library of double precision; and
prints the coefficients of their rational approximations, for src/transcendental.

Run with mpmath and numpy installed:  python make_transcendental.py
"""

import json
import pathlib
import random

import mpmath
import numpy
from mpmath import mpf

mpmath.mp.dps = 60
FOLDER = pathlib.Path(__file__).parent
SEED = 7
DENSITY = 1 / mpmath.sqrt(2 * mpmath.pi)


def mills(t):
    """The chance that a standard normal is beyond t, over its density there."""
    return mpmath.sqrt(mpmath.pi / 2) * mpmath.exp(t * t / 2) * mpmath.erfc(t / mpmath.sqrt(2))


TURN = mpmath.findroot(lambda t: mills(t) - t, 0.75)


def tail(t):
    return DENSITY * mills(t)


def tail_slope(t):
    """Its zero is divided out."""
    t = t if abs(t - TURN) > mpf(10) ** -20 else TURN + mpf(10) ** -20
    return DENSITY * (t - mills(t)) / (t - TURN)


def gelu(x):
    return x * mpmath.ncdf(x)


def gelu_slope(x):
    return mpmath.ncdf(x) + x * mpmath.npdf(x)


def polynomial(factors, t):
    return mpmath.polyval(factors[::-1], t)


def approximate(function, above, below, far):
    """The quotient of polynomials of these degrees with the least relative error on [0, far], by the exchange of Remez.
    The nodes are even in t / (t + 3), where the functions are."""
    end, unknowns = far / (far + 3), above + below + 2
    place = lambda share: 3 * end * share / (1 - end * share)
    grid = [place(mpf(index) / (60 * unknowns)) for index in range(60 * unknowns + 1)]
    exact = [function(t) for t in grid]
    reference = [round(30 * unknowns * (1 - mpmath.cos(mpmath.pi * index / (unknowns - 1)))) for index in range(unknowns)]
    over, under, error = [mpf(1)], [mpf(1)] + [mpf(0)] * below, mpf(0)
    for _ in range(20):
        for _ in range(8):
            rows, right = mpmath.matrix(unknowns), mpmath.matrix(unknowns, 1)
            for row, index in enumerate(reference):
                t, sign = grid[index], (-1) ** row
                for power in range(above + 1):
                    rows[row, power] = t**power / exact[index]
                for power in range(1, below + 1):
                    rows[row, above + power] = -(t**power) * (1 + sign * error)
                rows[row, unknowns - 1] = -sign * polynomial(under, t)
                right[row] = 1 + sign * error
            found = list(mpmath.lu_solve(rows, right))
            over, under, error = found[: above + 1], [mpf(1), *found[above + 1 : -1]], error + found[-1]
        errors = [polynomial(over, t) / polynomial(under, t) / value - 1 for t, value in zip(grid, exact)]
        peaks = []
        for index, value in enumerate(errors):
            if not peaks or value * errors[peaks[-1]] < 0:
                peaks.append(index)
            elif abs(value) > abs(errors[peaks[-1]]):
                peaks[-1] = index
        while len(peaks) > unknowns:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        assert len(peaks) == unknowns, "the error does not alternate"
        if peaks == reference:
            break
        reference = peaks
    return over, under, grid, exact


def rounded(over, under, grid, exact, number):
    """The same quotient with all factors multiplied by what makes their rounding hurt least."""
    best = None
    for step in range(400):
        scale = 1 + mpf(step) / 400
        pair = [[number(factor * scale) for factor in factors] for factors in (over, under)]
        above, below = ([mpf(float(factor)) for factor in factors] for factors in pair)
        error = max(abs(polynomial(above, t) / polynomial(below, t) / value - 1) for t, value in zip(grid[::9], exact[::9]))
        if best is None or error < best[0]:
            best = error, pair
    return best


for name, number, degrees, far in (("f32", numpy.float32, (4, 5), 15), ("f64", float, (10, 11), 39)):
    print(name, "zero of the slope", repr(number(TURN)), repr(number(TURN - mpf(float(number(TURN))))))
    for function, above, below in ((tail, degrees[0], degrees[1]), (tail_slope, degrees[0], degrees[0])):
        error, (over, under) = rounded(*approximate(function, above, below, mpf(far)), number)
        print(name, function.__name__, "error", mpmath.nstr(error / mpmath.ldexp(1, -24 if name == "f32" else -53), 3), "halves of a unit")
        for factors in (over, under):
            print("   ", ", ".join(str(factor) for factor in factors[::-1]))

random.seed(SEED)
places = [random.uniform(-38.6, 9.0) for _ in range(240)] + [random.uniform(-2.0, 2.0) for _ in range(120)]
places += [random.choice((-1, 1)) * 2.0 ** random.uniform(-60, 3) for _ in range(60)]
places += [float(-TURN) + random.choice((-1, 1)) * 2.0 ** random.uniform(-52, -3) for _ in range(60)]
places += [0.0, float(-TURN), -38.4, -38.5]
# As text: not every reader of JSON takes the nearest number.
texts = lambda function: [repr(float(function(mpf(x)))) for x in places]
cases = {"places": texts(lambda x: x), "gelu": texts(gelu), "gelu_slope": texts(gelu_slope)}
document = {"made_with": {"mpmath": mpmath.__version__}, "seed": SEED, **cases}
(FOLDER / "transcendental.json").write_text(json.dumps(document, indent=1) + "\n")
