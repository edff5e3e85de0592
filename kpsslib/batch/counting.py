"""What a group's returns came to, counted from the tables that its first page saved."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from kpsslib.cleaning.completeness import valid_in
from kpsslib.publishing.results import Quarantined
from kpsslib.workspace import Run


class Counts(NamedTuple):
    """Returns of a group, problems of the run's year and round, and the files that were not taken in."""

    n_reported: int
    n_expected: int
    errors: int
    warnings: int
    questions: int
    quarantined: list[Quarantined]


def count(run: Run) -> Counts:
    """The returns of the run's group: n of N services that sent figures, problems, quarantined files.

    N are the services that ran in the year; those that reported but are not among them count on both sides. A
    problem of a file whose year nobody knows counts too. Raises RunError where a table is not there.
    """
    services, facts, problems, originals = map(run.read, ["services", "facts", "problems", "originals"])
    dates = services[["valid_from", "valid_to"]].fillna("")
    expected = set(services.loc[valid_in(dates, run.year), "service_id"])
    now = (facts["year"] == run.year) & (facts["round"] == run.round) & facts["value"].notna() & (facts["cell"] != "")
    reported = set(facts.loc[now, "service_id"])
    ours = problems["year"].isna() | ((problems["year"] == run.year) & problems["round"].isin([run.round, ""]))
    severity = problems.loc[ours, "severity"].value_counts()
    errors, warnings, questions = (int(severity.get(kind, 0)) for kind in ("error", "warning", "question"))
    return Counts(len(reported), len(expected | reported), errors, warnings, questions,
                  _quarantined(originals, problems))


def _quarantined(originals: pd.DataFrame, problems: pd.DataFrame) -> list[Quarantined]:
    """The files that were not taken in, each once, with the advice of the problem noted of them."""
    bad = originals[originals["state"] == "quarantined"].drop_duplicates("file").sort_values("file")
    advice = problems.drop_duplicates("file").set_index("file")["advice"].reindex(bad["file"]).fillna("")
    return [Quarantined(*row) for row in zip(bad["file"], bad["reason"].fillna(""), advice, strict=True)]
