"""Workbooks of Excel (.xlsx, .xlsm): the cells as they stream by, with what tells a figure from what only looks so.

The values are those openpyxl's own parser gives; formulas, rich text, styles, hidden rows and comments are looked at
beside it, in the same pass. Macros are never run, links never followed; entities raise an error (defusedxml).
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from functools import cache, partial
from typing import IO
from zipfile import ZipFile

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.comments.comment_sheet import CommentSheet
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._reader import (
    CELL_TAG,
    COL_TAG,
    FORMULA_TAG,
    HEADER_TAG,
    ROW_TAG,
    SHEET_MAIN_NS,
    WorkSheetParser,
)
from openpyxl.xml.constants import COMMENTS_NS, SHARED_STRINGS
from openpyxl.xml.functions import fromstring, iterparse

from kpsslib.intake.formats.cells import VOLATILE, Book, Cell, Sheet, TooManyRowsError, gather
from kpsslib.intake.formats.xlsx_styles import style_of
from kpsslib.intake.originals import MAX_ROWS
from kpsslib.intake.template import CHECK_COMMENT

LARGE = 20_000_000  # bytes of a sheet that is read within seconds
_MERGED, _STRING, _TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("mergeCell", "si", "t"))
_OURS = CHECK_COMMENT.strip()
_AREA = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}(:[A-Z]{1,3}[1-9]\d{0,6})?")
_SETS = {"superscript", "subscript"}
_LINKED = re.compile(r"\[[^\[\]]+\][^\[\]!]*!|[A-Za-z]:\\")
# What a workbook may carry beside its cells, by the names of its parts.
_CARRIED = {"xl/vbaProject": "macros", "xl/macrosheets/": "macros", "xl/externalLinks/": "external_links",
            "xl/pivotCache/": "pivot_cache", "xl/connections": "external_links", "xl/embeddings/": "embedded",
            "xl/media/": "pictures", "customXml/": "custom_properties", "docProps/custom": "custom_properties"}


class _Footnoted(str):
    """A text part of which is raised, lowered or struck through."""


def read_xlsx(data: bytes) -> Book:
    """The sheets of a workbook with the results of its formulas.

    Raises TooManyRowsError, or whatever openpyxl raises on a damaged file.
    """
    with warnings.catch_warnings(), ZipFile(io.BytesIO(data)) as archive:
        warnings.simplefilter("ignore")
        return Book(list(_sheets(data)), "xlsx", _carries(archive.namelist()))


def _carries(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(what for start, what in _CARRIED.items() if any(n.startswith(start) for n in names)))


def _sheets(data: bytes) -> Iterator[Sheet]:
    """The worksheets, one after another; charts and other sheets without cells are passed over."""
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False, rich_text=True)
    reader.read_manifest()
    reader.read_workbook()
    reader.read_theme()
    apply_stylesheet(reader.archive, reader.wb)
    strings = _strings(reader)
    style = cache(partial(style_of, reader.wb))
    for sheet, rel in reader.parser.find_sheets():
        if rel.target in reader.valid_files and rel.Type.endswith("/worksheet"):
            _refuse_rows(reader.archive, rel.target)
            with reader.archive.open(rel.target) as source:
                cells = _Cells(source, reader.wb, strings, style)
                read = gather(sheet.name, cells.rows(), sheet.state)
            read.merged, read.printed = cells.merged, cells.printed
            read.comments = _comments(reader, rel.target)
            yield read


def _refuse_rows(archive: ZipFile, part: str) -> None:
    """Refuse a large sheet with too many filled rows by its bytes: to parse so many would take a minute."""
    if archive.getinfo(part).file_size < LARGE:
        return
    filled, rest = 0, b""
    with archive.open(part) as source:
        while piece := source.read(1 << 20):
            *rows, rest = (rest[-LARGE:] + piece).split(b"<row")
            filled += sum(b"<v>" in row or b"<is>" in row for row in rows)
            if filled > MAX_ROWS:
                raise TooManyRowsError


def _strings(reader: ExcelReader) -> list[str]:
    """The texts that cells refer to by number. Most are plain: openpyxl's own way is left for those that are not."""
    part = reader.package.find(SHARED_STRINGS)
    strings: list[str] = []
    with reader.archive.open(part.PartName[1:]) if part else io.BytesIO(b"<sst/>") as source:
        for _event, node in iterparse(source):
            if node.tag == _STRING:
                plain = len(node) == 1 and node[0].tag == _TEXT and len(node[0]) == 0
                strings.append((node[0].text or "").replace("x005F_", "") if plain else _as_text(_rich(node)))
                node.clear()
    return strings


