"""The sheet of a return, row by row: who reports, every figure with its cell, and what happened to each other cell.

Each non-empty cell ends in exactly one class: template (printed by the template itself), accepted, converted,
rejected or ignored. Nothing is guessed: where two readings are possible the cell waits for its sender.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection

from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.cells import Cell, Sheet
from kpsslib.intake.records import Fact, Finding, Read
from kpsslib.intake.returns.account import Ledger
from kpsslib.intake.returns.cell_figures import remarks, unseen, values_of
from kpsslib.intake.returns.columns import Columns, Row, key_of, row_number
from kpsslib.intake.returns.figures import Figures, Sources
from kpsslib.intake.returns.identifiers import as_text
from kpsslib.intake.returns.identity import read_identity
from kpsslib.intake.returns.numbers import NAN, Reading
from kpsslib.intake.template import CHECK_COMMENT, HEADER_KEY, IDENTITY_KEYS
from kpsslib.methodology import Item, Methodology

_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_UNFILLED = ("service_id", "unknown_type", "unknown_round")  # what an empty template lacks beside the figures
_ZERO_MEANT = ("skutečná nula", "confirmed zero")


class ReturnSheet:
    """Goes through the rows of a return once."""

    def __init__(self, sheet: Sheet, columns: Columns, methodology: Methodology) -> None:
        self.sheet, self.columns, self.methodology = sheet, columns, methodology
        self.out = Read(sheet=sheet.title)
        self.ledger = Ledger(self.out, sheet.title)
        self.rows: list[tuple[str, Row]] = [
            (key_of(cells[columns.key].content) if columns.key in cells else "", cells)
            for cells in ({cell.column: cell for cell in row} for row in sheet.rows.values())]

    def read(self, years: Collection[int], confirmed: Collection[tuple[str, str, str]] = ()) -> Read:
        """Identity first: a return that cannot be placed is not read further.

        Args:
            years: the years a return may be of.
            confirmed: (form, item, value as text) of the questions that its sender has answered.
        """
        self._identity(years)
        items = defaultdict(list)
        for key, row in self.rows:
            if key in self.methodology.items:
                items[key].append(row)
        if (self.out.quarantine is None or self.out.quarantine.kind in _UNFILLED) and not self._has_figures(items):
            self.out.quarantine = Finding("empty_return", sheet=self.sheet.title)
        if self.out.quarantine:
            return self.out
        self._choose_forms()
        sources = Sources(items, self.columns, self.sheet.merged)
        self.figures = Figures(sources, self.methodology, self._is_asked, confirmed)
        for key, row in self.rows:
            if key in items:
                self._item_row(key, row, first=row is items[key][0])
            else:
                self._other_row(key, row)
        for code in items:
            self._facts(code)
        self._missing(items)
        self.ledger.close()
        return self.out

    def _has_figures(self, items: dict[str, list[Row]]) -> bool:
        """Whether anything was filled in, or may have been; the formulas of sums are the template's own."""
        columns = {*self.columns.forms.values(), *self.columns.doubted}
        return bool(self.columns.findings) or any(
            column in row and not (self.methodology.items[code].sum_of and row[column].formula)
            for code, rows in items.items() for row in rows for column in columns)

    def _identity(self, years: Collection[int]) -> None:
        found: dict[str, list[tuple[int, Cell | None]]] = defaultdict(list)
        for key, row in self.rows:
            if key in IDENTITY_KEYS:
                found[key].append((row_number(row), row.get(self.columns.identity)))
        self.identity_rows = {several[0][0] for several in found.values()}
        letter = get_column_letter(self.columns.identity or 1)
        addresses = {key: f"{letter}{several[0][0]}" for key, several in found.items()}
        for key, several in found.items():
            values = sorted({as_text(cell.content) for _row, cell in several if cell})
            if len(values) > 1:
                self.out.quarantine = Finding("two_returns", f"{letter}{several[1][0]}", item=key,
                                              values={"sheets": f"{self.sheet.title}: {', '.join(values)}"})
                return
        cells = {key: several[0][1] for key, several in found.items()}
        read_identity(cells, addresses, self.out, self.methodology, years)
        if self.out.quarantine and "residential" in self.columns.findings:
            self.out.quarantine = self.columns.findings["residential"]
        self._title()

    def _title(self) -> None:
        """The title names a year, too: another one than the identity's leaves open which holds."""
        year = self.out.identity.get("year")
        start = min(self.identity_rows, default=0)
        above = [cell for _key, row in self.rows for cell in row.values() if cell.row < start]
        dated = [cell for cell in above if _YEAR.search(as_text(cell.content))]
        if year and dated and not any(year in _YEAR.findall(as_text(cell.content)) for cell in dated):
            self.out.findings.append(Finding("title_year", dated[0].address, values={
                "found": as_text(dated[0].content), "year": year}))

    def _choose_forms(self) -> None:
        """A form counts where it is declared, or where its column is filled although it was not declared."""
        declared = self.out.forms
        for form in self.methodology.service_types[self.out.identity["service_type"]].reporting_forms:
            column = self.columns.forms.get(form)
            filled = any(key in self.methodology.items and column in row for key, row in self.rows)
            if form not in declared and filled:
                declared.append(form)
                self.out.findings.append(Finding("form_not_declared", self.out.places.get("forms", ""), form))
        self.out.findings += [fault for form, fault in self.columns.findings.items() if form in declared]

    def _is_asked(self, item: Item, form: str) -> bool:
        kind = self.methodology.service_types[self.out.identity["service_type"]]
        return item.asked_of(kind, form) and self.out.identity["round"] in item.rounds and form in self.out.forms

    def _other_row(self, key: str, row: Row) -> None:
        """A row of the identity, one that the template prints, or one that nobody asked for."""
        number = row_number(row)
        for column, cell in row.items():
            if number in self.identity_rows:
                if column in self.columns.printed:
                    self.ledger.count("template")
                elif column != self.columns.identity:  # the values are counted where they are checked
                    self.ledger.ignore(cell, "outside")
            elif number == self.columns.header and column in self.columns.doubted:
                self.ledger.count("rejected")
            elif self._is_printed(number, key, row, cell):
                self.ledger.count("template")
            else:
                kind = "repeated_row" if key in IDENTITY_KEYS else "unknown_code" if key else "outside"
                self.ledger.ignore(cell, kind)

    def _is_printed(self, number: int, key: str, row: Row, cell: Cell) -> bool:
        """The header, the title and the instruction above the identity, and the headings of the sections."""
        columns = self.columns
        known = {*columns.printed, *columns.forms.values(), columns.note}
        if number == columns.header or key == HEADER_KEY:
            return cell.column in known
        if number < min(self.identity_rows):
            return cell.column in known and (cell.formula or isinstance(cell.content, str))
        return not key and set(row) == {columns.label} and as_text(cell.content)[:1].isdigit()

    def _item_row(self, code: str, row: Row, *, first: bool) -> None:
        """The cells of an item's row that are no figures asked for."""
        columns, forms = self.columns, {column: form for form, column in self.columns.forms.items()}
        if not first:
            self.out.findings.append(Finding("repeated_row", next(iter(row.values())).address, item=code))
        for column, cell in row.items():
            if column in forms:
                if not self._is_asked(self.methodology.items[code], forms[column]):
                    self._not_asked(cell, code, forms[column])
            elif column in columns.doubted:
                self.ledger.count("rejected")
            elif not first:
                self.ledger.ignore(cell, "repeated_row")
            elif column in columns.printed:
                self.ledger.count("template")
            elif column == columns.note:
                self.ledger.count("accepted")
            else:
                self.ledger.ignore(cell, "outside")

    def _not_asked(self, cell: Cell, code: str, form: str) -> None:
        """A figure where none is asked: a wrong capacity unit or form is an error, the rest is left out."""
        item = self.methodology.items[code]
        kind = self.methodology.service_types[self.out.identity["service_type"]]
        if item.sum_of and cell.kind == "uncomputed":  # the template's own sum of nothing
            self.ledger.count("template")
        elif form not in kind.reporting_forms or item.section == "capacity":
            fault = "capacity_unit" if item.section == "capacity" else "form_not_allowed"
            self.ledger.count("rejected")
            self.out.findings.append(Finding(fault, cell.address, form, code, {"found": as_text(cell.content)}))
        else:
            self.ledger.ignore(cell, "not_in_round" if item.asked_of(kind, form) else "not_asked")

    def _facts(self, code: str) -> None:
        """The figures of an item that are asked of the service."""
        first = self.figures.rows[code][0]
        note = as_text(first[self.columns.note].content) if self.columns.note in first else ""
        number = row_number(first)
        for form in self.methodology.service_types[self.out.identity["service_type"]].reporting_forms:
            if self._is_asked(self.methodology.items[code], form):
                column = self.columns.forms.get(form)
                self._fact(code, form, f"{get_column_letter(column)}{number}" if column else "", note)

    def _fact(self, code: str, form: str, address: str, note: str) -> None:
        reading, cells = self.figures.read(code, form), self.figures.cells(code, form)
        seen = [cell for cell in cells if not unseen(cell)] or cells
        for cell in cells:
            if cell not in seen:  # a row struck through beside the one that holds
                self.ledger.ignore(cell, unseen(cell))
        if seen:
            address = seen[0].address
            comment = self.sheet.comments.get(address, "")
            comment = "" if comment.startswith(CHECK_COMMENT) else comment
            note = "; ".join(filter(None, (note, comment)))
            self._count(reading, seen)
            self._tell(reading, seen, form, code, comment)
        usable = reading.status not in ("question", "rejected")
        status = reading.status if usable else "rejected"
        if reading.value == 0 and usable and note.lower().startswith(_ZERO_MEANT):
            status = "confirmed_zero"
        self.out.facts.append(Fact(form, code, reading.value if usable else NAN, status, address, note))

    def _count(self, reading: Reading, seen: list[Cell]) -> None:
        classes = {"rejected": "rejected", "question": "rejected", "converted": "converted"}
        together = reading.why == "repeated_code"
        self.ledger.count(classes.get(reading.status, "accepted"), len(seen) if together else 1)
        for cell in [] if together else seen[1:]:
            self.ledger.ignore(cell, "repeated_row")

    def _tell(self, reading: Reading, seen: list[Cell], form: str, code: str, comment: str) -> None:
        cell, found = seen[0], self.out.findings
        if reading.status in ("rejected", "question", "converted") or (reading.status == "reported" and reading.why):
            values = values_of(cell, reading, self.out.identity["year"])
            if reading.why == "repeated_code":
                values |= {"found": " / ".join(as_text(c.content) for c in seen),
                           "cells": ", ".join(c.address for c in seen)}
            elif reading.why == "merged_figures":
                values["area"] = self.figures.merged[cell.address]
            elif reading.why == "swapped_label":
                values |= {"found": self.figures.other_label(code, cell.row),
                           "label": str(self.methodology.items[code].name)}
            elif reading.why == "changed_unit":
                values |= {"unit": self.figures.other_unit(code, cell.row)}
            found.append(Finding(reading.why, cell.address, form, code, values))
        if reading.status not in ("rejected", "question"):
            values = {"found": as_text(cell.content), "comment": comment}
            found += [Finding(kind, cell.address, form, code, values) for kind in remarks(cell, comment)]

    def _missing(self, items: Collection[str]) -> None:
        for form in self.out.forms:
            for item in self.methodology.items_of(self.out.identity["service_type"], form, self.out.identity["round"]):
                if item.code not in items:
                    self.out.facts.append(Fact(form, item.code, NAN, "missing", ""))
                    self.out.findings.append(Finding("missing_row", "", form, item.code))
