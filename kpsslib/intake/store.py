"""Where the intake of a run lies: Parquet files by working group under `outputs/<run>/intake/<key>/`.

The key is the content of everything that was read, so unchanged inputs are not read again and a changed one never
mixes with what was read before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpsslib import intake, language, methodology, tables
from kpsslib.intake.originals import sha256
from kpsslib.intake.records import CONFIRMATIONS, COUNTED, FACTS, FINDINGS, IGNORED, ORIGINALS, RETURNS
from kpsslib.workspace import ALL, TABLES, Run

_READERS = ("defusedxml", "numpy", "openpyxl", "pandas", "pyarrow", "python-stdnum", "xlrd")
# Modules that do not decide what is read: a change in them is no reason to read again.
_NOT_READING = ("messages", "writing/")
TEXT_OF_FEW = ("item", "status")
_COLUMNS = {"returns": RETURNS, "facts": FACTS, "findings": FINDINGS, "ignored": IGNORED, "originals": ORIGINALS,
            "accounting": COUNTED, "confirmations": CONFIRMATIONS, "register": (),
            "territory": tuple(TABLES["territory"]), "told": tuple(TABLES["problems"])}


GROUPS = "groups.json"


class Source(NamedTuple):
    """A file the run names: what it is for ("returns", "archive", ...), where it lies, and its name in messages."""

    role: str
    path: Path
    name: str


class Intake(NamedTuple):
    """What was read for one working group; `register` and `territory` are the whole run's."""

    returns: pd.DataFrame
    facts: pd.DataFrame
    findings: pd.DataFrame
    ignored: pd.DataFrame
    originals: pd.DataFrame
    accounting: pd.DataFrame
    confirmations: pd.DataFrame
    register: pd.DataFrame
    territory: pd.DataFrame
    told: pd.DataFrame


def intake_key(run: Run, sources: list[Source]) -> str:
    """One fingerprint of all inputs, of what the methodology asks, and of the code that reads."""
    known = run.methodology
    parts = [f"{s.role}|{s.name}|{fingerprint(s.path)}" for s in sources]
    parts += [str(sorted(run.years)), repr(run.imports), run.language if run.imports else "", ",".join(run.groups)]
    parts += [repr(known.items), repr(known.service_types), repr(known.working_groups)]
    for package in (intake, methodology):
        home = Path(package.__file__).parent
        modules = sorted(home.rglob("*.py"))
        parts += [sha256(path.read_bytes()) for path in modules
                  if not path.relative_to(home).as_posix().startswith(_NOT_READING)]
    parts += [sha256(Path(module.__file__).read_bytes()) for module in (language, tables)]
    parts += [f"{name} {version(name)}" for name in _READERS]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def fingerprint(path: Path) -> str:
    """A hash of a file's content, "unreadable" where it cannot be read."""
    try:
        return sha256(path.read_bytes())
    except OSError:  # such as a file without permission to read: it will be quarantined
        return "unreadable"


@contextmanager
def published(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes its place whole at the end; at most one older intake is kept beside it."""
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix="part-"))
    try:
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    others = [f for f in folder.parent.iterdir() if f.is_dir() and f != folder]
    for old in sorted(others, key=lambda f: f.stat().st_mtime)[:-1]:
        shutil.rmtree(old, ignore_errors=True)


def put(table: pd.DataFrame, folder: Path, name: str, group: str = ALL) -> None:
    """Add a table of a group to an intake; the dictionaries of findings are kept as JSON."""
    place = folder / name / group
    place.mkdir(parents=True, exist_ok=True)
    if "values" in table:
        table = table.assign(values=[json.dumps(v or {}, ensure_ascii=False) for v in table["values"]])
    few = {column: "category" for column in TEXT_OF_FEW if column in table and name == "facts"}
    table.astype(few).to_parquet(place / f"{len(list(place.iterdir())):04}.parquet", index=False)


def get(folder: Path, name: str, group: str = ALL) -> pd.DataFrame:
    """A table of a group, empty where nothing was read for it."""
    parts = [pd.read_parquet(path) for path in sorted((folder / name / group).glob("*.parquet"))]
    parts = [part for part in parts if len(part)] or parts[:1]
    for column in TEXT_OF_FEW if len(parts) > 1 and name == "facts" else ():
        known = pd.CategoricalDtype(sorted(set().union(*(part[column].cat.categories for part in parts))))
        parts = [part.assign(**{column: part[column].astype(known)}) for part in parts]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS[name]), dtype="str")
    return table.assign(values=table["values"].map(json.loads)) if "values" in table else table


def load(folder: Path, group: str) -> Intake:
    """The intake of one group."""
    shared = {"register", "territory", "originals"}
    return Intake(**{name: get(folder, name, ALL if name in shared else group) for name in Intake._fields})


def put_groups(folder: Path, groups: dict[str, bool], originals: pd.DataFrame) -> None:
    """Write what identifies the intake of each group: a hash of all that was read for it, and its newest file's day.

    With it go whether anybody knows a service of the group (`groups`), and the hashes of all files of the intake,
    which is complete by then.

    Files of no group (the archive, what nobody could place) belong to every group.
    """
    known = {}
    for group, services in groups.items():
        mine = originals[originals["group"].isin([group, ""])]
        digest = hashlib.sha256(mine.drop(columns="received_at").to_csv(index=False).encode())
        shared = (path for name in ("register", "territory") for path in (folder / name / ALL).glob("*.parquet"))
        for path in sorted([*folder.glob(f"*/{group}/*.parquet"), *shared]):
            digest.update(f"{path.relative_to(folder).as_posix()}:{sha256(path.read_bytes())}\n".encode())
        known[group] = {"hash": digest.hexdigest(), "received": max(mine["received_at"].astype(str), default="")[:10],
                        "services": services}
    stands = {"groups": known, "files": _hashes(folder)}
    (folder / GROUPS).write_text(json.dumps({**stands, "digest": _digest(stands)}), "utf-8")


def get_groups(folder: Path) -> dict[str, dict]:
    """What `put_groups` has written: "hash", "received" (an ISO day) and "services" (whether any) by group."""
    return json.loads((folder / GROUPS).read_text("utf-8"))["groups"]


def is_whole(folder: Path) -> bool:
    """Whether an intake is there, every file of it as it was written."""
    try:
        stands = json.loads((folder / GROUPS).read_text("utf-8"))
        return stands.pop("digest") == _digest(stands) and stands["files"] == _hashes(folder)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in files}


def _digest(stands: dict) -> str:
    return sha256(json.dumps(stands, sort_keys=True).encode())
