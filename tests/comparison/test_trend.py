"""Exact Kendall test and Theil-Sen slope: against scipy, all orders, and by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpsslib.comparison.trend import p_value, slope, trend


def series(values, direction="lower", start=2018, period=0):
    table = pd.DataFrame({"year": range(start, start + len(values)), "deviation": values})
    return table.assign(indicator="X", peers="A", unit_id="s", form="residential", period=period, direction=direction)


def test_p_values_are_those_of_scipy_at_every_score():
    for n in range(4, 10):
        for order in itertools.islice(itertools.permutations(range(n)), 0, 5000, 137):
            tau, p = stats.kendalltau(range(n), order, method="exact")
            assert p_value(n, round(tau * n * (n - 1) / 2)) == pytest.approx(p)


def test_p_values_are_shares_of_all_orders(make):
    assert p_value(5, 8) == pytest.approx(make.oracle.kendall_p([1, 2, 3, 5, 4]))
    # n = 4 fully rising gives .0833, n = 5 with S = 8 too (scipy, exact).
    assert p_value(4, 6) == pytest.approx(0.0833, abs=5e-5)
    assert p_value(5, 8) == pytest.approx(0.0833, abs=5e-5)


@pytest.mark.parametrize(("n", "score", "one_sided"), [
    (4, 6, 0.0416667), (5, 10, 0.0083333), (5, 8, 0.0416667), (6, 15, 0.0013889)])
def test_published_exact_tables(n, score, one_sided):
    """Gilbert (1987), Statistical Methods for Environmental Pollution Monitoring, table A18; one tail of two."""
    assert p_value(n, score) / 2 == pytest.approx(one_sided, abs=5e-8)


def test_a_changed_method_starts_the_series_anew():
    values = [0.5, 0.4, 0.3, 0.2, 0.1, 0.0, -0.1, -0.2]
    assert trend(series(values)).iloc[-1] == "improving"
    assert trend(series(values, period=[0, 0, 0, 0, 1, 1, 1, 1])).tolist() == ["too_short"] * 8
    assert trend(series(values, period=[0, 0, 0, 1, 1, 1, 1, 1])).iloc[-1] == "improving"


def test_five_falling_years_are_an_improvement_of_a_cost_and_four_are_too_short():
    assert trend(series([0.2, 0.1, 0.0, -0.1, -0.2])).tolist() == ["too_short"] * 4 + ["improving"]


@pytest.mark.parametrize(("direction", "word"), [
    ("lower", "worsening"), ("higher", "improving"), ("none", "rising"), ("band", "rising")])
def test_the_word_follows_the_direction(direction, word):
    assert trend(series([1.0, 2, 3, 4, 5, 6], direction)).iloc[-1] == word


def test_up_and_down_is_stable_and_so_are_equals():
    assert trend(series([0.0, 1, -1, 1, -1, 0, 1])).iloc[-1] == "stable"
    assert trend(series([0.0] * 8)).iloc[-1] == "stable"


def test_missing_years_do_not_count():
    assert trend(series([5.0, np.nan, 4, np.nan, 3, 2])).iloc[-1] == "too_short"
    assert trend(series([5.0, np.nan, 4, 3, 2, 1])).iloc[-1] == "improving"


def test_theil_sen_by_hand_and_as_scipy():
    assert slope([2020, 2021, 2022], [1.0, 2.0, 9.0]) == 4.0
    years, values = np.arange(2018, 2026), np.array([3, 4, 9, 5, 7, 8, 8, 12.0])
    assert slope(years, values) == pytest.approx(stats.theilslopes(values, years).slope)
    assert np.isnan(slope([2020], [1.0]))
