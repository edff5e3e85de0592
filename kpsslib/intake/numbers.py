"""Numbers as people write them: Czech grouping, decimal commas, currency marks, and the words for no number."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

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
}
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_CURRENCY = re.compile(r"\s*(kč|kc|czk|,-+|,–|,—)\.?$", re.IGNORECASE)
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
    word = _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()
    if not word:
        return Reading(NAN, "missing", "blank_text" if text else "")
    if status := _WORDS.get(word.lower()):
        return Reading(0.0 if status == "confirmed_zero" else NAN, status, "word")
    bare = _CURRENCY.sub("", word)
    shorter = _THOUSANDS_WORD.sub("", bare)
    why = "text_number" if shorter == bare else "thousands_word"
    number = _sign(shorter)
    if _AMBIGUOUS.fullmatch(number):
        return Reading(NAN, "question", "ambiguous_number")
    value = _value(number)
    if value is None:
        return Reading(NAN, "rejected", "not_a_number")
    value *= 1000 if why == "thousands_word" else 1
    return Reading(value, "converted", why) if abs(value) < LARGEST else Reading(NAN, "rejected", "absurd_number")


def _sign(number: str) -> str:
    """A minus of any typography, or an accountant's brackets, as a hyphen before the digits."""
    if number.startswith("(") and number.endswith(")"):
        number = "-" + number[1:-1]
    return re.sub(r"^[-−–]\s*", "-", number)


def _value(number: str) -> float | None:
    if _GROUPED.fullmatch(number) or _PLAIN.fullmatch(number):
        return float(number.replace(" ", "").replace(",", "."))
    if _BOTH_MARKS.fullmatch(number):
        decimal = max(number.rfind(","), number.rfind("."))
        return float(re.sub(r"[.,]", "", number[:decimal]) + "." + number[decimal + 1:])
    if _MANY_GROUPS.fullmatch(number):
        return float(re.sub(r"[.,]", "", number))
    return None
