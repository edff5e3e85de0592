"""Price and volume: parts by hand, and that they add up whatever the amounts are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.financing import forecast, price_volume
from kpsslib.financing.price_volume import PARTS, pay_of_a_post, total


class Made:
    """As much of forecasts as the decomposition looks at."""

    def __init__(self, past, ahead):
        keys = dict(form="residential", service_type="DS", scenario="expected")
        self.past = pd.DataFrame(past, columns=["service_id", "item", "year", "amount"]).assign(**keys)
        self.past = self.past.drop(columns="scenario")
        columns = ["service_id", "item", "year", "mid", "price", "capacity", "people"]
        self.forecast = pd.DataFrame(ahead, columns=columns).assign(**keys)
        self.series = type("Series", (), {"years": [2024, 2025], "ahead": [2026, 2027, 2028]})


def parts_of(before, after, price=1.0, capacity=1.0, people=1.0):
    made = Made([("1", "cost_staff", 2025, before)], [("1", "cost_staff", 2028, after, price, capacity, people)])
    return price_volume(made).iloc[0]


def test_parts_by_hand():
    """100 now, 150 ahead; pay a quarter dearer, a tenth more places, a fifth more people: at today's prices 120."""
    row = parts_of(100.0, 150.0, 1.25, 1.1, 1.2)
    assert row[["before", *PARTS, "after"]].tolist() == [100, 30, 10, 22, -12, 150]
    assert row["by_drivers"] == 165


@given(before=st.integers(0, 10**13), after=st.integers(-10**11, 10**13), price=st.floats(0.5, 3),
       capacity=st.floats(0.2, 3), people=st.floats(0.5, 2))
def test_parts_add_up_to_the_haler(before, after, price, capacity, people):
    row = parts_of(before / 100, after / 100, price, capacity, people)
    in_haler = [round(row[name] * 100) for name in ("before", *PARTS, "after")]
    assert sum(in_haler[:-1]) == in_haler[-1] == after
    assert abs(row["price"] - after / 100 * (1 - 1 / price)) <= 0.005 + 1e-9 * abs(after)


def test_what_opens_or_ends_is_volume():
    opened = Made([("1", "cost_staff", 2024, 50.0)], [("1", "cost_staff", 2028, 110.0, 1.1, 1.2, 1.0)])
    ended = Made([("1", "cost_staff", 2025, 50.0), ("2", "cost_staff", 2025, 1.0)],
                 [("2", "cost_staff", 2028, 1.0, 1.0, 1.0, 1.0)])
    assert price_volume(opened).iloc[0][["before", *PARTS, "after"]].tolist() == [0, 10, 0, 0, 100, 110]
    gone = price_volume(ended).set_index("service_id").loc["1"]
    assert gone[["before", *PARTS, "after"]].tolist() == [50, 0, 0, 0, -50, 0]


def test_every_cost_of_the_panel_adds_up_and_sums_do_too(forecasts):
    parts = price_volume(forecasts)
    for table in (parts, total(parts, ["scenario", "item"]), total(parts, ["scenario"])):
        haler = (table[["before", *PARTS, "after"]] * 100).round().astype("int64")
        assert (haler.drop(columns="after").sum(axis=1) == haler["after"]).all()
    last = forecasts.forecast[(forecasts.forecast["year"] == 2028) & forecasts.forecast["item"].str.startswith("cost_")]
    after = total(parts, ["scenario"]).set_index("scenario")["after"]
    assert after.to_dict() == last.groupby("scenario")["mid"].sum().to_dict()


def test_where_forecasts_follow_the_drivers_there_is_no_rest(facts, services, scenarios):
    """Staff costs that have always grown as wages are supposed to: nothing but price."""
    only = facts[(facts["item"] == "cost_staff")]
    grown = only.assign(value=1e8 * 1.045 ** (only["year"] - 2025.0))
    made = forecast(grown, services, scenarios, 2025)
    sums = total(price_volume(made), ["scenario"]).set_index("scenario")
    assert sums.loc["expected", "capacity"] == sums.loc["expected", "people"] == 0
    assert abs(sums.loc["expected", "other"]) < 0.4 * sums.loc["expected", "price"]
    np.testing.assert_allclose(sums.loc["tight", "other"], sums.loc["expected", "other"], rtol=1e-6)


def test_planned_capacity_and_people_are_those_of_the_scenario(forecasts):
    parts = price_volume(forecasts)
    growth = parts[(parts["scenario"] == "growth") & (parts["service_type"] == "PeS")]
    capacity, people = 1.02**3, 1.023**3
    np.testing.assert_allclose(growth["capacity"], growth["before"] * (capacity - 1), atol=0.01)
    np.testing.assert_allclose(growth["people"], growth["before"] * capacity * (people - 1), atol=0.01)
    assert (parts.loc[parts["service_type"] == "DS", ["capacity", "people"]] == 0).all(axis=None)


def test_pay_of_a_post_looks_at_services_that_tell_both():
    rows = [("1", 2022, "fte_total", 10), ("1", 2022, "cost_staff", 5e6), ("1", 2025, "fte_total", 12),
            ("1", 2025, "cost_staff", 7.2e6), ("2", 2025, "fte_total", 99), ("2", 2025, "cost_staff", 1e6),
            ("3", 2022, "fte_total", 0), ("3", 2022, "cost_staff", 1e6), ("3", 2025, "fte_total", 9),
            ("3", 2025, "cost_staff", 1e6)]
    facts = pd.DataFrame(rows, columns=["service_id", "year", "item", "value"])
    facts = facts.assign(form="residential", round="actual")
    table = pay_of_a_post(facts, 2025)
    assert table["posts"].tolist() == [10, 12]
    assert table["pay"].tolist() == [5e5, 6e5]
    assert pay_of_a_post(facts, 2024).empty
    assert pay_of_a_post(facts[facts["item"] == "cost_staff"], 2025).empty


@pytest.mark.parametrize("rows", [[], [("1", "cost_staff", 2025, 0.0)]])
def test_nothing_is_nothing(rows):
    parts = price_volume(Made(rows, [("1", "cost_staff", 2028, 0.0, 1.1, 1.0, 1.0)]))
    assert (parts[["before", *PARTS, "after"]] == 0).all(axis=None)
