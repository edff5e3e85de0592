"""The provider's answers on the list of errors of a returned workbook, each with who gave it and when."""

from __future__ import annotations

import re

from kpsslib.intake.formats.cells import Cell, Sheet
from kpsslib.intake.records import Confirmation, Finding
from kpsslib.intake.returns.columns import words
from kpsslib.intake.returns.identifiers import as_text, day
from kpsslib.intake.template import CONFIRMED, ERRORS_SHEET
from kpsslib.language import LANGUAGES, _
from kpsslib.methodology.words import speaking_as

_KEY = re.compile(r"([^|]*)\|([^|]*)\|([^|]*)\|(.*)", re.DOTALL)  # rule, form, item and value of a question


def read_confirmations(sheet: Sheet) -> tuple[list[Confirmation], list[Finding]]:
    """The answers given on the sheet of errors, and what is said of those that nobody signed.

    An answer needs a name and a day to hold; without them it is told and not used. Other words than the confirmation
    are kept as they are: they explain, and decide nothing.
    """
    answers: list[Confirmation] = []
    findings: list[Finding] = []
    columns: dict[str, int] = {}
    for cells in sheet.rows.values():
        row = {cell.column: cell for cell in cells}
        columns = columns or _columns(cells)
        key = next((match for cell in cells if isinstance(cell.content, str)
                    and (match := _KEY.fullmatch(cell.content))), None)
        given = row.get(columns.get("answer", 0))
        if key and given:
            answer = as_text(given.content)
            who, when = (row.get(columns.get(name, 0)) for name in ("who", "when"))
            if signed := _signed(who, when):
                answers.append(Confirmation(*key.groups(), CONFIRMED if words(answer).rstrip(".!") == CONFIRMED else
                                            answer, *signed, given.address))
            else:
                findings.append(Finding("answer_unsigned", given.address, key[2], key[3], {"found": answer},
                                        ERRORS_SHEET))
    return answers, findings


def _columns(row: list[Cell]) -> dict[str, int]:
    """The columns of answers, names and days, where a row is the header of the list."""
    labels = {}
    for language in LANGUAGES:
        with speaking_as(language):
            labels |= {words(_("answer")): "answer", words(_("who")): "who", words(_("when")): "when"}
    found = {labels[words(cell.content)]: cell.column for cell in row if words(cell.content) in labels}
    return found if len(found) == 3 else {}


def _signed(who: Cell | None, when: Cell | None) -> tuple[str, str] | None:
    """Who answered and the day as ISO text; None where either is missing."""
    name, date = as_text(who.content) if who else "", day(when.content).text if when else ""
    return (name, date) if name and date else None
