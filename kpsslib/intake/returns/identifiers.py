"""Identifiers are text: registration numbers (IČO) with their check digit, service identifiers, dates of identity."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from stdnum.cz import dic

_SERVICE_ID = re.compile(r"\d{7}", re.ASCII)
_BEFORE_ICO = re.compile(r"^(?:IČO?|DIČ)?:?(?:CZ)?")
_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00(\.0+)?)?$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CZECH_DATE = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", re.ASCII)
# Zero-width characters, soft hyphens, and marks that turn the direction of writing: nobody sees them.
_INVISIBLE = dict.fromkeys([0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065),
                            *range(0x2066, 0x206A), 0xFEFF])


class Identifier(NamedTuple):
    """An identifier as text ("" where it cannot be used) and its status: reported, converted or rejected."""

    text: str
    status: str


def as_text(content: object) -> str:
    """A cell's content as text; a whole number loses its decimal point, a date becomes ISO."""
    match content:
        case None:
            return ""
        case bool():
            return str(content)
        case float() if content.is_integer():
            return str(int(content))
        case datetime():
            return content.date().isoformat()
        case date():
            return content.isoformat()
    return str(content).strip()


def without_invisible(text: str) -> str:
    """A text without the characters that nobody sees."""
    return text if text.isascii() else text.translate(_INVISIBLE)


def registration_number(content: object) -> Identifier:
    """The IČO: 8 digits whose last is the check digit (mod 11, `stdnum.cz.dic`).

    Fewer digits are padded with leading zeros only where the check digit then holds; spaces, "IČO" and "CZ" before it
    and ",0" behind it are dropped.

    >>> registration_number(64581)
    Identifier(text='00064581', status='converted')
    >>> registration_number("12345678")
    Identifier(text='', status='rejected')
    """
    found = as_text(content)
    digits = _DECIMALS.sub("", _BEFORE_ICO.sub("", re.sub(r"\s", "", found.upper())))
    if not re.fullmatch(r"\d{1,8}", digits, re.ASCII) or int(digits) == 0:
        return Identifier("", "rejected")
    padded = digits.zfill(8)
    if dic.calc_check_digit_legal(padded[:7]) != padded[7]:
        return Identifier("", "rejected")
    return Identifier(padded, "reported" if content == padded else "converted")


def service_identifier(content: object) -> Identifier:
    """The register's number of a service: exactly seven digits. A shorter one is never padded by guess."""
    text = as_text(content)
    if not _SERVICE_ID.fullmatch(text):
        return Identifier("", "rejected")
    return Identifier(text, "reported" if isinstance(content, str) else "converted")


def day(content: object) -> Identifier:
    """A day as ISO text: from ISO or Czech text ("1. 5. 2020") or a date cell; empty stays empty."""
    text = as_text(content)
    if isinstance(content, date):
        return Identifier(text, "converted")
    text, given = _MIDNIGHT.sub("", text), text
    czech = _CZECH_DATE.fullmatch(text)
    iso = f"{czech[3]}-{int(czech[2]):02}-{int(czech[1]):02}" if czech else text
    try:
        if iso and not (_ISO.fullmatch(iso) and date.fromisoformat(iso)):
            return Identifier("", "rejected")
    except ValueError:
        return Identifier("", "rejected")
    return Identifier(iso, "reported" if iso == given else "converted")
