"""Problems as they are read: numbered, the same said once, what follows kept beneath its cause."""

import pandas as pd
import pytest

from kpsslib.checking.points import all_points, points_of, told
from kpsslib.language import speak
from kpsslib.workspace import TABLES


def table(*rows):
    empty = dict.fromkeys(TABLES["problems"], "") | dict(sheet="Výkaz", form="residential", rule="cell",
                                                         severity="error", found="x", expected="y", advice="z")
    return pd.DataFrame([empty | row for row in rows])


def test_what_follows_stands_beneath_its_cause(methodology):
    points = points_of(table(
        dict(cell="D37", item="cost_operating", rule="7", severity="error", cause="D31"),
        dict(cell="D31", item="cost_energy", value="-5.0"),
        dict(cell="D38", item="cost_total", rule="8", severity="warning", cause="D37"),
        dict(cell="D31", item="cost_energy", rule="10", severity="warning", cause="D31"),
        dict(cell="D5", item="cost_wages", severity="warning"),
    ), methodology, ["residential"])
    assert [(p.number, p.cell, [(f.number, f.cell) for f in p.follows]) for p in points] == [
        ("1", "D31", [("1.1", "D37"), ("1.2", "D38"), ("1.3", "D31")]), ("2", "D5", [])]
    assert points[0].key == "cell|residential|cost_energy|-5.0"
    assert len(all_points(points)) == 5


def test_no_problem_is_lost_whatever_the_causes_say(methodology):
    rows = table(dict(cell="D5", cause="D6"), dict(cell="D6", cause="D5"), dict(cell="D7", cause="D99"),
                 dict(cell="", cause="3"), dict(cell="D8", rule="3", cause=""))
    assert len(all_points(points_of(rows, methodology, []))) == 5


@pytest.mark.parametrize(("language", "cells"), [("cs", "AA2, D5 a D31"), ("en", "AA2, D5 and D31")])
def test_the_same_words_are_said_once_in_the_order_of_the_sheet(methodology, language, cells):
    speak(language)
    points = points_of(table(dict(cell="D31"), dict(cell="AA2"), dict(cell="D5")), methodology, [])
    found = [group.cells for group in told(points)]
    speak("cs")
    assert found == [cells]


def test_a_doubt_about_the_heading_is_told_once_for_all_forms(methodology):
    both = [dict(cell="D18", item="valid_to", rule="16", form=form) for form in ("residential", "outpatient_field")]
    assert len(points_of(table(*both), methodology, ["residential", "outpatient_field"])) == 1


def test_a_label_names_the_form_where_there_are_two(methodology):
    rows = table(dict(cell="D31", item="cost_energy"))
    assert str(points_of(rows, methodology, ["residential", "outpatient_field"])[0].label).endswith(")")
    assert "(" not in points_of(rows, methodology, ["residential"])[0].label
