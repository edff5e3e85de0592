"""Writes the return workbook that `kpsslib.intake.template` lays out, as a provider gets to see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

import xlsxwriter

from kpsslib.intake.template import (
    FORM_COLUMNS,
    IDENTITY_COLUMN,
    IDENTITY_KEYS,
    SHEET,
    STATUS_WORDS,
    VERSION,
    VERSION_NAME,
    Cell,
    headers,
    identity_labels,
    instruction,
    section_headings,
    unit_label,
    words_message,
)
from kpsslib.language import _
from kpsslib.methodology import Item, Methodology
from kpsslib.methodology.models import FORMS, SECTIONS

_CREATED = datetime(2025, 12, 1)
_BLUE, _YELLOW, _GREY, _SUM, _LINE = "#1F4E79", "#FFF8DC", "#D9D9D9", "#E8EEF5", "#B8C4D0"
_DECIMALS = {"FTE": "", "hour": "", "month": "", "calendar_year": "_year"}  # whole numbers elsewhere


class ReturnWriter:
    """One workbook being written, row after row."""

    def __init__(self, book: xlsxwriter.Workbook, methodology: Methodology, overrides: Mapping[Cell, object]) -> None:
        self.book, self.methodology, self.overrides = book, methodology, overrides
        self.sheet = book.add_worksheet(SHEET)
        self.row = 0

    def write(self, identity: Mapping[str, object], values: Mapping, notes: Mapping) -> None:
        """Write the whole sheet."""
        asked = {form: self.methodology.items_of(str(identity["service_type"]), form, str(identity["round"]))
                 for form in FORMS}
        self._head(identity)
        self._identity({"template_version": VERSION, **identity})
        self._items(asked, values, notes)
        self._finish(identity)

    def _head(self, identity: Mapping[str, object]) -> None:
        rounds = {"plan": _("plan"), "adjusted": _("adjusted plan"), "actual": _("actual"),
                  "final": _("final accounts")}
        title = _("Return of a social service for {year}: {round}", year=identity["year"],
                  round=rounds[str(identity["round"])])
        self.sheet.set_row(0, 30)
        self.sheet.write_string(0, 1, title, self.formats["title"])
        self.sheet.set_row(1, 48)
        self.sheet.merge_range(1, 1, 1, 5, instruction(), self.formats["instruction"])
        self.row = 2

    def _identity(self, identity: Mapping[str, object]) -> None:
        labels = identity_labels()
        for key in IDENTITY_KEYS:
            self.sheet.write_string(self.row, 0, key, self.formats["key"])
            self.sheet.write_string(self.row, 1, labels[key], self.formats["label"])
            self.sheet.write_blank(self.row, 2, None, self.formats["label"])
            style = self.formats["version" if key == "template_version" else "identity"]
            self.sheet.merge_range(self.row, 3, self.row, 5, "", style)
            self._put(3, self.overrides.get(key, identity.get(key)), style)
            self.row += 1
        self.row += 1

    def _items(self, asked: dict[str, list[Item]], values: Mapping, notes: Mapping) -> None:
        self.header_row = self.row
        for column, text in enumerate(list(headers().values())[:6]):
            self.sheet.write_string(self.row, column, text, self.formats["header"])
        self.sheet.set_row(self.row, 32)
        self.row += 1
        codes = {form: {item.code for item in items} for form, items in asked.items()}
        rows = self._rows(set().union(*codes.values()))
        for section, heading in section_headings().items():
            self.sheet.write_string(self.row, 1, heading, self.formats["section"])
            for column in (0, 2, 3, 4, 5):
                self.sheet.write_blank(self.row, column, None, self.formats["section"])
            self.row += 1
            for code in (c for c in rows if self.methodology.items[c].section == section):
                self._item(self.methodology.items[code], codes, rows, values)
                self._put(5, notes.get(code), self.formats["note"])
                self.row += 1

    def _rows(self, codes: set[str]) -> dict[str, int]:
        """The row of every item asked, in the order of the template."""
        rows, row = {}, self.row
        for section in SECTIONS:
            row += 1
            for item in self.methodology.items.values():
                if item.code in codes and item.section == section:
                    rows[item.code] = row
                    row += 1
        return rows

    def _item(self, item: Item, codes: dict[str, set[str]], rows: dict[str, int], values: Mapping) -> None:
        is_sum = bool(item.sum_of)
        self.sheet.write_string(self.row, 0, item.code, self.formats["key"])
        self.sheet.write_string(self.row, 1, str(item.name), self.formats["sum_label" if is_sum else "label"])
        self.sheet.write_string(self.row, 2, unit_label(item.unit), self.formats["unit"])
        if item.explain:
            self.sheet.write_comment(self.row, 1, str(item.explain), {"x_scale": 2})
        style = self.formats[("sum" if is_sum else "input") + _DECIMALS.get(item.unit, "_whole")]
        for form, letter in FORM_COLUMNS.items():
            asked = item.code in codes[form]
            content: object = values.get((item.code, form)) if asked else None
            if is_sum and asked:
                cells = [f"{letter}{rows[part] + 1}" for part in item.sum_of if part in codes[form]]
                content = (_sum_formula(cells), self._total(item.code, form, codes[form], values))
            self._put(ord(letter) - ord("A"), self.overrides.get((item.code, form), content),
                      style if asked else self.formats["not_asked"])

    def _total(self, code: str, form: str, asked: set[str], values: Mapping) -> float | None:
        """A figure, or the sum of the parts asked; None where one is missing."""
        parts = [p for p in self.methodology.items[code].sum_of if p in asked]
        if not parts:
            figure = values.get((code, form))
            return None if figure is None or figure != figure else figure
        figures = [self._total(part, form, asked, values) for part in parts]
        return None if None in figures else round(sum(figures), 2)

    def _put(self, column: int, content: object, style) -> None:
        match content:
            case None | "":
                self.sheet.write_blank(self.row, column, None, style)
            case (formula, result):
                self.sheet.write_formula(self.row, column, formula, style, "" if result is None else result)
            case date():
                self.sheet.write_datetime(self.row, column, content, self.formats["date"])
            case str():
                self.sheet.write_string(self.row, column, content, style)
            case _ if content != content:
                self.sheet.write_blank(self.row, column, None, style)
            case _:
                self.sheet.write_number(self.row, column, float(content), style)

    def _finish(self, identity: Mapping[str, object]) -> None:
        sheet, last = self.sheet, self.row - 1
        self.book.define_name(VERSION_NAME, f"='{SHEET}'!${IDENTITY_COLUMN}$3")
        self.book.set_properties({"title": f"{SHEET} {identity['service_id']} {identity['year']}", "created": _CREATED})
        for column, width in enumerate((11, 52, 13, 19, 19, 44)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 3)
        first = f"{FORM_COLUMNS['residential']}{self.header_row + 2}"
        words = "".join(f',{first}="{word}"' for word in STATUS_WORDS)
        sheet.data_validation(self.header_row + 1, 3, last, 4, {
            "validate": "custom", "value": f"=OR(ISNUMBER({first}){words})", "error_type": "stop",
            "error_title": _("Not a number"), "error_message": words_message()})
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self.header_row)
        sheet.print_area(0, 0, last, 5)
        sheet.set_footer(f"&L{identity['service_id']}&R&P / &N")
        sheet.hide_gridlines(2)

    @cached_property
    def formats(self) -> dict:
        """Every cell style of the workbook by name."""
        box = {"border": 1, "border_color": _LINE, "valign": "vcenter"}
        figure = {**box, "num_format": "#,##0.00", "align": "right"}
        whole = {"num_format": "#,##0"}
        given = {"bg_color": _YELLOW, "locked": False}
        total = {"bg_color": _SUM, "bold": True}
        styles = {
            "title": {"bold": True, "font_size": 16, "font_color": _BLUE},
            "instruction": {"text_wrap": True, "valign": "top", "italic": True},
            "key": {"font_size": 7, "font_color": "#808080", "valign": "vcenter"},
            "label": {**box, "text_wrap": True}, "sum_label": {**box, **total, "text_wrap": True},
            "unit": {**box, "font_color": "#606060"}, "version": {**box, "num_format": "@", "align": "left"},
            "identity": {**box, **given, "num_format": "@", "align": "left"},
            "header": {**box, "bold": True, "text_wrap": True, "align": "center", "bg_color": _SUM},
            "section": {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE},
            "note": {**box, **given, "text_wrap": True}, "not_asked": {**box, "bg_color": _GREY},
            "date": {**figure, **given, "num_format": "d. m. yyyy"},
            "input": {**figure, **given}, "input_whole": {**figure, **given, **whole},
            "input_year": {**figure, **given, "num_format": "0"},
            "sum": {**figure, **total}, "sum_whole": {**figure, **total, **whole},
        }
        return {name: self.book.add_format(style) for name, style in styles.items()}


def _sum_formula(cells: list[str]) -> str:
    """The sum of cells, empty while one of them is empty: a missing figure never counts as zero."""
    empty = ",".join(f'{cell}=""' for cell in cells)
    return f'=IF(OR({empty}),"",SUM({",".join(cells)}))'
