"""Change against the year before beside that of the others: the method of Hidiroglou and Berthelot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kpsslib.methodology.thresholds import Change


class YearOnYear(NamedTuple):
    """The verdict on a set of services.

    Attributes:
        usual: the median of cur / prev.
        score: E of each service, NaN where it has none.
        quartiles: lower quartile, median and upper quartile of E (the tails where many ratios are equal).
        low, high: the bounds of E, NaN where there are too few pairs.
        beyond: which services lie outside the bounds.
        excluded: which services have a missing figure, or one that is not above zero, in either year.
    """

    usual: float
    score: np.ndarray
    quartiles: tuple[float, float, float]
    low: float
    high: float
    beyond: np.ndarray
    excluded: np.ndarray


def year_on_year(previous: np.ndarray, current: np.ndarray, limits: Change) -> YearOnYear:
    """Which changes stand out of those of the set, so that a small service may change more than a large one.

    With r = cur / prev and its median m: s = 1 - m / r where r < m, else r / m - 1; E = s * max(prev, cur)^u;
    d1 = max(median - Q1, |a median|), d3 = max(Q3 - median, |a median|) over E, quartiles of type 7;
    the bounds are median - c d1 and median + c d3. Where more than a quarter of the ratios are equal, the tails, such
    as the 10th and the 90th percentile, stand for the quartiles (Hidiroglou and Emond, 2018).

    Args:
        previous: the figure of each service in the year before.
        current: the figure of each service in the year.
        limits: u, how much size counts, 0 to 1; a, the least width as a share of the median; c, how many widths are
            allowed; pairs, the fewest of which the quartiles say anything; tail, the share of each tail.

    Source: Hidiroglou, M. A., Berthelot, J.-M. (1986). Statistical editing and imputation for periodic business
    surveys. Survey Methodology 12, 73-83.
    """
    excluded = ~((previous > 0) & (current > 0))
    nothing = np.full(len(current), np.nan)
    if (~excluded).sum() < limits.pairs:
        return YearOnYear(np.nan, nothing, (np.nan,) * 3, np.nan, np.nan, np.zeros(len(current), bool), excluded)
    ratio = np.divide(current, previous, out=nothing.copy(), where=~excluded)
    usual = float(np.nanmedian(ratio))
    change = np.where(ratio < usual, 1 - usual / ratio, ratio / usual - 1)
    score = change * np.where(excluded, np.nan, np.maximum(previous, current)) ** limits.u
    _ratios, times = np.unique(ratio[~excluded], return_counts=True)
    tail = limits.tail if times.max() > times.sum() / 4 else 0.25
    lower, middle, upper = np.quantile(score[~excluded], [tail, 0.5, 1 - tail])
    least = abs(limits.a * middle)
    low, high = middle - limits.c * max(middle - lower, least), middle + limits.c * max(upper - middle, least)
    return YearOnYear(usual, score, (lower, middle, upper), low, high, (score < low) | (score > high), excluded)


def change_at(bound: float, usual: float, size: np.ndarray) -> np.ndarray:
    """The ratio cur / prev at which a service of a size, max(prev, cur)^u, reaches a bound of E."""
    moved = bound / size
    return np.where(moved < 0, usual / (1 - np.minimum(moved, 0)), usual * (1 + moved))
