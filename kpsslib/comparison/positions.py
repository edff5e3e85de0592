"""What may be said of a service beside its set."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammainc, gammaincc, ndtr, ndtri

from kpsslib.comparison.noise import on_scale, standard_error
from kpsslib.language import _

POSITIONS = ("better", "worse", "indistinct", "inside_band", "outside_band", "context", "no_interval",
             "too_few", "flagged", "missing")


def position(table: pd.DataFrame) -> np.ndarray:
    """One of POSITIONS for each row.

    better and worse need an interval that leaves out the median of the set; an interval that holds it is indistinct.
    A band indicator is outside_band where its whole interval lies outside the quartiles. context has no direction.
    no_interval: how sure the value is cannot be said, so nothing is. too_few: the set is under its minimum even
    widened. flagged: there is a value, but one to be checked first. missing: no value.

    table needs value, low, high, median, q1, q3, n_reported, min_peers, direction and flag.
    """
    above, below = table["low"] > table["median"], table["high"] < table["median"]
    higher, lower = table["direction"] == "higher", table["direction"] == "lower"
    outside = (table["low"] > table["q3"]) | (table["high"] < table["q1"])
    return np.select([
        table["value"].isna(), table["flag"] != "ok", table["n_reported"] < table["min_peers"],
        table["direction"] == "none", table["low"].isna() | table["high"].isna(),
        (table["direction"] == "band") & outside, table["direction"] == "band",
        (higher & above) | (lower & below), (higher & below) | (lower & above),
    ], ["missing", "flagged", "too_few", "context", "no_interval", "outside_band", "inside_band", "better", "worse"],
        "indistinct")


def p_value(table: pd.DataFrame) -> pd.Series:
    """How often a value as far from the median of its set as this one would come by chance alone (two-sided).

    It is under 5 % exactly where the interval leaves the median m out:

        amounts, ratios    2 Phi(-|x - m| / s), on the scale of the errors s
        proportions        2 Phi(-|k/n - m| / sqrt(m (1 - m) / n)), as Wilson's interval
        rates              2 min(P(C <= c), P(C >= c)), C Poisson with mean m E, as Garwood's interval

    NaN where there is no interval, and for a share or rate whose median is nil or all: against that nothing is tested.

    table needs kind, by_log, value, low, high, median, numerator, denominator, factor and flag.
    """
    apart = on_scale(table["value"], table["by_log"]) - on_scale(table["median"], table["by_log"])
    score = apart / standard_error(table)
    share, n = table["median"] / table["factor"], table["denominator"]
    inner = (share > 0) & (share < 1)
    of_share = (table["numerator"] / n - share) / np.sqrt((share * (1 - share) / n).where(inner))
    score = of_share.where(table["kind"] == "proportion", score)
    count, mean = table["numerator"].clip(lower=0), (share * n).where(share > 0)
    tail = np.minimum(gammaincc(count + 1, mean), np.where(count > 0, gammainc(count.where(count > 0, 1), mean), 1))
    p = (2 * pd.Series(ndtr(-score.abs()), table.index)).where(table["kind"] != "rate", 2 * tail)
    return p.clip(upper=1).where((table["flag"] == "ok") & table["low"].notna() & table["median"].notna())


def swinging(p: pd.Series, phi: pd.Series) -> pd.Series:
    """The p-values where chance has phi times the variance they were reckoned with, z / sqrt(phi) for each z.

    Source: McCullagh and Nelder (1989), Generalized Linear Models, section 4.5; phi is that of `noise.beyond_chance`.
    """
    return 2 * pd.Series(ndtr(ndtri(p / 2) / np.sqrt(phi)), p.index)


def beside_others(p: pd.Series, n: np.ndarray) -> pd.Series:
    """The p-values where the n services that make the median are others than the one judged.

    Their median swings too, by pi / (2 n) of the variance of one of them (Cramér 1946, section 28.5), so that equal
    services would be called different too often. Beside a set that one is of itself this is made up for.
    """
    return 2 * pd.Series(ndtr(ndtri(p / 2) / np.sqrt(1 + np.pi / 2 / np.maximum(n, 1))), p.index)


def adjusted(p: pd.Series, family: pd.Series) -> pd.Series:
    """The p-values of each family so that of those under a limit at most that share is there by chance.

    Source: Benjamini and Hochberg (1995), JRSS B 57, 289-300: the smallest p(j) m / j over all j from the value's own
    place on, m values in the family. NaN counts in no family.
    """
    known = p.dropna().sort_values(ascending=False, kind="stable")
    family = family.loc[known.index]
    grouped = known.groupby(family, sort=False)
    size, above = grouped.transform("size"), grouped.cumcount()
    return (known * size / (size - above)).groupby(family, sort=False).cummin().reindex(p.index)


def position_label(code: str) -> str:
    """A position in the words of the language spoken."""
    return {
        "better": _("better than the median"), "worse": _("worse than the median"),
        "indistinct": _("cannot be told from the median"), "inside_band": _("within the usual band"),
        "outside_band": _("outside the usual band"), "context": _("context only"),
        "no_interval": _("cannot be judged (no interval)"), "too_few": _("too few peers"),
        "flagged": _("to be checked first"), "missing": _("no value"),
    }[code]


def trend_label(code: str) -> str:
    """A trend in the words of the language spoken."""
    return {
        "improving": _("improving"), "worsening": _("worsening"), "rising": _("rising"), "falling": _("falling"),
        "stable": _("no clear change"), "too_short": _("too short to tell"),
    }[code]
