"""Judges checked returns by the rules: each working group once, beside last year and the peers of a run."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd

from kpsslib.cleaning.cleaned import clean_group
from kpsslib.cleaning.rules import thresholds_of
from kpsslib.intake.collecting import Collection
from kpsslib.intake.records import Taken
from kpsslib.intake.store import Intake, load
from kpsslib.intake.taking_in import load_intake
from kpsslib.methodology.thresholds import Thresholds
from kpsslib.workspace import Run

KEY = ("service_id", "year", "round")
_SHARED = ("register", "territory", "originals")  # tables of the whole run in an intake


def key_of(one: Taken) -> tuple[str, str, str]:
    """Service, year and round of a return."""
    return tuple(one.read.identity[key] for key in KEY)


def judge(run: Run, taken: list[Taken], beside_run: bool) -> pd.DataFrame:
    """The problems of checked returns, with the columns of the table problems; `file` is the name in `taken`.

    Returns of one service, year and round are versions of one: each is judged in the place of the others. All first
    versions are judged together, then all second ones.

    Args:
        run: whose methodology, thresholds and years hold.
        taken: returns that could be placed, with names of their own.
        beside_run: whether what the run has read is looked at: the year before, and the peers.
    """
    limits = thresholds_of(run)
    groups: dict[str, dict[tuple, list[Taken]]] = defaultdict(lambda: defaultdict(list))
    for one in taken:
        groups[run.methodology.group_of[one.read.identity["service_type"]]][key_of(one)].append(one)
    told = [pd.DataFrame(columns=["file"])]
    for group, versions in groups.items():
        context = load_intake(run, group) if beside_run else None
        for turn in range(max(map(len, versions.values()))):
            judged = [several[min(turn, len(several) - 1)] for several in versions.values()]
            names = {several[turn].name for several in versions.values() if len(several) > turn}
            problems = _judged(run, judged, context, group, limits)
            told.append(problems[problems["file"].isin(names)])
    return pd.concat(told[1:] or told, ignore_index=True)


def _judged(run: Run, taken: list[Taken], context: Intake | None, group: str, limits: Thresholds) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        register = pd.DataFrame() if context is None else context.register
        collection = Collection(run, Path(folder), register)
        for one in taken:
            collection.add(one)
        collection.finish(None)
        own = load(Path(folder), group)
    return clean_group(run, own if context is None else beside(own, context), group, limits).problems


def beside(own: Intake, context: Intake) -> Intake:
    """Checked returns in the place of what the run has read of the same service, year and round."""
    key = list(KEY)
    mine = pd.MultiIndex.from_frame(own.returns[key].astype("str"))
    kept = context.returns[~pd.MultiIndex.from_frame(context.returns[key].astype("str")).isin(mine)]
    facts = context.facts[context.facts["return_no"].isin(kept["return_no"])]
    shift = int(context.returns["return_no"].max()) + 1 if len(context.returns) else 0
    moved = {name: getattr(own, name).assign(return_no=getattr(own, name)["return_no"] + shift)
             for name in ("returns", "facts")}
    tables = {}
    for name in Intake._fields:
        theirs = {"returns": kept, "facts": facts}.get(name, getattr(context, name))
        ours = moved.get(name, getattr(own, name))
        tables[name] = theirs if name in _SHARED else pd.concat([_plain(theirs), _plain(ours)], ignore_index=True)
    return Intake(**tables)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Categories as texts: two intakes have different ones."""
    return table.astype({c: "str" for c in table if isinstance(table[c].dtype, pd.CategoricalDtype)})
