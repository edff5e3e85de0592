"""One bad provider of thirty: the others are delivered, and the reports name what is wrong and where."""

import json
import shutil

import openpyxl
import pandas as pd
import pytest

from tests.conftest import ROOT, Office
from tests.faults.kit import Site

BAD = "0000030"
PAGE = "01_cleaning"


@pytest.fixture(scope="module")
def office(tmp_path_factory, package, methodology):
    """Twenty-nine sound returns and the page that cleans them; a batch over them alone has ended."""
    site = Site(tmp_path_factory.mktemp("office") / "site", package)
    shutil.copy(ROOT / "notebooks" / f"{PAGE}.ipynb", site.folder / "notebooks")
    made = Office(site.folder / "data", methodology)
    for n in range(1, 30):
        made.send(f"{n:07}")
    site.run_file(archive=None, returns="data/returns", years=[2024, 2025], pages=[PAGE])
    ended = site.batch()
    assert ended.code == 0, ended.said
    return site, made, facts(site)


def facts(site):
    table = pd.read_parquet(site.outputs / "tables" / "PS1" / "facts.parquet")
    return table.astype(object).sort_values(["service_id", "item", "form"]).reset_index(drop=True)


def cell(key: str, value: object):
    """Another value in the identity of the return; where that stands."""
    def write(office: Office) -> str:
        path = office.send(BAD)
        book = openpyxl.load_workbook(path)
        sheet = book["Výkaz"]
        place = next(row[3] for row in sheet.iter_rows(max_col=4) if row[0].value == key)
        place.value = value
        book.save(path)
        return place.coordinate
    return write


def personal(office: Office) -> str:
    """A note with a birth number of a person."""
    path = office.send(BAD)
    book = openpyxl.load_workbook(path)
    book["Výkaz"]["F40"] = "klientka, rodné číslo 736028/5163"
    book.save(path)
    return "F40"


def data(content: bytes):
    def write(office: Office) -> str:
        (office.returns / f"{BAD}.xlsx").write_bytes(content)
        return ""
    return write


def cut(office: Office) -> str:
    """Half of a workbook."""
    path = office.send(BAD)
    path.write_bytes(path.read_bytes()[:9000])
    return ""


@pytest.mark.parametrize("spoil", [
    pytest.param(data(b"ahoj"), id="no workbook"),
    pytest.param(cut, id="cut short"),
    pytest.param(cell("service_type", "XX"), id="a type that does not exist"),
    pytest.param(cell("year", 1999), id="another year"),
    pytest.param(personal, id="personal data"),
])
def test_the_others_are_delivered_and_the_bad_one_is_named(spoil, office, injected):
    injected("R16")
    site, made, expected = office
    place = spoil(made)
    ended = site.batch()
    (made.returns / f"{BAD}.xlsx").unlink()
    assert ended.code == 3, ended.said
    summary = json.loads((site.outputs / "summary.json").read_text("utf-8"))
    assert summary["exit_code"] == 3
    (quarantined,) = summary["quarantined"]
    assert quarantined["file"].endswith(f"{BAD}.xlsx")
    assert quarantined["reason"]
    assert quarantined["advice"]
    assert summary["groups"][0]["n_reported"] == 29
    pd.testing.assert_frame_equal(facts(site), expected)
    assert f"{BAD}.xlsx" in (site.outputs / "index.html").read_text("utf-8")
    shown = f">{BAD}.xlsx Výkaz {place}<" if place else f">{BAD}.xlsx<"
    assert shown in (site.outputs / "reports" / "PS1" / f"{PAGE}.html").read_text("utf-8")
    problems = pd.read_parquet(site.outputs / "tables" / "PS1" / "problems.parquet")
    bad = problems[problems["file"].str.endswith(f"{BAD}.xlsx")]
    assert place in [*bad["cell"]]
    assert "Traceback" not in ended.said
    assert site.orphans() == []
