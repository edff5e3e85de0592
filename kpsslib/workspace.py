"""A run: its parameters, its folder and its tables.

A run file (`parameters/runs/*.yaml`) says what is read and what is asked; `open_run` checks it and the page's own
parameters into a `Run`. The tables of a run are Parquet files under `outputs/<name>/tables/<group>/`; their columns
are fixed in `kpsslib.tables`, so that functions take tables and not column names.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from kpsslib import watch
from kpsslib.language import LANGUAGES, _, speak
from kpsslib.methodology import Methodology, load
from kpsslib.methodology.findings import in_words
from kpsslib.methodology.models import ROUNDS
from kpsslib.publication import settle_if_free
from kpsslib.run_file import NotPlainError, TwiceError, read_run_file
from kpsslib.tables import TABLES, conform, write_table

ALL = "all"
Year = Annotated[int, Field(ge=1990, le=2100)]  # a slip such as 20255 is none
LONGEST = 10**6  # seconds; a timer of the system takes no more than some years
__all__ = ["ALL", "TABLES", "Import", "Run", "RunError", "StoppedError", "conform", "open_run", "project_root",
           "sentinel", "write_table"]


class RunError(ValueError):
    """The run file or a parameter is wrong, nothing was started; `problems` holds every reason, one sentence each."""

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class StoppedError(RunError):
    """A batch had to stop in the middle; what was finished stays."""

    exit_code = 1


class Import(BaseModel):
    """Tables that someone else designed: a mapping and the files it reads."""

    model_config = ConfigDict(extra="forbid", strict=True)
    mapping: str
    sources: list[str] = Field(min_length=1)


class Run(BaseModel):
    """Everything a page needs to know; paths are relative to the project's root.

    cell_seconds and memory_mb are what a cell and a page may take in a batch, batch_seconds what all of them may.
    """

    model_config = ConfigDict(extra="forbid", strict=True, ignored_types=(cached_property,))

    name: str = Field(pattern=r"^[\w-]+$")
    region: str = ""
    language: str = "cs"
    methodology_folder: str = "parameters/methodology"
    returns: str | None = None
    archive: str | None = None
    imports: Import | None = None
    register_file: str | None = None
    territory: str | None = None
    peers_file: str | None = None
    years: list[Year] = Field(min_length=1)
    year: Year
    round: str = "actual"
    groups: list[str] = Field(min_length=1)
    pages: list[str] = Field(min_length=1)
    region_pages: list[str] = []
    scenarios: list[str] = []
    allocation: dict[int, float] = {}
    cell_seconds: int = Field(default=600, gt=0, le=LONGEST)
    batch_seconds: int | None = Field(default=None, gt=0, le=LONGEST)
    memory_mb: int | None = Field(default=None, gt=0, le=10**8)
    group: str = ALL
    _places: dict[str, str] = PrivateAttr({})

    def place(self, key: str) -> str:
        """Where a key stands: the run file, its line, the key."""
        return self._places.get(key, key)

    @cached_property
    def methodology(self) -> Methodology:
        """The methodology of this run."""
        return load(self.path(self.methodology_folder))

    @property
    def folder(self) -> Path:
        """Where the run keeps what it makes."""
        return self.path("outputs") / self.name

    @staticmethod
    def path(relative: str) -> Path:
        """A path of the project as an absolute one."""
        return project_root() / relative

    def read(self, table: str, group: str | None = None) -> pd.DataFrame:
        """A table of the group (of all groups, one under another, where the group is "all").

        Raises RunError where the table is not there, also where one group of all lacks it: a region without a
        working group would look like a smaller region.
        """
        group = group or self.group
        files = {g: self._file(table, g) for g in (self.groups if group == ALL else [group])}
        missing = {g: path for g, path in files.items() if not path.exists()}
        if missing:
            raise RunError([_("table {table} of group {group} is not there; run the page that makes it first ({file})",
                              table=table, group=", ".join(missing), file=next(iter(missing.values())))])
        return pd.concat([_read_table(path, f"table:{g}/{table}") for g, path in files.items()], ignore_index=True)

    def save(self, **tables: pd.DataFrame) -> None:
        """Write tables of this page's group whole: a reader sees the old or the new file, never a part."""
        for name, table in tables.items():
            path = self._aside(name, self.group) or self._file(name, self.group)
            write_table(conform(name, table), path)

    def finish(self, page: str) -> None:
        """The sentinel in a page's last cell that tells the runner the page came to its end."""
        watch.write()
        print(sentinel(page, self.group))

    def _file(self, table: str, group: str) -> Path:
        """Where a table is: what this very page has saved aside comes first."""
        own = self._aside(table, group)
        return own if own and own.exists() else self.folder / "tables" / group / f"{table}.parquet"

    @staticmethod
    def _aside(table: str, group: str) -> Path | None:
        """Where a table is written while a batch runs the page."""
        folder = watch.aside()
        return folder and folder / watch.FILES / "tables" / group / f"{table}.parquet"


