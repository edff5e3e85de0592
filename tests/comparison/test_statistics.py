"""Median, quartiles, percentiles, weighted values and rank intervals: by hand and against the slow implementation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.comparison.statistics import can_be_summed, describe, percentile, rank_interval
from kpsslib.methodology import Formula

_SETS = st.lists(st.tuples(st.integers(0, 3), st.integers(-20, 20), st.integers(0, 15), st.integers(0, 15)), min_size=1,
                 max_size=40)


def one_set(values):
    return pd.Series(values, dtype=float), pd.Series(0, index=range(len(values)))


def test_quartiles_are_those_of_r_and_excel():
    # R: quantile(c(1, 2, 4, 7, 11, 16)) gives 2.5, 5.5, 10.
    row = describe(*one_set([16, 1, 7, 2, 11, 4])).iloc[0]
    assert (row["n"], row["q1"], row["median"], row["q3"]) == (6, 2.5, 5.5, 10.0)


def test_missing_values_do_not_count():
    row = describe(*one_set([1, np.nan, 3])).iloc[1]
    assert (row["n"], row["median"]) == (2, 2.0)


def test_percentile_of_the_best_the_worst_and_of_equals():
    assert percentile(*one_set([1, 2, 2, 3])).tolist() == [0, 50, 50, 100]
    assert percentile(*one_set([5, 5, 5])).tolist() == [50, 50, 50]
    assert percentile(*one_set([5])).isna().all()


def test_rank_interval_by_hand():
    # The first is certainly better than the third only; the second overlaps both.
    found = rank_interval(pd.Series([8, 4, 1]), pd.Series([10, 9, 5]), pd.Series([0, 0, 0]))
    assert found.values.tolist() == [[1, 2], [1, 3], [2, 3]]


def test_touching_intervals_are_not_certain():
    found = rank_interval(pd.Series([1, 2]), pd.Series([2, 3]), pd.Series([0, 0]))
    assert found.values.tolist() == [[1, 2], [1, 2]]


@given(_SETS)
def test_every_statistic_agrees_with_the_slow_one(make, rows):
    table = pd.DataFrame(rows, columns=["cell", "value", "down", "up"], dtype=float)
    described, places = describe(table["value"], table["cell"]), percentile(table["value"], table["cell"])
    ranks = rank_interval(table["value"] - table["down"], table["value"] + table["up"], table["cell"])
    for _, part in table.groupby("cell"):
        values = part["value"].tolist()
        intervals = list(zip(part["value"] - part["down"], part["value"] + part["up"], strict=True))
        for i, at in enumerate(part.index):
            slow = [make.oracle.quantile(values, share) for share in (0.25, 0.5, 0.75)]
            assert described.loc[at, ["q1", "median", "q3"]].tolist() == pytest.approx(slow)
            assert tuple(ranks.loc[at]) == make.oracle.ranks(intervals, i, "higher")
            if len(values) > 1:
                assert places[at] == pytest.approx(make.oracle.percentile(values, i, "higher"))


@pytest.mark.parametrize(("formula", "yes"), [
    ("cost_total - cost_optional", True), ("bed_days", True), ("capacity_beds * operating_days", True),
    ("bed_days * fee_ceiling", True), ("cost_staff * cost_staff", False), ("cost_total / bed_days", False),
    ("cost_total / 2", True), ("operating_days", False), ("1", False),
])
def test_only_what_doubles_with_the_service_is_summed(methodology, formula, yes):
    assert can_be_summed(Formula(formula), methodology) is yes
