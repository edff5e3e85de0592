"""A set as a funnel: its limits, its dispersion, and the reasons where there is none."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import compare, funnel_data
from kpsslib.comparison.funnel import dispersion, proportion_limits, rate_limits
from kpsslib.comparison.funnel_sets import REASONS

# Twelve made-up units; phi and tau2 as FunnelPlotR's od_adjustment gives them (proportions, winsorised 10 %).
COUNTS = np.array([7, 22, 41, 15, 60, 9, 33, 28, 120, 14, 52, 5], float)
TOTALS = np.array([100, 250, 300, 140, 520, 130, 260, 310, 800, 90, 400, 75], float)


def rows(kind="proportion", counts=COUNTS, totals=TOTALS, noise=0.1, **changes):
    value = 100 * counts / totals
    high, low = (value * np.exp(1.959964 * noise), value / np.exp(1.959964 * noise))
    table = pd.DataFrame(dict(unit_id=[f"s{i}" for i in range(len(value))], form="residential", year=2025, flag="ok",
                              numerator=counts, denominator=totals, value=value, low=low, high=high,
                              by_log=kind == "money"))
    return table.assign(**changes)


@pytest.fixture(scope="module")
def one(make):
    return lambda kind: make.indicator("X01", kind=kind, scale=100.0)


def test_shares_have_exact_limits_and_the_published_dispersion(one):
    found = funnel_data(rows(), one("proportion"))
    assert found.reason == ""
    assert found.target == pytest.approx(100 * COUNTS.sum() / TOTALS.sum())
    assert found.dispersion == pytest.approx((1.476787445027, 5.70327528802e-4), abs=1e-12)
    assert found.limits["size"].iloc[[0, -1]].tolist() == pytest.approx([75, 800])
    low, high = proportion_limits(found.target / 100, found.limits["size"].to_numpy(), 0.95)
    assert found.limits["low_95"].to_numpy() == pytest.approx(100 * low)
    assert found.limits["high_95"].to_numpy() == pytest.approx(100 * high)


def test_wide_limits_by_hand(one):
    found = funnel_data(rows(), one("proportion"))
    middle, size = np.arcsin(np.sqrt(found.target / 100)), found.limits["size"].iloc[0]
    reach = 3.0902323 * np.sqrt(1 / (4 * size) + found.dispersion.tau2)
    assert found.limits["wide_high_998"].iloc[0] == pytest.approx(100 * np.sin(middle + reach) ** 2, rel=1e-6)


def test_rates_have_exact_limits(one):
    found = funnel_data(rows("rate"), one("rate"))
    target, size = COUNTS.sum() / TOTALS.sum(), found.limits["size"].to_numpy()
    low, high = rate_limits(target * size, 0.998)
    assert found.limits["low_998"].to_numpy() == pytest.approx(100 * target * low)
    assert found.limits["high_998"].to_numpy() == pytest.approx(100 * target * high)


def test_money_has_the_same_limits_at_every_size_around_the_median(one):
    table = rows("money")
    found = funnel_data(table, one("money"))
    assert found.target == pytest.approx(table["value"].median())
    assert found.limits["high_95"].to_numpy() == pytest.approx(found.target * np.exp(0.1959964))
    scores = np.log(table["value"] / found.target) / 0.1
    assert found.dispersion == pytest.approx(dispersion(scores.to_numpy(), np.full(12, 0.1)))


@pytest.mark.parametrize("kind", ["proportion", "rate", "money", "ratio"])
def test_wide_limits_are_never_the_narrower_ones(one, kind):
    limits = funnel_data(rows(kind), one(kind)).limits
    for name in ("95", "998"):
        assert (limits[f"wide_low_{name}"] <= limits[f"low_{name}"]).all()
        assert (limits[f"wide_high_{name}"] >= limits[f"high_{name}"]).all()
    assert (limits["low_998"] <= limits["low_95"]).all()


def test_a_unit_far_away_is_outside_and_its_neighbours_are_not(one):
    totals = np.tile(TOTALS, 2)
    counts = np.round(0.12 * totals)
    counts[8] = 300
    outside = funnel_data(rows(counts=counts, totals=totals), one("proportion")).points.set_index("unit_id")["outside"]
    assert outside["s8"] == "99.8"
    assert (outside.drop("s8") == "").all()


def test_where_services_differ_by_chance_only_the_limits_drawn_are_the_limits_judged_by(one):
    """A share just beyond the exact limits, which those of the normal approximation would still hold."""
    totals = np.full(12, 60.0)
    counts = np.array([6.0] * 11 + [12])
    found = funnel_data(rows(counts=counts, totals=totals), one("proportion"))
    assert found.dispersion.tau2 == 0
    assert found.reason == ""
    assert found.limits.filter(like="wide").isna().all(axis=None)
    for row in found.points.itertuples():
        assert (row.outside != "") == (not found.limits["low_95"][0] <= row.value <= found.limits["high_95"][0])


def test_under_ten_units_there_are_limits_but_no_dispersion(one):
    found = funnel_data(rows(counts=COUNTS[:9], totals=TOTALS[:9]), one("proportion"))
    assert found.reason == "few_for_dispersion"
    assert np.isnan(found.dispersion).all()
    assert found.limits.filter(like="wide").isna().all(axis=None)
    assert found.limits["low_95"].notna().all()


@pytest.mark.parametrize(("kind", "changes", "reason"), [
    ("proportion", dict(counts=COUNTS[:4], totals=TOTALS[:4]), "too_few"),
    ("proportion", dict(counts=COUNTS[:1], totals=TOTALS[:1]), "too_few"),
    ("proportion", dict(flag="out_of_range"), "too_few"), ("rate", dict(denominator=0.0), "too_few"),
    ("rate", dict(counts=np.zeros(12)), "no_target"), ("proportion", dict(counts=TOTALS), "no_target"),
    ("money", dict(low=np.nan, high=np.nan), "no_interval")])
def test_where_there_is_no_funnel_the_reason_stands(one, kind, changes, reason):
    found = funnel_data(rows(kind, **changes), one(kind))
    assert found.reason == reason
    assert found.limits.empty
    assert np.isnan(found.target)


def test_every_set_of_the_region_has_a_funnel_or_a_reason(region, methodology):
    table = compare(region.indicators, region.services, methodology, year=2025)
    for (code, _peers, _year), part in table.groupby(["indicator", "peers", "year"], observed=True):
        found = funnel_data(part, methodology.indicators[code])
        assert found.reason in REASONS
        assert (found.reason in ("", "few_for_dispersion")) == np.isfinite(found.target)


def test_the_unit_of_the_indicator_does_not_matter(one, make):
    permille = make.indicator("X01", kind="proportion", scale=1000.0)
    table = rows()
    first = funnel_data(table, one("proportion"))
    second = funnel_data(table.assign(value=table["value"] * 10), permille)
    assert second.dispersion == pytest.approx(first.dispersion)
    assert (second.limits["high_95"] / first.limits["high_95"]).to_numpy() == pytest.approx(10)
    assert second.points["outside"].tolist() == first.points["outside"].tolist()
