"""Text files as Czech offices save them: encoding, delimiter and decimal mark found by rule, never by statistics."""

from __future__ import annotations

import io
from typing import NamedTuple

import pandas as pd

_CZECH = set("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽäöüÄÖÜľĺŕôĽĹŔÔ§°–—„“”‚‘’…×²³€½\u00a0•")
_LATIN2_ONLY = bytes((0xA9, 0xAB, 0xAE, 0xB9, 0xBB, 0xBE))  # Š Ť Ž š ť ž of ISO 8859-2


class TextFileError(ValueError):
    """The bytes are not a table in text; `kind` is a code of `messages` and `values` what its sentences need."""

    def __init__(self, kind: str, **values: object) -> None:
        self.kind, self.values = kind, values
        super().__init__(kind)


class TextTable(NamedTuple):
    """A table of texts: columns by header, how many lines stand above its first row, and its decimal mark."""

    table: pd.DataFrame
    lines_above: int
    decimal: str


def decode(data: bytes) -> str:
    """The text of a file: byte order mark, then strict UTF-8, then the old code page in which it reads as Czech.

    Raises TextFileError where none does: a file in the wrong code page reads without error, as other letters.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    upper = any(0x80 <= byte <= 0x9F for byte in set(data))
    latin2 = not upper and any(byte in _LATIN2_ONLY for byte in set(data))
    for encoding in ("iso8859-2", "cp1250") if latin2 else ("cp1250", "cp852"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(letter in _CZECH for letter in set(text) if ord(letter) > 127):
            return text
    raise TextFileError("unknown_encoding")


def read_table(data: bytes) -> TextTable:
    """A delimited text file as texts, every cell as it stands (an empty one is ""), identifiers untouched.

    Raises TextFileError where the file is empty, its encoding unknown, or its rows do not fit its header.
    """
    if not data.strip():
        raise TextFileError("empty_file")
    if data.startswith(b"PK") or (b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise TextFileError("not_text")
    text = decode(data)
    above = 1
    if text[:4].lower() == "sep=":
        text, above = text.partition("\n")[2], 2
    header = text.partition("\n")[0]
    delimiter = max(";,\t|", key=header.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=delimiter, dtype="str", keep_default_na=False, index_col=False,
                            skip_blank_lines=False, header=None)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise TextFileError("ragged_rows", error=" ".join(str(error).split())[:120]) from error
    table = table.fillna("")
    names = [name.strip() for name in table.iloc[0]]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise TextFileError("repeated_column", columns=", ".join(repeated))
    body = table.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)
    return TextTable(body, above, "," if delimiter != "," else ".")
