"""What a group's returns came to, read from the tables its first page saved."""

from __future__ import annotations

import pandas as pd

from kpsslib.cleaning.completeness import valid_in
from kpsslib.publishing.results import GroupResult, PageResult, Quarantined
from kpsslib.workspace import TABLES, Run, RunError


def count_group(run: Run, group: str, name: str, pages: list[PageResult]) -> GroupResult:
    """The pages of a group with n of N services that sent figures, and the problems of the run's year and round.

    N are the services that ran in the year; those that reported but are not among them count on both sides. A
    problem of a file whose year nobody knows counts too.
    """
    tables = [_table(run, table, group) for table in ("services", "facts", "problems")]
    if any(table is None for table in tables):
        return GroupResult(group, name, pages)
    services, facts, problems = tables
    dates = services[["valid_from", "valid_to"]].fillna("")
    expected = set(services.loc[valid_in(dates, run.year), "service_id"])
    now = (facts["year"] == run.year) & (facts["round"] == run.round) & facts["value"].notna() & (facts["cell"] != "")
    reported = set(facts.loc[now, "service_id"])
    ours = problems["year"].isna() | ((problems["year"] == run.year) & problems["round"].isin([run.round, ""]))
    severity = problems.loc[ours, "severity"].value_counts()
    counts = (int(severity.get(kind, 0)) for kind in ("error", "warning", "question"))
    return GroupResult(group, name, pages, len(reported), len(expected | reported), *counts)


def quarantined(run: Run) -> list[Quarantined]:
    """The files of the run that were not taken in, each once, with the advice of the problem noted of them."""
    originals, problems = _of_groups(run, "originals"), _of_groups(run, "problems")
    bad = originals[originals["state"] == "quarantined"].drop_duplicates("file").sort_values("file")
    advice = problems.drop_duplicates("file").set_index("file")["advice"].reindex(bad["file"]).fillna("")
    return [Quarantined(*row) for row in zip(bad["file"], bad["reason"].fillna(""), advice, strict=True)]


def _of_groups(run: Run, name: str) -> pd.DataFrame:
    """A table of all groups together; empty where none has it."""
    found = [table for group in run.groups if (table := _table(run, name, group)) is not None]
    return pd.concat(found) if found else pd.DataFrame(columns=list(TABLES[name]))


def _table(run: Run, name: str, group: str) -> pd.DataFrame | None:
    try:
        return run.read(name, group)
    except RunError:
        return None
