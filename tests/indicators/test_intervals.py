"""Intervals against published numbers and scipy."""

import numpy as np
import pytest
from scipy import stats

from kpsslib.indicators.intervals import poisson, wilson


@pytest.mark.parametrize(("count", "n", "low", "high"), [
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3 (score, without continuity correction).
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_wilson_gives_the_published_limits(count, n, low, high):
    found = wilson([count], [n])
    assert [found[0][0], found[1][0]] == pytest.approx([low, high], abs=5e-5)


def test_wilson_agrees_with_scipy_at_every_count():
    for count in range(31):
        expected = stats.binomtest(count, 30).proportion_ci(method="wilson")
        low, high = wilson([count], [30])
        assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_mirrors_when_the_opposite_is_counted():
    low, high = wilson([7.0], [40])
    other_low, other_high = wilson([33.0], [40])
    assert (low[0], high[0]) == pytest.approx((1 - other_high[0], 1 - other_low[0]))


@pytest.mark.parametrize(("count", "low", "high"), [
    # Garwood (1936), table of fiducial limits, 95 %.
    (0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904),
])
def test_poisson_gives_the_published_limits(count, low, high):
    found = poisson([count])
    assert [found[0][0], found[1][0]] == pytest.approx([low, high], abs=1e-4)


@pytest.mark.parametrize(("expected", "low", "high"), [
    # Limits of a funnel plot for expected counts, as FunnelPlotR 0.6.0 prints them.
    (15, .5596924, 1.649348), (20, .6108260, 1.544419), (30, .6746958, 1.427562),
])
def test_poisson_gives_the_limits_of_funnelplotr(expected, low, high):
    found = poisson([expected])
    assert [found[0][0] / expected, found[1][0] / expected] == pytest.approx([low, high], abs=1e-6)


def test_poisson_agrees_with_the_chi_square_quantiles_of_scipy():
    counts = np.arange(1, 60)
    low, high = poisson(counts)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * counts) / 2)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * counts + 2) / 2)


def test_no_interval_where_there_is_nothing_to_count():
    assert np.isnan(np.concatenate(wilson([np.nan, 3, -1, 5], [10, 0, 10, 4]))).all()
    assert np.isnan(np.concatenate(poisson([np.nan, -1]))).all()
