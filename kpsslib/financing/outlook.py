"""Roll-up of the forecasts to service types, working groups and the region, and the gap to an allocation.

Sums are made from below: the mid of a unit is exactly the sum of the mids of its services. Intervals do not add:
services err partly together (a wage decree, a mild winter) and partly each for itself. With half-widths r of the
parts, rho, the part of the errors they share, and k, the mean square error of a part in units of its r^2,

    half-width of the sum = t sqrt(k ((1 - rho) sum(r^2) + rho (sum r)^2)),

not under independence, sqrt(sum(r^2)), and not over the plain sum of the half-widths. t is Student's quantile with as
many degrees of freedom as the back-test has origins, because rho is known only from those. Over origins and steps of
the unit's own back-test, with E the error of the sum and e those of its parts,

    k = sum e^2 / sum r^2,  rho = sum(E^2 - sum e^2) / (k sum((sum r)^2 - sum r^2)), cut to 0..1.

The error of need is that of costs less that of other revenues, so what moves both alike leaves it alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from kpsslib.financing.forecasting import Forecasts

LEVELS = {"service_type": "service_type", "group": "group", "region": "region_code"}
ACTUAL = "actual"
COST, REVENUE, NEED, GRANT = "cost_total", "revenue_total", "need", "revenue_grant"
OTHER = "revenue_other_than_grant"
_PARTS = ["service_type", "group", "region_code", "scenario", "year", "item", "low", "mid", "radius"]
COLUMNS = ["level", "unit_id", "scenario", "year", "item", "low", "mid", "high"]
GAP_COLUMNS = [*COLUMNS[:4], "cost", "other_revenue", NEED, "allocation", "gap", "low", "high"]


def outlook(forecasts: Forecasts, level: str = "group") -> pd.DataFrame:
    """The table `outlook`: past years (scenario "actual") and years ahead, for each item and for totals.

    Levels are those up to `level`: service_type, group, region. Items are the items forecast and cost_total,
    revenue_total, revenue_other_than_grant and need (cost_total less revenue_other_than_grant), all in CZK.
    """
    levels = list(LEVELS)[: list(LEVELS).index(level) + 1]
    table = forecasts.forecast.assign(radius=forecasts.forecast["high"] - forecasts.forecast["mid"])
    past = forecasts.past.rename(columns={"amount": "mid"}).assign(scenario=ACTUAL, low=lambda t: t["mid"], radius=0.0)
    rows = pd.concat([past, table])[_PARTS]
    rows = rows.assign(squares=rows["radius"] ** 2, floor=rows["low"], unknown=rows["radius"].isna())
    parts = [_sums(with_totals(_of_units(rows, name)), name, shared_errors(forecasts, _sharing(name)))
             for name in levels]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def with_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows and, again, as parts of the totals they belong to; `sign` is -1 where a part lowers its total."""
    kinds = {
        COST: (rows["item"].str.startswith("cost_"), 1), REVENUE: (rows["item"].str.startswith("revenue_"), 1),
        OTHER: (rows["item"].str.startswith("revenue_") & (rows["item"] != GRANT), 1),
    }
    need = [rows[kinds[COST][0]].assign(item=NEED, sign=1), rows[kinds[OTHER][0]].assign(item=NEED, sign=-1)]
    totals = [rows[which].assign(item=name, sign=sign) for name, (which, sign) in kinds.items()]
    return pd.concat([rows.assign(sign=1), *totals, *need], ignore_index=True)


def shared_errors(forecasts: Forecasts, level: str) -> pd.DataFrame:
    """How the services of each unit of the level erred together, by item or total: rho (0..1) and width (t sqrt(k))."""
    judged = forecasts.judged
    rows = forecasts.series.keys.reset_index()[["index", LEVELS[level], "item"]]
    rows = with_totals(rows)
    codes, units = pd.factorize(pd.MultiIndex.from_frame(rows[[LEVELS[level], "item"]]))
    index, sign = rows["index"].to_numpy(), rows["sign"].to_numpy()
    together, parts, spread, square = (np.zeros(len(units)) for _moment in range(4))
    for origin in range(judged.errors.shape[0]):
        for step in range(judged.errors.shape[2]):
            known = ~np.isnan(judged.errors[origin, :, step] + judged.widths[origin, :, step])
            error = np.where(known, judged.errors[origin, :, step], 0)[index] * sign
            width = np.where(known, judged.widths[origin, :, step], 0)[index]
            sums = [np.bincount(codes, w, len(units)) for w in (error, error**2, width, width**2)]
            together += sums[0] ** 2 - sums[1]
            parts += sums[1]
            spread += sums[2] ** 2 - sums[3]
            square += sums[3]
    k = np.divide(parts, square, out=np.zeros_like(parts), where=square > 0)
    rho = np.divide(together, k * spread, out=np.zeros_like(k), where=k * spread > 0)
    origins = int((~np.isnan(judged.errors)).any(axis=(1, 2)).sum())
    quantile = stdtrit(max(origins, 1), (1 + forecasts.level) / 2)
    index = units.set_names(["unit", "item"])
    return pd.DataFrame({"rho": np.clip(rho, 0, 1), "width": quantile * np.sqrt(k)}, index=index)


