"""From facts to series: rounds, partial years, ends, gaps, mistakes."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import forecast
from kpsslib.financing.series import fill, gather, operating
from kpsslib.workspace import RunError

NAN = np.nan


def services_of(*rows):
    columns = ["service_id", "form", "service_type", "group", "region_code", "valid_from", "valid_to"]
    return pd.DataFrame([(row[0], "residential", "DS", "PS1", "CZ052", *row[1:]) for row in rows], columns=columns)


def facts_of(*rows):
    columns = ["service_id", "year", "round", "item", "value"]
    return pd.DataFrame(rows, columns=columns).assign(form="residential")


def years_of(service, values, first=2018, item="cost_staff"):
    return [(service, first + place, "actual", item, value) for place, value in enumerate(values)]


OPEN = services_of(("0000001", "2010-01-01", None), ("0000002", "2010-01-01", None))


def test_the_final_round_supersedes_and_plans_are_not_history():
    facts = facts_of(("0000001", 2024, "plan", "cost_staff", 1.0), ("0000001", 2024, "actual", "cost_staff", 5.0),
                     ("0000001", 2024, "final", "cost_staff", 6.0), ("0000001", 2025, "actual", "cost_staff", 7.0),
                     ("0000001", 2026, "plan", "cost_staff", 9.0), ("0000002", 2025, "adjusted", "cost_staff", 9.0))
    series = gather(facts, OPEN, ["cost_staff"], 2025, 3)
    np.testing.assert_array_equal(series.known, [[6, 7]])
    assert series.years == [2024, 2025]
    assert series.ahead == [2026, 2027, 2028]
    assert series.left_out[["reason", "service_id"]].to_numpy().tolist() == [["absent", "0000002"]]


def test_a_part_of_a_year_counts_at_the_pace_of_a_whole_one_and_the_past_stays_as_it_was():
    services = services_of(("0000001", "2023-07-02", None))
    series = gather(facts_of(*years_of("0000001", [100.0, 210, 220], 2023)), services, ["cost_staff"], 2025, 1)
    share = 183 / 365
    np.testing.assert_allclose(series.known, [[100 / share, 210, 220]])
    np.testing.assert_allclose(series.past, [[100, 210, 220]])


def test_operating_share_of_a_year():
    services = services_of(("1", "2010-01-01", None), ("2", "2024-12-31", "2026-06-30"), ("3", None, "2023-12-31"))
    np.testing.assert_allclose(operating(services, [2024, 2026]), [[1, 1], [1 / 366, 181 / 365], [0, 0]])


def test_a_service_that_ends_counts_until_it_ends(facts, services, scenarios):
    ends = {"0000003": "2026-06-30", "0000004": "2025-12-31"}
    ending = services.assign(valid_to=services["service_id"].map(ends))
    made = forecast(facts, ending, scenarios, 2025)
    table = made.forecast[(made.forecast["scenario"] == "expected") & (made.forecast["item"] == "cost_staff")]
    whole = forecast(facts, services, scenarios, 2025).forecast
    whole = whole[(whole["scenario"] == "expected") & (whole["item"] == "cost_staff")]
    assert table.loc[table["service_id"] == "0000003", "year"].tolist() == [2026]
    half, full = (t.loc[(t["service_id"] == "0000003") & (t["year"] == 2026), "mid"].item() for t in (table, whole))
    assert half == pytest.approx(full * 181 / 365, abs=1)
    assert "0000004" not in set(table["service_id"])
    assert "0000004" in set(made.past["service_id"])
    assert made.series.left_out["reason"].tolist() == ["ended"]


def test_missing_years_are_filled_for_totals_only():
    np.testing.assert_array_equal(fill(np.array([[NAN, 1, NAN, 3, NAN, NAN, NAN]])), [[NAN, 1, 2, 3, 3, 3, NAN]])
    series = gather(facts_of(*years_of("0000001", [10.0, NAN, 30])), OPEN, ["cost_staff"], 2020, 1)
    np.testing.assert_array_equal(series.known, [[10, NAN, 30]])
    np.testing.assert_array_equal(series.past, [[10, 20, 30]])


def test_a_year_in_thousands_is_left_out_whole_and_named():
    rows = [*years_of("0000001", [5e6, 5e6, 5e6, 5e3]), *years_of("0000001", [4e5, 4e5, 4e5, 4e2], item="cost_energy"),
            *years_of("0000002", [5e6, 5e6, 5e6, 9e5])]
    series = gather(facts_of(*rows), OPEN, ["cost_staff", "cost_energy"], 2021, 1)
    assert series.left_out.to_dict("records") == [{"reason": "unit", "service_id": "0000001", "year": 2021}]
    np.testing.assert_array_equal(np.isnan(series.known[:, -1]), [True, True, False])


def test_a_series_not_reported_for_over_two_years_is_not_carried_forward():
    rows = [*years_of("0000001", [1.0, 2, 3]), *years_of("0000002", [1.0, 2, 3, 4, 5, 6])]
    series = gather(facts_of(*rows), OPEN, ["cost_staff"], 2023, 1)
    assert series.operating.tolist() == [[0], [1]]
    assert series.left_out["reason"].tolist() == ["stale"]


@pytest.mark.parametrize("facts", [facts_of(), facts_of(("0000001", 2025, "actual", "clients", 5.0)),
                                   facts_of(("0000001", 2025, "actual", "cost_staff", NAN))])
def test_nothing_to_forecast_is_a_message(facts):
    with pytest.raises(RunError, match="2025"):
        gather(facts.astype({"year": "int64", "value": "float64"}), OPEN, ["cost_staff"], 2025, 3)


def test_only_ended_services_are_a_message():
    ended = services_of(("0000001", "2010-01-01", "2025-06-30"))
    with pytest.raises(RunError, match="2025"):
        gather(facts_of(*years_of("0000001", [1.0, 2, 3], 2023)), ended, ["cost_staff"], 2025, 3)


def test_years_without_are_not_learned_from_and_stay_in_the_past():
    rows = [*years_of("0000001", [10.0, 20, 5, 40]), *years_of("0000002", [NAN, NAN, 5.0, NAN])]
    series = gather(facts_of(*rows), OPEN, ["cost_staff"], 2021, 1, [2020])
    np.testing.assert_array_equal(series.known, [[10, 20, NAN, 40], [NAN, NAN, 5, NAN]])  # of the second nothing else
    np.testing.assert_array_equal(series.past, [[10, 20, 5, 40], [NAN, NAN, 5, 5]])


def test_a_dummy_year_changes_no_forecast_and_leaves_no_error(facts, services, scenarios):
    reference = scenarios.reference.model_copy(update={"without_years": {"2021": "epidemic"}})
    without = scenarios._replace(reference=reference)
    wild = facts.assign(value=facts["value"].where((facts["year"] != 2021) | (facts["item"] == "esf_until"), 7e6))
    calm, strange = (forecast(table, services, without, 2025) for table in (facts, wild))
    np.testing.assert_array_equal(calm.forecast[["low", "mid", "high"]], strange.forecast[["low", "mid", "high"]])
    learned = forecast(wild, services, scenarios, 2025).forecast
    assert (learned["mid"] != calm.forecast["mid"]).mean() > 0.5
    assert strange.past.loc[strange.past["year"] == 2021, "amount"].eq(7e6).all()


def test_a_service_opened_in_the_year_and_totals_with_zeros_or_losses_are_forecast(facts, services, scenarios):
    young = services.assign(valid_from=services["valid_from"].mask(services["service_id"] == "0000001", "2025-04-01"))
    odd = facts[(facts["service_id"] != "0000001") | (facts["year"] == 2025)]
    odd = odd.assign(value=odd["value"].mask((odd["service_id"] == "0000002") & (odd["item"] == "cost_energy"), -5e4)
                     .mask((odd["service_id"] == "0000003") & (odd["item"] == "cost_energy"), 0.0))
    table = forecast(odd, young, scenarios, 2025).forecast
    own = table[(table["scenario"] == "expected") & (table["year"] == 2026)].set_index(["service_id", "item"])
    now = odd[(odd["year"] == 2025) & (odd["service_id"] == "0000001")].set_index("item")["value"]
    assert own.loc[("0000001", "cost_staff"), "method"] == "too_short"
    assert own.loc[("0000001", "cost_staff"), "mid"] > now["cost_staff"] * 365 / 275 * 1.02
    assert own.loc[("0000002", "cost_energy"), "mid"] == -5e4
    assert own.loc[("0000003", "cost_energy"), ["low", "mid", "high"]].tolist() == [0, 0, 0]
    assert table[["low", "mid", "high"]].notna().all(axis=None)
