"""p-values beside the median, and their adjustment for many indicators at once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm

from kpsslib.comparison.positions import adjusted, beside_others, p_value, swinging
from kpsslib.indicators.intervals import poisson, wilson
from tests import oracle_comparison as oracle


def counted(kind, count, size, share, factor=100.0):
    low, high = (wilson if kind == "proportion" else poisson)(np.array(count, float), *(
        [np.array(size, float)] if kind == "proportion" else []))
    if kind == "rate":
        low, high = low / size, high / size
    return pd.DataFrame(dict(kind=kind, by_log=False, value=factor * np.array(count) / size, low=factor * low,
                             high=factor * high, median=factor * share, numerator=np.array(count, float),
                             denominator=np.array(size, float), factor=factor, flag="ok"))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["proportion", "rate"]), st.integers(0, 40), st.integers(41, 300), st.floats(0.01, 0.99))
def test_p_is_under_five_per_cent_exactly_where_the_interval_leaves_the_median_out(kind, count, size, share):
    row = counted(kind, [count], [size], share)
    p = p_value(row).iloc[0]
    outside = (row["low"] > row["median"]).iloc[0] or (row["high"] < row["median"]).iloc[0]
    assert (p < 0.05) == outside or p == pytest.approx(0.05, abs=1e-9)
    assert 0 <= p <= 1


def test_rates_by_hand():
    """No event where 5 are expected: e^-5 in the lower tail, twice."""
    assert p_value(counted("rate", [0], [50], 0.1)).iloc[0] == pytest.approx(2 * np.exp(-5))


def test_amounts_by_hand():
    row = pd.DataFrame(dict(kind="money", by_log=True, value=[110.0], low=110 / 1.1, high=110 * 1.1, median=100.0,
                            numerator=1.0, denominator=1.0, factor=1.0, flag="ok"))
    assert p_value(row).iloc[0] == pytest.approx(2 * norm.sf(1.959964), abs=1e-7)
    plain = row.assign(kind="ratio", by_log=False, value=5.0, low=0.0, high=7.0, median=3.0)  # cut at nil below
    assert p_value(plain).iloc[0] == pytest.approx(2 * norm.sf(1.959964), abs=1e-7)


def test_nothing_is_tested_against_nil_or_all():
    assert p_value(counted("proportion", [3, 0], [50, 50], 0.0)).isna().all()
    assert p_value(counted("proportion", [47], [50], 1.0)).isna().all()
    assert p_value(counted("rate", [3], [50], 0.0)).isna().all()
    flagged = counted("rate", [3], [50], 0.1).assign(flag="out_of_range")
    assert p_value(flagged).isna().all()
    assert p_value(counted("rate", [3], [50], np.nan)).isna().all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.floats(0, 1), st.just(np.nan))), max_size=40))
def test_adjusted_as_scipy(rows):
    table = pd.DataFrame(rows, columns=["family", "p"], dtype=float)
    found = adjusted(table["p"], table["family"])
    for _, part in table.dropna().groupby("family"):
        assert found[part.index].to_numpy() == pytest.approx(false_discovery_control(part["p"].to_numpy()))
    assert found[table["p"].isna()].isna().all()


def test_the_example_of_benjamini_and_hochberg():
    """Their table 1: 15 p-values of which the method at 5 % keeps the four smallest, Bonferroni three."""
    p = pd.Series([.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1])
    family = pd.Series(0, p.index)
    assert (adjusted(p, family) <= 0.05).sum() == 4
    assert (p * 15 <= 0.05).sum() == 3


@pytest.mark.parametrize("n", [5, 9, 20])
def test_equal_services_beside_the_median_of_others_are_called_different_as_rarely_as_said(n):
    """20,000 values beside the median of n more of the same distribution."""
    drawn = np.random.default_rng(n).normal(size=(20_000, n + 1))
    apart = pd.Series(drawn[:, 0] - np.median(drawn[:, 1:], axis=1))
    plain = pd.Series(2 * norm.sf(apart.abs()))
    assert (plain < 0.05).mean() > 0.055
    assert (beside_others(plain, np.full(20_000, n)) < 0.05).mean() == pytest.approx(0.05, abs=0.005)


def test_twice_the_swing_is_half_the_score():
    p = pd.Series([2 * norm.sf(3.0), 1.0, 0.0, np.nan])
    assert swinging(p, pd.Series(4.0, p.index)).tolist() == pytest.approx([2 * norm.sf(1.5), 1, 0, np.nan], nan_ok=True)
    assert swinging(p, pd.Series(1.0, p.index)).tolist() == pytest.approx(p.tolist(), nan_ok=True)


def test_without_others_or_a_value_there_is_no_p():
    found = beside_others(pd.Series([np.nan, 1.0, 0.0]), np.array([9, 0, 9]))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from("ab")), min_size=1, max_size=14))
def test_adjusted_is_the_least_level_at_which_the_procedure_rejects(rows):
    p, family = pd.Series([one for one, _of in rows]), pd.Series([of for _one, of in rows])
    found = adjusted(p, family)
    for of in set(family):
        own = family == of
        assert found[own].tolist() == pytest.approx(oracle.benjamini_hochberg(p[own].tolist()), abs=1e-12)
