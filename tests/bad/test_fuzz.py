"""Workbooks and bytes changed at random: never an error of the program, never a figure that was not sent."""

from __future__ import annotations

import io
import os
import re
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from kpsslib.intake.messages import reason, sentences
from kpsslib.intake.records import CLASSES
from kpsslib.intake.returns.reading import read_return
from kpsslib.language import speak
from tests import oracle
from tests.bad.kit import Desk, Fault
from tests.bad.making import SHEET, grid_of, ods_of, part_of, rezip, text_of, xls_of
from tests.bad.trial import methodology, project

# The same examples every time, on every computer: what fails here fails again, and CI never fails by chance.
MANY = settings(max_examples=500 if os.environ.get("CI") else 60, deadline=None, derandomize=True, database=None,
                suppress_health_check=list(HealthCheck))


@cache
def sound() -> bytes:
    """A return without a fault."""
    with TemporaryDirectory() as folder, project(Path(folder)):
        return Desk(Path(folder), methodology(), Fault("", "", "", "", print)).sound()


@cache
def values_only() -> bytes:
    """The same, its sums as numbers: what a program that does not keep results would lose."""
    book = openpyxl.load_workbook(io.BytesIO(sound()), data_only=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Numbers as people dress them: two readings or one, with marks before and behind.
DRESSED = st.builds("{}{}{}".format, st.sampled_from(["", "-", "\u2212", "(", "'", "\u200b", "+"]),
                    st.sampled_from(["1.234", "1,234", "12,5", "1 234", "1.234.567", "999,000"]),
                    st.sampled_from(["", " Kč", ",-", " tis.", ")", "-", " %", " €", "\u200b", "¹"]))
CONTENT = st.one_of(
    DRESSED,
    st.none(), st.text(max_size=12).filter(lambda text: not NO_XML.search(text)),
    st.sampled_from(["1 234,50", "1.234", "1,234.50", "(5)", "−5", "12 %", "1e3", "0x10", "x", "viz příloha", "5 Kč",
                     "#REF!", "netýká se", "důvěrné", "ano", "1:30", "1.5.2025", "Ⅷ", "²", "１２３", "=1+1", "NaN",
                     "inf"]),
    st.integers(-10**18, 10**18), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.dates(date(1900, 3, 1), date(9999, 1, 1)), st.times(), st.timedeltas(timedelta(0), timedelta(3000)),
    st.sampled_from(["#DIV/0!", "#N/A"]))
ROW, COLUMN = st.integers(1, 118), st.integers(1, 8)


def put(sheet, row, column, content) -> None:
    cell = sheet.cell(row, column)
    if type(cell).__name__ != "MergedCell":
        cell.value = content
        if isinstance(content, str) and content.startswith("="):
            cell.data_type = "s"


def strike(sheet, row, column, _content) -> None:
    sheet.cell(row, column).font = Font(strike=True)


def shape(sheet, row, column, content) -> None:
    sheet.cell(row, column).number_format = ["0,", "0.0,,", "0 %", "d. m. yyyy", "[h]:mm", '#,##0 "€"'][row % 6]


def repeat(sheet, row, _column, _content) -> None:
    for column in range(1, 7):
        put(sheet, sheet.max_row + (column == 1), column, sheet.cell(row, column).value)


OPERATIONS = {
    "put": put, "strike": strike, "format": shape, "repeat": repeat,
    "delete row": lambda sheet, row, *_: sheet.delete_rows(row),
    "insert row": lambda sheet, row, *_: sheet.insert_rows(row),
    "delete column": lambda sheet, _row, column, _content: sheet.delete_cols(column),
    "insert column": lambda sheet, _row, column, _content: sheet.insert_cols(column),
    "merge": lambda sheet, row, column, _content: sheet.merge_cells(
        start_row=row, end_row=row + 1, start_column=column, end_column=column + 1),
    "hide row": lambda sheet, row, *_: setattr(sheet.row_dimensions[row], "hidden", True),
    "hide column": lambda sheet, _row, column, _content: setattr(
        sheet.column_dimensions["ABCDEFGH"[column - 1]], "hidden", True),
    "rename": lambda sheet, row, *_: setattr(sheet, "title", ["List1", "Chyby", "výkaz", "Kontrola"][row % 4]),
    "hide sheet": lambda sheet, *_: setattr(sheet, "sheet_state", "veryHidden"),
    "copy sheet": lambda sheet, *_: sheet.parent.copy_worksheet(sheet),
}
STEP = st.tuples(st.sampled_from(["put"] * 10 + list(OPERATIONS)), ROW, COLUMN, CONTENT)


@MANY
@given(st.lists(STEP, min_size=1, max_size=6))
@example([("put", 31, 4, 1e308), ("put", 32, 4, time(1, 30)), ("put", 4, 4, date(2025, 1, 1))])
def test_a_workbook_changed_at_random(steps):
    book = openpyxl.load_workbook(io.BytesIO(values_only()))
    sheet = book[SHEET]
    for name, row, column, content in steps:
        OPERATIONS[name](sheet, row, column, content)
    out = io.BytesIO()
    book.save(out)
    judge(out.getvalue())


@cache
def bases() -> list[bytes]:
    """The same return in every format."""
    grid = grid_of(sound())
    return [sound(), text_of(grid).encode("cp1250"), text_of(grid, "\t").encode("utf-16"), ods_of({SHEET: grid}),
            xls_of({SHEET: grid})]


PARTS = ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels",
         "[Content_Types].xml", "sheet")
