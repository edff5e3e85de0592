"""Opens the workbook of a return safely, or says why it cannot be used."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import NamedTuple

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpsslib.intake.originals import container_fault
from kpsslib.intake.records import Finding
from kpsslib.intake.template import SHEET

# A cell with a formula and no value, or an empty one that is not the text "" (t="str").
_NO_RESULT = re.compile(rb'<(?:\w+:)?c (?![^>]*t="str")[^>]*?r="([A-Z]+\d+)"[^>]*>\s*'
                        rb"<(?:\w+:)?f[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
                        rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")


class Workbook(NamedTuple):
    """The sheet of the return, the other sheets, and the cells whose formula was saved without a result."""

    sheet: Worksheet
    others: list[Worksheet]
    uncomputed: set[str]


def open_workbook(data: bytes) -> Workbook | Finding:
    """The workbook with the results of its formulas; a finding where it is no workbook or not of the template.

    Nothing is unpacked before sizes are judged, macros are never run, and openpyxl refuses entities (defusedxml).
    """
    if fault := container_fault(data):
        return Finding(fault)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), data_only=True)
    except Exception:  # openpyxl raises errors of many kinds on damaged or hostile files
        return Finding("damaged")
    if SHEET not in [sheet.title for sheet in book.worksheets]:
        return Finding("no_sheet", values={"sheets": ", ".join(book.sheetnames)})
    others = [sheet for sheet in book.worksheets if sheet.title != SHEET]
    return Workbook(book[SHEET], others, _without_result(data, book.worksheets.index(book[SHEET])))


def _without_result(data: bytes, index: int) -> set[str]:
    """Cells whose formula was never computed: openpyxl shows them as empty, as if nobody had filled them in."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [n for n in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)]
        parts.sort(key=lambda name: int(re.findall(r"\d+", name)[-1]))
        xml = archive.read(parts[index]) if index < len(parts) else b""
    return {match.decode() for match in _NO_RESULT.findall(xml)}
