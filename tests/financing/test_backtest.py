"""Back-test, choice of method and intervals."""

import math

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import backtest as backtesting
from kpsslib.financing.backtest import accuracy, backtest, change_scale, peers_needed, radii, size
from kpsslib.financing.judging import TOO_SHORT, judge
from kpsslib.financing.methods import DEFAULT, METHODS

NAN = math.nan


def test_errors_by_hand():
    """From 1, 2, 4 (mean change 1.5) the naive forecast of 7 errs by 3 and the drift (5.5) by 1.5."""
    tested = backtest(np.array([[1.0, 2, 4, 7]]), np.zeros(1, dtype=int), 2)
    table = accuracy(tested, np.array(["a"])).set_index("method")
    assert table.loc["last_value", ["mase", "n_forecasts"]].tolist() == [2.0, 1]
    assert table.loc["last_value", "mape"] == pytest.approx(3 / 7)
    assert table.loc["drift", "mase"] == pytest.approx(1.0)


def test_the_default_holds_where_nothing_could_be_told():
    tested = backtest(np.array([[5.0, 6, 5, 6, 5, 6, 5], [0, 0, 0, 0, 0, 0, 0]]), np.zeros(2, dtype=int), 3)
    table = accuracy(tested, np.array(["moving", "zero"]))
    zero = table[table["pool"] == "zero"]
    assert zero.loc[zero["chosen"], "method"].tolist() == [DEFAULT]
    assert zero["mase"].isna().all()
    assert zero["n_forecasts"].eq(0).all()


@pytest.mark.parametrize(("share", "chosen"), [(0.89, "drift"), (0.91, DEFAULT)])
def test_another_method_is_chosen_only_where_its_error_is_a_tenth_less(share, chosen):
    errors = np.full((len(METHODS), 1, 5, 1), 3.0)
    errors[list(METHODS).index("drift")] *= share
    ones = np.ones((1, 5))
    table = accuracy(backtesting.Tested(errors, np.ones((1, 5, 1)), ones, ones), np.array(["a"] * 5))
    assert table.loc[table["chosen"], "method"].tolist() == [chosen]


def test_of_methods_that_do_equally_well_the_simplest_is_chosen():
    errors = np.full((len(METHODS), 1, 5, 1), 2.0)
    errors[list(METHODS).index(DEFAULT)] = 3.0
    ones = np.ones((1, 5))
    table = accuracy(backtesting.Tested(errors, np.ones((1, 5, 1)), ones, ones), np.array(["a"] * 5))
    assert table.loc[table["chosen"], "method"].tolist() == ["last_value"]


def test_exact_drift_is_found():
    history = np.add.outer(np.array([100.0, 300, 50]), 7.0 * np.arange(8))
    table = accuracy(backtest(history, np.zeros(3, dtype=int), 3), np.array(["a"] * 3))
    assert table.loc[table["chosen"], "method"].item() == "drift"
    assert table.loc[table["chosen"], "mase"].item() == pytest.approx(0, abs=1e-9)


def test_missing_years_are_not_used_for_calibration():
    whole = backtest(np.array([[1.0, 2, 4, 7, 8]]), np.zeros(1, dtype=int), 1)
    holed = backtest(np.array([[1.0, 2, 4, NAN, 8]]), np.zeros(1, dtype=int), 1)
    assert (~np.isnan(whole.errors[0])).sum() == 2
    assert (~np.isnan(holed.errors[0])).sum() == 0


def test_change_scale_looks_at_neighbouring_years_only():
    np.testing.assert_allclose(change_scale(np.array([[1.0, 3, NAN, 9, 10], [5, NAN, 5, NAN, 5]])), [1.5, NAN])


@pytest.mark.parametrize(("level", "needed"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.5, 1)])
def test_peers_needed_for_a_level(level, needed):
    assert peers_needed(level) == needed


def test_radii_by_hand():
    """The 80 % radius of four errors is the largest, of nine the eighth; a step with three is widened by sqrt 2."""
    four = np.full((1, 4, 2), NAN)
    four[0, :, 0], four[0, :3, 1] = [0.5, -2, 1, 1.5], [9, 9, 9]
    nine = np.repeat(np.arange(1.0, 10).reshape(1, 9, 1), 2, axis=2)
    table = radii(np.concatenate([four, nine], axis=1), np.array(["four"] * 4 + ["nine"] * 9), 0.8)
    assert table.loc["four"].tolist() == pytest.approx([2, 2 * math.sqrt(2)])
    assert table.loc["nine"].tolist() == [8, 8]


