"""Writes the return workbook that `kpsslib.intake.template` lays out, as a provider gets to see it."""

from __future__ import annotations

from datetime import date, datetime

import xlsxwriter

from kpsslib.intake.template import (
    CHECKS_SHEET,
    FORM_COLUMNS,
    IDENTITY_COLUMN,
    IDENTITY_KEYS,
    SHEET,
    VERSION,
    VERSION_NAME,
    Filling,
    headers,
    identity_kinds,
    identity_labels,
    instruction,
    section_headings,
    unit_label,
)
from kpsslib.intake.writing.checks import checks
from kpsslib.intake.writing.checks_sheet import summary, write_checks
from kpsslib.intake.writing.inputs import grey_out, guard_figures, guard_identity
from kpsslib.intake.writing.layout import Layout, fixed, runs
from kpsslib.intake.writing.styles import CHARACTERS, LINE_HEIGHT, TemplateSheet, styles
from kpsslib.language import _
from kpsslib.methodology import Item
from kpsslib.methodology.thresholds import Thresholds

_CREATED = datetime(2025, 12, 1)
_DECIMALS = {"FTE": "", "hour": "", "month": "", "calendar_year": "_year"}  # whole numbers elsewhere
_WIDTHS = {"A": 11, "B": 50, "C": 11, "D": 18, "E": 18, "F": 42, "G": 16, "H": 10, "I": 16, "J": 10}


