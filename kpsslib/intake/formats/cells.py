"""Cells as a file holds them, whatever its format: given by the readers of formats, taken by the reading of returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter

from kpsslib.intake.formats.personal import Watch
from kpsslib.intake.originals import MAX_ROWS
from kpsslib.intake.template import ERRORS_SHEET, FORM_COLUMNS, IDENTITY_KEYS

_FIGURES = frozenset(map(column_index_from_string, FORM_COLUMNS.values()))
VOLATILE = re.compile(r"\b(TODAY|NOW|RAND|RANDBETWEEN|INDIRECT|OFFSET)\(")  # formulas that change by themselves
ENOUGH_ROWS = 60  # a return shows its keys within its first rows; a sheet without any is another sheet


class Style(NamedTuple):
    """How a cell looks, as far as it bears on what it means: one object for all cells of a style.

    `fill` and `colour` are RGB such as "FFF8DC", "" where none is set; `number_format` is Excel's code of the format.
    """

    number_format: str = "General"
    struck_through: bool = False
    fill: str = ""
    colour: str = ""


PLAIN = Style()


class Cell(NamedTuple):
    """One non-empty cell.

    Attributes:
        row, column: from 1.
        content: text, number, truth value, date, datetime, time or timedelta; the text of an error; None of a formula
            without a result.
        kind: "" a value, "error" an error such as #DIV/0!, "uncomputed" a formula saved without a result, "footnote"
            a text part of which is raised, lowered or struck through, as in 1234 with a footnote 1, "volatile" or
            "linked" the result of a formula that changes by itself or reads another file.
        formula: whether the content is the result of a formula.
        hidden: "" or "hidden_row", "hidden_column".
        style: how it looks.
    """

    row: int
    column: int
    content: object
    kind: str = ""
    formula: bool = False
    hidden: str = ""
    style: Style = PLAIN

    @property
    def address(self) -> str:
        """The cell's name, such as "E12"."""
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass
class Sheet:
    """A sheet: `rows` holds its cells by row where it is a return (or its list of errors), else only their number.

    Attributes:
        title: the sheet's name, "" of a text file.
        state: visible, hidden or veryHidden.
        rows: row number -> its non-empty cells from left to right.
        is_return: whether keys of the template stand in it.
        filled: how many non-empty cells it has.
        area: from its first to its last non-empty cell, such as "A1:F120"; "" where it is empty.
        comments: cell -> the text of the comment fastened to it.
        merged: the areas of merged cells, such as "B2:F2".
        printed: what is printed above and below the sheet, as far as the format gives it.
        personal: the cell in which data of a person was found, "" where none was; never the data itself.
    """

    title: str
    state: str = "visible"
    rows: dict[int, list[Cell]] = field(default_factory=dict)
    is_return: bool = False
    filled: int = 0
    area: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    printed: str = ""
    personal: str = ""


class Book(NamedTuple):
    """A file that was opened: its sheets, its format ("xlsx", "xls", "ods", "csv") and what else it carries.

    `carries` are codes of `messages`: "macros", "external_links", "pivot_cache", ... They are reported, never followed.
    """

    sheets: list[Sheet]
    format: str
    carries: tuple[str, ...] = ()


class TooManyRowsError(Exception):
    """A sheet has more rows than any return."""


def gather(title: str, rows: Iterable[list[Cell]], state: str = "visible") -> Sheet:
    """A sheet from its rows of non-empty cells, read once from top to bottom and kept only where they are needed.

    Data of persons is looked for on every sheet.

    Raises TooManyRowsError as soon as a sheet has more than `MAX_ROWS` rows with something in them.
    """
    rows = iter(rows)
    first = [row for _n, row in zip(range(ENOUGH_ROWS), rows, strict=False)]
    sheet = Sheet(title, state, is_return=any(cell.content in IDENTITY_KEYS for row in first for cell in row))
    keep = sheet.is_return or title == ERRORS_SHEET
    watch = Watch(_FIGURES if sheet.is_return else frozenset())
    box = [0, 0, 0, 0]
    for n, row in enumerate(chain(first, rows)):
        if n == MAX_ROWS:
            raise TooManyRowsError
        if row:
            _stretch(box, row)
            sheet.filled += len(row)
            sheet.personal = sheet.personal or watch.look(row)
            if keep:
                sheet.rows[row[0].row] = row
    if sheet.filled:
        top, left, bottom, right = box
        sheet.area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
    return sheet


def _stretch(box: list[int], row: list[Cell]) -> None:
    top, left, _bottom, right = box
    box[:] = [top or row[0].row, min(left or row[0].column, row[0].column), row[-1].row, max(right, row[-1].column)]


def all_cells(sheet: Sheet) -> Iterator[Cell]:
    """The cells kept of a sheet, row by row."""
    return chain.from_iterable(sheet.rows.values())
