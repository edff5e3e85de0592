"""Forecasting methods: values by hand, a slow second implementation, properties, published accuracy."""

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpsslib.financing.backtest import change_scale
from kpsslib.financing.methods import (
    DEFAULT,
    METHODS,
    damped_trend,
    drift,
    last_value,
    pooled_growth,
    shrunk_drift,
    theta,
)

NAN = math.nan
ONE = np.zeros(1, dtype=int)


def panel(*rows):
    return np.array(rows, dtype=float)


@pytest.fixture(scope="module")
def random_panel():
    random = np.random.default_rng(5)
    history = 1000 * np.exp(np.cumsum(random.normal(0.04, 0.05, (30, 8)), axis=1))
    history[random.random(history.shape) < 0.1] = NAN
    history[:, 5] = np.where(np.isnan(history).all(axis=1), 1.0, history[:, 5])
    return history, np.repeat([0, 1, 2], 10)


def test_last_value_and_drift_by_hand():
    history = panel([10, NAN, 14, 16], [10, 12, NAN, NAN])
    np.testing.assert_allclose(last_value(history, 2, ONE), [[16, 16], [12, 12]])
    # Slope 2 a year; the second row is known two years before the last column, so its first step is three ahead.
    np.testing.assert_allclose(drift(history, 2, ONE), [[18, 20], [18, 20]])


def test_shrunk_drift_by_hand():
    """Changes 2, 0, 4: mean 2, variance 4, of the mean 4/3; so 1 - (4/3)/4 = 2/3 of the drift is kept."""
    history = panel([10, 12, 12, 16], [10, 13, 9, 10.5], [5, 8, NAN, NAN])
    np.testing.assert_allclose(shrunk_drift(history, 2, ONE)[0], [16 + 4 / 3, 16 + 8 / 3])
    np.testing.assert_allclose(shrunk_drift(history, 2, ONE)[1:], [[10.5] * 2, [8] * 2])


def test_theta_of_a_line_drifts_by_half_its_slope():
    """Smoothing with a = 1 follows a line exactly: the level is the last value and the drift half the slope."""
    np.testing.assert_allclose(theta(panel([1, 3, 5, 7, 9]), 3, ONE), [[10, 11, 12]])


def test_pooled_growth_of_peers_growing_alike_is_their_damped_growth():
    history = panel([100, 110, 121], [200, 220, 242], [50, 55, 60.5])
    forecast = pooled_growth(history, 2, np.zeros(3, dtype=int))
    np.testing.assert_allclose(forecast[0], [121 * 1.1**0.9, 121 * 1.1 ** (0.9 + 0.81)])
    np.testing.assert_allclose(forecast[1], 2 * forecast[0])


def test_pooled_growth_draws_an_outlier_to_its_peers():
    history = panel([100, 110, 121], [100, 111, 121], [100, 109, 121], [100, 150, 225])
    forecast = pooled_growth(history, 1, np.zeros(4, dtype=int))
    assert forecast[3, 0] / 225 < 1.5**0.9
    assert forecast[0, 0] == pytest.approx(121 * 1.1**0.9, rel=0.01)


def test_series_with_zeros_or_negative_values_keep_the_last_value():
    history = panel([0, 0, 5], [-3, 2, 4], [0, 0, 0])
    np.testing.assert_allclose(pooled_growth(history, 2, np.zeros(3, dtype=int)), [[5, 5], [4, 4], [0, 0]])


def test_one_year_takes_the_growth_of_its_peers():
    history = panel([100, 110, 121], [NAN, NAN, 10.0])
    assert pooled_growth(history, 1, np.zeros(2, dtype=int))[1, 0] == pytest.approx(10 * 1.1**0.9)


def slow_damped_trend(row, steps):
    known = [(t, y) for t, y in enumerate(row) if not math.isnan(y)]
    (first, start), (last, end) = known[0], known[-1]
    best = None
    for a in (0.3, 0.6, 0.9):
        for b in (0.1, 0.3):
            for p in (0.8, 0.9, 0.98):
                level, trend, squares = start, (end - start) / max(last - first, 1), 0.0
                for t in range(first + 1, len(row)):
                    guess = level + p * trend
                    if math.isnan(row[t]):
                        level, trend = guess, p * trend
                        continue
                    squares += (row[t] - guess) ** 2
                    new = a * row[t] + (1 - a) * guess
                    trend = b * (new - level) + (1 - b) * p * trend
                    level = new
                if best is None or squares < best[0]:
                    best = squares, level, trend, p
    _squares, level, trend, p = best
    return [level + trend * sum(p**j for j in range(1, k + 1)) for k in range(1, steps + 1)]


