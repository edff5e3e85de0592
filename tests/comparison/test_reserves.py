"""Reserves in crowns and their parts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.comparison import compare, headline_indicators, reserves
from kpsslib.comparison.decomposition import PARTS, decompose, log_mean
from kpsslib.indicators import compute

_POSITIVE = st.floats(0.01, 1e6)


@pytest.fixture(scope="module")
def found(region, methodology):
    table = compare(region.indicators, region.services, methodology, year=2025)
    return table, reserves(table, region.facts, region.services, methodology, year=2025)


def test_only_costs_in_money_are_reserves(methodology):
    assert [one.code for one in headline_indicators(methodology)] == ["N01", "N03"]


def test_amount_is_gap_times_volume_by_hand(found, region):
    table, rows = found
    row = rows[(rows["service_id"] == "DS011") & (rows["indicator"] == "N01") & (rows["target"] == "median")].iloc[0]
    facts = region.facts[(region.facts["service_id"] == "DS011") & (region.facts["year"] == 2025)]
    items = facts.set_index("item")["value"]
    own = (table["indicator"] == "N01") & (table["unit_id"] == "DS011") & (table["year"] == 2025)
    median = table.loc[own & (table["peer_set"] == "type"), "median"].iloc[0]
    assert row["volume"] == items["bed_days"]
    assert row["amount_czk"] == pytest.approx(items["cost_total"] - items["cost_optional"] - median * items["bed_days"])


def test_only_positive_reserves_are_listed_and_the_interval_holds_the_amount(found):
    _, rows = found
    assert (rows["amount_czk"] > 0).all()
    assert ((rows["low"] < rows["amount_czk"]) & (rows["amount_czk"] < rows["high"])).all()
    assert (rows["gap"] > 0).all()


def test_a_reserve_against_the_median_is_certain_only_for_those_worse_than_it(found):
    table, rows = found
    worse = table[(table["year"] == 2025) & (table["position"] == "worse") & (table["peer_set"] != "territory")]
    certain = rows[(rows["low"] > 0) & (rows["target"] == "median")]
    keys = ["indicator", "service_id", "form"]
    judged = worse[worse["indicator"].isin(["N01", "N03"])].rename(columns={"unit_id": "service_id"})
    assert set(map(tuple, certain[keys].values)) == set(map(tuple, judged[keys].values))


def test_parts_add_up_to_the_amount(found):
    _, rows = found
    known = rows[PARTS].notna().all(axis=1)
    assert known.mean() > 0.9
    assert (rows.loc[known, PARTS].sum(axis=1) - rows.loc[known, "amount_czk"]).abs().max() < 1e-6


def test_parts_are_those_of_the_slow_implementation(found, region, make):
    _, rows = found
    facts = region.facts[region.facts["year"] == 2025].pivot(index="service_id", columns="item", values="value")
    own = pd.DataFrame({"F": facts["fte_total"] / facts["capacity_beds"], "w": facts["cost_staff"] / facts["fte_total"],
                        "B": facts["bed_days"] / facts["capacity_beds"]})
    goal = own[own.index.str.startswith("DS")].median()
    for row in rows[(rows["indicator"] == "N01") & rows["service_id"].str.startswith("DS")].itertuples():
        mine = own.loc[row.service_id].to_dict()
        mine["o"] = row.value * mine["B"] - mine["F"] * mine["w"]
        theirs = {**goal, "o": row.target_value * goal["B"] - goal["F"] * goal["w"]}
        slow = make.oracle.parts(mine, theirs)
        fast = {"price": row.price_part, "staffing": row.staffing_part, "occupancy": row.occupancy_part,
                "overhead": row.overhead_part}
        assert {k: v * row.volume for k, v in slow.items()} == pytest.approx(fast)


def test_a_widened_set_has_the_components_of_all_its_members(found, region):
    """Three DZR stand beside PS1: their goal for posts a bed is the median of all 17 homes."""
    _, rows = found
    row = rows[(rows["service_id"] == "DZR000") & (rows["indicator"] == "N01")].iloc[0]
    facts = region.facts[region.facts["year"] == 2025].pivot(index="service_id", columns="item", values="value")
    homes = facts[facts["capacity_beds"].notna()]
    posts = homes["fte_total"] / homes["capacity_beds"]
    assert np.sign(row["staffing_part"]) == np.sign(posts["DZR000"] - posts.median())


def table_of(value, target, volume=100.0):
    return pd.DataFrame({"value": [value], "target_value": [target], "volume": [volume]})


def test_a_change_of_one_component_is_all_its_part():
    # 0.8 posts a bed at 500,000, other costs 100,000 a bed, 360 bed-days a bed; the set has 0.7 posts.
    own = pd.DataFrame({"F": [0.8], "w": [5e5], "B": [360.0]})
    goal = own.assign(F=0.7)
    parts = decompose(table_of(5e5 / 360, 4.5e5 / 360), own, goal).iloc[0]
    assert parts["staffing_part"] == pytest.approx(100 * 5e4 / 360)
    assert parts[["price_part", "occupancy_part", "overhead_part"]].tolist() == pytest.approx([0, 0, 0])


def test_a_target_under_its_staff_cost_cannot_be_explained():
    own = pd.DataFrame({"F": [0.8], "w": [5e5], "B": [360.0]})
    assert decompose(table_of(2000.0, 1000.0), own, own).isna().all().all()


@given(_POSITIVE, _POSITIVE)
def test_logarithmic_mean_lies_between_and_agrees_with_the_slow_one(make, a, b):
    found = log_mean(pd.Series([a]), pd.Series([b]))[0]
    assert min(a, b) * (1 - 1e-9) <= found <= max(a, b) * (1 + 1e-9)
    if abs(a / b - 1) > 1e-4:
        assert found == pytest.approx(make.oracle.log_mean(a, b), rel=1e-9)


@given(st.lists(_POSITIVE, min_size=4, max_size=4), st.lists(_POSITIVE, min_size=4, max_size=4))
def test_parts_add_up_for_any_positive_components(own, goal):
    names = ["F", "w", "B"]
    mine, theirs = (pd.DataFrame([x[:3]], columns=names) for x in (own, goal))
    values = [(x[0] * x[1] + x[3]) / x[2] for x in (own, goal)]
    parts = decompose(table_of(*values, volume=1.0), mine, theirs).iloc[0]
    if parts.notna().all():
        assert parts.sum() == pytest.approx(values[0] - values[1], rel=1e-6, abs=1e-9 * max(values))


def test_missing_parts_leave_the_amount(region, methodology, make):
    facts = region.facts[region.facts["item"] != "fte_total"]
    table = compute(facts, region.services, make.no_territory, methodology)
    table = compare(table, region.services, methodology, year=2025)
    rows = reserves(table, facts, region.services, methodology, year=2025)
    assert rows["amount_czk"].notna().all()
    assert rows[PARTS].isna().all().all()


def test_small_sets_and_other_years_have_no_reserves(region, methodology, make, found):
    services = make.services({"DS": 3})
    facts = make.facts(services)
    table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
    assert reserves(table, facts, services, methodology, year=2025).empty
    assert reserves(found[0], region.facts, region.services, methodology, year=1999).empty
