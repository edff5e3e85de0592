"""Tables that someone else designed, taken into a run by a mapping: the same tables that its first page makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpsslib.cleaning import clean
from kpsslib.intake import read_mapped, take_in
from kpsslib.workspace import Run, open_run

RUNS = "parameters/runs"


class Imported(NamedTuple):
    """What was taken in: the run, the totals of each file (see `cleaning.Mapped`), all services and all problems."""

    run: Run
    run_file: str
    totals: pd.DataFrame
    services: pd.DataFrame
    problems: pd.DataFrame


def import_tables(mapping: str, sources: Sequence[str], name: str, language: str | None) -> Imported:
    """Read sources by a mapping into the tables of the run `parameters/runs/<name>.yaml`.

    The run file gives the methodology, the years and the groups; the mapping and the sources of the call take the
    place of its own. Raises RunError where the run file, the mapping or a source is wrong.
    """
    run_file = f"{RUNS}/{name}.yaml"
    imports = {"mapping": _absolute(mapping), "sources": [_absolute(source) for source in sources]}
    run = open_run(run_file, imports=imports, **({"language": language} if language else {}))
    mapped = read_mapped(imports["mapping"], imports["sources"], run.methodology)
    take_in(run)
    problems = []
    for group in run.groups:
        of_group = run.model_copy(update={"group": group})
        cleaned = clean(of_group)
        of_group.save(**{table: getattr(cleaned, table) for table in SAVED})
        problems.append(cleaned.problems)
    return Imported(run, run_file, mapped.totals, mapped.services, pd.concat(problems, ignore_index=True))


SAVED = ("services", "facts", "problems", "ignored", "originals", "completeness", "territory",
         "confirmations")


def _absolute(path: str) -> str:
    """A path of the call, which is relative to where the caller stands."""
    return str(Path(path).absolute())
