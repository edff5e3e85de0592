"""The verb `forecast` and the funding cliffs."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import cliffs, forecast
from kpsslib.financing.methods import DEFAULT
from kpsslib.workspace import TABLES, conform

KEY = ["service_id", "form", "item", "year", "scenario"]
NUMBERS = ["low", "mid", "high"]


def test_it_makes_the_fixed_tables_with_one_row_a_key(forecasts):
    table = conform("forecast", forecasts.forecast)
    assert list(table) == list(TABLES["forecast"])
    assert not table.duplicated(KEY).any()
    assert table["service_id"].str.len().eq(7).all()
    assert sorted(table["year"].unique()) == [2026, 2027, 2028]
    assert set(table["scenario"]) == {"expected", "tight", "growth"}
    conform("accuracy", forecasts.accuracy)


def test_low_is_under_mid_is_under_high_and_amounts_are_whole_crowns(forecasts):
    table = forecasts.forecast
    assert (table["low"] <= table["mid"]).all()
    assert (table["mid"] <= table["high"]).all()
    assert (table["low"] >= 0).all()
    assert (table[NUMBERS] % 1 == 0).all(axis=None)


def test_the_error_of_the_chosen_method_stands_beside_every_forecast(forecasts):
    table = forecasts.forecast[forecasts.forecast["method"] != "esf_end"]
    chosen = forecasts.accuracy[forecasts.accuracy["chosen"]]
    both = table.merge(chosen, on=["service_type", "form", "item"], validate="many_to_one", suffixes=("", "_chosen"))
    assert len(both) == len(table)
    np.testing.assert_array_equal(both["backtest_mase"], both["mase"])
    assert (both["method"] == both["method_chosen"]).all()


def test_one_method_is_chosen_for_a_type_and_form_by_its_mean_error_over_all_items(forecasts):
    own = forecasts.accuracy[forecasts.accuracy["item"] != "revenue_esf"]  # that panel is borrowed
    own = own.assign(total=own["error"] * own["n_forecasts"])
    for _kind, panels in own.groupby(["service_type", "form"]):
        sums = panels.groupby("method")[["total", "n_forecasts"]].sum()
        mean = sums["total"] / sums["n_forecasts"]
        expected = mean.idxmin() if mean.min() < 0.9 * mean[DEFAULT] else DEFAULT
        assert panels.loc[panels["chosen"], "method"].unique().tolist() == [expected]


def test_growth_that_was_planted_is_found(forecasts, facts):
    """Staff costs of the panel grow by 6 % a year: the next year of all services together must be near that."""
    table = forecasts.forecast.query("scenario == 'expected' and item == 'cost_staff'")
    today = facts[(facts["item"] == "cost_staff") & (facts["year"] == 2025)]["value"].sum()
    assert table.loc[table["year"] == 2026, "mid"].sum() / today == pytest.approx(np.exp(0.06), abs=0.015)


def test_scenarios_multiply_the_reference(forecasts):
    wide = forecasts.forecast[forecasts.forecast["item"] == "cost_staff"].pivot(
        index=["service_id", "year"], columns="scenario", values="mid")
    first = wide.xs(2026, level="year")
    np.testing.assert_allclose(first["tight"] / first["expected"], 1.07 / 1.05, rtol=1e-6)


def test_order_of_rows_does_not_matter(facts, services, scenarios, forecasts):
    mixed = forecast(facts.sample(frac=1, random_state=3), services.sample(frac=1, random_state=4), scenarios, 2025)
    pd.testing.assert_frame_equal(mixed.forecast.sort_values(KEY, ignore_index=True)[KEY + NUMBERS],
                                  forecasts.forecast.sort_values(KEY, ignore_index=True)[KEY + NUMBERS])


def test_a_hundred_times_the_money_is_a_hundred_times_the_forecast(facts, services, scenarios, forecasts):
    money = facts["item"] != "esf_until"
    dear = forecast(facts.assign(value=facts["value"].where(~money, facts["value"] * 100)), services, scenarios, 2025)
    assert (dear.forecast["method"] == forecasts.forecast["method"]).all()
    np.testing.assert_allclose(dear.forecast[NUMBERS] / 100, forecasts.forecast[NUMBERS], atol=0.51)


def test_a_group_by_itself_has_the_same_forecast_as_in_the_region(facts, services, scenarios, forecasts):
    own = services[services["group"] == "PS3"]
    alone = forecast(facts[facts["service_id"].isin(own["service_id"])], own, scenarios, 2025).forecast
    together = forecasts.forecast[forecasts.forecast["group"] == "PS3"]
    pd.testing.assert_frame_equal(alone[KEY + NUMBERS + ["method"]].reset_index(drop=True),
                                  together[KEY + NUMBERS + ["method"]].reset_index(drop=True))


def test_a_lower_level_gives_narrower_intervals(facts, services, scenarios, forecasts):
    low = forecast(facts, services, scenarios, 2025, level=0.6).forecast
    both = forecasts.forecast.merge(low, on=KEY, suffixes=("", "_narrow"))
    assert (both["high_narrow"] <= both["high"]).all()
    assert (both["low_narrow"] >= both["low"]).all()
    assert (both["mid_narrow"] == both["mid"]).all()


def test_the_callers_tables_are_not_changed(facts, services, scenarios):
    before = facts.copy(), services.copy()
    forecast(facts, services, scenarios, 2025)
    pd.testing.assert_frame_equal(facts, before[0])
    pd.testing.assert_frame_equal(services, before[1])


def test_project_money_ends_with_the_project_unless_the_scenario_continues_it(forecasts):
    table = forecasts.forecast[forecasts.forecast["item"] == "revenue_esf"].set_index(["scenario", "year"])["mid"]
    for scenario in ("expected", "tight"):
        assert table[scenario, 2026] > 3e6
        assert table[scenario, 2027] == table[scenario, 2028] == 0
    assert (table["growth"] > 3e6).all()


def test_cliffs_name_the_service_the_first_year_without_and_the_share(forecasts, facts):
    table = conform("cliffs", cliffs(forecasts))
    revenue = facts[facts["item"].str.startswith("revenue_")].query("service_id == '0000020' and year == 2025")
    assert table.to_dict("records") == [{
        "service_id": "0000020", "service_type": "PeS", "form": "outpatient_field", "last_year": 2026, "year": 2027,
        "amount": 4e6, "share": 4e6 / revenue["value"].sum()}]


def test_a_project_that_outlives_the_years_ahead_is_no_cliff(facts, services, scenarios):
    later = facts.assign(value=facts["value"].mask(facts["item"] == "esf_until", 2028))
    assert cliffs(forecast(later, services, scenarios, 2025)).empty
