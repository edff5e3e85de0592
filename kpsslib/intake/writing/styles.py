"""How the sheets and cells of the template look."""

from __future__ import annotations

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

BLUE, YELLOW, GREY, SUM, LINE = "#1F4E79", "#FFF8DC", "#D9D9D9", "#E8EEF5", "#B8C4D0"
GREEN, ORANGE = ("#E2F0D9", "#1E5C1E"), ("#FCE4D6", "#9C2A00")  # fill and text of a check that holds or does not
LINE_HEIGHT = 14  # points of a line of text
CHARACTERS = 1.2  # of a usual text that go into one unit of a column's width
FONT = {"font_name": "Arial", "font_size": 10}


class TemplateSheet(Worksheet):
    """A sheet whose formulas are written as they are.

    The template uses no function younger than Excel 2007; looking for the hundred younger ones in each formula takes
    longer than all the rest of the writing.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("=")


def styles(book: xlsxwriter.Workbook) -> dict[str, xlsxwriter.format.Format]:
    """Every cell style of the workbook by name."""
    box = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    text = {**box, "align": "left", "indent": 1}
    figure = {**box, "num_format": "#,##0.00", "align": "right", "indent": 1}
    whole = {"num_format": "#,##0"}
    given = {"bg_color": YELLOW, "locked": False}
    total = {"bg_color": SUM, "bold": True}
    before = {**figure, "font_color": "#606060"}
    looks = {
        "title": {"bold": True, "font_size": 16, "font_color": BLUE, "valign": "vcenter", "shrink": True},
        "instruction": {"text_wrap": True, "valign": "top", "italic": True},
        "link": {"bold": True, "underline": 1, "font_color": BLUE, "valign": "vcenter", "align": "right"},
        "key": {"font_size": 7, "font_color": "#808080", "valign": "vcenter"},
        "label": {**text, "text_wrap": True}, "sum_label": {**text, **total, "text_wrap": True},
        "unit": {**text, "font_color": "#606060"}, "version": {**text, "num_format": "@"},
        "identity": {**text, **given, "num_format": "@"}, "identity_year": {**text, **given, "num_format": "0"},
        "header": {**box, "bold": True, "text_wrap": True, "align": "center", "bg_color": SUM},
        "section": {"bold": True, "font_color": "#FFFFFF", "bg_color": BLUE, "valign": "vcenter", "indent": 1},
        "note": {**text, **given, "text_wrap": True}, "not_asked": {**box, "bg_color": GREY},
        "date": {**figure, **given, "num_format": "d. m. yyyy"},
        "input": {**figure, **given}, "input_whole": {**figure, **given, **whole},
        "input_year": {**figure, **given, "num_format": "0"},
        "sum": {**figure, **total}, "sum_whole": {**figure, **total, **whole},
        "before": before, "before_whole": {**before, **whole}, "before_year": {**before, "num_format": "0"},
        "change": {**before, "num_format": "+0 %;-0 %;0 %"},
        "found": figure, "found_whole": {**figure, **whole},
        "state": {**box, "bold": True, "align": "center"},
    }
    return {name: book.add_format({**FONT, **look}) for name, look in looks.items()}
