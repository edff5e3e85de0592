"""What a run shows while it goes on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kpsslib.batch.running import Task
from kpsslib.language import _, number
from kpsslib.publishing.results import PageResult


class Display:
    """Shows the intake and the pages; `with Display(console, n_pages) as display`."""

    def __init__(self, console: Console, n_pages: int) -> None:
        self._console, self._n_pages, self._ended = console, n_pages, 0
        self._started = time.monotonic()
        self._quarter = 0
        self._bars = None
        if console.is_terminal and not os.environ.get("CI"):
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
        self._lines: dict[object, int] = {}

    def __enter__(self) -> Display:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars:
            self._bars.stop()

    def intake(self, done: int, total: int, what: str = "") -> None:
        """Files taken in so far; on a terminal a bar, elsewhere a line each quarter."""
        words = _("Taking in the returns")
        if self._bars:
            line = self._line("intake", words, total)
            self._bars.update(line, completed=done, total=total, description=f"{words} {what[-40:]}")
        elif total and done * 4 // total > self._quarter:
            self._quarter = done * 4 // total
            self._print(_("{words}: {done} of {total}", words=words, done=number(done), total=number(total)))

    def follow(self, events: Iterable[Task | PageResult]) -> list[PageResult]:
        """Show tasks as they start and results as they come; returns the results."""
        results = []
        for event in events:
            if isinstance(event, Task):
                self._start(event)
            else:
                self._end(event)
                results.append(event)
        return results

    def _start(self, task: Task) -> None:
        if self._bars:
            self._line("pages", _("Pages"), self._n_pages)
            self._line((task.group, task.page), f"  {task.group} {task.page}", None)

    def _end(self, result: PageResult) -> None:
        self._ended += 1
        if self._bars:
            self._bars.update(self._line("pages", _("Pages"), self._n_pages), completed=self._ended)
            if (line := self._lines.pop((result.group, result.page), None)) is not None:
                self._bars.remove_task(line)
        if result.state != "done" or not self._bars:
            self._print(self._sentence(result))

    def _sentence(self, result: PageResult) -> str:
        head = f"[{self._ended}/{self._n_pages}] {result.group} {result.page}"
        if result.state == "done":
            return _("{page}: done in {seconds} s", page=head, seconds=number(result.seconds, 1))
        if result.state == "failed":
            return _("{page}: failed: {reason}", page=head, reason=result.reason)
        return _("{page}: left out: {reason}", page=head, reason=result.reason)

    def _print(self, text: str) -> None:
        elapsed = time.monotonic() - self._started
        self._console.print(
            f"{int(elapsed // 60)}:{int(elapsed % 60):02d} {text}", markup=False, highlight=False, soft_wrap=True
        )

    def _line(self, key: object, words: str, total: int | None) -> int:
        if key not in self._lines:
            self._lines[key] = self._bars.add_task(words, total=total)
        return self._lines[key]
