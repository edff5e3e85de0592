"""Roll-up, intervals of sums, and the gap."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import forecast, gap, outlook
from kpsslib.financing.outlook import shared_errors
from kpsslib.workspace import conform

ALLOCATION = {2026: 500e6, 2027: 510e6}


@pytest.fixture(scope="module")
def region(forecasts):
    return outlook(forecasts, "region")


def mids(table, level, item):
    rows = table[(table["level"] == level) & (table["item"] == item)]
    return rows.groupby(["scenario", "year"])["mid"].sum()


def test_totals_of_every_level_are_exactly_the_sums_of_their_services(forecasts, region):
    conform("outlook", region)
    table = forecasts.forecast
    for item in ("cost_staff", "cost_total", "revenue_total"):
        parts = table[table["item"].str.startswith(item.removesuffix("total"))]
        sums = parts.groupby(["scenario", "year"])["mid"].sum()
        for level in ("service_type", "group", "region"):
            assert mids(region, level, item).drop("actual").to_dict() == sums.to_dict()


def test_need_is_cost_less_other_revenue_exactly(region):
    wide = region.pivot(index=["level", "unit_id", "scenario", "year"], columns="item", values="mid")
    assert (wide["need"] == wide["cost_total"] - wide["revenue_other_than_grant"]).all()
    assert (wide["revenue_total"] == wide["revenue_other_than_grant"] + wide["revenue_grant"]).all()


def test_past_totals_are_those_of_the_facts(region, facts):
    costs = facts[facts["item"].str.startswith("cost_")].groupby("year")["value"].sum()
    assert mids(region, "region", "cost_total")["actual"].to_dict() == costs.to_dict()


def test_the_interval_of_a_sum_is_between_independence_and_the_plain_sum(forecasts, region):
    table = forecasts.forecast[forecasts.forecast["item"] == "cost_staff"]
    radius = table["high"] - table["mid"]
    by = [table["scenario"], table["year"]]
    plain, squares = radius.groupby(by).sum(), np.sqrt((radius**2).groupby(by).sum())
    rows = region[(region["level"] == "region") & (region["item"] == "cost_staff") & (region["scenario"] != "actual")]
    half = (rows["high"] - rows["mid"]).set_axis(pd.MultiIndex.from_frame(rows[["scenario", "year"]]))
    assert (half >= squares[half.index] - 1).all()
    assert (half <= plain[half.index] + 1).all()


def test_the_interval_of_one_service_is_its_own(facts, services, scenarios):
    made = forecast(facts, services, scenarios, 2025)
    one = made._replace(forecast=made.forecast[made.forecast["service_id"] == "0000001"])
    staff = outlook(one).query("level == 'group' and item == 'cost_staff' and scenario == 'expected'")
    own = one.forecast.query("item == 'cost_staff' and scenario == 'expected'")
    np.testing.assert_allclose(staff[["low", "mid", "high"]], own[["low", "mid", "high"]], atol=1)


def with_errors(forecasts, errors):
    widths = np.where(np.isnan(forecasts.judged.widths), np.nan, 1e5)
    errors = np.where(np.isnan(widths), np.nan, errors)
    return forecasts._replace(judged=forecasts.judged._replace(errors=errors, widths=widths))


def test_errors_made_together_share_all_and_those_made_apart_share_nothing(forecasts):
    shape = forecasts.judged.errors.shape
    random = np.random.default_rng(0)
    together = with_errors(forecasts, random.normal(0, 1e5, (shape[0], 1, shape[2])))
    apart = with_errors(forecasts, random.normal(0, 1e5, shape))
    assert shared_errors(together, "region").loc[("CZ052", "cost_staff"), "rho"] == pytest.approx(1)
    assert shared_errors(apart, "region").loc[("CZ052", "cost_staff"), "rho"] < 0.15
    # What moves costs and revenues alike leaves the need of grant alone.
    assert shared_errors(together, "region").loc[("CZ052", "need"), "rho"] < 0.2


def test_intervals_of_sums_cover_what_they_say():
    """Seeded: 60 groups of 12 services with a common shock; 80 % intervals of group totals hold about 80 %."""
    from kpsslib.financing.judging import judge

    random = np.random.default_rng(4)
    groups, members = 60, 12
    shocks = random.normal(0.04, 0.02, (groups, 1, 11)) + random.normal(0, 0.03, (groups, members, 11))
    paths = (1e6 * np.exp(np.cumsum(shocks, axis=2))).reshape(-1, 11)
    names = np.repeat([f"PS{g}" for g in range(groups)], members)
    keys = pd.DataFrame({"service_id": np.arange(len(paths)).astype(str), "service_type": names, "group": names,
                         "region_code": "CZ", "form": "residential", "item": "cost_staff"})
    judged = judge(keys, paths[:, :8], 3, 0.8)

    class Made:
        series = type("Series", (), {"keys": keys})
    Made.judged, Made.level = judged, 0.8
    shared = shared_errors(Made, "group").xs("cost_staff", level="item").reindex(pd.unique(names))
    rho, width = (shared[name].to_numpy()[:, None] for name in ("rho", "width"))
    mid, radius, came = (t.reshape(groups, members, 3) for t in (judged.mid, judged.radius, paths[:, 8:]))
    plain, apart = radius.sum(axis=1), np.sqrt((radius**2).sum(axis=1))
    half = np.clip(width * np.sqrt((1 - rho) * apart**2 + rho * plain**2), apart, plain)
    covered = (np.abs(came.sum(axis=1) - mid.sum(axis=1)) <= half).mean()
    assert 0.68 < covered < 0.92
    assert (np.abs(came.sum(axis=1) - mid.sum(axis=1)) <= apart).mean() < covered - 0.15


def test_gap_by_hand(region):
    table = conform("gap", gap(region, ALLOCATION))
    first = table[(table["level"] == "region") & (table["scenario"] == "expected") & (table["year"] == 2026)].iloc[0]
    assert first["need"] == first["cost"] - first["other_revenue"]
    assert first["gap"] == first["need"] - 500e6
    assert first["low"] < first["gap"] < first["high"]


def test_allocation_is_shared_like_todays_grant_and_adds_up(region, facts, services):
    table = gap(region, ALLOCATION)
    rows = table[(table["scenario"] == "tight") & (table["year"] == 2027)]
    for level in ("service_type", "group", "region"):
        assert rows.loc[rows["level"] == level, "allocation"].sum() == pytest.approx(510e6)
        assert rows.loc[rows["level"] == level, "gap"].sum() == pytest.approx(
            rows.loc[rows["level"] == "region", "gap"].sum())
    grant = facts.query("item == 'revenue_grant' and year == 2025").merge(services, on=["service_id", "form"])
    share = grant.groupby("group")["value"].sum() / grant["value"].sum()
    assert rows.set_index("unit_id").loc["PS3", "allocation"] == pytest.approx(510e6 * share["PS3"])


def test_without_the_region_or_a_year_the_gap_is_not_known(forecasts, region):
    assert gap(outlook(forecasts, "group"), ALLOCATION)[["allocation", "gap", "low"]].isna().all(axis=None)
    late = gap(region, ALLOCATION).query("year == 2028")
    assert late["gap"].isna().all()
    assert late["need"].notna().all()


def test_more_revenue_of_others_means_less_need(facts, services, scenarios, region):
    richer = facts.assign(value=facts["value"].where(facts["item"] != "revenue_municipality", facts["value"] * 1.5))
    need = outlook(forecast(richer, services, scenarios, 2025), "region")
    assert (mids(need, "region", "need") < mids(region, "region", "need")).all()
