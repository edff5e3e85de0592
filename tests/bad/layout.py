"""L01 to L29: layout and formulas."""

from __future__ import annotations

import re

from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from tests.bad.kit import CONVERTED, ERROR, OK, QUARANTINE, QUESTION, Desk, fault
from tests.bad.making import SHEET, changed, edited, row_of, with_cell, xlsx_of

SUMS = ("cost_operating", "cost_total", "revenue_total")


def laid_out(desk: Desk, change, **expectation) -> None:
    """A return whose rows of values were changed by a function of them (given: rows, number of the header's row)."""
    number = f"000000{len(desk.sent) + 1}"
    grid = desk.grid(number)
    new = change(grid, row_of(grid, "kód"))
    desk.put(xlsx_of({SHEET: new or grid}), **expectation)


def marked(desk: Desk, item: str, change, **expectation) -> None:
    """A return in which the cell of an item was changed by a function of the sheet and the cell."""
    def found(_book, sheet) -> None:
        change(sheet, next(row[3] for row in sheet.iter_rows() if row[0].value == item))
    number = f"000000{len(desk.sent) + 1}"
    desk.put(edited(desk.sound(number), found), **{"at": item, **expectation})


@fault("L01", "title rows above", OK)
def title_rows(desk: Desk) -> None:
    laid_out(desk, lambda grid, _header: [["Kraj Vysočina"], [], [None, "Výkaz za rok 2025"], *grid])


@fault("L02", "header of two rows", OK)
def two_row_header(desk: Desk) -> None:
    """The names of the forms in the second row, under one name for both: read where it is plain, else refused."""
    def split(grid, header):
        grid.insert(header, ["kód", "Údaj", "Jednotka", "Hodnota", None, "Poznámka"])
    laid_out(desk, split)


@fault("L03", "row of units under the header", OK)
def units(desk: Desk) -> None:
    laid_out(desk, lambda grid, header: grid.insert(header + 1, [None, None, None, "Kč / úvazky", "Kč / úvazky", None]))


@fault("L04", "renamed column", ERROR, "sloup.*Pobytová forma")
def renamed(desk: Desk) -> None:
    """The list leaves the class open: which form a figure is of is not guessed from the column's place, so none
    of the column is used."""
    for title, says in (("Částka 2025", "Pobytová forma"), ("Pobyt. forma", "Pobyt. forma.*Pobytová forma")):
        def rename(grid, header, title=title):
            grid[header][3] = title
        laid_out(desk, rename, says=says)


@fault("L05", "missing column: of the form (refused), of the note (harmless)", QUARANTINE, "sloup")
def missing_column(desk: Desk) -> None:
    def without(column):
        return lambda grid, _header: [row[:column] + row[column + 1:] for row in grid]
    laid_out(desk, without(3))
    laid_out(desk, without(5), expected=OK, says="")


@fault("L06", "a column more", OK, "sloup|mimo")
def extra_column(desk: Desk) -> None:
    def add(grid, header):
        for at, row in enumerate(grid):
            row.append("Kontroloval" if at == header else "JN" if at > header and row[0] else None)
    laid_out(desk, add)


@fault("L07", "swapped columns: with their headers (harmless), without them", ERROR, "form")
def swapped(desk: Desk) -> None:
    """Without its header a figure stands in a form that the type does not have."""
    def swap(grid, header):
        for row in grid[header + 1:]:
            row[3], row[4] = row[4], row[3]
    laid_out(desk, swap)

    def whole(grid, header):
        for row in grid[header:]:
            row[3], row[4] = row[4], row[3]
        for row in grid[:header]:
            row[3], row[4] = row[4], row[3]
    laid_out(desk, whole, expected=OK, says="")


@fault("L08", "the same header twice", ERROR, "vícekrát")
def twice(desk: Desk) -> None:
    def repeat(grid, header):
        for at, row in enumerate(grid):
            row.append("Pobytová forma" if at == header else 1 if at > header and row[0] else None)
    laid_out(desk, repeat)


