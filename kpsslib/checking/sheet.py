"""One sheet of a workbook as XML: cells are put, marked, linked and given comments; earlier marks are taken away."""

from __future__ import annotations

import re
from xml.dom.minidom import Element

from openpyxl.utils import column_index_from_string, coordinate_to_tuple, get_column_letter, range_boundaries

from kpsslib.checking.package import RELATIONS, MarkingError, Package, append, children, elements, first, make
from kpsslib.checking.styles import insert
from kpsslib.intake.template import ERRORS_SHEET

_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)
_NUMBER, _CELL = re.compile(r"[1-9]\d{0,6}"), re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
# What others may leave out or write in their own way, but without which nothing is put into its place.
_NEEDED = (("row", "r", _NUMBER), ("c", "r", _CELL), ("col", "min", _NUMBER), ("col", "max", _NUMBER))
_ALWAYS = '"kpss"<>""'  # the condition of our marks, by which they are found again


class SheetXml:
    """A sheet of a package; raises MarkingError where it does not say where its rows, columns or cells stand."""

    def __init__(self, package: Package, part: str) -> None:
        self.package, self.part = package, part
        self.root = package.document(part).documentElement
        self.data = first(self.root, "sheetData")
        for name, attribute, pattern in _NEEDED:
            if not all(pattern.fullmatch(one.getAttribute(attribute)) for one in elements(self.root, name)):
                raise MarkingError(f"{part}: {name} without its place")
        self.rows = {int(row.getAttribute("r")): row for row in children(self.data, "row")}

    def cell(self, address: str) -> Element:
        """The cell of an address, made where there is none."""
        number, column = coordinate_to_tuple(address)
        row = self.rows.get(number) or self._row(number)
        after = None
        for cell in children(row, "c"):
            there = coordinate_to_tuple(cell.getAttribute("r"))[1]
            if there == column:
                return cell
            if there > column:
                after = cell
                break
        if row.hasAttribute("spans"):
            row.removeAttribute("spans")
        return row.insertBefore(make(row, "c", r=address), after)

    def _row(self, number: int) -> Element:
        after = next((self.rows[n] for n in sorted(self.rows) if n > number), None)
        self.rows[number] = self.data.insertBefore(make(self.data, "row", r=number), after)
        return self.rows[number]

    def put(self, address: str, text: str, style: int | None = None) -> None:
        """Write text into a cell, as text whatever it begins with; "" empties it. Its style stays without another."""
        cell = self.cell(address)
        for child in list(cell.childNodes):
            cell.removeChild(child)
        if cell.hasAttribute("t"):
            cell.removeAttribute("t")
        if text:
            cell.setAttribute("t", "inlineStr")
            append(append(cell, "is"), "t", text[:32_000], xml__space="preserve")
        if style is not None:
            cell.setAttribute("s", str(style))

    def width(self, column: int, width: float) -> None:
        """Set the width of a column that has none of its own yet."""
        cols = (children(self.root, "cols") or [insert(self.root, make(self.root, "cols"), _ORDER)])[0]
        after = None
        for col in children(cols, "col"):
            if int(col.getAttribute("min")) <= column <= int(col.getAttribute("max")):
                if int(col.getAttribute("max")) == int(col.getAttribute("min")):
                    col.setAttribute("width", str(width))
                    col.setAttribute("customWidth", "1")
                    return
                if int(col.getAttribute("min")) < column:
                    return
                col.setAttribute("min", str(column + 1))
            if int(col.getAttribute("min")) > column:
                after = col
                break
        cols.insertBefore(make(cols, "col", min=column, max=column, width=width, customWidth=1), after)

    def mark(self, addresses: list[str], style: int, priority: int) -> None:
        """Colour cells by a condition that always holds: their own style stays beneath."""
        block = make(self.root, "conditionalFormatting", sqref=" ".join(addresses))
        rule = append(block, "cfRule", type="expression", dxfId=style, priority=priority)
        append(rule, "formula", _ALWAYS)
        insert(self.root, block, _ORDER)

    def push_rules(self, by: int) -> None:
        """Let the sheet's own conditions come after as many of ours."""
        for rule in elements(self.root, "cfRule"):
            if (priority := rule.getAttribute("priority")).isdigit():
                rule.setAttribute("priority", str(int(priority) + by))

    def link(self, address: str, target: str) -> None:
        """A link from a cell to another place of the workbook."""
        links = (children(self.root, "hyperlinks") or [insert(self.root, make(self.root, "hyperlinks"), _ORDER)])[0]
        append(links, "hyperlink", ref=address, location=target, display=target)

    def relate_drawing(self, relation: str) -> None:
        """Name the drawing that holds the boxes of the comments."""
        element = make(self.root, "legacyDrawing")
        element.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:r", RELATIONS)
        element.setAttributeNS(RELATIONS, "r:id", relation)
        insert(self.root, element, _ORDER)

    def last_column(self) -> int:
        """The last column with something in it or with a width of its own look."""
        return max((coordinate_to_tuple(c.getAttribute("r"))[1] for c in elements(self.data, "c")
                    if c.childNodes), default=1)

    def clear_marks(self, letter: str) -> None:
        """Take away the marks of an earlier check: colours, links to the list, and its column where there is one."""
        for block in elements(self.root, "conditionalFormatting"):
            if any("".join(t.data for t in f.childNodes) == _ALWAYS for f in elements(block, "formula")):
                block.parentNode.removeChild(block)
        for link in elements(self.root, "hyperlink"):
            if re.match(rf"'?{ERRORS_SHEET}'?!", link.getAttribute("location")):
                link.parentNode.removeChild(link)
        for links in children(self.root, "hyperlinks"):
            if not children(links, "hyperlink"):
                self.root.removeChild(links)
        for cell in elements(self.data, "c") if letter else ():
            if re.fullmatch(rf"{letter}\d+", cell.getAttribute("r")):
                cell.parentNode.removeChild(cell)

    def shown_at(self, address: str) -> str:
        """Where a cell is seen: itself, or the first cell of the merged area that covers it."""
        row, column = coordinate_to_tuple(address)
        for area in elements(self.root, "mergeCell"):
            left, top, right, bottom = range_boundaries(area.getAttribute("ref"))
            if left <= column <= right and top <= row <= bottom:
                return f"{get_column_letter(left)}{top}"
        return address

    def letter_of(self, texts: set[str], strings: list[str]) -> str:
        """The column in which one of the texts stands, "" where none does."""
        for cell in elements(self.data, "c"):
            if text_of(cell, strings) in texts:
                return get_column_letter(column_index_from_string(re.sub(r"\d", "", cell.getAttribute("r"))))
        return ""


def text_of(cell: Element, strings: list[str]) -> str:
    """The text in a cell, "" where it holds something else."""
    if cell.getAttribute("t") == "s":
        number = "".join(n.data for v in children(cell, "v") for n in v.childNodes)
        return strings[int(number)] if number.isdigit() and int(number) < len(strings) else ""
    return "".join(n.data for t in elements(cell, "t") for n in t.childNodes)


def shared_strings(package: Package) -> list[str]:
    """The texts that cells refer to by number."""
    part = next(iter(package.related(package.workbook, "sharedStrings")), "")
    if not part:
        return []
    items = children(package.look(part).documentElement, "si")
    return ["".join(n.data for t in elements(item, "t") for n in t.childNodes) for item in items]
