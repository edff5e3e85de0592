"""What a group's returns came to, read from the tables its first page saved."""

from __future__ import annotations

import pandas as pd

from kpsslib.publishing.results import GroupResult, PageResult, Quarantined
from kpsslib.workspace import Run, RunError


def count_group(run: Run, group: str, name: str, pages: list[PageResult]) -> GroupResult:
    """The pages of a group with its n of N returns and its problems of the run's year and round."""
    completeness, problems = _table(run, "completeness", group), _table(run, "problems", group)
    if completeness is None or problems is None:
        return GroupResult(group, name, pages)
    now = _this_round(completeness, run)
    severity = _this_round(problems, run)["severity"].value_counts()
    return GroupResult(
        group,
        name,
        pages,
        int(now["n_reported"].sum()),
        int(now["n_expected"].sum()),
        *(int(severity.get(s, 0)) for s in ("error", "warning", "question")),
    )


def quarantined(run: Run, groups: list[str]) -> list[Quarantined]:
    """The files that were not taken in, each once."""
    found = [table for group in groups if (table := _table(run, "originals", group)) is not None]
    if not found:
        return []
    originals = pd.concat(found)
    bad = originals[originals["state"] == "quarantined"].drop_duplicates("file").sort_values("file")
    return [Quarantined(file, reason) for file, reason in zip(bad["file"], bad["reason"].fillna(""), strict=True)]


def _this_round(table: pd.DataFrame, run: Run) -> pd.DataFrame:
    return table[(table["year"] == run.year) & (table["round"] == run.round)]


def _table(run: Run, name: str, group: str) -> pd.DataFrame | None:
    try:
        return run.read(name, group)
    except RunError:
        return None
