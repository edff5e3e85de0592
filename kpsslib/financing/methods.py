"""Candidate methods: from yearly histories to the years ahead, all series at once.

Every method takes `history` (one row a series, one column a year, NaN where nothing is known), the number of `steps`
after the last column, and `pool` (a code of each row: rows of one pool are peers), and returns rows x steps. A row
whose last years are missing is carried from its last known year. All of them keep the unit: amounts in thousands
give a thousandth of the forecast.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

DAMPING = 0.9
_SMOOTHING = [(a, b, p) for a in (0.3, 0.6, 0.9) for b in (0.1, 0.3) for p in (0.8, 0.9, 0.98)]
Method = Callable[[np.ndarray, int, np.ndarray], np.ndarray]


def last_value(history: np.ndarray, steps: int, _pool: np.ndarray) -> np.ndarray:
    """Next years are like the last known one (the naive forecast)."""
    _first, last, _n = ends(history)
    return np.repeat(_at(history, last)[:, None], steps, axis=1)


def drift(history: np.ndarray, steps: int, _pool: np.ndarray) -> np.ndarray:
    """The straight line through the first and the last known year: y + k (y - y_first) / (years between).

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2.
    """
    _first, last, _n = ends(history)
    return _at(history, last)[:, None] + slope(history)[:, None] * _ahead(history, last, steps)


def damped_trend(history: np.ndarray, steps: int, pool: np.ndarray) -> np.ndarray:
    """Holt's level and trend, the trend dying out: level + (p + p^2 + ... + p^k) trend.

    level_t = a y_t + (1-a)(level + p trend), trend_t = b (level_t - level) + (1-b) p trend; a, b, p are those of a
    small grid with the least squared one-step errors of the series. It starts from the first value and the mean slope.
    Source: Gardner and McKenzie (1985), Management Science 31(10), equations 5-7.
    """
    best = np.full(len(history), np.inf)
    result = last_value(history, steps, pool)
    for a, b, p in _SMOOTHING:
        level, trend, squares = _smooth(history, a, b, p)
        better = squares < best
        best[better] = squares[better]
        damped = np.cumsum(p ** np.arange(1, steps + 1))
        result[better] = (level[:, None] + damped * trend[:, None])[better]
    return result


def pooled_growth(history: np.ndarray, steps: int, pool: np.ndarray) -> np.ndarray:
    """Own yearly growth drawn towards the peers' growth, dying out by 0.9 a year; with zeros, the last value.

    g = m + B (g_own - m), B = t2 / (t2 + s2/n): m is the pool's median log growth, s2 the pool's variance of yearly
    growth about each series' own, n the years of the series, t2 = (1.4826 MAD)^2 of the pool's growths less the mean
    s2/n. g_own - m is cut at three standard deviations. Forecast: y exp(g (0.9 + 0.9^2 + ... + 0.9^k)).
    Source: empirical Bayes as Efron and Morris (1975), JASA 70, equation 1.12, with robust moments.
    """
    usable = ~(history <= 0).any(axis=1)
    logs = np.log(np.where(usable[:, None], history, np.nan))
    first, last, _n = ends(logs)
    span = (last - first).astype(float)
    own = np.where(span > 0, slope(logs), np.nan)
    yearly = np.diff(logs, axis=1)
    around = pd.DataFrame({
        "pool": pool, "own": own, "noise": np.nansum((yearly - own[:, None]) ** 2, axis=1),
        "free": np.maximum((~np.isnan(yearly)).sum(axis=1) - 1, 0) * ~np.isnan(own),
    })
    peers = around.groupby("pool")
    middle = peers["own"].transform("median")
    sums = peers[["noise", "free"]].transform("sum")
    noise = sums["noise"] / sums["free"].where(sums["free"] > 0) / np.where(span > 0, span, np.nan)
    spread = 1.4826 * (around["own"] - middle).abs().groupby(around["pool"]).transform("median")
    between = (spread**2 - noise.groupby(around["pool"]).transform("mean")).clip(lower=0)
    weight = (between / (between + noise).where(between + noise > 0)).fillna(0)
    limit = 3 * np.sqrt(between + noise)
    growth = (middle + weight * (around["own"] - middle).clip(-limit, limit)).fillna(middle).fillna(0).to_numpy()
    total = np.cumsum(DAMPING ** np.arange(1, history.shape[1] + steps + 1))
    grown = np.exp(growth[:, None] * total[_ahead(logs, last, steps) - 1])
    return np.where(usable[:, None], _at(history, last)[:, None] * grown, last_value(history, steps, pool))


# The simplest first: of two methods that do equally well, the simpler one is chosen.
METHODS: dict[str, Method] = {
    "last_value": last_value, "drift": drift, "damped_trend": damped_trend, "pooled_growth": pooled_growth,
}


def ends(history: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Column of the first and of the last known value of each row, and how many are known."""
    known = ~np.isnan(history)
    return known.argmax(axis=1), history.shape[1] - 1 - known[:, ::-1].argmax(axis=1), known.sum(axis=1)


def slope(history: np.ndarray) -> np.ndarray:
    """Mean change a year between the first and the last known value of each row; 0 where only one is known."""
    first, last, _n = ends(history)
    return (_at(history, last) - _at(history, first)) / np.maximum(last - first, 1)


def _at(history: np.ndarray, column: np.ndarray) -> np.ndarray:
    return history[np.arange(len(history)), column]


def _ahead(history: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """Years from each row's last known value to each of the steps after the last column."""
    return (history.shape[1] - 1 - last)[:, None] + np.arange(1, steps + 1)


def _smooth(history: np.ndarray, a: float, b: float, p: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level and trend after the last column and the sum of squared one-step errors; a missing year moves on freely."""
    first, _last, _n = ends(history)
    level, trend, squares = _at(history, first), slope(history), np.zeros(len(history))
    for column in range(1, history.shape[1]):
        started = column > first
        guess = level + p * trend
        known = started & ~np.isnan(history[:, column])
        error = np.where(known, history[:, column] - guess, 0.0)
        squares += error**2
        level = np.where(started, guess + a * error, level)
        trend = np.where(started, p * trend + a * b * error, trend)
    return level, trend, squares
