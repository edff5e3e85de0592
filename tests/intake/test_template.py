"""The return workbook as openpyxl finds it."""

import datetime as dt
import re

import openpyxl
import pytest

from kpsslib.intake import template
from kpsslib.intake.returns.reading import read_return
from kpsslib.language import speak
from kpsslib.methodology import load
from kpsslib.workspace import project_root

IDENTITY = {
    "year": 2025, "round": "actual", "service_id": "0123456", "provider_id": "00275336", "provider_name": "Charita",
    "service_name": "Odlehčovací služba", "service_type": "OS", "forms": "P, A", "municipality_code": "990101",
    "municipality": "Lipovany", "orp_code": "9901", "orp_name": "Lipovany", "region_code": "CZ099",
    "valid_from": "2009-01-01", "valid_to": "", "network_tier": "základní", "entrusted_from": "2023-01-01",
    "entrusted_to": "2026-12-31",
}


@pytest.fixture(scope="module")
def methodology():
    return load(project_root() / "parameters" / "methodology")


@pytest.fixture
def write(tmp_path, methodology):
    def written(values, **changes):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.xlsx"
        template.write_return(path, IDENTITY | changes.pop("identity", {}), values, methodology, **changes)
        return path
    return written


def rows_of(path, data_only=True):
    sheet = openpyxl.load_workbook(path, data_only=data_only)[template.SHEET]
    return {row[0].value: row for row in sheet.iter_rows() if row[0].value}


def test_the_version_is_named_in_the_workbook(write):
    book = openpyxl.load_workbook(write({}))
    assert book.defined_names[template.VERSION_NAME].attr_text == "'Výkaz'!$D$3"
    assert book[template.SHEET]["D3"].value == template.VERSION


def test_identity_stands_in_d_under_its_keys_and_stays_text(write):
    rows = rows_of(write({}))
    for key, value in IDENTITY.items():
        assert rows[key][3].value == (value or None)
    assert rows["provider_id"][3].data_type == "s"
    assert rows["provider_id"][3].number_format == "@"


def test_exactly_the_items_asked_stand_there_in_order(write, methodology):
    keys = list(rows_of(write({})))
    asked = {i.code for form in template.FORM_COLUMNS for i in methodology.items_of("OS", form, "actual")}
    assert keys[len(template.IDENTITY_KEYS)] == template.HEADER_KEY
    assert keys[len(template.IDENTITY_KEYS) + 1:] == [c for c in methodology.items if c in asked]


def test_a_plan_asks_less(write):
    assert "persons" in rows_of(write({}))
    assert "persons" not in rows_of(write({}, identity={"round": "plan"}))


def test_sums_are_formulas_with_their_results(write):
    values = {("cost_wages", "residential"): 100.0, ("cost_levies", "residential"): 33.8,
              ("cost_agreements", "residential"): 6.2}
    path = write(values)
    wages = rows_of(path)["cost_wages"][3].row
    assert rows_of(path)["cost_staff"][3].value == 140
    formula = rows_of(path, data_only=False)["cost_staff"][3].value
    assert f"COUNTBLANK(INDEX($D:$D,{wages}):INDEX($D:$D,{wages + 2}))>0" in formula
    assert f"SUM(INDEX($D:$D,{wages}):INDEX($D:$D,{wages + 2}))" in formula
    assert re.search(r"[A-F]\$?\d", formula) is None  # a plain reference would follow a cell that is cut and pasted


def test_a_sum_with_a_missing_part_stays_empty(write):
    rows = rows_of(write({("cost_wages", "residential"): 100.0, ("cost_levies", "residential"): float("nan")}))
    assert rows["cost_levies"][3].value is None
    assert rows["cost_staff"][3].value is None


def test_sums_of_sums(write, methodology):
    items = methodology.items_of("OS", "outpatient_field")
    values = {(i.code, "outpatient_field"): 1.25 for i in items if not i.sum_of}
    rows = rows_of(write(values))
    assert rows["fte_care"][4].value == 5
    assert rows["fte_total"][4].value == 15
    assert rows["cost_total"][4].value == 12.5


def test_cells_not_asked_are_grey_locked_and_empty(write):
    rows = rows_of(write({}))
    grey = rows["capacity_beds"][4]
    assert grey.value is None
    assert grey.protection.locked
    assert grey.fill.start_color.rgb == "FFD9D9D9"
    assert not rows["capacity_beds"][3].protection.locked


def test_only_inputs_are_unlocked_and_there_is_no_password(write):
    path = write({})
    sheet = openpyxl.load_workbook(path)[template.SHEET]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    rows = rows_of(path)
    assert not rows["cost_wages"][3].protection.locked
    assert rows["cost_staff"][3].protection.locked
    assert rows["cost_staff"][0].protection.locked
    assert rows["template_version"][3].protection.locked
    assert not rows["year"][3].protection.locked


def test_overrides_stand_raw_in_their_cells(write):
    rows = rows_of(write({}, overrides={
        "provider_id": 275336, ("persons", "residential"): ("=1/0", "#DIV/0!"),
        ("fte_health", "residential"): dt.date(2025, 5, 1), ("clients", "residential"): "12 osob",
        ("capacity_beds", "outpatient_field"): 7}))
    assert rows["provider_id"][3].value == 275336
    assert rows["persons"][3].value == "#DIV/0!"
    assert rows["fte_health"][3].value == dt.datetime(2025, 5, 1)
    assert rows["clients"][3].value == "12 osob"
    assert rows["capacity_beds"][4].value == 7


