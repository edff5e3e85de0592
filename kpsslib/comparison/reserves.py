"""What it would be worth, in crowns, to cost what the peers cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.decomposition import OF_STAFFING, PARTS, components, decompose
from kpsslib.comparison.frontier.efficiency import ON_FRONTIER
from kpsslib.comparison.peers import chain, members, nearest_code
from kpsslib.comparison.targets import amount_interval
from kpsslib.language import _
from kpsslib.methodology import Indicator, Methodology
from kpsslib.workspace import TABLES, conform

TARGETS = {"median": "median", "best_quartile": "q1", "nearest": "median"}
FRONTIER = "frontier"
P_CERTAIN = 0.05
ERROR_RATE = 0.05  # of equal services, those with a certain reserve against any target
_JUDGED = ["better", "worse", "indistinct", "no_interval"]
_KEYS = ["unit_id", "form", "round"]


def headline_indicators(methodology: Methodology) -> list[Indicator]:
    """The indicators whose reserves are in crowns: costs in money, of which less is better."""
    return [one for one in methodology.indicators.values()
            if one.level == "service" and one.status != "retired" and one.dimension == "cost"
            and one.kind == "money" and one.direction == "lower"]


def reserves(comparison: pd.DataFrame, facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *,
             year: int, peers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Positive reserves of a year against the median and the better quartile of the service's comparable set, and
    against the median of its nearest peers.

        amount = (value - target) x volume

    with volume the indicator's denominator (bed-days, hours, posts; divided by the indicator's scale), so that the
    amount is in crowns of the year. low and high: 95 % interval by the year's noise of the value and the uncertainty
    of the target (`targets`). A reserve is `certain` where low > 0 and the value cannot be taken for the median's by
    chance when all indicators of the service are judged at once either (p_adjusted of the comparison at most 5 %).
    Among services that differ by nothing but chance at most 5 % have a certain reserve of a year, whatever the target
    (ERROR_RATE; `python -m benchmarks.error_rates` measures it).

    Reserves of several indicators or targets overlap: the same crowns. They are never to be added, and nothing here
    adds them.

    The parts say why, and add up to the amount exactly (`decomposition`); NaN where they cannot be told, and for
    an indicator whose numerator is not the whole cost. reason: why something is missing, codes of `reserve_reason`.

    Args:
        comparison: table `comparison`.
        facts: table `facts`, for volumes and parts.
        services: table `services`, for the members of each set.
        methodology: see `headline_indicators`.
        year: the year asked.
        peers: table `peers`, for the parts against the nearest; without it those are not told.

    Returns: table `reserves`, a row an indicator, service, form and target (a key of TARGETS).
    """
    near = nearest_code(methodology)
    return _finished([_of_indicator(rows, methodology.indicators[code], near, year, peers)
                      for code, rows in _rows(comparison, facts, services, methodology, year)])


def frontier_reserves(frontier: pd.DataFrame, comparison: pd.DataFrame, facts: pd.DataFrame, services: pd.DataFrame,
                      methodology: Methodology, *, year: int) -> pd.DataFrame:
    """Reserves of a year against the frontier of the service's set, as rows of table `reserves`.

        target = value x score

    with the input-oriented score under variable returns: that share of all its posts and costs, at its own pay, would
    do. The score is the corrected one, or the plain one of a set that bears no correction. Only for services off the
    frontier and indicators whose volume is an output of it. low and high: the value's interval less the target at the
    upper and lower end of the corrected score's own; NaN where there is none (reason). Never certain: a
    frontier is drawn by whoever was luckiest, so among equal services nearly all have such a reserve. No money should
    depend on it.

    frontier: table `frontier`; the others as in `reserves`.
    """
    scores = frontier[frontier["year"] == year].rename(columns={"service_id": "unit_id", "low": "score_low",
                                                                "high": "score_high"})
    scores = scores[scores["score"] < 1 - ON_FRONTIER]
    scores = scores.assign(score=scores["corrected"].fillna(scores["score"]))
    scores = scores[["unit_id", "form", "score", "score_low", "score_high", "volumes"]]
    parts = []
    for code, rows in _rows(comparison, facts, services, methodology, year):
        rows = rows[rows["peer_set"].isin(chain(methodology))].merge(scores, on=["unit_id", "form"])
        denominator = methodology.indicators[code].formula(year)[1].text
        of_output = np.array([denominator in volumes.split(", ") for volumes in rows["volumes"]], dtype=bool)
        rows = rows[of_output]
        if len(rows):
            parts.append(_at_frontier(rows, methodology.indicators[code], year))
    return _finished(parts)


def all_reserves(comparison: pd.DataFrame, facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *,
                 peers: pd.DataFrame, frontier: pd.DataFrame) -> pd.DataFrame:
    """`reserves` and `frontier_reserves` one under another, of the year of table `frontier`; none where it is empty."""
    if frontier.empty:
        return _finished([])
    year = int(frontier["year"].max())
    return _finished([reserves(comparison, facts, services, methodology, year=year, peers=peers),
                      frontier_reserves(frontier, comparison, facts, services, methodology, year=year)])


def _rows(comparison: pd.DataFrame, facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
          year: int) -> list[tuple[str, pd.DataFrame]]:
    """The judged rows of each headline indicator with the items of the facts and the keys of all sets."""
    codes = [one.code for one in headline_indicators(methodology)]
    kept = comparison["peer_set"].isin([*chain(methodology), nearest_code(methodology)])
    rows = comparison[(comparison["year"] == year) & comparison["indicator"].isin(codes) & kept
                      & (comparison["flag"] == "ok")]
    texts = [column for column, kind in rows.dtypes.items() if kind == "category"]
    rows = rows.astype(dict.fromkeys(texts, "str"))
    rows = rows.merge(_items(facts, year).rename_axis(_KEYS).reset_index(), on=_KEYS, how="left")
    people = members(services, methodology).drop(columns=["valid_from", "valid_to"])
    rows = rows.merge(people[["unit_id", "form", *(c for c in people if c not in rows)]], on=_KEYS[:2])
    return list(rows.groupby("indicator"))


