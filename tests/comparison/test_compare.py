"""The whole comparison: against the slow implementation, what it must not depend on, and how it must react."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import compare
from kpsslib.comparison.ranks import marginal_sets
from kpsslib.indicators import compute

KEY = ["indicator", "unit_id", "form", "year", "peer_set"]
STATISTICS = ["weighted", "median", "q1", "q3", "percentile", "rank_low", "rank_high", "low", "high"]


def run(facts, services, methodology, make, **changes):
    table = compute(facts, services, make.no_territory, methodology)
    return compare(table, services, methodology, year=2025, **changes)


def look(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table.set_index("unit_id")


def same(one, other):
    pd.testing.assert_frame_equal(*(table.sort_values(KEY, ignore_index=True) for table in (one, other)))


def with_value(facts, service_id, item, factor, year=2025):
    chosen = (facts["service_id"] == service_id) & (facts["item"] == item) & (facts["year"] == year)
    assert chosen.any()
    return facts.assign(value=facts["value"].where(~chosen, facts["value"] * factor))


@pytest.fixture(scope="module")
def compared(region, methodology):
    return compare(region.indicators, region.services, methodology, year=2025)


def swing(compared, region, one):
    """How many times the variance of chance a share or a rate of the homes swings by from year to year."""
    if one.kind not in ("proportion", "rate"):
        return 1.0
    y, size = {}, {}
    rows = compared[(compared["indicator"] == one.code) & (compared["peers"] == "DS/residential/beds")]
    scale = np.sqrt if one.kind == "rate" else lambda share: np.arcsin(np.sqrt(share))
    for row in rows.merge(region.indicators[["indicator", "unit_id", "year", "denominator"]]).itertuples():
        y[row.unit_id, row.year] = scale(row.value / one.scale) - scale(row.median / one.scale)
        size[row.unit_id, row.year] = row.denominator
    moved = [(y[unit, year] - y[unit, year - 1]) / np.sqrt(1 / (4 * size[unit, year]) + 1 / (4 * size[unit, year - 1]))
             for unit, year in y if (unit, year - 1) in y]
    return max(1.0, (1.4826 * np.median(np.abs(moved - np.median(moved)))) ** 2)


@pytest.mark.parametrize("code", ["N01", "N03", "P06", "K01", "V01"])
def test_statistics_are_those_of_the_slow_implementation(compared, region, methodology, make, code):
    one = methodology.indicators[code]
    rows = look(compared, indicator=code, year=2025, peers="DS/residential/beds")
    values = rows["value"].tolist()
    assert rows[["q1", "median", "q3"]].iloc[0].tolist() == pytest.approx(
        [make.oracle.quantile(values, share) for share in (0.25, 0.5, 0.75)])
    for i, row in enumerate(rows.itertuples()):
        assert row.percentile == pytest.approx(make.oracle.percentile(values, i, one.direction))
    x, low, high = (make.oracle.on_scale(rows[side], one.kind) for side in ("value", "low", "high"))
    errors = (np.array(high) - np.array(low)) / (2 * 1.959964) * np.sqrt(swing(compared, region, one))
    goodness = np.array(x) * (1 if one.direction == "higher" else -1)
    assert rows[["rank_low", "rank_high"]].to_numpy() == pytest.approx(marginal_sets(goodness, errors))
    raw = region.indicators
    raw = raw[(raw["indicator"] == code) & (raw["year"] == 2025) & raw["unit_id"].isin(rows.index)]
    total = 100 if one.scale == 100 else 1
    assert rows["weighted"].iloc[0] == pytest.approx(total * sum(raw["numerator"]) / sum(raw["denominator"]))


def test_intervals_of_money_are_those_of_the_slow_implementation(compared, make):
    rows = compared[(compared["indicator"] == "N01") & (compared["peers"] == "DS/residential/beds")]
    series = [dict(zip(part["year"], np.log(part["value"] / part["median"]), strict=True))
              for _, part in rows.groupby("unit_id")]
    spread = make.oracle.noise(series)
    assert (rows["high"] / rows["value"]).to_numpy() == pytest.approx(np.exp(1.959964 * spread))


def test_n_of_n_counts_values_and_registered_services(region, methodology, make):
    facts = region.facts[~((region.facts["service_id"] == "DS003") & (region.facts["year"] == 2025))]
    facts = facts.assign(value=facts["value"].mask(
        (facts["service_id"] == "DS004") & (facts["year"] == 2025) & (facts["item"] == "bed_days")))
    rows = look(run(facts, region.services, methodology, make), indicator="N01", year=2025, peer_set="type")
    assert (rows["n_reported"] == 12).all()
    assert (rows["n_expected"] == 14).all()
    assert rows.loc["DS004", "position"] == "missing"
    assert rows.loc["DS004", ["percentile", "rank_low", "low"]].isna().all()
    assert "DS003" not in rows.index


def test_a_service_counts_among_the_expected_only_while_it_is_registered(region, methodology, make):
    services = region.services.assign(
        valid_from=region.services["valid_from"].where(region.services["service_id"] != "DS000", "2020-05-01"),
        valid_to=region.services["valid_to"].where(region.services["service_id"] != "DS001", "2022-01-31"))
    rows = run(region.facts, services, methodology, make)
    rows = rows[(rows["indicator"] == "N01") & (rows["peers"] == "DS/residential/beds")]
    expected = rows.groupby("year")["n_expected"].first()
    assert expected.loc[2018:].tolist() == [13, 13, 14, 14, 14, 13, 13, 13]


def test_a_small_type_widens_to_its_group_and_says_so(compared):
    rows = look(compared, indicator="N01", year=2025)
    assert set(rows.loc[["DZR000", "DZR001", "DZR002"], "peers"]) == {"PS1/residential/beds"}
    assert set(rows.loc[["DZR000"], "peer_set"]) == {"group"}
    assert (rows.loc[["DZR000"], "n_reported"] == 17).all()
    assert compared[compared["peer_set"] != "territory"].duplicated(["indicator", "unit_id", "form", "year"]).sum() == 0


def test_territory_stands_beside_where_it_has_enough(compared):
    rows = compared[(compared["peer_set"] == "territory") & (compared["indicator"] == "N01")]
    assert set(rows["peers"]) == {"DS/residential/beds/00", "DS/residential/beds/01"}  # 02 has four
    assert (rows["n_reported"] == 5).all()


def test_a_set_that_stays_small_says_nothing_but_too_few(methodology, make):
    services = make.services({"DS": 1, "OA": 4})
    rows = run(make.facts(services), services, methodology, make)
    assert set(rows["position"]) == {"too_few"}
    assert rows[["weighted", "median", "q1", "q3", "percentile", "rank_low", "rank_high"]].isna().all().all()
    assert rows["value"].notna().all()


def test_positions_follow_from_the_intervals(compared):
    for row in compared[compared["indicator"].isin(["N01", "K01"])].itertuples():
        if row.position == "better":
            assert row.high < row.median
        elif row.position == "worse":
            assert row.low > row.median
        else:
            assert row.low <= row.median <= row.high


def test_context_is_neither_ranked_nor_judged(compared):
    rows = compared[compared["indicator"] == "N07"]
    assert set(rows["position"]) == {"context"}
    assert rows[["percentile", "rank_low", "rank_high"]].isna().all().all()
    assert rows["median"].notna().all()


def test_a_band_has_no_better_side(compared):
    rows = compared[compared["indicator"] == "P03"]
    assert set(rows["position"]) == {"inside_band", "outside_band"}
    assert rows[["percentile", "rank_low", "rank_high"]].isna().all().all()
    outside = rows[rows["position"] == "outside_band"]
    assert ((outside["low"] > outside["q3"]) | (outside["high"] < outside["q1"])).all()


def test_equal_values_are_never_better_or_worse(region, methodology, make):
    items = region.facts.groupby("item")["value"].first()
    rows = run(region.facts.assign(value=region.facts["item"].map(items)), region.services, methodology, make)
    assert not set(rows["position"]) & {"better", "worse", "outside_band"}
    assert rows.loc[rows["indicator"] == "N01", "percentile"].eq(50).all()


def test_the_order_of_rows_does_not_matter(compared, region, methodology, make):
    facts, services = (table.sample(frac=1, random_state=1) for table in (region.facts, region.services))
    same(compared, run(facts, services, methodology, make))


def test_another_currency_changes_no_position(compared, region, methodology, make):
    money = region.facts["item"].str.startswith("cost")
    facts = region.facts.assign(value=region.facts["value"].where(~money, region.facts["value"] / 25))
    other = run(facts, region.services, methodology, make)
    kept = ["position", "trend", "percentile", "rank_low", "rank_high", "n_reported"]
    pd.testing.assert_frame_equal(compared[kept], other[kept])
    rows = compared["indicator"] == "N01"
    assert (compared.loc[rows, "median"] / other.loc[rows, "median"]).to_numpy() == pytest.approx(25)


def test_an_unrelated_type_changes_nothing(compared, region, methodology, make):
    more = make.services({"DS": 14, "DZR": 3, "OA": 9, "CHB": 7})
    facts = pd.concat([region.facts, make.facts(more[more["service_type"] == "CHB"], seed=9)])
    other = run(facts, more, methodology, make)
    other = other[~other["unit_id"].str.startswith("CHB")]
    same(compared, other)


@pytest.mark.parametrize("factor", [1.05, 1.2, 2.0])
def test_a_dearer_service_never_stands_better(compared, region, methodology, make, factor):
    facts = with_value(region.facts, "DS006", "cost_total", factor)
    before, after = (look(table, indicator="N01", year=2025, peer_set="type").loc["DS006"]
                     for table in (compared, run(facts, region.services, methodology, make)))
    assert after["value"] > before["value"]
    assert after["percentile"] <= before["percentile"]
    assert after["rank_high"] >= before["rank_high"]
    assert not (before["position"] != "better" and after["position"] == "better")


def test_implausible_and_thin_values_stay_out_of_the_set(compared, region, methodology, make):
    one = make.indicator("N01", forms=["residential"], valid_range=[200.0, 12000.0], min_denominator=365.0)
    strict = methodology.model_copy(update={"indicators": {"N01": one}})
    facts = with_value(region.facts, "DS000", "cost_total", 1000)
    facts = with_value(facts, "DS001", "bed_days", 0.001)
    rows = look(run(facts, region.services, strict, make), indicator="N01", year=2025, peer_set="type")
    assert set(rows.loc[["DS000", "DS001"], "position"]) == {"flagged"}
    assert (rows["n_reported"] == 12).all()
    assert rows.loc["DS000", ["percentile", "rank_low"]].isna().all()
    assert rows["weighted"].iloc[0] < 3000


def test_zero_denominators_give_no_number(region, methodology, make):
    facts = with_value(region.facts, "DS000", "bed_days", 0)
    row = look(run(facts, region.services, methodology, make), indicator="N01", year=2025, peer_set="type").loc["DS000"]
    assert (row["position"], row["flag"]) == ("missing", "zero_denominator")
    assert row[["value", "low", "high", "percentile", "rank_low", "rank_high"]].isna().all()


def test_a_missing_year_leaves_a_gap_and_no_crash(region, methodology, make):
    rows = run(region.facts[region.facts["year"] != 2021], region.services, methodology, make)
    assert sorted(rows["year"].unique()) == [2018, 2019, 2020, 2022, 2023, 2024, 2025]
    assert rows.loc[rows["indicator"] == "N01", "low"].notna().all()


def test_later_years_than_asked_are_not_looked_at(compared, region, methodology, make):
    early = compare(region.indicators, region.services, methodology, year=2023)
    assert early["year"].max() == 2023
    kept = [*KEY, "median", "percentile", "trend"]
    same(early[kept], compared.loc[compared["year"] <= 2023, kept])


def test_nothing_in_nothing_out(region, methodology):
    empty = compare(region.indicators.iloc[:0], region.services, methodology, year=2025)
    assert empty.empty
    assert compare(region.indicators, region.services.iloc[:0], methodology, year=2025).empty
