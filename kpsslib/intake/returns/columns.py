"""Where things stand in the sheet of a return: found by its keys and by the words of its header, never by position."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from difflib import get_close_matches
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.cells import Cell, Sheet, all_cells
from kpsslib.intake.records import Finding
from kpsslib.intake.returns.identifiers import as_text, without_invisible
from kpsslib.intake.template import FORM_COLUMNS, IDENTITY_KEYS, VERSION, header_labels, headers
from kpsslib.methodology import Methodology

_VERSION = re.compile(r"\d{4}\.\d+")
Row = dict[int, Cell]


class Columns(NamedTuple):
    """What each column of a return holds; columns are numbers from 1, None where the sheet has none.

    Attributes:
        header: the row of the header.
        key, label, unit, note: these columns.
        identity: the column of the identity's values.
        forms: the column of each form's figures, where it is beyond doubt.
        doubted: columns that seem to hold the figures of a form, but whose header does not say so or says so twice.
        printed: columns of the template in which nothing is to be filled in.
        findings: what is wrong with the header, by form.
    """

    header: int
    key: int
    label: int | None
    unit: int | None
    note: int | None
    identity: int | None
    forms: dict[str, int]
    doubted: dict[int, str]
    printed: frozenset[int]
    findings: dict[str, Finding]


def words(content: object) -> str:
    """A text as it is compared: composed letters, no invisible characters, single spaces, small letters."""
    text = unicodedata.normalize("NFC", without_invisible(as_text(content)))
    return " ".join(text.split()).casefold()


def key_of(content: object) -> str:
    """A text as a key."""
    return without_invisible(content).strip() if isinstance(content, str) else ""


def row_number(row: Row) -> int:
    """The number of a row with at least one cell."""
    return next(iter(row.values())).row


def find_columns(sheet: Sheet, methodology: Methodology) -> Columns | Finding:
    """The columns of a return, or why it cannot be read as one: another version, transposed, two tables, no header."""
    keys = {*IDENTITY_KEYS, *methodology.items}
    places = [(cell.row, cell.column) for cell in all_cells(sheet) if key_of(cell.content) in keys]
    by_column, by_row = Counter(c for _r, c in places), Counter(r for r, _c in places)
    (key, most), (row, in_row) = by_column.most_common(1)[0], by_row.most_common(1)[0]
    if in_row > max(most, 5):
        return Finding("transposed", sheet.rows[row][0].address, sheet=sheet.title)
    if fault := _other_version(sheet):
        return fault
    again = [column for column, n in by_column.items() if column != key and 2 * n >= most]
    if again:
        return Finding("two_returns", f"{get_column_letter(again[0])}{row}", sheet=sheet.title,
                       values={"sheets": sheet.title})
    header, named = _header(sheet)
    return _columns(sheet, key, header, named) if len(named) > 1 else _no_header(sheet)


def _other_version(sheet: Sheet) -> Finding | None:
    """The version is looked for before anything else: another template has other rows and columns."""
    for row in sheet.rows.values():
        if any(key_of(cell.content) == "template_version" for cell in row):
            found = [cell for cell in row if _VERSION.fullmatch(as_text(cell.content))]
            if len(found) == 1 and as_text(found[0].content) != VERSION:
                return Finding("wrong_template", found[0].address, item="template_version", sheet=sheet.title,
                               values={"found": as_text(found[0].content), "version": VERSION})
    return None


def _header(sheet: Sheet) -> tuple[int, dict[str, list[int]]]:
    """The row with most labels of the header, and the columns in which each of them stands."""
    names = {words(label): name for name, labels in header_labels().items() for label in labels}
    best: tuple[int, dict[str, list[int]]] = (0, {})
    for number, row in sheet.rows.items():
        named = defaultdict(list)
        for cell in row:
            if name := names.get(words(cell.content)):
                named[name].append(cell.column)
        if len(named) > len(best[1]):
            best = number, named
    return best


def _no_header(sheet: Sheet) -> Finding:
    first = [as_text(cell.content)[:40] for row in list(sheet.rows.values())[:3] for cell in row][:6]
    return Finding("no_header", sheet=sheet.title,
                   values={"found": ", ".join(first), "labels": ", ".join(list(headers().values())[:6])})


def _columns(sheet: Sheet, key: int, header: int, named: dict[str, list[int]]) -> Columns:
    forms, doubted, findings = {}, {}, {}
    strange = {words(cell.content): cell for cell in sheet.rows[header]
               if cell.column != key and not any(cell.column in columns for columns in named.values())}
    for form in FORM_COLUMNS:
        found = named.get(form, [])
        if len(found) == 1:
            forms[form] = found[0]
        elif found:
            doubted |= dict.fromkeys(found, form)
            cells = ", ".join(f"{get_column_letter(column)}{header}" for column in found)
            findings[form] = Finding("column_twice", cells.partition(",")[0], form,
                                     values={"cells": cells, "label": headers()[form]})
        else:
            near = _nearest(form, strange)
            doubted |= {near.column: form} if near else {}
            findings[form] = Finding("column_renamed" if near else "column_missing", near.address if near else "", form,
                                     values={"found": as_text(near.content) if near else "", "label": headers()[form]})
    own = {name: columns[0] for name, columns in named.items() if len(columns) == 1}
    printed = {c for name, columns in named.items() if name not in (*FORM_COLUMNS, "note") for c in columns} | {key}
    identity = forms.get("residential") or _filled_most(sheet, key, printed | {own.get("note")})
    return Columns(header, key, own.get("label"), own.get("unit"), own.get("note"), identity, forms, doubted,
                   frozenset(printed), findings)


def _nearest(form: str, strange: dict[str, Cell]) -> Cell | None:
    """The header among the unknown ones that most resembles that of a form."""
    close = [match for label in header_labels()[form] for match in get_close_matches(words(label), strange, 1, 0.5)]
    return strange[close[0]] if close else None


def _filled_most(sheet: Sheet, key: int, not_in: set) -> int | None:
    """The column that holds most values of the identity, for a sheet whose residential column is not found."""
    rows = [row for row in sheet.rows.values() for cell in row
            if cell.column == key and key_of(cell.content) in IDENTITY_KEYS]
    filled = Counter(cell.column for row in rows for cell in row if cell.column not in not_in)
    return filled.most_common(1)[0][0] if filled else None
