"""Change since the year before: published numbers, slow second implementations, properties, and what stops it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, norm, poisson_means_test

from kpsslib.comparison.change import CHANGES, change, change_label, poisson_p, proportion_p
from tests import oracle_comparison as oracle

ALONE = 1.0  # counts swing by chance alone


def one(test, *sides):
    return float(test(*(np.array([side], float) for side in sides))[0])


def test_three_events_against_none():
    """Krishnamoorthy and Thomson (2004): 0 of 100 against 3 of 100, p .0884; scipy's documentation .08837900929."""
    assert one(poisson_p, 0, 100, 3, 100) == pytest.approx(0.0883799935, abs=2e-6)
    assert one(poisson_p, 0, 100, 3, 100) == pytest.approx(0.08837900929018157, abs=1e-8)


@pytest.mark.parametrize("case", [(5, 174.8, 11, 53.0), (10, 188.0, 27, 259.2), (21, 177.6, 9, 16.1), (0, 20, 4, 31),
                                  (7, 40, 7, 40.5), (12, 50, 3, 50), (1, 9, 0, 300)])
def test_the_e_test_is_the_slow_one(case):
    assert one(poisson_p, *case) == pytest.approx(oracle.e_test(*case), abs=1e-10)


def test_the_e_test_agrees_with_scipy_but_for_ties_it_rounds_away():
    random = np.random.default_rng(2)
    cases = np.column_stack([random.integers(0, 40, 60), random.integers(20, 300, 60), random.integers(0, 40, 60),
                             random.integers(20, 300, 60)])
    ours = poisson_p(*cases.T.astype(float))
    scipys = np.array([poisson_means_test(*(int(x) for x in case)).pvalue for case in cases])
    assert (ours >= scipys - 1e-8).all()
    assert np.median(np.abs(ours - scipys)) < 1e-8


def test_equal_rates_are_no_change_and_nothing_at_all_is_none():
    assert one(poisson_p, 0, 50, 0, 80) == 1
    assert one(poisson_p, 3, 50, 6, 100) == 1
    assert one(proportion_p, 0, 50, 0, 80) == pytest.approx(1)
    assert one(proportion_p, 50, 50, 80, 80) == pytest.approx(1)


@settings(max_examples=200, deadline=None)
@example(1, 1, 5, 5, 74.32650160414315)
@given(st.integers(0, 60), st.integers(1, 400), st.integers(0, 60), st.integers(1, 400), st.floats(0.01, 100))
def test_the_order_of_years_and_the_unit_of_exposure_do_not_matter(k1, n1, k2, n2, factor):
    p = one(poisson_p, k1, n1, k2, n2)
    assert 0 <= p <= 1
    assert one(poisson_p, k2, n2, k1, n1) == pytest.approx(p, abs=1e-9)
    assert one(poisson_p, k1, n1 * factor, k2, n2 * factor) == pytest.approx(p, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 80), st.integers(2, 80), st.data())
def test_shares_against_fisher(n1, n2, data):
    """One-sided: P(X >= k) - P(X = k) / 2 with scipy's exact tails; the mid-p is never above twice the tail."""
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    table = [[k1, n1 - k1], [k2, n2 - k2]]
    less, greater = (fisher_exact(table, alternative=side).pvalue for side in ("less", "greater"))
    observed = less + greater - 1
    assert one(proportion_p, k1, n1, k2, n2) == pytest.approx(
        min(1, 2 * min(less - observed / 2, greater - observed / 2)), abs=1e-9)
    assert one(proportion_p, k2, n2, k1, n1) == pytest.approx(one(proportion_p, k1, n1, k2, n2), abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_shares_by_counting_every_way_to_choose(n1, n2, data):
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    assert one(proportion_p, k1, n1, k2, n2) == pytest.approx(float(oracle.mid_p(k1, n1, k2, n2)), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 15), st.floats(5, 300), st.integers(1, 15), st.floats(5, 300))
def test_the_e_test_by_every_pair_of_counts(k1, n1, k2, n2):
    assume(abs(k1 / n1 - k2 / n2) > 1e-6)  # of equal rates p is 1, and the sum over all pairs but for rounding
    assert one(poisson_p, k1, n1, k2, n2) == pytest.approx(oracle.e_test(k1, n1, k2, n2), abs=1e-8)


def test_shares_by_hand():
    """0 of 3 against 3 of 3: one of the 20 ways to choose three of six, half of it, twice: 1 / 20."""
    assert one(proportion_p, 0, 3, 3, 3) == pytest.approx(1 / 20)


@pytest.mark.parametrize("test", [poisson_p, proportion_p])
def test_equal_years_are_called_a_change_as_rarely_as_said(test):
    """2,000 pairs of years of the same rate 0.2 on 60: at most about one in twenty."""
    random = np.random.default_rng(6)
    draw = (lambda: random.poisson(12, 2000)) if test is poisson_p else (lambda: random.binomial(60, 0.2, 2000))
    size = np.full(2000, 60.0)
    assert 0.02 < (test(draw().astype(float), size, draw().astype(float), size) < 0.05).mean() < 0.06


