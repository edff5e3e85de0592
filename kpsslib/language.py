"""What a user reads: messages in Czech or English, and numbers, money and dates in the form of that language.

Messages stand in the code in English and in `kpsslib/locale/<language>/<package>.po` in the other languages.
The language is set once a run (`speak("cs")`); Czech is the default.
"""

from __future__ import annotations

import gettext as _gettext
import io
import math
import re
import unicodedata
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

LANGUAGES = ("cs", "en")
NBSP = "\u00a0"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MINUS = "\u2212"  # a hyphen is short and lets a line end after it
_locale_folder = Path(__file__).parent / "locale"
_speaking = "cs"


def speak(language: str) -> None:
    """Choose the language of all later messages and formats: "cs" or "en"."""
    global _speaking
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: expected one of {', '.join(LANGUAGES)}")
    _speaking = language


def speaking() -> str:
    """The language chosen now."""
    return _speaking


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    """All catalogues of one language as one; English needs none."""
    merged = _gettext.NullTranslations()
    for path in sorted((_locale_folder / language).glob("*.po")):
        binary = io.BytesIO()
        with path.open("rb") as file:
            write_mo(binary, read_po(file, locale=language))
        binary.seek(0)
        translations = _gettext.GNUTranslations(binary)
        translations.add_fallback(merged)
        merged = translations
    return merged


@cache
def _said(language: str, message: str) -> str:
    """A message is looked up once: a thousand workbooks say the same."""
    return _catalogue(language).gettext(message)


def _(message: str, /, **values: object) -> str:
    """The message in the language spoken, with `{name}` filled from values."""
    text = _said(_speaking, message)
    return text.format(**values) if values else text


def plural(one: str, many: str, n: int, /, **values: object) -> str:
    """The message in the plural form that n asks for (Czech has three); `{n}` is n."""
    return _catalogue(_speaking).ngettext(one, many, n).format(n=number(n), **values)


def number(value: float | None, digits: int = 0) -> str:
    """A number with grouping by NBSP and a decimal comma (Czech), or the English form; missing is a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    # + 0.0 turns a minus zero into zero
    return format_decimal(round(value, digits) + 0.0, format=pattern, locale=_babel_locale()).replace("-", MINUS)


def money(value: float | None, digits: int = 0) -> str:
    """An amount in crowns, such as "1 234 Kč"."""
    if value is None or not math.isfinite(value):
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "\u00a0¤"
    text = format_currency(value, "CZK", format=pattern, locale=_babel_locale(), currency_digits=False)
    return text.replace("-", MINUS)


def percent(share: float | None, digits: int = 1) -> str:
    """A share 0..1 as per cent, such as "12,5 %"."""
    if share is None or not math.isfinite(share):
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "\u00a0%"
    return format_percent(share, format=pattern, locale=_babel_locale()).replace("-", MINUS)


def day(text: str) -> str:
    """An ISO day as the language spoken writes it; any other text as it stands.

    >>> speak("cs"); day("2025-05-01").replace(NBSP, " "), day("jaro 2025")
    ('1. 5. 2025', 'jaro 2025')
    """
    if speaking() != "cs" or not _ISO_DAY.fullmatch(text):
        return text
    year, month, number_of_day = (int(part) for part in text.split("-"))
    return f"{number_of_day}.{NBSP}{month}.{NBSP}{year}"


def _babel_locale() -> str:
    return "cs_CZ" if _speaking == "cs" else "en_GB"


# Czech sorting: č, ř, š, ž are letters of their own after c, r, s, z and "ch" comes after h; the other
# diacritics decide only between words that are otherwise equal (ČSN 97 6030).
_OWN_LETTERS = set("čřšž")


def sort_key(text: str) -> tuple:
    """A key that sorts Czech words as a Czech dictionary does."""
    word = unicodedata.normalize("NFC", str(text)).lower()
    letters = (unicodedata.normalize("NFD", c)[0] + ("\ufffe" if c in _OWN_LETTERS else "")
               for c in word.replace("ch", "h\uffff"))
    return "".join(letters), word
