"""Workers on this computer: each page in a process of its own, forked from a warm one where the platform can."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

from kpsslib.batch.executing import STARTS, died, too_long
from kpsslib.batch.running import Cell, Outcome, Task
from kpsslib.kernels import Warm, WarmError
from kpsslib.language import _
from kpsslib.methodology import MethodologyError, load
from kpsslib.publishing import report
from kpsslib.workspace import RunError, project_root

GRACE = 15  # seconds after which a page is killed that did not stop in time by itself


class Process(Protocol):
    """A page's process; see `kpsslib.kernels.warm.Child`."""

    pid: int
    connection: Connection

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code when it has ended."""

    def kill(self) -> None:
        """End it and whatever it has started."""


@dataclass
class _Running:
    task: Task
    process: Process
    starts: int
    told: bool
    begun: bool
    n: int
    since: float


def prepare() -> None:
    """Do once in the warm process what each page would do first: make a report, read the methodology.

    It is that of the project in which this package lies; a page whose methodology has other files reads it itself.
    """
    report.prepare()
    with suppress(RunError, MethodologyError, OSError):  # whoever runs a page is told
        load(project_root() / "parameters" / "methodology")


class Local:
    """Runs pages side by side; `say` is told once where they run otherwise than they should.

    `warm` is a warm process to fork from, where there is one already; otherwise it gets its own.
    """

    def __init__(self, workers: int, log: Path, say: Callable[[str], None], warm: Warm | None = None) -> None:
        """Nothing is started yet."""
        self._workers, self._say = workers, say
        self.warm = warm or (Warm(log, "kpsslib.batch.local:prepare") if Warm.possible() else None)
        self._forks = self.warm is not None
        self._running: list[_Running] = []
        if not self._forks:
            self._say_ordinary()

    @property
    def free(self) -> int:
        """How many pages more can be started now."""
        return self._workers - len(self._running)

    def start(self, task: Task, starts: int = 1) -> None:
        """Start a page."""
        process = self._process(task)
        told = not isinstance(process, _Ordinary)  # a kernel does not say which cell begins, but keeps the limit
        self._running.append(_Running(task, process, starts, told, begun=False, n=0, since=time.monotonic()))

    def events(self, seconds: float) -> Iterator[tuple[Task, Cell | Outcome, int]]:
        """What the pages have said since, waiting at most so long: the page, its message, how often it was started."""
        ready = wait([one.process.connection for one in self._running], seconds)
        for one in list(self._running):
            # What a page has started may hold its connection open when the page itself is dead.
            if one.process.connection in ready or one.process.wait(0) is not None:
                yield from self._said(one)
            elif one.told and time.monotonic() - one.since > one.task.cell_seconds + GRACE:
                yield self._ended(one, Outcome(too_long(one.n, one.task)))

    def stop_pages(self) -> None:
        """End the pages in the middle; the warm process stays."""
        for one in self._running:
            one.process.kill()
            one.process.wait(5)
        self._running.clear()

    def stop(self) -> None:
        """End everything, in the middle of a page if need be."""
        self.stop_pages()
        if self.warm:
            self.warm.stop()

    def _said(self, one: _Running) -> Iterator[tuple[Task, Cell | Outcome, int]]:
        try:
            message = one.process.connection.recv() if one.process.connection.poll(0) else None
        except Exception:  # its end, or bytes that a page has written there: a page's trouble, and not the batch's
            message = None
        if isinstance(message, Cell):
            one.begun, one.n, one.since = True, message.n, time.monotonic()
            yield one.task, message, one.starts
        elif isinstance(message, Outcome):
            yield self._ended(one, message)
        elif not one.begun and one.starts < STARTS:  # it did not even start: only that is tried again
            self._ended(one, None)
            self.start(one.task, one.starts + 1)
        else:
            yield self._ended(one, Outcome(died(one.n), round(time.monotonic() - one.since, 3)))

    def _ended(self, one: _Running, outcome: Outcome | None) -> tuple[Task, Outcome, int]:
        self._running.remove(one)
        if outcome is None or outcome.reason or one.process.wait(1) is None:
            one.process.kill()
            one.process.wait(5)
        one.process.connection.close()
        return one.task, outcome, one.starts

    def _process(self, task: Task) -> Process:
        if self._forks:
            try:
                return self.warm.fork(task.function, task, cwd=task.root, env=task.environment,
                                      memory_mb=task.memory_mb)
            except WarmError:
                self._forks = False  # pages that run already go on
                self._say_ordinary()
        return _Ordinary(replace(task, warm=False))

    def _say_ordinary(self) -> None:
        self._say(_("No process can be forked here: every page gets an ordinary kernel, which takes longer."))


class _Ordinary:
    """The same process without a fork: it starts Python and a kernel anew."""

    def __init__(self, task: Task) -> None:
        processes = get_context("spawn")
        self.connection, theirs = processes.Pipe()
        self._process = processes.Process(target=_run_ordinary, args=(theirs, task), daemon=False)
        self._process.start()
        theirs.close()
        self.pid = self._process.pid

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code when it has ended."""
        self._process.join(timeout)
        return self._process.exitcode

    def kill(self) -> None:
        """End it; its kernel notices."""
        self._process.kill()


def _run_ordinary(connection: Connection, task: Task) -> None:
    os.environ.update(task.environment)
    os.chdir(task.root)
    with task.log.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    module, _colon, name = task.function.partition(":")
    getattr(import_module(module), name)(connection, task)
