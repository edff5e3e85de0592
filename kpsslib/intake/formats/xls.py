"""Workbooks of Excel 97-2003 (.xls): the cells with what tells a figure from what only looks so.

The values are those xlrd gives; which of them are results of formulas is looked up in the records beside it, since
xlrd does not say. Macros are never run, links never followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from struct import unpack_from

import xlrd
from openpyxl.utils import get_column_letter
from xlrd.compdoc import CompDoc

from kpsslib.intake.formats.cells import Book, Cell, Sheet, Style, gather
from kpsslib.intake.formats.encodings import TextFileError

_STATES = ("visible", "hidden", "veryHidden")
_FORMULA, _BOF, _EOF, _SHEET_AT = (0x0006, 0x0206, 0x0406), 0x0809, 0x000A, 0x0085
_SOLID = 1
_MACROS = "_VBA_PROJECT".encode("utf-16-le")


def read_xls(data: bytes) -> Book:
    """The sheets of a workbook with the results of its formulas.

    Raises TextFileError of a file under a password or of one that is no workbook, such as an old .doc, and whatever
    xlrd raises on a damaged one.
    """
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123, xlrd tells its warnings to a file
        stream = _workbook_stream(data, nowhere)
        try:
            book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=nowhere)
        except xlrd.XLRDError as error:
            raise TextFileError("encrypted" if "encrypted" in str(error) else "damaged") from error
    formulas = _formulas(stream)
    sheets = [_Sheet(book, sheet, formulas[n] if n < len(formulas) else set()).read()
              for n, sheet in enumerate(book.sheets())]
    return Book(sheets, "xls", ("macros",) if _MACROS in data else ())


def _workbook_stream(data: bytes, log) -> bytes:
    """The records of the workbook inside its OLE2 container."""
    document = CompDoc(data, logfile=log)
    stream = document.get_named_stream("Workbook") or document.get_named_stream("Book")
    if stream is None:
        raise TextFileError("not_a_workbook")
    return bytes(stream)


def _formulas(stream: bytes) -> list[set[tuple[int, int]]]:
    """Of each worksheet in the order of the book: row and column (from 0) of the cells that hold a formula."""
    found, places = {}, [unpack_from("<IBB", body) for kind, body in _records(stream, 0) if kind == _SHEET_AT]
    for place, _state, what in places:
        if what == 0:  # a worksheet, not a chart or a sheet of macros
            found[place] = {unpack_from("<HH", body) for kind, body in _records(stream, place) if kind in _FORMULA}
    return list(found.values())


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream; parts within it, such as charts, are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[at + 4:at + 4 + size]
        at += 4 + size


class _Sheet:
    """One worksheet being read."""

    def __init__(self, book: xlrd.Book, sheet: xlrd.sheet.Sheet, formulas: set[tuple[int, int]]) -> None:
        self.book, self.sheet, self.formulas = book, sheet, formulas
        self.hidden_columns = {column for column, info in sheet.colinfo_map.items() if info.hidden or not info.width}
        self.style = cache(self._style)

    def read(self) -> Sheet:
        """The sheet with its comments and merged areas."""
        read = gather(self.sheet.name, self._rows(), _STATES[self.sheet.visibility])
        read.merged = [f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right)}{bottom}"
                       for top, bottom, left, right in self.sheet.merged_cells]
        read.comments = {f"{get_column_letter(column + 1)}{row + 1}": note.text.strip()
                         for (row, column), note in self.sheet.cell_note_map.items()}
        return read

    def _rows(self) -> Iterator[list[Cell]]:
        for row in range(self.sheet.nrows):
            info = self.sheet.rowinfo_map.get(row)
            hidden = "hidden_row" if info and (info.hidden or not info.height) else ""
            cells = [self._cell(row, column, cell, hidden) for column, cell in enumerate(self.sheet.row(row))
                     if cell.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) and cell.value != ""]
            if cells:
                yield cells

    def _cell(self, row: int, column: int, cell: xlrd.sheet.Cell, hidden: str) -> Cell:
        style = self.style(cell.xf_index)
        kind = "error" if cell.ctype == xlrd.XL_CELL_ERROR else "footnote" if self._is_footnoted(row, column) else ""
        return Cell(row + 1, column + 1, self._content(cell, style), kind, (row, column) in self.formulas,
                    hidden or ("hidden_column" if column in self.hidden_columns else ""), style)

    def _content(self, cell: xlrd.sheet.Cell, style: Style) -> object:
        match cell.ctype:
            case xlrd.XL_CELL_NUMBER:
                return int(cell.value) if cell.value.is_integer() and abs(cell.value) < 1e15 else cell.value
            case xlrd.XL_CELL_BOOLEAN:
                return bool(cell.value)
            case xlrd.XL_CELL_ERROR:
                return xlrd.error_text_from_code.get(cell.value, "#N/A")
            case xlrd.XL_CELL_DATE:
                return self._moment(cell.value, style.number_format)
        return cell.value

    def _moment(self, value: float, number_format: str) -> object:
        """A date by the calendar of the book (from 1900 or from 1904), a time of the day, or a duration."""
        if "[h" in number_format.lower():
            return timedelta(days=value)
        try:
            moment = xlrd.xldate_as_datetime(value, self.book.datemode)
        except (xlrd.xldate.XLDateError, OverflowError):
            return value
        return moment.time() if value < 1 else moment

    def _style(self, index: int) -> Style:
        look = self.book.xf_list[index]
        font = self.book.font_list[look.font_index]
        background = look.background
        fill = self._rgb(background.pattern_colour_index) if background.fill_pattern == _SOLID else ""
        return Style(self.book.format_map[look.format_key].format_str, bool(font.struck_out), fill,
                     self._rgb(font.colour_index))

    def _rgb(self, index: int) -> str:
        channels = self.book.colour_map.get(index)
        return "{:02X}{:02X}{:02X}".format(*channels) if channels else ""

    def _is_footnoted(self, row: int, column: int) -> bool:
        runs = self.sheet.rich_text_runlist_map.get((row, column), ())
        fonts = [self.book.font_list[font] for _start, font in runs]
        return any(font.escapement or font.struck_out for font in fonts)
