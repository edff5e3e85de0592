"""What stands in which row of the return, and for which types, rounds and forms each figure is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpsslib.intake.template import FORM_COLUMNS, IDENTITY_COLUMN, IDENTITY_KEYS, SHEET
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import FORMS, SECTIONS

FIRST_ROW = 3  # above it: the title and the instruction


class Layout:
    """Rows (from 1) and conditions of a return for some service types and rounds.

    Attributes:
        types, rounds: what may be chosen in it.
        forms: the reporting forms any of the types has.
        rows: the row of each identity key and each item asked of any type in any of the rounds.
        heading_rows: the row of each section's heading.
        header_row: the row with the headers of the columns; last_row: the last one.
    """

    def __init__(self, methodology: Methodology, types: Sequence[str], rounds: Sequence[str]) -> None:
        self.methodology, self.types, self.rounds = methodology, tuple(types), tuple(rounds)
        kinds = [methodology.service_types[code] for code in types]
        self.forms = tuple(form for form in FORMS if any(form in kind.reporting_forms for kind in kinds))
        self._asked: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
        for item in methodology.items.values():
            then = [name for name in self.rounds if name in item.rounds]
            for form in self.forms:
                whose = [kind.code for kind in kinds if item.asked_of(kind, form)]
                if whose and then:
                    self._asked[item.code, form] = whose, then
        self.rows = {key: row for row, key in enumerate(IDENTITY_KEYS, FIRST_ROW)}
        self.header_row = FIRST_ROW + len(IDENTITY_KEYS) + 1
        self._lay_out_items()

    def _lay_out_items(self) -> None:
        self.heading_rows, row = {}, self.header_row
        codes = {code for code, _form in self._asked}
        for section in SECTIONS:
            row += 1
            self.heading_rows[section] = row
            for item in self.methodology.items.values():
                if item.code in codes and item.section == section:
                    row += 1
                    self.rows[item.code] = row
        self.last_row = row

    def asked(self, code: str, form: str) -> bool:
        """Whether any of the types is asked the item in this form."""
        return (code, form) in self._asked

    def parts(self, code: str, form: str) -> list[str]:
        """The parts of a sum that are asked in this form; none of an item that is no sum."""
        return [part for part in self.methodology.items[code].sum_of if self.asked(part, form)]

    def condition(self, code: str, form: str, cell=None) -> str:
        """The formula by which a spreadsheet tells whether the figure is asked, "" where it always is.

        While type, round or forms are not chosen yet, everything that may be asked is. `cell` gives the reference of
        an identity key; without it that of a cell of the same sheet.
        """
        cell = cell or (lambda key: f"${IDENTITY_COLUMN}${self.rows[key]}")
        whose, then = self._asked[code, form]
        terms = []
        for key, chosen, known in (("service_type", whose, self.types), ("round", then, self.rounds)):
            if len(chosen) < len(known):
                terms.append(f'ISNUMBER(FIND(";"&{cell(key)}&";",";;{";".join(chosen)};"))')
        if len(self.forms) > 1:
            terms.append(f'OR({cell("forms")}="",ISNUMBER(FIND("P",{cell("forms")})))' if form == "residential"
                         else f'{cell("forms")}<>"P"')
        return terms[0] if len(terms) == 1 else f"AND({','.join(terms)})" if terms else ""

    def place(self, code: str, form: str) -> str:
        """The cell of a figure by its position: cut, paste and drag never move such a reference."""
        return fixed(FORM_COLUMNS[form], self.rows[code])


def fixed(column: str, row: int, last: int | None = None, sheet: str = "") -> str:
    """A cell, or the cells down to another row, by position in the whole column.

    A plain reference follows its cell when that is cut and pasted elsewhere, and ends in #REF! when something else is
    pasted over it; a whole column stays what it is.
    """
    whole = f"{sheet}${column}:${column}"
    first = f"INDEX({whole},{row})"
    return first if last in (None, row) else f"{first}:INDEX({whole},{last})"


def on_return(column: str, row: int, last: int | None = None) -> str:
    """The same, seen from another sheet."""
    return fixed(column, row, last, f"'{SHEET}'!")


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows as stretches of neighbours: first and last of each.

    >>> runs([3, 4, 5, 9])
    [(3, 5), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found
