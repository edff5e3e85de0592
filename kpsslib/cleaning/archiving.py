"""This year's figures as next year's archive: the wide text file that `archive` reads."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from kpsslib.intake.records import IDENTITY
from kpsslib.language import _
from kpsslib.methodology.models import ROUNDS
from kpsslib.workspace import ALL, Run, RunError

_KEYS = ["service_id", "form"]
_BEFORE_FORM = ("provider_id", "provider_name", "service_name", "service_type")
COLUMNS = ("service_id", *_BEFORE_FORM, "form", *(key for key in IDENTITY if key not in _BEFORE_FORM))
# What is written for a fact without a plain number; the reader of the archive gives each word its status back.
WORDS = {"not_applicable": "netýká se", "confidential": "důvěrné", "confirmed_zero": "skutečná nula"}


def write_archive(run: Run, folder: str | None = None) -> Path:
    """Write the figures of the run's year, the newest round of it, as `<year>_<round>.csv`; returns its path.

    One row a service and form that reported in that round, of all groups: the identity of the table services, then a
    column an item that the round asks for. A converted figure becomes a plain number, a missing or doubted one an
    empty cell. UTF-8, commas, decimal points.

    Args:
        run: a finished run; its tables facts and services are read.
        folder: where to write, relative to the project where it is not absolute; None for the run's own archive.

    Raises RunError where no folder is known, the tables or figures are not there, or the file exists already: an
    archive is never overwritten.
    """
    folder = folder or run.archive
    if not folder:
        raise RunError([_("the run {run} has no folder of the archive: set archive in the run file, or give --folder",
                          run=run.name)])
    facts, newest = _newest(run)
    path = run.path(folder) / f"{run.year}_{newest}.csv"
    if path.exists():
        raise RunError([_("{file}: the file exists already and is not overwritten; move it away, or give another "
                          "--folder", file=path)])
    table = _wide(facts, run.read("services", ALL), newest, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    try:
        table.to_csv(aside, index=False, lineterminator="\n", encoding="utf-8")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _newest(run: Run) -> tuple[pd.DataFrame, str]:
    """The reported facts of the run's year in the last round that has any, and that round."""
    facts = run.read("facts", ALL)
    reported = [code for code, item in run.methodology.items.items() if item.source == "return"]
    facts = facts[(facts["year"] == run.year) & facts["item"].isin(reported)]
    if not len(facts):
        raise RunError([_("the tables of the run {run} have no figures of the year {year}", run=run.name,
                          year=run.year)])
    newest = max(facts["round"].unique(), key=ROUNDS.index)
    return facts[facts["round"] == newest], newest


def _wide(facts: pd.DataFrame, services: pd.DataFrame, round: str, run: Run) -> pd.DataFrame:
    """A row a service and form, a column of texts each: who it is, then its figures."""
    items = [i.code for i in run.methodology.items.values() if i.source == "return" and round in i.rounds]
    figures = facts.assign(text=_texts(facts)).pivot(index=_KEYS, columns="item", values="text")
    figures = figures.reindex(columns=items).astype("object")
    who = services.drop_duplicates(_KEYS)[list(COLUMNS)]
    return who.merge(figures.reset_index(), on=_KEYS, how="right")[[*COLUMNS, *items]].fillna("")


def _texts(facts: pd.DataFrame) -> np.ndarray:
    """Each fact as its cell: the shortest number that reads back the same, a word, or nothing."""
    known, which = np.unique(facts["value"].to_numpy(float), return_inverse=True)
    numbers = np.array(["" if np.isnan(n) else np.format_float_positional(n, trim="-") for n in known], dtype=object)
    words = facts["status"].map(WORDS).astype("object")
    return np.where(words.isna(), numbers[which], words)
