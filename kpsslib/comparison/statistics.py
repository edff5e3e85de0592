"""A comparable set in numbers: median, quartiles, weighted value, and where each of its members stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.methodology import Formula, Methodology


def describe(values: pd.Series, cell: pd.Series) -> pd.DataFrame:
    """n, q1, median and q3 of each row's set (`cell` numbers the sets), in the rows of values; NaN is left out.

    Quartiles are of type 7 of Hyndman and Fan (1996), as in R and Excel: linear between the order statistics.
    """
    grouped = values.groupby(cell)
    described = pd.DataFrame({"n": grouped.count(), "q1": grouped.quantile(0.25), "median": grouped.median(),
                              "q3": grouped.quantile(0.75)})
    return described.reindex(cell.to_numpy()).set_axis(values.index)


def percentile(goodness: pd.Series, cell: pd.Series) -> pd.Series:
    """Place in the better direction, 0 (the worst of the set) to 100 (the best): `100 (r - 1) / (n - 1)`.

    r is the rank from the worst, the mean of ranks among equals. NaN in a set of one.
    """
    grouped = goodness.groupby(cell)
    others = grouped.transform("count") - 1
    return 100 * (grouped.rank() - 1) / others.where(others > 0)


def weighted(table: pd.DataFrame, usable: pd.Series, cell: pd.Series) -> pd.Series:
    """The value of the set as a whole: `scale * sum of numerators / sum of denominators` (scale: `sum_scale`)."""
    sums = table[["numerator", "denominator"]].where(usable).groupby(cell).transform("sum")
    return sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0) * table["scale"]


def sum_scale(table: pd.DataFrame, methodology: Methodology) -> np.ndarray:
    """The scale of each row's formula; NaN where the sums of its sides mean nothing (`can_be_summed`)."""
    known: dict[tuple[str, str], bool] = {}
    scales = {}
    for code, year in table[["indicator", "year"]].drop_duplicates().itertuples(index=False):
        numerator, denominator, scale = methodology.indicators[code].formula(year)
        sides = numerator.text, denominator.text
        if sides not in known:
            known[sides] = can_be_summed(numerator, methodology) and can_be_summed(denominator, methodology)
        scales[code, year] = scale if known[sides] else np.nan
    return pd.MultiIndex.from_frame(table[["indicator", "year"]]).map(scales).to_numpy(float)


def can_be_summed(formula: Formula, methodology: Methodology) -> bool:
    """Whether the formula's values of several services may be added: doubling a service doubles it.

    Only items that add are doubled. `capacity_beds * operating_days` may be summed, for days do not add; the sum of
    squared shares of a concentration index may not.
    """
    if not formula.items:
        return False
    adds = np.array([methodology.items[code].additive != "none" for code in formula.items])
    once = 1.0 + np.sqrt(np.arange(2, 2 + len(adds)))
    pair = pd.DataFrame([once, np.where(adds, 2, 1) * once], columns=list(formula.items))
    one, two = formula.compute(pair)
    return bool(np.isclose(two, 2 * one))


def rank_interval(low: pd.Series, high: pd.Series, cell: pd.Series) -> pd.DataFrame:
    """The places that a member can have, 1 being the best, when intervals are taken seriously.

    low and high are the interval in the better direction (higher is better). rank_low = 1 + the members certainly
    better (whole interval above), rank_high = n - the members certainly worse, n being the members that have an
    interval. NaN without an own interval.
    """
    known = low.notna() & high.notna()
    low, high, cell = low[known], high[known], cell[known]
    size = low.groupby(cell).transform("size")
    better = size - _count(low, high, cell, side="right")
    worse = _count(high, low, cell, side="left")
    ranks = pd.DataFrame({"rank_low": 1.0 + better, "rank_high": (size - worse).astype(float)})
    return ranks.reindex(known.index)


def _count(points: pd.Series, queries: pd.Series, cell: pd.Series, side: str) -> pd.Series:
    """For each query how many points of its cell are below it (side "left"), or not above it (side "right")."""
    n = len(points)
    value = np.concatenate([points, queries])
    is_point = np.repeat([1, 0], n)
    first = is_point if side == "left" else -is_point
    both = np.concatenate([cell, cell])
    order = np.lexsort((first, value, both))
    seen = np.cumsum(is_point[order])
    start = pd.Series(seen - is_point[order]).groupby(both[order]).transform("first").to_numpy()
    counts = np.empty(2 * n)
    counts[order] = seen - start
    return pd.Series(counts[n:], index=points.index)
