"""The register of homes in Małopolska, as its office published it, against the totals that were published."""

from __future__ import annotations

import csv
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from rich.console import Console

from kpsslib.indicators import compute, evaluate
from kpsslib.intake.mapping.reading import read_mapped
from kpsslib.methodology import load
from kpsslib.workspace import open_run

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT.parent / "shared" / "real" / "pl_dps_malopolska"
NEWEST = "malopolska_2026-08-08.xlsx"

pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the published spreadsheets are not in {SOURCE}")


@pytest.fixture(scope="module")
def methodology():
    return load(ROOT / "parameters/malopolska/methodology")


@pytest.fixture(scope="module")
def mapped(methodology):
    sources = [SOURCE / "malopolska_*.xls*", SOURCE / "gus_populacja_malopolska.csv"]
    return read_mapped(ROOT / "parameters/malopolska/mapping.toml", sources, methodology)


@pytest.fixture(scope="module")
def indicators(mapped, methodology):
    return compute(mapped.facts, mapped.services, mapped.territory, methodology)


def published() -> list[dict]:
    """The published saturation table, one row a powiat."""
    return list(csv.DictReader(StringIO((SOURCE / "wskaznik_nasycenia_malopolska.csv").read_text("utf-8"))))


def test_newest_file_has_113_rows_and_27_subtotals_of_8074_places_both(mapped):
    totals = mapped.totals.set_index(["file", "item"]).loc[(NEWEST, "capacity_beds")]
    assert (totals["rows"], totals["rows_sum"]) == (113, 8074)
    assert (totals["subtotals"], totals["subtotals_sum"]) == (27, 8074)
    facts = mapped.facts[(mapped.facts["file"] == NEWEST) & (mapped.facts["item"] == "capacity_beds")]
    assert facts["value"].sum() == 8074


def test_rows_and_subtotals_agree_in_every_file_of_both_layouts(mapped):
    places = mapped.totals[mapped.totals["item"] == "capacity_beds"].set_index("file")
    assert places["rows"].tolist() == [111, 114, 113, 113, 113, 113]
    assert places["rows_sum"].tolist() == places["subtotals_sum"].tolist() == [8128, 8128, 8060, 8022, 8021, 8074]
    assert "import_total" not in set(mapped.problems["rule"])


def test_second_sheet_of_the_old_layout_states_the_same_places_by_powiat(mapped):
    """Sheet "Część 2" of the .xls file, which is not imported, gives the places of each authority."""
    import xlrd

    sheet = xlrd.open_workbook(SOURCE / "malopolska_2023-04-30.xls").sheet_by_name("Część 2")
    stated: dict[str, float] = {}
    for row in range(8, sheet.nrows):
        stated[sheet.cell_value(row, 2)] = stated.get(sheet.cell_value(row, 2), 0) + sheet.cell_value(row, 8)
    facts = mapped.facts.merge(mapped.services[["service_id", "orp_name"]], on="service_id")
    chosen = facts[(facts["year"] == 2023) & (facts["item"] == "capacity_beds")]
    assert chosen.groupby("orp_name")["value"].sum().to_dict() == stated
    assert len(stated) == 22


def test_published_saturation_is_reproduced_within_its_rounding(methodology):
    table = pd.DataFrame(published())
    for year, population, stated in ((2024, "pop_80plus_2024", "dostepnosc_2024"),
                                     (2030, "pop_80plus_prog2030", "dostepnosc_2030"),
                                     (2035, "pop_80plus_prog2035", "dostepnosc_2035")):
        items = pd.DataFrame({"capacity_beds": table["dps_miejsca"].astype(float),
                              "population_80": table[population].astype(float)})
        value = evaluate(methodology.indicators["M05"], items, year)["value"]
        assert np.abs(value - table[stated].astype(float)).max() <= 0.05 + 1e-9
    assert len(table) == 22


