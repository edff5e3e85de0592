"""What a run came to, in the words that its index, its summary and its exit code share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kpsslib.language import _, number, plural
from kpsslib.workspace import ALL

State = Literal["done", "failed", "left_out", "interrupted"]


@dataclass(frozen=True)
class Imprint:
    """What stands in the header and footer of everything a run publishes."""

    run: str
    run_file: str
    region: str
    language: str
    year: int
    round: str
    version: str
    data_hash: str
    data_date: str
    made: str
    groups: dict[str, str]
    pages: dict[str, str]
    group_pages: list[str]
    region_pages: list[str]

    def pages_of(self, group: str) -> list[str]:
        """The pages that are made for a group, or for "all" of them together."""
        return self.group_pages if group in self.groups else self.region_pages


@dataclass(frozen=True)
class PageResult:
    """How one page of one group ended; `reason` says why it was not done, `report` whether one may be read.

    `unchanged` is one that stood as it would be made again, so that it was not run.
    """

    group: str
    page: str
    state: State
    reason: str = ""
    seconds: float = 0.0
    report: bool = False
    unchanged: bool = False


@dataclass(frozen=True)
class GroupResult:
    """One group of a run: its pages and what its returns came to (None where nobody has counted)."""

    group: str
    name: str
    pages: list[PageResult]
    n_reported: int | None = None
    n_expected: int | None = None
    errors: int = 0
    warnings: int = 0
    questions: int = 0

    @property
    def returns(self) -> str:
        """The words "31 of 36 returns", or nothing where nobody has counted."""
        if self.n_expected is None:
            return ""
        return plural(
            "{reported} of {n} return", "{reported} of {n} returns", self.n_expected, reported=number(self.n_reported)
        )

    @property
    def label(self) -> str:
        """Code and name; the whole region has only its name."""
        return self.name if self.group == ALL else f"{self.group} {self.name}"

    def line(self) -> str:
        """The group in one line, as the run ends with it."""
        states = ("done", "failed", "left_out")
        done, failed, left_out = ([p for p in self.pages if p.state == state] for state in states)
        parts = [plural("{n} page done", "{n} pages done", len(done))]
        if failed:
            parts.append(
                plural("{n} page failed", "{n} pages failed", len(failed)) + f" ({', '.join(p.page for p in failed)})"
            )
        if left_out:
            parts.append(plural("{n} page left out", "{n} pages left out", len(left_out)))
        if self.returns:
            parts += [
                self.returns,
                plural("{n} error", "{n} errors", self.errors),
                plural("{n} warning", "{n} warnings", self.warnings),
            ]
        return f"{self.label}: {', '.join(parts)}"


@dataclass(frozen=True)
class Quarantined:
    """A file that was not taken in, why, and what to do."""

    file: str
    reason: str
    advice: str = ""


@dataclass(frozen=True)
class RunResult:
    """Everything a run came to; `earlier` are groups that it left as an earlier run made them.

    `methodology` is where its book lies, `bookless` why that could not be made now.
    """

    imprint: Imprint
    groups: list[GroupResult]
    quarantined: list[Quarantined] = field(default_factory=list)
    earlier: list[GroupResult] = field(default_factory=list)
    methodology: str = ""
    seconds: float = 0.0
    bookless: str = ""

    @property
    def everything(self) -> list[GroupResult]:
        """The groups of this run and the earlier ones, in the order of the run file, the region last."""
        order = [*self.imprint.groups]
        return sorted(
            [*self.groups, *self.earlier], key=lambda g: order.index(g.group) if g.group in order else len(order)
        )

    @property
    def failed(self) -> list[PageResult]:
        """The pages that did not come to their end or were left out."""
        return [page for group in self.groups for page in group.pages if page.state != "done"]

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some page or the book failed, 3 done with quarantined returns (2 is a wrong call)."""
        return 1 if self.failed or self.bookless else 3 if self.quarantined else 0

    def verdict(self) -> str:
        """The whole run in one sentence."""
        pages = [page for group in self.groups for page in group.pages]
        done = len(pages) - len(self.failed)
        if self.failed:
            return _(
                "{done} of {all} pages done; the others are listed with their reasons",
                done=number(done),
                all=number(len(pages)),
            )
        if self.bookless:
            return _("All pages done, but the methodology book could not be made")
        if self.quarantined:
            return plural(
                "All pages done; {n} file was put in quarantine",
                "All pages done; {n} files were put in quarantine",
                len(self.quarantined),
            )
        return _("All pages done")
