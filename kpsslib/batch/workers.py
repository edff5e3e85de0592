"""Workers: processes that run pages side by side. One that dies takes only the page it was running with it."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path

from kpsslib.batch.running import Task, keep_aside, run_page
from kpsslib.language import _
from kpsslib.publishing.results import PageResult

_processes = get_context("spawn")


def run_pages(groups: list[list[Task]], workers: int, log: Path) -> Iterator[Task | PageResult]:
    """Run each group's pages one after another, the groups side by side.

    Yields a Task when it starts and its PageResult when it ends. The pages after a failed one are skipped: they
    would read tables that it did not write.
    """
    ready = deque(deque(tasks) for tasks in groups if tasks)
    idle = [Worker(log) for _n in range(min(workers, len(ready)))]
    busy: dict[Connection, tuple[Worker, deque[Task]]] = {}
    try:
        while ready or busy:
            while ready and idle:
                worker, tasks = idle.pop(), ready.popleft()
                yield tasks[0]
                busy[worker.start(tasks[0])] = worker, tasks
            for connection in wait(list(busy)):
                worker, tasks = busy.pop(connection)
                task = tasks.popleft()
                result = worker.result(task)
                idle.append(worker)
                yield result
                if result.state == "done" and tasks:
                    ready.appendleft(tasks)
                else:
                    reason = _("page {page} of the group failed", page=task.page)
                    yield from (left_out(later, reason) for later in tasks)
    finally:
        for worker in [*idle, *(worker for worker, _tasks in busy.values())]:
            worker.stop()


def left_out(task: Task, reason: str) -> PageResult:
    """The result of a page that was not started."""
    return PageResult(task.group, task.page, "skipped", reason, report=task.notebook.exists())


class Worker:
    """One process that runs pages; it is started again when it has died."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process = None

    def start(self, task: Task) -> Connection:
        """Give the worker a page; the connection becomes readable when the page has ended or the worker has died."""
        if self._process is None:
            self._connection, theirs = _processes.Pipe()
            self._process = _processes.Process(target=_work, args=(theirs, self._log), daemon=True)
            self._process.start()
            theirs.close()
        self._connection.send(task)
        return self._connection

    def result(self, task: Task) -> PageResult:
        """How the page ended."""
        try:
            return self._connection.recv()
        except (EOFError, OSError):
            self._process.join()
            code, self._process = self._process.exitcode, None
            reason = _(
                "the process that ran the page ended suddenly (code {code}); perhaps the memory ran out", code=code
            )
            return task.ended(keep_aside(task, reason))

    def stop(self) -> None:
        """End the process, in the middle of a page if need be."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()


def _work(connection: Connection, log: Path) -> None:
    """What a worker does: pages until it is told to end. What kernels print goes to the log and not on the screen."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with log.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(run_page(task))
