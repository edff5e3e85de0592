"""The whole circle: a faulty return comes back marked, is corrected from the list alone, and passes."""


import openpyxl

from tests.checking.conftest import TEN, correct, listed


def test_ten_errors_are_corrected_from_the_returned_workbook_alone(office, sent_back, meant):
    first = sent_back(office.send(overrides=TEN))
    assert first.report.exit_code == 3
    found = {row["cell"].value for row in listed(first.workbook)}
    planted = {fact.cell for fact in first.one.taken.read.facts if (fact.item, fact.form) in TEN}
    planted |= {first.one.taken.read.places[key] for key in ("provider_id", "valid_to")}
    assert len(planted) == 10
    assert planted <= found
    written = correct(first.workbook, meant)
    second = sent_back(first.workbook, folder="again")
    assert second.report.exit_code == 0
    assert second.one.taken.read.identity["replaces"] == first.one.number
    assert {change.cell for change in second.one.since.changes} == written == planted
    assert second.one.since.remaining == []


def test_what_is_not_corrected_comes_back_with_the_rest_told_as_corrected(office, sent_back, meant):
    first = sent_back(office.send(overrides=TEN))
    kept = first.one.taken.read.places["provider_id"]
    written = correct(first.workbook, {cell: value for cell, value in meant.items() if cell != kept})
    second = sent_back(first.workbook, folder="again")
    assert second.report.exit_code == 3
    assert {change.cell for change in second.one.since.changes} == written
    assert [point.cell for point in second.one.since.remaining] == [kept]
    assert len(second.one.since.corrected) == 9
    text = second.note.with_suffix(".txt").read_text("utf-8")
    assert f"Since the submission {first.one.number}" in text
    assert "Still there: Provider's registration number" in text
    assert "energy (residential): a content that cannot be used → 600,000" in text
    assert second.workbook.name == "0000001_vraceno2.xlsx"
    third = sent_back(second.workbook, folder="third")
    assert third.one.since.number == second.one.number
    assert third.one.since.changes == []


def shown_in_per_cent(path):
    """A figure in a cell that shows it in per cent: nobody knows which of the two holds."""
    book = openpyxl.load_workbook(path)
    book["Výkaz"]["D34"].number_format = "0%"
    book.save(path)
    return path


def test_an_answered_question_passes_with_who_and_when(office, sent_back):
    first = sent_back(shown_in_per_cent(office.send()))
    asked = [row for row in listed(first.workbook) if row["gravity"].value == "? Question"]
    assert [row["cell"].value for row in asked] == ["D34"]
    book = openpyxl.load_workbook(first.workbook)
    for row in listed(first.workbook):
        if row["gravity"].value == "? Question":
            for column, text in (("answer", "ano"), ("who", "Jana Nová"), ("when", "5. 2. 2026")):
                book["Chyby"][row[column].coordinate].value = text
    book.save(first.workbook)
    second = sent_back(first.workbook, folder="again")
    assert second.report.exit_code == 0
    assert [(c.item, c.value, c.who, c.day) for c in second.one.confirmed] == [
        ("cost_services", "400000.0", "Jana Nová", "2026-02-05")]
    text = second.note.with_suffix(".txt").read_text("utf-8")
    assert "services and rents (Jana Nová, 2026-02-05)" in text
    assert ([p.cell for p in second.one.since.confirmed], second.one.since.corrected) == (["D34"], [])
    assert "Confirmed: services and rents\n" in text
    assert "Corrected" not in text + second.note.read_text("utf-8")
    assert second.workbook.name == "0000001_vraceno2.xlsx"
    third = sent_back(second.workbook, folder="third")  # the answer stays in the workbook that went back
    assert [c.who for c in third.one.confirmed] == ["Jana Nová"]


def test_an_answer_holds_for_its_value_only(office, sent_back):
    first = sent_back(shown_in_per_cent(office.send()))
    book = openpyxl.load_workbook(first.workbook)
    row = next(row for row in listed(first.workbook) if row["gravity"].value == "? Question")
    for column, text in (("answer", "ano"), ("who", "Jana Nová"), ("when", "5. 2. 2026")):
        book["Chyby"][row[column].coordinate].value = text
    book["Výkaz"]["D34"].value = 500_000
    book.save(first.workbook)
    second = sent_back(first.workbook, folder="again")
    assert second.report.exit_code == 3
    assert second.one.confirmed == second.one.since.confirmed == []
