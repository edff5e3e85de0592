"""What the whole comparison must not depend on: currency, order of rows, others who are no peers, and services' ids."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpsslib.comparison import all_reserves, attention, compare, frontiers, good_practice, with_population
from kpsslib.comparison.frontier import efficiency
from kpsslib.comparison.frontier_sets import _interval
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.indicators import compute

YEARS = range(2020, 2026)
KEYS = {
    "peers": ["unit_id", "form", "place"], "comparison": ["indicator", "unit_id", "form", "year", "peer_set"],
    "attention": ["service_id", "form", "year", "indicator", "kind"], "good_practice": ["service_id", "form"],
    "frontier": ["service_id", "form"], "reserves": ["service_id", "form", "indicator", "target"]}
IDS_OR_ROUNDINGS = ["mix", "less", "more", "peers"]  # columns of texts made of them
OF_MONEY = ["N01", "N03"]
PLACES = pd.DataFrame([dict(orp_code=f"0{i}", orp_name="", region_code="", year=2024, item=item, value=value, source="")
                       for i, value in enumerate((15_000.0, 33_000.0, 34_000.0))
                       for item, value in (("population", value), ("population_80", value ** 0.8))])
# A comparison takes two seconds, so few of them are drawn, and a failing one is not made smaller.
regions = settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.generate],
                   suppress_health_check=list(HealthCheck))
seeds = st.integers(1, 4)


def region(make, seed, **counts):
    """Services of different capacities, in places of few sizes, and their facts.

    Of services alike in all of the context the ids decide which are the nearest, so there are none.
    """
    services = make.services({"DS": 13, "OA": 9} | counts)
    capacity = np.random.default_rng(seed).permutation(len(services)) + 20.0
    return services.assign(capacity=capacity), make.facts(services, seed, YEARS)


def everything(facts, services, methodology):
    """All tables of page 03, in the order of their keys."""
    run = SimpleNamespace(methodology=methodology, peers_file=None)
    services = with_population(services, PLACES, year=2025)
    peers = nearest_peers(run, facts, services, PLACES, year=2025)
    table = compare(compute(facts, services, PLACES, methodology), services, methodology, year=2025, peers=peers)
    frontier = frontiers(facts, services, methodology, year=2025)
    made = {"peers": peers, "comparison": table, "attention": attention(table, services, methodology, year=2025),
            "good_practice": good_practice(table, services, methodology, year=2025), "frontier": frontier,
            "reserves": all_reserves(table, facts, services, methodology, peers=peers, frontier=frontier)}
    return {name: ordered(name, one) for name, one in made.items()}


def ordered(name, table):
    return table.sort_values(KEYS[name], ignore_index=True)


def same(made, other, without=()):
    for name in made:
        left = [column for column in without if column in made[name]]
        pd.testing.assert_frame_equal(*(tables[name].drop(columns=left) for tables in (made, other)), obj=name,
                                      rtol=1e-7)


@regions
@given(seeds)
def test_the_order_of_rows(methodology, make, seed):
    services, facts = region(make, seed)
    mixed = (table.sample(frac=1, random_state=seed) for table in (facts, services))
    same(everything(facts, services, methodology), everything(*mixed, methodology))


@regions
@given(seeds, st.integers(0, 99))
def test_the_names_of_services(methodology, make, seed, draw):
    """Every service takes the id of another one; what is told of it stays."""
    services, facts = region(make, seed)
    ids = services["service_id"].unique().tolist()
    named = dict(zip(ids, np.random.default_rng(draw).permutation(ids), strict=True))
    other = everything(*(table.assign(service_id=table["service_id"].map(named)) for table in (facts, services)),
                       methodology)
    back = {new: old for old, new in named.items()}
    for name, table in other.items():
        ids = {column: table[column].map(back).fillna("") for column in ("service_id", "unit_id", "peer_id")
               if column in table}
        other[name] = ordered(name, table.assign(**ids))
    same(everything(facts, services, methodology), other, without=IDS_OR_ROUNDINGS)


def test_what_is_drawn_for_a_frontier_is_no_matter_of_names():
    random = np.random.default_rng(2)
    names = [f"u{number:02}" for number in range(20)]
    inputs = pd.DataFrame(random.uniform(1, 5, (20, 2)), names, ["posts", "costs"])
    outputs = pd.DataFrame({"care": inputs.sum(axis=1) * random.uniform(0.5, 1, 20)})
    first = _interval(efficiency(inputs, outputs), 1).scores
    other = dict(zip(names, random.permutation(names), strict=True))
    inputs, outputs = (side.rename(index=other).sort_index() for side in (inputs, outputs))
    second = _interval(efficiency(inputs, outputs), 1).scores
    assert first.notna().all(axis=None)
    assert second.loc[[other[name] for name in names]].to_numpy() == pytest.approx(first.loc[names].to_numpy())


@regions
@given(seeds, st.sampled_from([0.01, 1 / 25, 1000.0]))
def test_the_currency(methodology, make, seed, factor):
    services, facts = region(make, seed)
    money = facts["item"].str.startswith("cost")
    made = everything(facts, services, methodology)
    other = everything(facts.assign(value=facts["value"].where(~money, facts["value"] * factor)), services, methodology)
    amounts = {"comparison": ["value", "low", "high", "shrunk", "weighted", "median", "q1", "q3"],
               "attention": ["value", "median", "gap", "previous"]}
    for name, columns in amounts.items():
        rows = made[name]["indicator"].isin(OF_MONEY)
        other[name] = other[name].assign(**{
            column: other[name][column].where(~rows, other[name][column] / factor) for column in columns})
    assert (other["reserves"]["amount_czk"] / made["reserves"]["amount_czk"]).to_numpy() == pytest.approx(factor)
    kept = {name: made[name].columns.intersection(["certain", "efficient", "score", "corrected", "candidate"])
            for name in made}
    same({name: made[name][[*KEYS[name], *kept[name]]] if name in ("frontier", "reserves") else made[name]
          for name in made},
         {name: other[name][[*KEYS[name], *kept[name]]] if name in ("frontier", "reserves") else other[name]
          for name in other}, without=["numerator", "denominator"])


@regions
@given(seeds, st.integers(1, 8))
def test_services_of_another_type_and_group(methodology, make, seed, n):
    services, facts = region(make, seed)
    more, theirs = region(make, seed + 1, DS=0, OA=0, CHB=n)
    made = everything(facts, services, methodology)
    other = everything(pd.concat([facts, theirs]), pd.concat([services, more]), methodology)
    for name, table in other.items():
        unit = table["unit_id" if "unit_id" in table else "service_id"]
        other[name] = table[~unit.str.startswith("CHB")].reset_index(drop=True)
    same(made, other)
