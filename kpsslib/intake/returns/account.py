"""The account of a sheet's cells: how many ended in each class, and what is not used with its reason."""

from __future__ import annotations

from collections import Counter

from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.cells import Cell
from kpsslib.intake.records import Ignored, Read
from kpsslib.intake.returns.identifiers import as_text

ONE_BY_ONE = 200  # ignored cells of a kind and sheet that are listed each by itself


class Ledger:
    """Counts the cells of one sheet into a read return; `close` adds what was too much to be listed one by one."""

    def __init__(self, out: Read, sheet: str) -> None:
        self.out, self.sheet = out, sheet
        self.listed: Counter[str] = Counter()
        self.more: dict[str, list[Cell]] = {}

    def count(self, name: str, cells: int = 1) -> None:
        """Note that cells ended in a class."""
        self.out.cells[name] += cells

    def ignore(self, cell: Cell, kind: str) -> None:
        """Note a cell that is not used, and why (a code of `messages`)."""
        self.count("ignored")
        self.listed[kind] += 1
        if self.listed[kind] > ONE_BY_ONE:
            self.more.setdefault(kind, []).append(cell)
        else:
            self.out.ignored.append(Ignored(cell.address, as_text(cell.content)[:200], kind, 1, self.sheet))

    def close(self) -> None:
        """List what came after the first cells of a kind as one record with its number and area."""
        for kind, cells in self.more.items():
            rows, columns = [cell.row for cell in cells], [cell.column for cell in cells]
            area = f"{get_column_letter(min(columns))}{min(rows)}:{get_column_letter(max(columns))}{max(rows)}"
            self.out.ignored.append(Ignored(area, "", kind, len(cells), self.sheet))
