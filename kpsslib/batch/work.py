"""The work of a batch: each page when those it waits for have ended, unless it stands as it would be made again."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kpsslib.batch.graph import Node
from kpsslib.batch.ledger import Attempt, Ledger
from kpsslib.batch.pages import Page
from kpsslib.batch.present import Present
from kpsslib.batch.running import KEPT, Cell, Outcome, Task, report_of
from kpsslib.language import _
from kpsslib.publication import RUNNING, publish
from kpsslib.publishing.results import PageResult

TICK = 0.5  # seconds after which somebody is told that the work goes on


class Workers(Protocol):
    """Where pages run; see `local.Local` and `cluster.Cluster`."""

    @property
    def free(self) -> int:
        """How many pages more can be started now."""

    def start(self, task: Task) -> None:
        """Start a page."""

    def events(self, seconds: float) -> Iterator[tuple[Task, Cell | Outcome, int]]:
        """What pages have said since."""


class Work:
    """Pages to be made, what each waits for, and what has become of them.

    Args:
        pages: the pages by name.
        tasks: the task of each page and group; its folder aside is given when it starts.
        waits: for each page and group, those that must have ended before.
    """

    def __init__(self, pages: dict[str, Page], tasks: dict[Node, Task], waits: dict[Node, list[Node]],
                 ledger: Ledger, present: Present) -> None:
        self._pages, self._tasks, self._waits = pages, tasks, waits
        self._ledger, self._present = ledger, present
        self._left = list(tasks)
        self._due: dict[Node, dict[str, str]] = {}  # found changed: what they depend on beforehand
        self._running: dict[Node, tuple[Attempt, dict[str, str]]] = {}
        self.results: dict[Node, PageResult] = {}

    def go_on(self, workers: Workers, seconds: float) -> Iterator[Node | tuple[Node, Cell] | PageResult | None]:
        """Do everything; yields what starts, the cells that begin, what has ended, and None when nothing happens.

        What has not ended after `seconds` is stopped; what had not begun by then is left out.
        """
        end = time.monotonic() + seconds
        while self._left or self._running:
            yield from self._start(workers)
            if not self._running:
                continue
            for task, message, starts in workers.events(max(0.0, min(TICK, end - time.monotonic()))):
                node = Node(task.group, task.page)
                if isinstance(message, Cell):
                    yield node, message
                elif node in self._running:
                    yield from self._end(node, message, starts)
            yield None
            if time.monotonic() > end:
                yield from self._out_of_time(seconds)

    def _start(self, workers: Workers) -> Iterator[Node | PageResult]:
        """Start what can be started; what stands as it is ends at once, without a process."""
        for node in list(self._left):
            if not all(one in self.results for one in self._waits[node]):
                continue
            if node not in self._due:
                task = self._tasks[node]
                beforehand = self._present.beforehand(self._pages[node.page], task)
                if unchanged := self._unchanged(node, beforehand):
                    self._left.remove(node)
                    yield self._ended(node, unchanged.seconds, unchanged=True)
                    continue
                self._due[node] = beforehand
            if workers.free > 0:
                self._left.remove(node)
                attempt = self._ledger.begin(node.page, node.group)
                self._running[node] = attempt, self._due[node]
                yield node
                workers.start(replace(self._tasks[node], aside=self._tasks[node].folder / RUNNING
                                      / str(attempt.number)))

    def _unchanged(self, node: Node, beforehand: dict[str, str]) -> Attempt | None:
        """The attempt that made what stands there, where it would be made the same again."""
        last = self._ledger.last(node.page, node.group)
        if last is None or last.state != "done" or self._present.changed(last, beforehand):
            return None
        return None if self._present.spoiled(last) else last

    def _end(self, node: Node, outcome: Outcome, starts: int) -> Iterator[PageResult]:
        attempt, beforehand = self._running.pop(node)
        task = self._tasks[node]
        aside = task.folder / RUNNING / str(attempt.number)
        reason = outcome.reason
        known = {"seconds": outcome.seconds, "peak_mb": outcome.peak_mb, "starts": starts}
        if reason:
            reason = _keep(aside, task, reason)
            self._ledger.end(attempt, state="failed", error=reason, **known)
        else:
            publish(aside, task.folder)
            _failed_copy(task).unlink(missing_ok=True)
            counts = outcome.counts._asdict() if outcome.counts else {}
            counts |= {"quarantined": [vars(one) for one in counts["quarantined"]]} if counts else {}
            inputs = {**self._present.ran_with(beforehand), **outcome.inputs}
            self._ledger.end(attempt, state="done", inputs=inputs, outputs=outcome.outputs, counts=counts, **known)
        shutil.rmtree(aside, ignore_errors=True)
        yield self._ended(node, outcome.seconds, reason)
        if reason:
            yield from self._leave_out(node, _("page {page} of the group failed", page=node.page))

    def _leave_out(self, failed: Node, reason: str) -> Iterator[PageResult]:
        """What waits for a page that failed, near and far: it would read tables that this one did not write."""
        while node := next((one for one in self._left if failed in self._waits[one]), None):
            self._left.remove(node)
            told = reason if node.group == failed.group else _(
                "page {page} of group {group} failed and the totals would be wrong", page=failed.page,
                group=failed.group)
            self._ledger.begin(node.page, node.group, "left_out", told)
            yield self._ended(node, 0.0, told, "left_out")
            yield from self._leave_out(node, told)

    def _out_of_time(self, seconds: float) -> Iterator[PageResult]:
        reason = _("the time of the whole batch, {seconds} s, is over; run it again to go on", seconds=round(seconds))
        for node in list(self._running):
            yield from self._end(node, Outcome(reason), 1)
        for node in list(self._left):
            self._left.remove(node)
            self._ledger.begin(node.page, node.group, "left_out", reason)
            yield self._ended(node, 0.0, reason, "left_out")

    def _ended(self, node: Node, seconds: float, reason: str = "", state: str = "", *,
               unchanged: bool = False) -> PageResult:
        report = self._tasks[node].folder / report_of(node.group, node.page)
        made = unchanged or self._ledger.last_done(node.page, node.group) is not None
        self.results[node] = PageResult(node.group, node.page, state or ("failed" if reason else "done"), reason,
                                        round(seconds, 2), made and report.exists(), unchanged)
        return self.results[node]


def _failed_copy(task: Task) -> Path:
    """Where an analyst finds a page that did not come to its end."""
    return task.folder / "pages" / "failed" / task.group / f"{task.page}.ipynb"


def _keep(aside: Path, task: Task, reason: str) -> str:
    """Move what there is of a failed page to where the analyst looks for it; the reason, and where that is."""
    place = _failed_copy(task)
    if not (aside / KEPT).exists():
        return reason
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(aside / KEPT, place)
    where = f"{place.parent.relative_to(task.folder).as_posix()}/"
    return reason.rstrip(".") + ". " + _("The page is kept for the analyst in {place}.", place=where)
