"""New looks of cells in a workbook that somebody else made: added behind its own, none of which changes."""

from __future__ import annotations

from xml.dom.minidom import Element

from kpsslib.checking.package import MarkingError, Package, append, children, make

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
          "colors", "extLst")
LINE = "B8C4D0"


class Styles:
    """The part of the styles; raises MarkingError where the workbook has none."""

    def __init__(self, package: Package) -> None:
        part = next(iter(package.related(package.workbook, "styles")), None)
        if part is None:
            raise MarkingError("no styles")
        self.root = package.document(part).documentElement

    def cell(self, *, fill: str = "", line: bool = False, unlocked: bool = False, wrap: bool = True,
             up: str = "top", **font: object) -> int:
        """A look of cells with text: number of the style. `font` has size, colour, bold, underline."""
        xf = append(self._list("cellXfs"), "xf", numFmtId=49, fontId=self._font(**font), fillId=self._fill(fill),
                    borderId=self._border(line), xfId=0, applyNumberFormat=1, applyFont=1, applyFill=1, applyBorder=1,
                    applyAlignment=1, applyProtection=1, quotePrefix=1)
        append(xf, "alignment", horizontal="left", vertical=up, wrapText=int(wrap), indent=int(line))
        append(xf, "protection", locked=int(not unlocked))
        return self._counted("cellXfs", "xf")

    def plain(self, number: int) -> int:
        """The look of a number, but showing numbers as they are: a date's look turns a typed 2 into 2 January 1900."""
        known = children(self._list("cellXfs"), "xf")
        copied = known[number if number < len(known) else 0].cloneNode(deep=True)
        copied.setAttribute("numFmtId", "0")
        copied.setAttribute("applyNumberFormat", "1")
        self._list("cellXfs").appendChild(copied)
        return self._counted("cellXfs", "xf")

    def mark(self, fill: str, colour: str) -> int:
        """How a marked cell looks over its own style: number of the differential style."""
        dxf = append(self._list("dxfs"), "dxf")
        font = append(dxf, "font")
        append(font, "b")
        append(font, "color", rgb=f"FF{colour}")
        pattern = append(append(dxf, "fill"), "patternFill", patternType="solid")
        append(pattern, "fgColor", rgb=f"FF{fill}")
        append(pattern, "bgColor", rgb=f"FF{fill}")
        border = append(dxf, "border")
        for side in ("left", "right", "top", "bottom"):
            append(append(border, side, style="thin"), "color", rgb=f"FF{colour}")
        return self._counted("dxfs", "dxf")

    def _font(self, size: float = 10, colour: str = "1B2A38", *, bold: bool = False, underline: bool = False) -> int:
        font = append(self._list("fonts"), "font")
        if bold:
            append(font, "b")
        if underline:
            append(font, "u")
        append(font, "sz", val=size)
        append(font, "color", rgb=f"FF{colour}")
        append(font, "name", val="Arial")
        append(font, "family", val=2)
        return self._counted("fonts", "font")

    def _fill(self, colour: str) -> int:
        if not colour:
            return 0
        pattern = append(append(self._list("fills"), "fill"), "patternFill", patternType="solid")
        append(pattern, "fgColor", rgb=f"FF{colour}")
        append(pattern, "bgColor", indexed=64)
        return self._counted("fills", "fill")

    def _border(self, line: bool) -> int:
        if not line:
            return 0
        border = append(self._list("borders"), "border")
        for side in ("left", "right", "top", "bottom"):
            append(append(border, side, style="thin"), "color", rgb=f"FF{LINE}")
        append(border, "diagonal")
        return self._counted("borders", "border")

    def _list(self, name: str) -> Element:
        found = children(self.root, name)
        return found[0] if found else insert(self.root, make(self.root, name), _ORDER)

    def _counted(self, name: str, tag: str) -> int:
        """Count what a list holds now; returns the place of its last entry."""
        holder = self._list(name)
        n = len(children(holder, tag))
        holder.setAttribute("count", str(n))
        return n - 1


def insert(parent: Element, element: Element, order: tuple[str, ...]) -> Element:
    """Put a child where the order of the format wants it."""
    behind = set(order[order.index(element.localName) + 1:])
    after = [child for child in parent.childNodes if child.nodeType == child.ELEMENT_NODE and child.localName in behind]
    return parent.insertBefore(element, after[0] if after else None)
