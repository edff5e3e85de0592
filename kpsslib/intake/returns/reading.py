"""The file of one service, whatever its format: which sheet is the return, what it says, and what else is there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kpsslib.intake.formats.cells import Book, Sheet, all_cells
from kpsslib.intake.formats.personal import has_birth_number, personal_beside
from kpsslib.intake.formats.workbook import Log, open_workbook, unlogged
from kpsslib.intake.records import Confirmation, Finding, Ignored, Read, differing
from kpsslib.intake.returns.columns import find_columns, key_of
from kpsslib.intake.returns.confirmations import read_confirmations
from kpsslib.intake.returns.sheet import ReturnSheet
from kpsslib.intake.template import CHECKS_SHEET, CONFIRMED, ERRORS_SHEET, IDENTITY_KEYS
from kpsslib.methodology import Methodology

_OWN_SHEETS = (CHECKS_SHEET, ERRORS_SHEET)
_TOLD = ("macros", "external_links", "pivot_cache", "embedded")  # the rest that a file carries is only listed
_NOT_THIS_ONE = ("wrong_year", "wrong_template", "empty_return")


def read_return(data: bytes, methodology: Methodology, years: Collection[int], log: Log = unlogged) -> Read:
    """Read the file of one service.

    Args:
        data: the file's bytes, read once.
        methodology: the items each type reports.
        years: the years a return may be of; another one is quarantined.
        log: takes the error at which a damaged file stopped its reader.

    Returns what the file says; `quarantine` is set where it cannot be used, and then nothing else counts.
    """
    book = open_workbook(data, log)
    return Read(quarantine=book) if isinstance(book, Finding) else read_book(book, methodology, years)


def read_book(book: Book, methodology: Methodology, years: Collection[int]) -> Read:
    """Read a file that was opened; see `read_return`."""
    for sheet in book.sheets:
        cell = sheet.personal or personal_beside(sheet)
        if cell is not None:
            title = "" if has_birth_number(sheet.title) else sheet.title
            return Read(sheet=title, quarantine=Finding("personal_data", cell, sheet=title))
    candidates = _candidates(book, methodology)
    if not candidates:
        sheets = ", ".join(sheet.title for sheet in book.sheets)
        return Read(quarantine=Finding("no_sheet", values={"sheets": sheets}))
    lists = [read_confirmations(sheet) for sheet in book.sheets if sheet.title == ERRORS_SHEET]
    answers, unsigned = lists[0] if lists else ([], [])
    reads = [(sheet, _read_sheet(sheet, methodology, years, answers)) for sheet in candidates]
    (main, read), *others = _rank(reads)
    if differing := [sheet.title for sheet, other in others if not _is_copy(other, read)]:
        titles = ", ".join([main.title, *differing])
        return replace(read, quarantine=Finding("two_returns", sheet=main.title, values={"sheets": titles}))
    if read.quarantine is None:
        read.confirmations = answers
        read.findings += unsigned
        _rest(book, main, read)
    return read


def _candidates(book: Book, methodology: Methodology) -> list[Sheet]:
    """The sheets that may be the return: those with most of the template's keys, visible ones before hidden ones."""
    keys = {*IDENTITY_KEYS, *methodology.items}
    counted = {id(sheet): len({key_of(cell.content) for cell in all_cells(sheet)} & keys) for sheet in book.sheets
               if sheet.is_return and sheet.title not in _OWN_SHEETS}
    most = max(counted.values(), default=0)
    likely = [sheet for sheet in book.sheets if most and 2 * counted.get(id(sheet), 0) >= most]
    return [sheet for sheet in likely if sheet.state == "visible"] or likely[:1]


def _read_sheet(sheet: Sheet, methodology: Methodology, years: Collection[int], answers: list[Confirmation]) -> Read:
    columns = find_columns(sheet, methodology)
    if isinstance(columns, Finding):
        return Read(sheet=sheet.title, quarantine=columns)
    confirmed = {(a.form, a.item, a.value) for a in answers if a.rule == "cell" and a.answer == CONFIRMED}
    return ReturnSheet(sheet, columns, methodology).read(years, confirmed)


def _rank(reads: list[tuple[Sheet, Read]]) -> list[tuple[Sheet, Read]]:
    """The return first. Sheets of another year or version, and such as nobody filled in, are none beside another."""
    def is_rival(read: Read) -> bool:
        other = read.quarantine is not None and read.quarantine.kind in _NOT_THIS_ONE
        return not other and (read.quarantine is not None or any(fact.value == fact.value for fact in read.facts))

    return [one for one in reads if is_rival(one[1])] or reads[:1]


def _is_copy(one: Read, other: Read) -> bool:
    return one.quarantine is None and other.quarantine is None and not differing(one, other)


def _rest(book: Book, main: Sheet, read: Read) -> None:
    """Account for the other sheets, and tell what else the file carries."""
    for sheet in book.sheets:
        if sheet is main or not sheet.filled:
            continue
        if sheet.title in _OWN_SHEETS:
            read.cells["template"] += sheet.filled
            continue
        kind = "copy_of_return" if sheet.is_return else "other_sheet" if sheet.state == "visible" else "hidden_sheet"
        read.cells["ignored"] += sheet.filled
        read.ignored.append(Ignored(sheet.area, "", kind, sheet.filled, sheet.title))
    for what in book.carries:
        if what in _TOLD:
            read.findings.append(Finding(what))
        else:
            read.ignored.append(Ignored("", "", what, 0, ""))
