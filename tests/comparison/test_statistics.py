"""Median, quartiles, percentiles and formulas: by hand and against the slow implementation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.comparison.statistics import by_formula, can_be_summed, describe, percentile
from kpsslib.methodology import Formula

_SETS = st.lists(st.tuples(st.integers(0, 3), st.integers(-20, 20)), min_size=1,
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


@given(_SETS)
def test_every_statistic_agrees_with_the_slow_one(make, rows):
    table = pd.DataFrame(rows, columns=["cell", "value"], dtype=float)
    described, places = describe(table["value"], table["cell"]), percentile(table["value"], table["cell"])
    for _, part in table.groupby("cell"):
        values = part["value"].tolist()
        for i, at in enumerate(part.index):
            slow = [make.oracle.quantile(values, share) for share in (0.25, 0.5, 0.75)]
            assert described.loc[at, ["q1", "median", "q3"]].tolist() == pytest.approx(slow)
            if len(values) > 1:
                assert places[at] == pytest.approx(make.oracle.percentile(values, i, "higher"))


@pytest.mark.parametrize(("formula", "yes"), [
    ("cost_total - cost_optional", True), ("bed_days", True), ("capacity_beds * operating_days", True),
    ("bed_days * fee_ceiling", True), ("cost_staff * cost_staff", False), ("cost_total / bed_days", False),
    ("cost_total / 2", True), ("operating_days", False), ("1", False),
])
def test_only_what_doubles_with_the_service_is_summed(methodology, formula, yes):
    assert can_be_summed(Formula(formula), methodology) is yes


def test_a_changed_formula_is_counted_and_has_its_own_factor(make, methodology):
    earlier = [dict(last_year=2019, numerator="cost_total", denominator="capacity_beds", scale=30.0,
                    why=dict(cs="a", en="a")),
               dict(last_year=2021, numerator="cost_total", denominator="bed_days * bed_days",
                    why=dict(cs="b", en="b"))]
    one = make.indicator("N01", earlier=earlier)
    table = pd.DataFrame({"indicator": "N01", "year": [2018, 2020, 2022]}, index=[7, 3, 5])
    found = by_formula(table, methodology.model_copy(update={"indicators": {"N01": one}}))
    assert found.index.tolist() == [7, 3, 5]
    assert found["formula"].tolist() == [0, 1, 2]
    assert found["factor"].tolist() == [30, 1, 1]
    assert found["scale"].isna().tolist() == [False, True, False]
