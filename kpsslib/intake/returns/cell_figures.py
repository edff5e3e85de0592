"""What one cell says as a figure: by its content, by its number format, and by how it looks."""

from __future__ import annotations

import re
from functools import cache

from kpsslib.intake.formats.cells import Cell, Style
from kpsslib.intake.returns.identifiers import as_text
from kpsslib.intake.returns.numbers import NAN, Reading, read_content

# Fills of the template's figures; a figure filled otherwise was marked by somebody.
_FILLS = {"", "FFFFFF", "FFF8DC", "E8EEF5", "D9D9D9"}
_KINDS = {"error": "error_cell", "footnote": "footnote", "uncomputed": "formula_without_value"}
_SYMBOL = re.compile(r"\[\$([^\]-]*)[^\]]*\]")  # a currency or a language, such as [$€-2] or [$-405]
_QUOTED = re.compile(r'"[^"]*"|\\.')
_SCALE = re.compile(r"[0#?](,+)(?![0#?,])")
_NOTED = re.compile(r"[-\d][\d\s.,]*[¹²³⁰-⁹*†]+\)?")  # a number with a mark of a footnote
_FOREIGN = re.compile(r"[€$£]|\b(EUR|USD|GBP|PLN|CHF)\b|zł", re.IGNORECASE)


def read_figure(cell: Cell) -> Reading:
    """The figure of a cell; a question keeps the value, which may be confirmed.

    A number whose format shows another one (12 % for 0,12, or 5 for 5 000) is a question.
    """
    if cell.kind in _KINDS:
        return Reading(NAN, "rejected", _KINDS[cell.kind])
    reading = read_content(cell.content)
    if reading.why == "not_a_number" and isinstance(cell.content, str) and _NOTED.fullmatch(cell.content.strip()):
        return reading._replace(why="footnote")
    if reading.status != "reported" or not reading.value:
        return reading
    why, _factor = shown_as(cell.style.number_format)
    if why == "foreign_currency":
        return Reading(NAN, "rejected", why)
    return Reading(reading.value, "question", why) if why else reading


@cache
def shown_as(number_format: str) -> tuple[str, float]:
    """How a number format shows another number than the cell holds: the reason and the factor, ("", 1) where not."""
    code = number_format.partition(";")[0]
    if _FOREIGN.search(" ".join([*_SYMBOL.findall(code), _SYMBOL.sub("", code)])):
        return "foreign_currency", 1
    code = _QUOTED.sub("", _SYMBOL.sub("", code))
    if "%" in code:
        return "percent_format", 100
    if match := _SCALE.search(code):
        return "scaled_format", 1000.0 ** -len(match[1])
    return "", 1


def unseen(cell: Cell) -> str:
    """Why a figure that is there does not count: hidden, struck through, written in white; "" where it counts."""
    if cell.hidden:
        return cell.hidden
    if cell.style.struck_through:
        return "struck_through"
    return "white_text" if _is_blank(cell.style) else ""


@cache
def _is_blank(style: Style) -> bool:
    return style.colour == (style.fill or "FFFFFF") or set(style.number_format) == {";"}


def remarks(cell: Cell, comment: str) -> list[str]:
    """What a sender may have wanted to say with a figure that is used, or why its value may change."""
    return [kind for kind, holds in (
        ("comment_on_figure", bool(comment)), ("coloured_figure", cell.style.fill not in _FILLS),
        ("volatile_formula", cell.kind == "volatile"), ("linked_formula", cell.kind == "linked")) if holds]


def values_of(cell: Cell, reading: Reading, year: str) -> dict[str, object]:
    """What the message about a figure is filled with."""
    values: dict[str, object] = {"found": as_text(cell.content), "value": reading.value}
    if reading.why == "date_in_number":
        day, month, of_year = cell.content.day, cell.content.month, cell.content.year
        typed_year = day == 1 and not 0 <= of_year - int(year) <= 1  # 5.1987 becomes 1 May 1987
        values["meant"] = f"{month},{of_year}" if typed_year else f"{day},{month}"
    if reading.why in ("percent_format", "scaled_format"):
        values["shown"] = reading.value * shown_as(cell.style.number_format)[1]
    return values
