"""Who may hold good practice."""

from __future__ import annotations

import pandas as pd

from kpsslib.comparison.peers import chain
from kpsslib.language import _, number
from kpsslib.methodology import Methodology
from kpsslib.workspace import TABLES, conform

GUARDED = ("quality", "staff")
MIN_DIMENSIONS = 2
ERROR_RATE = 0.01  # of equal services, those called a candidate
_SERVICE = ["unit_id", "form"]


def good_practice(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *, year: int,
                  years: int = 3, needed: int = 2) -> pd.DataFrame:
    """Candidates for good practice, and what stands in the way of the others.

    A year is held where the service

    - is in the better quartile on at least 2 of the dimensions cost, performance, quality and staff: on some
      indicator of each its value reaches the better quartile and its interval leaves out the median, and
    - is in the worst quartile on no indicator of quality or staff.

    A candidate held `needed` of the last `years` years. Only indicators with a better direction are judged, beside
    the set of the service's type (or what it widened to). A candidate is somebody to ask, not a verdict.

    Two dimensions in two years of three are what keeps chance out: of services that differ by nothing else at most
    1 % are called a candidate (ERROR_RATE; `python -m benchmarks.error_rates` measures it), so that p_adjusted is not
    needed. One year of three would call 2.5 % so.

    Returns table `good_practice`: every compared service and form of the year; dimensions (codes divided by ", ") of
    the newest year held, else of the year asked; blocked_by in words (empty for a candidate).
    """
    judged = _judged(comparison, methodology, range(year - years + 1, year + 1))
    held = _years_held(judged)
    now = held[held["year"] == year].copy()
    if now.empty:
        return conform("good_practice", pd.DataFrame(columns=list(TABLES["good_practice"])))
    counts = held.groupby(_SERVICE)["held"].sum().rename("years_held")
    reached = held[held["held"]].sort_values("year").groupby(_SERVICE)["dimensions"].last().rename("reached")
    now = now.join(counts, on=_SERVICE).join(reached, on=_SERVICE)
    now["dimensions"] = now["reached"].fillna(now["dimensions"])
    now["candidate"] = now["years_held"] >= needed
    now["blocked_by"] = [_reason(row, years, needed) for row in now.itertuples()]
    types = services.drop_duplicates(["service_id", "form"], keep="last")[["service_id", "form", "service_type"]]
    now = now.rename(columns={"unit_id": "service_id"}).merge(types, on=["service_id", "form"])
    return conform("good_practice", now.sort_values(["candidate", "service_type", "service_id", "form"],
                                                    ascending=[False, True, True, True]))


def _judged(comparison: pd.DataFrame, methodology: Methodology, years: range) -> pd.DataFrame:
    """Comparable values of service indicators that have a dimension and a direction, with their quartile."""
    known = {code: one for code, one in methodology.indicators.items()
             if one.dimension and one.direction in ("higher", "lower") and one.level == "service"}
    rows = comparison[comparison["indicator"].isin(list(known)) & comparison["peer_set"].isin(chain(methodology))
                      & comparison["year"].isin(list(years))
                      & comparison["position"].isin(["better", "worse", "indistinct", "no_interval"])]
    lower = rows["indicator"].map({code: one.direction == "lower" for code, one in known.items()}).astype(bool)
    reaches = (rows["value"] <= rows["q1"]).where(lower, rows["value"] >= rows["q3"])
    worst = (rows["value"] > rows["q3"]).where(lower, rows["value"] < rows["q1"])
    dimension = rows["indicator"].map({code: one.dimension for code, one in known.items()})
    return rows.assign(dimension=dimension, best=reaches & (rows["position"] == "better"),
                       worst=worst & dimension.isin(GUARDED))


def _years_held(judged: pd.DataFrame) -> pd.DataFrame:
    """A row a service, form and year: the dimensions reached, the guarded indicators failed, and whether it held."""
    cell = [*_SERVICE, "year"]
    listed = judged.sort_values([*cell, "dimension", "indicator"])
    best = listed[listed["best"]].drop_duplicates([*cell, "dimension"]).groupby(cell)["dimension"].agg(", ".join)
    failed = listed[listed["worst"]].groupby(cell)["indicator"].agg(", ".join)
    table = judged[cell].drop_duplicates().join(best.rename("dimensions"), on=cell)
    table = table.join(failed.rename("failed"), on=cell)
    table[["dimensions", "failed"]] = table[["dimensions", "failed"]].fillna("")
    table["n"] = table["dimensions"].str.count(",") + (table["dimensions"] != "")
    return table.assign(held=(table["n"] >= MIN_DIMENSIONS) & (table["failed"] == ""))


def _reason(row, years: int, needed: int) -> str:
    if row.candidate:
        return ""
    reasons = []
    if row.n < MIN_DIMENSIONS:
        reasons.append(_("better quartile on {n} of the {needed} dimensions needed", n=number(row.n),
                         needed=number(MIN_DIMENSIONS)))
    if row.failed:
        reasons.append(_("worst quartile on {indicators}", indicators=row.failed))
    return "; ".join(reasons) or _("held in {n} of {years} years, needed {needed}", n=number(row.years_held),
                                   years=number(years), needed=number(needed))


def dimension_label(code: str) -> str:
    """A dimension in the words of the language spoken."""
    return {"cost": _("cost"), "performance": _("performance"), "quality": _("quality"), "staff": _("staff")}[code]