def test_too_few_errors_give_no_interval():
    assert radii(np.ones((1, 3, 1)), np.array(["a"] * 3), 0.8).isna().all(axis=None)


def keys_of(types, item="cost_staff"):
    return pd.DataFrame({"service_id": [f"{i:07d}" for i in range(len(types))], "service_type": types,
                         "group": "PS1", "form": "residential", "item": item})


def test_a_small_panel_borrows_from_its_group_and_the_table_says_so():
    random = np.random.default_rng(1)
    known = 1e6 * np.exp(np.cumsum(random.normal(0.05, 0.03, (12, 8)), axis=1))
    judged = judge(keys_of(["DS"] * 10 + ["SZZ"] * 2), known, 3, 0.8)
    borrowed = judged.widened[["service_type", "borrowed_from"]].to_numpy().tolist()
    assert borrowed == [["SZZ", "PS1|residential|cost_staff"]]
    assert set(judged.accuracy["service_type"]) == {"DS", "SZZ"}
    assert np.isfinite(judged.radius).all()
    alone = judge(keys_of(["DS"] * 10), known[:10], 3, 0.8)
    np.testing.assert_allclose(judged.mid[:10], alone.mid)
    np.testing.assert_allclose(judged.radius[:10], alone.radius)


def test_short_series_grow_as_their_peers_do():
    known = np.vstack([np.outer(np.arange(1, 7), 1.05 ** np.arange(8)), [[NAN] * 7 + [5.0]]])
    judged = judge(keys_of(["DS"] * 7), known, 3, 0.8)
    assert judged.method[-1] == TOO_SHORT
    np.testing.assert_allclose(judged.mid[-1], 5 * 1.05 ** np.cumsum([0.9, 0.81, 0.729]))


def test_a_series_missing_at_the_end_has_the_interval_of_more_steps():
    random = np.random.default_rng(2)
    known = 1e6 * np.exp(np.cumsum(random.normal(0.0, 0.05, (40, 8)), axis=1))
    holed = known.copy()
    holed[0, -1] = NAN
    whole, late = judge(keys_of(["DS"] * 40), known, 3, 0.8), judge(keys_of(["DS"] * 40), holed, 3, 0.8)
    relative = late.radius[0] / size(holed)[0], whole.radius[1] / size(known)[1]
    assert (relative[0][:2] > relative[1][:2]).all()


def test_forecasts_of_amounts_are_not_negative_but_those_of_losses_may_be():
    falling = np.array([[50.0, 40, 30, 20, 10, 8, 4, 1]] * 5)
    assert (judge(keys_of(["DS"] * 5), falling, 3, 0.8).mid >= 0).all()
    assert (judge(keys_of(["DS"] * 5), falling - 60, 3, 0.8).mid < -50).all()


def test_intervals_cover_as_much_as_they_say():
    """Seeded random walks: 80 % intervals hold 80 % of what came, give or take what 400 series allow."""
    random = np.random.default_rng(11)
    paths = 1e6 * np.exp(np.cumsum(random.normal(0.04, 0.05, (400, 11)), axis=1))
    judged = judge(keys_of(["DS"] * 400), paths[:, :8], 3, 0.8)
    covered = np.abs(paths[:, 8:] - judged.mid) <= judged.radius
    assert (np.abs(covered.mean(axis=0) - 0.8) < 0.08).all()


def test_intervals_cover_on_real_tourism_series(tourism):
    history, came = tourism
    judged = judge(keys_of(["DS"] * len(history)), history[:, -8:], 4, 0.8)
    covered = (np.abs(came - judged.mid) <= judged.radius).mean(axis=0)
    assert (covered > 0.72).all()
    assert covered.mean() < 0.92


def test_every_method_is_in_the_table_once_a_panel(forecasts):
    assert (forecasts.accuracy.groupby(["service_type", "form", "item"])["method"].agg(list)
            .map(lambda found: found == list(METHODS))).all()
    assert forecasts.accuracy.groupby(["service_type", "form", "item"])["chosen"].sum().eq(1).all()
