"""The figures of one return by item and form: each cell read once, sums computed where their formula came without."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from functools import cached_property
from typing import NamedTuple

from openpyxl.utils import get_column_letter, range_boundaries

from kpsslib.intake.formats.cells import Cell
from kpsslib.intake.returns.cell_figures import read_figure, unseen
from kpsslib.intake.returns.columns import Columns, Row, row_number, words
from kpsslib.intake.returns.identifiers import as_text
from kpsslib.intake.returns.numbers import NAN, Reading
from kpsslib.methodology import Item, Methodology

_MULTIPLES = ("tis", "mil", "thous", "eur", "€")
USED = ("reported", "converted", "confirmed_zero")


class Sources(NamedTuple):
    """Where the figures of a return stand: the rows of each item's code, the columns, and the merged areas."""

    rows: dict[str, list[Row]]
    columns: Columns
    merged: list[str]


class Figures:
    """Reads the figures of a return; `asked` says whether an item is asked of the service in a form."""

    def __init__(self, sources: Sources, methodology: Methodology, asked: Callable[[Item, str], bool],
                 confirmed: Collection[tuple[str, str, str]]) -> None:
        self.rows, self.columns, areas = sources
        self.items, self.asked, self.confirmed = methodology.items, asked, confirmed
        self.merged = self._merged(areas)
        self.known: dict[tuple[str, str], Reading] = {}

    def cells(self, code: str, form: str) -> list[Cell]:
        """The filled cells of an item in a form: more than one where its code stands in several rows."""
        column = self.columns.forms.get(form)
        return [row[column] for row in self.rows.get(code, ()) if column in row]

    def read(self, code: str, form: str) -> Reading:
        """What the cells of an item in a form say together."""
        if (code, form) not in self.known:
            reading = self._read(code, form)
            if reading.status == "question" and (form, code, repr(reading.value)) in self.confirmed:
                reading = reading._replace(status="reported")  # the question is told all the same, with its answer
            self.known[code, form] = reading
        return self.known[code, form]

    def _read(self, code: str, form: str) -> Reading:
        cells = self.cells(code, form)
        if not cells:
            return Reading(NAN, "missing")
        seen = [cell for cell in cells if not unseen(cell)]
        if not seen:
            reading = read_figure(cells[0])
            return Reading(reading.value if reading.status in USED else NAN, "question", unseen(cells[0]))
        if len({(cell.content, cell.kind) for cell in seen}) > 1:
            return Reading(NAN, "question", "repeated_code")
        cell = seen[0]
        if cell.address in self.merged:
            return Reading(NAN, "rejected", "merged_figures")
        if self.other_label(code, cell.row):
            return Reading(NAN, "rejected", "swapped_label")
        reading = self._sum(code, form, cell) if self.items[code].sum_of else read_figure(cell)
        if reading.status in USED and self.other_unit(code, cell.row):
            return Reading(reading.value, "question", "changed_unit")
        return reading

    def _sum(self, code: str, form: str, cell: Cell) -> Reading:
        """A sum: computed where its formula has no result, or 0 while its parts do not add up to 0.

        By definition a sum is its parts, so there is one reading only; it waits while one of them has no value.
        """
        parts = [part for part in self.items[code].sum_of if self.asked(self.items[part], form)]
        stale = cell.kind == "uncomputed" or (cell.kind == "" and cell.content in (0, "0"))
        if not (parts and cell.formula and stale):
            return read_figure(cell)
        readings = [self.read(part, form) for part in parts]
        total = math.fsum(r.value if r.status in USED else NAN for r in readings)
        if math.isnan(total):
            return Reading(NAN, "missing")
        if total == 0 and cell.kind != "uncomputed":
            return read_figure(cell)
        return Reading(round(total, 6), "converted", "sum_computed")

    def other_label(self, code: str, row: int) -> str:
        """The label in an item's row where it is that of another item: two readings are possible."""
        return self._printed(self.columns.label, code, row, lambda text: text in self.labels - _names(self.items[code]))

    def other_unit(self, code: str, row: int) -> str:
        """The unit in an item's row where it was changed into thousands, millions or another currency."""
        return self._printed(self.columns.unit, code, row, lambda text: text.startswith(_MULTIPLES))

    def _printed(self, column: int | None, code: str, number: int, wrong: Callable[[str], bool]) -> str:
        row = next((row for row in self.rows[code] if row_number(row) == number), {})
        text = as_text(row[column].content) if column in row else ""
        return text if wrong(words(text)) else ""

    @cached_property
    def labels(self) -> set[str]:
        """The names of all items."""
        return {name for item in self.items.values() for name in _names(item)}

    def _merged(self, areas: list[str]) -> dict[str, str]:
        """The cells that stand for several figures because their cells were merged, with their areas."""
        rows = {row_number(row): self.items[code] for code, several in self.rows.items() for row in several}
        out = {}
        for area in areas:
            left, top, right, bottom = range_boundaries(area)
            across = {form: c for form, c in self.columns.forms.items() if left <= c <= right}
            covered = [f"{get_column_letter(column)}{number}" for number, item in rows.items()
                       for form, column in across.items() if top <= number <= bottom and self.asked(item, form)]
            if len(covered) > 1:
                out |= dict.fromkeys(covered, area)
        return out


def _names(item: Item) -> set[str]:
    return {words(item.name.cs), words(item.name.en)}
