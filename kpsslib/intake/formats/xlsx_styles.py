"""The style of a cell of an .xlsx workbook, as far as it bears on what the cell means."""

from __future__ import annotations

import re

from openpyxl.styles.colors import COLOR_INDEX, Color
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.workbook import Workbook

from kpsslib.intake.formats.cells import Style

_THEME = re.compile(rb'<a:(lt1|dk1|lt2|dk2|accent\d|hlink|folHlink)>.*?(?:lastClr|srgbClr val)="(\w{6})"', re.S)
_THEME_ORDER = (b"lt1", b"dk1", b"lt2", b"dk2", *(b"accent%d" % n for n in range(1, 7)), b"hlink", b"folHlink")


def style_of(book: Workbook, index: int) -> Style:
    """The style with this index: number format, strike, fill and colour of the text.

    Raises IndexError where the workbook has no such style.
    """
    style = book._cell_styles[int(index)]
    number = style.numFmtId
    custom = number >= BUILTIN_FORMATS_MAX_SIZE
    code = book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE] if custom else BUILTIN_FORMATS.get(number, "General")
    font, fill = book._fonts[style.fontId], book._fills[style.fillId]
    painted = getattr(fill, "fill_type", None) == "solid"
    return Style(code, bool(font.strike), _rgb(fill.fgColor, book) if painted else "", _rgb(font.color, book))


def _rgb(colour: Color | None, book: Workbook) -> str:
    """A colour as six hexadecimal digits, "" where it is left to the program."""
    if colour is None or colour.type == "auto":
        return ""
    if colour.type == "indexed":
        return COLOR_INDEX[colour.indexed][-6:].upper() if colour.indexed < len(COLOR_INDEX) else ""
    if colour.type == "theme":
        known = dict(_THEME.findall(book.loaded_theme or b""))
        base = known.get(_THEME_ORDER[colour.theme], b"") if colour.theme < len(_THEME_ORDER) else b""
        return _tinted(base.decode().upper(), colour.tint)
    return colour.rgb[-6:].upper()


def _tinted(rgb: str, tint: float) -> str:
    """A colour lightened (tint > 0) or darkened (tint < 0), channel by channel."""
    target, share = (255, tint) if tint > 0 else (0, -tint)
    channels = (int(rgb[i:i + 2], 16) for i in range(0, len(rgb), 2))
    return "".join(f"{round(value + (target - value) * share):02X}" for value in channels)
