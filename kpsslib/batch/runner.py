"""A whole run: check everything, take the returns in once, run every page, publish, account."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from kpsslib.batch.books import write_books
from kpsslib.batch.counting import count_group, quarantined
from kpsslib.batch.inputs import data_files, data_hash, newest_day
from kpsslib.batch.pages import Page, find_pages
from kpsslib.batch.progress import Display
from kpsslib.batch.running import Task, replace_file
from kpsslib.batch.summary import read_summary, write_summary
from kpsslib.batch.workers import left_out, run_pages
from kpsslib.language import _
from kpsslib.publishing.index import index_html
from kpsslib.publishing.report import missing_html
from kpsslib.publishing.results import GroupResult, Imprint, PageResult, RunResult
from kpsslib.workspace import ALL, Run, RunError, open_run, project_root


def run_batch(
    run_file: str, console: Console, *, language: str | None = None, groups: Sequence[str] = (), workers: int = 2
) -> RunResult:
    """Run the pages of a run file for its groups (or those named) and publish what came to its end.

    Raises RunError before anything starts where the run file, a page or a group is wrong, and where the returns
    cannot be taken in at all.
    """
    started = time.monotonic()
    run = open_run(run_file, **({"language": language} if language else {}))
    pages = find_pages(run)
    chosen = _chosen(run, groups)
    imprint = _imprint(run, run_file, pages)
    asked = [(group, name) for group in chosen for name in imprint.pages_of(group)]
    with Display(console, len(asked)) as display:
        _take_in(run, display)
        ended = _run_pages(run, pages, imprint, chosen, workers, display)
    book, _workbook = write_books(run.methodology, run.folder / "methodology")
    result = replace(
        _account(run, imprint, chosen, ended),
        methodology=book.relative_to(run.folder).as_posix(),
        seconds=round(time.monotonic() - started, 1),
    )
    publish(result, run.folder)
    return result


def publish(result: RunResult, folder: Path) -> None:
    """Write the index page and summary.json of a run, and a notice wherever a report was never made."""
    for group in result.groups:
        for page in group.pages:
            if page.state != "done" and not page.report:
                replace_file(
                    folder / "reports" / page.group / f"{page.page}.html",
                    missing_html(page.reason, page.page, page.group, result.imprint),
                )
    replace_file(folder / "index.html", index_html(result))
    write_summary(result, folder)


def _chosen(run: Run, groups: Sequence[str]) -> list[str]:
    """The groups to run, the whole region last; a region page reads the tables of all groups."""
    everything = [*run.groups, *([ALL] if run.region_pages else [])]
    unknown = [group for group in groups if group not in everything]
    if unknown:
        raise RunError(
            [
                _(
                    "--group: {found} is not among the groups of the run ({expected})",
                    found=repr(group),
                    expected=", ".join(everything),
                )
                for group in unknown
            ]
        )
    return [group for group in everything if not groups or group in groups]


def _imprint(run: Run, run_file: str, pages: dict[str, Page]) -> Imprint:
    files = data_files(run)
    known = run.methodology.working_groups
    return Imprint(
        run=run.name,
        run_file=run_file,
        region=run.region,
        language=run.language,
        year=run.year,
        round=run.round,
        version=version("kpsslib"),
        data_hash=data_hash(files),
        data_date=newest_day(files),
        made=datetime.now().isoformat(timespec="seconds"),
        groups={g: str(known[g].name) for g in run.groups},
        pages={name: page.title for name, page in pages.items()},
        group_pages=run.pages,
        region_pages=run.region_pages,
    )


def _take_in(run: Run, display: Display) -> None:
    from kpsslib.intake import take_in

    take_in(run, progress=display.intake)


def _run_pages(
    run: Run, pages: dict[str, Page], imprint: Imprint, chosen: list[str], workers: int, display: Display
) -> list[PageResult]:
    """All results; the region's pages come after the groups, and only where every group came to its end."""
    run.folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".running-", dir=run.folder))
    log = run.folder / "batch.log"
    try:
        tasks = {
            group: [_task(run, pages[name], group, imprint, aside) for name in imprint.pages_of(group)]
            for group in chosen
        }
        of_region = tasks.pop(ALL, [])
        ended = display.follow(run_pages(list(tasks.values()), workers, log))
        if any(result.state != "done" for result in ended):
            reason = _("pages of some groups failed and the totals would be wrong")
            return ended + display.follow(left_out(task, reason) for task in of_region)
        return ended + display.follow(run_pages([of_region], 1, log))
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _task(run: Run, page: Page, group: str, imprint: Imprint, aside: Path) -> Task:
    offered = {"run_file": imprint.run_file, "group": group, "year": run.year, "language": run.language}
    return Task(
        page=page.name,
        group=group,
        path=page.path,
        root=project_root(),
        folder=run.folder,
        aside=aside / group / f"{page.name}.ipynb",
        imprint=imprint,
        parameters={name: value for name, value in offered.items() if name in page.parameters},
    )


def _account(run: Run, imprint: Imprint, chosen: list[str], ended: list[PageResult]) -> RunResult:
    groups: list[GroupResult] = []
    for group in chosen:
        order = imprint.pages_of(group)
        pages = sorted((p for p in ended if p.group == group), key=lambda p: order.index(p.page))
        name = imprint.groups.get(group, _("the whole region"))
        groups.append(GroupResult(group, name, pages) if group == ALL else count_group(run, group, name, pages))
    earlier = [
        group for group in read_summary(run.folder) if group.group not in chosen and group.group in [*run.groups, ALL]
    ]
    return RunResult(imprint, groups, quarantined(run), earlier)
