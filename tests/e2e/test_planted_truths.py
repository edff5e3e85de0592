"""What is planted in the model region stands in the tables of a finished `kpss batch` (made by `make demo`)."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from kpsslib.example.truths import read_truths
from kpsslib.workspace import Run, RunError, open_run

RUN_FILE = "parameters/runs/example.yaml"
PLANTED = {name: truth for name, truth in read_truths().items() if truth.package in ("comparison", "financing")}


@pytest.fixture(scope="module")
def run() -> Run:
    run = open_run(RUN_FILE)
    try:
        run.read("gap")
    except RunError as absent:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no finished run of the model region (make demo): {absent}")
    return run


def of_region(run, table):
    return pd.read_parquet(run.folder / "tables" / "all" / f"{table}.parquet")


def planted(kind):
    chosen = {name: truth for name, truth in PLANTED.items() if truth.kind == kind}
    assert chosen, f"nothing of kind {kind} is planted"
    return pytest.mark.parametrize("truth", chosen.values(), ids=chosen)


def row(table, truth, **where):
    wanted = {"service_id": truth.service_id, "form": truth.form, **where}
    found = table[(table[list(wanted)] == list(wanted.values())).all(axis=1)]
    assert len(found) == 1
    return found.iloc[0]


@planted("reserve")
def test_a_reserve_has_its_crowns_and_is_certain(run, truth):
    found = row(run.read("reserves"), truth, indicator=truth.indicator, target="median")
    assert found["amount_czk"] == pytest.approx(truth.amount_czk, rel=truth.tolerance)
    assert found["low"] > 0


@planted("good_practice")
def test_a_holder_of_good_practice_is_a_candidate(run, truth):
    assert row(run.read("good_practice"), truth)["candidate"]


@planted("one_year")
def test_one_good_year_is_none(run, truth):
    assert not row(run.read("good_practice"), truth)["candidate"]


@planted("improving")
def test_an_improvement_is_a_trend(run, truth):
    table = run.read("comparison").rename(columns={"unit_id": "service_id"})
    assert row(table, truth, indicator=truth.indicator, year=2025, peer_set="type")["trend"] == "improving"


@planted("cliff")
def test_a_funding_cliff_is_told(run, truth):
    found = row(of_region(run, "cliffs"), truth)
    assert found["year"] == truth.until + 1
    assert found["share"] == pytest.approx(truth.share, abs=truth.tolerance)


@planted("shortage")
def test_the_shortage_of_the_region_is_told(run, truth):
    gap = of_region(run, "gap")
    found = gap[(gap["level"] == "region") & (gap["scenario"] == "expected") & (gap["year"] == truth.year)]
    assert found["gap"].item() == pytest.approx(truth.amount_czk, rel=truth.tolerance)


def test_the_outlook_adds_up_from_types_to_groups_to_the_region(run):
    outlook = of_region(run, "outlook")
    sums = outlook.groupby(["level", "scenario", "year", "item"])["mid"].sum().unstack("level")
    assert set(sums) >= {"service_type", "group", "region"}
    assert sums["service_type"].to_numpy() == pytest.approx(sums["region"].to_numpy())
    assert sums["group"].to_numpy() == pytest.approx(sums["region"].to_numpy())


def test_the_summary_tells_every_page_and_every_file_in_quarantine(run):
    summary = json.loads((run.folder / "summary.json").read_text("utf-8"))
    states = {page["state"] for group in summary["groups"] for page in group["pages"]}
    assert states == {"done"}
    wanted = {f"{t.service_id}.xlsx" for t in read_truths().values() if getattr(t, "outcome", "") == "quarantined"}
    assert wanted <= {file["file"].rsplit("/", 1)[-1] for file in summary["quarantined"]}
    assert summary["exit_code"] == 3
