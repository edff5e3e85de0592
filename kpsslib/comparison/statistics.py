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
    """The value of the set as a whole: `scale * sum of numerators / sum of denominators` (scale: `by_formula`)."""
    sums = table[["numerator", "denominator"]].where(usable).groupby(cell).transform("sum")
    return sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0) * table["scale"]


def by_formula(table: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """What the formula of each row's indicator and year says.

    factor: `value = factor * numerator / denominator`; scale: the same, NaN where the sums of the formula's sides mean
    nothing (`can_be_summed`); formula: how many times it had changed by then.
    """
    known: dict[tuple[str, str], bool] = {}
    rows = {}
    for code, year in table[["indicator", "year"]].drop_duplicates().itertuples(index=False):
        one = methodology.indicators[code]
        numerator, denominator, factor = one.formula(year)
        sides = numerator.text, denominator.text
        if sides not in known:
            known[sides] = can_be_summed(numerator, methodology) and can_be_summed(denominator, methodology)
        rows[code, year] = factor, factor if known[sides] else np.nan, sum(old.last_year < year for old in one.earlier)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["factor", "scale", "formula"])
    at = pd.MultiIndex.from_tuples(found.index).get_indexer(pd.MultiIndex.from_frame(table[["indicator", "year"]]))
    return found.iloc[at].set_axis(table.index)


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
