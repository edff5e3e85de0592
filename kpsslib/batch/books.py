"""The methodology as people read it: the book and the workbook, written for a run or by themselves."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from kpsslib.batch.running import Outcome, Task, hashed, tell
from kpsslib.language import speaking
from kpsslib.methodology import Methodology
from kpsslib.methodology.book import write_book
from kpsslib.methodology.workbook import write_workbook
from kpsslib.publication import write_synced
from kpsslib.watch import FILES, value_hash
from kpsslib.workspace import open_run

FOLDER = "methodology"
PAGE = "methodology.book"  # a name that no page can have
WORKBOOK = "methodology.xlsx"
CODE = "import kpsslib.methodology.book\nimport kpsslib.methodology.workbook"


def write_books(methodology: Methodology, folder: Path) -> tuple[Path, Path]:
    """Write both in the language spoken; returns the book's index page and the workbook."""
    return write_book(methodology, folder, speaking()), write_workbook(methodology, folder / WORKBOOK, speaking())


def run_books(connection: Connection, task: Task) -> None:
    """The same as a page of the batch: written aside, hashed, told as an Outcome."""
    tell(connection, task, lambda: _made(task))


def _made(task: Task) -> Outcome:
    run = open_run(**task.parameters)
    files = task.aside / FILES
    write_books(run.methodology, files / FOLDER)
    for path in sorted((files / FOLDER).rglob("*")):
        if path.is_file():
            write_synced(path, path.read_bytes())
    read = {f"methodology:{name}": value_hash(getattr(run.methodology, name))
            for name in (*Methodology.model_fields, "overdue")}
    return Outcome(inputs=read, outputs=hashed(files))
