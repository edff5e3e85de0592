"""Sheets that someone else designed, as rows of values whose cells can be named: .xlsx, .xls and .csv."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from typing import NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.text_files import TextFileError, decode
from kpsslib.intake.originals import container_fault
from kpsslib.language import _

OLE2, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


class GridError(ValueError):
    """The file cannot be read as a table; the text says why."""


class Grid(NamedTuple):
    """One sheet: rows of equal length from the first row on, None where a cell is blank.

    A merged area shows its value in each of its cells, as a reader of the sheet sees it.
    """

    sheet: str
    rows: list[list[object]]


def address(row: int, column: int) -> str:
    """The name of a cell, such as "E12", from its row and column counted from 0."""
    return f"{get_column_letter(column + 1)}{row + 1}"


def read_grids(data: bytes) -> list[Grid]:
    """Every sheet of a workbook (.xlsx or .xls, told by the content), or a delimited text as one sheet without a name.

    Raises GridError where the bytes are none of these, are damaged or too large to be a table.
    """
    try:
        if data.startswith(OLE2):
            return _read_xls(data)
        if not data.startswith(ZIP):
            return _read_text(data)
        if fault := container_fault(data):
            raise GridError(_("the file cannot be opened as a table ({error})", error=fault.kind))
        return _read_xlsx(data)
    except GridError:
        raise
    except Exception as error:  # the readers raise errors of many kinds on damaged files
        raise GridError(_("the file cannot be opened as a table ({error})", error=type(error).__name__)) from error


def same_words(text: object) -> str:
    r"""The text as it is compared: letters and digits only, in lower case and without accents.

    >>> same_words("  Dom  ''Diana'',\n ul. Wąska 2 ") == same_words('DOM „DIANA” ul. Wąska 2')
    True
    """
    letters = unicodedata.normalize("NFKD", str(text)).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))


def tidy(text: object) -> str:
    """The text on one line, with single spaces."""
    return " ".join(str(text).split())


def _read_xlsx(data: bytes) -> list[Grid]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), data_only=True)
    grids = []
    for sheet in book.worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        areas = [(a.min_row - 1, a.max_row, a.min_col - 1, a.max_col) for a in sheet.merged_cells.ranges]
        grids.append(_grid(sheet.title, rows, areas))
    return grids


def _read_xls(data: bytes) -> list[Grid]:
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True)
    return [_grid(sheet.name, [sheet.row_values(r) for r in range(sheet.nrows)], sheet.merged_cells)
            for sheet in book.sheets()]


def _read_text(data: bytes) -> list[Grid]:
    if not data.strip() or b"\0" in data[:1000]:
        raise GridError(_("the file is not a table"))
    try:
        text = decode(data)
    except TextFileError:
        raise GridError(_("the letters are in an unknown encoding; save the file as CSV UTF-8")) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return [_grid("", [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)], [])]


def _grid(sheet: str, rows: list[list[object]], merged: list[tuple[int, int, int, int]]) -> Grid:
    """Rows cut to the cells in use, made equally long, with merged areas filled from their first cell."""
    rows = [[None if value is None or not str(value).strip() else value for value in row] for row in rows]
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        row.extend([None] * (width - len(row)))
    for top, bottom, left, right in merged:
        if top < len(rows):
            for row in rows[top:bottom]:
                row[left:right] = [rows[top][left]] * (min(right, width) - left)
    return Grid(sheet, rows)
