"""The originals as they came: kept byte for byte under their SHA-256 before anything is read in them."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from kpsslib.intake.records import Finding, Read, Taken, received

SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".xltx"}
_KEY = b"service_id"
JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini"}
MAX_PACKED, MAX_UNPACKED, MAX_RATIO, MAX_ENTRIES = 25_000_000, 300_000_000, 100, 2_000
MAX_ROWS = 200_000  # rows with something in them on one sheet
OLE2, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"  # how old and new workbooks begin, and much else
# What zipfile raises for an archive that is cut short, altered, packed in an unknown way or behind a password.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, ValueError, OSError, EOFError)
_NO_TABLES = {b"%pdf": "pdf_document", b"{\\rtf": "text_document", **dict.fromkeys(
    (b"\x89png", b"\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf", b"\x1f\x8b"), "not_a_workbook")}
_STRICT = b"http://purl.oclc.org/ooxml/"
_EMBEDDED = ("xl/embeddings/", "Object ", "ObjectReplacements/")  # objects laid into a sheet: never opened


def is_junk(name: str) -> bool:
    """Whether a file is a by-product of Excel or of the system: lock files, thumbnails, temporary copies.

    >>> is_junk("~$vykaz.xlsx"), is_junk("1234567.xlsx")
    (True, False)
    """
    return name.lower() in JUNK_NAMES or name.startswith(("~$", "._", ".~")) or name.lower().endswith(".tmp")


def left_out(path: Path) -> str:
    """Why a file of a folder is no return at all: "junk", "stray" (such as a letter), "" where it may be one.

    Excel names a sheet saved as Unicode text .txt, as letters are named: such a file is one where a key of the template
    stands in it. One that cannot be read may be one too: whoever reads it says so.
    """
    if is_junk(path.name):
        return "junk"
    suffix = path.suffix.lower()
    if suffix != ".txt":
        return "" if suffix in SPREADSHEETS else "stray"
    data = bytes_of(path)
    return "" if data is None or _KEY in data.replace(b"\0", b"") else "stray"


def bytes_of(path: Path) -> bytes | None:
    """The bytes of a file; None where it cannot be read, such as one that Excel holds open."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def as_came(name: str, path: Path, data: bytes | None, read: Read) -> Taken:
    """A file and what was read in it; one whose bytes cannot be read (None) has no fingerprint, size or time."""
    return Taken(name, "", 0, "", read) if data is None else Taken(name, sha256(data), len(data), received(path), read)


def sha256(data: bytes) -> str:
    """The fingerprint of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes, suffix: str, folder: Path) -> str:
    """Store the bytes as `<sha256><suffix>` in the folder, whole or not at all; returns the fingerprint."""
    fingerprint = sha256(data)
    place = folder / f"{fingerprint}{suffix.lower()}"
    if not place.exists() or sha256(place.read_bytes()) != fingerprint:
        folder.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(aside).replace(place)
        except BaseException:
            Path(aside).unlink()
            raise
    return fingerprint


def kept(number: str, folder: Path) -> Path | None:
    """The original in a folder whose fingerprint begins so, None where there is none."""
    return next(iter(sorted(folder.glob(f"{number}*"))), None)


def container_fault(data: bytes) -> Finding | None:
    """Why a file must not be opened as a workbook or a table in text; None where it may.

    Sizes are judged from the archive's table of contents, before anything is unpacked: zipfile never gives more of an
    entry than its size there says.
    """
    if not data.strip(b"\0"):  # a file that OneDrive has not downloaded may read as zeros
        return Finding("empty_file")
    if len(data) > MAX_PACKED:
        return _too_large(len(data), MAX_PACKED)
    if data.startswith(OLE2):
        inside = {"EncryptionInfo": "encrypted", "WordDocument": "text_document"}
        return next((Finding(kind) for part, kind in inside.items() if part.encode("utf-16-le") in data), None)
    if data.startswith(ZIP):
        return _archive_fault(data)
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if kind := next((kind for start, kind in _NO_TABLES.items() if head.startswith(start)), ""):
        return Finding(kind)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return Finding("xml_2003")
    web_page = (b"<html" in head or b"<table" in head) if head.startswith(b"<") else head.startswith(b"mime-version:")
    return Finding("html_table") if web_page else None


def _too_large(size: int, limit: int) -> Finding:
    return Finding("too_large", values={"size": round(size / 1e6, 1), "limit": round(limit / 1e6, 1)})


def _archive_fault(data: bytes) -> Finding | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked, limit = sum(entry.file_size for entry in entries), min(MAX_UNPACKED, MAX_RATIO * len(data))
            if unpacked > limit:
                return _too_large(unpacked, limit)
            if len(entries) > MAX_ENTRIES:
                return Finding("too_many_parts", values={"parts": len(entries), "limit": MAX_ENTRIES})
            kind = _kind_fault(archive, set(archive.namelist())) or _entry_fault(archive, entries)
    except BROKEN_ARCHIVE:
        return Finding("damaged")
    return Finding(kind) if kind else None


def _kind_fault(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Why an archive is not a workbook that is read here: another format, or protected by a password."""
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        return "encrypted"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names:
        return "strict_ooxml" if _STRICT in _beginning(archive, "xl/workbook.xml") else ""
    if "word/document.xml" in names:
        return "text_document"
    if "content.xml" not in names or "mimetype" not in names:
        return "zipped" if any(name.lower().endswith(tuple(SPREADSHEETS)) for name in names) else "not_a_workbook"
    if b"opendocument.spreadsheet" not in (kind := _beginning(archive, "mimetype")):
        return "text_document" if b"opendocument.text" in kind else "not_a_workbook"
    protected = "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml")
    return "encrypted" if protected else ""


def _entry_fault(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    """What is hostile in the entries: places outside the archive, archives inside it, entities in its XML."""
    for entry in entries:
        name = entry.orig_filename.replace("\\", "/")
        if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
            return "unsafe_names"
        if name.lower().endswith((".xml", ".rels", ".vml")):
            if _has_doctype(archive, entry):
                return "xml_entities"
        elif not name.startswith(_EMBEDDED) and _beginning(archive, entry, 4) == ZIP:
            return "nested_archive"
    return ""


def _beginning(archive: zipfile.ZipFile, entry: str | zipfile.ZipInfo, size: int = 4096) -> bytes:
    with archive.open(entry) as part:
        return part.read(size)


class _SeenError(Exception):
    """The beginning of an XML part has told what it had to."""


def _has_doctype(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part declares a document type, the one place where entities can be; looks before its first element."""
    def see(*of_what: object) -> None:
        raise _SeenError(len(of_what) == 4)  # name, system, public and subset of a type; name and attributes else

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = parser.StartElementHandler = see
    try:
        with archive.open(entry) as part:
            while piece := part.read(4096):
                parser.Parse(piece)
    except _SeenError as seen:
        return seen.args[0]
    except ExpatError:  # what is no XML is told by the reader of the format
        return False
    return False
