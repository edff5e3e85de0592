"""The other formats of returns: .xls and .ods give the same cells as .xlsx, with what tells a figure from its looks."""

import io
import shutil
import subprocess
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlwt

from kpsslib.intake.formats.cells import TooManyRowsError
from kpsslib.intake.formats.encodings import TextFileError
from kpsslib.intake.formats.ods import read_ods
from kpsslib.intake.formats.workbook import open_workbook
from kpsslib.intake.formats.xls import read_xls
from kpsslib.intake.returns.reading import read_return

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SPACES = {"office": "office", "style": "style", "table": "table", "text": "text", "number": "datastyle",
          "fo": "xsl-fo-compatible"}


def cells(book, sheet=0):
    return {cell.address: cell for row in book.sheets[sheet].rows.values() for cell in row}


def facts(read):
    return {(fact.form, fact.item, fact.status, repr(fact.value)) for fact in read.facts}


# .xls

def make_xls(fill, title="Výkaz", **options):
    book = xlwt.Workbook(encoding="utf-8")
    for name, value in options.items():
        setattr(book, name, value)
    sheet = book.add_sheet(title)
    sheet.write(0, 0, "service_id")
    fill(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_contents_of_xls():
    def fill(_book, sheet):
        day, clock, hours = (xlwt.easyxf(num_format_str=code) for code in ("d.m.yyyy", "h:mm", "[h]:mm"))
        for n, (value, style) in enumerate([
                (12, None), (1.5, None), ("text", None), (True, None), (datetime(2025, 5, 1), day),
                (time(1, 30), clock), (1.25, hours), ("", None)]):
            sheet.write(1, n, value, *([style] if style else []))
        sheet.write(2, 0, xlwt.Formula("1/0"))  # saved with an empty text as its result
        sheet.row(2).set_cell_error(1, "#DIV/0!")
        sheet.row(2).set_cell_error(2, "#REF!")
    read = cells(read_xls(make_xls(fill)))
    assert [read[f"{letter}2"].content for letter in "ABCDEFG"] == [
        12, 1.5, "text", True, datetime(2025, 5, 1), time(1, 30), timedelta(hours=30)]
    assert not {"H2", "A3"} & read.keys()
    assert [(read[a].content, read[a].kind) for a in ("B3", "C3")] == [("#DIV/0!", "error"), ("#REF!", "error")]


def test_dates_follow_the_calendar_of_the_book():
    def fill(_book, sheet):
        sheet.write(1, 0, 44000, xlwt.easyxf(num_format_str="d.m.yyyy"))
    assert cells(read_xls(make_xls(fill)))["A2"].content == datetime(2020, 6, 18)
    assert cells(read_xls(make_xls(fill, dates_1904=True)))["A2"].content == datetime(2024, 6, 19)


def test_looks_of_xls():
    def fill(book, sheet):
        sheet.write(1, 0, 5, xlwt.easyxf("font: struck_out on, colour white; pattern: pattern solid, fore_colour red"))
        sheet.write(1, 1, 0.5, xlwt.easyxf(num_format_str="0.0%"))
        sheet.write_rich_text(1, 2, ("1234", ("1", xlwt.easyfont("escapement superscript"))))
        sheet.write_rich_text(1, 3, ("1234", (" jinak", xlwt.easyfont("bold on"))))
        sheet.write(2, 0, 1)
        sheet.row(2).hidden = True
        sheet.write(3, 5, 1)
        sheet.col(5).hidden = True
        sheet.write_merge(4, 5, 0, 2, "spojeno")
        other = book.add_sheet("Skrytý")
        other.visibility = 2
        other.write(0, 0, 1)
    book = read_xls(make_xls(fill))
    read = cells(book)
    assert (read["A2"].style.struck_through, read["A2"].style.colour, read["A2"].style.fill) == (
        True, "FFFFFF", "FF0000")
    assert read["B2"].style.number_format == "0.0%"
    assert (read["C2"].content, read["C2"].kind, read["D2"].kind) == ("12341", "footnote", "")
    assert (read["A3"].hidden, read["F4"].hidden, read["A2"].hidden) == ("hidden_row", "hidden_column", "")
    assert book.sheets[0].merged == ["A5:C6"]
    assert [(s.title, s.state, s.filled, s.rows) for s in book.sheets[1:]] == [("Skrytý", "veryHidden", 1, {})]


def test_an_old_document_or_a_password_is_told_apart():
    book = make_xls(lambda _book, _sheet: None)
    with pytest.raises(TextFileError) as caught:
        read_xls(book.replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le")))
    assert caught.value.kind == "not_a_workbook"
    first = book.index(b"\x09\x08\x10\x00")  # after the record BOF comes what says that the rest is encrypted
    with pytest.raises(TextFileError) as caught:
        read_xls(book[:first + 20] + b"\x2f\x00\x06\x00\x00\x00\x01\x02\x03\x04" + book[first + 30:])
    assert caught.value.kind == "encrypted"
    for damaged in (book[:len(book) // 2], book[:700], book[:8]):
        assert open_workbook(damaged).kind in ("damaged", "not_a_workbook")


# .ods

def make_ods(rows, styles="", columns="", more=""):
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                      for short, name in SPACES.items())
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
               f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
               f'<table:table table:name="Výkaz">{columns}<table:table-row>{text("service_id")}</table:table-row>{rows}'
               f"</table:table>{more}</office:spreadsheet></office:body></office:document-content>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return out.getvalue()


def text(content, **attributes):
    return cell("string", f"<text:p>{content}</text:p>", **attributes)


def cell(kind, inside="", tag="table-cell", **attributes):
    named = "".join(f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<table:{tag} office:value-type="{kind}"{named}>{inside}</table:{tag}>'


def row(*inside, **attributes):
    named = "".join(f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row{named}>{''.join(inside)}</table:table-row>"


def test_contents_of_ods():
    read = cells(read_ods(make_ods(row(
        cell("float", "<text:p>12,0</text:p>", office__value="12"), cell("float", office__value="1.5"),
        text("a<text:s text:c='3'/>b<text:tab/>c</text:p><text:p>d"), cell("boolean", office__boolean_value="true"),
        cell("date", office__date_value="2025-05-01"), cell("time", office__time_value="PT01H30M00S"),
        cell("time", office__time_value="PT30H00M00S"), cell("currency", office__value="5", office__currency="EUR"),
        cell("percentage", office__value="0.12"), text("")) + row(
        text("#DIV/0!", table__formula="of:=1/0", calcext__value_type="error"),
        text("#NÁZEV?", table__formula="of:=x()"), '<table:table-cell table:formula="of:=[.A1]+1"/>',
        cell("float", office__value="3", table__formula="of:=1+2"), text("", table__formula="of:=T()"),
        cell("date", office__date_value="2025-05-01T10:20:30", table__formula="of:=NOW()"),
        cell("float", office__value="3", table__formula="of:='file:///x.ods'#$A.A1")))))
    assert [read[f"{letter}2"].content for letter in "ABCDEFGHI"] == [
        12, 1.5, "a   b\tc\nd", True, datetime(2025, 5, 1), time(1, 30), timedelta(hours=30), 5, 0.12]
    assert "J2" not in read
    assert (read["H2"].style.number_format, read["I2"].style.number_format) == ("[$EUR]0", "0%")
    assert [(read[a].content, read[a].kind, read[a].formula) for a in ("A3", "B3", "C3", "D3")] == [
        ("#DIV/0!", "error", True), ("#NÁZEV?", "error", True), (None, "uncomputed", True), (3, "", True)]
    assert "E3" not in read  # an empty text is a result
    assert (read["F3"].kind, read["G3"].kind) == ("volatile", "linked")


def test_looks_of_ods():
    styles = (
        '<style:style style:name="base" style:family="table-cell"><style:text-properties fo:color="#ffffff"/>'
        '<style:table-cell-properties fo:background-color="#fff8dc"/></style:style>'
        '<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>'
        '<style:style style:name="gone" style:family="table-cell" style:parent-style-name="base" '
        'style:data-style-name="N1"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/>'
        '</style:style><style:style style:name="off" style:family="table"><style:table-properties '
        'table:display="false"/></style:style>')
    columns = ('<table:table-column table:number-columns-repeated="3"/>'
               '<table:table-column table:visibility="collapse"/>'
               '<table:table-column table:default-cell-style-name="gone" table:number-columns-repeated="1020"/>')
    note = "<office:annotation><dc:date xmlns:dc='x'>2025</dc:date><text:p>podle smlouvy</text:p></office:annotation>"
    rows = (
        row(cell("float", office__value="5", table__style_name="gone"),
            text("1234<text:span text:style-name='up'>1</text:span>"),
            cell("float", note, office__value="7"), cell("float", office__value="8"), cell("float", office__value="9"))
        + row(cell("float", office__value="1"), table__visibility="filter")
        + row(text("x", table__number_columns_spanned="2", table__number_rows_spanned="3"),
              text("skryto", tag="covered-table-cell")))
    more = (f'<table:table table:name="Skrytý" table:style-name="off">{row(cell("float", office__value="1"))}'
            "</table:table>")
    book = read_ods(make_ods(rows, styles, columns, more))
    read = cells(book)
    assert read["A2"].style == ("#,##0,", True, "FFF8DC", "FFFFFF")
    assert read["E2"].style == read["A2"].style  # the style of its column
    assert (read["B2"].content, read["B2"].kind) == ("12341", "footnote")
    assert (read["D2"].hidden, read["A3"].hidden, read["C2"].hidden) == ("hidden_column", "hidden_row", "")
    assert book.sheets[0].comments == {"C2": "podle smlouvy"}
    assert book.sheets[0].merged == ["A4:B6"]
    assert [(s.title, s.state, s.filled) for s in book.sheets[1:]] == [("Skrytý", "hidden", 1)]


def test_empty_rows_and_cells_are_not_unfolded_and_filled_ones_are():
    rows = (row(cell("float", office__value="1", table__number_columns_repeated="3"),
                '<table:table-cell table:number-columns-repeated="16000"/>', cell("float", office__value="2"),
                table__number_rows_repeated="2")
            + row('<table:table-cell table:number-columns-repeated="16384"/>', table__number_rows_repeated="1048000")
            + row(cell("float", office__value="9")))
    [sheet] = read_ods(make_ods(rows)).sheets
    assert sorted(sheet.rows) == [1, 2, 3, 1048004]
    assert [(c.row, c.column, c.content) for c in sheet.rows[3]] == [(3, 1, 1), (3, 2, 1), (3, 3, 1), (3, 16004, 2)]
    assert sheet.filled == 10


@pytest.mark.parametrize("repeats", [("1048576", "1"), ("1", "100000000"), ("10000", "16000")])
def test_cells_repeated_without_end_are_refused(repeats):
    down, across = repeats
    rows = row(cell("float", office__value="1", table__number_columns_repeated=across),
               table__number_rows_repeated=down)
    with pytest.raises(TooManyRowsError):
        read_ods(make_ods(rows))
    assert open_workbook(make_ods(rows)).kind == "too_many_rows"


@pytest.mark.parametrize("inside", [cell("float", office__value=""), cell("date", office__date_value="1.5.2025"),
                                    cell("time", office__time_value="1:30")])
def test_values_that_no_program_writes_are_damage(inside):
    assert open_workbook(make_ods(row(inside))).kind == "damaged"


# the same return in each format

@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Turns a workbook into another format by LibreOffice."""
    if not OFFICE:
        pytest.skip("LibreOffice is not here")
    profile = tmp_path_factory.mktemp("profile")

    def convert(path, suffix):
        subprocess.run([OFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", suffix,
                        "--outdir", path.parent / suffix, path], check=True, capture_output=True, timeout=120)
        return (path.parent / suffix / path.with_suffix(f".{suffix}").name).read_bytes()
    return convert


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_a_return_saved_in_another_format_reads_the_same(office, converted, suffix):
    path = office.send(changes={"fte_care_attendance": 5.25}, notes={"clients": "dle evidence"}, overrides={
        ("joiners", "residential"): date(2025, 5, 1), ("leavers", "residential"): "1 234,50 Kč",
        ("rooms_double", "residential"): ("=1/0", "#DIV/0!")})
    book = openpyxl.load_workbook(path)
    sheet = book["Výkaz"]
    rows = {sheet.cell(n, 1).value: n for n in range(1, sheet.max_row + 1)}
    sheet.cell(rows["training_hours"], 4).font = openpyxl.styles.Font(strike=True)
    sheet.row_dimensions[rows["agreement_hours"]].hidden = True
    sheet.cell(rows["clients"], 4).comment = openpyxl.comments.Comment("podle smlouvy", "x")
    book.save(path)
    plain = converted(path, "xlsx")  # LibreOffice computes the formulas that openpyxl saves without results
    other = converted(path, suffix)
    first, second = open_workbook(plain), open_workbook(other)
    assert second.format == suffix
    assert [(s.title, s.area, s.is_return, sorted(s.merged), s.comments) for s in first.sheets] == [
        (s.title, s.area, s.is_return, sorted(s.merged), s.comments) for s in second.sheets]
    assert first.sheets[0].filled == second.sheets[0].filled
    theirs = cells(second)
    for address, one in cells(first).items():
        two = theirs[address]
        assert (one.content, one.kind, one.formula, one.hidden) == (two.content, two.kind, two.formula, two.hidden)
        assert one.style[1:3] == two.style[1:3]
    reads = [read_return(data, office.methodology, [2025]) for data in (plain, other)]
    assert facts(reads[0]) == facts(reads[1])
    used = [{name: read.cells[name] for name in ("accepted", "converted", "rejected")} for read in reads]
    assert used[0] == used[1]
    assert len(reads[0].facts) > 50
    assert {f.kind for f in reads[1].findings} >= {"date_in_number", "text_number", "error_cell", "struck_through"}


def test_an_empty_merged_cell_of_ods_has_an_address():
    empty = '<table:table-cell table:number-columns-spanned="2"/>'
    assert read_ods(make_ods(row(text("x"), empty))).sheets[0].merged == ["B2:C2"]
