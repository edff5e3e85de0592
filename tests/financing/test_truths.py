"""Truths planted in the model region that financing must find again, from the archive and the newest returns."""

import pandas as pd
import pytest

from kpsslib.financing import cliffs, forecast
from kpsslib.workspace import RunError, project_root


@pytest.fixture(scope="module")
def truths():
    from kpsslib.example.truths import read_truths

    if not (project_root() / "data" / "example" / "truths.toml").exists():
        pytest.skip("the model region's truths are not there; run kpss example")
    return {name: truth for name, truth in read_truths().items() if truth.package == "financing"}


@pytest.fixture(scope="module")
def region(run):
    try:
        return pd.concat([run.read("facts")]), run.read("services")
    except RunError:
        pytest.skip("the model region has not been cleaned yet; run kpss batch parameters/runs/example.yaml")


def test_every_planted_cliff_is_found(truths, region, scenarios):
    facts, services = region
    made = forecast(facts, services, scenarios, 2025)
    found = cliffs(made).set_index(["service_id", "form"])
    for truth in (truth for truth in truths.values() if truth.kind == "cliff"):
        cliff = found.loc[truth.service_id, truth.form]
        assert cliff["last_year"] == truth.until
        assert cliff["year"] == truth.until + 1
        assert cliff["share"] == pytest.approx(truth.share, abs=truth.tolerance)
        money = made.forecast.query("service_id == @truth.service_id and form == @truth.form and item == 'revenue_esf'")
        by_year = money[money["scenario"] == "expected"].set_index("year")["mid"]
        assert by_year[truth.until] > 0
        assert (by_year[by_year.index > truth.until] == 0).all()
