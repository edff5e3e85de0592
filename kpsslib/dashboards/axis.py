"""A figure's axis: its ends and its round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from kpsslib.language import number

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def axis(values: Iterable[float], whiskers: Iterable[float] = (), ticks: int = 5) -> dict:
    """Ends and ticks that hold all values; whiskers may stretch it by half its length either way and no further.

    Returns `{"min", "max", "ticks": [[place, label]]}`; nothing finite gives an axis from 0 to 1 without ticks.
    """
    points = np.array([v for v in values if math.isfinite(v)])
    if not len(points):
        return {"min": 0.0, "max": 1.0, "ticks": []}
    low, high = points.min(), points.max()
    slack = (high - low) / 2 or abs(high) / 10 or 1.0
    ends = [v for v in whiskers if math.isfinite(v)]
    low, high = (max(min([low, *ends]), low - slack), min(max([high, *ends]), high + slack))
    if low == high:
        low, high = low - slack, high + slack
    pad = (high - low) * 0.04
    step = _step((high - low) / ticks)
    low = max(0.0, low - pad) if low >= 0 else low - pad
    first = math.ceil(low / step - 1e-9) * step
    places = np.arange(first, high + pad, step)
    digits = next(d for d in range(9) if math.isclose(round(step, d), step))
    return {"min": float(low), "max": float(high + pad), "ticks": [[float(p), number(p, digits)] for p in places]}


def _step(rough: float) -> float:
    """The smallest round step that is at least rough."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * r for r in _ROUND if power * r >= rough * (1 - 1e-9))
