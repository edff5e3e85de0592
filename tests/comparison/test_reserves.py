"""Reserves in crowns and their parts."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.comparison import compare, headline_indicators, reserves
from kpsslib.comparison.decomposition import PARTS, decompose, log_mean
from kpsslib.comparison.reserves import reserve_reason, target_label
from kpsslib.comparison.targets import amount_interval
from kpsslib.indicators import compute
from kpsslib.indicators.intervals import Z
from kpsslib.workspace import project_root

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
    certain = rows[rows["certain"] & (rows["target"] == "median")]
    keys = ["indicator", "service_id", "form"]
    judged = worse[worse["indicator"].isin(["N01", "N03"])].rename(columns={"unit_id": "service_id"})
    assert len(certain)
    assert set(map(tuple, certain[keys].values)) <= set(map(tuple, judged[keys].values))
    assert (rows.loc[rows["certain"], "low"] > 0).all()


def test_the_interval_by_hand():
    """Noise 10 %, quartiles 10 % apart from the median: sigma = 0.2 / 1.349, and 16 services."""
    one = dict(value=1200.0, low=1200 * np.exp(-Z * 0.1), high=1200 * np.exp(Z * 0.1), q1=1000 * np.exp(-0.1),
               median=1000.0, q3=1000 * np.exp(0.1), n_reported=16, volume=10.0)
    sigma = 0.2 / 1.349
    table = pd.DataFrame([one | dict(target="median", target_value=1000.0),
                          one | dict(target="best_quartile", target_value=one["q1"])])
    found = amount_interval(table)
    for row, c, goal in ((0, 1.2533, 1000.0), (1, 1.3626, 1000 * np.exp(-0.1 * np.sqrt(1 - 0.01 / sigma**2)))):
        half = Z * np.sqrt(0.01 + (c * sigma / 4) ** 2)
        assert found.loc[row, "low"] == pytest.approx(10 * (1200 * np.exp(-half) - goal))
        assert found.loc[row, "high"] == pytest.approx(10 * (1200 * np.exp(half) - table.loc[row, "target_value"]))


def test_the_error_of_a_quantile_is_that_of_simulated_samples():
    draws = np.random.default_rng(5).standard_normal((20_000, 101))
    assert np.median(draws, axis=1).std() * np.sqrt(101) == pytest.approx(1.2533, rel=0.02)
    assert np.quantile(draws, 0.25, axis=1).std() * np.sqrt(101) == pytest.approx(1.3626, rel=0.02)


def test_a_quartile_that_is_all_noise_is_the_median():
    table = pd.DataFrame([dict(value=1200.0, low=1000.0, high=1440.0, q1=950.0, median=1000.0, q3=1050.0, n_reported=9,
                               volume=1.0, target="best_quartile", target_value=950.0)])
    half = np.hypot(np.log(1440 / 1000) / 2, 1.3626 * np.log(1050 / 950) / 1.349 / 3 * Z)
    assert amount_interval(table)["low"].iloc[0] == pytest.approx(1200 * np.exp(-half) - 1000)


@pytest.mark.parametrize("changes", [dict(low=np.nan, high=np.nan), dict(low=-1.0), dict(q1=np.nan)])
def test_without_the_noise_or_the_quartiles_there_is_no_interval(changes):
    row = dict(value=1200.0, low=1000.0, high=1440.0, q1=950.0, median=1000.0, q3=1050.0, n_reported=9, volume=1.0,
               target="median", target_value=1000.0)
    assert amount_interval(pd.DataFrame([row | changes])).isna().all().all()


def test_beside_the_nearest_peers_the_target_is_their_median(region, methodology):
    ids = [one for one in region.services["service_id"] if one.startswith("DS")]
    peers = pd.DataFrame([(own, "residential", peer, "residential", place) for own in ids
                          for place, peer in enumerate([one for one in ids if one != own][:6], start=1)],
                         columns=["unit_id", "form", "peer_id", "peer_form", "place"])
    table = compare(region.indicators, region.services, methodology, year=2025, peers=peers)
    rows = reserves(table, region.facts, region.services, methodology, year=2025, peers=peers)
    near = rows[(rows["target"] == "nearest") & (rows["indicator"] == "N01")]
    values = table[(table["year"] == 2025) & (table["indicator"] == "N01") & (table["peer_set"] == "type")]
    values = values.set_index("unit_id")["value"]
    assert len(near)
    for row in near.itertuples():
        mine = peers.loc[peers["unit_id"] == row.service_id, "peer_id"]
        assert row.target_value == pytest.approx(values[mine].median())
    assert (near[PARTS].sum(axis=1) - near["amount_czk"]).abs().max() < 1e-6
    alone = reserves(table, region.facts, region.services, methodology, year=2025)
    alone = alone[(alone["target"] == "nearest") & (alone["indicator"] == "N01")]
    assert alone["amount_czk"].tolist() == near["amount_czk"].tolist()
    assert alone["reason"].tolist() == ["no_parts"] * len(alone)


def test_nothing_in_the_package_adds_reserves():
    for path in (project_root() / "kpsslib").rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"amount_czk[^\n]*\.(sum|cumsum|agg)\(", text), path


def test_parts_add_up_to_the_amount(found):
    _, rows = found
    known = rows["price_part"].notna()
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
    own = pd.DataFrame({"F": [0.8], "w": [5e5], "B": [360.0], "t": [np.nan], "D": [np.nan]})
    goal = own.assign(F=0.7)
    parts = decompose(table_of(5e5 / 360, 4.5e5 / 360), own, goal).iloc[0]
    assert parts["staffing_part"] == pytest.approx(100 * 5e4 / 360)
    assert parts[["price_part", "occupancy_part", "overhead_part"]].tolist() == pytest.approx([0, 0, 0])
    assert parts[["travel_part", "hours_part"]].isna().all()


def test_a_target_under_its_staff_cost_cannot_be_explained():
    own = pd.DataFrame({"F": [0.8], "w": [5e5], "B": [360.0], "t": [np.nan], "D": [np.nan]})
    assert decompose(table_of(2000.0, 1000.0), own, own).isna().all().all()


@given(_POSITIVE, _POSITIVE)
def test_logarithmic_mean_lies_between_and_agrees_with_the_slow_one(make, a, b):
    found = log_mean(pd.Series([a]), pd.Series([b]))[0]
    assert min(a, b) * (1 - 1e-9) <= found <= max(a, b) * (1 + 1e-9)
    if abs(a / b - 1) > 1e-4:
        assert found == pytest.approx(make.oracle.log_mean(a, b), rel=1e-9)


def test_missing_parts_leave_the_amount(region, methodology, make):
    facts = region.facts[region.facts["item"] != "fte_total"]
    table = compute(facts, region.services, make.no_territory, methodology)
    table = compare(table, region.services, methodology, year=2025)
    rows = reserves(table, facts, region.services, methodology, year=2025)
    assert rows["amount_czk"].notna().all()
    assert rows[PARTS].isna().all().all()
    assert set(rows["reason"]) == {"no_parts"}


def test_small_sets_and_other_years_have_no_reserves(region, methodology, make, found):
    services = make.services({"DS": 3})
    facts = make.facts(services)
    table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
    assert reserves(table, facts, services, methodology, year=2025).empty
    assert reserves(found[0], region.facts, region.services, methodology, year=1999).empty


def test_every_code_has_words():
    assert {target_label(code) for code in ("median", "best_quartile", "nearest", "frontier")}
    assert {reserve_reason(code) for code in ("no_interval", "no_parts", "not_whole_cost")}


def test_bad_input_has_no_reserves_or_a_reason(region, methodology, make):
    """A set of one, all equal, a volume of nil, no years to tell the noise from: never a crash."""
    services = make.services({"DS": 1})
    facts = make.facts(services)
    table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
    assert reserves(table, facts, services, methodology, year=2025).empty
    services = make.services({"DS": 9})
    one = make.facts(services[:1])
    same = pd.concat([one.assign(service_id=name) for name in services["service_id"]], ignore_index=True)
    table = compare(compute(same, services, make.no_territory, methodology), services, methodology, year=2025)
    assert reserves(table, same, services, methodology, year=2025).empty
    facts = make.facts(services)
    facts.loc[(facts["item"] == "bed_days") & (facts["service_id"] == "DS000"), "value"] = 0.0
    table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
    rows = reserves(table, facts, services, methodology, year=2025)
    assert "DS000" not in set(rows["service_id"])
    assert np.isfinite(rows["amount_czk"]).all()
    now = facts[facts["year"] == 2025]
    table = compare(compute(now, services, make.no_territory, methodology), services, methodology, year=2025)
    rows = reserves(table, now, services, methodology, year=2025)
    assert len(rows)
    assert rows[["low", "high"]].isna().all().all()
    assert not rows["certain"].any()
    assert set(rows["reason"]) == {"no_interval"}
