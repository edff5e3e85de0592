"""A return with ten planted errors of different kinds, and what its sender meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from kpsslib.checking import check, list_files, write_back
from kpsslib.intake.returns.reading import read_return

TEN = {
    ("cost_energy", "residential"): "asi 600 tisíc", ("cost_wages", "residential"): "6,000",
    ("cost_services", "residential"): -400_000, ("bed_days", "residential"): 20_000,
    ("clients_degree_3", "residential"): 100, ("fte_health", "residential"): dt.date(2025, 5, 1),
    "provider_id": "12345678", ("cost_repairs", "residential"): ("=1/0", "#DIV/0!"),
    ("cost_overhead_staff", "residential"): 9_900_000, "valid_to": "2001-01-01",
}


class Back(NamedTuple):
    """What a check of one file gave: the report, the file's part of it, and the files to send back."""

    report: object
    one: object
    workbook: Path | None
    note: Path | None


@pytest.fixture
def sent_back(office, monkeypatch):
    """Checks one file and writes what goes back."""
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)

    def check_one(path, run=None, folder="back"):
        report = check(list_files([str(path)]), run, "en", lambda *_a: None)
        sent = write_back(report, office.folder / folder).files
        only = report.files[0]
        return Back(report, only, sent[only.taken.name].workbook, sent[only.taken.name].note)
    return check_one


@pytest.fixture
def meant(office, methodology):
    """By cell what the sender of the return with ten errors meant."""
    path = office.send(name="meant.xlsx")
    read = read_return(path.read_bytes(), methodology, [2025])
    path.unlink()
    figures = {f.cell: f.value for f in read.facts if f.value == f.value}
    return figures | {read.places["provider_id"]: "00064581", read.places["valid_to"]: None}


def listed(path):
    """The rows of the list of errors, by the words of its header."""
    sheet = openpyxl.load_workbook(path)["Chyby"]
    rows = list(sheet.iter_rows())
    head = next(i for i, row in enumerate(rows) if row[0].value == "key")
    names = [cell.value for cell in rows[head]]
    return [dict(zip(names, row, strict=True)) for row in rows[head + 1:] if row[0].value]


def correct(path, figures):
    """Correct a returned workbook by its list of errors alone; returns the cells written."""
    book = openpyxl.load_workbook(path)
    cells = {(row["sheet"].value, row["cell"].value) for row in listed(path) if row["cell"].value}
    written = set()
    for sheet, cell in cells:
        formula = str(book[sheet][cell].value).startswith("=") and book[sheet][cell].data_type == "f"
        if cell in figures and (not formula or book[sheet][cell].value == "=1/0"):
            book[sheet][cell].value = figures[cell]
            written.add(cell)
    book.save(path)
    return written
