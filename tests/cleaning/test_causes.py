"""What follows from another problem is told under it."""

import pandas as pd
import pytest

from kpsslib.cleaning.causes import with_causes
from kpsslib.methodology import load
from kpsslib.workspace import project_root

COLUMNS = ("rule", "severity", "item", "cell", "form", "service_id")
D = ("residential", "0000001")


@pytest.fixture(scope="module")
def known():
    return load(project_root() / "parameters/methodology")


def causes(known, *rows):
    problems = pd.DataFrame([(row + D)[:6] if len(row) < 6 else row for row in rows], columns=list(COLUMNS))
    problems = problems.assign(file="a.xlsx", sheet="Výkaz", year=2025, round="actual")
    return with_causes(problems, known)["cause"].tolist()


def test_an_error_of_a_part_is_the_cause_of_those_of_its_sums(known):
    assert causes(known, ("cell", "error", "cost_total", "D38"), ("cell", "error", "cost_energy", "D30"),
                  ("cell", "error", "cost_operating", "D37")) == ["D30", "", "D30"]


def test_a_warning_about_a_part_is_no_cause(known):
    assert causes(known, ("7", "error", "cost_total", "D38"), ("7", "warning", "cost_other", "D36")) == ["", ""]


def test_another_form_and_another_service_have_their_own_causes(known):
    assert causes(known, ("cell", "error", "cost_energy", "D30"),
                  ("cell", "error", "cost_operating", "E37", "outpatient_field", "0000001"),
                  ("cell", "error", "cost_operating", "D37", "residential", "0000002")) == ["", "", ""]


def test_of_several_doubts_about_a_cell_the_gravest_is_the_cause(known):
    assert causes(known, ("10", "warning", "clients", "D60"), ("14", "question", "clients", "D60"),
                  ("15", "warning", "clients", "D60")) == ["D60", "", "D60"]


def test_amounts_in_thousands_are_the_cause_of_what_else_is_said_of_money(known):
    assert causes(known, ("9", "question", "cost_total", "D38"), ("8", "warning", "revenue_total", "D52"),
                  ("10", "warning", "clients", "D60")) == ["", "D38", ""]


def test_problems_without_a_cell_do_not_hide_one_another(known):
    assert causes(known, ("17", "warning", "", ""), ("file", "error", "", "")) == ["", ""]
