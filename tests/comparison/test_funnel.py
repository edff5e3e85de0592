"""Funnel limits: published numbers, exact sums, and properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from kpsslib.comparison import funnel
from tests import oracle
from tests import oracle_comparison as slow

# Made set of 12 units; phi and tau2 as FunnelPlotR's od_adjustment gives them (proportions, winsorised 10 %).
COUNTS = np.array([7, 22, 41, 15, 60, 9, 33, 28, 120, 14, 52, 5], float)
TOTALS = np.array([100, 250, 300, 140, 520, 130, 260, 310, 800, 90, 400, 75], float)


def test_exact_limits_of_rates():
    """FunnelPlotR 0.6.0: limits of observed / expected for 15, 20 and 30 expected events."""
    low, high = funnel.rate_limits([15, 20, 30], 0.95)
    assert low == pytest.approx([0.5596924, 0.610826, 0.6746958], abs=5e-8)
    assert high == pytest.approx([1.649348, 1.544419, 1.427562], abs=5e-7)
    low, high = funnel.rate_limits([15, 20, 30], 0.998)
    assert low == pytest.approx([0.386265, 0.4479107, 0.5289724], abs=5e-7)
    assert high == pytest.approx([2.082907, 1.902094, 1.702771], abs=5e-7)


def test_over_dispersion():
    values, errors = np.arcsin(np.sqrt(COUNTS / TOTALS)), 0.5 / np.sqrt(TOTALS)
    target = np.arcsin(np.sqrt(COUNTS.sum() / TOTALS.sum()))
    found = funnel.dispersion((values - target) / errors, errors)
    assert found == pytest.approx((1.476787445027, 5.70327528802e-4), abs=1e-12)


def test_under_ten_units_nothing_is_estimated():
    assert np.isnan(funnel.dispersion(np.ones(9), np.ones(9))).all()
    assert np.isfinite(funnel.dispersion(np.ones(10), np.ones(10))).all()


@pytest.mark.parametrize("target", [0.02, 0.3, 0.97])
def test_limits_of_proportions_leave_out_as_much_as_they_say(target):
    """By summing the distribution: whole counts under the lower limit have at most 2.5 %, with the next one more."""
    totals = np.array([12, 60, 300])
    low, high = funnel.proportion_limits(target, totals, 0.95)
    for n, below, above in zip(totals, low * totals, high * totals, strict=True):
        chances = binom.pmf(np.arange(n + 1), n, target)
        assert chances[np.arange(n + 1) < below - 1e-9].sum() <= 0.025 + 1e-12 or below == 0
        assert chances[np.arange(n + 1) > above + 1 + 1e-9].sum() <= 0.025 + 1e-12
        assert 0 <= below <= n * target <= above <= n


def test_limits_of_rates_by_summing():
    """At the upper limit k of 20 expected, k + 1 or more is rarer than 2.5 %; at the lower, k - 1 or fewer."""
    low, high = funnel.rate_limits([20], 0.95)
    assert poisson.sf(np.ceil(high[0] * 20), 20) < 0.025
    assert poisson.cdf(np.floor(low[0] * 20) - 1, 20) < 0.025


def test_larger_units_have_narrower_limits():
    for low, high in (funnel.rate_limits([5, 50, 500], 0.95),
                      funnel.proportion_limits(0.2, np.array([20, 200, 2000]), 0.95)):
        assert (np.diff(low) > 0).all()
        assert (np.diff(high) < 0).all()


def test_money_is_symmetric_on_the_logarithm():
    low, high = funnel.money_limits(1000.0, 0.1, 0.95)
    assert low * high == pytest.approx(1000.0**2)
    assert high / 1000 == pytest.approx(np.exp(0.1 * 1.959963984540054))


levels = st.sampled_from(funnel.LEVELS)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), levels)
def test_limits_of_rates_are_those_of_the_slow_implementation(expected, level):
    """The means at which the expected count or more, and it or fewer, are as rare as the level says."""
    limits = [float(side[0]) * expected for side in funnel.rate_limits([expected], level)]
    assert limits == pytest.approx(oracle.poisson(expected, (1 - level) / 2), rel=1e-8)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.02, 0.98), st.integers(1, 200), levels)
def test_limits_of_proportions_are_those_of_the_slow_implementation(target, n, level):
    limits = [float(side[0]) for side in funnel.proportion_limits(target, np.array([n]), level)]
    tail = (1 - level) / 2
    assert limits == pytest.approx([slow.share_limit(target, n, tail), slow.share_limit(target, n, 1 - tail)], abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-8, 8), st.floats(0.01, 2)), min_size=10, max_size=25))
def test_dispersion_is_that_of_the_slow_implementation(rows):
    scores, errors = np.array(rows).T
    assert funnel.dispersion(scores, errors) == pytest.approx(slow.dispersion(*zip(*rows, strict=True)), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e7), st.floats(1e-3, 1), levels)
def test_limits_of_money_hold_as_much_of_the_logarithms_as_they_say(target, noise, level):
    low, high = funnel.money_limits(target, noise, level)
    assert math.erf(math.log(high / low) / 2 / noise / math.sqrt(2)) == pytest.approx(level, abs=1e-6)
    assert math.sqrt(low * high) == pytest.approx(target)
