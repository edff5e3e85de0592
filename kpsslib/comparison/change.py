"""Whether a value moved since the previous year by more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betainc, ndtr
from scipy.stats import hypergeom, poisson

from kpsslib.comparison.noise import on_scale
from kpsslib.comparison.positions import swinging
from kpsslib.language import _

CHANGES = ("improved", "worsened", "rose", "fell", "unclear", "no_interval", "break", "too_short", "missing")
LEVEL = 0.05
_ROW = 1e-9  # a value that equals the observed one but for rounding counts among those as far


def change(table: pd.DataFrame, noise: pd.Series, phi: pd.Series) -> pd.DataFrame:
    """Columns p_change (two-sided), change (one of CHANGES) and method_break of each row against the year before.

        amounts, ratios    2 Phi(-|r - m| / (sqrt(2) s)), r the logarithm of the ratio of both years (the difference,
                           where the noise s is one of differences), m its median in the set: what all prices do
                           together is nobody's change
        rates              E-test of two Poisson counts (`poisson_p`)
        proportions        exact test of two shares, mid-p (`proportion_p`)

    Of counts that swing by more than chance (phi of `beyond_chance`) p is made up for it (`swinging`).

    improved and worsened by the indicator's direction, rose and fell where it has none; unclear: may be chance.
    no_interval: what is chance is not known. break: the formula or the capacity unit is another than the year before,
    so nothing can be said; method_break marks the first year after it. too_short: no value the year before.

    table needs indicator, peers, unit_id, form, period, year, kind, by_log, direction, value (NaN where not usable),
    numerator, denominator, n_reported and min_peers.
    """
    series = ["indicator", "peers", "unit_id", "form"]
    columns = ["year", "period", "value", "numerator", "denominator"]
    ordered = table.sort_values([*series, "year"], kind="stable")
    before = ordered.groupby(series, observed=True, dropna=False)[columns].shift().reindex(table.index)
    broken = before["period"].notna() & (before["period"] != table["period"])
    before = before.where((before["year"] == table["year"] - 1) & before["value"].notna() & ~broken)
    moved = on_scale(table["value"], table["by_log"]) - on_scale(before["value"], table["by_log"])
    of_set = moved.groupby([table[key] for key in ("indicator", "peers", "year")], observed=True).transform("median")
    moved = moved - of_set.where(table["n_reported"] >= table["min_peers"])
    p = 2 * pd.Series(ndtr(-(moved / np.sqrt(2) / noise).abs()), table.index)
    counted = table["kind"].isin(["rate", "proportion"])
    moved = (table["value"] - before["value"]).where(counted, moved)
    for kind, test in (("rate", poisson_p), ("proportion", proportion_p)):
        rows = (table["kind"] == kind) & before["value"].notna() & table["value"].notna()
        sides = (one.loc[rows, ["numerator", "denominator"]].to_numpy(float).T for one in (before, table))
        p = p.mask(table["kind"] == kind).fillna(pd.Series(test(*next(sides), *next(sides)), table.index[rows]))
    p = swinging(p, phi)
    upwards = np.where(table["direction"] == "lower", -moved, moved) > 0
    named = table["direction"].isin(["higher", "lower"])
    words = np.select(
        [table["value"].isna(), broken, before["value"].isna(), p.isna(), p >= LEVEL, named & upwards, named, upwards],
        ["missing", "break", "too_short", "no_interval", "unclear", "improved", "worsened", "rose"], "fell")
    return pd.DataFrame({"p_change": p, "change": words, "method_break": broken}, index=table.index)


def poisson_p(count1: np.ndarray, size1: np.ndarray, count2: np.ndarray, size2: np.ndarray) -> np.ndarray:
    """Two-sided p that two counts with exposures size1 and size2 have the same rate: the E-test.

    With S = X1 + X2 Poisson of mean k1 + k2 and X1 binomial of S with share n1 / (n1 + n2), it is P(|T| >= |t|),

        T = (X1 / n1 - X2 / n2) / sqrt(X1 / n1^2 + X2 / n2^2),    t the same of the counts observed.

    For each S the X1 with |T| < |t| lie between the roots of a quadratic equation. Counts are rounded.
    Source: Krishnamoorthy and Thomson (2004), Journal of Statistical Planning and Inference 119, 23-35.
    """
    k1, k2 = np.round(count1), np.round(count2)
    size1, size2 = size1 / (size1 + size2), size2 / (size1 + size2)  # the unit of exposure does not matter
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = (k1 / size1 - k2 / size2) ** 2 / (k1 / size1**2 + k2 / size2**2)
    p = np.ones(len(k1))
    for total in np.unique(k1 + k2):
        rows = np.flatnonzero((k1 + k2 == total) & (squared > _ROW**2))
        if len(rows):
            p[rows] = _as_far(total, size1[rows, None], size2[rows, None], squared[rows, None])
    return p


def _as_far(total: float, n1: np.ndarray, n2: np.ndarray, squared: np.ndarray) -> np.ndarray:
    s = np.arange(max(1, poisson.ppf(1e-13, total)), poisson.isf(1e-13, total) + 1)
    a, b = 1 / n1 + 1 / n2, 1 / n2  # (a x - b s)^2 = t^2 (x / n1^2 + (s - x) / n2^2)
    half = a * b * s + squared * (1 / n1**2 - b**2) / 2
    root = np.sqrt(np.maximum(half**2 - a**2 * (b**2 * s**2 - squared * b**2 * s), 0))
    low, high = np.floor((half - root) / a**2 + _ROW), np.ceil((half + root) / a**2 - _ROW)
    share = n1 / (n1 + n2)
    inside = low >= 0, high <= s  # P(X <= k) = I(1 - p; s - k, k + 1), P(X >= k) = I(p; k, s - k + 1)
    low, high = np.clip(low, 0, s - 1), np.clip(high, 1, s)
    below, above = betainc(s - low, low + 1, 1 - share), betainc(high, s - high + 1, share)
    outside = np.where(inside[0], below, 0) + np.where(inside[1], above, 0)
    return np.minimum(outside, 1) @ poisson.pmf(s, total)


def proportion_p(count1: np.ndarray, total1: np.ndarray, count2: np.ndarray, total2: np.ndarray) -> np.ndarray:
    """Two-sided mid-p that two shares are equal: twice the smaller tail of Fisher's exact test, half of the observed.

    The same people counted in both years make the true p smaller, never larger. Counts are rounded.
    Source: Lancaster (1961), JASA 56, 223-234; Agresti (2013), Categorical Data Analysis, section 3.5.
    """
    k, n1, n2, both = np.round(count1), np.round(total1), np.round(total2), np.round(count1) + np.round(count2)
    half = hypergeom.pmf(k, n1 + n2, both, n1) / 2
    lower, upper = hypergeom.cdf(k, n1 + n2, both, n1) - half, hypergeom.sf(k, n1 + n2, both, n1) + half
    return np.minimum(2 * np.minimum(lower, upper), 1)


def change_label(code: str) -> str:
    """A change in the words of the language spoken."""
    return {
        "improved": _("improved"), "worsened": _("worsened"), "rose": _("rose"), "fell": _("fell"),
        "unclear": _("no clear change"), "no_interval": _("cannot be judged (no interval)"),
        "break": _("another method than the year before"), "too_short": _("no value the year before"),
        "missing": _("no value"),
    }[code]
