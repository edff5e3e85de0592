"""The returned workbook: the provider's own, with marks and nothing else changed."""

import re
import zipfile
from io import BytesIO

import openpyxl
import pytest

from kpsslib.checking import check, list_files, write_back
from kpsslib.checking.marking import Marks, mark
from kpsslib.checking.package import MarkingError
from kpsslib.intake.returns.reading import read_return
from tests.checking.conftest import TEN, listed

FAULTY = {("cost_energy", "residential"): "asi 600 tisíc", ("joiners", "residential"): -2}


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def cells(path):
    """Every cell of the return's sheet: content, formula kept, and style of number, without the column of marks."""
    values, formulas = (openpyxl.load_workbook(path, data_only=flag)["Výkaz"] for flag in (True, False))
    return {c.coordinate: (c.value, values[c.coordinate].value, c.number_format, c.fill.fgColor.rgb,
                           c.protection.locked) for row in formulas.iter_rows(max_col=6) for c in row}


def test_nothing_but_the_marks_changes(office, sent_back, methodology):
    sent = office.send(overrides=FAULTY)
    back = sent_back(sent)
    before, after = parts(sent), parts(back.workbook)
    same = {name for name in before if before[name] == after.get(name)}
    touched = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
               "xl/worksheets/sheet1.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    assert set(before) - same <= touched
    old, new = cells(sent), cells(back.workbook)
    place = back.one.taken.read.places["replaces"]
    assert {cell for cell in old if old[cell] != new[cell]} == {place}
    assert new[place][0] == back.one.number
    sheets = [openpyxl.load_workbook(path)["Výkaz"] for path in (sent, back.workbook)]
    assert len({str(sheet.data_validations.dataValidation) for sheet in sheets}) == 1
    assert len({str(vars(sheet.protection)) for sheet in sheets}) == 1
    read = [read_return(path.read_bytes(), methodology, [2025]) for path in (sent, back.workbook)]
    assert read[0].facts == read[1].facts
    assert [f.kind for f in read[0].findings] == [f.kind for f in read[1].findings]


def test_each_problem_stands_at_its_cell_in_words_and_colour(office, sent_back):
    back = sent_back(office.send(overrides=FAULTY))
    book = openpyxl.load_workbook(back.workbook)
    sheet = book["Výkaz"]
    point = next(p for p in back.one.points if p.item == "cost_energy")
    assert sheet[point.cell].comment.text.splitlines() == [
        f"kpss ✗ Error {point.number}", "Found: “asi 600 tisíc”", "Expected: a number, such as 1\u00a0234,50",
        "What to do: Write a number, or leave the cell empty if you do not know it."]
    marked = {str(area) for area in sheet.conditional_formatting for rule in area.rules if "kpss" in rule.formula[0]}
    assert any(point.cell in area for area in marked)
    row = sheet[point.cell].row
    assert [c.value for c in sheet[row]][-1] == f"✗ Error {point.number}"
    assert book.active.title == "Chyby"
    first = next(row for row in listed(back.workbook) if row["cell"].value == point.cell)
    assert first["key"].value == "cell|residential|cost_energy|"
    assert first["cell"].hyperlink.location == f"'Výkaz'!{point.cell}"


def test_a_second_check_takes_the_first_ones_marks_away(office, sent_back):
    first = sent_back(office.send(overrides=FAULTY))
    again = sent_back(first.workbook, folder="again")
    sheets = [openpyxl.load_workbook(path)["Výkaz"] for path in (first.workbook, again.workbook)]
    comments = [{c.coordinate: c.comment.text for row in sheet.iter_rows() for c in row if c.comment}
                for sheet in sheets]
    assert comments[0] == comments[1]
    assert sheets[0].dimensions == sheets[1].dimensions
    boxes = [len(re.findall(rb"<v:shape ", parts(path)["xl/drawings/vmlDrawing1.vml"]))
             for path in (first.workbook, again.workbook)]
    assert boxes[0] == boxes[1] == len(comments[0])
    assert parts(again.workbook)["xl/worksheets/sheet1.xml"].count(b'"kpss"') == 1


def test_text_that_begins_like_a_formula_stays_text(office, sent_back):
    name = "=HYPERLINK(\"http://x\")"
    back = sent_back(office.send(overrides={("cost_energy", "residential"): name}, service_name="+1-1@=2"))
    book = openpyxl.load_workbook(back.workbook)
    found = next(row for row in listed(back.workbook) if row["cell"].value)["found"]
    assert "HYPERLINK" in found.value
    assert {c.data_type for row in book["Chyby"].iter_rows() for c in row if c.value} == {"s"}
    summary = openpyxl.load_workbook(back.workbook.parent / "prehled.xlsx").active
    assert {c.data_type for row in summary.iter_rows() for c in row} <= {"s", "n"}
    other = office.send("0000002", service_name="<script>x</script>", overrides=FAULTY)
    assert "<script" not in sent_back(other).note.read_text("utf-8")