def _items(facts: pd.DataFrame, year: int) -> pd.DataFrame:
    chosen = facts[facts["year"] == year]
    return chosen.pivot(index=["service_id", "form", "round"], columns="item", values="value")


def _finished(parts: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    if not parts:
        return conform("reserves", pd.DataFrame(columns=list(TABLES["reserves"])))
    table = pd.concat(parts, ignore_index=True).rename(columns={"unit_id": "service_id"})
    return conform("reserves", table.sort_values(["indicator", "target", "amount_czk"], ascending=[True, True, False]))


def _of_indicator(rows: pd.DataFrame, indicator: Indicator, nearest: str, year: int,
                  peers: pd.DataFrame | None) -> pd.DataFrame:
    """All targets of one indicator."""
    rows, own = _with_volume(rows, indicator, year)
    near = rows["peer_set"] == nearest
    found = []
    for name, column in TARGETS.items():
        chosen = rows[near] if name == "nearest" else rows[~near]
        if chosen.empty:
            continue
        goal = _of_peers(rows[~near], own, peers, chosen) if name == "nearest" else _medians(chosen, own)
        table = _amounts(chosen.assign(target=name, target_value=chosen[column]))
        table[["low", "high"]] = amount_interval(table)
        table["certain"] = (table["low"] > 0) & (table["p_adjusted"] <= P_CERTAIN)
        found.append(_with_parts(table, own.loc[table.index], goal, indicator, year))
    return pd.concat(found)


def _at_frontier(rows: pd.DataFrame, indicator: Indicator, year: int) -> pd.DataFrame:
    rows, own = _with_volume(rows, indicator, year)
    table = _amounts(rows.assign(target=FRONTIER, target_value=rows["value"] * rows["score"], certain=False))
    table["low"] = (table["low"] - table["value"] * table["score_high"]) * table["volume"]
    table["high"] = (table["high"] - table["value"] * table["score_low"]) * table["volume"]
    goal = own.assign(F=own["F"] * rows["score"], D=own["D"] * rows["score"], t=own["t"] * rows["score"])
    return _with_parts(table, own, goal, indicator, year)


def _with_volume(rows: pd.DataFrame, indicator: Indicator, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with their volume, and their components."""
    _numerator, denominator, scale = indicator.formula(year)
    rows = rows.assign(volume=denominator.compute(rows.reindex(columns=list(denominator.items))) / scale)
    return rows, components(rows, denominator)


def _amounts(table: pd.DataFrame) -> pd.DataFrame:
    gap = table["value"] - table["target_value"]
    return table.assign(gap=gap, amount_czk=gap * table["volume"])


def _with_parts(table: pd.DataFrame, own: pd.DataFrame, goal: pd.DataFrame, indicator: Indicator,
                year: int) -> pd.DataFrame:
    """The positive reserves of the table with their parts, and why something of them is missing."""
    whole = "cost_total" in indicator.formula(year)[0].items
    table[[*PARTS, OF_STAFFING]] = decompose(table, own, goal) if whole else np.nan
    table = table[(table["amount_czk"] > 0) & table["position"].isin(_JUDGED)]
    codes = pd.DataFrame({
        "no_interval": table["low"].isna(), "not_whole_cost": not whole,
        "no_parts": table["price_part"].isna() & whole}, index=table.index)
    said = [", ".join(codes.columns[list(row)]) for row in codes.to_numpy()]
    return table.assign(reason=said)


def _medians(rows: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The medians of the components over all members of each row's set, also those that stand beside another set."""
    own = own.loc[rows.index]
    rules = [rule for rule in rows["peer_set"].unique() if rule in rows]
    medians = pd.concat([own.groupby(rows[rule]).median() for rule in rules]) if rules else own.iloc[:0]
    return medians.reindex(rows["peers"]).set_axis(rows.index)


def _of_peers(rows: pd.DataFrame, own: pd.DataFrame, peers: pd.DataFrame | None, chosen: pd.DataFrame) -> pd.DataFrame:
    """The medians of the components over the nearest peers of each chosen row; rows are those of all services."""
    if peers is None:
        return pd.DataFrame(np.nan, index=chosen.index, columns=own.columns)
    known = own.loc[rows.index].assign(peer_id=rows["unit_id"], peer_form=rows["form"])
    beside = peers[["unit_id", "form", "peer_id", "peer_form"]].merge(known, on=["peer_id", "peer_form"])
    medians = beside.groupby(["unit_id", "form"])[list(own.columns)].median()
    return medians.reindex(pd.MultiIndex.from_frame(chosen[["unit_id", "form"]])).set_axis(chosen.index)


def target_label(code: str) -> str:
    """A target in the words of the language spoken."""
    return {"median": _("the median"), "best_quartile": _("the better quartile"),
            "nearest": _("the median of the nearest peers"), FRONTIER: _("the frontier")}[code]


def reserve_reason(code: str) -> str:
    """Why something of a reserve is missing, in the words of the language spoken."""
    return {"no_interval": _("how sure it is cannot be said"), "no_parts": _("the cost cannot be divided"),
            "not_whole_cost": _("the indicator is not of the whole cost")}[code]
