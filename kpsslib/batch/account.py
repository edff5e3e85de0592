"""What a run came to, put together from the ledger: its groups, its quarantine, its index and its summary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kpsslib.batch import books
from kpsslib.batch.crate import write_crate
from kpsslib.batch.graph import Node
from kpsslib.batch.ledger import Ledger
from kpsslib.batch.running import report_of
from kpsslib.language import _
from kpsslib.publication import replace_file
from kpsslib.publishing.index import index_html
from kpsslib.publishing.report import missing_html
from kpsslib.publishing.results import GroupResult, Imprint, PageResult, Quarantined, RunResult
from kpsslib.workspace import ALL, Run

SUMMARY = "summary.json"


def account(run: Run, imprint: Imprint, chosen: Sequence[str], ledger: Ledger,
            results: dict[Node, PageResult]) -> RunResult:
    """The groups chosen as this batch left them, and the others as an earlier one did."""
    quarantined: dict[str, Quarantined] = {}
    groups: dict[str, GroupResult] = {}
    for group in [*run.groups, *([ALL] if run.region_pages else [])]:
        names = imprint.pages_of(group)
        found = [results.get(Node(group, name)) or _earlier(run, ledger, group, name) for name in names]
        pages = [page for page in found if page]
        counts = _counts(ledger, group, names)
        quarantined |= {one["file"]: Quarantined(**one) for one in counts.pop("quarantined", [])}
        if pages or group in chosen:
            groups[group] = GroupResult(group, imprint.groups.get(group, _("the whole region")), pages, **counts)
    book = run.folder / books.FOLDER / "index.html"
    return RunResult(
        imprint,
        [groups[group] for group in chosen],
        [quarantined[file] for file in sorted(quarantined)],
        [one for group, one in groups.items() if group not in chosen],
        methodology=book.relative_to(run.folder).as_posix() if book.exists() else "",
    )


def publish_result(result: RunResult, ledger: Ledger, folder: Path) -> None:
    """Write the index page, the summary and the manifest of a run, and a notice where a report was never made."""
    for page in (page for group in result.groups for page in group.pages):
        if page.state != "done" and not page.report:
            replace_file(folder / report_of(page.group, page.page),
                         missing_html(page.reason, page.page, page.group, result.imprint))
    replace_file(folder / "index.html", index_html(result))
    summary = {**asdict(result), "exit_code": result.exit_code}
    replace_file(folder / SUMMARY, json.dumps(summary, ensure_ascii=False, indent=1))
    write_crate(result, ledger, folder)


def _earlier(run: Run, ledger: Ledger, group: str, page: str) -> PageResult | None:
    """How a page ended that this batch was not asked for; None where it was never tried."""
    last = next(ledger.attempts(page, group), None)
    if last is None:
        return None
    report = (run.folder / report_of(group, page)).exists() and ledger.last_done(page, group) is not None
    return PageResult(group, page, last.state, last.error, round(last.seconds, 2), report, unchanged=True)


def _counts(ledger: Ledger, group: str, pages: list[str]) -> dict:
    """What the newest page that counted the group's returns has found."""
    for page in pages:
        last = ledger.last_done(page, group)
        if last and last.counts:
            return dict(last.counts)
    return {}
