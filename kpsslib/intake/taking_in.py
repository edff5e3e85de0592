"""Intake of everything a run names: originals kept, every file read once, the result stored by working group."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from kpsslib import watch
from kpsslib.intake.collecting import Collection
from kpsslib.intake.register.registers import read_register, read_territory
from kpsslib.intake.returns_folder import read_folder
from kpsslib.intake.store import Intake, Source, get_groups, intake_key, is_whole, load, published
from kpsslib.language import _
from kpsslib.locks import alone
from kpsslib.workspace import Run, RunError

Progress = Callable[[int, int, str], None]


def take_in(run: Run, progress: Progress | None = None) -> str:
    """Read everything the run names, once: unchanged inputs are recognised by their content and not read again.

    Every original is kept byte for byte as `outputs/<run>/originals/<sha256>.<ext>` before it is read. A file that
    cannot be used is quarantined and the others go on. Safe when several processes call it at the same time.

    Args:
        run: the run; its `returns`, `archive`, `imports`, `register_file` and `territory` are read.
        progress: called with (files done, files in all, what is being read).

    Returns the key of the intake, by which it lies in `outputs/<run>/intake/`. Raises RunError that names the folder
    or file which is not there or holds nothing.
    """
    return _taken_in(run, progress or _silent).name


def _silent(_done: int, _total: int, _what: str) -> None:
    """No progress shown."""


def load_intake(run: Run, group: str) -> Intake:
    """What `take_in` has read for a group, reading it first where that has not been done.

    While a batch runs the page, it is what the batch has taken in, and noted as read.
    """
    if not (key := os.environ.get(watch.INTAKE)):
        return load(_taken_in(run, _silent), group)
    folder = run.folder / "intake" / key
    watch.note(f"intake:{group}", get_groups(folder)[group]["hash"])
    return load(folder, group)


def known_intake(run: Run) -> str:
    """The key of the intake of the inputs as they are now; "" where none is there that is whole."""
    key = intake_key(run, list_sources(run))
    return key if is_whole(run.folder / "intake" / key) else ""


def _taken_in(run: Run, progress: Progress) -> Path:
    """The folder of the intake of the inputs as they are now."""
    sources = list_sources(run)
    folder = run.folder / "intake" / intake_key(run, sources)
    if not is_whole(folder):
        with alone(folder.parent):
            if not is_whole(folder):
                with published(folder) as aside:
                    _read_all(run, sources, aside, progress)
                if intake_key(run, list_sources(run)) != folder.name:  # a file came or changed meanwhile
                    shutil.rmtree(folder)
                    sources = []
    return folder if sources else _taken_in(run, progress)


def list_sources(run: Run) -> list[Source]:
    """Every file the run names, in the order of reading; raises RunError with all that is missing."""
    problems: list[str] = []
    sources = [*_folder(run, "returns", problems), *_folder(run, "archive", problems)]
    for role in ("register_file", "territory"):
        if name := getattr(run, role):
            if run.path(name).is_file():
                sources.append(Source(role, run.path(name), name))
            else:
                problems.append(_("{key}: the file {file} does not exist; correct the run file or put the file there",
                                  key=role, file=name))
    if run.imports:
        for pattern in (run.imports.mapping, *run.imports.sources):
            base = run.path(pattern)
            found = [path for path in sorted(base.parent.glob(base.name)) if path.is_file()]
            sources += [Source("imports", path, path.name) for path in found]
            if not found:
                problems.append(_("{key}: the file {file} does not exist; correct the run file or put the file there",
                                  key="imports", file=pattern))
    if not (run.returns or run.archive or run.imports):
        problems.append(_("the run names nothing to read: set returns, archive or imports in the run file"))
    if problems:
        raise RunError(problems)
    return sources


def _folder(run: Run, role: str, problems: list[str]) -> list[Source]:
    name = getattr(run, role)
    if not name:
        return []
    folder = run.path(name)
    if not folder.is_dir():
        problems.append(_("{key}: the folder {folder} does not exist; correct the run file or put the files there",
                          key=role, folder=name))
        return []
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    if not files:
        problems.append(_("{key}: the folder {folder} is empty; put the files to read there", key=role, folder=name))
    return [Source(role, path, f"{name.rstrip('/')}/{path.name}") for path in files]


def _read_all(run: Run, sources: list[Source], folder: Path, progress: Progress) -> None:
    register = next((read_register(s, run.methodology) for s in sources if s.role == "register_file"), pd.DataFrame())
    collection = Collection(run, folder, register)
    done = 0
    read_folder(run, [s for s in sources if s.role == "returns"], collection,
                lambda i, what: progress(i, len(sources), what))
    done += sum(s.role == "returns" for s in sources)
    for source in (s for s in sources if s.role == "archive"):
        collection.add_archive(source)
        done += 1
        progress(done, len(sources), source.name)
    territory = next((read_territory(s) for s in sources if s.role == "territory"), None)
    if run.imports:
        from kpsslib.intake.mapping.importing import add_imports

        imported = add_imports(run, [s for s in sources if s.role == "imports"], collection)
        territory = imported if territory is None else pd.concat([territory, imported], ignore_index=True)
    collection.finish(territory)
    progress(len(sources), len(sources), run.name)
