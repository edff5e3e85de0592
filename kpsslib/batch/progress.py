"""What a run shows while it goes on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from statistics import median
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kpsslib.batch.graph import Node
from kpsslib.batch.ledger import Ledger
from kpsslib.batch.running import Cell
from kpsslib.language import _, number
from kpsslib.publishing.results import PageResult


class Display:
    """Shows the intake and the pages (of the names shown); `with Display(console, n_pages, names) as display`."""

    def __init__(self, console: Console, n_pages: int, shown: Iterable[str]) -> None:
        self._console, self._n_pages, self._ended = console, n_pages, 0
        self._shown = frozenset(shown)
        self._started = time.monotonic()
        self._quarter = 0
        self._bars = None
        self._known: dict[Node, float] = {}
        self._began: dict[Node, float] = {}
        self._quiet = bool(os.environ.get("CI"))
        if console.is_terminal and not self._quiet:
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

    def say(self, text: str) -> None:
        """A sentence for whoever looks on."""
        self._print(text)

    def expect(self, ledger: Ledger) -> None:
        """Learn how long each page has taken before, for the estimate of what is left."""
        for one in ledger.attempts():
            if one.state == "done":
                self._known.setdefault(Node(one.group, one.page), one.seconds)

    def follow(self, events: Iterable[Node | tuple[Node, Cell] | PageResult | None], nodes: Iterable[Node],
               workers: int) -> None:
        """Show pages as they start, the cells that begin in them, and results as they come."""
        left = set(nodes)
        for event in events:
            if isinstance(event, PageResult):
                left.discard(Node(event.group, event.page))
                if event.page in self._shown:
                    self._end(event)
            elif isinstance(event, Node) and event.page in self._shown:
                self._start(event)
            elif isinstance(event, tuple) and not isinstance(event, Node):
                self._cell(*event)
            if self._bars:
                self._bars.update(self._line("pages", _("Pages"), self._n_pages), completed=self._ended,
                                  description=_("Pages") + self._remaining(left, workers))

    def _start(self, node: Node) -> None:
        self._began[node] = time.monotonic()
        if self._bars:
            self._line(node, f"  {node.group} {node.page}", None)

    def _cell(self, node: Node, cell: Cell) -> None:
        if self._bars and cell.of and node in self._lines:
            self._bars.update(self._lines[node], completed=cell.n - 1, total=cell.of)

    def _end(self, result: PageResult) -> None:
        self._ended += 1
        node = Node(result.group, result.page)
        if result.state == "done" and not result.unchanged:
            self._known[node] = result.seconds
        if self._bars and (line := self._lines.pop(node, None)) is not None:
            self._bars.remove_task(line)
        if result.state != "done" or not (self._bars or result.unchanged or self._quiet):
            self._print(self._sentence(result))

    def _remaining(self, left: set[Node], workers: int) -> str:
        """The time that what is left will take, as long as the same pages took; nothing where nobody knows.

        What a page has already run is no longer left.
        """
        of_page = {}
        for node, seconds in self._known.items():
            of_page.setdefault(node.page, []).append(seconds)
        expected = {node: self._known.get(node) or median(of_page.get(node.page, [0.0])) for node in left}
        if not left or not all(expected.values()):
            return ""
        now = time.monotonic()
        ran = {node: now - since for node, since in self._began.items()}
        seconds = sum(max(0.0, whole - ran.get(node, 0.0)) for node, whole in expected.items()) / workers
        about = _("about {n} s left", n=number(max(5, round(seconds, -1)))) if seconds < 90 else \
            _("about {n} min left", n=number(round(seconds / 60)))
        return f", {about}"

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
