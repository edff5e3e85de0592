"""What the methodology says otherwise, by the workbooks that both runs keep of theirs."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from kpsslib.differences.sides import Side
from kpsslib.intake.originals import BROKEN_ARCHIVE
from kpsslib.language import LANGUAGES, _
from kpsslib.methodology.words import speaking_as

_WORKBOOK = "methodology/methodology.xlsx"


class Rule(NamedTuple):
    """What decides an indicator's value, as its book says it."""

    formula: str
    unit: str
    direction: str
    interval: str
    valid_range: str
    smallest_denominator: str


def rule_names() -> list[str]:
    """The parts of a rule in the language spoken, as they head the columns of the book."""
    return [_("Formula"), _("Unit"), _("Direction"), _("Interval"), _("Valid range"), _("Smallest denominator")]


def changed_rules(before: Side, after: Side) -> dict[str, tuple[Rule, Rule]] | None:
    """The indicators that are computed otherwise, with both rules.

    None where it cannot be told: a run keeps no book, or the two are in different languages.
    """
    (first, one), (second, other) = (_rules(side) for side in (before, after))
    if not first or not second or one != other:
        return None
    return {code: (first[code], second[code]) for code in first if code in second and first[code] != second[code]}


def parts_changed(before: Rule, after: Rule) -> list[tuple[str, str, str]]:
    """The parts that differ: what it is, what the book said, what it says."""
    return [part for part in zip(rule_names(), before, after, strict=True) if part[1] != part[2]]


def _rules(side: Side) -> tuple[dict[str, Rule], str]:
    """The rules of a run's book by indicator, and its language; nothing and "" where there is none to be read."""
    import openpyxl

    try:
        data = BytesIO((side.folder / _WORKBOOK).read_bytes())  # openpyxl leaves a damaged file open
        book = openpyxl.load_workbook(data, read_only=True)
        for language in LANGUAGES:
            with speaking_as(language):
                if _("Indicators") in book.sheetnames:
                    return _by_code(list(book[_("Indicators")].iter_rows(values_only=True))), language
    except (LookupError, ParseError, *BROKEN_ARCHIVE):  # a sheet is unpacked and parsed no sooner than it is read
        return {}, ""
    return {}, ""


def _by_code(rows: list[tuple]) -> dict[str, Rule]:
    places = [rows[0].index(name) for name in rule_names() if name in rows[0]]
    if len(places) < len(Rule._fields):
        return {}
    return {str(row[0]): Rule(*("" if row[p] is None else str(row[p]) for p in places)) for row in rows[1:] if row[0]}