def _read_table(path: Path, name: str) -> pd.DataFrame:
    """A table; while a batch runs the page, noted with the hash of the very bytes that are read."""
    if watch.aside() is None:
        return pd.read_parquet(path)
    data = path.read_bytes()
    if not path.is_relative_to(watch.aside()):
        watch.note(name, hashlib.sha256(data).hexdigest())
    return pd.read_parquet(io.BytesIO(data))


def sentinel(page: str, group: str) -> str:
    """What a page prints last."""
    return f"kpss: {page} {group} finished"


def project_root() -> Path:
    """The nearest folder upwards that has `parameters/methodology`, from the working folder or this package."""
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            if (folder / "parameters" / "methodology").is_dir():
                return folder
    raise RunError([_("no project here: no folder with parameters/methodology above {folder}", folder=Path.cwd())])


def open_run(run_file: str, **parameters: object) -> Run:
    """Read a run file, lay the page's parameters over it, check everything and set the language.

    Raises RunError with every problem: an unknown or ill-typed key, a group, year or page that does not exist.
    """
    path = Path(run_file) if Path(run_file).is_absolute() else project_root() / run_file
    try:
        data, lines = read_run_file(path)
    except (FileNotFoundError, IsADirectoryError):
        there = ", ".join(sorted(file.name for file in path.parent.glob("*.yaml"))) or "–"
        text = _("{file}: the run file does not exist; there are: {there}", file=run_file, there=there)
        raise RunError([text]) from None
    except TwiceError as error:
        text = _("key {key} stands twice; leave one of them", key=error.key)
        raise RunError([f"{run_file}{_place(error)}: {text}"]) from None
    except NotPlainError as error:
        text = _("tags (!) and aliases (*) are not read here; write the value itself")
        raise RunError([f"{run_file}{_place(error)}: {text}"]) from None
    except OSError as error:
        raise RunError([_("{file}: cannot be read: {error}", file=run_file, error=error.strerror)]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        wrong = _("not valid YAML; check brackets, quotes and indentation")
        raise RunError([f"{run_file}{_place(error)}: {wrong}"]) from None
    if not isinstance(data, dict):
        raise RunError([_("{file}: expected keys and values such as {example}, found {found}", file=run_file,
                          example="year: 2025", found=_("nothing") if data is None else repr(data)[:60])])
    try:
        run = Run.model_validate({**data, **parameters})
    except ValidationError as error:
        raise RunError([f"{run_file}{_line(lines, str(found['loc'][0]))}: {in_words(found, Run)}"
                        for found in error.errors()]) from None
    problems = [f"{run_file}{_line(lines, key)}: {problem}" for key, problem in _contradictions(run)]
    if problems:
        raise RunError(problems)
    run._places = {key: f"{run_file}{_line(lines, key)}: {key}" for key in lines}
    speak(run.language)
    settle_if_free(run.folder)
    watch.start(project_root(), run.folder, {"key": Run, "methodology": Methodology})
    return run


def _place(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else _(", line {line}, column {column}", line=mark.line + 1, column=mark.column + 1)


def _line(lines: dict[str, int], key: str) -> str:
    return _(", line {line}", line=lines[key]) if key in lines else ""


def _contradictions(run: Run) -> list[tuple[str, str]]:
    """Values that are well-typed but do not exist, with the key that holds them."""
    scenarios = sorted({file.stem for file in run.path("parameters/scenarios").glob("*.toml")} - {"drivers"})
    checks = [("language", {run.language}, LANGUAGES), ("year", {run.year}, run.years), ("round", {run.round}, ROUNDS),
              ("groups", {*run.groups}, run.methodology.working_groups),
              ("group", {run.group}, [*run.methodology.working_groups, ALL]),
              ("scenarios", {*run.scenarios}, scenarios)]
    return [
        (key, _("key {key}: found {found}, expected one of {expected}", key=key, found=repr(found),
                expected=", ".join(map(str, known))))
        for key, values, known in checks for found in sorted(values) if found not in known
    ] + [
        (key, _("key {key}: {found} stands twice; leave one of them", key=key, found=repr(found)))
        for key in ("years", "groups", "pages", "region_pages", "scenarios")
        for found, n in Counter(getattr(run, key)).items() if n > 1
    ]