def series(values, kind="money", direction="lower", peers=6, **columns):
    """A service s whose values are given, beside so many that stay at 100; noise is passed by hand."""
    years = range(2020, 2020 + len(values))
    rows = [dict(unit_id=f"o{i}", year=year, value=100.0) for i in range(peers) for year in years]
    rows += [dict(unit_id="s", year=year, value=value) for year, value in zip(years, values, strict=True)]
    table = pd.DataFrame(rows).assign(indicator="X", peers="A", form="residential", kind=kind, direction=direction,
                                      by_log=kind == "money", period=0, denominator=100.0, n_reported=peers + 1,
                                      min_peers=5)
    return table.assign(numerator=table["value"], **columns)


def words(table, noise=0.02):
    found = change(table, pd.Series(noise, table.index), ALONE)
    return found.loc[table["unit_id"] == "s", "change"].tolist()


@pytest.mark.parametrize(("direction", "up", "down"), [
    ("lower", "worsened", "improved"), ("higher", "improved", "worsened"), ("none", "rose", "fell"),
    ("band", "rose", "fell")])
def test_the_word_follows_the_direction(direction, up, down):
    assert words(series([100.0, 120, 100], direction=direction)) == ["too_short", up, down]


def test_the_ratio_is_judged_against_the_noise_of_both_years():
    """Two-sided at 5 %: ln(x2 / x1) must be over 1.96 sqrt(2) 0.02 = 0.05544."""
    assert words(series([100.0, 100 * math.exp(0.0554)])) == ["too_short", "unclear"]
    assert words(series([100.0, 100 * math.exp(0.0555)])) == ["too_short", "worsened"]
    table = series([100.0, 105])
    p = change(table, pd.Series(0.02, table.index), ALONE).loc[table["unit_id"] == "s", "p_change"].iloc[1]
    assert p == pytest.approx(math.erfc(math.log(1.05) / math.sqrt(2) / 0.02 / math.sqrt(2)))


def test_what_all_prices_do_is_nobodys_change():
    table = series([100.0, 120])
    table["value"] = table["value"].where(table["year"] == 2020, 120.0)
    assert words(table) == ["too_short", "unclear"]


def test_a_median_that_moves_without_the_service_is_no_change_of_it():
    """The others stand at 50 or 150; two of them move a little, so that the median jumps from 50 to 150."""
    table = series([100.0, 100], peers=8)
    others = table["unit_id"].str[1:].where(table["unit_id"] != "s")
    table["value"] = table["value"].mask(others.isin(list("0123")), 50.0).mask(others.isin(list("4567")), 150.0)
    assert words(table) == ["too_short", "unclear"]


def test_what_stops_a_comparison_is_named():
    assert words(series([np.nan, 120, np.nan, 100])) == ["missing", "too_short", "missing", "too_short"]
    table = series([100.0, 120, 160])
    broken = table.assign(period=(table["year"] >= 2021).astype(int))
    assert words(broken) == ["too_short", "break", "worsened"]
    found = change(broken, pd.Series(0.02, table.index), ALONE)
    assert found.loc[broken["year"] == 2021, "method_break"].all()
    assert not found.loc[broken["year"] != 2021, "method_break"].any()
    assert found.loc[broken["year"] == 2021, "p_change"].isna().all()
    assert words(table, noise=np.nan) == ["too_short", "no_interval", "no_interval"]
    assert words(series([100.0, 160], peers=1, n_reported=2)) == ["too_short", "no_interval"]
    gap = table[table["year"] != 2021]
    assert words(gap) == ["too_short", "too_short"]


@pytest.mark.parametrize(("kind", "p"), [("rate", poisson_p), ("proportion", proportion_p)])
def test_counts_are_judged_by_their_own_test(kind, p):
    table = series([5.0, 14, 15], kind=kind, direction="lower")
    assert words(table, noise=np.nan) == ["too_short", "worsened", "unclear"]
    found = change(table, pd.Series(np.nan, table.index), ALONE)
    assert found.loc[table["unit_id"] == "s", "p_change"].tolist()[1:] == pytest.approx(
        [one(p, 5, 100, 14, 100), one(p, 14, 100, 15, 100)])


def test_counts_that_swing_by_more_than_chance_change_less_surely():
    """Of four times the variance p is that of half the z."""
    table = series([5.0, 14], kind="rate")
    found = change(table, pd.Series(np.nan, table.index), pd.Series(4.0, table.index))
    p = one(poisson_p, 5, 100, 14, 100)
    assert found.loc[table["unit_id"] == "s", "p_change"].iloc[1] == pytest.approx(2 * norm.cdf(norm.ppf(p / 2) / 2))
    assert found.loc[table["unit_id"] == "s", "change"].iloc[1] == "unclear"


def test_every_code_has_words():
    assert len({change_label(code) for code in CHANGES}) == len(CHANGES)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(10, 1000), min_size=2, max_size=6), st.floats(0.01, 100))
def test_another_currency_changes_nothing(values, factor):
    table = series(values)
    assume(len(set(values)) > 1)
    assert words(table) == words(table.assign(value=table["value"] * factor))
