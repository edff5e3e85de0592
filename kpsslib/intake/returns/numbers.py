"""Numbers as people write them: Czech grouping, decimal commas, currency marks, and the words for no number."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from kpsslib.intake.returns.identifiers import without_invisible
from kpsslib.intake.template import STATUS_WORDS

NAN = float("nan")
LARGEST = 1e13  # crowns, hours or persons: nothing a single service reports comes near

_WORDS = {
    **STATUS_WORDS,
    "not applicable": "not_applicable", "nerelevantní": "not_applicable", "confidential": "confidential",
    "0 skutečná": "confirmed_zero", "skutečná nula": "confirmed_zero", "skutečná 0": "confirmed_zero",
    "confirmed zero": "confirmed_zero",
    "-": "missing", "–": "missing", "—": "missing", "x": "missing", "chybí": "missing", "neuvedeno": "missing",
    "nezjištěno": "missing", "missing": "missing", "viz příloha": "missing", "n/a": "missing",
    "n.a.": "missing", "--": "missing", "---": "missing", "nezjišťujeme": "missing", "nesledujeme": "missing",
    "nesledováno": "missing", "nevyplněno": "missing", "není k dispozici": "missing",
}
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_TURNED = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # digits are seen in another order
# "1 234,- Kč", "CZK 1 234", and the same with a currency that is not ours; "1 234,–" has whole crowns.
_CROWNS = re.compile(r"^(?:kč|kc|czk)\.?\s*|\s*(?:kč|kc|czk)\.?$", re.IGNORECASE)
_WHOLE = re.compile(r"\s*,(?:-{1,2}|=|[–—])$")
_FOREIGN = re.compile(r"[€$£]|(?<![^\W\d_])(?:eur[oa]?|usd|gbp|chf|pln|zł|huf|dolar\w*)(?![^\W\d_])", re.IGNORECASE)
_CLOCK = re.compile(r"-?\d+:\d{2}(?::\d{2})?(?: ?h(?:od)?\.?)?", re.ASCII | re.IGNORECASE)
_PERCENT = re.compile(r"\s*(?:%|procenta?|proc\.)$", re.IGNORECASE)
_THOUSANDS_WORD = re.compile(r"\s*tis\.?$", re.IGNORECASE)
_GROUPED = re.compile(r"-?\d{1,3}( \d{3})+([.,]\d+)?", re.ASCII)
_PLAIN = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_BOTH_MARKS = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(,\d{3})+\.\d+", re.ASCII)
_MANY_GROUPS = re.compile(r"-?\d{1,3}((\.\d{3}){2,}|(,\d{3}){2,})", re.ASCII)


class Reading(NamedTuple):
    """What a cell says: a value (NaN without one), the status of the fact and why, "" where it is a plain number.

    Status is one of the facts' statuses, or "rejected" (no number) or "question" (two readings are possible).
    """

    value: float
    status: str
    why: str = ""


def read_content(content: object) -> Reading:
    """A cell of a workbook as openpyxl gives it: number, text, date, time, truth value or error."""
    match content:
        case None:
            return Reading(NAN, "missing")
        case bool():
            return Reading(NAN, "rejected", "not_a_number")
        case int() | float():
            usable = math.isfinite(content) and abs(content) < LARGEST
            return Reading(float(content), "reported") if usable else Reading(NAN, "rejected", "absurd_number")
        case datetime() | date():
            return Reading(NAN, "rejected", "date_in_number")
        case time() | timedelta():
            return Reading(NAN, "rejected", "time_in_number")
        case str():
            return read_text(content)
    return Reading(NAN, "rejected", "not_a_number")


def read_text(text: str) -> Reading:
    r"""A number written as text, or a word that stands for none.

    >>> read_text("1\u00a0234,50 Kč")
    Reading(value=1234.5, status='converted', why='text_number')
    >>> read_text("1,234").status
    'question'
    """
    if _TURNED.search(text):
        return Reading(NAN, "rejected", "not_a_number")
    word = _SPACES.sub(" ", without_invisible(text)).strip()
    if not word:
        return Reading(NAN, "missing", "blank_text" if text else "")
    if status := _WORDS.get(word.lower()):
        return Reading(0.0 if status == "confirmed_zero" else NAN, status, "word")
    shorter, factor = _bare(word)
    if _AMBIGUOUS.fullmatch(shorter):
        return Reading(NAN, "question", "ambiguous_number")
    digits = _digits(shorter)
    if digits is None:
        return Reading(NAN, "rejected", _why_not(shorter))
    value = float(digits) * factor
    sound = abs(value) < LARGEST and is_exact(digits)
    why = "text_number" if factor == 1 else "thousands_word"
    return Reading(value, "converted", why) if sound else Reading(NAN, "rejected", "absurd_number")


def two_readings(text: str) -> tuple[float, float]:
    """The smaller and the larger number that an ambiguous text may mean: with a decimal mark, or with thousands.

    >>> two_readings("1.234 Kč")
    (1.234, 1234.0)
    """
    shorter, factor = _bare(_SPACES.sub(" ", without_invisible(text)).strip())
    return float(shorter.replace(",", ".")) * factor, float(re.sub(r"[.,]", "", shorter)) * factor


def _bare(word: str) -> tuple[str, int]:
    """A text without crowns, apostrophe and the word for thousands, and by how much its number is to be multiplied."""
    bare = _sign(word.removeprefix("'").strip())
    shorter = _THOUSANDS_WORD.sub("", bare)
    return shorter, 1 if shorter == bare else 1000


def is_exact(digits: str) -> bool:
    """Whether a number can be held as it is written: beyond 15 digits or so others come out.

    >>> is_exact("15.249999999999998"), is_exact("1234567890.1234567891")
    (True, False)
    """
    return Decimal(repr(float(digits))) == Decimal(digits)


def _why_not(text: str) -> str:
    """Why a text is no number that can be used."""
    if _CLOCK.fullmatch(text):
        return "time_in_number"
    if _FOREIGN.search(text) and _digits(_FOREIGN.sub("", text).strip()):
        return "foreign_currency"
    return "percent_text" if _PERCENT.search(text) and _digits(_PERCENT.sub("", text)) else "not_a_number"


def _sign(number: str) -> str:
    """Without crowns; a minus of any typography, before or behind, or an accountant's brackets, as a hyphen before."""
    bare = _WHOLE.sub("", _CROWNS.sub("", number))
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + _WHOLE.sub("", _CROWNS.sub("", bare[1:-1].strip()))
    elif re.fullmatch(r"[\d .,]+[-−–]", bare, re.ASCII):
        bare = "-" + bare[:-1].strip()
    return re.sub(r"^\+\s?(?=\d)", "", re.sub(r"^[-−–]\s*", "-", bare))


def _digits(number: str) -> str | None:
    """A number in plain digits with a decimal point, None where the text is none."""
    if _GROUPED.fullmatch(number) or _PLAIN.fullmatch(number):
        return number.replace(" ", "").replace(",", ".")
    if _BOTH_MARKS.fullmatch(number):
        decimal = max(number.rfind(","), number.rfind("."))
        return re.sub(r"[.,]", "", number[:decimal]) + "." + number[decimal + 1:]
    if _MANY_GROUPS.fullmatch(number):
        return re.sub(r"[.,]", "", number)
    return None
