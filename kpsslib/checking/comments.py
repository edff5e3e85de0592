"""Comments at marked cells, beside those that are there: a list of texts and a drawing of the boxes they stand in."""

from __future__ import annotations

import re

from openpyxl.utils import coordinate_to_tuple

from kpsslib.checking.package import MarkingError, Package, append, children, elements, first, make
from kpsslib.checking.sheet import SheetXml
from kpsslib.checking.styles import insert
from kpsslib.intake.template import CHECK_COMMENT

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_AUTHOR = "kpss"
_NO_COMMENTS = f'<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'
_NO_BOXES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
    'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
    'o:connecttype="rect"/></v:shapetype></xml>'
)
_BOX = re.compile(rb"<v:shape\b.*?</v:shape>", re.DOTALL)
_PER_LINE = 46  # letters on a line of a box


class Comments:
    """The comments of one sheet."""

    def __init__(self, package: Package, sheet: SheetXml) -> None:
        self.package = package
        self.part = next(iter(package.related(sheet.part, "comments")), "") or self._new_list(sheet)
        self.boxes = next(iter(package.related(sheet.part, "vmlDrawing")), "") or self._new_boxes(sheet)
        if b"</xml>" not in package.parts.get(self.boxes, b""):
            raise MarkingError(f"part {self.boxes}")
        self.root = package.document(self.part).documentElement
        self.list = first(self.root, "commentList")

    def _new_list(self, sheet: SheetXml) -> str:
        part = self.package.unused("xl/comments{}.xml")
        self.package.add(part, _NO_COMMENTS.encode(), f"{_SPREADSHEET}.comments+xml")
        self.package.relate(sheet.part, "comments", part)
        return part

    def _new_boxes(self, sheet: SheetXml) -> str:
        part = self.package.unused("xl/drawings/vmlDrawing{}.vml")
        self.package.default_type("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
        self.package.parts[part] = _NO_BOXES.encode()
        sheet.relate_drawing(self.package.relate(sheet.part, "vmlDrawing", part))
        return part

    def clear(self) -> None:
        """Take away the comments of an earlier check: a spreadsheet may have changed their author, not their words."""
        for comment in children(self.list, "comment"):
            if _text(comment).startswith(CHECK_COMMENT):
                self.list.removeChild(comment)
                self._remove_box(comment.getAttribute("ref"))

    def _remove_box(self, address: str) -> None:
        row, column = coordinate_to_tuple(address)
        here = (f"<x:Row>{row - 1}</x:Row>".encode(), f"<x:Column>{column - 1}</x:Column>".encode())
        data = self.package.parts[self.boxes]
        self.package.parts[self.boxes] = _BOX.sub(
            lambda box: b"" if all(part in re.sub(rb">\s+|\s+<", lambda m: m[0].strip(), box[0]) for part in here)
            else box[0], data)

    def add(self, address: str, text: str) -> bool:
        """Fasten a comment to a cell; a cell that has one keeps its own, and False is returned."""
        if any(comment.getAttribute("ref") == address for comment in children(self.list, "comment")):
            return False
        comment = append(self.list, "comment", ref=address, authorId=self._author())
        run = append(append(comment, "text"), "r")
        looks = append(run, "rPr")
        append(looks, "sz", val=9)
        append(looks, "rFont", val="Arial")
        append(run, "t", text, xml__space="preserve")
        self._add_box(address, text)
        return True

    def _author(self) -> int:
        authors = (children(self.root, "authors") or [insert(self.root, make(self.root, "authors"),
                                                             ("authors", "commentList"))])[0]
        known = [_text(a) for a in children(authors, "author")]
        if _AUTHOR not in known:
            append(authors, "author", _AUTHOR)
            return len(known)
        return known.index(_AUTHOR)

    def _add_box(self, address: str, text: str) -> None:
        row, column = coordinate_to_tuple(address)
        lines = sum(1 + len(line) // _PER_LINE for line in text.split("\n")) + 1
        anchor = f"{column}, 12, {max(row - 2, 0)}, 4, {column + 3}, 20, {max(row - 2, 0) + lines}, 4"
        data = self.package.parts[self.boxes]
        ids = [int(n) for n in re.findall(rb'id="_x0000_s(\d+)"', data)]
        shape = (
            f'<v:shape id="_x0000_s{max(ids, default=1024) + 1}" type="#_x0000_t202" '
            'style="position:absolute;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
            '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
            '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
            f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
            f"<x:AutoFill>False</x:AutoFill><x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData>"
            "</v:shape>"
        )
        before, end, after = data.rpartition(b"</xml>")
        self.package.parts[self.boxes] = before + shape.encode() + end + after


def _text(element) -> str:
    if element.localName == "comment":
        return "".join(n.data for t in elements(element, "t") for n in t.childNodes)
    return "".join(n.data for n in element.childNodes)