@fault("L09", "merged cells of figures", ERROR, "slouč")
def merged(desk: Desk) -> None:
    """One figure for two rows: which part of it belongs to which is for the provider to say."""
    def merge(sheet, cell) -> None:
        sheet.merge_cells(start_row=cell.row, end_row=cell.row + 1, start_column=4, end_column=4)
    marked(desk, "joiners", merge)


@fault("L10", "a row of totals among the data", OK, "kód|mimo|neznám")
def totals(desk: Desk) -> None:
    def add(grid, _header):
        grid.insert(row_of(grid, "cost_energy"), [None, "Celkem", "Kč", 9_999_999, None, None])
        grid.insert(row_of(grid, "cost_repairs"), ["Celkem", "Celkem", "Kč", 9_999_999, None, None])
    laid_out(desk, add)


@fault("L11", "subtotals", OK, "kód|mimo|neznám")
def subtotals(desk: Desk) -> None:
    def add(grid, _header):
        for item in ("cost_energy", "cost_travel", "revenue_region"):
            grid.insert(row_of(grid, item), [None, "mezisoučet", None, 1_000, None, None])
    laid_out(desk, add)


@fault("L12", "notes under the table", OK, "mimo|kód")
def notes(desk: Desk) -> None:
    under = [[], [None, "Zpracovala účetní 12. 1. 2026"], ["Poznámka: viz zpráva", 5]]
    laid_out(desk, lambda grid, _header: [*grid, *under])


@fault("L13", "empty rows inside", OK)
def empty_rows(desk: Desk) -> None:
    def add(grid, header):
        for at in range(header, len(grid), 3):
            grid.insert(at + 1, [])
    laid_out(desk, add)


@fault("L14", "50 000 formatted empty rows", OK)
def formatted_rows(desk: Desk) -> None:
    def add(text: str) -> str:
        rows = "".join(f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/><c r="D{n}" s="1"/></row>'
                       for n in range(1_001, 51_001))
        return text.replace("</sheetData>", f"{rows}</sheetData>")
    desk.put(changed(desk.sound(), add))


@fault("L15", "a cell in row 1 048 576", OK, "mimo|kód")
def last_row(desk: Desk) -> None:
    row = '<row r="1048576"><c r="D1048576"><v>5</v></c></row>'
    desk.put(changed(desk.sound(), lambda text: text.replace("</sheetData>", f"{row}</sheetData>")))


@fault("L16", "hidden rows and columns", QUESTION, "skryt")
def hidden(desk: Desk) -> None:
    """Whether a hidden figure holds is for the provider to say; it is not used until then."""
    def row(sheet, cell) -> None:
        sheet.row_dimensions[cell.row].hidden = True
    marked(desk, "joiners", row)

    def column(_book, sheet) -> None:
        sheet.column_dimensions["D"].hidden = True
    desk.put(edited(desk.sound("0000002"), column), at="joiners")


@fault("L17", "struck-through figure", QUESTION, "škrt")
def struck(desk: Desk) -> None:
    """As a hidden one."""
    def strike(_sheet, cell) -> None:
        cell.font = Font(strike=True)
    marked(desk, "joiners", strike)


@fault("L18", "white text", QUESTION, "bíl|barv|vid")
def white(desk: Desk) -> None:
    """The list leaves the class open: nobody sees such a figure, so it waits as a hidden one."""
    def paint(_sheet, cell) -> None:
        cell.font, cell.fill = Font(color="FFFFFFFF"), PatternFill()
    marked(desk, "joiners", paint)


@fault("L19", "meaning in a colour or a comment only", OK, "komentář")
def colour(desk: Desk) -> None:
    """The list leaves the class open: the figure holds, a comment is told; a colour has no reading."""
    def comment(_sheet, cell) -> None:
        cell.comment, cell.fill = Comment("jen odhad, nepoužívat", "JN"), PatternFill("solid", fgColor="FFFF0000")
    marked(desk, "joiners", comment)


