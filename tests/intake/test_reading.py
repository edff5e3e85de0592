"""One workbook: what a provider may do to it, and that each non-empty cell ends in exactly one class."""

import hashlib
import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest

from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.template import FORM_COLUMNS, Filling, headers, write_template


def key_row(sheet, key):
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == key)


def filled(path):
    book = openpyxl.load_workbook(path)
    return sum(cell.value not in (None, "") for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_sound_return_gives_facts_and_no_problem(office):
    for number, kind in enumerate(("DS", "PeS", "NZDM"), 1):
        office.send(f"000000{number}", kind)
    cleaned = office.clean()
    assert cleaned.problems.empty
    assert cleaned.ignored.empty
    assert office.fact(cleaned, "cost_total")["value"] == 10_400_000
    assert cleaned.facts["cell"][cleaned.facts["status"] == "reported"].ne("").sum() > 150
    assert set(cleaned.services["service_id"]) == {"0000001", "0000002", "0000003"}


def test_every_fact_names_the_cell_it_stands_in(office):
    path = office.send("0000001", "DS")
    sheet = openpyxl.load_workbook(path, data_only=True)["Výkaz"]
    facts = office.clean().facts
    facts = facts[facts["cell"] != ""]
    assert len(facts) == len(office.methodology.items_of("DS", "residential", "actual"))
    for row in facts.itertuples():
        number = int(re.sub(r"\D", "", row.cell))
        assert sheet.cell(number, 1).value == row.item
        value = sheet[row.cell].value
        assert row.status == "missing" if value in (None, "") else row.value == value


@pytest.mark.parametrize(("content", "status", "value", "rule", "severity"), [
    ("185 400,00 Kč", "converted", 185_400, "cell", "warning"),
    ("netýká se", "not_applicable", None, None, None),
    ("důvěrné", "confidential", None, None, None),
    ("1,234", "missing", None, "cell", "question"),
    ("nevím", "missing", None, "cell", "error"),
    (date(2025, 5, 1), "missing", None, "cell", "error"),
    (("=1/0", "#DIV/0!"), "missing", None, "cell", "error"),
    (None, "missing", None, "17", "warning"),
])
def test_one_cell(office, content, status, value, rule, severity):
    office.send(overrides={("rooms_single", "residential"): content, ("rooms", "residential"): 10})
    cleaned = office.clean()
    fact = office.fact(cleaned, "rooms_single")
    assert (fact["status"], fact["value"] == value) == (status, value is not None)
    told = cleaned.problems[cleaned.problems["item"] == "rooms_single"]
    assert list(zip(told["rule"], told["severity"], strict=True)) == ([(rule, severity)] if rule else [])
    if rule:
        assert told["cell"].iloc[0] == fact["cell"]


def test_a_date_in_a_column_of_posts_says_what_was_meant(office):
    office.send(overrides={("fte_social_workers", "residential"): date(2025, 5, 1)})
    told = office.clean().problems.iloc[0]
    assert told["advice"] == "Excel turned 1.5 into a date; write 1,5."
    assert office.clean(language="cs").problems.iloc[0]["advice"] == told["advice"]  # the run was opened in English
    from kpsslib.language import speak

    speak("cs")
    assert office.clean().problems.iloc[0]["advice"] == "Excel převedl 1.5 na datum; napište 1,5."


def test_a_note_may_confirm_a_zero(office):
    office.send(changes={"joiners": 0}, notes={"joiners": "skutečná nula"})
    assert office.fact(office.clean(), "joiners")["status"] == "confirmed_zero"


def test_hidden_and_struck_out_figures_are_not_used(office):
    path = office.send()
    book = openpyxl.load_workbook(path)
    sheet = book["Výkaz"]
    sheet.row_dimensions[key_row(sheet, "joiners")].hidden = True
    struck = sheet.cell(key_row(sheet, "leavers"), 4)
    struck.font = openpyxl.styles.Font(strike=True)
    for row in sheet.iter_rows(min_row=20):  # openpyxl saves formulas without results
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.value = 1
    book.save(path)
    cleaned = office.clean()
    assert office.fact(cleaned, "joiners")["status"] == office.fact(cleaned, "leavers")["status"] == "missing"
    told = office.found(cleaned, "cell", "question")
    assert sorted(told["found"]) == ["the figure 1, struck through", "the figure 2 in a hidden row"]


def test_sums_without_a_result_are_computed(office):
    path = office.send()
    openpyxl.load_workbook(path).save(path)  # drops every cached result
    cleaned = office.clean()
    told = office.found(cleaned, "cell")
    assert set(told["found"]) == {"a sum whose formula has no result"}
    assert set(told["severity"]) == {"warning"}
    fact = office.fact(cleaned, "cost_total")
    assert (fact["value"], fact["status"]) == (10_400_000, "converted")


def test_another_formula_without_a_result_is_told(office):
    path = office.send()
    book = openpyxl.load_workbook(path)
    sheet = book["Výkaz"]
    sheet.cell(key_row(sheet, "joiners"), 4).value = "=1+1"
    book.save(path)
    cleaned = office.clean()
    told = office.found(cleaned, "cell", "error")
    assert list(zip(told["item"], told["found"], strict=True)) == [("joiners", "a formula without a result")]
    assert office.fact(cleaned, "joiners")["status"] == "missing"


def test_each_cell_ends_in_one_class(office):
    path = office.send(overrides={
        ("cost_energy", "residential"): "600 000,00 Kč", ("joiners", "residential"): "nevím", "provider_id": 64581,
        ("capacity_beds", "outpatient_field"): 5, ("clients", "outpatient_field"): 7}, notes={"clients": "pozn."})
    book = openpyxl.load_workbook(path, data_only=True)
    sheet = book["Výkaz"]
    for row, key in ((200, "neznamy_kod"), (201, "clients")):
        sheet.cell(row, 1).value, sheet.cell(row, 4).value = key, 12
    sheet["H5"] = "poznámka na okraji"
    book.create_sheet("List1")["A1"] = "kopie"
    book.save(path)
    accounting = office.clean().accounting.iloc[0]
    classes = accounting[["template", "accepted", "converted", "rejected", "ignored"]]
    assert classes.sum() == accounting["cells"] == filled(path)
    assert accounting["converted"] == 2
    # the word, two figures of a form that the type does not have, and two different figures of the same item
    assert accounting["rejected"] == 5
    assert accounting["ignored"] == 2 + 1 + 1 + 1  # the unknown row, the second code, H5 and List1


def test_a_figure_taken_out_by_a_rule_moves_to_the_rejected(office):
    path = office.send(changes={"bed_days": 20_000})
    accounting = office.clean().accounting.iloc[0]
    assert accounting["rejected"] == 1
    assert accounting[["template", "accepted", "converted", "rejected", "ignored"]].sum() == filled(path)


def test_originals_are_kept_byte_for_byte(office):
    path = office.send()
    cleaned = office.clean()
    original = cleaned.originals.iloc[0]
    kept = office.folder / "outputs" / "test" / "originals" / f"{original['sha256']}.xlsx"
    assert kept.read_bytes() == path.read_bytes()
    assert original["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def rezip(data, change):
    """The same archive with its entries changed by a function of name and bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return out.getvalue()


def bomb(name, data):
    return b" " * 40_000_000 if name == "xl/theme/theme1.xml" else data


def laughing(name, data):
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><sst>&a;</sst>'
    return entity if name == "xl/sharedStrings.xml" else data


@pytest.mark.parametrize(("make", "kind"), [
    (lambda data: b"", "empty_file"),
    (lambda data: b"hello, the return will come next week", "not_a_return"),
    (lambda data: b"%PDF-1.7\n" + data, "pdf_document"),
    (lambda data: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_workbook"),
    (lambda data: data[:len(data) // 2], "damaged"),
    (lambda data: data[:-1], "damaged"),
    (lambda data: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "damaged"),
    (lambda data: b"\xd0\xcf\x11\xe0" + "EncryptionInfo".encode("utf-16-le"), "encrypted"),
    (lambda data: b"<html><body><table><tr><td>1</td></tr></table>", "html_table"),
    (lambda data: rezip(data, bomb), "too_large"),
    (lambda data: rezip(data, laughing), "xml_entities"),
], ids=["empty", "text", "pdf", "picture", "half", "one byte short", "xls", "password", "html", "bomb", "entities"])
def test_what_is_not_a_workbook_is_quarantined(office, make, kind):
    read = read_return(make(office.send().read_bytes()), office.methodology, [2025])
    assert read.quarantine.kind == kind
    assert not read.facts


@pytest.mark.parametrize(("identity", "overrides", "kind"), [
    ({}, {"template_version": "2019.3"}, "wrong_template"),
    ({"year": 2024}, {}, "wrong_year"),
    ({}, {"round": "kolo 3"}, "unknown_round"),
    ({}, {"service_id": "65393X7"}, "service_id"),
    ({}, {"service_type": "SOCREHAB"}, "unknown_type"),
])
def test_a_return_that_cannot_be_placed_is_quarantined(office, identity, overrides, kind):
    data = office.send(overrides=overrides, **identity).read_bytes()
    read = read_return(data, office.methodology, [2025])
    assert read.quarantine.kind == kind
    assert re.fullmatch(r"D\d+", read.quarantine.cell)


def nothing(office):
    return dict.fromkeys(item for item, _form in office.figures("DS"))


def test_the_empty_template_is_told_to_be_empty(office, methodology):
    group = office.folder / "group.xlsx"
    types = methodology.working_groups["PS3"].service_types
    write_template(group, Filling({"year": 2025, "round": "actual"}, "PS3"), methodology, types=types)
    for path in (group, office.send(changes=nothing(office))):
        read = read_return(path.read_bytes(), methodology, [2025])
        assert (read.quarantine.kind, read.quarantine.sheet, read.facts) == ("empty_return", "Výkaz", [])
    assert read_return(group.read_bytes(), methodology, [2026]).quarantine.kind == "wrong_year"


@pytest.mark.parametrize(("cell", "content"), [
    ("joiners", 0), ("joiners", "nevíme"), ("joiners", ("=1+1", 2)), ("cost_total", 5)])
def test_one_cell_filled_in_is_a_return(office, methodology, cell, content):
    path = office.send(changes=nothing(office), overrides={(cell, "residential"): content})
    assert read_return(path.read_bytes(), methodology, [2025]).quarantine is None


def test_where_no_figure_can_be_seen_the_header_is_told(office, methodology):
    path = office.send()
    book = openpyxl.load_workbook(path)
    labels = {headers()[form] for form in FORM_COLUMNS}
    cells = [cell for row in book["Výkaz"].iter_rows() for cell in row if cell.value in labels]
    assert len(cells) == 2
    for cell in cells:
        cell.value = None
    book.save(path)
    read = read_return(path.read_bytes(), methodology, [2025])
    assert (read.quarantine or read.findings[0]).kind == "column_missing"


def test_a_type_may_be_written_by_its_name_or_paragraph(office):
    for number, text in enumerate(("domovy pro seniory", "§ 49", "ds"), 1):
        office.send(f"000000{number}", overrides={"service_type": text})
    assert set(office.clean().services["service_type"]) == {"DS"}
