"""Held-out forecasts: what would have been told in earlier years."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import forecast, held_out, outlook
from kpsslib.financing.heldout import COLUMNS


@pytest.fixture(scope="module")
def proof(facts, services, scenarios, forecasts):
    return held_out(facts, services, scenarios, forecasts, "region")


def test_origins_and_years_are_those_that_have_come(proof):
    assert list(proof) == COLUMNS
    own = proof[(proof["level"] == "region") & (proof["item"] == "need")]
    assert list(zip(own["origin"], own["year"], strict=True)) == [
        (2022, 2023), (2022, 2024), (2022, 2025), (2023, 2024), (2023, 2025), (2024, 2025)]
    assert set(proof["level"]) == {"service_type", "group", "region"}


def test_what_came_is_the_sum_of_the_facts(proof, facts):
    costs = facts[facts["item"].str.startswith("cost_")].groupby("year")["value"].sum()
    own = proof[(proof["level"] == "region") & (proof["item"] == "cost_total")]
    np.testing.assert_allclose(own["came"].astype(float), costs[own["year"].astype(int)])


def test_nothing_later_than_the_origin_is_used(proof, facts, services, scenarios, forecasts):
    told = outlook(forecast(facts[facts["year"] <= 2023], services, scenarios, 2023), "region")
    own = told[(told["scenario"] == "expected") & (told["item"] == "need") & (told["year"] <= 2025)]
    ours = proof[(proof["origin"] == 2023) & (proof["item"] == "need")]
    both = own.merge(ours, on=["level", "unit_id", "year"], suffixes=("", "_ours"))
    assert len(both) == len(own) == len(ours)
    np.testing.assert_array_equal(both[["low", "mid", "high"]], both[["low_ours", "mid_ours", "high_ours"]])


def test_services_that_opened_later_are_not_counted_in_what_came(facts, services, scenarios):
    late = facts[(facts["service_id"] != "0000001") | (facts["year"] >= 2024)]
    young = services.assign(valid_from=services["valid_from"].mask(services["service_id"] == "0000001", "2024-01-01"))
    made = forecast(late, young, scenarios, 2025)
    proof = held_out(late, young, scenarios, made, "region")
    costs = late[late["item"].str.startswith("cost_") & (late["year"] == 2025)]
    own = proof[(proof["level"] == "region") & (proof["item"] == "cost_total") & (proof["year"] == 2025)]
    came = own.set_index("origin")["came"]
    assert came[2024] == pytest.approx(costs["value"].sum())
    assert came[2022] == came[2023] == pytest.approx(costs.loc[costs["service_id"] != "0000001", "value"].sum())


def test_few_years_give_no_proof(facts, services, scenarios):
    few = facts[facts["year"] >= 2022]
    proof = held_out(few, services, scenarios, forecast(few, services, scenarios, 2025), "group")
    assert proof.empty
    assert isinstance(proof, pd.DataFrame)
