"""Candidates for good practice by the rules of the docstring, on made-up comparisons."""

import pandas as pd
import pytest

from kpsslib.comparison import good_practice


def row(indicator, year=2025, position="better", value=1.0, unit_id="DS000", **changes):
    """A value in the better quartile of a cost (q1 = 2, q3 = 4); as `good` for an indicator where more is better."""
    return dict(indicator=indicator, unit_id=unit_id, form="residential", year=year, round="actual", peer_set="type",
                peers="DS/residential/beds", value=value, low=0.9, high=1.1, n_reported=9, n_expected=9, weighted=3.0,
                median=3.0, q1=2.0, q3=4.0, percentile=90.0, rank_low=1, rank_high=2, position=position, trend="stable",
                flag="ok") | changes


def good(indicator, **changes):
    return row(indicator, **({"value": 5.0} | changes))


def ask(rows, region, methodology, **changes):
    table = good_practice(pd.DataFrame(rows), region.services, methodology, year=2025, **changes)
    return table.set_index("service_id")


def years(*make_rows):
    return [one | {"year": year} for year in (2023, 2024, 2025) for one in make_rows]


def test_two_dimensions_in_three_years_are_a_candidate(region, methodology):
    found = ask(years(row("N01"), good("P06")), region, methodology).loc["DS000"]
    assert found[["candidate", "years_held", "dimensions", "blocked_by"]].tolist() == [True, 3, "cost, staff", ""]


def test_two_indicators_of_one_dimension_are_one(region, methodology):
    found = ask(years(row("N01"), row("N03")), region, methodology).loc["DS000"]
    assert (found["candidate"], found["dimensions"]) == (False, "cost")
    assert "1" in found["blocked_by"]
    assert "2" in found["blocked_by"]


@pytest.mark.parametrize("held", [[2025], [2024], []])
def test_one_year_is_not_enough(region, methodology, held):
    rows = [one | ({} if one["year"] in held else {"position": "indistinct"}) for one in years(row("N01"), good("P06"))]
    found = ask(rows, region, methodology).loc["DS000"]
    assert (found["candidate"], found["years_held"]) == (False, len(held))
    assert found["blocked_by"]


def test_needed_years_are_a_decision(region, methodology):
    rows = [row("N01"), good("P06")]
    assert not ask(rows, region, methodology).loc["DS000", "candidate"]
    assert ask(rows, region, methodology, years=1, needed=1).loc["DS000", "candidate"]


def test_worst_quartile_of_quality_blocks_and_is_named(region, methodology):
    found = ask(years(row("N01"), good("P06"), row("K01", position="indistinct", value=4.5)), region, methodology)
    assert not found.loc["DS000", "candidate"]
    assert "K01" in found.loc["DS000", "blocked_by"]


def test_worst_quartile_of_cost_alone_does_not_block(region, methodology):
    found = ask(years(good("V01"), good("P06"), row("N01", position="worse", value=5.0)), region, methodology)
    assert found.loc["DS000", "candidate"]


def test_the_edge_of_a_quartile_is_in_the_better_and_not_in_the_worse(region, methodology):
    rows = years(row("N01", value=2.0), good("P06", value=4.0), row("K01", value=4.0, position="indistinct"))
    assert ask(rows, region, methodology).loc["DS000", "candidate"]


def test_a_value_that_cannot_be_told_from_the_median_does_not_count(region, methodology):
    for position in ("indistinct", "no_interval"):
        rows = years(row("N01", position=position), good("P06", position=position))
        assert not ask(rows, region, methodology).loc["DS000", "candidate"]


def test_context_and_small_sets_are_not_judged(region, methodology):
    rows = years(row("N07", position="context"), row("N01", position="too_few"))
    assert ask(rows, region, methodology).empty


def test_the_territory_set_is_not_counted_again(region, methodology):
    rows = years(row("N01"), good("P06", peer_set="territory"))
    assert not ask(rows, region, methodology).loc["DS000", "candidate"]


def test_equal_services_hold_no_good_practice(region, methodology):
    rows = years(row("N01", value=3.0, q1=3.0, q3=3.0, position="indistinct"),
                 good("P06", value=3.0, q1=3.0, q3=3.0, position="indistinct"))
    found = ask(rows, region, methodology).loc["DS000"]
    assert (found["candidate"], found["dimensions"]) == (False, "")
