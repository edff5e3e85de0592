"""Running a notebook's cells in this process, with the outputs that an ordinary kernel would have given."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from nbformat import NotebookNode

from kpsslib.language import _, number


class CellTimeout(Exception):  # noqa: N818
    """A cell took longer than it may: its number among the code cells, from 1, and the seconds it had."""

    def __init__(self, n: int, seconds: float) -> None:
        super().__init__(n, seconds)
        self.n, self.seconds = n, seconds

    def __str__(self) -> str:
        return _("cell {n} took longer than {seconds} s", n=self.n, seconds=number(self.seconds))


class OutOfTime(BaseException):
    """What stops a cell that is over its time; no `except Exception` of the page catches it."""


class Started(NamedTuple):
    """A cell is about to run: its place among all cells, from 0, and its number among the code cells, from 1."""

    index: int
    n: int
    of: int


class Ended(NamedTuple):
    """A cell has run; where it failed, no other runs after it."""

    index: int
    cell: NotebookNode
    failed: bool


class Finished(NamedTuple):
    """No cell runs any more: the notebook, whether all of it ran, and the seconds that were too few for a cell."""

    notebook: NotebookNode
    whole: bool
    too_long: float | None


def run_cells(notebook: NotebookNode, *, cell_seconds: float | None = None,
              on_cell: Callable[[int, int, NotebookNode], None] | None = None, log: Path | None = None) -> None:
    """Run the code cells of a notebook (nbformat 4) in order, up to the first that raises an error.

    Outputs, execution counts and the state of widgets go into the notebook; cells that did not run have none. A
    process can do this once. `on_cell` is told the number of a cell among the code cells, their count, and the cell,
    before it runs. A cell that prints more than a million characters keeps so many; all of them go to the file `log`.
    Raises CellTimeout where a cell takes longer than `cell_seconds`; the notebook then holds what there was so far.
    """
    for step in _steps(notebook, cell_seconds, log):
        if isinstance(step, Started) and on_cell:
            on_cell(step.n, step.of, notebook.cells[step.index])


def send_cells(connection: Connection, task: tuple[NotebookNode, float | None]) -> None:
    """Run a notebook's cells, each for at most so many seconds; sends Started and Ended of each, then Finished."""
    notebook, cell_seconds = task
    step, too_long = None, None
    try:
        for step in _steps(notebook, cell_seconds, None):
            connection.send(step)
    except CellTimeout as error:
        too_long = error.seconds
    connection.send(Finished(notebook, step is None or (isinstance(step, Ended) and not step.failed), too_long))


def _steps(notebook: NotebookNode, cell_seconds: float | None, log: Path | None) -> Iterator[Started | Ended]:
    from kpsslib.kernels.page import Page

    cells = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for _index, cell in cells:
        cell.outputs, cell.execution_count = [], None
    page = Page(notebook, log)
    try:
        for n, (index, cell) in enumerate(cells, start=1):
            if not cell.source.strip() or "skip-execution" in cell.metadata.get("tags", []):
                continue
            yield Started(index, n, len(cells))
            with _at_most(n, cell_seconds):
                further = page.run(index, cell)
            yield Ended(index, cell, not further)
            if not further:
                break
    finally:
        page.end()


@contextmanager
def _at_most(n: int, seconds: float | None) -> Iterator[None]:
    """Stop what runs in the main thread when its time is over, again and again if it does not stop."""
    over = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal over
        over = True
        raise OutOfTime

    if not seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except OutOfTime:  # of the cell, or of an alarm that rang before the timer was out
        signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
    if over:
        raise CellTimeout(n, seconds)
