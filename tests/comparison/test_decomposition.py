"""The parts of a cost add up, and each is of what it says; the steps of its drawing."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.comparison.decomposition import PARTS, components, decompose, part_label, waterfall
from kpsslib.methodology import Formula

_POSITIVE = st.floats(0.01, 1e6)
NAMES = ["F", "w", "B", "o"]


def table_of(own, goal, volume=1.0, travel=(0.0, 0.0)):
    """One row by its identity C = (F w + o) / B + t."""
    value, target = ((x[0] * x[1] + x[3]) / x[2] + t for x, t in zip((own, goal), travel, strict=True))
    return pd.DataFrame({"value": [value], "target_value": [target], "volume": [volume]})


def sides(own, goal, travel=(np.nan, np.nan), direct=(np.nan, np.nan)):
    return [pd.DataFrame([[*x[:3], t, d]], columns=["F", "w", "B", "t", "D"])
            for x, t, d in zip((own, goal), travel, direct, strict=True)]


@given(st.lists(_POSITIVE, min_size=4, max_size=4), st.lists(_POSITIVE, min_size=4, max_size=4))
def test_parts_add_up_for_any_positive_components(own, goal):
    table = table_of(own, goal)
    parts = decompose(table, *sides(own, goal))[PARTS].iloc[0]
    if parts.notna().any():
        gap = table["value"].iloc[0] - table["target_value"].iloc[0]
        assert parts.sum() == pytest.approx(gap, rel=1e-6, abs=1e-9 * table.iloc[0, :2].max())


@given(st.tuples(*[st.floats(0.5, 2)] * 4), st.tuples(*[st.floats(0.5, 2)] * 4), st.floats(0, 3), st.floats(0, 3),
       st.floats(0.1, 1), st.floats(0.1, 1))
def test_field_work_against_a_slow_second_way(own, goal, t, t_goal, d, d_goal):
    own, goal = ([*x[:2], 1.0, x[3]] for x in (own, goal))
    table = table_of(own, goal, 1000.0, (t, t_goal))
    parts = decompose(table, *sides(own, goal, (t, t_goal), (d, d_goal))).iloc[0]

    def mean(a, b):
        return a if math.isclose(a, b, rel_tol=1e-12) else (a - b) / math.log(a / b)

    staff = mean(own[0] * own[1], goal[0] * goal[1])
    slow = {"price_part": staff * math.log(own[1] / goal[1]), "staffing_part": staff * math.log(own[0] / goal[0]),
            "occupancy_part": 0.0, "travel_part": t - t_goal, "overhead_part": own[3] - goal[3],
            "hours_part": staff * math.log(d / d_goal)}
    assert parts.to_dict() == pytest.approx({name: 1000 * x for name, x in slow.items()}, abs=1e-6)
    assert parts[PARTS].sum() == pytest.approx(1000 * (table["value"] - table["target_value"]).iloc[0], abs=1e-6)


@given(st.lists(st.floats(0.5, 2), min_size=4, max_size=4), st.lists(st.floats(0.5, 2), min_size=4, max_size=4),
       st.floats(0.01, 100))
def test_another_currency_changes_only_the_unit_of_the_parts(own, goal, rate):
    plain = decompose(table_of(own, goal), *sides(own, goal)).iloc[0]
    own, goal = ([x[0], x[1] * rate, x[2], x[3] * rate] for x in (own, goal))
    other = decompose(table_of(own, goal), *sides(own, goal)).iloc[0]
    assert other.dropna().to_dict() == pytest.approx((plain.dropna() * rate).to_dict(), rel=1e-6, abs=1e-7 * rate)


@given(st.lists(st.floats(0.5, 2), min_size=4, max_size=4), st.lists(st.floats(0.5, 2), min_size=4, max_size=4))
def test_the_other_way_round_every_part_is_its_opposite(own, goal):
    there = decompose(table_of(own, goal), *sides(own, goal)).iloc[0].dropna()
    back = decompose(table_of(goal, own), *sides(goal, own)).iloc[0].dropna()
    assert back.to_dict() == pytest.approx((-there).to_dict(), abs=1e-9)


def test_more_travel_alone_is_travel_alone():
    own = [0.001, 500_000, 1.0, 100]
    parts = decompose(table_of(own, own, 9000.0, (60.0, 20.0)), *sides(own, own, (60.0, 20.0), (0.0008, 0.0008)))
    assert parts.iloc[0].to_dict() == pytest.approx({**dict.fromkeys(PARTS, 0.0), "travel_part": 360_000,
                                                     "hours_part": 0.0}, abs=1e-6)


def test_fewer_hours_of_a_direct_post_are_hours_alone():
    """The same posts and pay, a tenth fewer hours: D and F by the same factor."""
    own, goal = [0.001 / 0.9, 500_000, 1.0, 100], [0.001, 500_000, 1.0, 100]
    parts = decompose(table_of(own, goal), *sides(own, goal, direct=(0.0008 / 0.9, 0.0008))).iloc[0]
    assert parts["hours_part"] == pytest.approx(parts["staffing_part"])
    assert parts["staffing_part"] == pytest.approx(500 / 0.9 - 500)


def test_travel_not_known_of_one_stays_in_the_other_costs():
    own, goal = [0.001, 500_000, 1.0, 160], [0.001, 500_000, 1.0, 120]
    parts = decompose(table_of(own, goal), *sides(own, goal, (40.0, np.nan))).iloc[0]
    assert np.isnan(parts["travel_part"])
    assert parts["overhead_part"] == pytest.approx(40)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan])
def test_a_missing_or_impossible_component_leaves_no_parts(place, wrong):
    own, goal = [0.8, 5e5, 360.0, 1e5], [0.7, 5e5, 360.0, 1e5]
    bad = [*own]
    bad[place] = wrong
    table = table_of(own, goal).assign(value=lambda t: t["value"] if place < 3 else (0.8 * 5e5 + wrong) / 360)
    assert decompose(table, *sides(bad, goal)).isna().all().all()


def test_components_of_a_bed_day_and_of_an_hour():
    table = pd.DataFrame({"volume": [10_000.0], "fte_total": [20.0], "fte_direct": [15.0], "cost_staff": [1e7],
                          "cost_travel": [4e5], "capacity_beds": [30.0]})
    home, field = (components(table, Formula(name)).iloc[0] for name in ("bed_days", "care_hours"))
    assert home.drop(["t", "D"]).to_dict() == pytest.approx({"F": 20 / 30, "w": 5e5, "B": 10_000 / 30})
    assert home[["t", "D"]].isna().all()
    assert field.to_dict() == pytest.approx({"F": 0.002, "w": 5e5, "B": 1.0, "t": 40.0, "D": 0.0015})
    nothing = components(table.assign(volume=0.0), Formula("care_hours"))
    assert nothing[["F", "t", "D"]].isna().all().all()


RESERVE = dict(value=600.0, target_value=500.0, volume=1000.0, amount_czk=100_000.0, price_part=10_000.0,
               staffing_part=50_000.0, hours_part=45_000.0, occupancy_part=0.0, travel_part=60_000.0,
               overhead_part=-20_000.0)


def test_the_steps_lead_from_the_target_to_the_own_cost():
    found = waterfall(RESERVE)
    assert found["part"].tolist() == ["target", "price", "support", "hours", "travel", "overhead", "own"]
    assert found["amount"].tolist() == [500_000, 10_000, 5_000, 45_000, 60_000, -20_000, 600_000]
    assert found["start"].tolist()[1:-1] == found["end"].tolist()[:-2]
    assert found["end"].tolist()[-2:] == [600_000, 600_000]


def test_without_parts_the_gap_is_one_step():
    lost = RESERVE | dict.fromkeys([*PARTS, "hours_part"], np.nan)
    found = waterfall(lost)
    assert found["part"].tolist() == ["target", "unexplained", "own"]
    assert found["end"].tolist() == [500_000, 600_000, 600_000]


def test_every_step_has_words():
    for code in (*waterfall(RESERVE)["part"], "staffing", "occupancy", "unexplained"):
        assert part_label(code)
