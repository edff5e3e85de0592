"""A return saved as text (CSV): the sheet of the template, its cells told apart by a delimiter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from kpsslib.intake.formats.cells import Book, Cell, TooManyRowsError, gather
from kpsslib.intake.formats.encodings import TextFileError, decode
from kpsslib.intake.formats.text_files import DELIMITERS, refuse_ragged, split, without_separator_line
from kpsslib.intake.originals import MAX_ROWS
from kpsslib.intake.returns.identifiers import without_invisible
from kpsslib.intake.returns.numbers import is_exact
from kpsslib.intake.template import HEADER_KEY, IDENTITY_KEYS, header_labels

_KEYS = {HEADER_KEY, *IDENTITY_KEYS}
_LOOKALIKES = str.maketrans("аеорсухіјѕһкмтвнοικντυχαεμρ", "aeopcyxijshkmtbhoikvtuxaemp")  # Cyrillic and Greek
# What a spreadsheet writes into a text for an error, or for a number wider than its column.
_ERROR = re.compile(r"#{2,}|#[^\W\d_a-z][^\Wa-z/]*(/0)?[!?]|#N/A|#NENÍ_K_DISPOZICI|(Err|Chyba):\d{3}")
_PLAIN = re.compile(r"-?(0|[1-9]\d*)([.,]\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def read_text_return(data: bytes) -> Book:
    """The one sheet of a return saved as text, without a name.

    A plain figure such as 1234,5 is the number it was in the spreadsheet; what could be read in two ways stays text
    unless other figures of the file show which mark is its decimal mark. Rows are counted as a spreadsheet counts them.

    Raises TextFileError where the bytes are no such text, or where cells may have moved into other columns, and
    TooManyRowsError.
    """
    text, _above = without_separator_line(decode(data))
    text = text.rstrip(DELIMITERS + "\n ")  # rows that are only formatted are saved as well
    if not text:
        raise TextFileError("empty_file")
    if text.count("\n") > MAX_ROWS and sum(1 for line in text.split("\n") if line.strip(DELIMITERS)) > MAX_ROWS:
        raise TooManyRowsError
    delimiter = _delimiter(text)
    rows = split(text, delimiter)
    words = [[_word(cell) for cell in row] if any(row) else [] for row in rows]
    header = next((n for n, row in enumerate(words) if HEADER_KEY in row), None)
    if header is None:
        _refuse_lookalikes(words)
        refuse_ragged(rows, max(len(row) for row, word in zip(rows, words, strict=True) if _KEYS & {*word}), 0)
        return Book([gather("", _cells(rows, len(rows), set(), ""))], "csv")
    _refuse_lookalikes(words)
    refuse_ragged(rows, len(rows[header]), 0)
    if delimiter == ",":
        _refuse_shorter(rows[:-1], len(rows[header]))
    if not any(any(row) for n, row in enumerate(rows) if n != header):
        raise TextFileError("header_only")
    figures = _figure_columns(words[header])
    mark = _decimal_mark(row[c] for row in rows[header + 1:] for c in figures if c < len(row))
    return Book([gather("", _cells(rows, header, figures, mark))], "csv")


def _refuse_shorter(rows: list[list[str]], columns: int) -> None:
    """Between commas a decimal comma moves the rest of its row: only rows as long as the header are beyond doubt."""
    short = [n for n, row in enumerate(rows, 1) if any(row) and len(row) < columns]
    if short:
        raise TextFileError("uneven_rows", rows=", ".join(map(str, short[:5])), columns=columns)


def is_error(content: object) -> bool:
    """Whether a text is what a spreadsheet shows for an error, in Czech or in English."""
    return isinstance(content, str) and _ERROR.fullmatch(content) is not None


def _delimiter(text: str) -> str:
    """The delimiter beside a key of the template; raises TextFileError where no line has one."""
    for line in text.split("\n"):
        for delimiter in DELIMITERS:
            cells = [_word(cell.strip('"')) for cell in line.split(delimiter)]
            if len(cells) > 1 and (_KEYS & {*cells} or _KEYS & {_latin(cell) for cell in cells}):
                return delimiter
    raise TextFileError("not_a_return")


def _word(cell: str) -> str:
    """A cell as words of the template are compared: letters composed and small, nothing invisible, plain spaces."""
    return " ".join(unicodedata.normalize("NFC", without_invisible(cell)).split()).casefold()


def _latin(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_LOOKALIKES))


def _refuse_lookalikes(words: list[list[str]]) -> None:
    """A word of the template in letters that only look Latin is named: whoever wrote it cannot see it."""
    known = _KEYS | {_word(label) for labels in header_labels().values() for label in labels}
    for number, row in enumerate(words, 1):
        for word in row:
            if not word.isascii() and word not in known and (meant := _latin(word)) in known:
                raise TextFileError("foreign_letters", found=word, meant=meant, row=number)


def _figure_columns(header: list[str]) -> set[int]:
    labels = {_word(label) for form in ("residential", "outpatient_field") for label in header_labels()[form]}
    return {column for column, word in enumerate(header) if word in labels}


def _decimal_mark(figures: Iterator[str]) -> str:
    """The mark that is a decimal one in some figure where it cannot part thousands; "" where both are, or none."""
    found = {match[2][0] for text in figures if (match := _PLAIN.fullmatch(text)) and match[2]
             and not _AMBIGUOUS.fullmatch(text)}
    return found.pop() if len(found) == 1 else ""


def _cells(rows: list[list[str]], header: int, figures: set[int], mark: str) -> Iterator[list[Cell]]:
    for number, row in enumerate(rows, 1):
        numeric = figures if number > header + 1 else set()
        if any(row):
            yield [Cell(number, column + 1, _content(text, mark) if column in numeric else text,
                        "error" if is_error(text) else "") for column, text in enumerate(row) if text]


def _content(text: str, mark: str) -> int | float | str:
    """A figure as the number it plainly is, else as it stands."""
    match = _PLAIN.fullmatch(text)
    if not match or not is_exact(text.replace(",", ".")):
        return text
    if not match[2]:
        return int(text)
    sure = match[2][0] == mark or not _AMBIGUOUS.fullmatch(text)
    return float(text.replace(",", ".")) if sure else text
