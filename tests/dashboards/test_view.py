"""The view: same numbers as the tables, in words a reader understands."""

import json

import pandas as pd
import pytest

from kpsslib.dashboards.benchmark import view
from kpsslib.dashboards.board import Board
from kpsslib.dashboards.choice import settle
from kpsslib.language import NBSP
from kpsslib.workspace import RunError, open_run


def shown(board, **asked):
    return view(board, settle(board, asked))


def rows_of(board, group, **keys):
    table = board.run.read("comparison", group)
    for column, value in keys.items():
        table = table[table[column] == value]
    return table


def test_it_is_json_without_nan_and_small(board):
    for asked in ({}, {"service_type": "SZZ"}, {"group": "PS3", "service_type": "OS"}):
        text = json.dumps(shown(board, **asked), allow_nan=False)
        assert len(text) < 60_000


def test_dots_are_the_set_of_the_year_best_first(board):
    made = shown(board, service_type="DZR", indicator="N01")
    expected = rows_of(board, "PS1", indicator="N01", year=2025, peers="DZR/residential/beds", flag="ok")
    expected = expected.sort_values("value")
    assert [row["id"] for row in made["dots"]["rows"]] == expected["unit_id"].tolist()
    assert [row["value"] for row in made["dots"]["rows"]] == expected["value"].tolist()
    assert made["dots"]["median"] == expected["median"].iloc[0] == expected["value"].median()
    assert len(made["dots"]["rows"]) + len(made["dots"]["missing"]) == 31
    assert f"{len(expected)}{NBSP}z{NBSP}31{NBSP}služeb" in made["subtitle"]


def test_higher_is_better_puts_the_highest_first(board):
    values = [row["value"] for row in shown(board, service_type="DZR", indicator="V01")["dots"]["rows"]]
    assert values == sorted(values, reverse=True)


def test_colour_and_shape_only_where_the_interval_leaves_out_the_median(board):
    made = shown(board, service_type="DZR", indicator="N01")["dots"]
    marks = {row["mark"] for row in made["rows"]}
    assert marks == {"better", "worse", "level"}
    for row in made["rows"]:
        leaves_out = row["high"] < made["median"] or row["low"] > made["median"]
        assert (row["mark"] != "level") == leaves_out


def test_an_indicator_without_direction_is_never_coloured(board):
    made = shown(board, service_type="DZR", indicator="V04")["dots"]
    assert {row["mark"] for row in made["rows"]} == {"level"}
    assert made["legend"] == [["level", "nehodnotí se"]]


@pytest.mark.parametrize(("position", "words"), [
    ("better", "lepší než medián"), ("worse", "horší než medián"), ("indistinct", "nelze odlišit od mediánu"),
])
def test_the_sentence_says_the_position(board, position, words):
    row = rows_of(board, "PS1", indicator="N01", year=2025, position=position, peers="DZR/residential/beds").iloc[0]
    made = shown(board, service=row["unit_id"], indicator="N01")
    name = board.group("PS1").names[row["unit_id"]]
    value = f"{row['value']:,.0f}".replace(",", NBSP)
    assert made["sentence"].startswith(f"{name}: {value}{NBSP}Kč za lůžkoden, {words} ")
    assert dict(made["facts"])["Postavení"] == words


def test_a_service_without_a_value_says_why(board):
    row = rows_of(board, "PS1", indicator="N01", year=2025, flag="missing").iloc[0]
    made = shown(board, service=row["unit_id"], indicator="N01")
    assert made["sentence"].endswith(": bez hodnoty, ve výkazu chybí údaj.")
    assert not any(dot["chosen"] for dot in made["dots"]["rows"])
    assert any(text.endswith("(ve výkazu chybí údaj)") for text in made["dots"]["missing"])


def test_a_type_too_small_is_shown_in_its_wider_set(board):
    made = shown(board, service_type="SZZ", indicator="N01")
    assert "širší množině (pracovní skupina, stejná forma a jednotka kapacity)" in made["notes"][-1]
    own = [row for row in made["dots"]["rows"] if not row["other"]]
    others = [row for row in made["dots"]["rows"] if row["other"]]
    assert 1 <= len(own) <= 3
    assert len(others) > 40
    assert {(row["mark"], row["low"]) for row in others} == {("level", None)}
    values = [row["value"] for row in made["dots"]["rows"]]
    assert made["dots"]["median"] == pytest.approx(pd.Series(values).median())


