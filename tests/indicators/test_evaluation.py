"""One indicator over a table of items, against values computed by hand."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.indicators import evaluate


def row(**items):
    return pd.DataFrame({k: [v] for k, v in items.items()})


def test_value_is_scale_times_numerator_over_denominator(make_indicator):
    found = evaluate(make_indicator(scale=2.0), row(cost=110.0, optional=10.0, days=4.0), 2025).iloc[0]
    assert (found.numerator, found.denominator, found.value, found.flag) == (100.0, 4.0, 50.0, "ok")
    assert np.isnan(found.low)
    assert np.isnan(found.high)


@pytest.mark.parametrize(("items", "flag"), [
    (dict(cost=110.0, days=4.0), "missing"),
    (dict(cost=110.0, optional=np.nan, days=4.0), "missing"),
    (dict(cost=110.0, optional=np.nan, days=0.0), "missing"),
    (dict(cost=110.0, optional=10.0, days=0.0), "zero_denominator"),
    (dict(cost=10.0, optional=10.0, days=0.0), "zero_denominator"),
    (dict(cost=110.0, optional=10.0, days=-4.0), "zero_denominator"),
])
def test_there_is_no_value_without_every_item_and_something_to_divide_by(make_indicator, items, flag):
    found = evaluate(make_indicator(), row(**items), 2025).iloc[0]
    assert np.isnan(found.value)
    assert found.flag == flag


def test_small_denominator_and_implausible_value_keep_their_value(make_indicator):
    careful = make_indicator(min_denominator=5, valid_range=[10.0, 30.0])
    items = pd.DataFrame({"cost": [100.0, 100.0, 310.0], "optional": 0.0, "days": [4.0, 5.0, 10.0]})
    found = evaluate(careful, items, 2025)
    assert found.value.tolist() == [25.0, 20.0, 31.0]
    assert found.flag.tolist() == ["small_denominator", "ok", "out_of_range"]


def test_zero_is_a_value_and_not_missing(make_indicator):
    found = evaluate(make_indicator(), row(cost=0.0, optional=0.0, days=4.0), 2025).iloc[0]
    assert (found.value, found.flag) == (0.0, "ok")


def test_proportion_in_percent_has_the_wilson_interval_in_percent(make_indicator):
    share = make_indicator(kind="proportion", numerator="a", denominator="n", scale=100.0, unit="percent")
    found = evaluate(share, row(a=81.0, n=263.0), 2025).iloc[0]
    assert [found.value, found.low, found.high] == pytest.approx([30.80, 25.53, 36.62], abs=0.005)


def test_a_share_over_one_is_implausible_and_has_no_interval(make_indicator):
    share = make_indicator(kind="proportion", numerator="a", denominator="n", scale=100.0)
    found = evaluate(share, row(a=12.0, n=10.0), 2025).iloc[0]
    assert (found.value, found.flag) == (120.0, "out_of_range")
    assert np.isnan(found.low)


def test_rate_has_the_exact_poisson_interval(make_indicator):
    rate = make_indicator(kind="rate", numerator="a", denominator="n", scale=100.0)
    found = evaluate(rate, row(a=5.0, n=50.0), 2025).iloc[0]
    assert [found.value, found.low, found.high] == pytest.approx([10.0, 2 * 1.6235, 2 * 11.6683], abs=1e-3)


def test_an_old_year_keeps_its_old_formula(make_indicator):
    why = dict(cs="x", en="x")
    changed = make_indicator(earlier=[dict(last_year=2021, numerator="cost", denominator="days", scale=10.0, why=why)])
    items = row(cost=110.0, optional=10.0, days=4.0)
    assert evaluate(changed, items, 2021).value[0] == 275.0
    assert evaluate(changed, items, 2022).value[0] == 25.0


def test_the_index_is_kept_and_the_items_are_left_alone(make_indicator):
    items = pd.DataFrame({"cost": [1.0, 2.0], "optional": 0.0, "days": 1.0}, index=["b", "a"])
    before = items.copy()
    assert evaluate(make_indicator(), items, 2025).value.to_dict() == {"b": 1.0, "a": 2.0}
    pd.testing.assert_frame_equal(items, before)


def test_no_rows_give_no_rows(make_indicator):
    assert evaluate(make_indicator(), pd.DataFrame({"cost": [], "optional": [], "days": []}), 2025).empty
