"""The model region: the planted funding cliff is found, and forecasts of years that have come are as good as told."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.example import SEED
from kpsslib.example.making import make_region
from kpsslib.example.truths import read_truths
from kpsslib.financing import cliffs, forecast, gap, outlook
from kpsslib.financing.methods import DEFAULT

TRUTHS = {name: truth for name, truth in read_truths().items() if truth.package == "financing"}


@pytest.fixture(scope="module")
def region(run):
    """Facts that came, and services, of the whole region."""
    panel = (made := make_region(run.methodology, 1, SEED)).panel
    parts = []
    for item, values in panel.values.items():
        row, year = np.nonzero(made.came & ~np.isnan(values))
        parts.append(panel.units[["service_id", "form"]].iloc[row].assign(
            item=item, year=panel.years[year], value=values[row, year], round="actual"))
    services = panel.units.assign(group=panel.units["service_type"].map(run.methodology.group_of))
    return pd.concat(parts, ignore_index=True), services


@pytest.fixture(scope="module")
def made(region, scenarios):
    return forecast(*region, scenarios, 2025)


@pytest.mark.parametrize("truth", [t for t in TRUTHS.values() if t.kind == "cliff"], ids=lambda t: t.service_id)
def test_a_planted_cliff_is_found(made, truth):
    cliff = cliffs(made).set_index(["service_id", "form"]).loc[(truth.service_id, truth.form)]
    assert cliff["last_year"] == truth.until
    assert cliff["year"] == truth.until + 1
    assert cliff["share"] == pytest.approx(truth.share, abs=truth.tolerance)
    money = made.forecast[(made.forecast["service_id"] == truth.service_id) & (made.forecast["form"] == truth.form)]
    by_year = money[(money["item"] == "revenue_esf") & (money["scenario"] == "expected")].set_index("year")["mid"]
    assert by_year[truth.until] > 0
    assert (by_year[by_year.index > truth.until] == 0).all()


@pytest.mark.parametrize("truth", [t for t in TRUTHS.values() if t.kind == "shortage"], ids=lambda t: str(t.year))
def test_the_planted_shortage_is_found(made, run, truth):
    table = gap(outlook(made, "region"), run.allocation).query("level == 'region' and scenario == 'expected'")
    missing = table.set_index("year")["gap"]
    assert missing[truth.year] == pytest.approx(truth.amount_czk, rel=truth.tolerance)
    assert (missing > 0).all()


def test_every_service_that_goes_on_is_forecast_with_an_interval(made, region):
    _facts, services = region
    going_on = set(services.loc[services["valid_to"].isna() | (services["valid_to"] == ""), "service_id"])
    assert going_on - set(made.forecast["service_id"]) <= set(made.series.left_out["service_id"])
    assert made.forecast[["low", "mid", "high"]].notna().all(axis=None)


def test_the_default_is_the_best_method_of_the_region(made):
    tested = made.accuracy[made.accuracy["n_forecasts"] > 0]
    sums = tested.assign(total=tested["error"] * tested["n_forecasts"]).groupby("method")[["total", "n_forecasts"]]
    error = sums.sum()["total"] / sums.sum()["n_forecasts"]
    assert error.idxmin() == DEFAULT
    assert error[DEFAULT] < 0.9 * error["last_value"]
    assert tested.loc[tested["chosen"], "method"].eq(DEFAULT).mean() > 0.8


@pytest.mark.parametrize("origin", [2022, 2023, 2024])
def test_years_that_have_come_lie_in_the_intervals(region, made, scenarios, origin):
    """80 % intervals of services' items and of the total costs of types, as they would have been told then."""
    then = forecast(*region, scenarios, origin)
    came = made.past.set_index(["service_id", "form", "item", "year"])["amount"].rename("came")
    told = then.forecast[then.forecast["scenario"] == "expected"].join(came, on=came.index.names, how="inner")
    told = told[(told["mid"] > 0) | (told["came"] > 0)]
    assert told["came"].between(told["low"] - 1, told["high"] + 1).mean() > 0.78
    key = ["level", "unit_id", "item", "year"]
    totals = outlook(made, "group").query("scenario == 'actual' and item == 'cost_total' and level == 'service_type'")
    rows = outlook(then, "group").query("scenario == 'expected'").merge(
        totals[[*key, "mid"]], on=key, suffixes=("", "_came"))
    assert rows["mid_came"].between(rows["low"], rows["high"]).mean() > 0.65
