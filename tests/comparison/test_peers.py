"""The rules of `peers.toml`: one more of them puts one more row beside each value, and changes nothing else."""

from types import SimpleNamespace

import pandas as pd
import pytest

from kpsslib.comparison import all_reserves, attention, choose, compare, frontiers, good_practice, views
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.comparison.peers import (
    BASE,
    chain,
    members,
    nearest_code,
    nearest_rule,
    others,
    superseded,
    with_population,
)
from kpsslib.language import speak
from kpsslib.methodology.models import PeerRule

EVERYBODY = PeerRule.model_validate(dict(code="everybody", name=dict(cs="všichni", en="everybody"),
                                         same=["form", "capacity_unit"]))


@pytest.fixture(scope="module")
def wider(methodology):
    """The methodology with one rule more, written before the others."""
    return methodology.model_copy(update={"peers": {"everybody": EVERYBODY, **methodology.peers}})


@pytest.fixture(scope="module")
def both(region, methodology, wider, make):
    return tuple(everything(one, region, make) for one in (methodology, wider))


def everything(methodology, region, make):
    """All that page 03 computes."""
    facts, services = region.facts, region.services
    run = SimpleNamespace(methodology=methodology, peers_file=None)
    peers = nearest_peers(run, facts, services, make.no_territory, year=2025)
    table = compare(region.indicators, services, methodology, year=2025, peers=peers)
    frontier = frontiers(facts, services, methodology, year=2025)
    return SimpleNamespace(table=table, attention=attention(table, services, methodology, year=2025),
                           good_practice=good_practice(table, services, methodology, year=2025),
                           reserves=all_reserves(table, facts, services, methodology, peers=peers, frontier=frontier),
                           choice=choose(table, services, methodology, year=2025))


def test_which_rules_judge_and_which_stand_beside(methodology, wider):
    assert chain(methodology) == chain(wider) == ["type", "group"]
    assert set(others(wider)) == set(others(methodology)) | {"everybody"}
    assert others(wider)[0] == nearest_code(wider) == nearest_rule(wider).code == "nearest"


def test_a_methodology_without_nearest_peers(methodology):
    plain = methodology.model_copy(update={"peers": {BASE: methodology.peers[BASE].model_copy(
        update={"widen_to": None})}})
    assert (chain(plain), others(plain), nearest_rule(plain), nearest_code(plain)) == ([BASE], [], None, "")


def test_another_rule_adds_its_own_rows_and_changes_no_other(both):
    before, after = (one.table for one in both)
    added = after["peer_set"] == "everybody"
    assert added.sum() > 0
    assert set(after.loc[added, "peers"]) == {"residential/beds", "outpatient_field/clients"}
    pd.testing.assert_frame_equal(after[~added].reset_index(drop=True), before)
    assert not after.duplicated(["indicator", "unit_id", "form", "year", "peer_set"]).any()


@pytest.mark.parametrize("name", ["attention", "good_practice", "reserves"])
def test_another_rule_doubles_nothing_that_is_made_of_the_comparison(both, name):
    before, after = (getattr(one, name) for one in both)
    assert len(before) > 0
    pd.testing.assert_frame_equal(after, before)


def test_another_rule_doubles_nothing_that_is_shown(both, region, methodology, wider):
    before, after = both
    assert after.choice == before.choice
    rows = views.chosen_set(after.table, region.services, wider, after.choice)
    assert len(rows) == len(views.chosen_set(before.table, region.services, methodology, before.choice)) == 14
    assert not rows["unit_id"].duplicated().any()


def test_each_rule_is_a_family_of_its_own(both):
    """p_adjusted of the type is that of the type's rows alone."""
    table = both[1].table
    own = table[(table["unit_id"] == "DS000") & (table["year"] == 2025) & table["p_adjusted"].notna()]
    sizes = own.groupby("peer_set", observed=True)["indicator"].nunique()
    assert sizes["everybody"] == sizes["type"]
    assert (own.groupby("peer_set", observed=True).size() == sizes).all()


def inhabitants(**of_places):
    """Table `territory`: inhabitants of each place by year."""
    return pd.DataFrame([dict(orp_code=place.strip("_"), orp_name="", region_code="CZ01", year=year, item="population",
                              value=float(value), source="") for place, years in of_places.items()
                         for year, value in years.items()])


PLACES = inhabitants(_00={2023: 19_000, 2025: 20_000, 2026: 300_000}, _01={2024: 49_999}, _02={2025: 100_000})


def test_places_of_a_similar_size_share_a_set_by_the_inhabitants_last_known(methodology, make):
    services = with_population(make.services({"DS": 3}), PLACES, year=2025)
    assert services["population"].tolist() == [20_000, 49_999, 100_000]
    start = "DS/residential/beds/"
    assert members(services, methodology)["size"].tolist() == [start + "20000-49999"] * 2 + [start + "100000+"]
    earlier = with_population(make.services({"DS": 1}), PLACES, year=2024)
    assert members(earlier, methodology)["size"].tolist() == [start + "0-19999"]


def test_without_inhabitants_a_service_shares_its_size_with_nobody(methodology, make):
    services = make.services({"DS": 3})
    assert members(services, methodology)["size"].isna().all()
    known = with_population(services, PLACES[PLACES["orp_code"] == "01"], year=2025)
    assert members(known, methodology)["size"].isna().tolist() == [True, False, True]
    moved = pd.concat([known[1:2].assign(service_type="DZR", valid_from="2007-01-01"),
                       known[1:2].assign(valid_from="2020-01-01")])
    assert superseded(moved, methodology)["size"].tolist() == ["DZR/residential/beds/20000-49999"]


def test_each_value_stands_beside_those_of_territories_of_a_similar_size(region, methodology):
    services = with_population(region.services, PLACES, year=2025)
    table = compare(region.indicators, services, methodology, year=2025)
    beside = table[(table["peer_set"] == "size") & (table["indicator"] == "N01") & (table["year"] == 2025)]
    assert set(beside["peers"]) == {"DS/residential/beds/20000-49999"}  # in the third place there are but four
    assert len(beside) == beside["n_expected"].iloc[0] == beside["n_reported"].iloc[0] == 10
    assert beside["median"].iloc[0] == pytest.approx(beside["value"].median())
    plain = compare(region.indicators, region.services, methodology, year=2025)
    pd.testing.assert_frame_equal(table[table["peer_set"] != "size"].reset_index(drop=True), plain)


def test_a_class_of_size_is_said_in_words(methodology):
    speak("cs")
    said = views.peers_label("DS/residential/beds/20000-49999", methodology)
    assert said == "domovy pro seniory, pobytová, lůžka, správní obvody od 20\u00a0000 do 49\u00a0999 obyvatel"
    assert views.peers_label("100000+", methodology) == "správní obvody od 100\u00a0000 obyvatel"
