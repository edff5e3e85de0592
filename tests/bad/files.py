"""F01 to F24: the file and its container."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile

from openpyxl.workbook.protection import WorkbookProtection

from tests.bad import making
from tests.bad.kit import IGNORED, OK, QUARANTINE, QUESTION, Desk, fault
from tests.bad.making import SHEET, ods_of, ole2, part_of, rezip, text_of, xls_of

CANARY = "KANAREK7391"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(data: bytes, kind: str, target: str, part: str = "xl/_rels/workbook.xml.rels") -> dict:
    """The change that relates one more part to the workbook."""
    line = f'<Relationship Id="rId{kind}" Type="{RELATIONS}/{kind}" Target="{target}"/>'.encode()
    return {part: lambda old: old.replace(b"</Relationships>", line + b"</Relationships>")}


@fault("F01", "empty file; a OneDrive placeholder full of zero bytes", QUARANTINE, "OneDriv")
def empty(desk: Desk) -> None:
    desk.put(b"", says="prázdný.*OneDriv")
    desk.put(b"\0" * 20_000, says="OneDriv|poškozen|není sešit")


@fault("F02", "truncated at 50 %, and at the last byte", QUARANTINE, "poškozen")
def truncated(desk: Desk) -> None:
    data = desk.sound()
    desk.put(data[:len(data) // 2])
    desk.put(data[:-1])


@fault("F03", "encrypted by a password (OLE2 with EncryptionInfo)", QUARANTINE, "hesl")
def encrypted(desk: Desk) -> None:
    info = struct.pack("<HHI", 4, 4, 0x40) + b'<?xml version="1.0"?><encryption/>'
    desk.put(ole2({"EncryptionInfo": info, "EncryptedPackage": os.urandom(9000)}))


@fault("F04", "sheet and structure protected, not encrypted", OK)
def protected(desk: Desk) -> None:
    def lock(book, sheet) -> None:
        sheet.protection.set_password("tajne")
        book.security = WorkbookProtection(workbookPassword="ABCD", lockStructure=True)
    desk.put(making.edited(desk.sound(), lock))


@fault("F05", "HTML table saved as .xls", QUARANTINE, "webov")
def web_page(desk: Desk) -> None:
    """The list leaves CHYBA or OPRAVA: the whole file is refused with clear text, so it lies in quarantine."""
    rows = "".join(f"<tr>{''.join(f'<td>{v or str()}</td>' for v in row)}</tr>" for row in desk.grid())
    desk.put(f"<html><body><table>{rows}</table></body></html>".encode(), "0000001.xls")
    desk.put(f"\ufeff\n<table border=1>{rows}</table>".encode(), "0000002.xls")


@fault("F06", "CSV renamed .xlsx; workbook renamed .csv", OK)
def renamed(desk: Desk) -> None:
    desk.put(text_of(desk.grid("0000001")).encode("cp1250"), "0000001.xlsx")
    desk.put(desk.sound("0000002"), "0000002.csv")


@fault("F07", "XML Spreadsheet 2003 saved as .xls", QUARANTINE, "XML.*2003.*uložte")
def xml_2003(desk: Desk) -> None:
    desk.put(b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-'
             b'com:office:spreadsheet"><Worksheet/></Workbook>', "0000001.xls")


@fault("F08", "Excel 97-2003 (.xls), sound and damaged", OK)
def old_excel(desk: Desk) -> None:
    desk.put(xls_of({SHEET: desk.grid()}), "0000001.xls")
    desk.put(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "0000002.xls", expected=QUARANTINE,
             says="poškozen|97")


@fault("F09", "Excel binary workbook (.xlsb)", QUARANTINE, "xlsb|binární")
def binary(desk: Desk) -> None:
    """Read or clear refusal: refused, with how to save it anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", os.urandom(400))
        archive.writestr("xl/worksheets/sheet1.bin", os.urandom(400))
    desk.put(out.getvalue(), "0000001.xlsb")


@fault("F10", "OpenDocument (.ods)", OK)
def opendocument(desk: Desk) -> None:
    desk.put(ods_of({SHEET: desk.grid()}), "0000001.ods")


@fault("F11", "workbook with macros (.xlsm)", QUESTION, "makr")
def macros(desk: Desk) -> None:
    data = desk.sound()
    types = {"[Content_Types].xml": lambda old: old.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml").replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>')}
    link = related(data, "vbaProject", "vbaProject.bin")
    desk.put(rezip(data, types | link, {"xl/vbaProject.bin": ole2({"dir": b"Shell"})}), "0000001.xlsm")


@fault("F12", "Strict Office Open XML", QUARANTINE, "Strict")
def strict(desk: Desk) -> None:
    """OK or clear refusal: refused, with how to save it anew."""
    data = desk.sound()
    main, office = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    swaps = {main + "spreadsheetml/2006/main": office + "spreadsheetml/main",
             main + "officeDocument/2006/relationships": office + "officeDocument/relationships",
             main + "drawingml/2006/main": office + "drawingml/main"}
    for old, new in swaps.items():
        parts = {name: text.replace(old, new) for name, text in parts.items()}
    book = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = book.replace("<workbook ", '<workbook conformance="strict" ', 1)
    desk.put(rezip(data, {name: text.encode() for name, text in parts.items()}))


def declared(data: bytes, size: int) -> bytes:
    """The same archive whose every entry claims to unpack to `size` bytes."""
    out, at = bytearray(data), 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        out[at + 24:at + 28] = struct.pack("<I", size)
        at += 4
    return bytes(out)


@fault("F13", "zip bomb: honest about its size, and lying about it", QUARANTINE, "rozbal|poškozen")
def bomb(desk: Desk) -> None:
    """The list asks for 1 MB that unpacks to 5 GB: here 40 MB, and 4 GB that are only claimed, to be made quickly."""
    data = desk.sound()
    honest = rezip(data, {"xl/theme/theme1.xml": b" " * 40_000_000})
    desk.put(honest)
    desk.put(declared(data, 0xFFFFFF00))
    desk.put(declared(rezip(data, {part_of(data): lambda old: old + b" " * 40_000_000}), 3_000), says="poškozen|rozbal")


@fault("F14", "archive of very many entries", QUARANTINE, "2.?000 částí")
def many_entries(desk: Desk) -> None:
    desk.put(rezip(desk.sound(), more={f"xl/media/{i}.txt": b"" for i in range(2_500)}))


@fault("F15", "archive in an archive", QUARANTINE, "zip")
def nested(desk: Desk) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("výkaz.xlsx", desk.sound())
    desk.put(out.getvalue())


@fault("F16", "XML entities: billion laughs, and an external one", QUARANTINE, "poškozen|XML|škodliv")
def entities(desk: Desk) -> None:
    data = desk.sound()
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 9))
    for body in (f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><sst><si><t>&l8;</t></si></sst>',
                 '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><sst><si><t>&e;</t></si></sst>'):
        desk.put(rezip(data, {"xl/sharedStrings.xml": f'<?xml version="1.0"?>{body}'.encode()}))
    desk.put(rezip(data, {part_of(data): lambda old: old.replace(
        b"<worksheet", b'<!DOCTYPE x [<!ENTITY e "1">]><worksheet', 1)}))


