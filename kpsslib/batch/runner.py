"""A whole run: check everything, take the returns in once, make every page that has to be made, publish, account."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from kpsslib.batch import books
from kpsslib.batch.account import account, publish_result
from kpsslib.batch.cluster import Cluster
from kpsslib.batch.graph import NOTHING, Node, waits_for
from kpsslib.batch.inputs import data_files, data_hash, newest_day
from kpsslib.batch.ledger import DiskError, Ledger
from kpsslib.batch.local import Local
from kpsslib.batch.pages import Page, find_pages
from kpsslib.batch.present import Present
from kpsslib.batch.progress import Display
from kpsslib.batch.reaching import Place, reached
from kpsslib.batch.running import Task
from kpsslib.batch.taking import take_in_aside
from kpsslib.batch.work import Work
from kpsslib.intake.store import get_groups
from kpsslib.language import _
from kpsslib.locks import HeldError, Holder, only_writer
from kpsslib.publication import RUNNING, settle
from kpsslib.publishing.layout import moment
from kpsslib.publishing.results import Imprint, RunResult
from kpsslib.workspace import ALL, Run, RunError, StoppedError, open_run, project_root

BOOK = Node(ALL, books.PAGE)


def run_batch(run_file: str, console: Console, *, language: str | None = None, groups: Sequence[str] = (),
              workers: int | Place = 2, resume: bool = False) -> RunResult:
    """Make the pages of a run file for its groups (or those named) that are not as they would be made again.

    The workers are how many pages run side by side on this computer, or a cluster. With `resume` the groups are those
    that the last batch was for, which may have been interrupted.

    Raises RunError before anything starts where the run file, a page, a group or the cluster is wrong, where the
    returns cannot be taken in at all, and where the run's folder cannot be written or somebody else is writing it.
    """
    started = time.monotonic()
    run = open_run(run_file, **({"language": language} if language else {}))
    pages = find_pages(run)
    chosen = _chosen(run, _asked(run) if resume and not groups else groups)
    files = data_files(run)
    imprint = replace(imprint_of(run, run_file, pages), data_hash=data_hash(files), data_date=newest_day(files))
    nodes = [Node(group, name) for group in chosen for name in imprint.pages_of(group)]
    waits = waits_for(nodes, {name: page.tables for name, page in pages.items()})
    place = workers if isinstance(workers, Place) else None
    with (reached(place, run, run_file) as cluster, writing(run.folder) as ledger,
          Display(console, len(nodes), pages) as display):
        if ledger.damaged:
            display.say(_("The ledger of the run could not be read; it was put aside and every page is made again."))
        ledger.ask(chosen)
        log = run.folder / "batch.log"
        local = Cluster(cluster, run, log, display.say) if cluster else Local(workers, log, display.say)
        try:
            intake = take_in_aside(run, local.warm, display.intake)
            taken = get_groups(run.folder / "intake" / intake)
            _refuse_without_services(run, chosen, taken)
            present = Present(run, taken)
            memory_mb = run.memory_mb or (None if cluster else _share_of_memory(workers))
            tasks = {node: replace(page_task(run, pages[node.page], node.group, imprint, present), intake=intake,
                                   memory_mb=memory_mb) for node in nodes}
            work = Work(_with_book(pages), {BOOK: _book_task(run, imprint), **tasks}, {BOOK: [], **waits}, ledger,
                        present)
            display.expect(ledger)
            display.follow(work.go_on(local, run.batch_seconds or math.inf), nodes, local.free)
            bookless = work.results[BOOK].reason
            if bookless:
                display.say(_("The methodology book could not be made: {reason}", reason=bookless))
            seconds = round(time.monotonic() - started, 1)
            result = replace(account(run, imprint, chosen, ledger, work.results), seconds=seconds, bookless=bookless)
            publish_result(result, ledger, run.folder)
        finally:
            local.stop()
            shutil.rmtree(run.folder / RUNNING, ignore_errors=True)
    return result


@contextmanager
def writing(folder: Path) -> Iterator[Ledger]:
    """Be the one who writes a run's folder, and its ledger.

    Raises RunError where that is somebody else, or nobody can; StoppedError where nobody can any longer.
    """
    kind = RunError
    try:
        with only_writer(folder):
            settle(folder)
            shutil.rmtree(folder / RUNNING, ignore_errors=True)
            with closing(Ledger(folder)) as ledger:
                ledger.interrupt()
                kind = StoppedError
                yield ledger
    except HeldError as error:
        raise RunError([_held(error.holder, folder)]) from None
    except (DiskError, OSError) as error:
        raise kind([_("{folder} cannot be written: {error}. Free some space or correct the rights, and run the batch "
                      "again; what was finished stays", folder=folder, error=error)]) from None


def _held(holder: Holder, folder: Path) -> str:
    if not holder.pid:
        return _("another batch is writing {folder}; wait until it ends", folder=folder)
    return _("another batch is writing {folder}: {user} on {host} (process {pid}) since {since}; wait until it ends",
             folder=folder, user=holder.user, host=holder.host, pid=holder.pid, since=moment(holder.since))


def _asked(run: Run) -> list[str]:
    """The groups that the last batch was for, as far as the run still has them."""
    try:
        ledger = Ledger(run.folder, read_only=True)
    except DiskError:  # there is none yet
        return []
    with closing(ledger):
        return [group for group in ledger.asked() if group in [*run.groups, ALL]]


def _chosen(run: Run, groups: Sequence[str]) -> list[str]:
    """The groups to run, the whole region last; a region page reads the tables of all groups."""
    everything = [*run.groups, *([ALL] if run.region_pages else [])]
    expected = ", ".join(everything)
    unknown = [_("--group: {found} is not among the groups of the run ({expected})", found=repr(group),
                 expected=expected) for group in groups if group not in everything]
    if unknown:
        raise RunError(unknown)
    return [group for group in everything if not groups or group in groups]


def _refuse_without_services(run: Run, chosen: list[str], taken: dict[str, dict]) -> None:
    """A group of which nobody knows a service is a mistake in the run file or data that were forgotten.

    Where no group has any the run's pages do not read services, and nothing is wrong.
    """
    if not any(one["services"] for one in taken.values()):
        return
    known = run.methodology
    problems = [
        _("groups: {group} has no service: nothing that was taken in is of its types ({types}); take it out of the run "
          "file, or put its register or returns where the run file says", group=group,
          types=", ".join(str(known.service_types[one].name) for one in known.working_groups[group].service_types))
        for group in chosen if group != ALL and not taken[group]["services"]]
    if problems:
        raise RunError(problems)


def imprint_of(run: Run, run_file: str, pages: dict[str, Page]) -> Imprint:
    """What stands in the header and footer of everything the run publishes, but for its data."""
    known = run.methodology.working_groups
    return Imprint(
        run=run.name,
        run_file=run_file,
        region=run.region,
        language=run.language,
        year=run.year,
        round=run.round,
        version=version("kpsslib"),
        data_hash="",
        data_date="",
        made=datetime.now().isoformat(timespec="seconds"),
        groups={g: str(known[g].name) for g in run.groups},
        pages={name: page.title for name, page in pages.items()},
        group_pages=run.pages,
        region_pages=run.region_pages,
    )


def page_task(run: Run, page: Page, group: str, imprint: Imprint, present: Present) -> Task:
    """What is asked of a page; its report names its own data, and not when it was made: that is in the ledger."""
    offered = {"run_file": imprint.run_file, "group": group, "year": run.year, "language": run.language}
    return Task(
        page=page.name,
        group=group,
        path=page.path,
        root=project_root(),
        folder=run.folder,
        aside=run.folder / RUNNING,
        parameters={name: value for name, value in offered.items() if name in page.parameters},
        tables=page.tables,
        imprint=replace(imprint, data_hash="", data_date=present.received(group), made=""),
        log=run.folder / "batch.log",
        cell_seconds=run.cell_seconds,
    )


def _share_of_memory(workers: int) -> int | None:
    """The memory in MB that a page may take where the run file does not say: together nine tenths of all."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on every system
        return None
    return int(pages / 2**20 * 0.9 / max(1, workers))


def _book_task(run: Run, imprint: Imprint) -> Task:
    """The methodology book, made as a page is; it has no page of its own."""
    plain = replace(imprint, data_hash="", data_date="", made="", pages={}, group_pages=[], region_pages=[])
    return Task(page=BOOK.page, group=ALL, path=run.path(run.methodology_folder), root=project_root(),
                folder=run.folder, aside=run.folder / RUNNING, tables=NOTHING, imprint=plain,
                parameters={"run_file": imprint.run_file, "language": run.language}, log=run.folder / "batch.log",
                cell_seconds=run.cell_seconds, function="kpsslib.batch.books:run_books")


def _with_book(pages: dict[str, Page]) -> dict[str, Page]:
    book = Page(BOOK.page, Path(), "", frozenset(), NOTHING, books.CODE, "")
    return {**pages, BOOK.page: book}
