"""However a sender has rearranged the template: the same figures, or what is not the same told at its cell."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from kpsslib.intake.returns.cell_figures import shown_as
from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.template import SHEET, header_labels


def grid_of(path) -> list[list]:
    sheet = openpyxl.load_workbook(path, data_only=True)[SHEET]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def at(grid, key) -> int:
    return next(n for n, row in enumerate(grid) if row[0] == key)


def book_of(*sheets) -> bytes:
    """A workbook of (title, rows, state)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows, state in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = state
    return saved(book)


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(data) -> int:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return sum(cell.value not in (None, "") for sheet in book for row in sheet.iter_rows() for cell in row)


class Sender:
    """One sound return, as rows, changed and read."""

    def __init__(self, office) -> None:
        self.office = office
        self.path = office.send()
        self.grid = grid_of(self.path)
        self.sound = self.said(self.read(self.grid))

    def read(self, grid):
        return self.check(book_of((SHEET, grid, "visible")))

    def check(self, data):
        """Read bytes; every cell ends in one class."""
        read = read_return(data, self.office.methodology, [2025])
        assert read.quarantine or sum(read.cells.values()) == filled(data)
        return read

    def marked(self, key, change):
        """Read the return after a change of the sheet and the figure's cell."""
        book = openpyxl.load_workbook(self.path, data_only=True)
        sheet = book[SHEET]
        change(sheet, sheet.cell(at(self.grid, key) + 1, 4))
        return self.check(saved(book))

    @staticmethod
    def said(read) -> dict:
        return {(f.item, f.form): (f.value if f.value == f.value else None, f.status) for f in read.facts}


@pytest.fixture
def sender(office):
    return Sender(office)


def test_reordered_columns_and_rows_give_the_same_figures(sender):
    grid, header = sender.grid, at(sender.grid, "kód")
    columns = [[row[c] for c in (5, 3, 1, 4, 0, 2, *range(6, len(row)))] for row in grid]
    read = sender.read(columns)
    assert (sender.said(read), read.findings) == (sender.sound, [])
    rows = [*grid[:header], grid[header], *reversed(grid[header + 1:])]
    assert sender.said(sender.read(rows)) == sender.sound


@pytest.mark.parametrize("spell", [str.upper, lambda text: f" {text}\u200b".replace(" ", "\u00a0"),
                                   lambda text: __import__("unicodedata").normalize("NFD", text)])
def test_headers_are_compared_by_their_words(sender, spell):
    header = at(sender.grid, "kód")
    grid = [[spell(cell) if cell and n == header else cell for cell in row] for n, row in enumerate(sender.grid)]
    assert sender.said(sender.read(grid)) == sender.sound


def test_the_english_header_is_read_too(sender):
    header = at(sender.grid, "kód")
    assert {"Residential form", "Pobytová forma"} == header_labels()["residential"]
    other = {"Residential form": "Pobytová forma", "Outpatient and field form": "Ambulantní a terénní forma"}
    grid = [[other.get(cell, cell) if n == header else cell for cell in row] for n, row in enumerate(sender.grid)]
    assert grid != sender.grid
    assert sender.said(sender.read(grid)) == sender.sound


@pytest.mark.parametrize(("header", "kind", "found"), [
    ("Residental forms", "column_renamed", "Residental forms"), ("Částka 2025", "column_missing", ""),
    (None, "column_missing", "")])
def test_a_form_whose_header_is_gone_is_not_guessed(sender, header, kind, found):
    grid = [list(row) for row in sender.grid]
    grid[at(grid, "kód")][3] = header
    read = sender.read(grid)
    (told,) = [f for f in read.findings if f.form == "residential"]
    assert (told.kind, told.values["found"], told.values["label"]) == (kind, found, "Residential form")
    assert all(value is None for value, _status in sender.said(read).values())
    assert read.identity["service_id"] == "0000001"


def test_a_header_that_stands_twice(sender):
    grid = [[*row, row[3]] for row in sender.grid]
    read = sender.read(grid)
    assert [(f.kind, f.form) for f in read.findings] == [("column_twice", "residential")]
    assert all(value is None for value, _status in sender.said(read).values())


def test_a_sheet_without_a_header(sender):
    grid = [row for row in sender.grid if row[0] != "kód"]
    quarantine = sender.read(grid).quarantine
    assert quarantine.kind == "no_header"
    assert quarantine.values["found"].startswith(str(sender.grid[0][1])[:40])


def test_a_transposed_table(sender):
    assert sender.read([list(row) for row in zip(*sender.grid, strict=True)]).quarantine.kind == "transposed"


