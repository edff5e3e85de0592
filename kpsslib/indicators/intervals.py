"""Exact or near-exact 95 % intervals of indicators that count something."""

from __future__ import annotations

import numpy as np

LEVEL = 0.95
Z = 1.959963984540054


def wilson(count: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % score interval of a proportion `count / n`, as shares 0..1.

    NaN where there is no proportion: n not above zero, or count outside 0..n.

    Source: Wilson (1927), in the form of Newcombe (1998), method 3:
    (2np + z² ± z √(z² + 4np(1 - p))) / 2(n + z²).
    """
    count, n = np.asarray(count, float), np.asarray(n, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        proportion = np.where((n > 0) & (count >= 0) & (count <= n), count / n, np.nan)
        middle = 2 * n * proportion + Z**2
        reach = Z * np.sqrt(Z**2 + 4 * n * proportion * (1 - proportion))
        low, high = (middle - reach) / (2 * (n + Z**2)), (middle + reach) / (2 * (n + Z**2))
    return np.where(proportion == 0, 0.0, low), np.where(proportion == 1, 1.0, high)


def poisson(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The exact 95 % interval of a Poisson count; NaN where the count is missing or negative.

    Source: Garwood (1936): low = χ²(0.025; 2c) / 2, high = χ²(0.975; 2c + 2) / 2. The quantile of χ² with 2a
    degrees is twice the inverse of the incomplete gamma function at a.
    """
    from scipy.special import gammaincinv

    count = np.asarray(count, float)
    count = np.where(count >= 0, count, np.nan)
    tail = (1 - LEVEL) / 2
    low = np.where(count == 0, 0.0, gammaincinv(np.where(count == 0, 1.0, count), tail))
    return np.where(np.isnan(count), np.nan, low), gammaincinv(count + 1, 1 - tail)
