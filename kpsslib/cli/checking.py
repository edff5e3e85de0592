"""The command `kpss check`: progress on a terminal, the report, the exit code."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kpsslib.checking import check, list_files, write_back
from kpsslib.cli.telling_check import tell_check
from kpsslib.intake import take_in
from kpsslib.language import _, speaking
from kpsslib.workspace import open_run


def check_and_tell(paths: list[str], run_file: str, out: str, language: str | None, console: Console) -> int:
    """Check files, write back, print the report; returns 0 where all pass, 3 where some do not."""
    files = list_files(paths)
    run = open_run(run_file, **({"language": language} if language else {})) if run_file else None
    quiet = not console.is_terminal or bool(os.environ.get("CI"))
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as bars:
        if run:
            line = bars.add_task(_("Taking in the returns"), total=None)
            take_in(run, lambda done, total, _what: bars.update(line, completed=done, total=total))
        line = bars.add_task(_("Checking"), total=len(files.sources))
        report = check(files, run, speaking(), lambda done, _total, _what: bars.update(line, completed=done))
        folder = Path(out or (run.folder / "check" if run else report.run.folder))
        written = write_back(report, folder)
    tell_check(report, written, console)
    return report.exit_code
