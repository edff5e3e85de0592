"""What is counted of a group's returns, and the way back of a value, on tables made by hand."""

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from kpsslib.batch.counting import count
from kpsslib.batch.tracing import way_back
from kpsslib.cli.tracing import tell_way
from kpsslib.publishing.results import Quarantined
from kpsslib.workspace import TABLES, RunError, open_run

FACTS = [
    ("0000001", 2025, "actual", "cost_total", 1000.0, "D37"),
    ("0000001", 2025, "actual", "cost_optional", 100.0, "D38"),
    ("0000001", 2025, "actual", "bed_days", 3.0, "D103"),
    ("0000001", 2025, "plan", "cost_total", 900.0, "C5"),
    ("0000002", 2024, "actual", "cost_total", 5.0, "C6"),
    ("0000003", 2025, "actual", "cost_total", float("nan"), "D37"),
    ("0000003", 2025, "actual", "items_required", 40.0, ""),
]


def table(name, rows):
    """The rows as a table of the run; what is not given is empty."""
    empty = {column: "" if kind == "str" else None for column, kind in TABLES[name].items()}
    return pd.DataFrame([empty | row for row in rows], columns=list(TABLES[name]))


@pytest.fixture
def run(project):
    run = open_run(project.run_file(groups=["PS1", "PS2"]), group="PS1")
    here = dict(form="residential", sheet="Výkaz", status="reported", file="0000001.xlsx")
    facts = [here | dict(service_id=s, year=y, round=r, item=i, value=v, cell=c) for s, y, r, i, v, c in FACTS]
    services = [dict(service_id=f"000000{n}", form="residential", group="PS1", service_type="DS",
                     service_name=f"Domov {n}", valid_to="2024-06-30" if n == 2 else "") for n in (1, 2, 3)]
    problem = dict(service_id="0000001", year=2025, round="actual", rule="5", found="1", expected="2")
    problem |= dict(advice="Opravte.")
    problems = [problem | dict(severity="error", item="cost_total"), problem | dict(severity="warning", item="rooms"),
                problem | dict(severity="warning", round="plan"),
                dict(severity="error", file="nic.xlsx", advice="Pošlete znovu.")]
    originals = [dict(file="0000001.xlsx", state="accepted", sha256="ab12"),
                 dict(file="nic.xlsx", state="quarantined", reason="není to sešit")]
    value = dict(indicator="N01", unit_id="0000001", form="residential", year=2025, round="actual", numerator=900.0,
                 denominator=3.0, value=300.0, flag="ok")
    run.save(facts=table("facts", facts), services=table("services", services), problems=table("problems", problems),
             originals=table("originals", originals), indicators=table("indicators", [value]))
    return run


def test_services_that_sent_figures_of_those_that_ran_in_the_year(run):
    counted = count(run)
    assert (counted.n_reported, counted.n_expected) == (1, 2)
    assert (counted.errors, counted.warnings, counted.questions) == (2, 1, 0)


def test_a_group_that_has_no_tables_is_not_counted_as_nothing(run):
    with pytest.raises(RunError, match="PS2"):
        count(run.model_copy(update={"group": "PS2"}))


def test_quarantined_files_are_told_once_with_their_reason_and_advice(run):
    assert count(run).quarantined == [Quarantined("nic.xlsx", "není to sešit", "Pošlete znovu.")]


def test_the_way_back_goes_over_the_formula_to_the_cells_and_their_problems(run):
    way = way_back(run, "0000001", "N01", 2025)
    assert way.values["value"].tolist() == [300.0]
    now = way.items[way.items["round"] == "actual"].set_index("item")
    assert now["cell"].to_dict() == {"cost_total": "D37", "cost_optional": "D38", "bed_days": "D103"}
    assert set(now["sha256"]) == {"ab12"}
    assert way.problems["item"].tolist() == ["cost_total", ""]
    console = Console(width=300, file=StringIO())
    tell_way(way, run, 2025, console)
    said = console.file.getvalue()
    for words in ("Domov 1 (0000001, PS1)", "skutečnost, pobytová: 300", "900 / 3", "cost_total", "1\u00a0000",
                  "0000001.xlsx, Výkaz, D37", "ab12", "5: nalezeno 1, očekává se 2. Opravte."):
        assert words in said


@pytest.mark.parametrize(("service", "code", "year", "words"), [
    ("0000009", "N01", 2025, "0000001"), ("0000001", "N011", 2025, "N01"), ("0000001", "N01", 2019, "2025"),
])
def test_what_is_not_there_is_named_with_what_is(run, service, code, year, words):
    with pytest.raises(RunError, match=words):
        way_back(run, service, code, year)