def test_another_version_is_told_before_its_columns(sender):
    grid = [row for row in sender.grid if row[0] != "kód"]
    grid[at(grid, "template_version")][3] = "2024.2"
    quarantine = sender.read(grid).quarantine
    assert (quarantine.kind, quarantine.values["found"], quarantine.values["version"]) == (
        "wrong_template", "2024.2", "2025.1")


def test_a_copy_is_ignored_and_another_return_is_not(sender):
    changed, named = ([list(row) for row in sender.grid] for _n in range(2))
    changed[at(changed, "clients")][3], named[at(named, "provider_name")][3] = 41, "Charita Lhota"
    for title, rows, state, kind in (("List1 (2)", sender.grid, "visible", "copy_of_return"),
                                     ("List1 (3)", named, "visible", "copy_of_return"),
                                     ("stará", changed, "hidden", "copy_of_return"),
                                     ("graf", [["x"]], "hidden", "hidden_sheet")):
        read = sender.check(book_of((SHEET, sender.grid, "visible"), (title, rows, state)))
        assert sender.said(read) == sender.sound
        assert [(i.kind, i.sheet) for i in read.ignored] == [(kind, title)]
    read = sender.check(book_of((SHEET, sender.grid, "visible"), ("List1 (2)", changed, "visible")))
    assert (read.quarantine.kind, read.quarantine.values["sheets"]) == ("two_returns", f"{SHEET}, List1 (2)")


def test_the_return_of_last_year_beside_this_ones_is_not_a_second_one(sender):
    old = [list(row) for row in sender.grid]
    old[at(old, "year")][3], old[at(old, "clients")][3] = 2024, 35
    read = sender.check(book_of(("2024", old, "visible"), ("2025", sender.grid, "visible")))
    assert (read.sheet, sender.said(read)) == ("2025", sender.sound)


def test_two_services_on_one_sheet(sender):
    other = [list(row) for row in sender.grid]
    other[at(other, "service_id")][3] = "0000002"
    assert sender.read([*sender.grid, [], *other]).quarantine.kind == "two_returns"


def test_a_repeated_code(sender):
    row = sender.grid[at(sender.grid, "clients")]
    same = sender.read([*sender.grid, row])
    assert sender.said(same) == sender.sound
    assert [f.kind for f in same.findings] == ["repeated_row"]
    other = sender.read([*sender.grid, [*row[:3], 41, *row[4:]]])
    told = next(f for f in other.findings if f.kind == "repeated_code")
    assert told.values["found"] == "40 / 41"
    assert sender.said(other)["clients", "residential"] == (None, "rejected")


def test_codes_and_names_out_of_step_are_not_used(sender):
    grid = [list(row) for row in sender.grid]
    one, other = at(grid, "cost_energy"), at(grid, "cost_travel")
    grid[one][0], grid[other][0] = "cost_travel", "cost_energy"
    read = sender.read(grid)
    told = {f.item: f.values for f in read.findings if f.kind == "swapped_label"}
    assert set(told) == {"cost_energy", "cost_travel"}
    assert sender.said(read)["cost_energy", "residential"] == (None, "rejected")


def test_a_unit_that_was_changed_is_a_question(sender):
    grid = [list(row) for row in sender.grid]
    grid[at(grid, "cost_energy")][2] = "tis. Kč"
    read = sender.read(grid)
    assert [(f.kind, f.item) for f in read.findings] == [("changed_unit", "cost_energy")]


def test_the_title_names_another_year(sender):
    grid = [list(row) for row in sender.grid]
    grid[0][1] = "Výkaz za rok 2023"
    (told,) = sender.read(grid).findings
    assert (told.kind, told.cell, told.values["year"]) == ("title_year", "B1", "2025")
    assert sender.read([["Zpracováno 12. 1. 2026"], *sender.grid]).findings == []


def test_letters_that_nobody_sees_are_taken_out_and_told(sender):
    grid = [list(row) for row in sender.grid]
    grid[at(grid, "provider_name")][3] = "Cha\u202erita\u200b"
    read = sender.read(grid)
    assert read.identity["provider_name"] == "Charita"
    assert [f.kind for f in read.findings] == ["invisible_letters"]
    assert read.cells["converted"] == 1


@pytest.mark.parametrize(("content", "number_format", "kind", "status"), [
    (0.12, "0 %", "percent_format", "rejected"), (600, '#,##0,"tis."', "scaled_format", "rejected"),
    (600, '#,##0 "€"', "foreign_currency", "rejected"), (600, "[$€-2] 0", "foreign_currency", "rejected"),
    (600, "[$Kč-405] #,##0.00", "", "reported"), (600, "#,##0.00", "", "reported"), (0, "0 %", "", "reported"),
    (12.4, "0", "", "reported"), (1e300, "General", "absurd_number", "rejected"), ("40¹", "@", "footnote", "rejected"),
    (600, ";;;", "white_text", "rejected"), (date(1987, 5, 1), "d. m. yyyy", "date_in_number", "rejected"),
])
def test_how_a_figure_is_formatted(sender, content, number_format, kind, status):
    def change(_sheet, cell):
        cell.value, cell.number_format = content, number_format
    read = sender.marked("joiners", change)
    told = [f for f in read.findings if f.item == "joiners"]
    assert [f.kind for f in told] == ([kind] if kind else [])
    value, found = sender.said(read)["joiners", "residential"]
    assert (found, value is None) == (status, status == "rejected")