@fault("L20", "two tables on a sheet", QUESTION, "znovu|dvakrát|druh")
def two_tables(desk: Desk) -> None:
    """Another figure under the same code: which of them holds is for the provider to say."""
    def again(grid, _header):
        energy = grid[row_of(grid, "cost_energy")]
        return [*grid, [], [*energy[:3], 650_000, None, None]]
    laid_out(desk, again, at="cost_energy")


@fault("L21", "data on another sheet; copies of the sheet", OK)
def wrong_sheet(desk: Desk) -> None:
    """Found by its keys, whatever the sheet is called. Of two that differ none is chosen."""
    grid = desk.grid()
    desk.put(xlsx_of({"List1": [["Dobrý den"]], "List2": grid}), says="jiný list")
    one, other = desk.grid("0000002"), desk.grid("0000002", changes={"clients": 41})
    desk.put(xlsx_of({SHEET: one, "List1 (2)": other}), expected=QUARANTINE, says="list")


@fault("L22", "transposed table", QUARANTINE, "šablon|list|výkaz|záhlav|sloup")
def transposed(desk: Desk) -> None:
    def turn(grid, _header):
        width = max(map(len, grid))
        return [[row[c] if c < len(row) else None for row in grid] for c in range(width)]
    laid_out(desk, turn)


@fault("L23", "template of last year", QUARANTINE, r"2024\.1.*2025\.1")
def old_template(desk: Desk) -> None:
    desk.cell("template_version", "2024.1")


@fault("L24", "cut and paste broke a sum to #REF!", ERROR, "#REF!")
def broken_sum(desk: Desk) -> None:
    desk.put(with_cell(desk.sound(), "cost_operating", 't="e"|<f>SUM(#REF!,D31)</f><v>#REF!</v>'), at="cost_operating")


@fault("L25", "formulas without a result: of the sums (computed), of another figure", CONVERTED, "součet|vypočt|spočít")
def no_result(desk: Desk) -> None:
    """A sum is by definition that of its parts, so it is computed; any other formula is asked for."""
    def drop(text: str) -> str:
        return re.sub(r"(<c [^>]*?)( t=\"str\")?>(<f>[^<]*</f>)<v>[^<]*</v></c>", r"\1>\3</c>", text)
    desk.put(changed(desk.sound(), drop))
    desk.put(with_cell(desk.sound("0000002"), "cost_energy", "|<f>12*50000</f>"), expected=ERROR, at="cost_energy",
             says="bez výsledku", but=SUMS)


@fault("L26", "results saved as 0 by a program that does not compute", CONVERTED, "součet|vypočt|spočít")
def zero_results(desk: Desk) -> None:
    def zero(text: str) -> str:
        return re.sub(r"(</f>)<v>[^<]*</v>", r"\1<v>0</v>", text)
    desk.put(changed(desk.sound(), zero))


@fault("L27", "#DIV/0!, #REF!, #N/A, #NÁZEV? in a figure", ERROR, "#(DIV/0!|REF!|N/A|NAME|NÁZEV)")
def errors(desk: Desk) -> None:
    for error in ("#DIV/0!", "#REF!", "#N/A", "#NAME?"):
        number = f"000000{len(desk.sent) + 1}"
        desk.put(with_cell(desk.sound(number), "joiners", f't="e"|<f>A1/0</f><v>{error}</v>'), at="joiners")
    desk.cell("joiners", "#NÁZEV?")


@fault("L28", "volatile formula =DNES()", OK, "vzor")
def volatile(desk: Desk) -> None:
    """The list leaves the class open: what was saved is the figure, and that it changes by itself is told."""
    desk.put(with_cell(desk.sound(), "joiners", "|<f>YEAR(TODAY())-2023</f><v>2</v>"), at="joiners")


@fault("L29", "formula with a link to a file of the provider", OK, "odkaz|jin(ý|ého|ých) (soubor|sešit)")
def linked(desk: Desk) -> None:
    """The list leaves the class open: its saved result is the figure, and that it comes from elsewhere is told."""
    desk.put(with_cell(desk.sound(), "joiners", "|<f>'C:\\ucto\\[hlavni.xlsx]List1'!A1</f><v>2</v>"))
