"""Writes schedules.json: the factors on the learning rate that PyTorch's schedulers give, in double precision.

Run with PyTorch installed:  python make_schedules.py
"""

import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler

STEPS = 60
warnings.simplefilter("ignore")


def factors(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    for _ in range(STEPS):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        schedule.step()


cases = {
    "step": lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.5),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: lr_scheduler.LambdaLR(
        o, lambda t: cosine(min(t, 40))
    ),
    "restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=10, T_mult=1, eta_min=0.1),
    "growing restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=7, T_mult=2),
    "warm-up": lambda o: lr_scheduler.LinearLR(o, start_factor=1 / 8, end_factor=1.0, total_iters=7),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=STEPS + 1),
    "sequence": lambda o: lr_scheduler.SequentialLR(
        o,
        [
            lr_scheduler.LinearLR(o, start_factor=1 / 8, end_factor=1.0, total_iters=7),
            lr_scheduler.ExponentialLR(o, gamma=0.9),
        ],
        milestones=[8],
    ),
    "product": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.StepLR(o, step_size=7, gamma=0.5), lr_scheduler.ExponentialLR(o, gamma=0.9)]
    ),
}


def cosine(step):
    """CosineAnnealingLR itself turns up again behind its last step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.1)
    for _ in range(step):
        optimizer.step()
        schedule.step()
    return optimizer.param_groups[0]["lr"]


document = {
    "made_with": {"torch": torch.__version__.split("+")[0]},
    "factors": {name: list(factors(make)) for name, make in cases.items()},
}
(pathlib.Path(__file__).parent / "schedules.json").write_text(json.dumps(document, indent=1) + "\n")
