"""Nursing homes of California: one year, no identifiers, ready-made ratios, one set of 584; against the CSV itself."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from rich.console import Console

from kpsslib.comparison import compare
from kpsslib.comparison.frontier_sets import frontiers
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.indicators import compute
from kpsslib.intake.mapping.reading import read_mapped
from kpsslib.methodology import load
from kpsslib.workspace import open_run

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT.parent / "shared" / "real" / "us_california_nursing_homes_2014" / "homes_wide.csv"

pytestmark = pytest.mark.skipif(not SOURCE.is_file(), reason=f"the published table is not in {SOURCE}")

# indicator: column of the file
READY = {"U01": "occupency_rate", "Q02": "overall_rating", "Q03": "quality", "Q04": "staff_treatment",
         "C01": "cost_self_pay", "C02": "cost_medicare", "C03": "cost_medical", "C04": "staff_wages",
         "C05": "net_income_margin"}
SURE = {"U01", "Q01"}  # a proportion and a rate: of everything else one year says nothing sure


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(SOURCE)


@pytest.fixture(scope="module")
def methodology():
    return load(ROOT / "parameters/california/methodology")


@pytest.fixture(scope="module")
def mapped(methodology):
    return read_mapped(ROOT / "parameters/california/mapping.toml", [SOURCE], methodology)


@pytest.fixture(scope="module")
def indicators(mapped, methodology):
    return compute(mapped.facts, mapped.services, mapped.territory, methodology)


@pytest.fixture(scope="module")
def compared(indicators, mapped, methodology):
    return compare(indicators, mapped.services, methodology, year=2014)


def test_584_places_are_told_apart_by_their_coordinates_alone(mapped, published):
    names = mapped.services["service_name"]
    assert len(published) == len(names) == names.nunique() == mapped.services["service_id"].nunique() == 584
    assert names.iloc[0] == "32.6078° N 117.0601° W"
    assert mapped.problems.empty
    assert mapped.ignored["content"].tolist() == ["lowest_quality_nursing_homes"]


def test_identifiers_hang_neither_on_order_nor_on_digits_of_storage(tmp_path, mapped, published, methodology):
    turned = published.iloc[::-1].assign(latitude=lambda t: t["latitude"].round(6))
    turned.to_csv(tmp_path / "homes_wide.csv", index=False)
    again = read_mapped(ROOT / "parameters/california/mapping.toml", [tmp_path / "homes_wide.csv"], methodology)
    assert set(again.services["service_id"]) == set(mapped.services["service_id"])


def test_every_cell_is_a_fact_or_missing_and_none_becomes_nought(mapped, published, methodology):
    columns = {code: one.header[0] for code, one in _mapping(methodology).services.items.items()}
    counts = mapped.facts.assign(known=mapped.facts["value"].notna()).groupby("item")["known"].sum()
    assert counts.to_dict() == {code: published[column].notna().sum() for code, column in columns.items()}
    assert len(mapped.facts) == 584 * len(columns)
    for code, column in columns.items():
        zeros = (mapped.facts.loc[mapped.facts["item"] == code, "value"] == 0).sum()
        assert zeros == (published[column] == 0).sum()


def test_values_of_two_zip_codes_by_hand(mapped, indicators):
    """Retyped from the file: lines 182 (ZIP 90006, the mean of 4 homes) and 164 (ZIP 90008, one home)."""
    own = indicators.set_index(["unit_id", "indicator"])["value"]
    ids = mapped.services.set_index("service_name")["service_id"]
    several, single = ids["34.0501° N 118.2927° W"], ids["34.0110° N 118.3416° W"]
    assert own[single, "Q01"] == pytest.approx(100 * 78 / 99)
    assert own[several, "Q01"] == pytest.approx(100 * 77.1 / 120.8)
    assert own[several, "C06"] == pytest.approx(500 / 120.8)
    assert [own[several, code] for code in ("U01", "C01", "Q02", "C05")] == pytest.approx([90.7, 219.5, 1.8, 6.3])


def test_ready_made_ratios_come_out_as_published_and_so_do_their_medians(indicators, compared, published):
    base = compared[compared["peer_set"] == "type"]
    for code, column in READY.items():
        values = indicators.loc[indicators["indicator"] == code, "value"]
        assert np.sort(values.dropna()) == pytest.approx(np.sort(published[column].dropna()))
        rows = base[base["indicator"] == code]
        usable = rows.loc[rows["flag"] == "ok", "value"]
        assert rows["n_reported"].unique().tolist() == [len(usable)]
        assert rows["n_expected"].unique().tolist() == [584]
        assert rows["median"].unique() == pytest.approx([usable.median()])
    charges = base[base["indicator"] == "C01"].iloc[0]
    assert (charges["n_reported"], round(charges["median"], 1)) == (518, 236.7)


def test_the_value_of_california_is_weighted_by_beds(compared, published):
    known = published.dropna(subset=["cost_self_pay", "num_beds"])
    weighted = compared.loc[(compared["indicator"] == "C01") & (compared["peer_set"] == "type"), "weighted"].unique()
    enough = known[known["num_beds"] >= 5]
    assert weighted == pytest.approx([np.average(enough["cost_self_pay"], weights=enough["num_beds"])])


def test_one_year_judges_nobody_without_an_interval_nor_without_a_direction(compared, methodology):
    base = compared[compared["peer_set"] == "type"]
    for code, rows in base.groupby("indicator"):
        found = set(rows.loc[rows["flag"] == "ok", "position"])
        if methodology.indicators[code].direction == "none":
            assert found == {"context"}
        elif code in SURE:
            assert found == {"better", "worse", "indistinct"}
        else:
            assert found == {"no_interval"}
    unjudged = base[~base["indicator"].isin(SURE)]
    assert unjudged["low"].isna().all()
    assert set(unjudged["trend"].fillna("")) <= {"", "too_short"}


def test_nearest_peers_of_a_large_set_are_nine_each_and_never_the_place_itself(mapped, methodology):
    run = SimpleNamespace(methodology=methodology, peers_file="")
    peers = nearest_peers(run, mapped.facts, mapped.services, mapped.territory, year=2014)
    counts = peers.groupby("unit_id").size()
    assert set(counts) == {9}
    assert len(counts) >= 583  # of one place neither size nor age is known
    assert (peers["unit_id"] != peers["peer_id"]).all()


def test_the_frontier_of_584_places_has_scores_and_says_why_it_has_no_interval(mapped, methodology, published):
    table = frontiers(mapped.facts, mapped.services, methodology, year=2014)
    whole = published[["num_beds", "occupency_rate", "staff_wages", "quality"]].notna().all(axis=1).sum()
    assert table["score"].notna().sum() == whole
    assert table["score"].dropna().between(0, 1 + 1e-9).all()
    assert table["efficient"].sum() >= 4
    assert set(table["interval_reason"]) == {"too_many", "missing"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of its own whose run reads the published file where it lies."""
    folder = tmp_path_factory.mktemp("california")
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    (folder / "notebooks").mkdir()
    for page in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(page, folder / "notebooks")
    path = folder / "parameters/runs/california.yaml"
    run = yaml.safe_load(path.read_text("utf-8"))
    assert run["imports"]["sources"] == [f"data/california/{SOURCE.name}"]
    run["imports"]["sources"] = [str(SOURCE)]
    path.write_text(yaml.safe_dump(run, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="module")
def batch(project):
    from kpsslib.batch.runner import run_batch

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        yield run_batch("parameters/runs/california.yaml", Console(file=StringIO()))


@pytest.fixture
def batch_run(batch, project, monkeypatch):
    monkeypatch.chdir(project)
    return open_run("parameters/runs/california.yaml", group="CA")


def test_the_whole_batch_runs_and_its_reports_say_that_one_year_judges_nobody(batch, batch_run):
    assert [(page.group, page.page, page.reason) for group in batch.groups for page in group.pages
            if page.state != "done"] == []
    compared = batch_run.read("comparison")
    assert compared["unit_id"].nunique() == 584
    assert batch_run.read("good_practice")["candidate"].sum() == 0
    assert batch_run.read("reserves").empty


def _mapping(methodology):
    from kpsslib.intake.mapping.file import load_mapping

    return load_mapping(ROOT / "parameters/california/mapping.toml", methodology)
