"""Files made by hand: workbooks from rows of values, text, OpenDocument, Excel 97, and parts of an archive changed."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter

SHEET = "Výkaz"
NBSP = "\u00a0"


def grid_of(data: bytes) -> list[list]:
    """The rows of values of a return's sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True)[SHEET]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def row_of(grid: list[list], key: str) -> int:
    """Where the row of a key stands in a grid, from 0."""
    return next(i for i, row in enumerate(grid) if row and row[0] == key)


def xlsx_of(sheets: Mapping[str, list[list]], then: Callable | None = None) -> bytes:
    """A workbook of plain sheets; `then` is given the book and its sheets before it is closed."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        made = {}
        day = book.add_format({"num_format": "d. m. yyyy"})
        for title, rows in sheets.items():
            made[title] = sheet = book.add_worksheet(title)
            for r, row in enumerate(rows):
                for c, content in enumerate(row):
                    write_cell(sheet, r, c, content, day)
        if then:
            then(book, made)
    return out.getvalue()


def write_cell(sheet, r: int, c: int, content: object, day=None) -> None:
    """One value as what it is."""
    match content:
        case None | "":
            return
        case (formula, result):
            sheet.write_formula(r, c, formula, None, result)
        case date():
            sheet.write_datetime(r, c, content, day)
        case str():
            sheet.write_string(r, c, content)
        case _:
            sheet.write_number(r, c, content)


def edited(data: bytes, change: Callable) -> bytes:
    """A workbook without formulas (their results stay), changed by a function of the openpyxl book and sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    change(book, book[SHEET])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def czech(value: object) -> str:
    """A number as a Czech spreadsheet writes it into text: decimal comma, no grouping."""
    return plain(value).replace(".", ",")


def plain(value: object) -> str:
    """A number with a decimal point, no exponent, no needless zeros."""
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize() if value % 1 else Decimal(int(value)), "f")
    return str(value)


def grouped(value: object, group: str = NBSP, mark: str = ",") -> str:
    """A number with groups of three and two decimals, such as 1 234,50."""
    return f"{Decimal(repr(value)):,.2f}".replace(",", "G").replace(".", mark).replace("G", group)


def text_of(grid: list[list], delimiter: str = ";", number: Callable[[object], str] = czech, ends: str = "\r\n") -> str:
    """The rows as delimited text, as Excel saves a sheet."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ends)
    for row in grid:
        writer.writerow(["" if v is None else number(v) if isinstance(v, (int, float)) else str(v) for v in row])
    return out.getvalue()


def rezip(data: bytes, changes: Mapping[str, object] | None = None, more: Mapping[str, bytes] | None = None) -> bytes:
    """The same archive with parts changed (name -> bytes or a function of the old ones) and parts added."""
    out, changes = io.BytesIO(), changes or {}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content, change = old.read(entry), changes.get(entry.filename)
            new.writestr(entry.filename, content if change is None else change(content) if callable(change) else change)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def part_of(data: bytes, title: str = SHEET) -> str:
    """The name of the part that holds a sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = archive.read("xl/workbook.xml").decode()
        links = archive.read("xl/_rels/workbook.xml.rels").decode()
    ident = re.search(rf'<sheet [^>]*name="{title}"[^>]*r:id="(\w+)"', book)[1]
    link = next(tag for tag in re.findall(r"<Relationship [^>]*>", links) if f'Id="{ident}"' in tag)
    return "xl/" + re.search(r'Target="/?(?:xl/)?([^"]+)"', link)[1]


def changed(data: bytes, change: Callable[[str], str], title: str = SHEET) -> bytes:
    """The same workbook with the XML of a sheet changed."""
    def both(content: bytes) -> bytes:
        text = content.decode()
        new = change(text)
        assert new != text, "nothing was changed"
        return new.encode()
    return rezip(data, {part_of(data, title): both})


def address(data: bytes, key: str, letter: str = "D") -> str:
    """The cell of a key's row in a return."""
    return f"{letter}{row_of(grid_of(data), key) + 1}"


def with_cell(data: bytes, key: str, xml: str, letter: str = "D") -> bytes:
    """The same workbook with what stands inside the tag of one cell written anew; its style stays.

    `xml` is `attributes|content`, such as 't="e"|<v>#REF!</v>'.
    """
    at = address(data, key, letter)
    attributes, _bar, inside = xml.partition("|")

    def change(text: str) -> str:
        style = re.search(rf'<c r="{at}"([^>]*?)(?:/>|>.*?</c>)', text, re.DOTALL)
        kept = " ".join(re.findall(r's="\d+"', style[1]))
        return text.replace(style[0], f'<c r="{at}" {kept} {attributes}>{inside}</c>')
    return changed(data, change)


