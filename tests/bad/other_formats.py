"""What an .ods or an .xls holds, by the definitions of the formats alone: sheet -> cell -> text of each filled cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from struct import unpack_from
from xml.etree import ElementTree as ET

_OFFICE, _TABLE, _TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in
                          ("office", "table", "text"))
Cells = dict[str, dict[str, str]]


def letters(column: int) -> str:
    """The name of a column from 0: A, ..., Z, AA."""
    return (letters(column // 26 - 1) if column > 25 else "") + chr(65 + column % 26)


def opendocument(data: bytes) -> Cells:
    """The cells of an .ods, repeated ones unfolded; a formula saved without a result counts as filled."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = ET.fromstring(archive.read("content.xml"))
    out: Cells = {}
    for table in root.iter(f"{_TABLE}table"):
        cells, row = out.setdefault(table.get(f"{_TABLE}name"), {}), 0
        for line in table.iter(f"{_TABLE}table-row"):
            column, down = 0, int(line.get(f"{_TABLE}number-rows-repeated", 1))
            for cell in line:
                across = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
                if text := _said(cell):
                    places = product(range(column, column + across), range(row + 1, row + down + 1))
                    cells |= {f"{letters(c)}{r}": text for c, r in places}
                column += across
            row += down
    return out


def _said(cell: ET.Element) -> str:
    """A value, else the paragraphs right below (those of a comment lie deeper)."""
    kinds = ("value", "date-value", "time-value", "boolean-value", "string-value")
    value = next((cell.get(f"{_OFFICE}{kind}") for kind in kinds if cell.get(f"{_OFFICE}{kind}")), "")
    paragraphs = cell.findall(f"{_TEXT}p")
    uncomputed = cell.get(f"{_TABLE}formula") and not paragraphs and not cell.get(f"{_OFFICE}value-type")
    return value or "".join(text for one in paragraphs for text in one.itertext()) or ("=" if uncomputed else "")


def biff(data: bytes) -> Cells:
    """The cells of an .xls (BIFF8 in a compound file) with something in them; their text is left out."""
    stream = _stream(data)
    out: Cells = {}
    for kind, body in _records(stream, 0):
        if kind == 0x0085 and body[5] == 0:  # a worksheet: where it begins, its name
            wide, name = body[7] & 1, body[8:8 + body[6] * (1 + (body[7] & 1))]
            cells = _filled(_records(stream, unpack_from("<I", body)[0]))
            out[name.decode("utf-16-le" if wide else "latin-1")] = dict.fromkeys(cells, "")
    return out


def _filled(records: Iterator[tuple[int, bytes]]) -> Iterator[str]:
    one = {0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6, 0x0205, 0x0006}  # number, short number, three texts, truth, formula
    for kind, body in records:
        row, column = unpack_from("<HH", body) if len(body) > 3 else (0, 0)
        empty_text = kind == 0x0006 and body[12:14] == b"\xff\xff" and body[6] == 3
        many = (len(body) - 6) // 6 if kind == 0x00BD else int(kind in one and not empty_text)
        yield from (f"{letters(column + n)}{row + 1}" for n in range(many))


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from a beginning to its end, without those of charts inside."""
    depth = 0
    while at < len(stream):
        kind, size = unpack_from("<HH", stream, at)
        depth += (kind == 0x0809) - (kind == 0x000A)
        if depth == 0:
            return
        if depth == 1:
            yield kind, stream[at + 4:at + 4 + size]
        at += 4 + size


def _stream(data: bytes) -> bytes:
    """The stream "Workbook" of a compound file, which is at least as long as is kept in whole sectors."""
    size = 1 << unpack_from("<H", data, 30)[0]

    def sector(n: int) -> bytes:
        return data[(n + 1) * size:(n + 2) * size]

    tables = [n for n in unpack_from("<109I", data, 76) if n < 0xFFFFFFFA]
    after = [n for table in tables for n in unpack_from(f"<{size // 4}I", sector(table))]

    def chain(n: int) -> bytes:
        out = []
        while n < 0xFFFFFFFA:
            out.append(sector(n))
            n = after[n]
        return b"".join(out)

    folder = chain(unpack_from("<I", data, 48)[0])
    entries = [folder[at:at + 128] for at in range(0, len(folder), 128)]
    entry = next(e for e in entries if e[:64].decode("utf-16-le").rstrip("\0") in ("Workbook", "Book"))
    start, length = unpack_from("<II", entry, 116)
    assert length >= unpack_from("<I", data, 56)[0]
    return chain(start)[:length]