PLACE = st.floats(0, 1, exclude_max=True)
BYTES = st.one_of(st.binary(max_size=8), st.sampled_from([
    b"\0", b"<", b'"', b";", b"&", b"\xff\xfe", b"9" * 30, b"<c/>", b"</row>", b"1e999", b'r="A0"', b"\r", b"\xe1"]))
DAMAGE = st.tuples(st.sampled_from(["flip", "cut", "insert", "swap"]), PLACE, PLACE, BYTES)


def damaged(data: bytes, steps) -> bytes:
    """Bytes with some flipped, cut out, inserted or swapped."""
    for name, first, second, content in steps:
        low, high = sorted((int(first * len(data)), int(second * len(data))))
        if name == "flip" and data:
            data = data[:low] + bytes([data[low] ^ (1 << high % 8)]) + data[low + 1:]
        elif name == "cut":
            data = data[:low] + data[low + (high - low) % 64:]
        elif name == "insert":
            data = data[:low] + content + data[low:]
        else:
            end = low + (high - low) % 64
            far = high + end - low
            data = data[:low] + data[high:far] + data[end:high] + data[low:end] + data[far:]
    return data


@MANY
@given(st.sampled_from(range(5)), st.lists(DAMAGE, min_size=1, max_size=4))
def test_bytes_changed_at_random(which, steps):
    judge(damaged(bases()[which], steps))


@MANY
@given(st.sampled_from([0, 3]), st.sampled_from(PARTS), st.lists(DAMAGE, min_size=1, max_size=4))
def test_parts_of_an_archive_changed_at_random(which, name, steps):
    data = bases()[which]
    name = "content.xml" if which == 3 else part_of(data) if name == "sheet" else name
    judge(rezip(data, {name: lambda old: damaged(old, steps)}))


def judge(data: bytes) -> None:
    """What holds of every file: each cell in one class, each figure that of its cell, each doubt told in Czech."""
    read = read_return(data, methodology(), [2025])
    told = [read.quarantine] if read.quarantine else read.findings
    for finding in told:
        czech = said(finding, "cs")
        assert all(czech), finding
        assert czech != said(finding, "en"), finding
        assert not re.search(r"\{|Traceback|\bnan\b", re.sub("„.*“", "", " ".join(czech))), czech
    if read.quarantine:
        return
    assert set(read.cells) <= set(CLASSES)
    assert all(reason(ignored.kind) for ignored in read.ignored)
    assert sum(ignored.cells for ignored in read.ignored) == read.cells["ignored"]
    cells = workbook_cells(data)
    if cells is not None:
        assert sum(map(len, cells.values())) == sum(read.cells.values())
        figures_stand_in_their_cells(read, cells[read.sheet])


def said(finding, language: str) -> tuple[str, str, str]:
    speak(language)
    try:
        return sentences(finding.kind, {"item": finding.item, **(finding.values or {})})
    finally:
        speak("cs")


def workbook_cells(data: bytes) -> dict | None:
    """The cells by the second reader, None where the file is no workbook of Excel; what was read, it must read too."""
    if not data.startswith(b"PK") or b"xl/workbook.xml" not in data:
        return None
    return oracle.workbook(data)


def figures_stand_in_their_cells(read, cells: dict[str, tuple[str, str]]) -> None:
    """A reported figure is the number of its cell; any other cell of figures was told about."""
    named = {finding.cell for finding in read.findings} | {ignored.cell for ignored in read.ignored}
    for fact in read.facts:
        kind, text = cells.get(fact.cell, ("", ""))
        if fact.value == fact.value and fact.cell not in named and fact.status != "confirmed_zero":
            assert (kind, Decimal(repr(fact.value))) == ("n", Decimal(text)), (fact, kind, text)
        if fact.value != fact.value and kind == "n":
            assert fact.cell in named, (fact, text)


def test_judging_sees_what_is_wrong():
    """The judge itself: a figure moved, or a cell lost, does not pass."""
    read = read_return(sound(), methodology(), [2025])
    cells = oracle.workbook(sound())[SHEET]
    figures_stand_in_their_cells(read, cells)
    at = next(fact.cell for fact in read.facts if fact.value > 0)
    with pytest.raises(AssertionError):
        figures_stand_in_their_cells(read, cells | {at: ("n", "1.5")})