class ReturnWriter:
    """One workbook being written: the sheet of the return and the sheet of its checks."""

    def __init__(self, book: xlsxwriter.Workbook, layout: Layout, filling: Filling, limits: Thresholds) -> None:
        self.book, self.layout, self.filling, self.limits = book, layout, filling, limits
        self.sheet, self.formats = book.add_worksheet(SHEET, TemplateSheet), styles(book)
        self.before = list(layout.forms) if filling.last_year is not None else []  # forms with last year beside

    def write(self) -> None:
        """Write the whole workbook."""
        year = int(str(self.filling.identity["year"]))
        found = list(checks(self.layout, year, self.limits, self.filling.last_year or {}))
        self._head(len(found))
        self._identity()
        self._headers()
        for code, row in self.layout.rows.items():
            if item := self.layout.methodology.items.get(code):
                self._item(item, row - 1)
        guard_identity(self.sheet, self.layout, year)
        guard_figures(self.sheet, self.layout)
        grey_out(self.book, self.sheet, self.layout)
        self._finish()
        write_checks(self.book, self.formats, found, self._footer)

    @property
    def _footer(self) -> str:
        return f"&L{self.filling.identity.get('service_id') or ', '.join(self.layout.types)}&R&P / &N"

    def _head(self, n_checks: int) -> None:
        title = _("Return of a social service for {year}", year=self.filling.identity["year"])
        self.sheet.set_row(0, 30)
        self.sheet.merge_range(0, 1, 0, 4, f"{title} – {self.filling.about}", self.formats["title"])
        self.sheet.write_url(0, 5, f"internal:'{CHECKS_SHEET}'!A1", self.formats["link"])
        self.sheet.write_formula(0, 5, f"={summary(n_checks)}", self.formats["link"], "")
        self.sheet.set_row(1, 42)
        self.sheet.merge_range(1, 1, 1, 5, instruction(), self.formats["instruction"])

    def _identity(self) -> None:
        labels, kinds = identity_labels(), identity_kinds()
        given = {"template_version": VERSION, **self.filling.identity}
        looks = {"template_version": "version", "year": "identity_year"}
        for key in IDENTITY_KEYS:
            row = self.layout.rows[key] - 1
            self.sheet.write_string(row, 0, key, self.formats["key"])
            self.sheet.write_string(row, 1, labels[key], self.formats["label"])
            self.sheet.write_string(row, 2, kinds[key], self.formats["unit"])
            style = self.formats[looks.get(key, "identity")]
            self.sheet.merge_range(row, 3, row, 5, "", style)
            self._put(row, 3, self.filling.overrides.get(key, given.get(key)), style)

    def _headers(self) -> None:
        texts, row = headers(), self.layout.header_row - 1
        shown = list(texts)[:6] + [f"{what}_{form}" for form in self.before for what in ("last", "change")]
        for column, name in enumerate(shown):
            self.sheet.write_string(row, column, texts[name], self.formats["header"])
        self.sheet.set_row(row, 45 if self.before else 30)
        for section, heading in section_headings().items():
            row = self.layout.heading_rows[section] - 1
            self.sheet.write_string(row, 1, heading, self.formats["section"])
            for column in (0, *range(2, len(shown))):
                self.sheet.write_blank(row, column, None, self.formats["section"])

    def _item(self, item: Item, row: int) -> None:
        decimals = _DECIMALS.get(item.unit, "_whole")
        if len(str(item.name)) > CHARACTERS * _WIDTHS["B"]:
            self.sheet.set_row(row, 2 * LINE_HEIGHT)
        self.sheet.write_string(row, 0, item.code, self.formats["key"])
        self.sheet.write_string(row, 1, str(item.name), self.formats["sum_label" if item.sum_of else "label"])
        self.sheet.write_string(row, 2, unit_label(item.unit), self.formats["unit"])
        style = self.formats[("sum" if item.sum_of else "input") + decimals]
        for form, letter in FORM_COLUMNS.items():
            asked = self.layout.asked(item.code, form)
            content = self._content(item, form) if asked else None
            self._put(row, ord(letter) - ord("A"), self.filling.overrides.get((item.code, form), content),
                      style if asked else self.formats["not_asked"])
        self._put(row, 5, self.filling.notes.get(item.code), self.formats["note"])
        for n, form in enumerate(self.before):
            self._last_year(item, form, row, 6 + 2 * n, self.formats["before" + decimals])

    def _content(self, item: Item, form: str) -> object:
        if not self.layout.parts(item.code, form):
            return self.filling.values.get((item.code, form))
        return self._sum_formula(item, form), self._total(item.code, form)

    def _sum_formula(self, item: Item, form: str) -> str:
        """The sum of the parts asked, empty while one of them is empty: a missing figure never counts as zero.

        Parts that only some of the types report count where the chosen type does. A confidential part makes the sum
        confidential.
        """
        letter, rows = FORM_COLUMNS[form], self.layout.rows
        own, always, sometimes = self._condition(item.code, form), [], []
        for part in self.layout.parts(item.code, form):
            (always if self._condition(part, form) == own else sometimes).append(part)
        areas = [fixed(letter, *run) for run in runs(rows[part] for part in always)]
        empty = [f"COUNTBLANK({area})>0" for area in areas]
        secret = [f'COUNTIF({area},"důvěrné")>0' for area in areas]
        for part in sometimes:
            cell, asked = self.layout.place(part, form), self._condition(part, form)
            empty.append(f'AND({asked},{cell}="")')
            secret.append(f'AND({asked},{cell}="důvěrné")')
            areas.append(f"IF({asked},N({cell}),0)")
        unasked = [f"NOT({own})"] if own else []
        return (f'=IF(OR({",".join(unasked + empty)}),"",IF(OR({",".join(secret)}),"důvěrné",'
                f'SUM({",".join(areas)})))')

    def _condition(self, code: str, form: str) -> str:
        return self.layout.condition(code, form, lambda key: fixed(IDENTITY_COLUMN, self.layout.rows[key]))

    def _total(self, code: str, form: str) -> float | None:
        """A figure, or the sum of the parts asked of the service's type; None where one is missing."""
        parts = self.layout.parts(code, form)
        if not parts:
            figure = self.filling.values.get((code, form))
            return None if figure is None or figure != figure else figure
        figures = [self._total(part, form) for part in parts]
        return None if None in figures else round(sum(figures), 2)

    def _last_year(self, item: Item, form: str, row: int, column: int, style) -> None:
        """Last year's figure and the change since, as far as both are there."""
        last = self.filling.last_year.get((item.code, form))
        if last is None or not self.layout.asked(item.code, form):
            self.sheet.write_blank(row, column, None, style)
            self.sheet.write_blank(row, column + 1, None, self.formats["change"])
            return
        self.sheet.write_number(row, column, last, style)
        if not last or item.unit == "calendar_year":
            self.sheet.write_blank(row, column + 1, None, self.formats["change"])
            return
        now = self._total(item.code, form)
        cell = self.layout.place(item.code, form)
        before = fixed(chr(ord("A") + column), row + 1)
        self.sheet.write_formula(row, column + 1, f'=IF(ISNUMBER({cell}),{cell}/{before}-1,"")',
                                 self.formats["change"], "" if now is None else now / last - 1)

    def _put(self, row: int, column: int, content: object, style) -> None:
        match content:
            case None | "":
                self.sheet.write_blank(row, column, None, style)
            case (formula, result):
                self.sheet.write_formula(row, column, formula, style, "" if result is None else result)
            case date():
                self.sheet.write_datetime(row, column, content, self.formats["date"])
            case str():
                self.sheet.write_string(row, column, content, style)
            case _ if content != content:
                self.sheet.write_blank(row, column, None, style)
            case _:
                self.sheet.write_number(row, column, float(content), style)

    def _finish(self) -> None:
        sheet, identity = self.sheet, self.filling.identity
        self.book.define_name(VERSION_NAME, f"='{SHEET}'!${IDENTITY_COLUMN}${self.layout.rows['template_version']}")
        about = identity.get("service_id") or self.filling.about
        self.book.set_properties({"title": f"{SHEET} {about} {identity['year']}", "created": _CREATED})
        for letter, width in list(_WIDTHS.items())[:6 + 2 * len(self.before)]:
            sheet.set_column(f"{letter}:{letter}", width)
        sheet.freeze_panes(1, 3)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self.layout.header_row - 1)
        sheet.print_area(0, 1, self.layout.last_row - 1, 5 + 2 * len(self.before))
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(self._footer)
        sheet.hide_gridlines(2)