def test_powiats_whose_places_did_not_change_have_their_published_saturation(mapped, indicators, methodology):
    """The published table counts the places of another day: it is compared where the two agree."""
    places = {name: float(table["value"].sum()) for name, table in
              mapped.facts[(mapped.facts["file"] == NEWEST) & (mapped.facts["item"] == "capacity_beds")]
              .merge(mapped.services[["service_id", "orp_name"]], on="service_id").groupby("orp_name")}
    inhabitants = mapped.territory[mapped.territory["year"] == 2024].set_index("orp_name")["value"]
    same = [row for row in published() if places[row["powiat"]] == float(row["dps_miejsca"])]
    assert len(same) >= 12
    for row in same:
        assert inhabitants[row["powiat"]] == float(row["pop_80plus_2024"])
        items = pd.DataFrame({"capacity_beds": [places[row["powiat"]]], "population_80": [inhabitants[row["powiat"]]]})
        value = evaluate(methodology.indicators["M05"], items, 2024)["value"].iloc[0]
        assert value == pytest.approx(float(row["dostepnosc_2024"]), abs=0.05 + 1e-9)


def test_every_powiat_has_places_by_inhabitants_in_every_year(indicators):
    area = indicators[(indicators["indicator"] == "M05") & (indicators["round"] == "actual")]
    assert len(area) == 22 * 4
    assert set(area["flag"]) == {"ok"}
    newest = area[area["year"] == 2026]
    assert newest["numerator"].sum() == 8074
    assert newest["unit_id"].str.fullmatch(r"01121\d{7}").all()


@pytest.mark.parametrize("item", ["capacity_beds", "places_free", "persons_waiting", "wait_days", "persons_placed"])
def test_every_home_has_its_figures_at_every_date(mapped, item):
    facts = mapped.facts[mapped.facts["item"] == item]
    assert facts.groupby(["year", "round"]).size().tolist() == [111, 114, 113, 113, 113, 113]
    missing = facts[facts["status"] == "missing"][["file", "cell"]].to_numpy().tolist()
    assert missing == ([["malopolska_2023-04-30.xls", "O60"]] if item == "wait_days" else [])


def test_a_home_can_be_followed_over_2023_to_2026(mapped, indicators):
    """Bochnia, the elderly: places and free places retyped from the six spreadsheets' rows of that home."""
    service = mapped.services[mapped.services["provider_name"].str.contains("Karolina 14G")
                              & (mapped.services["service_type"] == "DPS_SEN")].iloc[0]
    assert service["orp_code"] == "011212001000"
    facts = mapped.facts[(mapped.facts["service_id"] == service["service_id"]) & (mapped.facts["round"] == "actual")]
    wide = facts.pivot(index="year", columns="item", values="value")
    assert wide["capacity_beds"].tolist() == [90, 90, 90, 90]
    assert wide.loc[[2023, 2026], "places_free"].tolist() == [10, 0]
    assert wide.loc[[2023, 2026], "persons_referred"].tolist() == [82, 90]
    own = indicators[indicators["unit_id"] == service["service_id"]].set_index(["indicator", "year", "round"])
    assert own.loc[("M01", 2023, "actual"), "value"] == pytest.approx(100 * 80 / 90)
    assert own.loc[("M01", 2026, "actual"), "value"] == 100
    cell = facts[(facts["item"] == "capacity_beds") & (facts["year"] == 2023)].iloc[0]
    assert (cell["file"], cell["sheet"], cell["cell"]) == ("malopolska_2023-04-30.xls", "Część 1", "E13")


def test_names_for_figures_are_short_and_tell_the_homes_apart(mapped):
    names = mapped.services["service_name"]
    assert names.is_unique
    assert {"DPS w Bochni (DPS_SEN)", "DPS w Krakowie, ul. Łanowa 39",
            "DPS im. Ludwika i Anny Helclów w Krakowie"} <= set(names)


