"""What a page depends on, as it is now, beside what it was when the page was last made."""

from __future__ import annotations

import platform
from pathlib import Path

from kpsslib.batch.ledger import Attempt
from kpsslib.batch.modules import HOME, Installed, Sources
from kpsslib.batch.pages import Page
from kpsslib.batch.running import Task
from kpsslib.watch import path_hash, value_hash
from kpsslib.workspace import ALL, Run, project_root

# What is known of a page before it runs; everything else is known from what it read when it ran last.
BEFOREHAND = ("page:", "parameter:", "imprint:", "module:", "package:", "python:")


class Present:
    """The run, its tables and the project's files as they are while a batch goes on.

    Args:
        run: the run for "all".
        intake: what was taken in by group, "hash", "received", "services" (`kpsslib.intake.store.get_groups`).
    """

    def __init__(self, run: Run, intake: dict[str, dict]) -> None:
        self.run, self._intake = run, intake
        self._sources, self._installed = Sources(self._file), Installed()
        self._code: dict[str, dict[str, str]] = {}
        self._files: dict[tuple, str] = {}

    def received(self, group: str) -> str:
        """The ISO day of the newest file taken in for a group (of all for "all")."""
        groups = self._intake if group == ALL else {group}
        return max((self._intake.get(one, {}).get("received", "") for one in groups), default="")

    def beforehand(self, page: Page, task: Task) -> dict[str, str]:
        """What a page depends on whatever it reads: its code, its parameters, modules and packages."""
        if page.name not in self._code:
            modules, packages = self._sources.of_page(page.code)
            self._code[page.name] = {**modules, **self._installed.reached(packages), "page:source": page.hash,
                                     "python:version": platform.python_version()}
        given = {f"parameter:{name}": value_hash(value) for name, value in task.parameters.items()}
        return {**self._code[page.name], **given, "imprint:report": value_hash(task.imprint)}

    def ran_with(self, beforehand: dict[str, str]) -> dict[str, str]:
        """The same after the page has run; a module that was edited meanwhile has a hash that nothing has."""
        edited = {name for name, value in beforehand.items() if name.startswith("module:")
                  and self._file(HOME.parent / name.removeprefix("module:")) != value}
        return {**beforehand, **dict.fromkeys(edited, "edited while the page ran")}

    def now(self, name: str, group: str) -> str:
        """The hash that something read by a page for a group has now; "absent" where it is no more."""
        kind, _colon, rest = name.partition(":")
        if kind == "table":
            return self._file(self.run.folder / "tables" / f"{rest}.parquet")
        if kind == "file":
            return self._file(project_root() / rest)
        if kind == "intake":
            return self._intake.get(rest, {}).get("hash", "absent")
        holder = self.run if kind == "key" else self.run.methodology
        value = group if name == "key:group" else getattr(holder, rest, "absent")
        return value_hash(value)

    def changed(self, attempt: Attempt, beforehand: dict[str, str]) -> list[str]:
        """The names of what is not as it was when an attempt was made; what is new and what is gone counts too."""
        known = {name: value for name, value in attempt.inputs.items() if name.startswith(BEFOREHAND)}
        read = {name: value for name, value in attempt.inputs.items() if name not in known}
        names = {name for name in {*known, *beforehand} if known.get(name) != beforehand.get(name)}
        return sorted(names | {name for name, value in read.items() if self.now(name, attempt.group) != value})

    def spoiled(self, attempt: Attempt) -> list[str]:
        """The outputs of an attempt that are not there as it made them, by path below the run's folder."""
        return sorted(path for path, value in attempt.outputs.items() if self._file(self.run.folder / path) != value)

    def _file(self, path: Path) -> str:
        """A file's hash; looked up once as long as it is the same file."""
        try:
            found = path.stat()
        except OSError:
            return "absent"
        place = (path, found.st_ino, found.st_mtime_ns, found.st_size)
        if place not in self._files:
            self._files[place] = path_hash(path)
        return self._files[place]

