"""The methodology as a workbook (XLSX) for people who work in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

from kpsslib.language import _, number
from kpsslib.methodology import words
from kpsslib.methodology.models import Indicator, Item, Methodology

Row = list[str | int | float | date]
_NO_TIME = datetime(2000, 1, 1)  # instead of the clock: the same methodology is the same file


class Sheet(NamedTuple):
    """A sheet: its name, its columns with their width in characters, and its rows."""

    name: str
    columns: list[tuple[str, int]]
    rows: list[Row]


def write_workbook(methodology: Methodology, path: Path | str, language: str = "cs") -> Path:
    """Write the workbook in one language ("cs" or "en") and return its path.

    Sheets of indicators, items, service types, working groups and sources, each with a frozen header and a filter.
    Text is written as text: a name that begins with = never becomes a formula.
    """
    with words.speaking_as(language):
        return write_sheets(_sheets(methodology), Path(path), _("Methodology book"))


def write_sheets(sheets: Iterable[Sheet], path: Path, title: str) -> Path:
    """Write sheets as one workbook, text as text, each with a frozen header and a filter; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": title, "subject": _("Benchmarking of social services"), "created": _NO_TIME})
        for sheet in sheets:
            _write(book, sheet)
    return path


def _write(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1B2A38", "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    page = book.add_worksheet(sheet.name)
    for column, (title, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
        page.write_string(0, column, title, head)
        for row, values in enumerate(sheet.rows, 1):
            value = values[column]
            if isinstance(value, date):
                page.write_datetime(row, column, value, day)
            elif isinstance(value, str):
                page.write_string(row, column, value, wrapped)
            else:
                page.write_number(row, column, value, wrapped)
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _sheets(methodology: Methodology) -> list[Sheet]:
    return [_indicators(methodology), _items(methodology), _types(methodology), _groups(methodology),
            _sources(methodology)]


def _indicators(methodology: Methodology) -> Sheet:
    columns = [(_("Code"), 8), (_("Indicator"), 34), (_("Area"), 16), (_("Formula"), 52), (_("Unit"), 20),
               (_("Direction"), 12), (_("Interval"), 26), (_("Dimension of good practice"), 12),
               (_("It describes"), 12), (_("Where it holds"), 36), (_("Valid range"), 16),
               (_("Smallest denominator"), 11), (_("Why"), 50),
               (_("What to beware of"), 60), (_("Worked examples"), 60), (_("Earlier formulas"), 40),
               (_("Sources"), 24), (_("State"), 13), (_("Author"), 10), (_("Checked by"), 10), (_("Next review"), 12)]
    rows = [_indicator(one, methodology) for _area, group in words.by_area(methodology) for one in group]
    return Sheet(_("Indicators"), columns, rows)


def _indicator(one: Indicator, methodology: Methodology) -> Row:
    state = words.status(one) + (f"; {_('review overdue')}" if one.review_overdue else "")
    return [
        one.code, str(one.name), words.area(one.area), words.one_line(one, methodology), str(one.unit_label),
        words.direction_mark(one), words.interval(one), words.dimension(one), words.level(one),
        words.applies_to(one, methodology), " – ".join(words.amount(limit) for limit in one.valid_range or []),
        one.min_denominator, str(one.why), str(one.caveats), _examples(one, methodology), _earlier(one, methodology),
        _names(methodology.sources[code].name for code in one.sources), state, one.author, one.checked_by or "",
        one.next_review]


def _examples(one: Indicator, methodology: Methodology) -> str:
    """The worked examples, one a line."""
    lines = []
    for n, example in enumerate(one.example, 1):
        items = _names(f"{words.short(methodology.items[code])} = {words.amount(value)}"
                       for code, value in example.items.items())
        year = f" ({example.year})" if example.year else ""
        result = words.flag(example.flag) if example.value is None else number(example.value, one.digits)
        lines.append(f"{n}{year}: {items} → {result}")
    return "\n".join(lines)


def _earlier(one: Indicator, methodology: Methodology) -> str:
    return "\n".join(
        _("up to and including {year}", year=entry.last_year)
        + f": {words.in_line(entry.numerator, entry.denominator, entry.scale, methodology)}. {entry.why}"
        for entry in one.earlier)


def _items(methodology: Methodology) -> Sheet:
    columns = [(_("Code"), 26), (_("Item"), 44), (_("Where from"), 20), (_("Heading"), 26), (_("Unit"), 18),
               (_("Forms"), 24), (_("Who reports it"), 36), (_("Rounds"), 26), (_("Required"), 11),
               (_("Adding"), 30), (_("Sum of"), 44), (_("Part of"), 26), (_("Explanation"), 50), (_("Values"), 50)]
    return Sheet(_("Items"), columns, [_item(item, methodology) for item in methodology.items.values()])


def _item(item: Item, methodology: Methodology) -> Row:
    part = [methodology.items[item.part_of].name] if item.part_of else []
    values = "\n".join(_("from {year}: {value}", year=v.from_year, value=words.amount(v.value)) + f" ({v.source})"
                       + ("" if v.verified else f" – {_('unverified')}") for v in item.values)
    required = _("yes") if item.required else _("no")
    return [item.code, str(item.name), words.item_source(item), words.section(item.section), words.unit(item.unit),
            words.forms_of(item), words.asked_of(item), _names(words.round_name(code) for code in item.rounds),
            required if item.source == "return" else "–", words.additivity(item),
            _names(methodology.items[code].name for code in item.sum_of), _names(part), str(item.explain or ""), values]


def _types(methodology: Methodology) -> Sheet:
    columns = [(_("Code"), 10), (_("Type"), 52), (_("Paragraph"), 10), (_("Family"), 14), (_("Forms"), 30),
               (_("Capacity in"), 40), (_("Working group"), 10), (_("Valid from"), 12),
               (_("Valid to"), 12), (_("State"), 12)]
    rows: list[Row] = [
        [kind.code, str(kind.name), kind.paragraph, words.family(kind.family),
         _names(words.way(way) for way in kind.forms),
         _names(words.capacity_unit(unit) for unit in kind.capacity_units.values()), methodology.group_of[kind.code],
         kind.valid_from, kind.valid_to or "", "" if kind.verified else _("unverified")]
        for kind in methodology.service_types.values()]
    return Sheet(_("Service types"), columns, rows)


def _groups(methodology: Methodology) -> Sheet:
    names = {code: kind.name for code, kind in methodology.service_types.items()}
    rows: list[Row] = [[group.code, str(group.name), _names(names[code] for code in group.service_types)]
                       for group in methodology.working_groups.values()]
    return Sheet(_("Working groups"), [(_("Code"), 8), (_("Working group"), 46), (_("Service types"), 110)], rows)


def _sources(methodology: Methodology) -> Sheet:
    rows: list[Row] = [[source.code, str(source.name), source.publisher, source.reference,
                        "" if source.verified else _("unverified"),
                        _names(i.code for i in methodology.indicators.values() if source.code in i.sources)]
                       for source in methodology.sources.values()]
    return Sheet(_("Sources"), [(_("Code"), 14), (_("Source"), 44), (_("Publisher"), 36), (_("Reference"), 70),
                                (_("State"), 12), (_("Indicators"), 40)], rows)


def _names(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)