@fault("F17", "entry names that leave the folder", QUARANTINE, "poškozen|škodliv|mimo")
def slip(desk: Desk) -> None:
    desk.put(rezip(desk.sound(), more={"../../../evil.sh": b"echo"}))
    desk.put(rezip(desk.sound(), more={"/etc/evil": b"x"}))
    desk.put(rezip(desk.sound(), more={"xl\\..\\..\\evil.bat": b"x"}))


@fault("F18", "links to other workbooks", OK, "jin(é|ých|ého) (soubor|sešit)|odkaz")
def external_links(desk: Desk) -> None:
    data = desk.sound()
    cached = f'<cell r="A1" t="str"><v>{CANARY}</v></cell>'
    link = (f'<?xml version="1.0"?><externalLink xmlns="{MAIN}"><externalBook xmlns:r="{RELATIONS}" r:id="rId1">'
            f'<sheetNames><sheetName val="L"/></sheetNames><sheetDataSet><sheetData sheetId="0">'
            f'<row r="1">{cached}</row></sheetData></sheetDataSet></externalBook></externalLink>')
    relation = (f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}">'
                f'<Relationship Id="rId1" Type="{RELATIONS}/externalLinkPath" Target="C:/jiny.xlsx" '
                f'TargetMode="External"/></Relationships>')
    desk.secrets.append(CANARY)
    desk.put(rezip(data, related(data, "externalLink", "externalLinks/externalLink1.xml"), {
        "xl/externalLinks/externalLink1.xml": link.encode(),
        "xl/externalLinks/_rels/externalLink1.xml.rels": relation.encode()}))


@fault("F19", "pivot cache with rows of other providers", OK, "kontingenční")
def pivot_cache(desk: Desk) -> None:
    data = desk.sound()
    rows = f'<pivotCacheRecords xmlns="x"><r><s v="{CANARY}"/></r></pivotCacheRecords>'.encode()
    desk.secrets.append(CANARY)
    desk.put(rezip(data, more={"xl/pivotCache/pivotCacheDefinition1.xml": b"<pivotCacheDefinition/>",
                               "xl/pivotCache/pivotCacheRecords1.xml": rows}))


@fault("F20", "very hidden sheet", OK, "jiný list|skryt")
def very_hidden(desk: Desk) -> None:
    def hide(book, sheet) -> None:
        other = book.create_sheet("Ostatní")
        other["B2"], other.sheet_state = CANARY, "veryHidden"
    desk.secrets.append(CANARY)
    desk.put(making.edited(desk.sound(), hide))


@fault("F21", "names of people in custom XML and document properties", OK)
def properties(desk: Desk) -> None:
    """Every workbook names its author, so this is not told; it goes no further than the kept original."""
    data = desk.sound()
    desk.secrets.append(CANARY)
    core = {"docProps/core.xml": lambda old: re.sub(
        rb"<dc:creator>.*?</dc:creator>|<dc:creator/>", f"<dc:creator>{CANARY}</dc:creator>".encode(), old)}
    desk.put(rezip(data, core, {"customXml/item1.xml": f"<x>{CANARY}</x>".encode()}))


@fault("F22", "by-products of the system", IGNORED, "vedlejší|systém")
def junk(desk: Desk) -> None:
    for name in ("~$0000001.xlsx", ".DS_Store", "Thumbs.db", "._0000001.xlsx", "0000001.tmp"):
        desk.put(b"lock", name)


@fault("F23", "60 MB file; a sheet of 500 000 rows", QUARANTINE, r"25.MB|200.000")
def huge(desk: Desk) -> None:
    data = desk.sound()
    desk.put(b"PK\x03\x04" + os.urandom(1_000_000) * 60)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919}</v></c></row>' for n in range(1001, 501_001))
    long = making.changed(data, lambda text: text.replace("</sheetData>", f"{rows}</sheetData>"))
    desk.put(long, says="řádk|200.000")


@fault("F24", "file replaced while it is read", OK)
def replaced(desk: Desk) -> None:
    data, newer = desk.sound(changes={"clients": 45}), desk.sound()
    path = desk.put(newer)  # what counts is what lies there in the end
    path.write_bytes(data)
    desk.during = lambda read: path.write_bytes(newer) if read == data else None