def test_identifiers_join_the_two_layouts(mapped):
    seen = mapped.facts.groupby("service_id")["file"].nunique()
    assert len(seen) == 116
    assert (seen == 6).sum() == 108
    asked = mapped.problems[mapped.problems["rule"] == "import_link"]["service_id"]
    assert set(asked) == set(seen.index[seen < 6])


def test_types_left_unchosen_in_2023_are_taken_from_later_dates_and_said(mapped):
    told = mapped.problems[mapped.problems["rule"] == "import_type"]
    assert told["cell"].tolist() == ["D87", "D88", "D89"]
    assert told["expected"].tolist() == ["DPS_SOM", "DPS_SOM", "DPS_PSY"]
    assert set(told["severity"]) == {"warning"}


def test_nothing_is_lost_silently(mapped):
    """Every non-empty cell of the newest file is in a fact, in an identity column, or in the list of the ignored."""
    import openpyxl

    sheet = openpyxl.load_workbook(SOURCE / NEWEST)["Część 1"]
    facts = set(mapped.facts[mapped.facts["file"] == NEWEST]["cell"])
    ignored = mapped.ignored[mapped.ignored["file"] == NEWEST]["cell"]
    rows = {int(cells.partition(":")[0][1:]) for cells in ignored if ":" in cells}
    lone = {cell for cell in ignored if ":" not in cell}
    left = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.value is not None
            and cell.coordinate not in facts | lone and cell.row not in rows
            and not (cell.column_letter in "BCD" and cell.row > 6) and cell.row not in (2, 3, 4, 5)]
    assert left == []


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of its own whose run reads the published files where they lie."""
    folder = tmp_path_factory.mktemp("malopolska")
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    (folder / "notebooks").mkdir()
    for page in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(page, folder / "notebooks")
    path = folder / "parameters/runs/malopolska.yaml"
    run = yaml.safe_load(path.read_text("utf-8"))
    assert all(source.startswith("data/malopolska/") for source in run["imports"]["sources"])
    run["imports"]["sources"] = [str(SOURCE / Path(source).name) for source in run["imports"]["sources"]]
    path.write_text(yaml.safe_dump(run, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="module")
def batch(project):
    from kpsslib.batch.runner import run_batch

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        result = run_batch("parameters/runs/malopolska.yaml", Console(file=StringIO()))
        yield result


def test_the_whole_batch_runs(batch):
    assert [(page.group, page.page, page.reason) for group in batch.groups for page in group.pages
            if page.state != "done"] == []


def test_the_run_holds_the_published_total_and_compares_within_and_across_powiats(batch, project, monkeypatch):
    monkeypatch.chdir(project)
    run = open_run("parameters/runs/malopolska.yaml")
    facts, compared = run.read("facts"), run.read("comparison")
    newest = facts[(facts["year"] == 2026) & (facts["round"] == "actual") & (facts["item"] == "capacity_beds")]
    assert (len(newest), newest["value"].sum()) == (113, 8074)
    assert {"M01", "M02", "M03", "M04"} <= set(compared["indicator"])
    within = compared[compared["peer_set"] == "territory"]
    across = compared[compared["peer_set"] == "type"]
    assert within["peers"].str.contains("011212161000").any()
    assert set(across["year"]) == {2023, 2024, 2025, 2026}
    region = pd.read_parquet(run.folder / "tables" / "all" / "indicators.parquet")
    area = region[(region["indicator"] == "M05") & (region["year"] == 2026) & (region["round"] == "actual")]
    assert (len(area), area["numerator"].sum()) == (22, 8074)


def test_each_group_is_asked_about_its_own_homes(batch, project, monkeypatch):
    monkeypatch.chdir(project)
    run = open_run("parameters/runs/malopolska.yaml")
    groups = run.read("services").set_index("service_id")["group"]
    asked = {group: run.read("problems", group).query("rule == 'import_link'")["service_id"] for group in run.groups}
    assert {group: sorted(set(ids.map(groups))) for group, ids in asked.items()} == {g: [g] for g in run.groups}
    assert sum(map(len, asked.values())) == 8
