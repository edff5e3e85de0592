"""The whole circle: a faulty return comes back marked, is corrected from the list alone, and passes."""


from tests.checking.conftest import TEN, correct, listed


def test_ten_errors_are_corrected_from_the_returned_workbook_alone(office, sent_back, meant):
    first = sent_back(office.send(overrides=TEN))
    print([(p.number, p.severity, p.cell, p.found, p.key, [(f.number, f.cell, f.found) for f in p.follows]) for p in first.one.points])
    assert first.report.exit_code == 3
    found = {row["cell"].value for row in listed(first.workbook)}
    planted = {fact.cell for fact in first.one.taken.read.facts if (fact.item, fact.form) in TEN}
    planted |= {first.one.taken.read.places[key] for key in ("provider_id", "valid_to")}
    assert len(planted) == 10
    assert planted <= found
    written = correct(first.workbook, meant)
    second = sent_back(first.workbook, folder="again")
    print([(p.number, p.severity, p.cell, p.found, p.key) for p in second.one.points])
    assert second.report.exit_code == 0
    assert second.one.taken.read.identity["replaces"] == first.one.number
    assert {change.cell for change in second.one.since.changes} == written == planted
    assert second.one.since.remaining == []
