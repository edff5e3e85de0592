"""The two runs that are compared: what a name on the command line means, and their tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from kpsslib.language import LANGUAGES, _, speak
from kpsslib.methodology import Methodology, load
from kpsslib.methodology.models import ROUNDS
from kpsslib.tables import TABLES
from kpsslib.workspace import ALL, Run, RunError, open_run, project_root

RUNS, OUTPUTS = "parameters/runs", "outputs"


@dataclass(frozen=True)
class Side:
    """One of the two runs: its folder, the year and round it was made for, and what names its codes."""

    label: str
    folder: Path
    year: int
    round: str
    region: str
    language: str
    methodology: Methodology

    @property
    def groups(self) -> list[str]:
        """The working groups that have tables."""
        return sorted(path.name for path in (self.folder / "tables").iterdir() if path.is_dir() and path.name != ALL)

    def file(self, table: str, group: str) -> Path:
        """Where a table of a group lies."""
        return self.folder / "tables" / group / f"{table}.parquet"

    def has(self, table: str, group: str) -> bool:
        """Whether the run has a table of a group."""
        return self.file(table, group).is_file()

    def read(self, table: str, group: str, columns: Sequence[str] = (), filters: list | None = None) -> pd.DataFrame:
        """Columns of a table (all its fixed ones); one that an older run did not have is empty.

        filters: rows to read, as in `pandas.read_parquet`. Raises RunError where the file is damaged.
        """
        wanted = list(columns or TABLES[table])
        rows = _read(self.file(table, group), wanted, filters)
        empty = {c: "" if TABLES[table][c] == "str" else float("nan") for c in wanted if c not in rows}
        return rows.assign(**empty)[wanted]

    @cached_property
    def hashes(self) -> dict[tuple[str, str], str]:
        """SHA-256 of every table, by table and group."""
        return {(path.stem, path.parent.name): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(self.folder.glob("tables/*/*.parquet"))}


def _read(path: Path, columns: Sequence[str], filters: list | None = None) -> pd.DataFrame:
    """Those of the columns that a table has; raises RunError where the file is damaged."""
    import pyarrow as pa
    from pyarrow.parquet import read_schema

    try:
        there = set(read_schema(path).names)
        return pd.read_parquet(path, columns=[c for c in columns if c in there], filters=filters)
    except (pa.ArrowException, OSError):
        text = _("{file}: the table cannot be read; run the batch of this run again", file=path)
        raise RunError([text]) from None


def open_sides(before: str, after: str, language: str | None) -> tuple[Side, Side]:
    """Both runs, each named by a run file, by the name of a run or by a folder of outputs; sets the language.

    The language is that of the later run where none is given. Raises RunError with a sentence for each that is not
    there or has no tables, and where both are one folder.
    """
    sides, problems = [], []
    for named in (before, after):
        try:
            sides.append(_open(named))
        except RunError as error:
            problems += error.problems
    speak(language or (sides[-1].language if sides else "cs"))
    if problems:
        raise RunError(problems)
    first, second = sides
    if first.folder.resolve() == second.folder.resolve():
        raise RunError([_("{before} and {after} are one folder, {folder}; name two, such as a copy of it made before",
                          before=before, after=after, folder=first.folder)])
    if first.label == second.label:
        first, second = (replace(side, label=f"{side.folder.resolve().parent.name}_{side.label}") for side in sides)
    if first.label == second.label:
        first, second = (replace(side, label=f"{side.label}_{n}") for n, side in enumerate((first, second), 1))
    return first, second


def _open(named: str) -> Side:
    run_file = project_root() / RUNS / f"{named}.yaml"
    folder = next((path for path in (Path(named), project_root() / named, project_root() / OUTPUTS / named)
                   if (path / "tables").is_dir()), None)
    if Path(named).suffix in (".yaml", ".yml"):
        return _of_run(open_run(named))
    if run_file.is_file():
        return _of_run(open_run(str(run_file)))
    if folder:
        return _of_folder(folder)
    there = sorted({*(p.stem for p in run_file.parent.glob("*.yaml")),
                    *(p.parent.name for p in (project_root() / OUTPUTS).glob("*/tables"))})
    raise RunError([_("{named}: no run file, run or folder of outputs; there are: {there}", named=named,
                      there=", ".join(there) or "–")])


def _of_run(run: Run) -> Side:
    if not (run.folder / "tables").is_dir():
        raise RunError([_("run {name} has no tables in {folder}; run kpss batch with its run file first",
                          name=run.name, folder=run.folder)])
    return Side(run.name, run.folder, run.year, run.round, run.region, run.language, run.methodology)


def _of_folder(folder: Path) -> Side:
    """A folder of outputs, also a copy: what it was made for stands in its summary, else in its indicators."""
    try:
        told = json.loads((folder / "summary.json").read_text("utf-8"))["imprint"]
    except (OSError, ValueError, KeyError, TypeError):
        told = {}
    year, vintage = told.get("year"), told.get("round")
    if not isinstance(year, int) or vintage not in ROUNDS:
        year, vintage = _newest(folder)
    language = told.get("language")
    return Side(folder.resolve().name, folder, year, vintage, str(told.get("region", "")),
                language if language in LANGUAGES else "cs", _methodology(told.get("run_file")))


def _newest(folder: Path) -> tuple[int, str]:
    """The newest year of the indicators of a run, and its latest round."""
    files = sorted(folder.glob("tables/*/indicators.parquet"))
    known = pd.concat([pd.DataFrame({"year": [], "round": []}),
                       *(_read(file, ["year", "round"]).drop_duplicates() for file in files)])
    if known.empty:
        raise RunError([_("{folder}: no summary.json and no indicators; it cannot be told which year and round it is",
                          folder=folder)])
    year = known["year"].max()
    return int(year), max(known.loc[known["year"] == year, "round"], key=ROUNDS.index)


def _methodology(run_file: str | None) -> Methodology:
    """The methodology of a run file that is still there, else the project's: it names the codes."""
    if run_file and (project_root() / run_file).is_file():
        return open_run(run_file).methodology
    return load(project_root() / "parameters" / "methodology")
