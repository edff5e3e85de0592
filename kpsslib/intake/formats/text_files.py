"""Text files as Czech offices save them: rows of cells, the delimiter and the decimal mark found by rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from kpsslib.intake.formats.encodings import TextFileError, decode

DELIMITERS = ";,\t|"
_ENOUGH = 3  # rows named of those that do not fit


class TextTable(NamedTuple):
    """A table of texts: columns by header, how many lines stand above its first row, and its decimal mark."""

    table: pd.DataFrame
    lines_above: int
    decimal: str


def read_table(data: bytes) -> TextTable:
    """A delimited text file as texts, every cell as it stands (an empty one is ""), identifiers untouched.

    Raises TextFileError where the file is empty, its encoding unknown, or its rows do not fit its header.
    """
    if not data.strip():
        raise TextFileError("empty_file")
    if data.startswith(b"PK"):
        raise TextFileError("not_text")
    text, above = without_separator_line(decode(data))
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    first, *rows = split(text, delimiter)
    refuse_ragged(rows, len(first), above)
    names = [name.strip() for name in first]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise TextFileError("repeated_column", columns=", ".join(repeated))
    table = pd.DataFrame([row[:len(names)] + [""] * (len(names) - len(row)) for row in rows], columns=names,
                         dtype="str")
    return TextTable(table, above, "," if delimiter != "," else ".")


def without_separator_line(text: str) -> tuple[str, int]:
    """The text with one kind of line end and without Excel's line "sep=;"; and in which line its rows begin."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (text.partition("\n")[2], 2) if text[:4].lower() == "sep=" else (text, 1)


def split(text: str, delimiter: str) -> list[list[str]]:
    """The rows of cells; a quoted cell may go over several lines, a blank line is a row without cells.

    Raises TextFileError("unbalanced_quote") where a quotation mark is not closed, or where a quoted cell holds as
    many delimiters as a row: then it has swallowed one.
    """
    width = text.partition("\n")[0].count(delimiter)
    reader, rows, line = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), [], 1
    try:
        for row in reader:
            if reader.line_num > line and width > 1 and any(
                    "\n" in cell and cell.count(delimiter) >= width for cell in row):
                raise TextFileError("unbalanced_quote", line=line)
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error:
        raise TextFileError("unbalanced_quote", line=line) from None
    return rows


def refuse_ragged(rows: Collection[list[str]], columns: int, above: int) -> None:
    """Raise TextFileError naming the first rows that have more cells than there are columns.

    An empty cell too much counts as well: unquoted, 5,25 in the last filled cell moves nothing but itself.
    """
    ragged = [n for n, row in enumerate(rows, above + 1) if len(row) > columns and any(row)]
    if ragged:
        more = ", …" if len(ragged) > _ENOUGH else ""
        raise TextFileError("ragged_rows", rows=", ".join(map(str, ragged[:_ENOUGH])) + more, columns=columns)
