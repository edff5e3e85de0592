"""One workbook, cell by cell: who reports, every figure with its cell, and what happened to each non-empty cell.

Each non-empty cell ends in exactly one class: template (printed by the template itself), accepted, converted,
rejected or ignored. Nothing is guessed: where two readings are possible the cell waits for its sender.
"""

from __future__ import annotations

from collections.abc import Collection

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kpsslib.intake.identifiers import as_text
from kpsslib.intake.identity import read_identity
from kpsslib.intake.numbers import NAN, Reading, read_content
from kpsslib.intake.records import Fact, Finding, Ignored, Read
from kpsslib.intake.template import FORM_COLUMNS, HEADER_KEY, IDENTITY_COLUMN, IDENTITY_KEYS, NOTE_COLUMN
from kpsslib.intake.workbook import open_workbook
from kpsslib.methodology import Methodology

PRINTED = {"A", "B", "C"}


def read_return(data: bytes, methodology: Methodology, years: Collection[int]) -> Read:
    """Read the workbook of one service.

    Args:
        data: the file's bytes, read once.
        methodology: the items each type reports.
        years: the years a return may be of; another one is quarantined.

    Returns what the workbook says; `quarantine` is set where the file cannot be used, and then nothing else counts.
    """
    book = open_workbook(data)
    if isinstance(book, Finding):
        return Read(quarantine=book)
    read = _Reader(book.sheet, methodology, book.uncomputed).read(years)
    if read.quarantine is None:
        for sheet in book.others:
            filled = sum(cell.value not in (None, "") for row in sheet.iter_rows() for cell in row)
            read.cells["ignored"] += filled
            if filled:
                read.ignored.append(Ignored(sheet.dimensions, "", "other_sheet", filled, sheet.title))
    return read


