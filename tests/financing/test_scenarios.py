"""Scenarios: factors by hand, strict reading."""

import shutil

import pandas as pd
import pytest

from kpsslib.financing import read_scenarios
from kpsslib.workspace import RunError


@pytest.fixture
def folder(run, tmp_path):
    return shutil.copytree(run.path("parameters/scenarios"), tmp_path / "scenarios")


def replace(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def factors(scenarios, service_type, item):
    table = scenarios.factors(pd.DataFrame({"service_type": [service_type], "item": [item]}), [2026, 2027, 2028])
    return table.pivot(index="year", columns="scenario", values="factor")


def test_the_reference_changes_nothing(scenarios):
    assert (factors(scenarios, "DZR", "cost_staff")["expected"] == 1).all()


def test_factors_are_ratios_of_driver_paths(scenarios):
    """Wages: tight 7 % and 6.5 % against 5 % and 4.5 %; growth 5.5 % and 5 %, and 6 % more places in DZR in 2027."""
    table = factors(scenarios, "DZR", "cost_staff")
    assert table.loc[2026, "tight"] == pytest.approx(1.07 / 1.05)
    assert table.loc[2027, "tight"] == pytest.approx(1.07 * 1.065 / (1.05 * 1.045))
    assert table.loc[2027, "growth"] == pytest.approx(1.055 * 1.05 * 1.06 / (1.05 * 1.045))


def test_capacity_moves_only_what_grows_with_it(scenarios):
    assert factors(scenarios, "DZR", "revenue_fees_care").loc[2027, "growth"] == pytest.approx(1.06)
    assert (factors(scenarios, "DS", "revenue_fees_care")["growth"] == 1).all()
    assert (factors(scenarios, "DZR", "revenue_gifts") == 1).all(axis=None)


def test_people_of_the_age_served_move_volume_where_the_item_and_the_type_say_so(scenarios):
    """People over 80 grow by 2.3 % a year; home care has 2 % more capacity a year besides."""
    table = factors(scenarios, "PeS", "revenue_fees_care")
    assert table.loc[2027, "growth"] == pytest.approx((1.02 * 1.023) ** 2)
    assert (factors(scenarios, "PeS", "revenue_gifts") == 1).all(axis=None)
    assert (factors(scenarios, "PSB", "revenue_fees_care").loc[2026] == 1).all()


def test_indices_stand_beside_the_factor(scenarios):
    table = scenarios.factors(pd.DataFrame({"service_type": ["PeS"], "item": ["cost_staff"]}), [2026, 2027])
    last = table[(table["scenario"] == "growth") & (table["year"] == 2027)].iloc[0]
    assert last["price"] == pytest.approx(1.055 * 1.05)
    assert last["capacity"] == pytest.approx(1.02**2)
    assert last["people"] == pytest.approx(1.023**2)
    assert last["factor"] == pytest.approx(last["price"] * last["capacity"] * last["people"] / (1.05 * 1.045))


def test_years_without_are_read_from_the_reference_with_their_reason(run, folder):
    assert read_scenarios(run, folder).without_years == []
    replace(folder / "expected.toml", "[without_years]", '[without_years]\n2021 = "epidemie"\n2020 = "epidemie"')
    assert read_scenarios(run, folder).without_years == [2020, 2021]


def test_years_beyond_the_list_go_on_like_the_last_and_capacity_does_not(scenarios):
    growth = scenarios.chosen["growth"]
    assert growth.growth("wages", 2035) == growth.growth("wages", 2028) == 0.045
    assert growth.growth("wages", 2020) == 0.055
    assert growth.planned("DZR", [2029, 2030]).tolist() == [1, 1]


def test_the_reference_is_read_even_if_the_run_does_not_name_it(run):
    chosen = read_scenarios(run.model_copy(update={"scenarios": ["tight"]})).chosen
    assert list(chosen) == ["expected", "tight"]


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("tight.toml", "wages =", "wagez =", "wages"),
    ("tight.toml", "0.070", '"7 %"', "7 %"),
    ("tight.toml", 'esf = "ends"', 'esf = "maybe"', "maybe"),
    ("tight.toml", "2026 = 0.070", "26 = 0.070", "26"),
    ("growth.toml", "DZR = ", "DZX = ", "DZX"),
    ("growth.toml", "[capacity]", "[capacity", "growth.toml"),
    ("drivers.toml", "[cost_energy]", "[cost_energi]", "cost_energi"),
    ("drivers.toml", "[cost_energy]", "[cost_operating]", "cost_material"),
    ("drivers.toml", 'PeS = "people_80"', 'PeX = "people_80"', "PeX"),
    ("drivers.toml", 'PeS = "people_80"', 'PeS = "people_85"', "people_85"),
    ("expected.toml", "[without_years]", '[without_years]\n2021 = ""', "2021"),
    ("tight.toml", 'esf = "ends"', 'esf = "ends"\nwithout_years = { 2021 = "epidemie" }', "without_years"),
    ("drivers.toml", 'driver = "wages"', 'driver = "salaries"', "salaries"),
])
def test_a_wrong_file_is_named_with_what_is_wrong(run, folder, file, old, new, told):
    replace(folder / file, old, new)
    with pytest.raises(RunError) as error:
        read_scenarios(run, folder)
    assert any(file in problem and told in problem for problem in error.value.problems)


def test_a_scenario_without_a_file_is_named(run, folder):
    (folder / "tight.toml").unlink()
    with pytest.raises(RunError, match=r"tight\.toml"):
        read_scenarios(run, folder)


def test_a_run_without_scenarios_is_told_what_to_add(run):
    with pytest.raises(RunError, match=r"scenarios: \[expected"):
        read_scenarios(run.model_copy(update={"scenarios": []}))


def test_items_forecast_add_up_to_the_totals(run, scenarios):
    leaves = {"cost_total": set(), "revenue_total": set()}
    for total, found in leaves.items():
        left = [total]
        while left:
            item = left.pop()
            parts = [] if item in scenarios.items else run.methodology.items[item].sum_of
            left += parts
            found |= {item} if not parts else set()
    assert leaves["cost_total"] | leaves["revenue_total"] == set(scenarios.items)
