"""Every comparable set beside its frontier: what its best services, or mixes of them, need for the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier import Frontier, Likeness, all_most_like, bootstrap, efficiency, reason_text, said
from kpsslib.comparison.peers import BASE, members
from kpsslib.indicators import latest_round
from kpsslib.indicators.items import widen
from kpsslib.language import _, number
from kpsslib.methodology import Formula, Methodology
from kpsslib.methodology.frontiers import FrontierRule
from kpsslib.workspace import TABLES, conform

REPLICATES, LEAST_REPLICATES, PROGRAMS = 500, 200, 50_000
SEED = 1998
_UNIT = ["service_id", "form"]
_OWN_REASONS = ["missing", "negative", "no_inputs", "no_outputs"]
_EMPTY = {"frontier": "", "needed": 0, "ratio": np.nan, "score": np.nan, "corrected": np.nan, "low": np.nan,
          "high": np.nan, "efficient": False, "peer_id": "", "alone": False, "mix": "", "less": "", "more": "",
          "volumes": "", "interval_reason": ""}


class _Interval(NamedTuple):
    """Scores with their bias taken off and their interval, by unit; why there is none, by unit."""

    scores: pd.DataFrame
    reason: pd.Series


def frontiers(facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *, year: int,
              round: str = "actual", seed: int = SEED) -> pd.DataFrame:
    """The frontier of each comparable set (type, form, capacity unit) in a year, by the inputs and outputs of
    `frontier.toml`; input oriented, variable returns to scale.

    Args:
        facts: table `facts`.
        services: table `services`.
        methodology: what goes in and comes out of each type.
        year: the year.
        round: its round; a final one that has come supersedes an actual one.
        seed: of the random numbers of the bootstrap.

    Returns: table `frontier`, a row a service and form with a return of the year. score: share of its posts and costs
    with which the frontier does the same; ratio: the plain ratio of outputs to inputs beside the best one, which is to
    be shown with the score always, and with few services orders them better. corrected, low, high: without the bias of
    small sets, and its 95 % interval (Simar, Wilson 1998); NaN with an interval_reason. needed: how many services the
    set would need, n how many it has. peer_id, alone, mix, less, more: what `frontier_sentence` says. reason: why
    there is no score, a code of `frontier_reason`. volumes: the items that are the outputs.
    """
    table = latest_round(widen(facts, services, methodology).rename(columns={"service_id": "unit_id"}), year, round)
    table = table[table["year"] == year].rename(columns={"unit_id": "service_id"})
    if table.empty:
        return conform("frontier", pd.DataFrame(columns=list(TABLES["frontier"])))
    keys = members(services, methodology).rename(columns={"unit_id": "service_id"})[[*_UNIT, BASE]]
    table = table.merge(keys, on=_UNIT).sort_values(_UNIT)
    parts = [_of_set(rows, methodology.frontier_of(*key[:2]), seed)
             for key, rows in table.groupby(["service_type", "form", BASE])]
    return conform("frontier", pd.concat(parts, ignore_index=True).sort_values(["service_type", *_UNIT]))


def _of_set(rows: pd.DataFrame, rule: FrontierRule | None, seed: int) -> pd.DataFrame:
    """The rows of table `frontier` of one set."""
    table = rows[[*_UNIT, "year", "service_type"]].set_index("service_id", drop=False).assign(n=len(rows), **_EMPTY)
    if rule is None:
        return table.assign(reason="not_agreed")
    found = _measured(rows.set_index("service_id"), rule)
    units = found.units.reindex(table.index)
    known = _interval(found, seed)
    return table.assign(
        frontier=rule.code, n=int((~units["reason"].isin(_OWN_REASONS)).sum()), needed=found.needed,
        ratio=units["ratio"], score=units["score"], efficient=units["efficient"].astype(bool),
        reason=units["reason"], volumes=", ".join(rule.volumes),
        interval_reason=known.reason.reindex(table.index), **known.scores.reindex(table.index),
        **_likeness(found, table.index))


def _measured(rows: pd.DataFrame, rule: FrontierRule) -> Frontier:
    """The frontier of the rows by their inputs and outputs."""
    sides = [pd.DataFrame({code: Formula(rule.formula(code)).compute(rows) for code in codes}, index=rows.index)
             for codes in (rule.inputs, rule.outputs)]
    inputs, outputs = (side.where(np.isfinite(side)) for side in sides)
    return efficiency(inputs, outputs)


def _interval(found: Frontier, seed: int) -> _Interval:
    names = ["corrected", "low", "high"]
    scored = int(found.units["score"].notna().sum())
    replicates = min(REPLICATES, PROGRAMS // max(scored, 1))
    if not scored or replicates < LEAST_REPLICATES:
        reason = found.units["reason"].where(found.units["score"].isna(), "too_many")
        return _Interval(pd.DataFrame(np.nan, found.units.index, names), reason)
    order = np.lexsort(np.hstack([found.inputs, found.outputs]).T)  # what is drawn for whom is no matter of ids
    drawn = bootstrap(found.inputs.iloc[order], found.outputs.iloc[order], replicates=replicates, seed=seed)
    return _Interval(drawn[names], drawn["reason"])


def _likeness(found: Frontier, index: pd.Index) -> dict[str, pd.Series]:
    """What stands in the columns peer_id, alone, mix, less and more: texts of JSON where they hold amounts."""
    like = all_most_like(found, index)
    return {
        "peer_id": pd.Series({unit: one.peer if one else "" for unit, one in like.items()}, dtype="str"),
        "alone": pd.Series({unit: bool(one and one.alone) for unit, one in like.items()}, dtype=bool),
        **{name: pd.Series({unit: json.dumps(getattr(one, source)) if one else "" for unit, one in like.items()},
                           dtype="str")
           for name, source in (("mix", "peers"), ("less", "less"), ("more", "more"))}}


def frontier_sentence(row: Mapping[str, object], names: Mapping[str, str], methodology: Methodology) -> str:
    """What the frontier says of a service, such as "The frontier service most like you is Domov Háj: it does at least
    the same with 1.6 fewer full-time posts."; the reason where it says nothing.

    Args:
        row: of table `frontier`.
        names: what each service is called, by service_id.
        methodology: names and units of inputs and outputs.
    """
    name = names[row["service_id"]]
    if row["reason"]:
        return _("{name} is not measured: {reason}.", name=name, reason=frontier_reason(row["reason"], row["needed"]))
    found = None
    if row["peer_id"]:
        mix, less, more = (json.loads(row[column]) for column in ("mix", "less", "more"))
        found = Likeness(row["peer_id"], bool(row["alone"]), mix, less, more)
    return said(found, name, names, methodology.items | methodology.frontier[row["frontier"]].derived)


def frontier_reason(code: str, needed: int) -> str:
    """Why a service has no score or no interval, in the words of the language spoken."""
    own = {"not_agreed": _("what goes in and comes out of this type has not been agreed"),
           "too_many": _("the set is too large for an interval (over {n} services)",
                         n=number(PROGRAMS // LEAST_REPLICATES))}
    return own[code] if code in own else reason_text(code, needed)
