"""Amounts, ranks and formulas as they are read; the axis they stand on."""

import math

import pytest

from kpsslib.dashboards import words
from kpsslib.dashboards.axis import axis
from kpsslib.dashboards.definition import definition
from kpsslib.language import speak
from kpsslib.methodology import load
from kpsslib.methodology.models import Earlier, Name
from kpsslib.workspace import project_root


@pytest.fixture(scope="module")
def methodology():
    speak("cs")
    return load(project_root() / "parameters" / "methodology")


def test_money_and_per_cent_have_a_fixed_space_and_a_decimal_comma(methodology):
    cost, occupancy = methodology.indicators["N01"], methodology.indicators["V01"]
    assert words.amount(1812.4, cost) == "1\xa0812\xa0Kč za lůžkoden"
    assert words.short(1790, cost) == "1\xa0790\xa0Kč"
    assert words.short(92.46, occupancy) == "92,5\xa0%"
    assert words.reach(1650, 1905, cost) == "1\xa0650–1\xa0905\xa0Kč"
    assert words.amount(math.nan, cost) == words.reach(math.nan, 1, cost) == "–"


def test_ranks_are_an_interval_unless_they_are_sure(methodology):
    assert words.ranks({"rank_low": 5.0, "rank_high": 9.0, "n_reported": 14}) == "5.–9.\xa0z\xa014"
    assert words.ranks({"rank_low": 1.0, "rank_high": 1.0, "n_reported": 14}) == "1.\xa0z\xa014"
    assert words.ranks({"rank_low": math.nan, "rank_high": math.nan, "n_reported": 14}) == "–"


def test_small_denominators_keep_their_decimals():
    shown = [words.part(value) for value in (3.4, 5.0, 2_621_557.25, math.nan)]
    assert shown == ["3,40", "5", "2\xa0621\xa0557", "–"]


def test_the_formula_is_that_of_the_year(methodology):
    old = Earlier(last_year=2020, numerator="cost_total", denominator="bed_days",
                  why=Name(cs="Dříve i fakultativní činnosti.", en="Optional activities too."))
    changed = methodology.indicators["N01"].model_copy(update={"earlier": [old]})
    assert dict(definition(changed, 2021, methodology))["Vzorec"].startswith("(náklady celkem − ")
    before = dict(definition(changed, 2020, methodology))
    assert before["Vzorec"] == "náklady celkem ÷ lůžkodny"
    assert before["Změna metody"] == "tento vzorec platil do roku 2020: Dříve i fakultativní činnosti."


@pytest.mark.parametrize("code", ["N01", "V01", "F13", "K01", "P03"])
def test_a_definition_has_everything_a_reader_asks(methodology, code):
    terms = dict(definition(methodology.indicators[code], 2025, methodology))
    assert {"Vzorec", "Jednotka", "Směr", "K čemu je", "Na co dát pozor", "Zdroje", "Kdo za něj odpovídá"} <= set(terms)
    assert all(terms.values())


@pytest.mark.parametrize(("values", "labels"), [
    ([1386, 2557], ["1\xa0500", "1\xa0750", "2\xa0000", "2\xa0250", "2\xa0500"]),
    ([0.12, 0.31], ["0,15", "0,20", "0,25", "0,30"]),
    ([86.0, 98.0], ["87,5", "90,0", "92,5", "95,0", "97,5"]),
    ([400_000, 650_000], ["400\xa0000", "450\xa0000", "500\xa0000", "550\xa0000", "600\xa0000", "650\xa0000"]),
])
def test_ticks_are_round(values, labels):
    speak("cs")
    assert [label for _, label in axis(values)["ticks"]] == labels


def test_an_axis_holds_its_values_but_not_every_whisker():
    made = axis([10.0, 20.0], [-500.0, 900.0])
    assert made["min"] >= 0
    assert 20 < made["max"] < 30
    assert axis([])["ticks"] == []
    flat = axis([5.0, 5.0])
    assert flat["min"] < 5 < flat["max"]
    zero = axis([0.0])
    assert zero["min"] <= 0 < zero["max"]
