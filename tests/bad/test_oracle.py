"""Sums of columns by zipfile and an XML parser only (csv for text) agree with the facts to the heller."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from kpsslib.intake.returns.reading import read_return
from tests import oracle
from tests.bad.kit import Desk, Fault
from tests.bad.making import SHEET, grid_of, text_of
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