def test_the_series_has_every_year_and_gaps_where_nothing_is_known(board):
    lost = rows_of(board, "PS1", indicator="N01", flag="missing", peers="DZR/residential/beds").iloc[0]
    points = shown(board, service=lost["unit_id"], indicator="N01")["series"]["points"]
    assert [point["year"] for point in points] == [str(year) for year in range(2018, 2026)]
    gap = next(point for point in points if point["year"] == str(lost["year"]))
    assert gap["value"] is None
    assert gap["median"] == pytest.approx(lost["median"])
    assert gap["text"].startswith(f"{lost['year']}: –; medián ")


def test_the_table_says_what_the_figure_draws(board):
    made = shown(board, service_type="DS", indicator="N01")
    heads, rows = made["table"]["heads"], made["table"]["rows"]
    assert heads == ["Služba", "Hodnota", "Interval", "Pořadí", "Postavení", "Čitatel", "Jmenovatel", "Poskytovatel"]
    assert len(rows) == 16
    drawn = [dot["text"] for dot in made["dots"]["rows"]]
    assert [row["cells"][1] for row in rows][:len(drawn)] == drawn
    assert sum(row["chosen"] for row in rows) == 1


def test_a_value_to_be_checked_first_is_not_drawn_but_named(board):
    tables = board.group("PS1")
    service = tables.registered("DS", "residential")["service_id"].iloc[0]
    rows = (tables.comparison["indicator"] == "N01") & (tables.comparison["unit_id"] == service)
    tables.comparison.loc[rows, ["value", "flag", "position"]] = [1_800_000.0, "out_of_range", "flagged"]
    made = shown(board, service=service, indicator="N01")
    assert service not in [dot["id"] for dot in made["dots"]["rows"]]
    assert made["dots"]["axis"]["max"] < 10_000
    assert "nejprve prověřit, hodnota je mimo platné rozpětí" in made["sentence"]
    assert any("1\xa0800\xa0000" in text for text in made["dots"]["missing"])


def test_same_names_are_told_apart(board):
    tables = board.group("PS3")
    names = tables.names
    care = [names[service] for service in tables.registered("PeS", "outpatient_field")["service_id"]]
    assert len(set(care)) == len(care) == 22
    assert any(name.startswith("Pečovatelská služba, ") for name in names.values())


def test_a_service_that_has_ended_is_not_expected(board):
    tables = board.group("PS1")
    service = tables.registered("DS", "residential")["service_id"].iloc[0]
    tables.services.loc[tables.services["service_id"] == service, "valid_to"] = "2021-12-31"
    assert service in set(tables.registered("DS", "residential", 2021)["service_id"])
    assert service not in set(tables.registered("DS", "residential", 2022)["service_id"])


def test_english_is_one_switch_away(project, monkeypatch):
    monkeypatch.chdir(project)
    made = shown(Board(open_run("parameters/runs/example.yaml", language="en")))
    assert made["title"] == "Cost per bed-day: homes for the elderly, 2025"
    assert "services)." in made["sentence"]


def test_nothing_compared_is_a_message(project, monkeypatch):
    monkeypatch.chdir(project)
    run = open_run("parameters/runs/example.yaml").model_copy(update={"name": "empty"})
    with pytest.raises(RunError, match="empty"):
        Board(run)


def test_every_choice_can_be_shown(board):
    """Each type, form and indicator of the project, in the first and the newest year."""
    for group in board.groups:
        offer = board.group(group).offer
        for kind, form, code, year in offer[offer["year"].isin([2018, 2025])].itertuples(index=False):
            made = shown(board, group=group, service_type=kind, form=form, indicator=code, year=str(year))
            assert made["choice"]["indicator"] == code
            assert made["choice"]["form"] == form
            low, high = made["dots"]["axis"]["min"], made["dots"]["axis"]["max"]
            assert all(low <= dot["value"] <= high for dot in made["dots"]["rows"])
            assert low < high


def test_a_service_that_sent_nothing_stands_in_the_table_with_dashes(board):
    tables = board.group("PS1")
    service = tables.registered("DS", "residential")["service_id"].iloc[0]
    silent = tables.services[tables.services["service_id"] == service].assign(service_id="9999999")
    tables.names["9999999"] = tables.providers["9999999"] = "Nový domov"
    object.__setattr__(tables, "services", pd.concat([tables.services, silent], ignore_index=True))
    made = shown(board, service="9999999", indicator="N01")
    assert made["sentence"] == "Nový domov: bez hodnoty, výkaz nepřišel."
    assert made["table"]["rows"][-1] == {
        "chosen": True, "cells": ["Nový domov", "–", "–", "–", "výkaz nepřišel", "–", "–", "Nový domov"]}
