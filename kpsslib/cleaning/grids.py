"""Sheets that someone else designed, as rows of values whose cells can be named: .xlsx, .xls and .csv."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from kpsslib.language import _

_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?")


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


def read_grids(path: Path | str) -> list[Grid]:
    """Every sheet of a workbook; a CSV file is one sheet without a name.

    Raises GridError where the file is none of .xlsx, .xls and .csv inside, whatever it is called.
    """
    path = Path(path)
    readers = {".xlsx": _read_xlsx, ".xlsm": _read_xlsx, ".xls": _read_xls, ".csv": _read_csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise GridError(_("a file of the type {suffix}; expected one of {expected}", suffix=path.suffix or "–",
                          expected=", ".join(readers)))
    try:
        return reader(path)
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


def as_number(value: object) -> float | None:
    """A cell's value as a number, also from text such as "1 234,5"; None where it is not one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = re.sub(r"\s", "", str(value))
    return float(text.replace(",", ".").replace("−", "-")) if _NUMBER.fullmatch(text) else None


def _read_xlsx(path: Path) -> list[Grid]:
    book = load_workbook(path, data_only=True)
    grids = []
    for sheet in book.worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        areas = [(a.min_row - 1, a.max_row, a.min_col - 1, a.max_col) for a in sheet.merged_cells.ranges]
        grids.append(_grid(sheet.title, rows, areas))
    return grids


def _read_xls(path: Path) -> list[Grid]:
    import xlrd

    book = xlrd.open_workbook(path, formatting_info=True)
    return [_grid(sheet.name, [sheet.row_values(r) for r in range(sheet.nrows)], sheet.merged_cells)
            for sheet in book.sheets()]


def _read_csv(path: Path) -> list[Grid]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1250")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return [_grid("", [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)], [])]


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
