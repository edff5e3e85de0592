"""Every one of the seventeen rules: a return that breaks it, built from a sound one that breaks none."""

import math

import pytest

from kpsslib.cleaning.rules import rule_names
from kpsslib.methodology import MethodologyError
from kpsslib.methodology.thresholds import read_thresholds

R, O = "residential", "outpatient_field"  # noqa: E741
COSTS = ("cost_wages", "cost_levies", "cost_agreements", "cost_material", "cost_energy", "cost_repairs", "cost_travel",
         "cost_services", "cost_depreciation", "cost_other", "cost_optional", "cost_overhead_staff")
OTHER = {"cost_other": 1_500_000, "revenue_region": 1_950_000}
POSTS = ("fte_social_workers", "fte_care_attendance", "fte_health", "fte_management", "fte_administration",
         "fte_support")
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
    "refund": ("6", "question", "DS", {"cost_repairs": -85_000}, {}, {}, "cost_repairs", ("cost_repairs",)),
    "negative posts": ("6", "error", "DS", {"fte_support": -2}, {}, {}, "fte_support", ("fte_support",)),
    "negative clients": ("6", "error", "DS", {"clients": -40}, {}, {}, "clients", ("clients",)),
    "posts without cost": ("6", "warning", "DS", dict.fromkeys(COSTS, 0), {}, {}, "cost_total", ()),
    "sum": ("7", "error", "DS", {}, {("cost_total", R): 10_400_010}, {}, "cost_total", ("cost_total",)),
    "sum of posts": ("7", "error", "DS", {}, {("fte_direct", R): 8.5, ("fte_total", R): 12.5}, {}, "fte_direct",
                     ("fte_direct", "fte_total")),
    "part above its whole": ("7", "error", "DS", {"persons_qualified": 20}, {}, {}, "persons_qualified",
                             ("persons_qualified", "persons")),
    "other costs": ("7", "warning", "DS", OTHER, {}, {}, "cost_other", ()),
    "loss": ("8", "warning", "DS", {"revenue_grant": 6_900_000}, {}, {}, "revenue_total", ()),
    "surplus": ("8", "warning", "DS", {"revenue_grant": 8_600_000}, {}, {}, "revenue_total", ()),
    "hours": ("11", "warning", "PeS", {"care_hours": 15_300}, {}, {}, "care_hours", ()),
    "paid by nobody": ("11", "warning", "DS", dict.fromkeys(POSTS, 0), {}, {}, "fte_total", ()),
    "posts without pay": ("11", "warning", "DS", {"cost_wages": 0, "cost_levies": 0, "cost_agreements": 0,
                                                  "revenue_grant": 0}, {}, {}, "cost_staff", ()),
    "nobody": ("14", "warning", "DS", {"clients": 0, "clients_anonymous": 0, **NO_DEGREES}, {}, {}, "clients", ()),
    "pay": ("11", "warning", "DS", {"fte_care_attendance": 0, "fte_health": 0}, {}, {}, "cost_staff", ()),
    "opened": ("12", "warning", "DS", {}, {}, {"valid_from": "2025-05-01"}, "valid_from", ()),
    "closed": ("12", "warning", "DS", {}, {}, {"valid_to": "2025-08-31"}, "valid_to", ()),
    "months": ("12", "warning", "DS", {"months_operated": 8}, {}, {}, "months_operated", ()),
    "few clients": ("14", "warning", "DS", {"clients": 8, **NO_DEGREES}, {}, {}, "clients", ()),
    "anonymous": ("14", "warning", "NZDM", {"clients_anonymous": 35}, {}, {}, "clients_anonymous", ()),
    "degrees": ("15", "error", "DS", {"clients_degree_4": 25}, {}, {}, "clients_degree_4",
                ("clients_degree_3", "clients_degree_4", "clients")),
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
    """A negative figure makes a sum that does not add up and a strange result: only the cause is told."""
    office.send(changes={"cost_repairs": -85_000})
    problems = office.clean().problems
    assert problems[["rule", "item", "value", "cause"]].to_numpy().tolist() == [["6", "cost_repairs", "-85000.0", ""]]


