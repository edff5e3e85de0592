"""What goes between the coordinator of a cluster and its workers: a page as names and hashes, and its outputs so.

The files themselves go through the store, each content once.
"""

from __future__ import annotations

import hashlib
import importlib.metadata as metadata
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kpsslib.batch.modules import HOME, NAME
from kpsslib.batch.running import Outcome, Task
from kpsslib.intake.store import GROUPS
from kpsslib.language import _
from kpsslib.workspace import ALL, Run

CODE = "kpsslib"


@dataclass(frozen=True)
class Order:
    """A page to be run elsewhere.

    Attributes:
        task: the page, with the paths of the coordinator.
        store: the URL of the store.
        files: SHA-256 by path below the project's root of every file that the page needs.
        kit: what it has to be run with (see `installed`).
    """

    task: Task
    store: str
    files: dict[str, str]
    kit: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """What became of an order.

    Attributes:
        outcome: how the page ended; None where it was not run.
        files: SHA-256 by path below the page's folder aside of what it left there.
        log: SHA-256 of what goes into the run's log.
        unread: blobs that were not in the store, or not whole.
        kit: the worker's, where it is another one than the order's.
        said: sentences for whoever looks on.
        starts: how often the page's process was started.
    """

    outcome: Outcome | None = None
    files: dict[str, str] = field(default_factory=dict)
    log: str = ""
    unread: tuple[str, ...] = ()
    kit: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    starts: int = 1


def needed(task: Task, run: Run) -> Iterator[Path]:
    """Every file that a page may read: parameters, page, run file, agreed peers, its tables, its group's intake.

    For "all" these are the tables of all groups. What a page opens itself it finds only below `parameters/`.
    """
    for place in ("parameters", str(task.parameters["run_file"]), run.methodology_folder, run.peers_file):
        yield from _below(task.root / place) if place else ()
    yield from _below(task.path)
    for group in run.groups if task.group == ALL else [task.group]:
        tables = (task.folder / "tables" / group / f"{table}.parquet" for table in sorted(task.tables.reads))
        yield from (path for path in tables if path.exists())
    if task.intake:
        intake = task.folder / "intake" / task.intake
        yield intake / GROUPS
        for group in {ALL, task.group}:
            yield from sorted(intake.glob(f"*/{group}/*.parquet"))


def outside(run: Run, run_file: str) -> list[str]:
    """The problems of a run that names files which lie elsewhere on another computer than the project's folder."""
    named = (run_file, run.methodology_folder, run.peers_file or "")
    return [_("{file}: a cluster needs a path below the project's folder", file=name) for name in named
            if Path(name).is_absolute() or os.path.normpath(name).startswith("..")]


def lay_out(files: Mapping[str, str], folder: Path, get: Callable[[str], bytes]) -> None:
    """Write files by path and hash below a folder."""
    for name, digest in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(get(digest))


def rebased(task: Task, root: Path) -> Task:
    """The same page in another project folder."""
    moved = {name: root / getattr(task, name).relative_to(task.root) for name in ("path", "folder", "aside", "log")}
    return replace(task, root=root, **moved)


def installed() -> dict[str, str]:
    """What decides how a page comes out: the sources of this package, Python, and the packages it requires."""
    found = {CODE: _sources(), "Python": platform.python_version()}
    for requirement in metadata.requires("kpsslib") or ():
        if "extra ==" not in requirement:
            name = NAME.match(requirement)[0]
            found[name] = metadata.version(name)
    return found


def other_kit(theirs: dict[str, str], ours: dict[str, str]) -> str:
    """How two such lists differ, in words."""
    parts = [_("{name} has other sources", name=CODE)] if theirs.get(CODE) != ours[CODE] else []
    parts += [_("{name} is {found} and not {expected}", name=name, found=theirs.get(name, "–"), expected=version)
              for name, version in ours.items() if name != CODE and theirs.get(name) != version]
    return ", ".join(parts)


def _sources() -> str:
    total = hashlib.sha256()
    for path in sorted(HOME.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            total.update(f"{path.relative_to(HOME).as_posix()}\n".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _below(path: Path) -> list[Path]:
    """A file, or all files in a folder."""
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
