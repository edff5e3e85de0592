"""A return saved as text: encodings, delimiters, quotes, letters that only look alike, and what is refused."""

import csv
import io
import unicodedata

import openpyxl
import pytest

from kpsslib.intake.formats.encodings import TextFileError, decode
from kpsslib.intake.formats.text_return import read_text_return

CZECH = "příliš žluťoučký kůň úpěl ďábelské ódy, PŘÍLIŠ ŽLUŤOUČKÝ KŮŇ ÚPĚL ĎÁBELSKÉ ÓDY"
WINDOWS_ONLY = str.maketrans("–„“", "-''")  # not in the other two code pages


@pytest.fixture
def rows(office):
    """The cells of a sound return as texts, with decimal commas."""
    path = office.send(changes={"fte_care_attendance": 5.25}, notes={"clients": "dle evidence"}, provider_name=CZECH)
    sheet = openpyxl.load_workbook(path, data_only=True)["Výkaz"]
    return [["" if v is None else str(v).replace(".", ",") if isinstance(v, float) else str(v) for v in row[:6]]
            for row in sheet.iter_rows(values_only=True)]


def text_of(rows, delimiter=";", end="\r\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def figures(book):
    """The figures under the header by the key of their row."""
    rows = list(book.sheets[0].rows.values())
    at = next(n for n, row in enumerate(rows) if row[0].content == "kód")
    return {(row[0].content, cell.column): cell.content for row in rows[at + 1:] for cell in row
            if cell.column in (4, 5)}


def refusal(data):
    with pytest.raises(TextFileError) as caught:
        read_text_return(data)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso8859-2", "cp852"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_every_encoding_and_delimiter_gives_the_same_cells(rows, encoding, delimiter):
    rows = [[cell.translate(WINDOWS_ONLY) for cell in row] for row in rows]
    book = read_text_return(text_of(rows, delimiter).encode(encoding))
    [sheet] = book.sheets
    assert (book.format, sheet.is_return, sheet.title) == ("csv", True, "")
    read = {(cell.row, cell.column): cell.content for row in sheet.rows.values() for cell in row}
    written = {(r, c): v for r, row in enumerate(rows, 1) for c, v in enumerate(row, 1) if v}
    assert read.keys() == written.keys()
    assert sheet.filled == len(written)
    for place, content in read.items():
        text = written[place]
        assert content == text if isinstance(content, str) else content == float(text.replace(",", "."))
    found = figures(book)
    assert found["fte_care_attendance", 4] == 5.25
    assert found["cost_wages", 4] == 6_000_000


def test_identifiers_stay_texts_and_figures_are_numbers(rows):
    sheet = read_text_return(text_of(rows).encode()).sheets[0]
    identity = {row[0].content: cell.content for row in sheet.rows.values() for cell in row if cell.column == 4}
    assert identity["provider_id"] == "00064581"
    assert identity["service_id"] == "0000001"
    assert identity["year"] == "2025"


@pytest.mark.parametrize("change", [
    lambda text: "sep=;\r\n" + text,
    lambda text: text.replace("\r\n", "\r"),
    lambda text: text.replace("\r\n", "\n", 20).replace("\n", "\r", 5),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text + ";;;;;\r\n" * 3000,
    lambda text: text.replace("dle evidence", '"dle\nevidence; a ""jinak"""'),
    lambda text: text.replace("kód;", "k\u200bód\u00a0;"),
    lambda text: text.replace(";;\r\n", "\r\n"),
], ids=["sep", "CR", "mixed ends", "NFD", "formatted rows", "line in quotes", "invisible", "short rows"])
def test_shapes_of_the_same_text_give_the_same_figures(rows, change):
    text = text_of(rows)
    changed = change(text)
    assert changed != text
    plain = figures(read_text_return(text.encode()))
    assert len(plain) > 50
    assert figures(read_text_return(changed.replace("k\u200bód\u00a0", "kód").encode())) == plain


@pytest.mark.parametrize(("typed", "read"), [
    ("1,234", 1.234), ("0,125", 0.125), ("1234", 1234), ("-5", -5), ("1 234", "1 234"), ("1.234", "1.234"),
    ("007", "007"), ("12345678901234567890", "12345678901234567890"), ("1.5", 1.5), ("5 Kč", "5 Kč"),
])
def test_plain_figures_are_numbers_and_others_stay_as_they_are(rows, typed, read):
    row = next(row for row in rows if row[0] == "joiners")
    row[3] = typed
    found = figures(read_text_return(text_of(rows).encode()))["joiners", 4]
    if typed == "1.5":  # 5,25 stands elsewhere: the file has both marks
        assert found == read
    assert (found, type(found)) == (read, type(read))


def test_three_decimals_are_two_readings_where_no_other_figure_shows_the_mark(rows):
    next(row for row in rows if row[0] == "joiners")[3] = "1,234"
    text = text_of(rows)
    assert figures(read_text_return(text.encode()))["joiners", 4] == 1.234
    assert figures(read_text_return(text.replace(",25;", ";").encode()))["joiners", 4] == "1,234"


@pytest.mark.parametrize("text", ["#DIV/0!", "#REF!", "#N/A", "#NÁZEV?", "#DĚLENÍ_NULOU!", "########", "Err:502"])
def test_errors_of_a_spreadsheet_are_errors(rows, text):
    next(row for row in rows if row[0] == "joiners")[3] = text
    cells = [cell for row in read_text_return(text_of(rows).encode()).sheets[0].rows.values() for cell in row]
    assert [cell.content for cell in cells if cell.kind == "error"] == [text]


def test_a_comma_file_with_decimal_commas_is_refused_and_its_rows_named(rows):
    fault = refusal("\r\n".join(",".join(row) for row in rows).encode())
    lines = [n for n, row in enumerate(rows, 1) if len(",".join(row).split(",")) > 6]
    assert fault.kind == "ragged_rows"
    assert fault.values["rows"].split(", ")[0] == str(lines[0])


@pytest.mark.parametrize(("change", "kind"), [
    (lambda text: text.encode().replace(b"clients;", b"cli\0ents;"), "zero_bytes"),
    (lambda text: text.replace("ž", "\ufffd").encode(), "lost_letters"),
    (lambda text: text.encode().decode("latin-1").encode(), "mojibake"),
    (lambda text: "".join(bytes([b]).decode("cp1250", "ignore") or chr(b) for b in text.encode()).encode(), "mojibake"),
    (lambda text: text.replace("dle evidence", '"dle evidence').encode(), "unbalanced_quote"),
    (lambda text: text.replace("dle evidence", '"dle evidence" ano').encode(), "unbalanced_quote"),
    (lambda text: b"k\xc3\xb3d;Ukazatel;Jednotka;A;B\r\n", "header_only"),
    (lambda text: b";;;\r\n;;;\r\n", "empty_file"),
    (lambda text: b"hello, the return will come next week", "not_a_return"),
    (lambda text: b"a;b\r\n1;2\r\n", "not_a_return"),
    (lambda text: "Привет; мир".encode("cp1251"), "unknown_encoding"),
])
def test_what_is_refused(rows, change, kind):
    assert refusal(change(text_of(rows))).kind == kind


def test_a_quote_that_swallows_rows_is_refused_with_its_line(rows):
    numbers = [n for n, row in enumerate(rows) if row[0] in ("joiners", "leavers")]
    lines = text_of(rows).split("\r\n")
    lines[numbers[0]] = lines[numbers[0]].rsplit(";", 1)[0] + ';"začíná'
    lines[numbers[1]] = lines[numbers[1]].rsplit(";", 1)[0] + ';končí"'
    fault = refusal("\r\n".join(lines).encode())
    assert (fault.kind, fault.values["line"]) == ("unbalanced_quote", numbers[0] + 1)


@pytest.mark.parametrize(("word", "typed"), [("Note", "Nоtе"), ("kód", "kо\u0301d"), ("service_id", "sеrvice_id")])
def test_letters_that_only_look_latin_are_named(rows, word, typed):
    fault = refusal(text_of(rows).replace(word, typed).encode())
    assert (fault.kind, fault.values["meant"]) == ("foreign_letters", word.lower())


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2", "cp852"])
@pytest.mark.parametrize("text", ["Péče", "MěÚ Žďár", "§ 40 pečovatelská služba", "12\u00a0000 Kč", "Příjmy", "Šárka"])
def test_short_texts_are_read_in_one_way_only(encoding, text):
    assert decode(text.encode(encoding)) == text


def test_a_text_with_two_readings_is_refused():
    with pytest.raises(TextFileError) as caught:
        decode("zákona".encode("cp852"))  # in cp1250 a space that does not break
    assert caught.value.kind == "unknown_encoding"


@pytest.mark.parametrize(("text", "found"), [
    ("a;b\nservice_id;Ĺ˝luĹĄ;c", "Ĺ˝luĹĄ"), ("a;N\ufffdklady na mzdy", "N\ufffdklady"), ("x\ty\t\ufffd", "\ufffd"),
])
def test_the_message_shows_the_word_and_not_its_neighbours(text, found):
    with pytest.raises(TextFileError) as caught:
        decode(text.encode())
    assert caught.value.values == {"found": found}