def test_a_return_of_nothing_but_zeros(office):
    office.send(changes=dict.fromkeys((item for item, _form in office.figures("DS")), 0))
    cleaned = office.clean()
    told = office.found(cleaned, "6", "question")
    assert len(told) == 1
    assert "are 0" in told.iloc[0]["found"]
    assert cleaned.facts.loc[cleaned.facts["cell"] != "", "value"].isna().all()


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
    assert office.found(cleaned, "1", "warning")["service_id"].tolist() == ["0000003"]
    told = office.found(cleaned, "1", "question")
    assert told[["service_id", "item", "value"]].to_numpy().tolist() == [["0000002", "provider_id", "00064581"]]
    assert "25123891" not in "".join(told.iloc[0][["found", "expected", "advice"]])  # nothing of another provider
    usable = cleaned.facts[cleaned.facts["value"].notna() & (cleaned.facts["cell"] != "")]
    assert set(usable["service_id"]) == {"0000001", "0000003"}
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
    text = text.replace("z = 3.5             # robust", 'z = "3.5"  # robust').replace("per_place", "per_bed")
    path.write_text(text, "utf-8")
    with pytest.raises(MethodologyError) as caught:
        read_thresholds(path)
    said = "\n".join(caught.value.problems)
    assert "outliers.z" in said
    assert "clients.per_bed" in said
    assert "clients.per_place" in said


@pytest.mark.parametrize("ending", ["xlsx", "XLSM", "xls", "ods"])  # the format is told by the content
def test_a_file_named_after_another_registered_service_waits(office, ending):
    office.send("0000001", name=f"0000002.{ending}")
    office.send("0000003", name="9999999.xlsx")  # a name that is no registered service says nothing
    register = office.register(*((f"000000{n}", "DS", {}) for n in (1, 2, 3)))
    cleaned = office.clean(register_file=register)
    told = office.found(cleaned, "1")
    assert told[["severity", "service_id", "item", "value"]].to_numpy().tolist() == [
        ["question", "0000001", "service_id", "0000001"]]
    usable = cleaned.facts[cleaned.facts["value"].notna() & (cleaned.facts["cell"] != "")]
    assert set(usable["service_id"]) == {"0000003"}


def test_another_municipality_than_the_registered_one_is_told(office):
    office.send("0000001", municipality_code="500022")
    office.send("0000002", municipality="Horní Lhota")
    office.send("0000003", municipality="LHOTA ")
    register = office.register(*((f"000000{n}", "DS", {}) for n in (1, 2, 3)))
    told = office.found(office.clean(register_file=register), "1", "warning")
    assert told[["service_id", "item", "cell"]].to_numpy().tolist() == [
        ["0000001", "municipality_code", told.iloc[0]["cell"]], ["0000002", "municipality", told.iloc[1]["cell"]]]
    assert told["cell"].str.startswith("D").all()


def money(office, factor):
    items = office.methodology.items
    return {item: value * factor for (item, _form), value in office.figures("DS").items() if items[item].unit == "CZK"}


@pytest.mark.parametrize(("factor", "words"), [
    (1 / 1000, "in thousands"), (1000, "a thousand times too large"), (1 / 100, "a hundred times too small"),
    (100, "a hundred times too large"), (1 / 12, "of one month only"), (12, "twelve times too large")])
def test_a_whole_return_in_another_unit(office, factor, words):
    office.archive("2024_actual.csv", [("0000001", "DS")])
    office.send(changes=money(office, factor))
    problems = office.clean().problems
    assert problems[["rule", "severity", "item"]].to_numpy().tolist() == [["9", "question", "cost_total"]]
    assert words in problems.iloc[0]["advice"]
    assert "median" not in problems.iloc[0]["found"]  # nobody to compare with, so nothing is said of others


def test_a_part_of_a_year_is_no_month_for_a_year(office):
    office.archive("2024_actual.csv", [("0000001", "DS", {"months_operated": 12})])
    office.send(changes=money(office, 1 / 12) | {"months_operated": 1})
    assert office.found(office.clean(), "9").empty


