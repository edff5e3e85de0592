"""Templates to send out: of a group, of a service, with last year beside."""

import openpyxl
import pytest

from kpsslib.cleaning.blank_returns import write_blank
from kpsslib.intake.template import SHEET
from kpsslib.workspace import RunError


def rows_of(path):
    sheet = openpyxl.load_workbook(path, data_only=True)[SHEET]
    return {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows() if row[0].value}


def test_a_group_needs_nothing_but_the_methodology(office):
    written = write_blank(office.run(), "PS3", 2025)
    assert written.path == office.folder / "outputs" / "templates" / "2025-PS3.xlsx"
    assert written.types == ["OA", "PeS", "TP", "PSB", "OS"]
    rows = rows_of(written.path)
    assert rows["year"][3] == 2025
    assert rows["service_id"][3] is None


def test_the_year_after_the_newest_is_collected_next(office):
    office.send("0000001", changes={"clients": 43})
    run = office.run(register_file=office.register(("0000001", "DS", {})))
    written = write_blank(run, "PS1", 2026, "0000001", prefill="last-year")
    assert written.path.name == "2026-0000001.xlsx"
    rows = rows_of(written.path)
    assert (rows["year"][3], rows["clients"][6], rows["clients"][3]) == (2026, 43, None)
    with pytest.raises(RunError, match="2023, 2024, 2025, 2026"):
        write_blank(run, "PS1", 2027)


def test_last_year_is_final_before_actual(office):
    office.archive("2024_actual.csv", [("0000001", "DS", {"clients": 40, "bed_days": 9_000})])
    office.archive("2024_final.csv", [("0000001", "DS", {"clients": 41, "bed_days": None})])
    office.archive("2023_final.csv", [("0000001", "DS", {"clients": 38})])
    run = office.run(register_file=office.register(("0000001", "DS", {})))
    written = write_blank(run, "PS1", 2025, "0000001", prefill="last-year", folder="out")
    assert written.path == office.folder / "out" / "2025-0000001.xlsx"
    rows = rows_of(written.path)
    assert rows["clients"][6] == 41
    assert rows["bed_days"][6] == 9_000
    assert rows["rooms_larger"][6] == 0
    assert rows["provider_name"][3] == "Charita"
    assert rows["forms"][3] == "P"
    assert rows["clients"][3] is None


def test_a_service_without_last_year_is_said_to_have_none(office):
    office.archive("2023_final.csv", [("0000001", "DS", {})])
    written = write_blank(office.run(), "PS1", 2025, "0000001", prefill="last-year")
    assert written.last_year == 0
    assert len(rows_of(written.path)["clients"]) == 6


def test_forms_are_not_guessed(office):
    office.archive("2024_final.csv", [("0000001", "PeS", {})])
    assert rows_of(write_blank(office.run(), "PS3", 2025, "0000001").path)["forms"][3] is None
    registered = office.run(register_file=office.register(("0000001", "PeS", {"forms": "T, A"})))
    assert rows_of(write_blank(registered, "PS3", 2025, "0000001").path)["forms"][3] == "A, T"


@pytest.mark.parametrize(("group", "year", "more", "words"), [
    ("PS33", 2025, {}, "PS33 (did you mean PS3?)"),
    ("PS1", 2052, {}, "2052 (did you mean 2026?)"),
    ("PS1", 2025, {"service_id": "0000011"}, "0000011 (did you mean 0000001?)"),
    ("PS1", 2025, {"service_id": "0000001", "prefill": "last-yaer"}, "last-yaer (did you mean last-year?)"),
    ("PS1", 2025, {"prefill": "last-year"}, "add --service"),
])
def test_what_does_not_exist_is_named_with_the_nearest(office, group, year, more, words):
    office.archive("2024_final.csv", [("0000001", "DS", {})])
    with pytest.raises(RunError) as caught:
        write_blank(office.run(), group, year, **more)
    assert len(caught.value.problems) == 1
    assert words in caught.value.problems[0]
