"""OpenDocument spreadsheets (.ods): the cells as they stream by; repeated empty rows and cells are never unfolded."""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import iterparse
from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.cells import VOLATILE, Book, Cell, Sheet, TooManyRowsError, gather
from kpsslib.intake.formats.ods_styles import CALCEXT, OFFICE, TABLE, TEXT, Styles
from kpsslib.intake.formats.text_return import is_error

_HIDDEN = {"collapse", "filter"}
_MAX_CELLS = 2_000_000  # unfolded; a repeated cell takes no room in the file
_CELLS = {TABLE + "table-cell", TABLE + "covered-table-cell"}
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?")


def read_ods(data: bytes) -> Book:
    """The sheets of a spreadsheet with the results of its formulas.

    Raises TooManyRowsError, and whatever the parser raises on a damaged file or one with a document type.
    """
    with ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        styles = Styles()
        if "styles.xml" in names:
            with archive.open("styles.xml") as part:
                for _event, element in iterparse(part, forbid_dtd=True):
                    styles.take(element)
        with archive.open("content.xml") as part:
            sheets = list(_sheets(iterparse(part, ("start", "end"), forbid_dtd=True), styles))
    macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    return Book(sheets, "ods", ("macros",) if macros else ())


def _sheets(events: Iterator[tuple[str, Element]], styles: Styles) -> Iterator[Sheet]:
    for event, element in events:
        if event == "end":
            styles.take(element)
        elif element.tag == TABLE + "table":
            state = "hidden" if styles.is_hidden_table(element.get(TABLE + "style-name")) else "visible"
            table = _Table(events, element, styles)
            sheet = gather(element.get(TABLE + "name", ""), table.rows(), state)
            sheet.comments, sheet.merged = table.comments, table.merged
            yield sheet


class _Columns(NamedTuple):
    """Neighbouring columns of one kind: the last of them, whether they are hidden, and the style of their cells."""

    last: int
    hidden: bool
    style: str


class _Table:
    """One sheet being read, from its first event to its last."""

    def __init__(self, events: Iterator[tuple[str, Element]], table: Element, styles: Styles) -> None:
        self.events, self.table, self.styles = events, table, styles
        self.columns: list[_Columns] = []
        self.comments: dict[str, str] = {}
        self.merged: list[str] = []
        self.unfolded = 0

    def rows(self) -> Iterator[list[Cell]]:
        """The non-empty cells of each row that has any, repeated as often as the row is."""
        number = 1
        for event, element in self.events:
            if event == "start":
                continue
            if element is self.table:
                return
            if element.tag == TABLE + "table-column":
                before = self.columns[-1].last if self.columns else 0
                self.columns.append(_Columns(before + _repeated(element, "columns"),
                                             element.get(TABLE + "visibility") in _HIDDEN,
                                             element.get(TABLE + "default-cell-style-name", "")))
            elif element.tag == TABLE + "table-row":
                times = _repeated(element, "rows")
                if cells := self._row(element, number):
                    for row in range(number, number + times):
                        self._count(len(cells))
                        yield [cell._replace(row=row) for cell in cells] if row > number else cells
                number += times
                self.table.clear()

    def _count(self, cells: int) -> None:
        self.unfolded += cells
        if self.unfolded > _MAX_CELLS:
            raise TooManyRowsError

    def _row(self, row: Element, number: int) -> list[Cell]:
        hidden = "hidden_row" if row.get(TABLE + "visibility") in _HIDDEN else ""
        default, column, cells = row.get(TABLE + "default-cell-style-name", ""), 1, []
        for element in row:
            if element.tag not in _CELLS:
                continue
            times = _repeated(element, "columns")
            if cell := self._cell(element, number, column, hidden, default):
                self._count(times)
                cells += [cell._replace(column=c) for c in range(column, column + times)]
            self._fastened(element, number, column)
            column += times
        return cells

    def _cell(self, element: Element, row: int, column: int, hidden: str, default: str) -> Cell | None:
        content, formula = _content(element), element.get(TABLE + "formula")
        kind = ""
        if content is None or content == "":
            computed = element.get(OFFICE + "value-type") or element.find(TEXT + "p") is not None
            if formula is None or computed:  # an empty text is a result
                return None
            content, kind = None, "uncomputed"
        elif element.get(CALCEXT + "value-type") == "error" or (formula and is_error(content)):
            kind = "error"
        elif isinstance(content, str) and any(
                self.styles.is_raised(span.get(TEXT + "style-name")) for span in element.iter(TEXT + "span")):
            kind = "footnote"
        elif formula:
            kind = "linked" if "file://" in formula else "volatile" if VOLATILE.search(formula) else ""
        at = bisect_left(self.columns, column, key=lambda kind: kind.last)
        kind_of_column = self.columns[at] if at < len(self.columns) else _Columns(0, False, "")
        style = self.styles.of_cell(element.get(TABLE + "style-name") or default or kind_of_column.style,
                                    element.get(OFFICE + "value-type", ""), element.get(OFFICE + "currency", ""))
        return Cell(row, column, content, kind, formula is not None,
                    hidden or ("hidden_column" if kind_of_column.hidden else ""), style)

    def _fastened(self, element: Element, row: int, column: int) -> None:
        """Note the comment of a cell and the area that it is merged over."""
        if not len(element) and not element.keys():
            return
        address = f"{get_column_letter(column)}{row}"
        if (comment := element.find(OFFICE + "annotation")) is not None:
            self.comments[address] = _text(comment)
        across, down = (int(element.get(f"{TABLE}number-{what}-spanned", 1)) for what in ("columns", "rows"))
        if across > 1 or down > 1:
            self.merged.append(f"{address}:{get_column_letter(column + across - 1)}{row + down - 1}")


def _repeated(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{TABLE}number-{what}-repeated", 1)))


def _content(element: Element) -> object:
    """What a cell holds: a number, text, truth value, date, time or duration; None where nothing."""
    match element.get(OFFICE + "value-type"):
        case "float" | "currency" | "percentage":
            value = float(element.get(OFFICE + "value", ""))
            return int(value) if value.is_integer() and abs(value) < 1e15 else value
        case "boolean":
            return element.get(OFFICE + "boolean-value") == "true"
        case "date":
            return datetime.fromisoformat(element.get(OFFICE + "date-value", ""))
        case "time":
            return _moment(element.get(OFFICE + "time-value", ""))
    return _text(element) or element.get(OFFICE + "string-value") or None


def _moment(text: str) -> time | timedelta:
    """A time such as PT01H30M00S: of the day where it is shorter than one."""
    sign, days, hours, minutes, seconds, _fraction = _DURATION.fullmatch(text).groups(default="")
    length = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
    return -length if sign else length if length >= timedelta(days=1) else (datetime.min + length).time()


def _text(element: Element) -> str:
    """The paragraphs of a cell or of a comment as lines."""
    return "\n".join("".join(_pieces(child)) for child in element if child.tag == TEXT + "p")


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == TEXT + "s":
            yield " " * min(1000, int(child.get(TEXT + "c", 1)))
        elif child.tag in (TEXT + "tab", TEXT + "line-break"):
            yield "\t" if child.tag == TEXT + "tab" else "\n"
        elif child.tag != OFFICE + "annotation":
            yield from _pieces(child)
        yield child.tail or ""