def test_one_amount_in_thousands_among_sound_ones(office):
    """Against the year before; the sums above it wait too, the other amounts hold."""
    office.archive("2024_actual.csv", [("0000001", "DS")])
    office.send(changes={"cost_energy": 600})
    cleaned = office.clean()
    told = office.found(cleaned, "9")
    assert told[["severity", "item", "value"]].to_numpy().tolist() == [["question", "cost_energy", "600.0"]]
    for item in ("cost_energy", "cost_operating", "cost_total"):
        assert office.fact(cleaned, item)["status"] == "missing"
    assert office.fact(cleaned, "cost_staff")["value"] == 8_100_000


def test_one_amount_in_thousands_against_similar_services(office):
    for number in range(1, 8):
        office.send(f"000000{number}", changes={"cost_energy": 600_000 + 9_000 * number if number < 7 else 630})
    told = office.found(office.clean(), "9")
    assert told[["service_id", "item"]].to_numpy().tolist() == [["0000007", "cost_energy"]]


def test_bed_days_of_one_month(office):
    office.archive("2024_actual.csv", [("0000001", "DS")])
    office.send(changes={"bed_days": 840})
    problems = office.clean().problems
    assert problems[["rule", "severity", "item"]].to_numpy().tolist() == [["9", "question", "bed_days"]]
    assert "of one month only" in problems.iloc[0]["advice"]


def test_hours_of_one_month_against_similar_services(office):
    for number in range(1, 8):
        office.send(f"000000{number}", "PeS", changes={"care_hours": 9_000 + 60 * number if number < 7 else 770})
    told = office.found(office.clean(), "9")
    assert told[["service_id", "item"]].to_numpy().tolist() == [["0000007", "care_hours"]]


def test_last_years_figures_again(office):
    same = {"cost_overhead_staff": 900_000}
    office.archive("2024_actual.csv", [("0000001", "DS", same)])
    office.send()
    told = office.found(office.clean(), "10")
    assert told[["severity", "item"]].to_numpy().tolist() == [["question", "cost_total"]]
    assert "amounts are those of the year before" in told.iloc[0]["found"]


def test_year_on_year_as_hidiroglou_and_berthelot(office):
    """Twelve services grew by about 5 %, one of them by 60 %: outside the bounds of its size, and only that one."""
    services = [(f"00000{n:02}", "PeS", {"care_hours": 8_000 + 100 * n}) for n in range(1, 13)]
    office.archive("2024_actual.csv", services)
    for n, (service_id, _kind, figures) in enumerate(services):
        office.send(service_id, "PeS", changes={
            "care_hours": round(figures["care_hours"] * (1.6 if n == 11 else 1.05 + 0.002 * (n % 5)))})
    told = office.found(office.clean(), "10")
    told = told[told["item"] == "care_hours"]
    told = told[told["found"].str.contains("year before")]
    assert told["service_id"].tolist() == ["0000012"]
    assert "for a service of this size" in told.iloc[0]["expected"]


def test_nothing_is_said_of_others_where_there_are_few(office):
    """Four others are too few: their median would come near to a provider's own figure."""
    office.archive("2024_actual.csv", [(f"000000{n}", "PeS", {"clients": 60}) for n in range(1, 6)])
    for n in range(1, 6):
        office.send(f"000000{n}", "PeS", changes={"clients": 150 if n == 5 else 60})
    told = office.found(office.clean(), "10")
    assert told["service_id"].tolist() == ["0000005"] * len(told)
    assert not told["found"].str.contains("peers|median").any()


def test_the_advice_names_the_fewest_cells_to_correct(office):
    office.send(changes={"persons_qualified": 20})
    cleaned = office.clean()
    cells = {item: office.fact(cleaned, item)["cell"] for item in ("persons", "persons_qualified")}
    advice = cleaned.problems.iloc[0]["advice"]
    assert advice.startswith("Correct either ")
    assert f", or {cells['persons_qualified']}" in advice
    assert cells["persons"] in advice


def test_a_sum_typed_over_is_doubted_and_its_parts_are_not(office):
    office.send(overrides={("cost_total", R): 10_000_000})
    cleaned = office.clean()
    problem = office.found(cleaned, "7").iloc[0]
    assert problem["advice"] == f"Correct {problem['cell']} (costs, total). Until then these figures are not used."
    assert office.fact(cleaned, "cost_staff")["value"] == 8_100_000
