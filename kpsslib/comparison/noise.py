"""How far a value moves without any change of the service: intervals of money and other ratios.

A proportion or a rate brings its own interval. A ratio of money does not: it is not a sample of anything. What can be
said of it is how much such a value swings from one year to the next beside its peers. With x the value, m the median
of the set and t the year,

    d(t) = ln(x(t) / m(t)),    s = 1.4826 MAD(d(t) - d(t-1)) / sqrt(2),    interval = x exp(±1.96 s).

The differences of all members of the set and all pairs of consecutive years are pooled; the division by sqrt(2) is
because a difference holds the noise of two years. Real change of a service is in s too, so the interval is rather too
wide than too narrow. An indicator with values that are not positive (a profit, a share that may be nil) is taken by
differences, d(t) = x(t) - m(t), interval = x ± 1.96 s, not under zero where no value is; an amount of money always by
logarithms.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.indicators.intervals import Z

MIN_PAIRS = 10
NIL = 1e-4  # a value that swings by less than a ten-thousandth of its size does so by rounding


def deviation(table: pd.DataFrame) -> pd.DataFrame:
    """Each value's distance from its set's median, as a logarithm where it can be.

    Returns columns by_log, floor (0 where no value of the set is under it, else minus infinity) and deviation.
    table needs indicator, peers, kind, value (NaN where not usable) and median.
    """
    least = table.groupby(["indicator", "peers"], observed=True)["value"].transform("min")
    by_log = (table["kind"] == "money") | ((table["kind"] == "ratio") & (least > 0))
    usable = (table["value"] > 0) & (table["median"] > 0)
    log = np.log(table["value"].where(usable) / table["median"].where(usable))
    return pd.DataFrame({"by_log": by_log, "floor": np.where(least >= 0, 0.0, -np.inf),
                         "deviation": log.where(by_log, table["value"] - table["median"])})


def noise(table: pd.DataFrame) -> pd.Series:
    """S of each row's set, by the equation above; of its working group where the set has under 10 pairs of years.

    table needs indicator, unit_id, form, group, year, period, peers, by_log and deviation. A change of the method
    (`period`) is not a change of the service. NaN where the group has too few pairs too, and where nothing ever moves
    by more than rounding: such numbers are copied, not measured.
    """
    ordered = table.sort_values(["indicator", "peers", "unit_id", "form", "period", "year"], kind="stable")
    series = ordered.groupby(["indicator", "peers", "unit_id", "form", "period"], observed=True)
    change = series["deviation"].diff().where(series["year"].diff() == 1).reindex(table.index)
    size = table["value"].abs().groupby(table["indicator"], observed=True).transform("mean").mask(table["by_log"], 1.0)
    return _of_sets(change / size.where(size > 0), table) * size / np.sqrt(2)


def beyond_chance(table: pd.DataFrame) -> pd.Series:
    """How many times the variance of shares and rates from year to year is that of chance alone (phi, at least 1).

    Whoever counts people counts some of them together: a family, an epidemic, a neighbour's closing. On the scales
    y = asin(sqrt(k / n)) and sqrt(c / E), where chance alone has the variance v = 1 / (4 n), with m the median there,

        d(t) = y(t) - m(t),    phi = max(1, (1.4826 MAD((d(t) - d(t-1)) / sqrt(v(t) + v(t-1))))^2)

    pooled as in `noise`: what services differ by for good does not count, only what comes and goes. 1 for amounts and
    ratios, whose noise holds it all, and where there are too few pairs of years.

    table needs as in `noise`, and kind, median, denominator and factor.
    """
    counted = table["kind"].isin(["proportion", "rate"]) & table["value"].notna() & (table["denominator"] > 0)
    root, middle = (np.sqrt((one / table["factor"]).clip(lower=0)) for one in (table["value"], table["median"]))
    share = table["kind"] == "proportion"
    apart = (np.arcsin(root.clip(upper=1)) - np.arcsin(middle.clip(upper=1))).where(share, root - middle)
    ordered = table.assign(y=apart, v=0.25 / table["denominator"])[counted]
    ordered = ordered.sort_values(["indicator", "peers", "unit_id", "form", "period", "year"], kind="stable")
    series = ordered.groupby(["indicator", "peers", "unit_id", "form", "period"], observed=True)
    change = series["y"].diff() / np.sqrt(ordered["v"] + series["v"].shift())
    change = change.where(series["year"].diff() == 1).reindex(table.index)
    return (_of_sets(change, table) ** 2).clip(lower=1).where(counted).fillna(1.0)


def _of_sets(change: pd.Series, table: pd.DataFrame) -> pd.Series:
    """The spread of the changes in each row's set; of its working group where the set has too few pairs."""
    keys = ["indicator", "by_log"]
    own = _spread(change, [table[k] for k in (*keys, "peers")])
    return own.fillna(_spread(change, [table[k] for k in (*keys, "group", "form")]))


def _spread(change: pd.Series, keys: list[pd.Series]) -> pd.Series:
    """1.4826 MAD of each group; the quartile range / 1.349, then the standard deviation, where that is nil."""
    cell = pd.concat(keys, axis=1).groupby([k.name for k in keys], observed=True, dropna=False).ngroup()
    grouped = change.groupby(cell)
    distance = (change - grouped.transform("median")).abs()
    spreads = pd.DataFrame({
        "mad": 1.4826 * distance.groupby(cell).median(),
        "iqr": (grouped.quantile(0.75) - grouped.quantile(0.25)) / 1.349,
        "sd": grouped.std(),
    }).where(grouped.count() >= MIN_PAIRS)
    chosen = spreads["mad"].where(spreads["mad"] > NIL, spreads["iqr"].where(spreads["iqr"] > NIL, spreads["sd"]))
    return cell.map(chosen.where(chosen > NIL))


def interval(table: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    """Low and high: the own interval of proportions and rates, else value x exp(±1.96 s) or value ± 1.96 s."""
    own = table["kind"].isin(["proportion", "rate"])
    factor = np.exp(Z * spread)
    by_log = table["by_log"] & (table["value"] > 0)
    low = (table["value"] / factor).where(by_log, (table["value"] - Z * spread).clip(lower=table["floor"]))
    high = (table["value"] * factor).where(by_log, table["value"] + Z * spread)
    impossible = table["by_log"] & ~by_log
    return pd.DataFrame({
        "low": table["low"].where(own, low.mask(impossible)), "high": table["high"].where(own, high.mask(impossible))})


def on_scale(values: pd.Series, by_log: pd.Series) -> pd.Series:
    """Values on the scale where their errors are roughly normal: logarithms where so taken, NaN where there is none."""
    return np.log(values.where(values > 0)).where(by_log, values)


def standard_error(table: pd.DataFrame) -> pd.Series:
    """The standard error of each value on its scale (`on_scale`), from its 95 % interval.

    Half the interval by 1.96; of a ratio only its upper half, since the lower one may be cut at nil.

    table needs kind, by_log, value, low and high.
    """
    half = ((table["high"] - table["low"]) / 2).where(table["kind"] != "ratio", table["high"] - table["value"])
    low = table["low"].where(table["low"] > 0)
    return (np.log(table["high"].where(low.notna()) / low) / 2).where(table["by_log"], half) / Z
