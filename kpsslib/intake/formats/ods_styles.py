"""The styles of an OpenDocument spreadsheet, as far as they bear on what a cell means."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element

from kpsslib.intake.formats.cells import Style

_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, STYLE, TABLE, TEXT, NUMBER = (_SPACE % name for name in ("office", "style", "table", "text", "datastyle"))
FO = _SPACE % "xsl-fo-compatible"
CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_ORDINARY = {"", "CZK", "Kč"}
_THOUSANDS = {1e3: ",", 1e6: ",,", 1e9: ",,,"}


class _Look(NamedTuple):
    """What one style says by itself; None where it leaves it to its parent."""

    parent: str
    struck_through: bool | None
    fill: str | None
    colour: str | None
    numbers: str | None
    raised: bool
    hidden: bool


_NOTHING = _Look("", None, None, None, None, False, False)


class Styles:
    """The styles of a file, taken one after another as its XML streams by."""

    def __init__(self) -> None:
        self.looks: dict[str, _Look] = {}
        self.formats: dict[str, str] = {}
        self._cells: dict[tuple[str, str, str], Style] = {}

    def take(self, element: Element) -> None:
        """Remember a style or a number format that has ended; anything else is passed over."""
        if element.tag in (STYLE + "style", STYLE + "default-style"):
            self.looks[element.get(STYLE + "name", "")] = _look(element)
        elif element.tag.startswith(NUMBER) and (name := element.get(STYLE + "name")):
            self.formats[name] = _format(element)

    def of_cell(self, name: str, value_type: str, currency: str) -> Style:
        """The style of a cell by the name of its style and the type of its value."""
        key = (name, value_type, currency)
        if key not in self._cells:
            self._cells[key] = self._style(*key)
        return self._cells[key]

    def is_raised(self, name: str | None) -> bool:
        """Whether text of this style is raised, lowered or struck through."""
        look = self.looks.get(name or "", _NOTHING)
        return look.raised or bool(look.struck_through)

    def is_hidden_table(self, name: str | None) -> bool:
        """Whether a sheet of this style is hidden."""
        return self.looks.get(name or "", _NOTHING).hidden

    def _style(self, name: str, value_type: str, currency: str) -> Style:
        struck, fill, colour, numbers = (self._inherited(name, what) for what in
                                         ("struck_through", "fill", "colour", "numbers"))
        code = self.formats.get(numbers or "", "General")
        if value_type == "percentage":
            code = "0%"
        elif value_type == "currency" and currency not in _ORDINARY:
            code = f'[${currency}]0'
        return Style(code, bool(struck), fill or "", colour or "")

    def _inherited(self, name: str, what: str) -> object:
        seen = set()
        while name in self.looks and name not in seen:
            seen.add(name)
            if (found := getattr(self.looks[name], what)) is not None:
                return found
            name = self.looks[name].parent
        return None


def _look(element: Element) -> _Look:
    found = {}
    for part in element:
        found |= part.attrib
    line = found.get(STYLE + "text-line-through-style", found.get(STYLE + "text-line-through-type"))
    position = found.get(STYLE + "text-position", "0%").split()[0]
    return _Look(element.get(STYLE + "parent-style-name", ""), None if line is None else line != "none",
                 _rgb(found.get(FO + "background-color")), _rgb(found.get(FO + "color")),
                 element.get(STYLE + "data-style-name"), position not in ("0%", "0"),
                 found.get(TABLE + "display") == "false")


def _rgb(colour: str | None) -> str | None:
    """A colour as six hexadecimal digits, "" where it is none, None where nothing is said."""
    return None if colour is None else colour[1:].upper() if colour.startswith("#") else ""


def _format(element: Element) -> str:
    """Excel's code of a number format, as far as it shows another number than the cell holds."""
    if element.tag == NUMBER + "percentage-style":
        return "0%"
    symbol = (element.findtext(NUMBER + "currency-symbol") or "").strip()
    if symbol not in _ORDINARY:
        return f"[${symbol}]0"
    part = element.find(NUMBER + "number")
    factor = float(part.get(NUMBER + "display-factor", 1)) if part is not None else 1
    return "#,##0" + _THOUSANDS[factor] if factor in _THOUSANDS else "General"
