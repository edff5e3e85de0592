"""Funnel limits: how far from its set a value may stand by chance, given its size.

    proportions    exact binomial, interpolated between counts (Spiegelhalter 2005, appendix A.1.1)
    rates          exact Poisson by the chi-square distribution
    money          normal on the logarithm, with the set's noise

Over-dispersion: where the units of a set differ by more than chance, limits by chance alone would single out everybody.
With z = (y - target) / s, the outer tenths on both sides pulled in (winsorised), N units, w = 1 / s^2:

    phi = mean z^2,    tau2 = max(0, (N phi - (N - 1)) / (sum w - sum w^2 / sum w)),    limits +- c sqrt(s^2 + tau2)

Under ten units neither is estimated. Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, and
Spiegelhalter et al. (2012), JRSS A 175, 1-47, appendix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import binom, chi2, norm

MIN_UNITS, WINSORISED = 10, 0.1
LEVELS = (0.95, 0.998)


class Dispersion(NamedTuple):
    """By how much units differ beyond chance; NaN where there are too few of them."""

    phi: float
    tau2: float


def rate_limits(expected: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limit of observed / expected for so many expected events."""
    tail = (1 - level) / 2
    expected = np.asarray(expected, float)
    return chi2.ppf(tail, 2 * expected) / 2 / expected, chi2.isf(tail, 2 * (expected + 1)) / 2 / expected


def proportion_limits(target: float, totals: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limit of k / n for each n where the true share is the target (0..1)."""
    tail = (1 - level) / 2
    return _quantile(target, totals, tail), _quantile(target, totals, 1 - tail)


def _quantile(target: float, totals: np.ndarray, share: float) -> np.ndarray:
    """(r - a) / n, r the smallest count with P(R <= r) > share, a = (P(R <= r) - share) / P(R = r)."""
    totals = np.asarray(totals, float)
    r = binom.ppf(share, totals, target)
    over = (binom.cdf(r, totals, target) - share) / binom.pmf(r, totals, target)
    return np.clip((r - over) / totals, 0, 1)


def money_limits(target: float, noise: float, level: float) -> tuple[float, float]:
    """Lower and upper limit of an amount whose logarithm swings by `noise` (standard deviation) around the target's."""
    swing = np.exp(norm.isf((1 - level) / 2) * noise)
    return target / swing, target * swing


def dispersion(scores: np.ndarray, errors: np.ndarray) -> Dispersion:
    """Phi and tau2 of a set from its z scores and the standard errors they were made with."""
    n = len(scores)
    if n < MIN_UNITS:
        return Dispersion(np.nan, np.nan)
    phi = float((np.clip(scores, *np.quantile(scores, (WINSORISED, 1 - WINSORISED))) ** 2).mean())
    w = 1 / errors**2
    return Dispersion(phi, max(0.0, float((n * phi - (n - 1)) / (w.sum() - (w**2).sum() / w.sum()))))
