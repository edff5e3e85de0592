"""A provider's answer settles one doubt, for exactly the value it was given for."""

import pandas as pd
import pytest

from kpsslib.cleaning.cleaned import clean_group
from kpsslib.cleaning.rules import thresholds_of
from kpsslib.intake.records import CONFIRMATIONS
from kpsslib.intake.taking_in import load_intake
from kpsslib.workspace import TABLES

ANSWER = dict(file="returns/0000001.xlsx", sheet="Chyby", cell="H5", service_id="0000001", form="residential",
              year=2025, round="actual", rule="4", item="bed_days", value="5474.0", answer="ano", who="Nováková",
              day="2026-02-03")


@pytest.fixture
def judged(office):
    """Cleans what was sent with some answers beside it."""
    def judge(*answers):
        run = office.run(groups=["PS1"], group="PS1")
        said = pd.DataFrame([ANSWER | answer for answer in answers], columns=list(CONFIRMATIONS))
        return clean_group(run, load_intake(run, "PS1")._replace(confirmations=said), "PS1", thresholds_of(run))
    return judge


def test_an_answered_warning_is_not_told_again(office, judged):
    office.send(changes={"bed_days": 5_474})
    problem = office.found(judged(), "4").iloc[0]
    assert {name: problem[name] for name in ("rule", "form", "item", "value")} == {
        name: ANSWER[name] for name in ("rule", "form", "item", "value")}
    cleaned = judged({})
    assert cleaned.problems.empty
    assert list(cleaned.confirmations) == list(TABLES["confirmations"])
    assert cleaned.confirmations[["who", "day", "state"]].to_numpy().tolist() == [["Nováková", "2026-02-03", "applied"]]


@pytest.mark.parametrize(("answer", "state"), [
    ({"value": "5470.0"}, "lapsed"), ({"item": "clients"}, "lapsed"), ({"form": "outpatient_field"}, "lapsed"),
    ({"year": 2024}, "lapsed"), ({"rule": "14"}, "lapsed"), ({"service_id": "0000002"}, "lapsed"),
    ({"answer": "rekonstrukce budovy"}, "explanation"),
])
def test_an_answer_to_something_else_settles_nothing(office, judged, answer, state):
    office.send(changes={"bed_days": 5_474})
    cleaned = judged(answer)
    assert len(office.found(cleaned, "4", "warning")) == 1
    assert cleaned.confirmations["state"].tolist() == [state]


def test_an_error_cannot_be_confirmed(office, judged):
    office.send(changes={"bed_days": 10_951})
    cleaned = judged({"value": "10951.0"})
    assert len(office.found(cleaned, "4", "error")) == 1
    assert office.fact(cleaned, "bed_days")["status"] == "missing"
    assert cleaned.confirmations["state"].tolist() == ["lapsed"]


def test_what_nobody_asks_any_more_has_lapsed(office, judged):
    office.send(changes={"bed_days": 10_000})
    assert judged({}).confirmations["state"].tolist() == ["lapsed"]


def test_a_confirmed_refund_holds(office, judged):
    office.send(changes={"cost_repairs": -85_000})
    refund = {"rule": "6", "item": "cost_repairs", "value": "-85000.0"}
    assert office.fact(judged(), "cost_repairs")["status"] == "missing"
    cleaned = judged(refund)
    assert cleaned.problems.empty
    assert office.fact(cleaned, "cost_repairs")[["value", "status"]].tolist() == [-85_000, "reported"]


def test_confirmed_zeros_are_real_zeros(office, judged):
    office.send(changes=dict.fromkeys((item for item, _form in office.figures("DS")), 0))
    asked = office.found(judged(), "6", "question").iloc[0]
    cleaned = judged({"rule": "6", "item": asked["item"], "value": asked["value"]})
    assert office.found(cleaned, "6", "question").empty
    figures = cleaned.facts[(cleaned.facts["cell"] != "") & cleaned.facts["value"].notna()]
    assert len(figures) > 40
    assert set(figures["status"]) == {"confirmed_zero"}


def test_a_service_that_changed_hands_is_used_once_confirmed(office, judged, monkeypatch):
    office.send("0000001")
    register = office.register(("0000001", "DS", {"provider_id": "25123891"}))
    run = office.run
    monkeypatch.setattr(office, "run", lambda **more: run(**more, register_file=register))
    assert office.fact(judged(), "clients")["status"] == "missing"
    cleaned = judged({"rule": "1", "item": "provider_id", "value": "00064581"})
    assert cleaned.problems.empty
    assert office.fact(cleaned, "clients")["value"] == 40


def test_amounts_confirmed_as_they_are_are_used(office, judged):
    money = [code for code, item in office.methodology.items.items() if item.unit == "CZK"]
    small = {item: value / 1000 for (item, _form), value in office.figures("DS").items() if item in money}
    office.archive("2024_actual.csv", [("0000001", "DS")])
    office.send(changes=small)
    cleaned = judged({"rule": "9", "item": "cost_total", "value": "10400.0"})
    assert office.found(cleaned, "9").empty
    assert office.fact(cleaned, "cost_total")["value"] == 10_400
    assert cleaned.confirmations["state"].tolist() == ["applied"]
