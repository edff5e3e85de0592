"""The originals as they came: kept byte for byte under their SHA-256 before anything is read in them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path

SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".xltx"}
JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini"}
MAX_PACKED, MAX_UNPACKED, MAX_RATIO, MAX_ENTRIES = 25_000_000, 300_000_000, 100, 2_000
MAX_ROWS = 200_000  # rows with something in them on one sheet
_OLE2, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


def is_junk(name: str) -> bool:
    """Whether a file is a by-product of Excel or of the system: lock files, thumbnails, temporary copies.

    >>> is_junk("~$vykaz.xlsx"), is_junk("1234567.xlsx")
    (True, False)
    """
    return name.lower() in JUNK_NAMES or name.startswith(("~$", "._", ".~")) or name.lower().endswith(".tmp")


def is_stray(name: str) -> bool:
    """Whether a file is by its name no spreadsheet at all, such as a letter sent along with the returns."""
    return Path(name).suffix.lower() not in SPREADSHEETS


def sha256(data: bytes) -> str:
    """The fingerprint of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes, suffix: str, folder: Path) -> str:
    """Store the bytes as `<sha256><suffix>` in the folder, whole or not at all; returns the fingerprint."""
    fingerprint = sha256(data)
    place = folder / f"{fingerprint}{suffix.lower()}"
    if not place.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(aside).replace(place)
    return fingerprint


def container_fault(data: bytes) -> str:
    """Why the bytes cannot be opened as an .xlsx workbook, as a code of `messages`; "" where they can.

    Sizes are judged from the archive's table of contents, before anything is unpacked.
    """
    head = data[:512].lstrip().lower()
    if not data:
        return "empty_file"
    if len(data) > MAX_PACKED:
        return "too_large"
    if data.startswith(_OLE2):
        return "encrypted" if "EncryptionInfo".encode("utf-16-le") in data else "old_excel"
    if b"<html" in head or b"<table" in head or head.startswith(b"<!doctype html"):
        return "html_table"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "xml_2003"
    return _archive_fault(data) if data.startswith(_ZIP) else "not_a_workbook"


def _archive_fault(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        return "damaged"
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(data) or len(entries) > MAX_ENTRIES:
        return "too_large"
    names = {entry.filename for entry in entries}
    if any(".." in name.split("/") or name.startswith("/") for name in names):
        return "damaged"
    if "mimetype" in names and "content.xml" in names:
        return "opendocument"
    return "" if "xl/workbook.xml" in names else "not_a_workbook"
