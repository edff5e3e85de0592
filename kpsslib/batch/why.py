"""Why a page would be made again by the next batch, or would not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from kpsslib.batch.graph import Node, waits_for
from kpsslib.batch.ledger import NAME, Attempt, DiskError, Ledger
from kpsslib.batch.pages import Page, find_pages
from kpsslib.batch.present import Present
from kpsslib.batch.runner import imprint_of, page_task
from kpsslib.batch.running import Task
from kpsslib.intake.store import GROUPS, fingerprint, get, get_groups
from kpsslib.intake.taking_in import known_intake, list_sources
from kpsslib.language import _
from kpsslib.workspace import ALL, Run, RunError, open_run


class Why(NamedTuple):
    """What would become of a page for a group.

    last is its newest attempt, None where it was never tried; changed names what is not as it was then, spoiled the
    outputs that are not as it made them, waits the pages before it that would be made again.
    """

    group: str
    last: Attempt | None
    changed: list[str]
    spoiled: list[str]
    waits: list[str]

    @property
    def again(self) -> bool:
        """Whether the next batch would make it; where it waits for others, that depends on what they make."""
        return self.last is None or self.last.state != "done" or bool(self.changed or self.spoiled)

    @property
    def reads_returns(self) -> bool:
        """Whether it reads what was taken in."""
        return self.last is not None and any(name.startswith("intake:") for name in self.last.inputs)


class Reasons(NamedTuple):
    """The reasons of a page by group, and the names of returns and tables that came or changed since the last batch."""

    of_groups: list[Why]
    files: list[str]


def why(run_file: str, page: str, language: str | None) -> Reasons:
    """The reasons for each group of a page; raises RunError where the page is none of the run's, or nothing has run."""
    run = open_run(run_file, **({"language": language} if language else {}))
    pages = find_pages(run)
    imprint = imprint_of(run, run_file, pages)
    nodes = [Node(group, name) for group in [*run.groups, ALL] for name in imprint.pages_of(group)]
    if page not in pages:
        raise RunError([_("pages: {found} is not among the pages of the run ({expected})", found=repr(page),
                          expected=", ".join(pages))])
    if not (run.folder / NAME).exists():
        raise RunError([_("nothing has run yet: {folder} has no ledger; start kpss batch", folder=run.folder)])
    folder, files, taken_in = _intake(run)
    present = Present(run, get_groups(folder) if folder else {})
    try:
        ledger = Ledger(run.folder, read_only=True)
    except DiskError as error:
        raise RunError([_("{file}: the ledger cannot be read: {error}", file=run.folder / NAME, error=error)]) from None
    known = {}
    with closing(ledger):
        for node in nodes:
            task = page_task(run, pages[node.page], node.group, imprint, present)
            known[node] = _why(node, pages[node.page], task, ledger, present)
            if not taken_in and known[node].reads_returns:
                known[node].changed.append("returns:")
    waits = waits_for(nodes, {name: one.tables for name, one in pages.items()})
    return Reasons([known[node]._replace(waits=_before(node, waits, known)) for node in nodes if node.page == page],
                   files)


def _why(node: Node, page: Page, task: Task, ledger: Ledger, present: Present) -> Why:
    last = ledger.last(node.page, node.group)
    if last is None or last.state != "done":
        return Why(node.group, last, [], [], [])
    beforehand = present.beforehand(page, task)
    return Why(node.group, last, present.changed(last, beforehand), present.spoiled(last), [])


def _before(node: Node, waits: dict[Node, list[Node]], known: dict[Node, Why]) -> list[str]:
    """The pages near and far before a page that would be made again."""
    found = [f"{one.group} {one.page}" for one in waits[node] if known[one].again]
    return list(dict.fromkeys([*(name for one in waits[node] for name in _before(one, waits, known)), *found]))


def _intake(run: Run) -> tuple[Path | None, list[str], bool]:
    """The intake of the inputs as they are; else the newest one, and the files that came, changed or went since."""
    if key := known_intake(run):
        return run.folder / "intake" / key, [], True
    older = sorted((run.folder / "intake").glob(f"*/{GROUPS}"), key=lambda path: path.stat().st_mtime)
    sources = list_sources(run)
    if not older:
        return None, [source.name for source in sources], False
    originals = get(older[-1].parent, "originals")
    seen = {*zip(originals["file"], originals["sha256"], strict=True)}
    listed = [source for source in sources if source.role in ("returns", "archive", "imports")]
    came = [one.name for one in listed if (one.name, fingerprint(one.path)) not in seen]
    gone = sorted({*originals["file"]} - {one.name for one in sources})
    return older[-1].parent, [*came, *gone], False