def _rich(node) -> object:
    text = CellRichText.from_tree(node)
    return text if isinstance(text, CellRichText) else "".join(text)


def _as_text(text: object) -> object:
    """Rich text as text that knows whether all of it stands on the line; anything else as it is."""
    if not isinstance(text, CellRichText):
        return text
    odd = any(isinstance(part, TextBlock) and (part.font.vertAlign in _SETS or part.font.strike) for part in text)
    return (_Footnoted if odd else str)(text)


def _comments(reader: ExcelReader, part: str) -> dict[str, str]:
    """The comments of a sheet by cell, without those of an earlier check."""
    if get_rels_path(part) not in reader.valid_files:
        return {}
    related = [rel.target for rel in get_dependents(reader.archive, get_rels_path(part)).find(COMMENTS_NS)]
    trees = [CommentSheet.from_tree(fromstring(reader.archive.read(name))) for name in related]
    return {ref: comment.text.strip() for tree in trees for ref, comment in tree.comments
            if comment.author != _OURS and not comment.text.startswith(CHECK_COMMENT)}


class _Cells(WorkSheetParser):
    """One worksheet being read, from its first row to its last; rows that are not there cost nothing."""

    def __init__(self, source: IO[bytes], book, strings: list, style) -> None:
        super().__init__(source, strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats,
                         timedelta_formats=book._timedelta_formats, rich_text=True)
        self.style = style
        self.hidden_columns: set[int] = set()
        self.shared_kinds: dict[str | None, str] = {}
        self.merged: list[str] = []
        self.printed = ""

    def rows(self) -> Iterator[list[Cell]]:
        """The non-empty cells of each row that has any; raises ValueError where rows or cells are out of order."""
        for _event, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                if row := self._row(element):
                    yield row
                element.clear()
            elif element.tag == COL_TAG:
                if _is_hidden(element, "width"):
                    self.hidden_columns |= set(range(int(element.get("min")), int(element.get("max")) + 1))
            elif element.tag == HEADER_TAG:
                self.printed = " ".join(element.itertext())
            elif element.tag == _MERGED:
                self.merged.append(_AREA.fullmatch(element.get("ref"))[0])  # fails where it is no area

    def _row(self, element) -> list[Cell]:
        before, self.row_counter, self.col_counter = self.row_counter, int(element.get("r") or self.row_counter + 1), 0
        if self.row_counter <= before:
            raise ValueError(f"row {self.row_counter} stands below row {before}")
        hidden = "hidden_row" if _is_hidden(element, "ht") else ""
        cells = [self._cell(child, hidden) for child in element if child.tag == CELL_TAG]
        return [cell for cell in cells if cell is not None]

    def _cell(self, element, hidden: str) -> Cell | None:
        before = self.col_counter
        if not len(element):  # formatted, but empty
            place = element.get("r")
            self.col_counter = column_index_from_string(place.rstrip("0123456789")) if place else before + 1
            return None
        parsed = self.parse_cell(element)
        if parsed["row"] != self.row_counter or self.col_counter <= before:
            raise ValueError(f"the cell {element.get('r')} stands where it should not")
        formula = element.find(FORMULA_TAG)
        content, kind = _as_text(parsed["value"]), "" if formula is None else self._kind(formula)
        if content is None or content == "":
            if formula is None or element.get("t") == "str":  # an empty text is a result
                return None
            content, kind = None, "uncomputed"
        elif parsed["data_type"] == "e":
            kind = "error"
        elif isinstance(content, _Footnoted):
            content, kind = str(content), "footnote"
        hidden = hidden or ("hidden_column" if self.col_counter in self.hidden_columns else "")
        return Cell(self.row_counter, self.col_counter, content, kind, formula is not None, hidden,
                    self.style(parsed["style_id"]))

    def _kind(self, formula) -> str:
        """Whether a formula's result changes by itself ("volatile") or comes from another file ("linked")."""
        shared, text = formula.get("si"), formula.text
        if not text:
            return self.shared_kinds.get(shared, "")
        kind = "linked" if _LINKED.search(text) else "volatile" if VOLATILE.search(text) else ""
        if shared:
            self.shared_kinds[shared] = kind
        return kind


def _is_hidden(element, size: str) -> bool:
    return element.get("hidden") in ("1", "true") or float(element.get(size) or 1) == 0
