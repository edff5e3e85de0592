"""Writes the sheet "Kontrola": one live check a row, and how many of them need a look."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import xlsxwriter

from kpsslib.intake.template import CHECKS_SHEET, SHEET
from kpsslib.intake.writing.checks import Check
from kpsslib.intake.writing.styles import CHARACTERS, GREEN, GREY, LINE_HEIGHT, ORANGE, YELLOW, TemplateSheet
from kpsslib.language import _

_TOP = 4  # rows above the first check
_STATE = "B"
_WIDTHS = (62, 16, 16, 16, 70)


def states() -> dict[str, str]:
    """The words for the outcome of a check."""
    return {"sound": _("all right"), "look": _("check this"), "incomplete": _("data missing"),
            "not_judged": _("not judged")}


def write_checks(book: xlsxwriter.Workbook, formats: dict, found: Sequence[Check], footer: str) -> None:
    """Add the sheet: what is checked, its state in words and colour, the two numbers, the advice."""
    sheet = book.add_worksheet(CHECKS_SHEET, TemplateSheet)
    last = _TOP + len(found)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, _("Check of the return"), formats["title"])
    sheet.merge_range(1, 0, 1, 4, _(
        "Nothing is filled in here: the rows follow what stands in the return. A row that needs a look is not always "
        "an error; where the figure holds, say so in the note."), formats["instruction"])
    sheet.set_row(1, 30)
    sheet.write_formula(2, 0, f"={summary(len(found))}", formats["sum_label"], "")
    sheet.write_url(2, 4, f"internal:'{SHEET}'!A1", formats["link"], _("Back to the return"))
    for column, text in enumerate((_("What is checked"), _("State"), _("Found"), _("Against"), _("What to do"))):
        sheet.write_string(_TOP - 1, column, text, formats["header"])
    for row, check in enumerate(found, _TOP):
        _write(sheet, row, check, formats)
    _colour(book, sheet, last)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    _lay_out(sheet, last, footer)


def summary(n: int) -> str:
    """The formula, without its equals sign, that says how many of n checks need a look."""
    words, area = states(), f"'{CHECKS_SHEET}'!${_STATE}${_TOP + 1}:${_STATE}${_TOP + n}"
    look, incomplete = f'COUNTIF({area},"{words["look"]}")', f'COUNTIF({area},"{words["incomplete"]}")'
    sentence = _("{sheet}: to look at {look}, data missing {incomplete}", sheet=CHECKS_SHEET, look=f'"&{look}&"',
                 incomplete=f'"&{incomplete}&"')
    return f'IF({look}+{incomplete}=0,"{_("{sheet}: all right", sheet=CHECKS_SHEET)}","{sentence}")'


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, check: Check, formats: dict) -> None:
    def here(formula: str) -> str:
        return formula.replace("{c}", f"C{row + 1}").replace("{d}", f"D{row + 1}")

    words, open_word = states(), here('OR({c}="–",{d}="–")')
    not_judged = f"OR(NOT({check.asked}),{open_word})" if check.asked else open_word
    state = (f'=IF({not_judged},"{words["not_judged"]}",IF({here(check.incomplete)},'
             f'"{words["incomplete"]}",IF({here(check.wrong)},"{words["look"]}","{words["sound"]}")))')
    number = formats["found_whole" if check.whole else "found"]
    lines = max(ceil(len(text) / (CHARACTERS * width))
                for text, width in ((check.what, _WIDTHS[0]), (check.advice, _WIDTHS[-1])))
    sheet.set_row(row, 3 + LINE_HEIGHT * lines)
    sheet.write_string(row, 0, check.what, formats["label"])
    sheet.write_formula(row, 1, state, formats["state"], "")
    sheet.write_formula(row, 2, check.found, number, "")
    sheet.write_formula(row, 3, here(check.against), number, "")
    sheet.write_string(row, 4, check.advice, formats["label"])


def _colour(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, last: int) -> None:
    """Each state has its word and, beside it, its colour."""
    colours = {"sound": GREEN, "look": ORANGE, "incomplete": (YELLOW, "#6B5900"), "not_judged": (GREY, "#404040")}
    for state, (fill, text) in colours.items():
        sheet.conditional_format(_TOP, 1, last - 1, 1, {
            "type": "cell", "criteria": "==", "value": f'"{states()[state]}"',
            "format": book.add_format({"bg_color": fill, "font_color": text})})


def _lay_out(sheet: xlsxwriter.worksheet.Worksheet, last: int, footer: str) -> None:
    sheet.freeze_panes(_TOP, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_TOP - 1)
    sheet.print_area(0, 0, last - 1, 4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(footer)
    sheet.hide_gridlines(2)
