"""Intervals of money: the spread of changes from year to year, by hand and in its limits."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison.noise import beyond_chance, deviation, interval, noise, standard_error


def made(rows, kind="money"):
    table = pd.DataFrame(rows, columns=["unit_id", "year", "value"])
    table = table.assign(indicator="X", form="residential", group="PS1", peers="A", kind=kind, period=0,
                         low=np.nan, high=np.nan)
    table["median"] = table.groupby("year")["value"].transform("median")
    return table.join(deviation(table))


def region(n=6, years=8, seed=3):
    rng = np.random.default_rng(seed)
    return [(f"s{i}", 2018 + t, 100 * np.exp(rng.normal(0, 0.05))) for i in range(n) for t in range(years)]


def test_the_spread_is_that_of_the_slow_implementation(make):
    table = made(region())
    series = [part.set_index("year")["deviation"].to_dict() for _, part in table.groupby("unit_id")]
    assert noise(table).tolist() == pytest.approx([make.oracle.noise(series)] * len(table))


def test_the_interval_is_the_value_times_and_through_the_same_factor():
    table = made(region())
    ends = interval(table, pd.Series(0.1, table.index))
    assert (ends["high"] / table["value"]).to_numpy() == pytest.approx(np.exp(0.1959964))
    assert (table["value"] / ends["low"]).to_numpy() == pytest.approx(np.exp(0.1959964))


def test_pure_noise_covers_its_centre_nearly_always():
    table = made(region(n=60, seed=5))
    ends = interval(table, noise(table))
    covered = (ends["low"] <= 100) & (ends["high"] >= 100)
    assert 0.92 < covered.mean() < 0.98


def test_under_ten_pairs_the_group_lends_its_spread():
    table = pd.concat([made(region()), made(region(n=1)[:4]).assign(peers="B")], ignore_index=True)
    found = noise(table)
    own, lent = found[table["peers"] == "A"].unique(), found[table["peers"] == "B"].unique()
    assert len(own) == len(lent) == 1
    assert lent[0] > 0


def test_under_ten_pairs_in_the_group_there_is_no_interval():
    table = made(region(n=3, years=3))
    assert noise(table).isna().all()
    assert interval(table, noise(table)).isna().all().all()


def test_a_gap_in_the_years_is_not_a_change():
    rows = [row for row in region() if row[1] % 2 == 0]
    assert noise(made(rows)).isna().all()


def test_numbers_that_never_move_have_no_interval():
    assert noise(made([(f"s{i}", 2018 + t, 100.0 + i) for i in range(6) for t in range(8)])).isna().all()


def test_a_few_moves_among_many_stills_fall_back_to_the_standard_deviation():
    rows = [(f"s{i}", 2018 + t, 100.0 + (10 if (i, t) == (0, 4) else 0)) for i in range(6) for t in range(8)]
    assert (noise(made(rows, kind="ratio")) > 0).all()


def test_an_indicator_with_negative_values_is_taken_by_differences():
    table = made([(s, y, v - 100) for s, y, v in region()], kind="ratio")
    assert not table["by_log"].any()
    ends = interval(table, pd.Series(2.0, table.index))
    assert (ends["high"] - table["value"]).to_numpy() == pytest.approx(2 * 1.959964)


def test_a_share_that_may_be_nil_is_never_under_zero():
    table = made([(s, y, 0.0 if s == "s0" else v / 100) for s, y, v in region()], kind="ratio")
    assert (interval(table, noise(table))["low"] >= 0).all()


def test_money_that_is_not_positive_has_no_interval_and_spoils_no_other():
    table = made([(s, y, -5.0 if (s, y) == ("s0", 2020) else v) for s, y, v in region()])
    ends = interval(table, noise(table))
    bad = table["value"] < 0
    assert ends[bad].isna().all().all()
    assert ends[~bad].notna().all().all()


def test_proportions_keep_their_own_interval():
    table = made(region(), kind="proportion").assign(low=1.0, high=2.0)
    assert interval(table, noise(table)).drop_duplicates().values.tolist() == [[1.0, 2.0]]


def test_what_moves_by_rounding_only_has_no_interval():
    rows = [(f"s{i}", 2018 + t, 1000.0 + i + 0.001 * ((i + t) % 3)) for i in range(6) for t in range(8)]
    assert noise(made(rows)).isna().all()
    assert noise(made([(s, y, 1e-9 * v) for s, y, v in rows], kind="ratio")).isna().all()
    assert (noise(made([(s, y, 1e-9 * v) for s, y, v in region()], kind="ratio")) > 0).all()


def test_a_changed_method_is_no_noise():
    rows = [(s, y, v * (2 if y > 2021 else 1)) for s, y, v in region(seed=8)]
    table = made(rows + [("s9", y, 100.0 if y > 2021 else 300.0) for y in range(2018, 2026)])
    split = table.assign(period=(table["year"] > 2021).astype(int))
    assert noise(split).iloc[0] < noise(table).iloc[0]


def test_the_error_is_read_back_from_the_interval():
    for kind in ("money", "ratio"):
        table = made(region(), kind=kind)
        ends = interval(table, pd.Series(0.1, table.index))
        assert standard_error(table.assign(**ends)).tolist() == pytest.approx([0.1] * len(table))
    cut = made([("s0", 2018, 0.0), ("s1", 2018, 1.0), ("s2", 2018, 2.0)], kind="ratio")
    ends = interval(cut, pd.Series(0.9, cut.index))
    assert ends["low"].iloc[1] == 0
    assert standard_error(cut.assign(**ends)).tolist() == pytest.approx([0.9] * 3)
    share = made([("s0", 2018, 30.0)], kind="proportion").assign(low=20.0, high=45.0)
    assert standard_error(share).iloc[0] == pytest.approx(25 / 2 / 1.959964)
    money = made([("s0", 2018, -3.0)]).assign(low=np.nan, high=np.nan)
    assert standard_error(money).isna().all()


def counted(kind="proportion", n=200, years=8, beyond=0.0, apart=0.0, seed=2):
    """Counts of 200 each: services that differ for good by `apart`, and from year to year beyond chance by `beyond`."""
    random = np.random.default_rng(seed)
    own = np.clip(0.3 + apart * random.normal(size=(n, 1)) + beyond * random.normal(size=(n, years)), 0.01, 0.99)
    counts = random.binomial(200, own) if kind == "proportion" else random.poisson(200 * own)
    rows = [(f"s{i}", 2018 + t, 100.0 * counts[i, t] / 200) for i in range(n) for t in range(years)]
    return made(rows, kind=kind).assign(numerator=counts.ravel(), denominator=200.0, factor=100.0)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_counts_by_chance_alone_swing_as_chance_does_however_they_differ_for_good(kind):
    assert beyond_chance(counted(kind)).iloc[0] == pytest.approx(1, abs=0.2)
    assert beyond_chance(counted(kind, apart=0.05)).iloc[0] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(("kind", "variance"), [("proportion", 0.3 * 0.7 / 200), ("rate", 0.3 / 200)])
def test_counts_that_swing_by_more_are_found_out_by_how_much(kind, variance):
    """A further standard deviation of 0.05 from year to year: phi = 1 + 0.05^2 / variance."""
    assert beyond_chance(counted(kind, beyond=0.05)).iloc[0] == pytest.approx(1 + 0.05**2 / variance, rel=0.3)


def test_the_swing_of_counts_is_that_of_the_slow_way():
    table = counted(n=5, beyond=0.1)
    y = np.arcsin(np.sqrt(table["value"] / 100)) - np.arcsin(np.sqrt(table["median"] / 100))
    moved = np.concatenate([np.diff(y[table["unit_id"] == unit]) for unit in table["unit_id"].unique()])
    scores = moved / np.sqrt(2 * 0.25 / 200)
    expected = (1.4826 * np.median(np.abs(scores - np.median(scores)))) ** 2
    assert beyond_chance(table).tolist() == pytest.approx([expected] * len(table))


def test_amounts_and_too_few_years_have_no_further_swing():
    assert (beyond_chance(made(region()).assign(numerator=1.0, denominator=1.0, factor=1.0)) == 1).all()
    assert (beyond_chance(counted(n=3, years=3, beyond=0.2)) == 1).all()
    assert (beyond_chance(counted().assign(denominator=0.0)) == 1).all()
