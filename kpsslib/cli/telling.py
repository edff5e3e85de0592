"""What the commands print when they are done."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kpsslib.batch.importing import Imported
from kpsslib.example import write_example
from kpsslib.language import _, number
from kpsslib.methodology import load
from kpsslib.methodology.words import round_name
from kpsslib.publishing.results import RunResult
from kpsslib.workspace import project_root

SHOWN_PROBLEMS = 12


def tell_result(result: RunResult, console: Console) -> None:
    """One line a group, the verdict, and where to begin reading."""
    for group in result.groups:
        _say(console, group.line())
    _say(console, _verdict(result))
    _say(console, _("Begin here: {index}", index=_shown(result, "index.html")))


def _verdict(result: RunResult) -> str:
    """How the run ended, how much of it stood as it would be made again, and how long it took."""
    pages = [page for group in result.groups for page in group.pages]
    unchanged = sum(page.unchanged for page in pages)
    stood = f" {_('Unchanged: {n} of {all}.', n=number(unchanged), all=number(len(pages)))}" if unchanged else ""
    return f"{result.verdict()}.{stood} {_('Time: {seconds} s', seconds=number(result.seconds))}."


def tell_demo(result: RunResult, console: Console) -> None:
    """A table of what the model region came to, and where everything lies."""
    table = Table(title=_("The model region, {year}", year=result.imprint.year), title_justify="left")
    table.add_column(_("working group"))
    for heading in (_("pages"), _("returns"), _("errors"), _("warnings")):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in result.groups:
        done = sum(page.state == "done" for page in group.pages)
        counts = [group.returns, number(group.errors), number(group.warnings)] if group.returns else ["", "", ""]
        table.add_row(group.label, f"{done}/{len(group.pages)}", *counts)
    console.print(table)
    _say(console, _verdict(result))
    if result.quarantined:
        _say(
            console,
            _("The files in quarantine are planted in the model region, so that you see what happens to such returns."),
        )
    for words, path in (
        (_("overview"), "index.html"),
        (_("reports"), "reports"),
        (_("executed notebooks"), "pages"),
        (_("tables"), "tables"),
    ):
        _say(console, f"{words}: {_shown(result, path)}")


def tell_example(folder: str, scale: int, console: Console) -> None:
    """Write the model region and say what was written."""
    words = _("Writing the model region")
    with console.status(words) as status:
        written = write_example(
            project_root() / folder,
            load(project_root() / "parameters" / "methodology"),
            scale,
            progress=lambda done, total, what: status.update(f"{words} {done}/{total} {what}"),
        )
    counts = {"services": number(written.services), "returns": number(written.returns)}
    _say(
        console,
        _(
            "The model region: {services} services, {returns} returns and an archive in {folder}",
            folder=folder,
            **counts,
        ),
    )


def tell_books(book: Path, workbook: Path) -> None:
    """Where the methodology book and its workbook are."""
    for words, path in ((_("methodology book"), book), (_("workbook"), workbook)):
        print(f"{words}: {os.path.relpath(path)}")


def tell_archive(path: Path) -> None:
    """Where the archive file is, and what to change before the run is run again."""
    print(_("archive: {file}", file=os.path.relpath(path)))
    print(_("Before the next batch, point returns at the workbooks of the new year: "
            "the same figures in both places stop it."))


def tell_import(imported: Imported, console: Console) -> None:
    """The totals of each file, the problems (the worst first), and what to do next."""
    for (file, year, vintage), rows in imported.totals.groupby(["file", "year", "round"], sort=False):
        table = Table(title=f"{escape(file)}, {year}, {round_name(vintage)}", title_justify="left")
        table.add_column(_("item"))
        for heading in (_("rows"), _("sum of rows"), _("sub-totals"), _("sum of sub-totals")):
            table.add_column(heading, justify="right")
        for row in rows.itertuples():
            figures = (row.rows, row.rows_sum, row.subtotals, row.subtotals_sum)
            table.add_row(str(imported.run.methodology.items[row.item].name), *map(number, figures))
        console.print(table)
    problems = imported.problems.sort_values("severity", kind="stable")
    for problem in problems.head(SHOWN_PROBLEMS).itertuples():
        place = ", ".join(
            part for part in (problem.file, problem.sheet, problem.cell) if isinstance(part, str) and part
        )
        _say(console, f"{place}: {problem.found}; {problem.expected}. {problem.advice}")
    counts = (imported.services["service_id"].nunique(), len(imported.problems))
    _say(
        console,
        _("{services} services and {problems} problems", services=number(counts[0]), problems=number(counts[1])),
    )
    _say(console, _("Next: kpss batch {run_file}", run_file=imported.run_file))


def _shown(result: RunResult, path: str) -> str:
    return os.path.relpath(project_root() / "outputs" / result.imprint.run / path)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
