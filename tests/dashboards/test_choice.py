"""What the browser asks for is checked against the codes that exist."""

import pytest

from kpsslib.dashboards.choice import Choice, options, settle


def test_the_first_choice_is_the_newest_year_and_the_first_of_everything_else(board):
    first = settle(board, {})
    assert first[:5] == ("PS1", "DS", "residential", 2025, "N01")
    assert board.group("PS1").names[first.service] == "Domov seniorů Čermná nad Orlicí"


def test_each_control_is_followed(board):
    now = settle(board, {})
    now = settle(board, {"service_type": "DZR", "n": 1}, now)
    now = settle(board, {"year": "2021", "n": 2}, now)
    now = settle(board, {"indicator": "V01", "n": 3}, now)
    chosen = next(code for code, name in options(board, now)["service"] if "Hronov" in name)
    now = settle(board, {"service": chosen, "n": 4}, now)
    assert now == Choice("PS1", "DZR", "residential", 2021, "V01", chosen)


def test_what_does_not_exist_any_more_falls_back(board):
    residential = settle(board, {"indicator": "N01", "year": "2020"})
    homecare = settle(board, {"group": "PS3", "service_type": "PeS"}, residential)
    assert homecare.form == "outpatient_field"
    assert homecare.indicator != "N01"
    assert homecare.year == 2020


@pytest.mark.parametrize("asked", [
    {"group": "PS9"}, {"group": "../../etc"}, {"group": 1}, {"group": None}, {"group": ["PS3"]}, {"year": 2021},
    {"year": "1999"}, {"year": "2021; drop"}, {"indicator": "n01"}, {"indicator": "<script>"}, {"service": "0"},
    {"service": {"$ne": 1}}, {"form": "outpatient_field"}, {"service_type": "PeS"}, {"unknown": "x"},
])
def test_what_is_not_among_the_options_changes_nothing(board, asked):
    now = settle(board, {"service_type": "DZR", "year": "2022"})
    assert settle(board, asked, now) == now


def test_a_service_of_another_type_brings_its_type(board):
    now = settle(board, {"service_type": "SZZ"})
    other = board.group("PS1").registered("DS", "residential")["service_id"].iloc[0]
    assert settle(board, {"service": other}, now)[:3] == ("PS1", "DS", "residential")


def test_options_are_grouped_sorted_and_limited_to_what_was_compared(board):
    found = options(board, settle(board, {"group": "PS3", "service_type": "OS"}))
    assert [code for code, _ in found["service_type"]] == ["PeS", "OS"]
    assert [label for _, label in found["form"]] == ["pobytová", "ambulantní a terénní"]
    assert found["year"][0] == ["2025", "2025"]
    assert next(area for area, _ in found["indicator"]) == "Náklady"
    names = [name for _, name in found["service"]]
    assert names.index("Odlehčovací služba Hořice") < names.index("Odlehčovací služba Chrast")