class _Reader:
    """Goes through the rows of the return once."""

    def __init__(self, sheet: Worksheet, methodology: Methodology, uncomputed: set[str]) -> None:
        self.sheet, self.methodology, self.uncomputed = sheet, methodology, uncomputed
        self.out = Read(sheet=sheet.title)
        self.hidden_columns = {get_column_letter(i) for d in sheet.column_dimensions.values() if d.hidden
                               for i in range(d.min or 1, (d.max or 1) + 1)}

    def read(self, years: Collection[int]) -> Read:
        """Identity first: a return that cannot be placed is not read further."""
        rows = [{c.column_letter: c for c in row if not self._empty(c)} for row in self.sheet.iter_rows()]
        rows = [row for row in rows if row]
        keys = [self._text(row.get("A")) for row in rows]
        identity = {key: row.get(IDENTITY_COLUMN) for key, row in zip(keys, rows, strict=True) if key in IDENTITY_KEYS}
        addresses = {key: f"{IDENTITY_COLUMN}{next(iter(row.values())).row}"
                     for key, row in zip(keys, rows, strict=True) if key in IDENTITY_KEYS}
        read_identity({key: cell and cell.value for key, cell in identity.items()}, addresses, self.out,
                      self.methodology, years)
        if self.out.quarantine:
            return self.out
        self.rows = dict(zip(keys, rows, strict=True))
        self._choose_forms()
        seen: set[str] = set()
        for key, row in zip(keys, rows, strict=True):
            self._row(key, row, seen)
        self._missing_rows(seen)
        return self.out

    def _empty(self, cell) -> bool:
        return cell.value in (None, "") and cell.coordinate not in self.uncomputed

    @staticmethod
    def _text(cell) -> str:
        return "" if cell is None else as_text(cell.value)

    def _choose_forms(self) -> None:
        """A form counts where it is declared, or where its column is filled although it was not declared."""
        kind = self.methodology.service_types[self.out.identity["service_type"]]
        declared = self.out.forms
        for form in kind.reporting_forms:
            letter = FORM_COLUMNS[form]
            filled = [row[letter] for key, row in self.rows.items()
                      if key in self.methodology.items and letter in row]
            if form not in declared and filled:
                declared.append(form)
                self.out.findings.append(Finding("form_not_declared", self.out.places.get("forms", ""), form))

    def _row(self, key: str, row: dict, seen: set[str]) -> None:
        if key in IDENTITY_KEYS:
            for letter, cell in row.items():
                if letter in PRINTED:
                    self.out.cells["template"] += 1
                elif letter != IDENTITY_COLUMN:
                    self._ignore(cell, "outside")
        elif key in self.methodology.items and key not in seen:
            seen.add(key)
            self._item(key, row)
        elif self._is_printed(key, row):
            for letter, cell in row.items():
                self._ignore(cell, "outside") if letter > NOTE_COLUMN else self._count("template")
        else:
            kind = "repeated_row" if key in seen else "unknown_code" if key else "outside"
            for cell in row.values():
                self._ignore(cell, kind)
            if key in seen:
                self.out.findings.append(Finding("repeated_row", f"A{next(iter(row.values())).row}", item=key))

    def _is_printed(self, key: str, row: dict) -> bool:
        """The title, the instruction, the header and the section headings: text in B that the template writes."""
        first = next(iter(row.values())).row
        return key == HEADER_KEY or first <= 2 or (not key and set(row) == {"B"} and self._text(row["B"])[:1].isdigit())

    def _item(self, code: str, row: dict) -> None:
        note = self._text(row.get(NOTE_COLUMN))
        number = next(iter(row.values())).row
        for letter, cell in row.items():
            if letter in PRINTED:
                self._count("template")
            elif letter == NOTE_COLUMN:
                self._count("accepted")
            elif letter not in FORM_COLUMNS.values():
                self._ignore(cell, "outside")
        for form, letter in FORM_COLUMNS.items():
            self._figure(code, form, row.get(letter), f"{letter}{number}", note)

    def _figure(self, code: str, form: str, cell, address: str, note: str) -> None:
        item, out = self.methodology.items[code], self.out
        kind = self.methodology.service_types[out.identity["service_type"]]
        asked = item.asked_of(kind, form) and out.identity["round"] in item.rounds and form in out.forms
        if not asked:
            if cell is not None:
                self._not_asked(cell, code, form)
            return
        reading = Reading(NAN, "missing") if cell is None else self._reading(cell, code, form)
        if cell is not None and (hidden := self._hidden(cell)):
            self._ignore(cell, hidden)
            out.findings.append(Finding(hidden, address, form, code, {"found": self._text(cell)}))
            reading = Reading(NAN, "missing")
        elif cell is not None:
            self._count({"rejected": "rejected", "question": "rejected", "converted": "converted"}
                        .get(reading.status, "accepted"))
            self._tell(reading, cell, code, form)
        status = "rejected" if reading.status == "question" else reading.status
        if reading.value == 0 and note.lower().startswith(("skutečná nula", "confirmed zero")):
            status = "confirmed_zero"
        out.facts.append(Fact(form, code, reading.value, status, address, note))

    def _reading(self, cell, code: str, form: str) -> Reading:
        if cell.coordinate in self.uncomputed:
            waits = self._waits_for_a_part(code, form)
            return Reading(NAN, "missing") if waits else Reading(NAN, "rejected", "formula_without_value")
        if cell.data_type == "e":
            return Reading(NAN, "rejected", "error_cell")
        return read_content(cell.value)

    def _waits_for_a_part(self, code: str, form: str) -> bool:
        """Whether a sum is rightly empty: the template's formula gives nothing while one of its parts is empty."""
        kind = self.methodology.service_types[self.out.identity["service_type"]]
        for part in (self.methodology.items[part] for part in self.methodology.items[code].sum_of):
            cell = self.rows.get(part.code, {}).get(FORM_COLUMNS[form])
            asked = part.asked_of(kind, form) and self.out.identity["round"] in part.rounds
            uncomputed = cell is not None and cell.coordinate in self.uncomputed
            if asked and (cell is None or (uncomputed and self._waits_for_a_part(part.code, form))):
                return True
        return False

    def _tell(self, reading: Reading, cell, code: str, form: str) -> None:
        if reading.status in ("rejected", "question", "converted"):
            values = {"found": self._text(cell), "value": reading.value}
            if reading.why == "date_in_number":
                values["meant"] = f"{cell.value.day},{cell.value.month}"
            self.out.findings.append(Finding(reading.why, cell.coordinate, form, code, values))

    def _hidden(self, cell) -> str:
        if self.sheet.row_dimensions[cell.row].hidden:
            return "hidden_row"
        if cell.column_letter in self.hidden_columns:
            return "hidden_column"
        return "struck_through" if cell.font and cell.font.strike else ""

    def _not_asked(self, cell, code: str, form: str) -> None:
        """A figure where none is asked: a wrong capacity unit or form is an error, the rest is left out."""
        item = self.methodology.items[code]
        kind = self.methodology.service_types[self.out.identity["service_type"]]
        if form not in kind.reporting_forms or item.section == "capacity":
            fault = "capacity_unit" if item.section == "capacity" else "form_not_allowed"
            self._count("rejected")
            self.out.findings.append(Finding(fault, cell.coordinate, form, code, {"found": self._text(cell)}))
        else:
            self._ignore(cell, "not_in_round" if item.asked_of(kind, form) else "not_asked")

    def _missing_rows(self, seen: set[str]) -> None:
        out = self.out
        for form in out.forms:
            for item in self.methodology.items_of(out.identity["service_type"], form, out.identity["round"]):
                if item.code not in seen:
                    out.facts.append(Fact(form, item.code, NAN, "missing", ""))
                    out.findings.append(Finding("missing_row", "", form, item.code))

    def _ignore(self, cell, kind: str) -> None:
        self.out.ignored.append(Ignored(cell.coordinate, self._text(cell)[:200], kind, 1, self.sheet.title))
        self._count("ignored")

    def _count(self, name: str) -> None:
        self.out.cells[name] += 1
