"""Running one page: papermill into a file aside, an own test of whether the page came to its end, then into place.

Papermill's file says "completed" of cells that never ran, and is written in place; so it is never asked how a page
ended, and never writes where the last good page lies.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from kpsslib.language import _, speak
from kpsslib.publishing.results import Imprint, PageResult
from kpsslib.workspace import RunError, sentinel

CELL_SECONDS = 600
START_ATTEMPTS = 3


@dataclass(frozen=True)
class Task:
    """One page to run for one group; `aside` is where it is written while it runs."""

    page: str
    group: str
    path: Path
    root: Path
    folder: Path
    aside: Path
    parameters: dict[str, object]
    imprint: Imprint
    cell_seconds: int = CELL_SECONDS

    @property
    def notebook(self) -> Path:
        """Where the executed page is published."""
        return self.folder / "pages" / self.group / f"{self.page}.ipynb"

    @property
    def report(self) -> Path:
        """Where its report is published."""
        return self.folder / "reports" / self.group / f"{self.page}.html"

    @property
    def failed(self) -> Path:
        """Where an analyst finds the page if it did not come to its end."""
        return self.folder / "pages" / "failed" / self.group / f"{self.page}.ipynb"

    def ended(self, reason: str, seconds: float = 0.0) -> PageResult:
        """The result of the task: done where there is no reason why not."""
        return PageResult(
            self.group, self.page, "failed" if reason else "done", reason, round(seconds, 2), self.notebook.exists()
        )


def run_page(task: Task) -> PageResult:
    """Run a page and publish it if it came to its end; otherwise keep it aside and say why."""
    speak(task.imprint.language)
    started = time.monotonic()
    task.aside.parent.mkdir(parents=True, exist_ok=True)
    reason = _execute(task)
    if not reason:
        try:
            publish(task)
        except Exception as error:  # a report that cannot be made or written fails its page, not the batch
            reason = _("the report could not be made: {error}", error=_first_line(error))
    if reason:
        reason = keep_aside(task, reason)
    return task.ended(reason, time.monotonic() - started)


def publish(task: Task) -> None:
    """Put the executed page and its report into place, each whole; nothing is replaced unless both could be made."""
    from kpsslib.publishing.report import report_html

    notebook = nbformat.read(task.aside, as_version=4)
    html = report_html(notebook, task.page, task.group, task.imprint)
    replace_file(task.report, html)
    replace_file(task.notebook, nbformat.writes(notebook))
    task.aside.unlink()
    task.failed.unlink(missing_ok=True)


def keep_aside(task: Task, reason: str) -> str:
    """Move what there is of a failed page to where the analyst looks for it; the reason, and where that is."""
    if not task.aside.exists():
        return reason
    task.failed.parent.mkdir(parents=True, exist_ok=True)
    os.replace(task.aside, task.failed)
    place = f"{task.failed.parent.relative_to(task.folder).as_posix()}/"
    return reason.rstrip(".") + ". " + _("The page is kept for the analyst in {place}.", place=place)


def replace_file(path: Path, text: str) -> None:
    """Write a file beside its place, make sure that it is on the disk, and move it over the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _execute(task: Task) -> str:
    """Run the page aside; the reason why it did not come to its end, or nothing."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    for _attempt in range(START_ATTEMPTS):
        try:
            papermill.execute_notebook(
                task.path,
                task.aside,
                parameters=task.parameters,
                cwd=task.root,
                execution_timeout=task.cell_seconds,
                kernel_name="python3",
                language="python",
                progress_bar=False,
            )
        except papermill.exceptions.PapermillExecutionError:
            return unfinished(nbformat.read(task.aside, as_version=4), task)
        except CellTimeoutError:
            return _("cell {n} took longer than {seconds} s", n=_last_started(task), seconds=task.cell_seconds)
        except (DeadKernelError, RuntimeError) as error:
            # Two kernels that start at once may be given one port (papermill #511): only the start is tried again.
            if not _last_started(task):
                reason = _("the kernel did not start: {error}", error=_first_line(error))
                continue
            return _("the kernel died in cell {n}; perhaps it ran out of memory", n=_last_started(task))
        except Exception as error:  # whatever happens to one page must not stop the others
            return f"{type(error).__name__}: {_first_line(error)}"
        return unfinished(nbformat.read(task.aside, as_version=4), task)
    return reason


def unfinished(notebook: NotebookNode, task: Task) -> str:
    """Why an executed page did not come to its end, or nothing: a cell's error, or no sentinel from its last cell."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for n, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error" and output.ename == "SystemExit":
                return _("the page stopped itself in cell {n}, before its end", n=n)
            if output.output_type == "error":
                told = "" if output.ename == RunError.__name__ else f"{output.ename}: "
                return _("cell {n}: {error}", n=n, error=told + _first_line(output.evalue))
    printed = (
        "".join(o.text for o in code[-1].outputs if o.output_type == "stream" and o.name == "stdout") if code else ""
    )
    if sentinel(task.page, task.group) not in printed.splitlines():
        return _(
            'the page did not come to its end: its last cell did not print "{sentinel}"',
            sentinel=sentinel(task.page, task.group),
        )
    return ""


def _last_started(task: Task) -> int:
    """The number of the code cell that papermill started last; 0 where none was."""
    if not task.aside.exists():
        return 0
    code = [cell for cell in nbformat.read(task.aside, as_version=4).cells if cell.cell_type == "code"]
    return max(
        (n for n, cell in enumerate(code, start=1) if cell.metadata.get("papermill", {}).get("start_time")), default=0
    )


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
