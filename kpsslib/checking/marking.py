"""The provider's own workbook with every problem marked where it is; all else in it stays as it was."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.dom.minidom import Element

from openpyxl.utils import get_column_letter

from kpsslib.checking.comments import Comments
from kpsslib.checking.errors_sheet import COLOURS, ErrorsSheet
from kpsslib.checking.package import RELATIONS, Package, append, children, elements, make
from kpsslib.checking.points import SEVERITIES, Point, all_points, listed, place, severity_name
from kpsslib.checking.sheet import SheetXml, shared_strings, text_of
from kpsslib.checking.styles import Styles
from kpsslib.intake.records import Confirmation
from kpsslib.intake.template import CHECK_COMMENT, ERRORS_SHEET, header_labels, marks_label
from kpsslib.language import _

_ONE_AREA = re.compile(r"([^,]+!\$[A-Z]+\$\d+:\$)[A-Z]+(\$\d+)")
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Marks(NamedTuple):
    """What is put into a workbook.

    Attributes:
        points: the problems, numbered.
        confirmed: earlier answers that hold, each with what it is about.
        title, lines: what the list of errors begins with; three lines.
        replaces: the cell that takes the number of this submission and its sheet, "" where there is none.
        number: that number.
        dates: cells of the same sheet whose look makes a date of every number -> the date as text.
    """

    points: list[Point]
    confirmed: list[tuple[Confirmation, str]]
    title: str
    lines: list[str]
    replaces: tuple[str, str]
    number: str
    dates: Mapping[str, str] = MappingProxyType({})


def mark(data: bytes, marks: Marks, path: Path) -> list[str]:
    """Write the workbook with its marks; returns what of the original is not in it, in words.

    Raises MarkingError where the workbook cannot be marked without risk.
    """
    package = Package(data)
    lost = [_("the macros; they are not needed for the return")] if package.drop_macros() else []
    styles = Styles(package)
    sheets = _sheets(package)
    by_sheet: dict[str, list[Point]] = defaultdict(list)
    for point in all_points(marks.points):
        if point.sheet in sheets and point.sheet != ERRORS_SHEET:
            by_sheet[point.sheet].append(point)
    lines = _write_list(package, styles, marks, sheets)
    strings = shared_strings(package)
    for title, part in sheets.items():
        sheet = SheetXml(package, part) if title in by_sheet or title == marks.replaces[0] else None
        if sheet and title != ERRORS_SHEET:
            _mark_sheet(package, sheet, styles, by_sheet[title], lines, strings)
            if title == marks.replaces[0]:
                _prepare(sheet, styles, marks)
    package.save(path)
    return lost


def _prepare(sheet: SheetXml, styles: Styles, marks: Marks) -> None:
    """Write the number of the submission, and let cells that show dates take a number again."""
    if marks.replaces[1]:
        sheet.put(marks.replaces[1], marks.number)
    for cell, date in marks.dates.items():
        sheet.put(cell, date, styles.plain(int(sheet.cell(cell).getAttribute("s") or 0)))


def _sheets(package: Package) -> dict[str, str]:
    """The parts of the sheets by their names."""
    parts = {relation: part for part, relation in package.related(package.workbook, "worksheet").items()}
    named = elements(package.document(package.workbook), "sheet")
    return {e.getAttribute("name"): parts[e.getAttributeNS(RELATIONS, "id")] for e in named
            if parts.get(e.getAttributeNS(RELATIONS, "id")) in package.parts}


def _write_list(package: Package, styles: Styles, marks: Marks, sheets: dict[str, str]) -> dict[str, int]:
    """Write the list of errors, in the place of an earlier one; returns the row of each problem by its number."""
    page = ErrorsSheet(styles)
    page.head(marks.title, marks.lines, legend())
    rows = {}
    for point in all_points(marks.points):
        page.point(point, point.number)
        rows[point.number] = page.row
    page.confirmed(marks.confirmed)
    part = sheets.get(ERRORS_SHEET)
    if part is None:
        part = package.unused("xl/worksheets/kpss{}.xml")
        _name_sheet(package, part)
    package.parts.pop(f"xl/worksheets/_rels/{part.rpartition('/')[2]}.rels", None)
    package.add(part, page.xml(), f"{_SPREADSHEET}.worksheet+xml")
    _choose(package, {title: p for title, p in sheets.items() if p != part})
    return rows


def legend() -> dict[str, str]:
    """What each colour and sign means."""
    return {
        "error": _("✗ Error: the figure is not used until it is corrected."),
        "question": _("? Question: correct the figure, or confirm it in the yellow cells; until then it is not used."),
        "warning": _("! Warning: the figure is used; check it and correct it where it is wrong."),
    }


def _name_sheet(package: Package, part: str) -> None:
    book = package.document(package.workbook)
    holder = elements(book, "sheets")[0]
    known = elements(holder, "sheet")
    number = max((int(e.getAttribute("sheetId")) for e in known), default=0) + 1
    sheet = append(holder, "sheet", name=ERRORS_SHEET, sheetId=number)
    sheet.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:r", RELATIONS)
    sheet.setAttributeNS(RELATIONS, "r:id", package.relate(package.workbook, "worksheet", part))


def _choose(package: Package, others: dict[str, str]) -> None:
    """Let the workbook open at the list of errors only: what is typed would go into two chosen sheets together."""
    book = package.document(package.workbook)
    names = [e.getAttribute("name") for e in elements(book, "sheet")]
    if not elements(book, "workbookView"):
        before = elements(book, "sheets")[0]
        append(before.parentNode.insertBefore(make(before, "bookViews"), before), "workbookView")
    for view in elements(book, "workbookView"):
        view.setAttribute("activeTab", str(names.index(ERRORS_SHEET)))
    for part in others.values():
        for view in elements(package.document(part), "sheetView") if b"tabSelected" in package.parts[part] else ():
            if view.hasAttribute("tabSelected"):
                view.removeAttribute("tabSelected")


def _mark_sheet(package: Package, sheet: SheetXml, styles: Styles, points: list[Point], lines: dict[str, int],
                strings: list[str]) -> None:
    """Colours, comments, and beside the figures a column that says in words what the colours say."""
    sheet.clear_marks(sheet.letter_of(header_labels()["marks"], strings))
    comments = Comments(package, sheet)
    comments.clear()
    cells: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        if place(point.cell) != (0, 0):
            cells[sheet.shown_at(point.cell)].append(point)
    sheet.push_rules(len(SEVERITIES))
    for priority, severity in enumerate(SEVERITIES, 1):
        worst = [cell for cell, here in cells.items() if _worst(here) == severity]
        if worst:
            sheet.mark(sorted(worst, key=place), styles.mark(*COLOURS[severity]), priority)
    for cell, here in cells.items():
        comments.add(cell, "\n\n".join(map(comment_of, here)))
    _write_column(package, sheet, styles, cells, lines, strings)


def _print_too(package: Package, sheet: SheetXml, letter: str) -> None:
    """Let the column of marks be printed where the sheet says what is printed of it."""
    parts = list(_sheets(package).values())
    for name in elements(package.document(package.workbook), "definedName"):
        area = "".join(node.data for node in name.childNodes)
        own = name.getAttribute("localSheetId") == str(parts.index(sheet.part))
        if own and name.getAttribute("name") == "_xlnm.Print_Area" and _ONE_AREA.fullmatch(area):
            name.firstChild.data = _ONE_AREA.sub(rf"\g<1>{letter}\g<2>", area)


def _write_column(package: Package, sheet: SheetXml, styles: Styles, cells: dict[str, list[Point]],
                  lines: dict[str, int], strings: list[str]) -> None:
    column = sheet.last_column() + 1
    letter = get_column_letter(column)
    sheet.width(column, 20)
    _print_too(package, sheet, letter)
    looks = {severity: styles.cell(bold=True, colour=colour, fill=fill, line=True, up="center")
             for severity, (fill, colour) in COLOURS.items()}
    rows: dict[int, list[Point]] = defaultdict(list)
    for cell, here in cells.items():
        rows[place(cell)[0]] += here
    head = next((c for c in elements(sheet.data, "c") if _is_header(c, strings)), None)
    if head is None or not rows:
        return
    sheet.put(f"{letter}{place(head.getAttribute('r'))[0]}", marks_label(), int(head.getAttribute("s") or 0))
    for row, here in sorted(rows.items()):
        sheet.put(f"{letter}{row}", _mark_words(here), looks[_worst(here)])
        sheet.link(f"{letter}{row}", f"'{ERRORS_SHEET}'!B{lines[here[0].number]}")


def _is_header(cell: Element, strings: list[str]) -> bool:
    return bool(children(cell, "v") or children(cell, "is")) and text_of(cell, strings) in header_labels()["note"]


def _mark_words(points: list[Point]) -> str:
    """What stands beside a marked row: "✗ Error 3, 4 (D)"."""
    by_severity: dict[str, list[Point]] = defaultdict(list)
    for point in sorted(points, key=lambda p: SEVERITIES.index(p.severity)):
        by_severity[point.severity].append(point)
    return "\n".join(f"{here[0].sign} {severity_name(severity)} {listed([p.number for p in here])}"
                     for severity, here in by_severity.items())


def comment_of(point: Point) -> str:
    """What the comment at a cell says."""
    return "\n".join((
        f"{CHECK_COMMENT}{point.sign} {severity_name(point.severity)} {point.number}",
        _("Found: {found}", found=point.found),
        _("Expected: {expected}", expected=point.expected), _("What to do: {advice}", advice=point.advice)))


def _worst(points: list[Point]) -> str:
    return min((p.severity for p in points), key=SEVERITIES.index)
