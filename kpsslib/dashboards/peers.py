"""The comparable set that a choice shows: its services of the year, and its statistics over the years."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from kpsslib.comparison.peers import chain, nearest_code
from kpsslib.dashboards.board import Board, GroupTables
from kpsslib.dashboards.choice import OWN, Choice

STATISTICS = ["n_reported", "n_expected", "weighted", "median", "q1", "q3"]
_JUDGED = ["low", "high", "shrunk", "rank_low", "rank_high", "percentile"]
# The row of a service that has none.
NOTHING = {**dict.fromkeys(["value", *_JUDGED, "median", "numerator", "denominator"], math.nan), "flag": None,
           "position": "missing", "trend": "too_short", "n_reported": 0, "n_expected": 0}


@dataclass(frozen=True)
class PeerSet:
    """A set of one indicator and year.

    `rule` is the peer rule; `members` the services in it; `rows` their rows, best first (highest first where there is
    no best), those without a value last; `of_set` what is known of the set as a whole; `years` its statistics by year;
    `own` the chosen service's rows by year.
    """

    rule: str | None
    members: list[str]
    rows: list[dict]
    of_set: dict
    years: pd.DataFrame
    own: pd.DataFrame

    @property
    def shown(self) -> list[dict]:
        """The rows that count and are drawn: a value to be checked first is not among them."""
        return [row for row in self.rows if math.isfinite(row["value"]) and row["flag"] == "ok"]

    def row(self, service: str) -> dict:
        """The row of a service, or one that says it has nothing."""
        return next((row for row in self.rows if row["unit_id"] == service), NOTHING)


def peer_set(board: Board, choice: Choice) -> PeerSet:
    """The set of the chosen service, or of its type where it has no row in this year."""
    tables = board.group(choice.group)
    compared = tables.compared(choice.indicator, choice.form)
    rule, key = _rule_and_key(board, compared, choice)
    near = nearest_code(board.methodology)
    members = _members(tables, rule, key, near)
    direction = board.methodology.indicators[choice.indicator].direction
    beside = compared[(compared["peer_set"] == rule) & (compared["peers"] == key)]
    if rule and rule == near:
        beside = compared[(compared["peer_set"] == rule) & (compared["unit_id"] == choice.service)]
    statistics = beside.drop_duplicates("year").set_index("year")
    own = compared[compared["unit_id"] == choice.service]
    order = {code: place for place, code in enumerate([rule, *chain(board.methodology)])}
    own = own.assign(order=own["peer_set"].map(order)).sort_values("order", kind="stable")
    own = own.drop_duplicates("year").set_index("year").sort_index()
    nothing = {**dict.fromkeys(STATISTICS, math.nan), "round": ""}
    return PeerSet(
        rule=rule,
        members=members,
        rows=_rows(members, compared[compared["year"] == choice.year], rule, key, direction),
        of_set=statistics.loc[choice.year].to_dict() if choice.year in statistics.index else nothing,
        years=statistics[STATISTICS],
        own=own[["value", "low", "high"]].where(own["flag"] == "ok"),
    )


def _rule_and_key(board: Board, compared: pd.DataFrame, choice: Choice) -> tuple[str | None, str]:
    """The rule chosen; else the first of the methodology whose set has a median, else the first at all."""
    asked = compared["peer_set"].isin(chain(board.methodology) if choice.peers == OWN else [choice.peers])
    now = compared[asked & (compared["year"] == choice.year) & (compared["service_type"] == choice.service_type)]
    mine = now[now["unit_id"] == choice.service]
    sets = mine if len(mine) else now
    if sets.empty:
        return None, ""
    order = sets["peer_set"].map({rule: place for place, rule in enumerate(board.methodology.peers)})
    best = sets.assign(without=sets["median"].isna(), order=order).sort_values(["without", "order"]).iloc[0]
    return best["peer_set"], best["peers"]


def _members(tables: GroupTables, rule: str | None, key: str, nearest: str) -> list[str]:
    """The services of a set; of the nearest the service itself and its peers."""
    if rule not in tables.sets:
        return []
    if rule != nearest:
        return tables.sets.loc[tables.sets[rule] == key, "unit_id"].tolist()
    unit, form = key.partition("/")[2].rsplit("/", 1)  # an id may hold a slash, a rule's or a form's code may not
    of_unit = tables.nearest[(tables.nearest["unit_id"] == unit) & (tables.nearest["form"] == form)]
    return [unit, *of_unit["peer_id"]]


def _rows(members: list[str], now: pd.DataFrame, rule: str | None, key: str, direction: str) -> list[dict]:
    """The members' rows; of a widened set also those of services that are judged in a set of their own type.

    What is known of the latter beside their own set does not hold in this one and is left out.
    """
    inside = now[now["unit_id"].isin(members)]
    apart = (inside["peers"] != key) | (inside["peer_set"] != rule)
    inside = inside.assign(apart=apart, position=inside["position"].mask(apart, "context"))
    inside[_JUDGED] = inside[_JUDGED].mask(apart)
    inside = inside.sort_values("apart", kind="stable").drop_duplicates("unit_id")
    flagged = inside["flag"] != "ok"
    ordered = inside.assign(flagged=flagged | inside["value"].isna()).sort_values(
        ["flagged", "value"], ascending=[True, direction == "lower"], kind="stable")
    return ordered.to_dict("records")