@pytest.mark.parametrize(("day", "meant"), [((1987, 5, 1), "5,1987"), ((2025, 5, 1), "1,5"), ((2026, 12, 3), "3,12")])
def test_what_a_date_was_typed_as(sender, day, meant):
    def change(_sheet, cell):
        cell.value, cell.number_format = datetime(*day), "d. m. yyyy"
    assert sender.marked("joiners", change).findings[0].values["meant"] == meant


@pytest.mark.parametrize(("number_format", "shown"), [
    ("General", ("", 1)), ("#,##0.00", ("", 1)), ("0,", ("scaled_format", 1e-3)), ("0,0,,", ("scaled_format", 1e-6)),
    ("#,##0.0, \"tis.\"", ("scaled_format", 1e-3)), ('0 "%"', ("", 1)), ("0.00%", ("percent_format", 100)),
    ("[$-405]#,##0", ("", 1)), ('_("$"* #,##0.00_)', ("foreign_currency", 1)), ("#,##0;[Red]-#,##0", ("", 1)),
])
def test_number_formats_that_show_another_number(number_format, shown):
    assert shown_as(number_format) == shown


def test_white_text_a_comment_and_a_colour(sender):
    def white(_sheet, cell):
        cell.font, cell.fill = Font(color="FFFFFFFF"), PatternFill()
    read = sender.marked("joiners", white)
    assert [(f.kind, f.item) for f in read.findings] == [("white_text", "joiners")]
    assert sender.said(read)["joiners", "residential"] == (None, "rejected")

    def remark(_sheet, cell):
        cell.comment, cell.fill = Comment("jen odhad", "Nová"), PatternFill("solid", fgColor="FFFF0000")
    read = sender.marked("joiners", remark)
    assert [f.kind for f in read.findings] == ["comment_on_figure", "coloured_figure"]
    assert sender.said(read) == sender.sound
    assert next(f.note for f in read.facts if f.item == "joiners") == "jen odhad"


def test_merged_figures(sender):
    def merge(sheet, cell):
        sheet.merge_cells(start_row=cell.row, end_row=cell.row + 1, start_column=4, end_column=4)
    read = sender.marked("joiners", merge)
    (told,) = [f for f in read.findings if f.kind == "merged_figures"]
    assert told.item == "joiners"
    assert [sender.said(read)[item, "residential"][0] for item in ("joiners", "leavers")] == [None, None]


def test_what_lies_under_a_merged_area_is_no_figure(sender):
    book = openpyxl.load_workbook(sender.path, data_only=True)
    row = at(sender.grid, "joiners") + 1
    book[SHEET].merged_cells.add(f"D{row}:D{row + 1}")  # the cell below keeps what it holds
    read = read_return(saved(book), sender.office.methodology, [2025])
    assert {f.item for f in read.findings if f.kind == "merged_figures"} == {"joiners", "leavers"}
    assert [sender.said(read)[item, "residential"][0] for item in ("joiners", "leavers")] == [None, None]


def test_sums_saved_as_zero_are_computed_and_one_that_waits_is_missing(sender):
    book = openpyxl.load_workbook(sender.path)
    sheet = book[SHEET]
    sheet.cell(at(sender.grid, "rooms_single") + 1, 4).value = None
    read = read_return(saved(book), sender.office.methodology, [2025])  # saved without any result
    told = {f.item: f.values["value"] for f in read.findings if f.kind == "sum_computed"}
    assert told["cost_total"] == 10_400_000
    assert "rooms" not in told
    assert sender.said(read)["rooms", "residential"] == (None, "missing")
    assert sender.said(read)["cost_total", "residential"] == (10_400_000, "converted")


def test_much_that_is_ignored_is_listed_as_one(sender):
    rows = [[None, None, None, None, None, None, None, None, n] for n in range(1, 501)]
    read = sender.read([*sender.grid, *rows])
    assert len(read.ignored) == 201
    assert sum(i.cells for i in read.ignored) == 500
    first = len(sender.grid) + 201
    assert (read.ignored[-1].cell, read.ignored[-1].cells) == (f"I{first}:I{first + 299}", 300)