def test_notes_stand_in_f(write):
    assert rows_of(write({}, notes={"cost_other": "pojištění"}))["cost_other"][5].value == "pojištění"


def test_the_same_content_gives_the_same_bytes(write):
    values = {("cost_wages", "residential"): 100.0}
    assert write(values).read_bytes() == write(values).read_bytes()


def test_headings_and_units_are_czech(write):
    sheet = openpyxl.load_workbook(write({}))[template.SHEET]
    texts = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"1 Náklady a výnosy", "2 Pracovní pozice", "3 Klienti", "4 Kapacita", "5 Materiální zajištění", "6 Výkony",
            "7 Termíny a využitelnost", "Kč", "úvazky", "lůžkodny", "IČO poskytovatele"} <= texts


def test_every_unit_has_a_czech_name(methodology):
    units = {i.unit for i in methodology.items.values() if i.source == "return"}
    czech = {unit: template.unit_label(unit) for unit in units}
    speak("en")
    try:
        english = {unit: template.unit_label(unit) for unit in units}
    finally:
        speak("cs")
    assert [unit for unit in units if czech[unit] == english[unit] and unit != "km"] == []


@pytest.fixture
def blank(tmp_path, methodology):
    def written(group, identity=(), values=(), **changes):
        path = tmp_path / f"{group}.xlsx"
        identity = {"year": 2025, "round": "actual"} | dict(identity)
        filling = template.Filling(identity, group, dict(values), **changes)
        template.write_template(path, filling, methodology, types=methodology.working_groups[group].service_types)
        return path
    return written


def test_a_group_offers_its_types_their_forms_and_the_rounds(blank):
    sheet = openpyxl.load_workbook(blank("PS3"))[template.SHEET]
    rows = {row[0].value: row[3].coordinate for row in sheet.iter_rows() if row[0].value}
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert offered[rows["service_type"]] == '"OA,PeS,TP,PSB,OS"'
    assert offered[rows["round"]] == '"plan,adjusted,actual,final"'
    assert offered[rows["forms"]] == '"P,A,T,P, A,P, T,A, T,P, A, T"'


def test_a_group_asks_what_any_of_its_types_is_asked(blank, methodology):
    keys = set(rows_of(blank("PS4")))
    asked = {item.code for kind in methodology.working_groups["PS4"].service_types for form in template.FORM_COLUMNS
             for item in methodology.items_of(kind, form)}
    assert keys == asked | set(template.IDENTITY_KEYS) | {template.HEADER_KEY}


def test_a_group_template_of_one_service_reads_like_its_own_return(blank, write, methodology):
    identity = IDENTITY | {"service_type": "OA", "forms": "T"}
    values = {(item.code, form): 3.0 for form in template.FORM_COLUMNS for item in methodology.items_of("OA", form)}
    own = read_return(write(values, identity=identity).read_bytes(), methodology, [2025])
    from_group = read_return(blank("PS3", identity, values).read_bytes(), methodology, [2025])
    assert from_group.findings == own.findings == []
    assert [(f.item, f.form, f.value) for f in from_group.facts] == [(f.item, f.form, f.value) for f in own.facts]


@pytest.mark.parametrize("language", ["cs", "en"])
def test_last_year_stands_beside_and_is_not_read(tmp_path, methodology, language):
    values = {(item.code, form): 100.0 for form in template.FORM_COLUMNS for item in methodology.items_of("OS", form)}
    last = {cell: 80.0 for cell in values if cell != ("clients", "residential")}
    path = tmp_path / "prefilled.xlsx"
    speak(language)
    try:
        filling = template.Filling(IDENTITY, "OS", values, last_year=last)
        template.write_template(path, filling, methodology, types=["OS"])
    finally:
        speak("cs")
    rows = rows_of(path)
    assert [cell.value for cell in rows["cost_wages"][6:10]] == [80, 0.25, 80, 0.25]
    assert rows["clients"][6].value is None
    assert all(cell.protection.locked for cell in rows["cost_wages"][6:10])
    read = read_return(path.read_bytes(), methodology, [2025])
    assert read.findings == []
    assert read.ignored == []
    assert {fact.value for fact in read.facts if fact.item == "cost_wages"} == {100}


def test_no_hint_or_rule_is_cut_by_the_limits_of_a_spreadsheet(blank, methodology):
    for group in methodology.working_groups:
        sheet = openpyxl.load_workbook(blank(group))[template.SHEET]
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1 or "") <= 255
            assert not (rule.prompt or "").endswith("…")
            assert len(rule.prompt or "") < 255


def test_checks_are_locked_and_worded(write):
    sheet = openpyxl.load_workbook(write({}))[template.CHECKS_SHEET]
    assert sheet.protection.sheet
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
    states = [row[1].value for row in sheet.iter_rows(min_row=5)]
    assert all(word in states[0] for word in ("v pořádku", "zkontrolujte", "chybí údaje", "nehodnotí se"))
    assert len(sheet.conditional_formatting) == 1
