"""Whether a service has been moving beside its peers: exact Kendall test and Theil-Sen slope."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

MIN_YEARS = 5
_STEP = 1_000_000  # more than twice any score, to hold years and score in one number
_SERIES = ["indicator", "peers", "unit_id", "form", "period"]


def trend(table: pd.DataFrame) -> pd.Series:
    """improving, worsening, rising, falling, stable or too_short, as known at the end of each row's year.

    Tested is the distance from the set's median (`noise.deviation`), so that what all prices do together is not a
    trend of anyone. Two-sided exact Kendall test against the years at 5 %; fewer than 5 years cannot reach it and
    are too_short. An indicator without a better direction is rising or falling. A series begins anew with every period
    of its method.

    table needs indicator, peers, unit_id, form, period, year, direction and deviation.
    """
    years = sorted(table["year"].unique())
    series = table.groupby(_SERIES, observed=True).ngroup().to_numpy()
    place = np.searchsorted(years, table["year"])
    values = np.full((series.max(initial=-1) + 1, len(years)), np.nan)
    values[series, place] = table["deviation"]
    score, n = _running_scores(values)
    score, n = score[series, place], n[series, place]
    pairs, code = np.unique(n * _STEP + score, return_inverse=True)
    years_of = np.round(pairs / _STEP)
    certain = [p_value(int(k), int(s)) < 0.05 for k, s in zip(years_of, pairs - years_of * _STEP, strict=True)]
    significant = np.array(certain, dtype=bool)[code]
    upwards = np.where(table["direction"] == "lower", -score, score) > 0
    named = table["direction"].isin(["higher", "lower"]).to_numpy()
    words = np.select([named & upwards, named, upwards], ["improving", "worsening", "rising"], "falling")
    return pd.Series(np.where(n < MIN_YEARS, "too_short", np.where(significant, words, "stable")), index=table.index)


def _running_scores(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kendall's S and the number of years, for each series up to each year."""
    score = np.zeros_like(values)
    for later in range(1, values.shape[1]):
        signs = np.sign(values[:, [later]] - values[:, :later])
        score[:, later] = score[:, later - 1] + np.nansum(signs, axis=1)
    return score, np.cumsum(~np.isnan(values), axis=1)


@cache
def p_value(n: int, score: int) -> float:
    """P(|S| >= |score|) for Kendall's S of n values without a trend, exact; ties make it too large, never too small.

    The number of orders of n values with k inversions is the coefficient of z^k in the product over i = 1..n of
    (1 + z + ... + z^(i-1)); S = n(n-1)/2 - 2k.
    """
    orders = np.array([1.0])
    for i in range(2, n + 1):
        orders = np.convolve(orders, np.ones(i))
    pairs = n * (n - 1) // 2
    scores = pairs - 2 * np.arange(len(orders))
    return float(orders[np.abs(scores) >= abs(score)].sum() / orders.sum())


def slope(years: np.ndarray, values: np.ndarray) -> float:
    """Theil-Sen: the median of the slopes between all pairs of years, per year; NaN with under two values."""
    years, values = np.asarray(years, float), np.asarray(values, float)
    known = ~np.isnan(values)
    years, values = years[known], values[known]
    first, second = np.triu_indices(len(years), 1)
    if not len(first):
        return float("nan")
    return float(np.median((values[second] - values[first]) / (years[second] - years[first])))
