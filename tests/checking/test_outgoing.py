"""What goes back overwrites nothing that others have put there and is made from the bytes that were read."""

import openpyxl
import pytest

from kpsslib.checking import check, list_files, write_back

FAULTY = {("cost_energy", "residential"): "asi 600 tisíc"}


@pytest.fixture(autouse=True)
def _methodology(office, monkeypatch):
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)


def check_into(folder, *paths):
    report = check(list_files([str(path) for path in paths]), None, "en", lambda *_a: None)
    return report, write_back(report, folder)


def bytes_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_input_is_overwritten_where_it_lies(office):
    for n, name in enumerate(("x.xlsx", "x_vraceno.xlsx", "prehled.xlsx", "y.xlsx")):
        office.send(f"000000{n}", name=name, overrides=FAULTY)
    for name in ("y_zprava.html", "X_zprava2.txt", "readme.txt"):
        (office.returns / name).write_text("not ours", "utf-8")
    before = bytes_in(office.returns)
    report, written = check_into(office.returns, office.returns)
    after = bytes_in(office.returns)
    assert {name: after[name] for name in before} == before
    names = {one.path.name: written.files[one.taken.name].workbook.name for one in report.files}
    assert names == {"x.xlsx": "x_vraceno2.xlsx", "x_vraceno.xlsx": "x_vraceno3.xlsx", "y.xlsx": "y_vraceno2.xlsx",
                     "prehled.xlsx": "prehled_vraceno.xlsx"}
    assert written.summary.name == "prehled2.xlsx"
    assert len(after) == len(before) + 3 * 4 + 1


def test_an_earlier_output_is_replaced_and_one_that_was_edited_is_not(office):
    path, out = office.send(overrides=FAULTY), office.folder / "out"
    _report, first = check_into(out, path)
    assert check_into(out, path)[1] == first
    assert sorted(bytes_in(out)) == ["0000001_vraceno.xlsx", "0000001_zprava.html", "0000001_zprava.txt",
                                     "prehled.xlsx"]
    book = openpyxl.load_workbook(first.summary)
    book.active["N5"] = "phoned"
    book.save(first.summary)
    note = next(iter(first.files.values())).note
    note.write_text("my own words", "utf-8")
    _report, third = check_into(out, path)
    assert openpyxl.load_workbook(first.summary).active["N5"].value == "phoned"
    assert note.read_text("utf-8") == "my own words"
    assert third.summary.name == "prehled2.xlsx"
    assert check_into(out, path)[1] == third


def test_a_workbook_that_came_back_is_an_input_even_unchanged(office):
    path, out = office.send(overrides=FAULTY), office.folder / "out"
    _report, first = check_into(out, path)
    back = next(iter(first.files.values())).workbook
    before = back.read_bytes()
    _report, second = check_into(out, back)
    assert back.read_bytes() == before
    assert next(iter(second.files.values())).workbook.name == "0000001_vraceno2.xlsx"


def test_the_bytes_that_were_read_are_marked(office):
    path = office.send(overrides=FAULTY)
    report = check(list_files([str(path)]), None, "en", lambda *_a: None)
    path.write_bytes(office.send("0000002", service_name="Another").read_bytes())
    written = write_back(report, office.folder / "out")
    sheet = openpyxl.load_workbook(next(iter(written.files.values())).workbook)["Výkaz"]
    said = {row[0].value: row[3].value for row in sheet.iter_rows() if row[0].value}
    assert (said["service_id"], said["cost_energy"]) == ("0000001", "asi 600 tisíc")


def test_a_fault_at_one_file_keeps_no_other_from_going_back(office, monkeypatch):
    for n in (1, 2):
        office.send(f"000000{n}", name=f"{n}.xlsx", overrides=FAULTY)
    from kpsslib.checking import writing

    plain = writing.mark

    def failing(data, marks, path):
        if path.name.startswith("1"):
            raise IndexError(path.name.replace("1", "content of the file "))
        return plain(data, marks, path)

    monkeypatch.setattr(writing, "mark", failing)
    report, written = check_into(office.returns, office.returns)
    one, two = (next(sent for name, sent in written.files.items() if name.endswith(f"{n}.xlsx")) for n in (1, 2))
    assert one.workbook is None
    assert "kpss.log" in one.lost[0]
    assert two.workbook.exists()
    log = (report.run.folder / "kpss.log").read_text("utf-8")
    assert "IndexError" in log
    assert "content of the file" not in log.replace('"content of the file "', "")