def test_macros_are_left_out_and_it_is_said(office, sent_back):
    whole = parts(office.send(overrides=FAULTY))
    types = whole["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml").replace(
        b"</Types>", b'<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        b"</Types>")
    relations = whole["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/'
        b'vbaProject" Target="vbaProject.bin"/></Relationships>')
    changed = {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": relations, "xl/vbaProject.bin": b"macro"}
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in (whole | changed).items():
            archive.writestr(name, content)
    path = office.returns / "makra.xlsm"
    path.write_bytes(data.getvalue())
    back = sent_back(path)
    assert back.workbook.name == "makra_vraceno.xlsx"
    assert "xl/vbaProject.bin" not in parts(back.workbook)
    assert b"macroEnabled" not in parts(back.workbook)["[Content_Types].xml"]
    assert "the macros" in back.note.with_suffix(".txt").read_text("utf-8")


def test_what_cannot_be_marked_goes_back_as_a_filled_in_template(office, sent_back, methodology):
    sent = office.send(overrides=FAULTY)
    sheet = openpyxl.load_workbook(sent, data_only=True)["Výkaz"]
    lines = [";".join("" if c is None else str(c).replace(";", ",").replace("\n", " ") for c in row)
             for row in sheet.iter_rows(values_only=True)]
    path = office.returns / "vykaz.csv"
    path.write_text("\n".join(lines), "utf-8-sig")
    back = sent_back(path)
    assert "new template" in back.note.with_suffix(".txt").read_text("utf-8")
    old, new = back.one.taken.read, read_return(back.workbook.read_bytes(), methodology, [2025])
    typed = [{(f.form, f.item): f.value for f in read.facts
              if f.value == f.value and not methodology.items[f.item].sum_of} for read in (old, new)]
    assert typed[0] == typed[1]
    assert len(typed[0]) > 50
    assert new.identity["replaces"] == back.one.number
    energy = next(f.cell for f in new.facts if f.item == "cost_energy")
    assert energy in {row["cell"].value for row in listed(back.workbook)}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"<html><table></table></html>"])
def test_an_unreadable_file_gets_the_note_only(office, sent_back, data):
    path = office.returns / "x.xlsx"
    path.write_bytes(data)
    back = sent_back(path)
    assert back.report.exit_code == 3
    assert back.one.verdict == "unreadable"
    assert back.workbook is None
    assert "cannot be read as a return" in back.note.read_text("utf-8")


def test_a_date_typed_for_a_number_can_be_typed_over(office, sent_back, methodology):
    back = sent_back(office.send(overrides=TEN))
    cell = next(f.cell for f in back.one.taken.read.facts if f.item == "fte_health")
    there = openpyxl.load_workbook(back.workbook)["Výkaz"][cell]
    assert (there.number_format, there.data_type) == ("General", "s")
    assert cell in {f.cell for f in read_return(back.workbook.read_bytes(), methodology, [2025]).findings}


def without(data, part, pattern, instead):
    """A workbook with something taken out of one of its parts, or something else put in its place."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as changed:
        for name in archive.namelist():
            content = re.sub(pattern, instead, archive.read(name), flags=re.DOTALL) if name == part \
                else archive.read(name)
            changed.writestr(name, content)
    return out.getvalue()


UNUSUAL = {
    "cells without a place": ("xl/worksheets/sheet1.xml", rb'<c r="[A-Z]+\d+"', b"<c"),
    "rows without a place": ("xl/worksheets/sheet1.xml", rb'<row r="\d+"', b"<row"),
    "no sheet data": ("xl/worksheets/sheet1.xml", rb"<sheetData>.*</sheetData>", b""),
    "no styles": ("xl/_rels/workbook.xml.rels", rb'<Relationship [^>]*/styles"[^>]*/>', b""),
    "styles are no XML": ("xl/styles.xml", rb"</styleSheet>", b""),
    "another kind of workbook": ("xl/workbook.xml", rb"schemas.openxmlformats.org/spreadsheetml/2006/main", b"x.cz"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_only_what_cannot_be_marked_raises_the_one_error_for_it(office, name):
    data = without(office.send(overrides=FAULTY).read_bytes(), *UNUSUAL[name])
    marks = Marks([], [], "", [], ("Výkaz", "D22"), "0123456789ab")
    with pytest.raises(MarkingError):
        mark(data, marks, office.folder / "marked.xlsx")
    assert not (office.folder / "marked.xlsx").exists()


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_package_cannot_be_marked(office, data):
    with pytest.raises(MarkingError):
        mark(data, Marks([], [], "", [], ("", ""), ""), office.folder / "marked.xlsx")


@pytest.mark.parametrize("error", [KeyError, ValueError, IndexError, StopIteration])
def test_a_fault_of_the_program_is_not_taken_for_an_unusual_workbook(office, monkeypatch, error):
    def failing(*_given):
        raise error

    monkeypatch.setattr("kpsslib.checking.marking._mark_sheet", failing)
    path = office.send(overrides=FAULTY)
    report = check(list_files([str(path)]), None, "en", lambda *_a: None)
    sent, = write_back(report, office.folder / "out").files.values()
    assert sent.workbook is None  # and no filled-in template in its place
    assert error.__name__ in (report.run.folder / "kpss.log").read_text("utf-8")
