"""What it would be worth, in crowns, to cost what the peers cost."""

from __future__ import annotations

import pandas as pd

from kpsslib.comparison.decomposition import PARTS, components, decompose
from kpsslib.comparison.peers import EXTRA, members
from kpsslib.methodology import Indicator, Methodology
from kpsslib.workspace import TABLES, conform

TARGETS = {"median": "median", "best_quartile": "q1"}
_JUDGED = ["better", "worse", "indistinct", "no_interval"]


def headline_indicators(methodology: Methodology) -> list[Indicator]:
    """The indicators whose reserves are in crowns: costs in money, of which less is better."""
    return [one for one in methodology.indicators.values()
            if one.level == "service" and one.status != "retired" and one.dimension == "cost"
            and one.kind == "money" and one.direction == "lower"]


def reserves(comparison: pd.DataFrame, facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *,
             year: int) -> pd.DataFrame:
    """Positive reserves of a year against the median and the better quartile of the service's comparable set.

        amount = (value - target) x volume

    with volume the indicator's denominator (bed-days, hours, posts; divided by the indicator's scale), so that the
    amount is in crowns of the year. low and high are the amount at the ends of the value's interval: a reserve is
    certain only where low > 0. The target is taken as it is. Reserves of several indicators overlap and are never
    to be added.

    The parts say why, and add up to the amount exactly (`decomposition`); NaN where they cannot be told, and for
    an indicator whose numerator is not the whole cost.

    Args:
        comparison: table `comparison`.
        facts: table `facts`, for volumes and parts.
        services: table `services`, for the members of each set.
        methodology: see `headline_indicators`.
        year: the year asked.

    Returns: table `reserves`, a row an indicator, service, form and target ("median", "best_quartile").
    """
    codes = [one.code for one in headline_indicators(methodology)]
    rows = comparison[(comparison["year"] == year) & comparison["indicator"].isin(codes)
                      & ~comparison["peer_set"].isin(EXTRA) & (comparison["flag"] == "ok")]
    keys = ["unit_id", "form", "round"]
    rows = rows.merge(_items(facts, year).rename_axis(keys).reset_index(), on=keys, how="left")
    rows = rows.merge(members(services, methodology).drop(columns=["valid_from", "valid_to"]), on=keys[:2])
    parts = [_of_indicator(part, methodology.indicators[code], year) for code, part in rows.groupby("indicator")]
    parts = [part for part in parts if len(part)]
    if not parts:
        return conform("reserves", pd.DataFrame(columns=list(TABLES["reserves"])))
    table = pd.concat(parts, ignore_index=True).rename(columns={"unit_id": "service_id"})
    return conform("reserves", table.sort_values(["indicator", "target", "amount_czk"], ascending=[True, True, False]))


def _of_indicator(rows: pd.DataFrame, indicator: Indicator, year: int) -> pd.DataFrame:
    """Both targets of one indicator."""
    numerator, denominator, scale = indicator.formula(year)
    rows = rows.assign(volume=denominator.compute(rows.reindex(columns=list(denominator.items))) / scale)
    own = components(rows, denominator)
    goal = _medians(rows, own)
    found = []
    for name, column in TARGETS.items():
        table = rows.assign(target=name, target_value=rows[column])
        table["gap"] = table["value"] - table["target_value"]
        table["amount_czk"] = table["gap"] * table["volume"]
        table[["low", "high"]] = table[["low", "high"]].sub(table["target_value"], axis=0).mul(table["volume"], axis=0)
        table[PARTS] = decompose(table, own, goal) if "cost_total" in numerator.items else float("nan")
        found.append(table[(table["amount_czk"] > 0) & table["position"].isin(_JUDGED)])
    return pd.concat(found)


def _medians(rows: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The medians of F, w and B over all members of each row's set, also those that stand beside another set."""
    rules = [rule for rule in rows["peer_set"].unique() if rule in rows]
    medians = pd.concat([own.groupby(rows[rule]).median() for rule in rules]) if rules else own.iloc[:0]
    return medians.reindex(rows["peers"]).set_axis(rows.index)


def _items(facts: pd.DataFrame, year: int) -> pd.DataFrame:
    chosen = facts[facts["year"] == year]
    return chosen.pivot(index=["service_id", "form", "round"], columns="item", values="value")
