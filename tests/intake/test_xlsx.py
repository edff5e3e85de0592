"""Workbooks of Excel: cells with what tells a figure from what only looks so, and nothing for what is empty."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill

from kpsslib.intake import originals
from kpsslib.intake.formats import xlsx
from kpsslib.intake.formats.cells import TooManyRowsError, all_cells
from kpsslib.intake.formats.workbook import open_workbook
from kpsslib.intake.formats.xlsx import read_xlsx
from kpsslib.intake.returns.reading import read_return


def made(fill) -> bytes:
    """A workbook whose first sheet is filled by a function of the book and the sheet; a key makes it a return."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Výkaz")
        sheet.write_string("A1", "template_version")
        fill(book, sheet)
    return out.getvalue()


def read(data: bytes) -> dict:
    return {cell.address: cell for cell in all_cells(read_xlsx(data).sheets[0])}


def edited(data: bytes, change) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(data: bytes, old: str, new: str) -> bytes:
    """The workbook with the XML of its first sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            after.writestr(entry.filename, content)
    return out.getvalue()


def test_values_keep_their_kind():
    def fill(book, sheet):
        sheet.write("B1", 1234.5)
        sheet.write("C1", True)
        sheet.write("D1", "text")
        sheet.write_datetime("E1", datetime(2025, 5, 1), book.add_format({"num_format": "d. m. yyyy"}))
        sheet.write_number("F1", 1.5, book.add_format({"num_format": "[h]:mm"}))
        sheet.write_formula("G1", "=1/0", None, "#DIV/0!")
        sheet.write_blank("H1", None, book.add_format({"bold": True}))
    cells = read(made(fill))
    assert {at: cell.content for at, cell in cells.items()} == {
        "A1": "template_version", "B1": 1234.5, "C1": True, "D1": "text", "E1": datetime(2025, 5, 1),
        "F1": timedelta(hours=36), "G1": "#DIV/0!"}
    assert (cells["G1"].kind, cells["G1"].formula, cells["B1"].formula) == ("error", True, False)


def test_the_epoch_of_1904_is_honoured():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_string("A1", "template_version")
        sheet.write_datetime("B1", datetime(2025, 5, 1), book.add_format({"num_format": "d. m. yyyy"}))
    assert read(out.getvalue())["B1"].content == datetime(2025, 5, 1)


@pytest.mark.parametrize(("xml", "kind"), [
    ("<f>1+1</f>", "uncomputed"), ("<f>1+1</f><v></v>", "uncomputed"), ("<f>1+1</f><v/>", "uncomputed"),
    ("<f>YEAR(TODAY())</f><v>2025</v>", "volatile"), ("<f>[1]List1!A1</f><v>7</v>", "linked"),
    ("<f>'C:\\ucto\\[kniha.xlsx]List1'!A1</f><v>7</v>", "linked"), ("<f>Tabulka1[Kč]</f><v>7</v>", ""),
    ("<f>SUM(A1:A3)</f><v>7</v>", ""),
])
def test_what_a_formula_is(xml, kind):
    data = made(lambda _book, sheet: sheet.write_number("B1", 987))
    cell = read(with_sheet(data, "<v>987</v>", xml))["B1"]
    assert (cell.kind, cell.formula) == (kind, True)


def test_an_empty_text_is_the_result_of_a_waiting_sum_and_no_cell():
    data = made(lambda _book, sheet: sheet.write_formula("B1", '=IF(A2="","",1)', None, "x"))
    data = with_sheet(data, "<v>x</v>", "<v></v>")
    assert set(read(data)) == {"A1"}


def test_a_shared_formula_is_told_at_each_of_its_cells():
    def fill(_book, sheet):
        sheet.write_number("B1", 987)
        sheet.write_number("B2", 988)
    data = made(fill)
    data = with_sheet(data, "<v>987</v>", '<f t="shared" ref="B1:B2" si="0">TODAY()-1</f><v>1</v>')
    data = with_sheet(data, "<v>988</v>", '<f t="shared" si="0"/><v>2</v>')
    assert [read(data)[at].kind for at in ("B1", "B2")] == ["volatile", "volatile"]


@pytest.mark.parametrize("how", [{"font_script": 1}, {"font_script": 2}, {"font_strikeout": True}])
def test_a_part_off_the_line_is_a_footnote(how):
    def fill(book, sheet):
        sheet.write_rich_string("B1", "1234", book.add_format(how), "1")
        sheet.write_rich_string("C1", "12", book.add_format({"bold": True}), "34")
    cells = read(made(fill))
    assert (cells["B1"].content, cells["B1"].kind) == ("12341", "footnote")
    assert (cells["C1"].content, cells["C1"].kind) == ("1234", "")


def test_hidden_rows_and_columns_and_those_of_no_size():
    def fill(_book, sheet):
        for at in ("B1", "B2", "B3", "C1", "D1"):
            sheet.write_number(at, 1)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(2, 0)
        sheet.set_column("C:C", None, None, {"hidden": True})
        sheet.set_column("D:D", 0)
    assert {at: cell.hidden for at, cell in read(made(fill)).items()} == {
        "A1": "", "B1": "", "B2": "hidden_row", "B3": "hidden_row", "C1": "hidden_column", "D1": "hidden_column"}


def test_styles():
    def fill(sheet):
        for row in range(1, 6):
            sheet.cell(row, 2).value = 1
        sheet["B1"].font, sheet["B1"].fill = Font(strike=True, color="FF0000"), PatternFill("solid", fgColor="FFF8DC")
        sheet["B2"].font = Font(color=Color(theme=0))
        sheet["B3"].font, sheet["B3"].number_format = Font(color=Color(indexed=9)), "0,0,"
        sheet["B4"].fill = PatternFill("solid", fgColor=Color(theme=0, tint=-0.25))
        sheet["B5"].fill = PatternFill("darkGrid", fgColor="00FF00")
    cells = read(edited(made(lambda _book, _sheet: None), fill))
    styles = {at: cell.style for at, cell in cells.items()}
    assert (styles["B1"].struck_through, styles["B1"].colour, styles["B1"].fill) == (True, "FF0000", "FFF8DC")
    assert (styles["B2"].colour, styles["B2"].fill, styles["B2"].number_format) == ("FFFFFF", "", "General")
    assert (styles["B3"].colour, styles["B3"].number_format) == ("FFFFFF", "0,0,")
    assert styles["B4"].fill == "BFBFBF"  # white, a quarter darker: 255 * 0.75
    assert styles["B5"].fill == ""


def test_cells_of_a_style_share_it():
    data = made(lambda _book, sheet: [sheet.write_number(row, 1, row) for row in range(5)])
    assert len({id(cell.style) for cell in read(data).values()}) == 1


def test_comments_and_merged_cells_of_the_sender_only():
    def fill(sheet):
        sheet["B2"].value, sheet["B3"].value, sheet["B4"].value = 1, 2, 3
        sheet["B2"].comment = Comment("jen odhad", "Nová")
        sheet["B3"].comment = Comment("✗ Chyba 1", "kpss")
        sheet["B4"].comment = Comment("kpss ✗ Chyba 2", "LibreOffice")
        sheet.merge_cells("C2:C4")
    sheet = read_xlsx(edited(made(lambda _book, _sheet: None), fill)).sheets[0]
    assert (sheet.comments, sheet.merged) == ({"B2": "jen odhad"}, ["C2:C4"])


def test_states_of_sheets_and_what_a_file_carries():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("a").write("B7", "x")
        book.add_worksheet("b").hide()
        book.add_worksheet("c").very_hidden()
        book.add_chartsheet("graf").set_chart(chart := book.add_chart({"type": "bar"}))
        chart.add_series({"values": "=a!$B$7"})
        book.set_custom_property("zpracoval", "Nová")
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    read = read_xlsx(out.getvalue())
    assert [(s.title, s.state, s.filled, s.area) for s in read.sheets] == [
        ("a", "visible", 1, "B7:B7"), ("b", "hidden", 0, ""), ("c", "veryHidden", 0, "")]
    assert set(read.carries) == {"macros", "external_links", "custom_properties"}


def test_far_away_and_formatted_empty_cells_cost_nothing():
    rows = "".join(f'<row r="{n}" ht="15"><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(2, 50_000))
    far = '<row r="1048576"><c r="XFD1048576"><v>5</v></c></row>'
    sheet = read_xlsx(with_sheet(made(lambda _b, _s: None), "</sheetData>", f"{rows}{far}</sheetData>")).sheets[0]
    assert (sheet.filled, sheet.area, len(sheet.rows)) == (2, "A1:XFD1048576", 2)


@pytest.mark.parametrize("large", [0, 10**9])
def test_too_many_rows_are_refused(monkeypatch, large):
    monkeypatch.setattr(xlsx, "LARGE", large)
    for module in (xlsx, __import__("kpsslib.intake.formats.cells", fromlist=["cells"])):
        monkeypatch.setattr(module, "MAX_ROWS", 50)
    data = made(lambda _book, sheet: [sheet.write_number(row, 1, row) for row in range(52)])
    with pytest.raises(TooManyRowsError):
        read_xlsx(data)
    assert open_workbook(data).kind == "too_many_rows"


@pytest.mark.parametrize("xml", [
    '<row r="1"><c r="B1"><v>2</v></c></row>',  # a second row 1
    '<row r="2"><c r="C2"><v>2</v></c><c r="B2"><v>2</v></c></row>',  # cells out of order
    '<row r="2"><c r="B2"><v>2</v></c><c r="B2"><v>3</v></c></row>',  # a cell twice
    '<row r="2"><c r="B7"><v>2</v></c></row>',  # a cell of another row
    '<row r="2"><c r="B2" t="s"><v>999</v></c></row>', '<row r="2"><c r="B2"><v>mnoho</v></c></row>',
    '<row r="2"><c r="B2" s="999"><v>1</v></c></row>', "<row></sheetData>",
    '</sheetData><mergeCells><mergeCell ref="B2:"/></mergeCells><sheetData>',
])
def test_a_sheet_in_which_cells_could_get_lost_is_damaged(xml):
    data = with_sheet(made(lambda _book, _sheet: None), "</sheetData>", f"{xml}</sheetData>")
    assert open_workbook(data).kind == "damaged"


def test_entities_are_refused_by_the_parser_too():
    data = with_sheet(made(lambda _book, _sheet: None), "<worksheet", '<!DOCTYPE x [<!ENTITY a "ha">]><worksheet')
    assert originals.container_fault(data).kind == "xml_entities"
    with pytest.raises(ValueError, match="Entities"):
        read_xlsx(data)


_CONTENT = st.one_of(st.none(), st.floats(-1e12, 1e12, allow_nan=False), st.integers(-10**12, 10**12), st.booleans(),
                     st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Co"]), max_size=12))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(_CONTENT, max_size=6), max_size=12))
def test_the_same_values_as_openpyxl_gives(rows):
    def fill(_book, sheet):
        for r, row in enumerate(rows, 1):
            for c, content in enumerate(row):
                if isinstance(content, str):
                    sheet.write_string(r, c, content)
                elif content is not None:
                    sheet.write(r, c, content)
    data = made(fill)
    plain = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    values = {cell.coordinate: cell.value for row in plain for cell in row if cell.value not in (None, "")}
    assert {at: cell.content for at, cell in read(data).items()} == values


@pytest.mark.parametrize("change", [lambda sheet: setattr(sheet.oddHeader.left, "text", "klient 800101/1238"),
                                    lambda sheet: setattr(sheet, "title", "klient 8001011238")])
def test_data_of_a_person_beside_the_cells(change, methodology):
    read_ = read_return(edited(made(lambda _book, sheet: sheet.write_string("A2", "x")), change), methodology, [2025])
    assert read_.quarantine.kind == "personal_data"
    assert "1238" not in f"{read_}"
