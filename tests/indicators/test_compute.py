"""Facts to indicators: which rows there are, what a missing item does, rounds, constants, territories."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.indicators import compute, evaluate, latest_round
from kpsslib.indicators.items import widen
from kpsslib.methodology import load
from kpsslib.workspace import TABLES, project_root

FULL = load(project_root() / "parameters" / "methodology")
NO_TERRITORY = pd.DataFrame({column: pd.Series(dtype=kind if kind == "float" else "str")
                             for column, kind in TABLES["territory"].items()}).astype({"year": "Int64"})


def known(*indicators):
    return FULL.model_copy(update={"indicators": {one.code: one for one in indicators}})


def services(*rows):
    table = pd.DataFrame(rows, columns=["service_id", "service_type", "form", "orp_code"])
    return table.assign(valid_from="2007-01-01", valid_to=None)


def facts(service_id="0000001", form="residential", year=2025, round="actual", **items):
    return pd.DataFrame({"item": list(items), "value": list(items.values())}).assign(
        service_id=service_id, form=form, year=year, round=round, status="reported")


HOME = services(("0000001", "DS", "residential", "5201"))


@pytest.fixture
def cost(make_indicator):
    return make_indicator(code="N01", numerator="cost_total - cost_optional", denominator="bed_days",
                          forms=["residential"])


@pytest.mark.parametrize("code", list(FULL.indicators))
def test_worked_examples_come_out_of_tables_too(code):
    """The examples of the catalogue, one table row each, as they are computed in a run."""
    one = FULL.indicators[code]
    for example in one.example:
        year = example.year or 2025
        row = evaluate(one, pd.DataFrame([example.items or {"nothing": 1.0}]), year).iloc[0]
        assert row["flag"] == example.flag
        if example.value is not None:
            assert row["value"] == pytest.approx(example.value, rel=1e-6)


def test_value_numerator_and_denominator_by_hand(cost):
    found = compute(facts(cost_total=1000.0, cost_optional=100.0, bed_days=3.0), HOME, NO_TERRITORY, known(cost))
    row = found.iloc[0]
    assert (row["indicator"], row["unit_id"], row["form"], row["year"], row["round"]) == (
        "N01", "0000001", "residential", 2025, "actual")
    assert (row["numerator"], row["denominator"], row["value"], row["flag"]) == (900.0, 3.0, 300.0, "ok")
    assert list(found) == list(TABLES["indicators"])


@pytest.mark.parametrize("status", ["missing", "not_applicable"])
def test_a_value_without_standing_is_missing_whatever_number_it_has(cost, status):
    given = facts(cost_total=1000.0, cost_optional=0.0, bed_days=3.0)
    given = given.assign(status=given["status"].where(given["item"] != "cost_optional", status))
    row = compute(given, HOME, NO_TERRITORY, known(cost)).iloc[0]
    assert row["flag"] == "missing"
    assert np.isnan(row["value"])


def test_an_item_that_was_not_sent_is_missing_and_never_zero(cost):
    row = compute(facts(cost_total=1000.0, bed_days=3.0), HOME, NO_TERRITORY, known(cost)).iloc[0]
    assert row["flag"] == "missing"
    assert np.isnan(row["value"])
    assert np.isnan(row["numerator"])


def test_an_item_not_asked_of_the_form_is_nothing_to_add(make_indicator):
    """Fees for accommodation are asked of homes only; home care has none, and its sum is known all the same."""
    fees = make_indicator(code="X01", numerator="revenue_fees_accommodation + revenue_fees_care",
                          denominator="cost_total")
    field = services(("0000002", "PeS", "outpatient_field", "5201"))
    given = facts("0000002", "outpatient_field", revenue_fees_care=30.0, cost_total=100.0)
    assert compute(given, field, NO_TERRITORY, known(fees)).iloc[0]["value"] == pytest.approx(0.3)
    home = compute(facts(revenue_fees_care=30.0, cost_total=100.0), HOME, NO_TERRITORY, known(fees)).iloc[0]
    assert home["flag"] == "missing"


def test_no_row_where_the_indicator_does_not_apply_or_nothing_of_a_side_is_asked(cost, make_indicator):
    field = services(("0000002", "PeS", "outpatient_field", "5201"))
    given = facts("0000002", "outpatient_field", cost_total=1.0)
    beds = make_indicator(code="X01", numerator="cost_total", denominator="bed_days")
    assert compute(given, field, NO_TERRITORY, known(cost, beds)).empty


def test_a_plan_has_no_row_for_what_plans_do_not_ask(make_indicator):
    staff = make_indicator(code="P06", kind="proportion", numerator="persons_qualified", denominator="persons")
    given = pd.concat([facts(round=name, cost_total=1.0, persons=10.0, persons_qualified=7.0)
                       for name in ("plan", "adjusted", "actual", "final")])
    assert compute(given, HOME, NO_TERRITORY, known(staff))["round"].tolist() == ["actual", "final"]


def test_years_keep_their_formula(make_indicator):
    why = dict(cs="x", en="x")
    changed = make_indicator(code="X01", numerator="cost_total", denominator="bed_days", earlier=[
        dict(last_year=2019, numerator="cost_total", denominator="capacity_beds", scale=1.0, why=why),
        dict(last_year=2021, numerator="cost_staff", denominator="bed_days", scale=10.0, why=why)])
    given = pd.concat([facts(year=year, cost_total=100.0, cost_staff=60.0, bed_days=10.0, capacity_beds=4.0)
                       for year in range(2018, 2024)])
    found = compute(given, HOME, NO_TERRITORY, known(changed)).set_index("year")["value"]
    assert found.to_dict() == {2018: 25.0, 2019: 25.0, 2020: 60.0, 2021: 60.0, 2022: 10.0, 2023: 10.0}


def test_constants_are_those_of_the_year(make_indicator):
    fee = make_indicator(code="F15", numerator="revenue_fees_accommodation", denominator="bed_days * fee_ceiling")
    given = pd.concat([facts(year=year, revenue_fees_accommodation=5600.0, bed_days=10.0)
                       for year in (2012, 2022, 2025)])
    found = compute(given, HOME, NO_TERRITORY, known(fee)).set_index("year")
    assert found.loc[2025, "value"] == pytest.approx(1.0)
    assert found.loc[2022, "value"] == pytest.approx(5600 / 4300)
    assert found.loc[2012, "flag"] == "missing"


def test_two_values_of_one_cell_are_refused_by_name(cost):
    twice = pd.concat([facts(cost_total=1.0), facts(cost_total=2.0)])
    with pytest.raises(ValueError, match="0000001 residential 2025 actual has cost_total twice"):
        compute(twice, HOME, NO_TERRITORY, known(cost))


def test_facts_of_nobody_and_unknown_items_are_left_out(cost):
    given = facts(cost_total=9.0, cost_optional=0.0, bed_days=3.0, made_up=1.0)
    given = pd.concat([given, facts("0000009", cost_total=1.0)])
    assert compute(given, HOME, NO_TERRITORY, known(cost))["unit_id"].tolist() == ["0000001"]


def test_nothing_in_nothing_out(cost):
    empty = compute(facts(cost_total=1.0).iloc[:0], HOME, NO_TERRITORY, known(cost))
    assert empty.empty
    assert list(empty) == list(TABLES["indicators"])


def test_the_wide_table_leaves_the_facts_alone():
    given = facts(cost_total=1.0, bed_days=2.0)
    before = given.copy()
    assert widen(given, HOME, FULL)["bed_days"].tolist() == [2.0]
    pd.testing.assert_frame_equal(given, before)


def rounds(*rows):
    return pd.DataFrame(rows, columns=["unit_id", "form", "year", "round"]).assign(value=range(len(rows)))


def test_final_supersedes_actual_and_plans_of_the_past_are_not_compared():
    table = rounds(("a", "f", 2024, "plan"), ("a", "f", 2024, "actual"), ("a", "f", 2024, "final"),
                   ("b", "f", 2024, "actual"), ("c", "f", 2024, "adjusted"), ("a", "f", 2025, "plan"),
                   ("a", "f", 2025, "actual"), ("a", "f", 2026, "actual"))
    found = latest_round(table, 2025, "actual")
    assert sorted(found["value"]) == [2, 3, 6]
    assert sorted(latest_round(table, 2025, "plan")["value"]) == [2, 3, 5]


def test_the_year_asked_has_its_round_and_what_superseded_it():
    table = rounds(("a", "f", 2024, "plan"), ("a", "f", 2024, "actual"), ("a", "f", 2024, "final"),
                   ("b", "f", 2024, "actual"), ("b", "f", 2025, "actual"))
    assert sorted(latest_round(table, 2024, "actual")["value"]) == [2, 3]
    assert sorted(latest_round(table, 2024, "final")["value"]) == [2]
    assert sorted(latest_round(table, 2024, "plan")["value"]) == [0]


def test_forms_of_a_service_have_their_own_rounds():
    table = rounds(("a", "f", 2024, "final"), ("a", "g", 2024, "actual"))
    assert sorted(latest_round(table, 2025, "actual")["value"]) == [0, 1]
