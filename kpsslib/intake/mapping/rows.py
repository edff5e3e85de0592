"""Rows of somebody else's table: the header found by its text, sub-totals told from rows, every value with its cell."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from kpsslib.intake.mapping.file import FileRule, ServiceTable
from kpsslib.intake.mapping.grids import Grid, address, same_words, tidy
from kpsslib.intake.returns.numbers import NAN, read_content
from kpsslib.language import _

IDENTITY = ("territory", "name", "type")


class Value(NamedTuple):
    """A number with the status of a fact and the cell it stands in."""

    value: float
    status: str
    cell: str


@dataclass(frozen=True)
class Row:
    """One row of the table; a sub-total opens a block, and the rows after it are the ones it adds up."""

    file: str
    sheet: str
    cells: str
    rule: FileRule
    block: int
    is_subtotal: bool
    identity: dict[str, str]
    identity_cells: dict[str, str]
    values: dict[str, Value]

    def where(self, key: str) -> tuple[str, str, str]:
        """File, sheet and cell of one identity column."""
        return self.file, self.sheet, self.identity_cells[key]


def with_mark(content: object, mark: str | None) -> object:
    """A text that is a number by the table's own decimal mark as that number; anything else as it is.

    >>> with_mark("77.125", "."), with_mark("77.125", None)
    (77.125, '77.125')
    """
    if mark and isinstance(content, str) and re.fullmatch(rf"-?\d+([{mark}]\d+)?", content.strip(), re.ASCII):
        return float(content.replace(mark, "."))
    return content


def place(latitude: object, longitude: object) -> str | None:
    """A name made of coordinates in degrees, to 0.0001 (11 m), so that digits of storage make nobody new.

    None where either is not a number.

    >>> place("32.60779270000046", -117.06010657499968)
    '32.6078° N 117.0601° W'
    """
    degrees = read_content(latitude).value, read_content(longitude).value
    if any(map(math.isnan, degrees)):
        return None
    return " ".join(f"{abs(value):.4f}° {sides[value < 0]}" for value, sides in zip(degrees, ("NS", "EW"), strict=True))


class Findings:
    """What was found wrong and what was left out, as rows of the tables `problems` and `ignored`."""

    def __init__(self) -> None:
        self.problems: list[dict] = []
        self.ignored: list[dict] = []

    def problem(self, where: tuple[str, str, str], rule: str, *, found: str, expected: str, advice: str,
                **known: object) -> None:
        """Note a problem at (file, sheet, cell); an error unless known says otherwise."""
        file, sheet, cell = where
        self.problems.append({"file": file, "sheet": sheet, "cell": cell, "rule": rule, "severity": "error",
                              "found": found, "expected": expected, "advice": advice, **known})

    def ignore(self, where: tuple[str, str, str], content: str, reason: str) -> None:
        """Note something left out at (file, sheet, cell)."""
        file, sheet, cell = where
        self.ignored.append({"file": file, "sheet": sheet, "cell": cell, "content": content[:200], "reason": reason})


@dataclass
class TableReader:
    """Reads one sheet by its declaration; what is wrong or left out goes to the findings.

    A missing column, a cell that is not a number and a row without a name become problems; a column nobody declared
    and a row that says nothing are noted as ignored.
    """

    file: str
    grid: Grid
    rule: FileRule
    table: ServiceTable
    findings: Findings
    columns: dict[str, int] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        """The rows in their order, sub-totals among them and marked; none where the header cannot be found."""
        header = self._find_header()
        if header is None:
            return []
        self._check_heading(header)
        self._find_columns(header)
        if any(key not in self.columns for key in self._headers_of_identity()):
            return []
        found: list[Row] = []
        above: dict[str, object] = {}
        for line in range(header + self.table.header_rows, len(self.grid.rows)):
            if any(cell is not None for cell in self.grid.rows[line]):
                above = self._identity(line, above)
                found += self._row(line, above, found[-1].block if found else 0)
        return found

    def _find_header(self) -> int | None:
        wanted = same_words(self.table.header)
        for line, row in enumerate(self.grid.rows):
            if any(cell is not None and same_words(cell) == wanted for cell in row):
                return line
        first = next((tidy(cell) for row in self.grid.rows for cell in row if cell is not None), "–")
        self._problem("", "import_header", found=first, expected=_("a cell “{text}”", text=self.table.header),
                      advice=_("Correct services.header in the mapping, or send the table in its usual form."))
        return None

    def _check_heading(self, header: int) -> None:
        """Note the lines above the table, and whether they name the day that the mapping gives this file."""
        lines = [(line, tidy(cell)) for line in range(header) for cell in dict.fromkeys(self.grid.rows[line]) if cell]
        for line, text in lines:
            self.findings.ignore((self.file, self.grid.sheet, address(line, 0)), text, _("stands above the table"))
        says = self.rule.says
        if says and not any(same_words(says) in same_words(text) for _line, text in lines):
            self._problem(address(lines[0][0], 0) if lines else "A1", "import_date",
                          found=" ".join(text for _line, text in lines) or "–",
                          expected=_("a heading with the words “{text}”", text=says),
                          advice=_("Check which day the file describes and correct services.files in the mapping."))

    def _find_columns(self, header: int) -> None:
        """Where each declared column stands; the lowest text of a column's header names it."""
        names = self._header_texts(header)
        wanted = {**self._headers_of_identity(),
                  **{code: item.header for code, item in self.table.items.items()}}
        for key, spellings in wanted.items():
            known = {same_words(text) for text in spellings}
            at = [column for column, (_cell, text) in names.items() if same_words(text) in known]
            if len(at) == 1:
                self.columns[key] = at[0]
                continue
            near = difflib.get_close_matches(spellings[0], [text for _cell, text in names.values()], n=1)
            found = (", ".join(names[column][0] for column in at) if at
                     else _("no such column; the nearest is “{text}”", text=near[0]) if near else _("no such column"))
            self._problem(address(header, at[0] if at else 0), "import_column", found=found, item=key,
                          expected=_("one column “{text}”", text=spellings[0]),
                          advice=_("Add the new spelling of the header to {key} in the mapping.", key=key))
        for column, (cell, text) in names.items():
            if column not in self.columns.values():
                self.findings.ignore((self.file, self.grid.sheet, cell), text, _("column not declared in the mapping"))

    def _header_texts(self, header: int) -> dict[int, tuple[str, str]]:
        """The cell and the text that name each column."""
        names = {}
        for line in range(header, min(header + self.table.header_rows, len(self.grid.rows))):
            for column, cell in enumerate(self.grid.rows[line]):
                if cell is not None and (column not in names or names[column][1] != tidy(cell)):
                    names[column] = (address(line, column), tidy(cell))
        return names

    def _headers_of_identity(self) -> dict[str, list[str]]:
        """The declared headers of the columns that say who is described."""
        return {key: headers for key, headers in self.table.columns if headers is not None}

    def _identity_cell(self, line: int, key: str) -> str:
        """Where a part of the identity stands: its column, for a name its latitude, else the row's first cell."""
        return address(line, self.columns.get(key, self.columns.get("latitude", 0) if key == "name" else 0))

    def _identity(self, line: int, above: dict[str, object]) -> dict[str, object]:
        """Who the row is about; a blank in a column declared as carried down means the same as above."""
        cells = self.grid.rows[line]
        here = {key: cells[self.columns[key]] if key in self.columns else self.table.same.get(key) for key in IDENTITY}
        if self.table.columns.by_place:
            mark = self.table.decimal_mark
            here["name"] = place(*(with_mark(cells[self.columns[key]], mark) for key in ("latitude", "longitude")))
        return {key: above.get(key) if cell is None and key in self.table.carried_down else cell
                for key, cell in here.items()}

    def _row(self, line: int, identity: dict[str, object], block: int) -> list[Row]:
        cells = self.grid.rows[line]
        where = f"{address(line, 0)}:{address(line, len(cells) - 1)}"
        content = " | ".join(tidy(cell) for cell in cells if cell is not None)
        mark = self.table.subtotal
        is_subtotal = mark is not None and same_words(identity[mark.column]) in map(same_words, mark.marks)
        if is_subtotal:
            self.findings.ignore((self.file, self.grid.sheet, where), content, _("sub-total of the rows below it"))
        elif any(value is None for value in identity.values()):
            self._lone(line, identity, where, content)
            return []
        values = {code: self._value(line, code, is_subtotal) for code in self.table.items if code in self.columns}
        return [Row(self.file, self.grid.sheet, where, self.rule, block + is_subtotal, is_subtotal,
                    {key: tidy(value) for key, value in identity.items()},
                    {key: self._identity_cell(line, key) for key in IDENTITY}, values)]

    def _lone(self, line: int, identity: dict[str, object], where: str, content: str) -> None:
        """A row that does not say whom it is about: an error where it holds numbers, else a note under the table."""
        figures = [self.grid.rows[line][self.columns[code]] for code in self.table.items if code in self.columns]
        if not any(read_content(figure).status in ("reported", "converted") for figure in figures):
            self.findings.ignore((self.file, self.grid.sheet, where), content, _("no figures in the row"))
            return
        blank = next(key for key, value in identity.items() if value is None)
        headers = getattr(self.table.columns, blank) or self.table.columns.latitude
        self._problem(self._identity_cell(line, blank), "import_identity", found=_("a blank cell"), expected=headers[0],
                      advice=_("Fill the cell in, or declare services.carried_down in the mapping; "
                               "the row was left out."))
        self.findings.ignore((self.file, self.grid.sheet, where), content, _("the row does not say whom it is about"))

    def _value(self, line: int, code: str, is_subtotal: bool) -> Value:
        raw, cell = self.grid.rows[line][self.columns[code]], address(line, self.columns[code])
        read, scale = read_content(with_mark(raw, self.table.decimal_mark)), self.table.items[code].scale
        if read.status in ("reported", "converted"):
            return Value(read.value * scale, read.status if scale == 1 else "converted", cell)
        if read.status in ("rejected", "question"):
            if not is_subtotal and same_words(raw) not in map(same_words, self.table.missing_marks):
                self._problem(cell, "import_number", found=tidy(raw), expected=_("a number"), item=code,
                              advice=_("Correct the cell, or declare services.missing_marks in the mapping; "
                                       "the value counts as missing."))
            return Value(NAN, "missing", cell)
        return Value(read.value, read.status, cell)

    def _problem(self, cell: str, rule: str, **said: str) -> None:
        self.findings.problem((self.file, self.grid.sheet, cell), rule, year=self.rule.year, round=self.rule.round,
                              **said)
