"""Answers on the list of errors: signed ones hold, for the value they were given for and no other."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest

from kpsslib.intake.formats.cells import Cell, gather
from kpsslib.intake.records import Confirmation
from kpsslib.intake.returns.confirmations import read_confirmations
from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.template import ERRORS_SHEET, SHEET

CZECH = ("klíč", "č.", "závažnost", "odpověď", "kdo", "kdy")
ENGLISH = ("key", "no.", "gravity", "answer", "who", "when")


def sheet_of(*rows):
    """The sheet of errors with these rows."""
    cells = [[Cell(r, c, content) for c, content in enumerate(row, 1) if content is not None]
             for r, row in enumerate(rows, 1)]
    return gather(ERRORS_SHEET, cells)


@pytest.mark.parametrize("header", [CZECH, ENGLISH, ("Klíč ", "", "", "ODPOVĚĎ", "Kdo", "Kdy\u00a0")])
@pytest.mark.parametrize("day", ["5. 2. 2026", "2026-02-05", datetime(2026, 2, 5)])
@pytest.mark.parametrize("answer", ["ano", "Ano", " ANO. "])
def test_a_signed_answer(header, day, answer):
    row = ("8|residential|cost_repairs|-5000.0", "1", "? Otázka", answer, "Jana Nová", day)
    answers, told = read_confirmations(sheet_of(("Co jsme našli",), header, row))
    assert answers == [Confirmation("8", "residential", "cost_repairs", "-5000.0", "ano", "Jana Nová", "2026-02-05",
                                    "D3")]
    assert told == []


def test_other_words_are_kept_as_they_are():
    row = ("8|residential|cost_repairs|-5000.0", "1", None, "vratka od dodavatele", "Nová", "5. 2. 2026")
    assert read_confirmations(sheet_of(CZECH, row))[0][0].answer == "vratka od dodavatele"


@pytest.mark.parametrize(("who", "when"), [(None, "5. 2. 2026"), ("Nová", None), ("Nová", "včera"), (None, None)])
def test_an_answer_that_nobody_signed_is_told_and_not_used(who, when):
    row = ("cell|residential|joiners|0.12", "1", None, "ano", who, when)
    answers, (told,) = read_confirmations(sheet_of(CZECH, row))
    assert answers == []
    assert (told.kind, told.cell, told.form, told.item, told.sheet) == (
        "answer_unsigned", "D2", "residential", "joiners", ERRORS_SHEET)


def test_rows_without_an_answer_or_a_header_say_nothing():
    row = ("cell|residential|joiners|0.12", "1", None, None, "Nová", "5. 2. 2026")
    assert read_confirmations(sheet_of(CZECH, row)) == ([], [])
    assert read_confirmations(sheet_of((*row[:3], "ano", *row[4:]))) == ([], [])


def answered(path, value, *, confirmed):
    """A return in which a figure is shown in per cent, with an answer for a value."""
    book = openpyxl.load_workbook(path, data_only=True)
    sheet = book[SHEET]
    cell = next(row[3] for row in sheet.iter_rows() if row[0].value == "joiners")
    cell.value, cell.number_format = value, "0 %"
    listed = book.create_sheet(ERRORS_SHEET)
    listed.append(CZECH)
    listed.append((f"cell|residential|joiners|{confirmed!r}", "1", "? Otázka", "ano", "Nová", "5. 2. 2026"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_confirmed_figure_is_used_as_long_as_it_is_the_same(office):
    path = office.send()
    read = read_return(answered(path, 0.12, confirmed=0.12), office.methodology, [2025])
    fact = next(f for f in read.facts if f.item == "joiners")
    assert (fact.value, fact.status) == (0.12, "reported")
    assert [(f.kind, f.values["value"]) for f in read.findings] == [("percent_format", 0.12)]
    assert [answer.who for answer in read.confirmations] == ["Nová"]
    assert read.cells["template"] > 12  # the answers are the template's own cells
    read = read_return(answered(path, 0.13, confirmed=0.12), office.methodology, [2025])
    fact = next(f for f in read.facts if f.item == "joiners")
    assert (fact.value == fact.value, fact.status) == (False, "rejected")


def test_a_confirmed_question_is_answered_in_the_tables(office):
    path = office.send()
    path.write_bytes(answered(path, 0.12, confirmed=0.12))
    cleaned = office.clean()
    assert office.found(cleaned, "cell").empty
    assert office.fact(cleaned, "joiners")["value"] == 0.12
    assert list(cleaned.confirmations["state"]) == ["applied"]
