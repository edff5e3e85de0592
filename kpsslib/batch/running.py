"""Running one page in a process of its own: its cells, an own test of whether it came to its end, its report, aside.

Nothing here writes where the last good page lies: what a page made stands whole in the folder aside, hashed and on the
disk, before the batch is told how it ended.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from kpsslib import watch
from kpsslib.batch.executing import execute, first_line, unfinished
from kpsslib.batch.graph import Named
from kpsslib.batch.ledger import key_of
from kpsslib.batch.pages import read_notebook, source_hash
from kpsslib.language import _, speak
from kpsslib.publication import HASHES, sync_folder, write_synced
from kpsslib.publishing.results import Imprint
from kpsslib.workspace import open_run

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from kpsslib.batch.counting import Counts

KEPT = "page.ipynb"  # what there is of a page that failed, beside its outputs
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Task:
    """One page to run for one group.

    Attributes:
        page, group: which page, for whom.
        path: its file.
        root, folder: the project's folder, the run's folder.
        aside: the folder in which it writes, of its own.
        parameters: what is laid over the cell tagged `parameters`.
        tables: those that the page names; reading or writing another one is an error.
        imprint: what stands in the header and footer of its report.
        intake: the key of the run's intake, "" where nothing has been taken in.
        log: where goes what the page prints too much.
        cell_seconds, memory_mb: how long a cell and how much memory the page may take; no limit of memory where None.
        warm: whether it runs in a process forked from a warm one; otherwise an ordinary kernel runs it.
        function: what runs in the process.
    """

    page: str
    group: str
    path: Path
    root: Path
    folder: Path
    aside: Path
    parameters: dict[str, object]
    tables: Named
    imprint: Imprint
    intake: str = ""
    log: Path = Path(os.devnull)
    cell_seconds: int = 600
    memory_mb: int | None = None
    warm: bool = True
    function: str = "kpsslib.batch.running:run_page"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the page's process: where it writes, what was taken in, and a seed of its own."""
        seed = int(hashlib.sha256(f"{self.page} {self.group}".encode()).hexdigest()[:8], 16)
        return os.environ | {watch.ASIDE: str(self.aside), watch.INTAKE: self.intake, "KPSS_SEED": str(seed),
                             "PYTHONHASHSEED": "0"}


@dataclass(frozen=True)
class Cell:
    """A message of a page's process: it begins a code cell; 0 when it begins at all."""

    n: int = 0
    of: int = 0


@dataclass(frozen=True)
class Outcome:
    """A message of a page's process: how the page ended, done where there is no reason why not.

    `inputs` holds what it read with hashes, `outputs` the SHA-256 of what it made by path below the run's folder.
    """

    reason: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    counts: Counts | None = None


def run_page(connection: Connection, task: Task) -> None:
    """Run a page, write its outputs aside and say how it ended: Cell messages, then an Outcome."""
    tell(connection, task, lambda: _run(connection, task))


def tell(connection: Connection, task: Task, make: Callable[[], Outcome]) -> None:
    """The frame of what a page's process makes: in the batch's language, aside, with its time and memory.

    A disk that is full fails what was being made, and not the process.
    """
    connection.send(Cell())
    started = time.monotonic()
    speak(task.imprint.language)
    task.aside.mkdir(parents=True, exist_ok=True)
    try:
        outcome = make()
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        outcome = Outcome(disk_full(error, task.folder))
    connection.send(replace(outcome, seconds=round(time.monotonic() - started, 3), peak_mb=_peak_mb()))


def disk_full(error: OSError, folder: Path) -> str:
    """The sentence for a disk that takes nothing more."""
    place = error.filename or folder
    return _("the disk is full: {file} could not be written; free some space and run the batch again", file=place)


def _run(connection: Connection, task: Task) -> Outcome:
    source = source_hash(read_notebook(task.path))  # of what runs; who edits the page meanwhile edits the next one
    notebook, reason = execute(task, lambda n, of, _cell: connection.send(Cell(n, of)))
    reason = reason or unfinished(notebook, task)
    if task.warm and not reason:
        watch.write()  # once more: something may have been read after the notes were written in the last cell
    noted = _noted(task.aside)
    if not reason:
        reason = _unnamed(noted, task)
    if reason:
        if notebook is not None:
            write_synced(task.aside / KEPT, _text(notebook))
        return Outcome(reason)
    try:
        _write(notebook, noted, task)
    except OSError:
        raise
    except Exception as error:  # a report that cannot be made fails its page, not the batch
        return Outcome(_("the report could not be made: {error}", error=first_line(error)))
    noted["page:source"] = source
    return Outcome(inputs=noted, outputs=hashed(task.aside / watch.FILES), counts=_counted(task))


def _noted(aside: Path) -> dict[str, str]:
    try:
        return json.loads((aside / watch.NOTES).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _unnamed(noted: dict[str, str], task: Task) -> str:
    """A page that reads a table it does not name might have run before the table was made."""
    read = {name.rpartition("/")[2] for name in noted if name.startswith("table:")}
    named = {Path("tables", task.group, f"{name}.parquet") for name in task.tables.writes}
    files = task.aside / watch.FILES
    made = {path.relative_to(files) for path in files.rglob("*.parquet")}
    if more := ", ".join(sorted(path.as_posix() for path in made - named)):
        return _("the page saves tables that it does not name: {tables}; save those of its own group by "
                 "run.save(name=...) on the page", tables=more)
    if more := ", ".join(sorted(read - task.tables.reads)):
        return _('the page reads tables that it does not name: {tables}; read them by run.read("...") on the page',
                 tables=more)
    return ""


def _write(notebook: NotebookNode, noted: dict[str, str], task: Task) -> None:
    """The executed page and its report, beside the tables that the page has saved."""
    from kpsslib.publishing.report import report_html

    data = {name: value for name, value in noted.items() if name.startswith(("table:", "intake:", "file:"))}
    imprint = replace(task.imprint, data_hash=key_of(data))
    html = report_html(notebook, task.page, task.group, imprint)
    files = task.aside / watch.FILES
    write_synced(files / report_of(task.group, task.page), html.encode())
    write_synced(files / notebook_of(task.group, task.page), _text(notebook))


def _text(notebook: NotebookNode) -> bytes:
    import nbformat

    return nbformat.writes(notebook).encode()


def notebook_of(group: str, page: str) -> str:
    """Where an executed page is published, below the run's folder."""
    return f"pages/{group}/{page}.ipynb"


def report_of(group: str, page: str) -> str:
    """Where its report is published, below the run's folder."""
    return f"reports/{group}/{page}.html"


def hashed(files: Path) -> dict[str, str]:
    """SHA-256 of every file that will be published; all of them, and their names, are on the disk afterwards.

    They are written beside the files, for whoever has to go on with an interrupted publication.
    """
    found = {}
    for path in sorted(files.rglob("*")):
        if path.is_dir():
            sync_folder(path)
            continue
        if path.name == HASHES:
            continue
        with path.open("r+b") as file:  # some systems sync only what may be written
            found[path.relative_to(files).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
            if path.suffix == ".parquet":  # written by a library that does not sync
                os.fsync(file.fileno())
    write_synced(files / HASHES, json.dumps(found).encode())
    sync_folder(files)
    return found


def _counted(task: Task) -> Counts | None:
    """What the group's returns came to, where this page has saved the problems found in them."""
    if not (task.aside / watch.FILES / "tables" / task.group / "problems.parquet").exists():
        return None
    from kpsslib.batch.counting import count

    return count(open_run(**task.parameters))


def _peak_mb() -> float:
    try:
        import resource
    except ImportError:  # not on Windows
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
