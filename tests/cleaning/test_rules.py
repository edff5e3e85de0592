"""Every one of the seventeen rules: a return that breaks it, built from a sound one that breaks none."""

import math

import pytest

from kpsslib.cleaning.rules import rule_names
from kpsslib.cleaning.thresholds import read_thresholds
from kpsslib.workspace import RunError

R, O = "residential", "outpatient_field"  # noqa: E741
COSTS = ("cost_wages", "cost_levies", "cost_agreements", "cost_material", "cost_energy", "cost_repairs", "cost_travel",
         "cost_services", "cost_depreciation", "cost_other", "cost_optional", "cost_overhead_staff")
OTHER = {"cost_other": 1_500_000, "revenue_region": 1_950_000}
NO_DEGREES = {f"clients_degree_{degree}": None for degree in range(5)}

# rule, severity, type, changes before sums, overrides after them, identity, item told, figures taken out
BROKEN = {
    "ico": ("1", "error", "DS", {}, {"provider_id": "12345678"}, {}, "provider_id", ()),
    "ico without zeros": ("1", "warning", "DS", {}, {"provider_id": 64581}, {}, "provider_id", ()),
    "service id": ("1", "error", "DS", {}, {"service_id": "12345X7"}, {}, "service_id", None),
    "type": ("2", "error", "DS", {}, {"service_type": "SOCREHAB"}, {}, "service_type", None),
    "form": ("2", "error", "DS", {}, {"forms": "P, T"}, {}, "", ()),
    "figure of a form it has not": ("2", "error", "DS", {}, {("clients", O): 12}, {}, "clients", ()),
    "bed-days": ("4", "error", "DS", {"bed_days": 10_951}, {}, {}, "bed_days", ("bed_days",)),
    "days": ("4", "error", "DS", {"operating_days": 400}, {}, {}, "operating_days", ("operating_days",)),
    "a day too many": ("4", "error", "DS", {"operating_days": 366}, {}, {}, "operating_days", ("operating_days",)),
    "half empty": ("4", "warning", "DS", {"bed_days": 5_474}, {}, {}, "bed_days", ()),
    "capacity unit": ("5", "error", "DS", {}, {("capacity_beds", O): 12}, {}, "capacity_beds", ()),
    "negative": ("6", "error", "DS", {"cost_repairs": -85_000}, {}, {}, "cost_repairs", ("cost_repairs",)),
    "posts without cost": ("6", "warning", "DS", dict.fromkeys(COSTS, 0), {}, {}, "cost_total", ()),
    "sum": ("7", "error", "DS", {}, {("cost_total", R): 10_400_010}, {}, "cost_total", ("cost_total",)),
    "sum of posts": ("7", "error", "DS", {}, {("fte_direct", R): 8.5, ("fte_total", R): 12.5}, {}, "fte_direct",
                     ("fte_direct",)),
    "part above its whole": ("7", "error", "DS", {"persons_qualified": 20}, {}, {}, "persons_qualified",
                             ("persons_qualified",)),
    "other costs": ("7", "warning", "DS", OTHER, {}, {}, "cost_other", ()),
    "loss": ("8", "warning", "DS", {"revenue_grant": 6_900_000}, {}, {}, "revenue_total", ()),
    "surplus": ("8", "warning", "DS", {"revenue_grant": 8_600_000}, {}, {}, "revenue_total", ()),
    "hours": ("11", "warning", "PeS", {"care_hours": 15_300}, {}, {}, "care_hours", ()),
    "pay": ("11", "warning", "DS", {"fte_care_attendance": 0, "fte_health": 0}, {}, {}, "cost_staff", ()),
    "opened": ("12", "warning", "DS", {}, {}, {"valid_from": "2025-05-01"}, "valid_from", ()),
    "closed": ("12", "warning", "DS", {}, {}, {"valid_to": "2025-08-31"}, "valid_to", ()),
    "months": ("12", "warning", "DS", {"months_operated": 8}, {}, {}, "months_operated", ()),
    "few clients": ("14", "warning", "DS", {"clients": 8, **NO_DEGREES}, {}, {}, "clients", ()),
    "anonymous": ("14", "warning", "NZDM", {"clients_anonymous": 35}, {}, {}, "clients_anonymous", ()),
    "degrees": ("15", "error", "DS", {"clients_degree_4": 25}, {}, {}, "clients_degree_4",
                tuple(f"clients_degree_{degree}" for degree in range(5))),
    "no degrees": ("15", "warning", "DS", NO_DEGREES, {}, {}, "clients_degree_0", ()),
    "turned dates": ("16", "error", "DS", {}, {}, {"valid_to": "2005-01-01"}, "valid_to", ()),
    "turned entrustment": ("16", "error", "DS", {}, {}, {"entrusted_to": "2019-01-01"}, "entrusted_to", ()),
    "no such day": ("16", "error", "DS", {}, {"valid_from": "31.4.2020"}, {}, "valid_from", ()),
    "not entrusted": ("16", "warning", "DS", {}, {}, {"entrusted_to": "2025-06-30"}, "entrusted_to", ()),
    "missing": ("17", "warning", "DS", {"joiners": None, "leavers": None}, {}, {}, "joiners", ()),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_told_with_its_cell(office, case):
    rule, severity, kind, changes, overrides, identity, item, taken_out = case
    office.send(kind=kind, changes=changes, overrides=overrides, **identity)
    cleaned = office.clean()
    told = office.found(cleaned, rule, severity)
    told = told[told["item"] == item]
    assert len(told) == 1
    problem = told.iloc[0]
    assert problem["cell"][0] in "DE"
    assert problem["file"] == "returns/0000001.xlsx"
    assert not any("{" in problem[part] or not problem[part] for part in ("found", "expected", "advice"))
    if taken_out is None:
        assert cleaned.originals["state"].tolist() == ["quarantined"]
        assert cleaned.facts.empty
    else:
        form = problem["form"] if problem["form"] in (R, O) and taken_out else R
        for code in taken_out:
            fact = office.fact(cleaned, code, form)
            assert (fact["status"], math.isnan(fact["value"])) == ("missing", True)


def test_a_warning_lets_the_figure_pass(office):
    office.send(changes={"bed_days": 5_474})
    assert office.fact(office.clean(), "bed_days")["value"] == 5_474


def test_limits_are_not_yet_broken(office):
    office.send(changes={"bed_days": 10_950, "persons_qualified": 14, "clients_degree_4": 15, "months_operated": 12},
                overrides={("cost_total", R): 10_400_002}, valid_from="2025-01-01", valid_to="2025-12-31",
                entrusted_from="2025-01-01", entrusted_to="2025-12-31")
    assert office.clean().problems.empty


def test_other_costs_with_a_comment_pass(office):
    office.send(changes=OTHER, notes={"cost_other": "pojištění"})
    assert office.clean().problems.empty


def test_one_mistake_is_told_once(office):
    """A negative cost makes a sum that does not add up and a strange result: only the cause is told."""
    office.send(changes={"cost_repairs": -85_000})
    problems = office.clean().problems
    assert problems[["rule", "item"]].to_numpy().tolist() == [["6", "cost_repairs"]]


def test_a_return_of_nothing_but_zeros(office):
    office.send(changes=dict.fromkeys((item for item, _form in office.figures("DS")), 0))
    told = office.found(office.clean(), "6", "warning")
    assert len(told) == 1
    assert "are 0" in told.iloc[0]["found"]


def test_thousands_of_crowns_are_a_question_and_hold_back_all_money(office):
    for number in range(1, 6):
        office.send(f"000000{number}")
    money = [code for code, item in office.methodology.items.items() if item.unit == "CZK"]
    small = {item: value / 1000 for (item, _form), value in office.figures("DS").items() if item in money}
    office.send("0000009", changes=small)
    cleaned = office.clean()
    told = office.found(cleaned, "9")
    assert told[["service_id", "severity", "item"]].to_numpy().tolist() == [["0000009", "question", "cost_total"]]
    facts = cleaned.facts[(cleaned.facts["service_id"] == "0000009") & cleaned.facts["item"].isin(money)]
    assert set(facts["status"]) == {"missing"}
    assert cleaned.problems["rule"].eq("9").all()
    other = cleaned.facts[(cleaned.facts["service_id"] == "0000009") & (cleaned.facts["item"] == "clients")]
    assert other["value"].tolist() == [40]


def test_thousands_are_seen_by_the_year_before_and_do_not_stain_the_year_after(office):
    small = {item: value / 1000 for (item, _form), value in office.figures("DS").items()
             if office.methodology.items[item].unit == "CZK"}
    others = [(f"000000{n}", "DS") for n in range(2, 7)]
    office.archive("2023_actual.csv", [("0000001", "DS"), *others])
    office.archive("2024_actual.csv", [("0000001", "DS", small), *others])
    for service_id, _kind in (("0000001", "DS"), *others):
        office.send(service_id)
    told = office.found(office.clean(), "9")
    assert told[["service_id", "year"]].to_numpy().tolist() == [["0000001", 2024]]


def test_a_change_is_judged_beside_that_of_the_peers(office):
    services = [(f"00000{n:02}", "PeS", {"clients": 60}) for n in range(1, 9)]
    office.archive("2024_actual.csv", services)
    for number in range(1, 9):  # everybody grew by 40 %, the last one by 150 %
        office.send(f"00000{number:02}", "PeS", changes={"clients": 84 if number < 8 else 150})
    told = office.found(office.clean(), "10")
    told = told[told["item"] == "clients"]
    assert told["service_id"].tolist() == ["0000008"]
    assert "60 in the year before" in told.iloc[0]["found"]


def test_an_outlier_by_the_modified_z_score(office):
    for number in range(1, 9):
        office.send(f"00000{number:02}", "PeS", changes={"care_hours": 9_000 + 60 * number if number < 8 else 14_000})
    told = office.found(office.clean(), "10")
    assert told[["service_id", "item"]].to_numpy().tolist() == [["0000008", "care_hours"]]


def test_two_homes_of_one_provider_in_one_municipality(office):
    office.send("0000001", "DS")
    office.send("0000002", "DZR")
    office.send("0000003", "DZR", municipality_code="500022")
    told = office.found(office.clean(), "13", "warning")
    assert sorted(told["service_id"]) == ["0000001", "0000002"]


def test_the_type_was_not_known_yet(office):
    first = office.methodology.service_types["CDZ"].valid_from.year
    office.archive(f"{first - 1}_actual.csv", [("0000001", "CDZ")])
    office.archive(f"{first}_actual.csv", [("0000001", "CDZ")])
    cleaned = office.clean(years=[first - 1, first, 2025], groups=["PS8"], returns=None)
    assert office.found(cleaned, "2")["year"].tolist() == [first - 1]


def test_who_is_not_registered_or_under_another_number(office):
    office.send("0000001")
    office.send("0000002")
    office.send("0000003")
    register = office.register(("0000001", "DS", {}), ("0000002", "DS", {"provider_id": "25123891"}))
    cleaned = office.clean(register_file=register)
    told = office.found(cleaned, "1", "warning")
    assert sorted(told["service_id"]) == ["0000002", "0000003"]
    provider = cleaned.services.set_index("service_id")["provider_id"]
    assert provider["0000002"] == "25123891"  # the register is believed


def test_all_seventeen_rules_have_a_name_in_both_languages():
    from kpsslib.language import speak

    speak("cs")
    czech = rule_names()
    speak("en")
    english = rule_names()
    speak("cs")
    assert list(czech)[:17] == [str(number) for number in range(1, 18)]
    assert all(czech[rule] != english[rule] for rule in czech)


def test_thresholds_are_read_strictly(office, tmp_path):
    path = tmp_path / "rules.toml"
    text = (office.folder / "parameters/methodology/rules.toml").read_text("utf-8")
    path.write_text(text.replace("mad = 3.5", 'mad = "3.5"').replace("per_place", "per_bed"), "utf-8")
    with pytest.raises(RunError) as caught:
        read_thresholds(path)
    said = "\n".join(caught.value.problems)
    assert "outliers.mad" in said
    assert "clients.per_bed" in said
    assert "clients.per_place" in said