def ods_of(sheets: Mapping[str, list[list]]) -> bytes:
    """An OpenDocument spreadsheet of plain sheets."""
    def cell(value: object) -> str:
        if value in (None, ""):
            return "<table:table-cell/>"
        if isinstance(value, (int, float)):
            return (f'<table:table-cell office:value-type="float" office:value="{plain(value)}">'
                    f"<text:p>{plain(value)}</text:p></table:table-cell>")
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'

    tables = "".join(
        f'<table:table table:name="{escape(title)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows) + "</table:table>"
        for title, rows in sheets.items())
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                      for name in ("office", "table", "text"))
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
               f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = ('<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
                f'manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
                '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
                "</manifest:manifest>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def ole2(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB, version 3) with these streams beside one another, each of at least 4096 bytes."""
    size, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    padded = {name: data.ljust(max(4096, -(-len(data) // size) * size), b"\0") for name, data in streams.items()}
    directory_sectors = -(-(len(streams) + 1) // 4)
    total = directory_sectors + sum(len(data) // size for data in padded.values())
    fat_sectors = -(-(total + 4) // 127)
    chain: list[int] = [0xFFFFFFFD] * fat_sectors

    def run(n: int) -> int:
        start = len(chain)
        chain.extend([*range(start + 1, start + n), end])
        return start

    at_directory = run(directory_sectors)
    starts = {name: run(len(data) // size) for name, data in padded.items()}

    def entry(name: str, kind: int, child: int, right: int, start: int, length: int) -> bytes:
        encoded = name.encode("utf-16-le")
        return (encoded.ljust(64, b"\0") + struct.pack("<HBB3I", len(encoded) + 2 if name else 0, kind, 1, free, right,
                                                       child) + b"\0" * 36 + struct.pack("<IQ", start, length))

    names = list(padded)
    entries = [entry("Root Entry", 5, 1, free, end, 0)]
    entries += [entry(name, 2, free, i + 2 if i + 1 < len(names) else free, starts[name], len(streams[name]) if
                      len(streams[name]) >= 4096 else 4096) for i, name in enumerate(names)]
    directory = b"".join(entries).ljust(directory_sectors * size, b"\0")
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fat_sectors * size, b"\xff")
    places = struct.pack("<109I", *[*range(fat_sectors), *[free] * (109 - fat_sectors)])
    head = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
            + struct.pack("<9I", 0, fat_sectors, at_directory, 0, 4096, end, 0, end, 0) + places)
    return head + fat + directory + b"".join(padded.values())


def xls_of(sheets: Mapping[str, list[list]]) -> bytes:
    """An Excel 97 workbook (BIFF8) of plain sheets: numbers and labels in one style."""
    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def start(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 6))

    def cell(r: int, c: int, value: object) -> bytes:
        if isinstance(value, (int, float)):
            return record(0x203, struct.pack("<HHHd", r, c, 15, value))
        text = str(value)
        return record(0x204, struct.pack("<HHHHB", r, c, 15, len(text), 1) + text.encode("utf-16-le"))

    def size(rows: list[list]) -> bytes:
        return record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))

    bodies = [start(0x10) + size(rows) + b"".join(cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row)
                                     if v not in (None, "")) + record(0x0A, b"") for rows in sheets.values()]
    font = record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\0Arial")
    style, plain_cell = (record(0xE0, struct.pack("<HHH", 0, 0, kind) + b"\0" * 14) for kind in (0xFFF5, 0x0001))
    first = start(5) + record(0x42, struct.pack("<H", 1200)) + font * 4 + style * 15 + plain_cell
    last = record(0x0A, b"")
    names = [title.encode("utf-16-le") for title in sheets]
    bound = sum(4 + 4 + 2 + 2 + len(name) for name in names)
    at, listed = len(first) + bound + len(last), b""
    for title, name, body in zip(sheets, names, bodies, strict=True):
        listed += record(0x85, struct.pack("<IHBB", at, 0, len(title), 1) + name)
        at += len(body)
    return ole2({"Workbook": first + listed + last + b"".join(bodies)})
