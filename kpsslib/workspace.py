"""A run: its parameters, its folder and its tables.

A run file (`parameters/runs/*.yaml`) says what is read and what is asked; `open_run` checks it and the page's own
parameters into a `Run`. The tables of a run are Parquet files under `outputs/<name>/tables/<group>/`; their columns
are fixed here, so that functions take tables and not column names.
"""

from __future__ import annotations

import os
import tempfile
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kpsslib.language import LANGUAGES, _, speak
from kpsslib.methodology import Methodology, load
from kpsslib.methodology.findings import in_words
from kpsslib.methodology.models import ROUNDS

ALL = "all"

# Text columns are Arrow strings or categories of them, so that an identifier keeps its leading zeros.
TABLES: dict[str, dict[str, str]] = {
    "services": dict(
        service_id="str", form="str", provider_id="str", provider_name="str", service_name="str", service_type="str",
        group="str", capacity_unit="str", capacity="float", municipality_code="str", municipality="str",
        orp_code="str", orp_name="str", region_code="str", valid_from="str", valid_to="str", network_tier="str",
        entrusted_from="str", entrusted_to="str",
    ),
    "facts": dict(service_id="str", form="str", year="int", round="str", item="str", value="float", status="str",
                  file="str", sheet="str", cell="str", received_at="str"),
    "problems": dict(
        file="str", sheet="str", cell="str", rule="str", severity="str", service_id="str", form="str", item="str",
        year="int", round="str", found="str", expected="str", advice="str", value="str", cause="str",
    ),
    "confirmations": dict(file="str", sheet="str", cell="str", service_id="str", form="str", year="int", round="str",
                          rule="str", item="str", value="str", answer="str", who="str", day="str", state="str"),
    "ignored": dict(file="str", sheet="str", cell="str", content="str", reason="str"),
    "originals": dict(file="str", sha256="str", size="int", state="str", reason="str", service_id="str",
                      group="str", year="int", round="str", received_at="str"),
    "completeness": dict(group="str", service_type="str", form="str", year="int", round="str", n_reported="int",
                         n_expected="int", items_filled="int", items_required="int"),
    "territory": dict(orp_code="str", orp_name="str", region_code="str", year="int", item="str", value="float",
                      source="str"),
    "indicators": dict(
        indicator="str", unit_id="str", form="str", year="int", round="str", numerator="float", denominator="float",
        value="float", low="float", high="float", flag="str",
    ),
    "comparison": dict(
        indicator="str", unit_id="str", form="str", year="int", round="str", peer_set="str", peers="str",
        value="float", low="float", high="float", n_reported="int", n_expected="int", weighted="float",
        median="float", q1="float", q3="float", percentile="float", rank_low="float", rank_high="float",
        position="str", trend="str", flag="str",
    ),
    "good_practice": dict(service_id="str", form="str", year="int", service_type="str", dimensions="str",
                          years_held="int", blocked_by="str", candidate="bool"),
    "reserves": dict(
        indicator="str", service_id="str", form="str", year="int", target="str", target_value="float", value="float",
        volume="float", gap="float", amount_czk="float", low="float", high="float", price_part="float",
        staffing_part="float", occupancy_part="float", overhead_part="float",
    ),
    "forecast": dict(
        service_id="str", service_type="str", form="str", item="str", year="int", scenario="str", low="float",
        mid="float", high="float", method="str", backtest_mase="float",
    ),
    "accuracy": dict(service_type="str", form="str", item="str", method="str", mase="float", mape="float",
                     n_forecasts="int", chosen="bool"),
    "outlook": dict(level="str", unit_id="str", scenario="str", year="int", item="str", low="float", mid="float",
                    high="float"),
    "gap": dict(level="str", unit_id="str", scenario="str", year="int", cost="float", other_revenue="float",
                need="float", allocation="float", gap="float", low="float", high="float"),
    "cliffs": dict(service_id="str", service_type="str", form="str", last_year="int", year="int", amount="float",
                   share="float"),
}
_DTYPES = {"str": "str", "int": "Int64", "float": "float64", "bool": "bool"}


