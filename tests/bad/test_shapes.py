"""The same return in fourteen shapes, of five types of service: the same figures."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from functools import cache

import pytest

from kpsslib.intake.returns.reading import read_return
from tests.bad.kit import Desk, Fault
from tests.bad.making import (
    NBSP,
    SHEET,
    edited,
    grid_of,
    grouped,
    ods_of,
    plain,
    row_of,
    text_of,
    xls_of,
    xlsx_of,
)
from tests.bad.trial import methodology, project

KINDS = ["DS", "PeS", "OSP", "AD", "SASRD"]
ODD = {"cost_wages": 6_000_000.25, "cost_energy": 600_000.5, "fte_social_workers": 1.5, "fte_health": 2.25}
OLD = str.maketrans("„“–−\u00a0", '""-- ')


def reordered(grid: list[list]) -> list[list]:
    """The columns of both forms changed places with label and note, the items stand the other way round."""
    header = row_of(grid, "kód")
    keys = [i for i in range(header + 1, len(grid)) if grid[i][0]]
    rows = list(grid)
    for at, other in zip(keys, reversed(keys), strict=True):
        rows[at] = grid[other]
    order = [0, 4, 5, 3, 1, 2]
    return [[row[i] for i in order] for row in rows]


def with_hidden_sheets(data: bytes) -> bytes:
    def add(book, _sheet) -> None:
        for state, title in (("hidden", "Pomocný"), ("veryHidden", "Číselníky")):
            other = book.create_sheet(title)
            other["A1"], other["D26"], other.sheet_state = "cost_wages", 1, state
    return edited(data, add)


def text(data: bytes, number=plain, delimiter: str = ";", translate: dict | None = None) -> str:
    grid = grid_of(data)
    if translate:
        grid = [[v.translate(translate) if isinstance(v, str) else v for v in row] for row in grid]
    return text_of(grid, delimiter, number)


def czech(value: object) -> str:
    return plain(value).replace(".", ",")


def only_figures(style):
    """A style of numbers that leaves the year as it is."""
    return lambda value: plain(value) if value == 2025 else style(value)


SHAPES = {
    "xlsx": lambda data: data,
    "xls": lambda data: xls_of({SHEET: grid_of(data)}),
    "ods": lambda data: ods_of({SHEET: grid_of(data)}),
    "utf-8": lambda data: text(data, czech).encode("utf-8"),
    "utf-8 with a mark": lambda data: text(data, czech).encode("utf-8-sig"),
    "utf-16": lambda data: text(data, czech, "\t").encode("utf-16"),
    "cp1250": lambda data: text(data, czech).encode("cp1250"),
    "iso8859-2": lambda data: text(data, czech, translate=OLD).encode("iso8859-2"),
    "cp852": lambda data: text(data, czech, translate=OLD).encode("cp852"),
    "1 234,50": lambda data: text(data, only_figures(lambda v: grouped(v, NBSP))).encode("utf-8"),
    "1.234,50": lambda data: text(data, only_figures(lambda v: grouped(v, "."))).encode("utf-8"),
    "1234.50": lambda data: text(data, plain).encode("utf-8"),
    "NFD": lambda data: unicodedata.normalize("NFD", text(data, czech)).encode("utf-8"),
    "reordered": lambda data: xlsx_of({SHEET: reordered(grid_of(data))}),
    "hidden sheets": with_hidden_sheets,
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A sound return of each type, with halves and hellers in it."""
    folder = tmp_path_factory.mktemp("shapes")
    with project(folder):
        desk = Desk(folder, methodology(), Fault("", "", "", "", print))
        returns = {kind: desk.sound(f"000000{i}", kind, changes=ODD) for i, kind in enumerate(KINDS, 1)}
        return lambda kind: returns[kind]


@cache
def says(data: bytes) -> tuple:
    """What a return says: who, the forms, and each figure with its value (None where there is none)."""
    read = read_return(data, methodology(), [2025])
    assert read.quarantine is None, read.quarantine
    figures = {(f.form, f.item): None if f.value != f.value else f.value for f in read.facts}
    return read.identity["service_id"], read.identity["provider_id"], tuple(read.forms), figures


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(sound, shape, kind):
    assert says(SHAPES[shape](sound(kind))) == says(sound(kind))
    assert sum(value is not None for value in says(sound(kind))[3].values()) > 50


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
@pytest.mark.parametrize("format", ["xls", "ods", "xlsx"])
def test_what_libreoffice_saves_says_the_same(sound, format, tmp_path):
    for kind in KINDS:
        (tmp_path / f"{kind}.xlsx").write_bytes(sound(kind))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", format, "--outdir", str(tmp_path / "out"),
                    *(str(tmp_path / f"{kind}.xlsx") for kind in KINDS)], check=True, capture_output=True, timeout=300)
    for kind in KINDS:
        assert says((tmp_path / "out" / f"{kind}.{format}").read_bytes()) == says(sound(kind))
