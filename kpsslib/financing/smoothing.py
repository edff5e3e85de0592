"""Exponential smoothing of all series at once: Theta and the damped trend of Holt. A missing year is passed over."""

from __future__ import annotations

import numpy as np

from kpsslib.financing.histories import ahead, at, ends, slope

_ALPHAS = np.arange(1, 21) / 20
_HOLT = [(a, b, p) for a in (0.3, 0.6, 0.9) for b in (0.1, 0.3) for p in (0.8, 0.9, 0.98)]


def theta(history: np.ndarray, steps: int, _pool: np.ndarray) -> np.ndarray:
    """Theta: simple exponential smoothing that drifts by half the slope b of the least-squares line.

    forecast k years after the last known: level + b/2 (k - 1 + (1 - (1-a)^n) / a), with level_t = a y_t + (1-a)
    level_(t-1) from the first value, n the years of the series, and a of 0.05, 0.10, ... 1 with the least squared
    one-step errors.
    Source: Hyndman and Billah (2003), International Journal of Forecasting 19, equation 12 (theta = 2).
    """
    first, last, _n = ends(history)
    level = np.repeat(at(history, first)[:, None], len(_ALPHAS), axis=1)
    squares = np.zeros_like(level)
    for column in range(1, history.shape[1]):
        known = (column > first) & ~np.isnan(history[:, column])
        error = np.where(known[:, None], np.nan_to_num(history[:, [column]]) - level, 0.0)
        squares += error**2
        level = level + _ALPHAS * error
    best = squares.argmin(axis=1)
    alpha = _ALPHAS[best]
    lag = (1 - (1 - alpha) ** (last - first + 1)) / alpha
    drifted = ahead(history, last, steps) - 1 + lag[:, None]
    return at(level, best)[:, None] + _regression_slope(history)[:, None] / 2 * drifted


def _regression_slope(history: np.ndarray) -> np.ndarray:
    """Slope a year of the least-squares line of each row over its known years; 0 where only one is known."""
    known = ~np.isnan(history)
    years = np.where(known, np.arange(history.shape[1]), 0)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    time = np.where(known, years - years.sum(axis=1, keepdims=True) / n, 0.0)
    values = np.where(known, history, 0.0)
    return (time * values).sum(axis=1) / np.maximum((time**2).sum(axis=1), 0.5)


def damped_trend(history: np.ndarray, steps: int, _pool: np.ndarray) -> np.ndarray:
    """Holt's level and trend, the trend dying out: level + (p + p^2 + ... + p^k) trend.

    level_t = a y_t + (1-a)(level + p trend), trend_t = b (level_t - level) + (1-b) p trend; a, b, p are those of a
    small grid with the least squared one-step errors of the series. It starts from the first value and the mean slope.
    Source: Gardner and McKenzie (1985), Management Science 31(10), equations 5-7.
    """
    best = np.full(len(history), np.inf)
    result = np.full((len(history), steps), np.nan)
    for a, b, p in _HOLT:
        level, trend, squares = _smooth(history, a, b, p)
        better = squares < best
        best[better] = squares[better]
        damped = np.cumsum(p ** np.arange(1, steps + 1))
        result[better] = (level[:, None] + damped * trend[:, None])[better]
    return result


def _smooth(history: np.ndarray, a: float, b: float, p: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level and trend after the last column and the sum of squared one-step errors; a missing year moves on freely."""
    first, _last, _n = ends(history)
    level, trend, squares = at(history, first), slope(history), np.zeros(len(history))
    for column in range(1, history.shape[1]):
        started = column > first
        guess = level + p * trend
        known = started & ~np.isnan(history[:, column])
        error = np.where(known, history[:, column] - guess, 0.0)
        squares += error**2
        level = np.where(started, guess + a * error, level)
        trend = np.where(started, p * trend + a * b * error, trend)
    return level, trend, squares