class RunError(ValueError):
    """The run file or a parameter is wrong; `problems` holds every reason, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Import(BaseModel):
    """Tables that someone else designed: a mapping and the files it reads."""

    model_config = ConfigDict(extra="forbid", strict=True)
    mapping: str
    sources: list[str] = Field(min_length=1)


class Run(BaseModel):
    """Everything a page needs to know; paths are relative to the project's root."""

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
    years: list[int] = Field(min_length=1)
    year: int
    round: str = "actual"
    groups: list[str] = Field(min_length=1)
    pages: list[str] = Field(min_length=1)
    region_pages: list[str] = []
    scenarios: list[str] = []
    allocation: dict[int, float] = {}
    group: str = ALL

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
        return pd.concat([pd.read_parquet(path) for path in files.values()], ignore_index=True)

    def save(self, **tables: pd.DataFrame) -> None:
        """Write tables of this page's group whole: a reader sees the old or the new file, never a part."""
        for name, table in tables.items():
            write_table(conform(name, table), self._file(name, self.group))

    def finish(self, page: str) -> None:
        """The sentinel in a page's last cell that tells the runner the page came to its end."""
        print(sentinel(page, self.group))

    def _file(self, table: str, group: str) -> Path:
        return self.folder / "tables" / group / f"{table}.parquet"


def sentinel(page: str, group: str) -> str:
    """What a page prints last."""
    return f"kpss: {page} {group} finished"


def conform(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with exactly its fixed columns, in order and type; a text may stay a category where it repeats.

    Raises KeyError where a column is missing.
    """
    columns = TABLES[name]
    absent = [c for c in columns if c not in table]
    if absent:
        raise KeyError(f"table {name}: columns {', '.join(absent)} are missing")
    kept = {c for c, t in columns.items() if t == "str" and isinstance(table[c].dtype, pd.CategoricalDtype)}
    dtypes = {c: _DTYPES[t] for c, t in columns.items() if c not in kept}
    return table[list(columns)].astype(dtypes).reset_index(drop=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file aside and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        table.to_parquet(aside, index=False)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


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
        data = yaml.safe_load(path.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        there = ", ".join(sorted(file.name for file in path.parent.glob("*.yaml"))) or "–"
        text = _("{file}: the run file does not exist; there are: {there}", file=run_file, there=there)
        raise RunError([text]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        wrong = _("not valid YAML; check brackets, quotes and indentation")
        raise RunError([f"{run_file}{_place(error)}: {wrong}"]) from None
    if not isinstance(data, dict):
        raise RunError([_("{file}: expected keys and values such as {example}, found {found}", file=run_file,
                          example="year: 2025", found=_("nothing") if data is None else repr(data)[:60])])
    try:
        run = Run.model_validate({**data, **parameters})
    except ValidationError as error:
        raise RunError([f"{run_file}: {in_words(found, Run)}" for found in error.errors()]) from None
    problems = [f"{run_file}: {problem}" for problem in _contradictions(run)]
    if problems:
        raise RunError(problems)
    speak(run.language)
    return run


def _place(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else _(", line {line}, column {column}", line=mark.line + 1, column=mark.column + 1)


def _contradictions(run: Run) -> list[str]:
    """Values that are well-typed but do not exist."""
    scenarios = sorted({file.stem for file in run.path("parameters/scenarios").glob("*.toml")} - {"drivers"})
    checks = [("language", {run.language}, LANGUAGES), ("year", {run.year}, run.years), ("round", {run.round}, ROUNDS),
              ("group", {*run.groups, run.group}, [*run.methodology.working_groups, ALL]),
              ("scenarios", {*run.scenarios}, scenarios)]
    return [
        _("key {key}: found {found}, expected one of {expected}", key=key, found=repr(found),
          expected=", ".join(map(str, known)))
        for key, values, known in checks for found in sorted(values) if found not in known
    ]