def test_damped_trend_equals_the_slow_one(random_panel):
    history, pool = random_panel
    expected = [slow_damped_trend(row, 3) for row in history]
    np.testing.assert_allclose(damped_trend(history, 3, pool), expected, rtol=1e-9)


def slow_theta(row, steps):
    """Two lines, as Assimakopoulos and Nikolopoulos (2000): half the regression line, half the smoothed series."""
    known = [(t, y) for t, y in enumerate(row) if not math.isnan(y)]
    mean_t, mean_y = (sum(values) / len(known) for values in zip(*known, strict=True))
    below = sum((t - mean_t) ** 2 for t, _y in known)
    slope = sum((t - mean_t) * (y - mean_y) for t, y in known) / below if below else 0.0
    best = None
    for a in (step / 20 for step in range(1, 21)):
        level, squares = known[0][1], 0.0
        for _t, y in known[1:]:
            squares += (y - level) ** 2
            level = a * y + (1 - a) * level
        if best is None or squares < best[0]:
            best = squares, level, a
    _squares, level, a = best
    first, last = known[0][0], known[-1][0]
    gap = len(row) - 1 - last
    lag = sum((1 - a) ** j for j in range(last - first + 1))
    return [level + slope / 2 * (gap + k - 1 + lag) for k in range(1, steps + 1)]


def test_theta_equals_the_slow_one(random_panel):
    history, pool = random_panel
    np.testing.assert_allclose(theta(history, 3, pool), [slow_theta(row, 3) for row in history], rtol=1e-9)


def slow_pooled_growth(history, steps, pool):
    result = {}
    for code in set(pool):
        rows = [i for i in range(len(history)) if pool[i] == code]
        own, span, residuals, free = {}, {}, 0.0, 0
        for i in rows:
            known = [t for t in range(history.shape[1]) if not math.isnan(history[i, t])]
            span[i] = known[-1] - known[0]
            own[i] = (math.log(history[i, known[-1]]) - math.log(history[i, known[0]])) / span[i]
            changes = [math.log(history[i, t + 1] / history[i, t]) for t in known if t + 1 in known]
            residuals += sum((c - own[i]) ** 2 for c in changes)
            free += max(len(changes) - 1, 0)
        middle = median(own.values())
        noise = {i: residuals / free / span[i] for i in rows}
        spread = 1.4826 * median(abs(g - middle) for g in own.values())
        between = max(0.0, spread**2 - sum(noise.values()) / len(rows))
        for i in rows:
            limit = 3 * math.sqrt(between + noise[i])
            away = max(-limit, min(limit, own[i] - middle))
            growth = middle + between / (between + noise[i]) * away
            last = max(t for t in range(history.shape[1]) if not math.isnan(history[i, t]))
            gap = history.shape[1] - 1 - last
            result[i] = [history[i, last] * math.exp(growth * sum(0.9**j for j in range(1, gap + k + 1)))
                         for k in range(1, steps + 1)]
    return [result[i] for i in range(len(history))]


def test_pooled_growth_equals_the_slow_one(random_panel):
    history, pool = random_panel
    np.testing.assert_allclose(pooled_growth(history, 3, pool), slow_pooled_growth(history, 3, pool), rtol=1e-9)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
@settings(max_examples=25, deadline=None)
@given(factor=st.sampled_from([0.001, 1000.0, 25.0]), order=st.permutations(range(6)))
def test_unit_and_order_of_rows_do_not_matter(method, factor, order):
    history = 500 + 100 * np.random.default_rng(3).random((6, 7))
    pool = np.array([0, 0, 0, 1, 1, 1])
    forecast = method(history, 3, pool)
    np.testing.assert_allclose(method(history * factor, 3, pool), forecast * factor, rtol=1e-9)
    np.testing.assert_allclose(method(history[list(order)], 3, pool[list(order)]), forecast[list(order)], rtol=1e-9)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
