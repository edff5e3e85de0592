"""The methodology as people read it: the book and the workbook, written for a run or by themselves."""

from __future__ import annotations

from pathlib import Path

from kpsslib.language import speaking
from kpsslib.methodology import Methodology
from kpsslib.methodology.book import write_book
from kpsslib.methodology.workbook import write_workbook

WORKBOOK = "methodology.xlsx"


def write_books(methodology: Methodology, folder: Path) -> tuple[Path, Path]:
    """Write both in the language spoken; returns the book's index page and the workbook."""
    return write_book(methodology, folder, speaking()), write_workbook(methodology, folder / WORKBOOK, speaking())