def gap(outlook: pd.DataFrame, allocation: dict[int, float]) -> pd.DataFrame:
    """The table `gap`: need = cost - other revenue, against the allocation of each year; CZK.

    A unit's allocation is its share of today's grant (the last actual year) times the region's allocation. Without
    the region among the levels, or without an allocation for the year, allocation and gap are not known (NaN).
    low and high are the interval of the gap; a positive gap is money that is missing.
    """
    ahead = outlook[(outlook["scenario"] != ACTUAL) & outlook["item"].isin([COST, OTHER, NEED])]
    wide = ahead.pivot(index=["level", "unit_id", "scenario", "year"], columns="item", values=["low", "mid", "high"])
    table = pd.DataFrame({"cost": wide["mid", COST], "other_revenue": wide["mid", OTHER], "need": wide["mid", NEED],
                          "low": wide["low", NEED], "high": wide["high", NEED]}).reset_index()
    table = table.merge(_grant_shares(outlook), on=["level", "unit_id"], how="left")
    given = table["share"] * table["year"].map(allocation).astype(float)
    table = table.assign(allocation=given, gap=table["need"] - given)
    table = table.assign(low=table["low"] - given, high=table["high"] - given)
    return table[GAP_COLUMNS]


def _grant_shares(outlook: pd.DataFrame) -> pd.DataFrame:
    """Share of each unit in the grant of the last actual year, within its level; none where the region is not known."""
    past = outlook[(outlook["scenario"] == ACTUAL) & (outlook["item"] == GRANT)]
    today = past[past["year"] == past["year"].max()]
    total = today.groupby("level")["mid"].transform("sum")
    known = (total > 0) & ("region" in set(outlook["level"]))
    return today.assign(share=(today["mid"] / total).where(known))[["level", "unit_id", "share"]]


def _sharing(level: str) -> str:
    """Where rho of a level is measured: a type has too few services of its own, so it takes its group's."""
    return "group" if level == "service_type" else level


def _of_units(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """What is added up of every item over the services of each unit."""
    by = list(dict.fromkeys([LEVELS[level], LEVELS[_sharing(level)], "scenario", "year", "item"]))
    return rows.groupby(by, as_index=False).agg(
        mid=("mid", "sum"), radius=("radius", "sum"), squares=("squares", "sum"), floor=("floor", "sum"),
        unknown=("unknown", "any"))


def _sums(rows: pd.DataFrame, level: str, shared: pd.DataFrame) -> pd.DataFrame:
    by = [LEVELS[level], "scenario", "year", "item"]
    signed = rows.assign(mid=rows["mid"] * rows["sign"], floor=rows["floor"].where(rows["sign"] > 0, -np.inf))
    sums = signed.groupby(by, as_index=False).agg(
        mid=("mid", "sum"), radius=("radius", "sum"), squares=("squares", "sum"), floor=("floor", "sum"),
        unknown=("unknown", "any"), sharing=(LEVELS[_sharing(level)], "first"))
    shared = shared.reindex(pd.MultiIndex.from_frame(sums[["sharing", "item"]])).fillna(0).reset_index(drop=True)
    variance = (1 - shared["rho"]) * sums["squares"] + shared["rho"] * sums["radius"] ** 2
    half = (shared["width"] * np.sqrt(variance)).clip(np.sqrt(sums["squares"]), sums["radius"]).mask(sums["unknown"])
    return sums.rename(columns={LEVELS[level]: "unit_id"}).assign(
        level=level, low=np.round(np.maximum(sums["mid"] - half, sums["floor"])), high=np.round(sums["mid"] + half))