@pytest.mark.parametrize("value", [0.0, 7.0, -2.0])
def test_constant_series_stay_constant(method, value):
    np.testing.assert_allclose(method(np.full((3, 6), value), 3, np.zeros(3, dtype=int)), value)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_an_unrelated_pool_and_years_nobody_knows_change_nothing(method, random_panel):
    history, pool = random_panel
    alone = method(history, 3, pool)
    others = np.vstack([history, 1e4 * history[:4, ::-1]])
    np.testing.assert_allclose(method(others, 3, np.append(pool, [9] * 4))[:30], alone, rtol=1e-12)
    np.testing.assert_allclose(method(np.hstack([np.full((30, 2), NAN), history]), 3, pool), alone, rtol=1e-9)


@given(start=st.floats(-1e6, 1e6), step=st.floats(-1e5, 1e5), years=st.integers(3, 12))
def test_drift_follows_a_line(start, step, years):
    line = start + step * np.arange(years + 4)
    for method in (drift, shrunk_drift):
        np.testing.assert_allclose(method(line[None, :years], 4, ONE)[0], line[years:], atol=1e-3)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_history_is_not_changed(method, random_panel):
    history, pool = random_panel
    before = history.copy()
    method(history, 3, pool)
    np.testing.assert_array_equal(history, before)


def test_naive_accuracy_on_tourism_is_the_published_one(tourism):
    """Athanasopoulos, Hyndman, Song and Wu (2011), International Journal of Forecasting 27, table 6: yearly, naive."""
    history, came = tourism
    error = np.abs(came - last_value(history, 4, np.zeros(len(history), dtype=int)))
    assert round(100 * (error / came).mean(), 2) == 23.61
    mase = (error / change_scale(history)[:, None]).mean(axis=0)
    assert [round(value, 2) for value in mase] == [1.58, 2.51, 3.54, 4.40]


def owa(method, tourism, years=99):
    """Error against the naive forecast of as many years: mean of the ratios of sMAPE and MASE (M4 competition)."""
    history, came = tourism
    short, pool = history[:, -years:], np.zeros(len(history), dtype=int)

    def errors(told):
        off = np.abs(came - told)
        return np.array([(off / (np.abs(came) + np.abs(told))).mean(), (off / change_scale(history)[:, None]).mean()])
    return (errors(method(short, 4, pool)) / errors(last_value(short, 4, pool))).mean()


def test_theta_on_tourism_is_that_of_r(tourism):
    """R forecast::thetaf on the same 518 series: MAPE 23.33, MASE 2.73 (Tcomp); another numpy Theta 23.26 and 2.73."""
    history, came = tourism
    error = np.abs(came - theta(history, 4, np.zeros(len(history), dtype=int)))
    assert 100 * (error / came).mean() == pytest.approx(23.33, abs=0.12)
    assert (error / change_scale(history)[:, None]).mean() == pytest.approx(2.73, abs=0.005)


@pytest.mark.parametrize(("name", "measured"), [("drift", 0.893), ("shrunk_drift", 0.905), ("theta", 0.913)])
def test_simple_methods_err_on_tourism_as_measured_elsewhere(tourism, name, measured):
    """OWA of the same methods written and measured independently on the same series."""
    assert owa(METHODS[name], tourism) == pytest.approx(measured, abs=0.002)


def test_pooled_growth_and_the_default_are_better_than_asked(tourism):
    """Asked is 0.899 of pooled growth and 0.875 of the default; on short series 0.900 and 0.905 (8 years)."""
    assert owa(pooled_growth, tourism) < 0.88
    assert owa(METHODS[DEFAULT], tourism) < 0.865
    assert owa(pooled_growth, tourism, 8) < 0.88
    assert owa(METHODS[DEFAULT], tourism, 8) < 0.895


def test_the_default_is_the_best_on_tourism(tourism):
    assert min(METHODS, key=lambda name: owa(METHODS[name], tourism)) == DEFAULT


@pytest.mark.parametrize("years", [4, 6, 8])
def test_pooled_growth_beats_the_naive_forecast_on_short_tourism_series(tourism, years):
    assert owa(pooled_growth, tourism, years) < 0.91
