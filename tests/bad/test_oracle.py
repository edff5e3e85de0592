"""Sums of columns by zipfile and an XML parser only (csv for text) agree with the facts to the heller."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal

import pytest
import xlwt

from kpsslib.intake.returns.reading import read_return
from tests import oracle
from tests.bad.kit import Desk, Fault
from tests.bad.making import SHEET, grid_of, ods_of, text_of, xls_of
from tests.bad.other_formats import biff, letters, opendocument
from tests.bad.trial import methodology, project
from tests.conftest import ROOT

SAMPLE = sorted((ROOT / "data" / "example" / "sample").glob("*.xlsx"))
COLUMNS = {"residential": "D", "outpatient_field": "E"}
HELLERS = {"cost_wages": 6_123_456.78, "cost_energy": 600_000.1, "cost_travel": 50_000.7, "fte_health": 0.1,
           "fte_management": 0.2, "revenue_region": 499_999.99}


def sums(read) -> dict[str, Decimal]:
    """The sum of the figures of each form's column."""
    totals = dict.fromkeys(COLUMNS.values(), Decimal(0))
    for fact in read.facts:
        if fact.value == fact.value:
            totals[COLUMNS[fact.form]] += Decimal(repr(fact.value))
    return totals


def rounded(totals: dict[str, Decimal]) -> dict[str, Decimal]:
    """To the heller: a program may write 17 digits of a number where 15 are known."""
    return {column: total.quantize(Decimal("0.01")) for column, total in totals.items()}


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_the_sample_of_the_example(path):
    data = path.read_bytes()
    read = read_return(data, methodology(), [2025])
    if read.quarantine:
        assert not read.facts
        return
    cells = oracle.workbook(data)
    assert sum(map(len, cells.values())) == sum(read.cells.values())
    unused = {f.cell for f in [*read.findings, *read.ignored]} - {f.cell for f in read.facts if f.value == f.value}
    wanted = oracle.column_sums({at: c for at, c in cells[SHEET].items() if at not in unused},
                                set(methodology().items), "DE")
    assert rounded(sums(read)) == rounded(wanted)


@pytest.mark.parametrize("kind", list(methodology().service_types))
def test_every_type_of_service(kind, tmp_path):
    with project(tmp_path):
        data = Desk(tmp_path, methodology(), Fault("", "", "", "", print)).sound(kind=kind, changes=HELLERS)
    read = read_return(data, methodology(), [2025])
    wanted = oracle.column_sums(oracle.workbook(data)[SHEET], set(methodology().items), "DE")
    assert rounded(sums(read)) == rounded(wanted)
    assert sum(sums(read).values()) > 20_000_000
    lines = csv.reader(io.StringIO(text_of(grid_of(data))), delimiter=";")
    figures = [line for line in lines if line[0] in methodology().items]
    by_text = {c: sum(Decimal(line["ABCDE".index(c)].replace(",", ".") or 0) for line in figures) for c in "DE"}
    assert by_text == sums(read_return(text_of(grid_of(data)).encode("cp1250"), methodology(), [2025]))


def test_the_same_cells_are_found_in_every_format(tmp_path):
    with project(tmp_path):
        grid = grid_of(Desk(tmp_path, methodology(), Fault("", "", "", "", print)).sound())
    wanted = {f"{letters(c)}{r}" for r, row in enumerate(grid, 1) for c, v in enumerate(row) if v not in (None, "")}
    written = xlwt.Workbook()
    sheet = written.add_sheet(SHEET)
    for r, row in enumerate(grid):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    sheet.write(199, 27, xlwt.Formula("1+1"))  # its result is saved as an empty text
    old = io.BytesIO()
    written.save(old)
    assert {title: {*cells} for title, cells in biff(old.getvalue()).items()} == {SHEET: wanted}
    assert {*biff(xls_of({SHEET: grid}))[SHEET]} == wanted
    found = opendocument(ods_of({SHEET: grid, "x": [[1]]}))
    assert [{*cells} for cells in found.values()] == [wanted, {"A1"}]
    assert sum(map(len, found.values())) == sum(read_return(ods_of({SHEET: grid, "x": [[1]]}), methodology(),
                                                            [2025]).cells.values())


def test_repeated_cells_of_an_open_document_are_unfolded():
    repeated = (b'<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>',
                b'<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="3"/>')
    with zipfile.ZipFile(io.BytesIO(ods_of({"x": [[1, None, 2]]}))) as archive:
        content = archive.read("content.xml").replace(*repeated).replace(
            b"<table:table-row>", b'<table:table-row table:number-rows-repeated="2">')
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("content.xml", content)
    assert {*opendocument(data.getvalue())["x"]} == {f"{c}{r}" for c in "ABCE" for r in (1, 2)}
