"""A comparable set as a funnel: its values by their size, and how far from the target chance alone takes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from kpsslib.comparison.funnel import (
    LEVELS,
    MIN_UNITS,
    Dispersion,
    dispersion,
    money_limits,
    proportion_limits,
    rate_limits,
)
from kpsslib.comparison.noise import standard_error
from kpsslib.methodology import Indicator

REASONS = ("", "too_few", "no_target", "no_interval", "few_for_dispersion")
STEPS = 60
_LIMITS = ["low_95", "high_95", "low_998", "high_998"]


class Funnel(NamedTuple):
    """What a funnel figure is drawn from, in the indicator's unit.

    Attributes:
        target: the set as a whole for shares and rates, the median for amounts and ratios; NaN where there is none.
        points: a row a service: unit_id, form, size (denominator), value, and outside: "95" or "99.8" where the value
            lies outside those limits, "" inside; judged by the wide limits where there are any.
        limits: size, low_95, high_95, low_998, high_998 by chance alone, and the same with wide_ before them, which
            allow for as much difference between services as there is beyond chance (NaN where there is none, or where
            it is not estimated).
        dispersion: phi (1 where services differ by chance only) and tau2; NaN under ten services.
        reason: one of REASONS: why there is no funnel, or no estimate of dispersion; "" where there is everything.
    """

    target: float
    points: pd.DataFrame
    limits: pd.DataFrame
    dispersion: Dispersion
    reason: str


class _Scale(NamedTuple):
    """A scale on which the spread by chance hangs on the size alone: there, back, and its standard error by size."""

    there: object
    back: object
    error: object


def funnel_data(rows: pd.DataFrame, indicator: Indicator) -> Funnel:
    """The funnel of one indicator, comparable set and year: rows of the table `comparison`.

    Limits by chance are exact for shares and rates; for amounts and ratios they are those of the noise of the set and
    the same for every size. Dispersion is estimated on the scales asin(sqrt(k / n)), sqrt(c / E), ln x and x, where
    the standard errors are 1 / (2 sqrt(n)), 1 / (2 sqrt(E)) and the noise (see `kpsslib.comparison.funnel`).
    """
    rows = rows[(rows["flag"] == "ok") & rows["value"].notna() & (rows["denominator"] > 0)]
    points = rows[["unit_id", "form", "value"]].assign(size=rows["denominator"], outside="").reset_index(drop=True)
    nothing = Funnel(np.nan, points, pd.DataFrame(columns=["size", *_LIMITS, *(f"wide_{c}" for c in _LIMITS)]),
                     Dispersion(np.nan, np.nan), "too_few")
    if len(rows) < indicator.min_peers:
        return nothing
    factor = indicator.formula(int(rows["year"].iloc[0]))[2]
    counted = indicator.kind in ("proportion", "rate")
    target = rows["numerator"].sum() / rows["denominator"].sum() if counted else rows["value"].median()
    noise = float(standard_error(rows.assign(kind=indicator.kind)).median())
    if counted and not 0 < target < (1 if indicator.kind == "proportion" else np.inf):
        return nothing._replace(reason="no_target")
    if not counted and not noise > 0:
        return nothing._replace(reason="no_interval")
    scale = _scale(indicator.kind, bool(rows["by_log"].any()), noise)
    value, size = (rows["value"] / factor if counted else rows["value"]).to_numpy(float), points["size"].to_numpy(float)
    error = scale.error(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (scale.there(value) - scale.there(target)) / error
    known = np.isfinite(scores)
    spread = dispersion(scores[known], error[known])
    unit = factor if counted else 1.0
    grid = np.geomspace(size.min(), size.max(), STEPS)
    grid = np.unique(np.round(grid)) if indicator.kind == "proportion" else grid  # of so many people, whole ones
    limits = _limits(indicator.kind, scale, target, spread, grid) * unit
    own = _limits(indicator.kind, scale, target, spread, size) * unit
    wide = "wide_" if spread.tau2 > 0 else ""
    beyond = [(points["value"] < own[f"{wide}low_{name}"]) | (points["value"] > own[f"{wide}high_{name}"])
              for name in ("998", "95")]
    points["outside"] = np.select(beyond, ["99.8", "95"], "")
    return Funnel(float(target * unit), points, limits.assign(size=grid)[["size", *limits]], spread,
                  "" if known.sum() >= MIN_UNITS else "few_for_dispersion")


def _scale(kind: str, by_log: bool, noise: float) -> _Scale:
    if kind == "proportion":
        return _Scale(lambda share: np.arcsin(np.sqrt(share)), lambda x: np.sin(np.clip(x, 0, np.pi / 2)) ** 2,
                      lambda size: 0.5 / np.sqrt(size))
    if kind == "rate":
        return _Scale(np.sqrt, lambda x: np.clip(x, 0, None) ** 2, lambda size: 0.5 / np.sqrt(size))
    if by_log:
        return _Scale(np.log, np.exp, lambda size: np.full(len(size), noise))
    return _Scale(lambda x: x, lambda x: x, lambda size: np.full(len(size), noise))


def _limits(kind: str, scale: _Scale, target: float, spread: Dispersion, size: np.ndarray) -> pd.DataFrame:
    """All limits for each size, on the scale of shares and rates without their factor."""
    error, centre, columns = scale.error(size), scale.there(target), {}
    for level, name in zip(LEVELS, ("95", "998"), strict=True):
        reach = norm.isf((1 - level) / 2)
        if kind == "proportion":
            low, high = proportion_limits(target, np.round(size), level)
        elif kind == "rate":
            low, high = (target * end for end in rate_limits(target * size, level))
        elif scale.there is np.log:
            low, high = money_limits(target, error, level)
        else:
            low, high = centre - reach * error, centre + reach * error
        wide = reach * np.sqrt(error**2 + (spread.tau2 if spread.tau2 > 0 else np.nan))
        columns |= {f"low_{name}": low, f"high_{name}": high,
                    f"wide_low_{name}": np.minimum(low, scale.back(centre - wide)),
                    f"wide_high_{name}": np.maximum(high, scale.back(centre + wide))}
    return pd.DataFrame(columns)
