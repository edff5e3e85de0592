"""One indicator over a table of items: numerator, denominator, value, interval and flag."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.indicators.intervals import poisson, wilson
from kpsslib.methodology import Indicator

FLAGS = ("ok", "missing", "zero_denominator", "small_denominator", "out_of_range")


def evaluate(indicator: Indicator, items: pd.DataFrame, year: int) -> pd.DataFrame:
    """Compute an indicator with the formula that holds for the year.

    Args:
        indicator: what is computed.
        items: a column an item (constants too), a row a service; a column that is not there is missing.
        year: chooses the formula among the present and the earlier ones.

    Returns:
        For every row of items, in its index: numerator, denominator (in the units of the items), value
        (`scale * numerator / denominator`, in the indicator's unit), low and high (95 %: Wilson for a proportion,
        exact Poisson for a rate, NaN for money and other ratios) and flag, the first that holds of

        - missing: an item is missing; no value (never counted as zero),
        - zero_denominator: the denominator is zero or negative; no value,
        - small_denominator: it is under `min_denominator`; a value that is not to be compared,
        - out_of_range: the value is outside `valid_range` (or a share outside 0..1); a value to be checked first,
        - ok.
    """
    top, bottom, scale = indicator.formula(year)
    items = items.reindex(columns=list(dict.fromkeys([*top.items, *bottom.items])))
    numerator, denominator = top.compute(items), bottom.compute(items)
    missing = items.isna().any(axis=1).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(~missing & (denominator > 0), scale * numerator / denominator, np.nan)
    value[~np.isfinite(value)] = np.nan
    low, high = _interval(indicator.kind, numerator, denominator)
    undefined = np.isnan(value)
    flag = np.select(
        [missing, undefined, denominator < indicator.min_denominator, _implausible(indicator, value, scale)],
        FLAGS[1:], FLAGS[0])
    return pd.DataFrame({
        "numerator": numerator, "denominator": denominator, "value": value,
        "low": np.where(undefined, np.nan, scale * low), "high": np.where(undefined, np.nan, scale * high),
        "flag": flag,
    }, index=items.index)


def _interval(kind: str, numerator: np.ndarray, denominator: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if kind == "proportion":
        return wilson(numerator, denominator)
    if kind == "rate":
        low, high = poisson(numerator)
        with np.errstate(divide="ignore", invalid="ignore"):
            return low / denominator, high / denominator
    nothing = np.full(len(numerator), np.nan)
    return nothing, nothing


def _implausible(indicator: Indicator, value: np.ndarray, scale: float) -> np.ndarray:
    """Outside the declared range; a proportion or rate also where it cannot be one at all."""
    lowest, highest = indicator.valid_range or (-np.inf, np.inf)
    if indicator.kind in ("proportion", "rate"):
        lowest = max(lowest, 0.0)
    if indicator.kind == "proportion":
        highest = min(highest, scale)
    return (value < lowest) | (value > highest)
