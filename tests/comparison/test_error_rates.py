"""Among services that differ by nothing but chance, hardly any is called good practice or told of a certain reserve."""

import pytest

from benchmarks.error_rates import YEARS, called, called_beside_planted, equal_regions, rates
from kpsslib.comparison.attention import ERROR_RATE as OF_ATTENTION
from kpsslib.comparison.good_practice import ERROR_RATE as OF_GOOD_PRACTICE
from kpsslib.comparison.reserves import ERROR_RATE as OF_RESERVES
from kpsslib.methodology import load
from kpsslib.workspace import project_root

REGIONS = 20  # the benchmark draws 200


@pytest.fixture(scope="module")
def agreed():
    return load(project_root() / "parameters" / "methodology")


@pytest.fixture(scope="module")
def measured(agreed):
    found = called(agreed, REGIONS, seed=1000)
    assert len(found) == REGIONS
    assert found["services"].sum() == 42 * REGIONS
    return {name: share for name, share, *_ in rates(found)}


def test_services_of_equals_differ_from_year_to_year_and_not_for_good(agreed):
    services, facts, _places = equal_regions(agreed, 2, 7)
    assert services["orp_code"].value_counts().tolist() == [42, 42]
    wide = facts[facts["item"].isin(["cost_total", "bed_days"])].pivot(
        index=["service_id", "year"], columns="item", values="value").dropna()
    cost = (wide["cost_total"] / wide["bed_days"]).unstack("year").dropna()
    cost = cost / cost.median()
    assert list(cost) == list(YEARS)
    between_years = cost.corr().to_numpy()
    assert abs(between_years[between_years < 1].mean()) < 0.5


def test_good_practice_is_not_found_where_there_is_none(measured):
    assert measured["candidate"] <= OF_GOOD_PRACTICE


def test_no_more_than_the_stated_share_has_a_certain_reserve(measured):
    assert measured["certain"] <= OF_RESERVES
    assert measured["certain"] <= measured["low over zero"]


def test_without_the_uncertainty_of_the_target_it_would_be_more(measured):
    assert measured["before: low over the quartile"] > 2 * OF_RESERVES


def test_about_one_in_five_is_listed_for_attention(measured):
    assert measured["listed"] <= 1.25 * OF_ATTENTION  # 20 regions are right within a quarter
    assert measured["listed as different"] <= 0.15


def test_the_frontier_would_call_most_of_them_worse(measured):
    """Why a reserve against the frontier is never certain."""
    assert measured["frontier"] > 0.4


def test_what_is_planted_is_found_and_nothing_else_more_often_than_stated(agreed):
    found = called_beside_planted(agreed, REGIONS, seed=1000)
    assert found["services"].sum() == 40 * REGIONS
    assert found["planted good_practice"].mean() > 0.9
    assert found["planted reserve"].mean() > 0.5
    for name, stated in (("candidate", OF_GOOD_PRACTICE), ("certain", OF_RESERVES)):
        assert found[name].sum() / found["services"].sum() <= stated
    assert found[["holder with a certain reserve", "reserve called a candidate"]].sum().sum() == 0
