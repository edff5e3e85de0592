"""The live checks of the sheet "Kontrola": what is checked, the two numbers compared, and when it does not hold."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kpsslib.intake.template import FORM_COLUMNS, IDENTITY_COLUMN, NOTE_COLUMN
from kpsslib.intake.writing.layout import Layout, on_return, runs
from kpsslib.language import _, number, percent
from kpsslib.methodology.thresholds import Thresholds
from kpsslib.methodology.words import form_label

CAPACITY = "capacity"  # of the threshold file: the capacity in whichever unit the type has
_OPEN = "–"  # stands in a number's place where the provider wrote a word instead of a number


class Check(NamedTuple):
    """One row of the sheet.

    Attributes:
        what: what is checked, in words.
        found, against: formulas of the two numbers compared; "" while something is missing.
        wrong: when it does not hold, said of {c}, the cell of `found`, and {d}, that of `against`.
        advice: what to do then.
        asked: the condition under which it is judged at all, "" always.
        incomplete: when data are missing, of {c} and {d}.
        whole: whether the numbers are shown without decimals.
    """

    what: str
    found: str
    against: str
    wrong: str
    advice: str
    asked: str = ""
    incomplete: str = 'OR({c}="",{d}="")'
    whole: bool = True


def checks(layout: Layout, year: int, limits: Thresholds,
           last_year: Mapping[tuple[str, str], float]) -> Iterator[Check]:
    """All checks of a return, in the order of the sheet; those of figures once a form.

    Args:
        layout: which figures are asked and where they stand.
        year: the year of the return.
        limits: the thresholds of the methodology.
        last_year: (item, form) -> last year's figure, where last year stands beside the inputs.
    """
    yield _required(layout)
    yield from _identifiers(layout)
    for form in layout.forms:
        book = _Form(layout, form)
        yield from _money(book, limits)
        yield from _work(book, year, limits)
        yield from _outputs(book, year)
        yield from _parts(book)
        yield from _before(book, limits, last_year)


class _Form:
    """The figures of one form as the formulas of the sheet of checks see them."""

    def __init__(self, layout: Layout, form: str) -> None:
        self.layout, self.form = layout, form
        self.suffix = f" – {form_label(form)}" if len(layout.forms) > 1 else ""

    def has(self, *codes: str) -> bool:
        """Whether all of them are asked of some type."""
        return all(self.layout.asked(code, self.form) for code in codes)

    def cell(self, code: str) -> str:
        """A figure's cell."""
        return on_return(FORM_COLUMNS[self.form], self.layout.rows[code])

    def figure(self, expression: str, *codes: str) -> str:
        """The formula of a number made of figures, {0} and so on; empty while one of them is."""
        cells = [self.cell(code) for code in codes]
        empty = ",".join(f'{cell}=""' for cell in cells)
        return (f'=IF(COUNT({",".join(cells)})={len(cells)},{expression.format(*cells)},'
                f'IF(OR({empty}),"","{_OPEN}"))')

    def check(self, what: str, found: str, against: str, wrong: str, advice: str, *codes: str,
              whole: bool = True) -> Check:
        """A check of this form, judged where all its figures are asked."""
        terms = {self.layout.condition(code, self.form, _identity(self.layout)) for code in codes} - {""}
        asked = f"AND({','.join(sorted(terms))})" if terms else ""
        return Check(what + self.suffix, found, against, wrong, advice, asked, whole=whole)


def _identity(layout: Layout):
    return lambda key: on_return(IDENTITY_COLUMN, layout.rows[key])


def _name(layout: Layout, code: str) -> str:
    return str(layout.methodology.items[code].name)


def _required(layout: Layout) -> Check:
    """Filled cells of required figures against how many there are for the type, round and forms chosen."""
    cells: dict[tuple[str, str], list[int]] = {}
    for item in layout.methodology.items.values():
        for form in layout.forms:
            if layout.asked(item.code, form) and item.required and not item.sum_of:
                condition = layout.condition(item.code, form, _identity(layout))
                cells.setdefault((form, condition), []).append(layout.rows[item.code])
    empty, all_cells = [], []
    for (form, condition), rows in cells.items():
        blanks = "+".join(f"COUNTBLANK({on_return(FORM_COLUMNS[form], *run)})" for run in runs(rows))
        empty.append(f"IF({condition},{blanks},0)" if condition else blanks)
        all_cells.append(f"IF({condition},{len(rows)},0)" if condition else str(len(rows)))
    total = "+".join(all_cells)
    return Check(_("Required figures filled in, of how many"), f"={total}-({'+'.join(empty)})", f"={total}",
                 "FALSE", _("Fill in the empty yellow cells, or say in the note why a figure is not there."),
                 incomplete="{c}<{d}")


def _identifiers(layout: Layout) -> Iterator[Check]:
    cell = _identity(layout)
    ico, service = cell("provider_id"), cell("service_id")
    digits = "SUMPRODUCT(--ISNUMBER(--MID({id}&\"\",{{1,2,3,4,5,6,7,8,9,10,11,12}},1)))"
    weighed = f"SUMPRODUCT(--MID({ico},{{1,2,3,4,5,6,7}},1),{{8,7,6,5,4,3,2}})"
    sound = f"AND(LEN({ico})=8,{digits.format(id=ico)}=8)"
    yield Check(_("IČO: the last digit against the check digit"),
                f'=IF({ico}="","",IF({sound},--RIGHT({ico},1),"{_OPEN}"))',
                f'=IF({ico}="","",IF({sound},MOD(11-MOD({weighed},11),10),"{_OPEN}"))', "{c}<>{d}",
                _("Write the IČO with all eight digits, leading zeros too, as the register of persons has it."),
                asked=f'OR({ico}="",{sound})')
    yield Check(_("IČO: number of digits"), f'=IF({ico}="","",{digits.format(id=ico)})', "=8",
                f"OR({{c}}<>{{d}},LEN({ico})<>{{d}})",
                _("Write the IČO with all eight digits, leading zeros too, as the register of persons has it."))
    yield Check(_("Service identifier: number of digits"),
                f'=IF({service}="","",{digits.format(id=service)})', "=7",
                f"OR({{c}}<>{{d}},LEN({service})<>{{d}})",
                _("Copy the seven digits from the register of providers, leading zeros too."))


def _money(book: _Form, limits: Thresholds) -> Iterator[Check]:
    if book.has("revenue_total", "cost_total"):
        yield book.check(
            _("Revenues against costs, a difference within {limit}", limit=percent(limits.balance.deviation, 0)),
            book.figure("{0}", "revenue_total"), book.figure("{0}", "cost_total"),
            f"ABS({{c}}-{{d}})>{limits.balance.deviation}*{{d}}",
            _("Look for a missing or doubled amount; if the result is real, explain it in the note."),
            "revenue_total", "cost_total")
    if book.has("cost_other", "cost_total"):
        note = on_return(NOTE_COLUMN, book.layout.rows["cost_other"])
        yield book.check(
            _("Other costs against {limit} of all costs", limit=percent(limits.sums.other_share, 0)),
            book.figure("{0}", "cost_other"), book.figure(f"{limits.sums.other_share}*{{0}}", "cost_total"),
            f'AND({{c}}>{{d}},{note}="")',
            _("Write in the note what the other costs hold, or move them to the rows they belong to."),
            "cost_other", "cost_total")


def _work(book: _Form, year: int, limits: Thresholds) -> Iterator[Check]:
    band = limits.work.band(year)
    if book.has("cost_staff", "fte_total") and band:
        low, high = band.low, band.high
        yield book.check(
            _("Staff costs of a full-time post, {low} to {high} Kč a year", low=number(low), high=number(high)),
            book.figure("IF({1}>0,{0}/{1},0)", "cost_staff", "fte_total"),
            f'=IF({{c}}="","",IF({{c}}>{high:g},{high:g},{low:g}))', f"OR({{c}}<{low:g},{{c}}>{high:g})",
            _("Check that amounts are in crowns and not in thousands, and that posts are full-time equivalents."),
            "cost_staff", "fte_total")
    if book.has("care_hours", "fte_direct"):
        yield book.check(
            _("Hours of direct care per full-time post of direct care, at most"),
            book.figure("IF({1}>0,{0}/{1},0)", "care_hours", "fte_direct"), f"={limits.work.hours_per_post:g}",
            "{c}>{d}", _("Check the hours and the full-time posts of direct care."), "care_hours", "fte_direct")


def _outputs(book: _Form, year: int) -> Iterator[Check]:
    if book.has("operating_days"):
        yield book.check(
            _("Days of operation against the days of the year"), book.figure("{0}", "operating_days"),
            f"={366 if isleap(year) else 365}", "{c}>{d}", _("Correct the number of days."), "operating_days")
    if book.has("bed_days", "capacity_beds", "operating_days"):
        yield book.check(
            _("Bed-days against beds × days of operation"), book.figure("{0}", "bed_days"),
            book.figure("{0}*{1}", "capacity_beds", "operating_days"), "{c}>{d}",
            _("Check the bed-days, the beds and the days of operation."), "bed_days", "capacity_beds",
            "operating_days")


def _parts(book: _Form) -> Iterator[Check]:
    """Each "of which" against its whole; clients by degree of dependency together."""
    items = book.layout.methodology.items.values()
    degrees = [item.code for item in items if item.code.startswith("clients_degree") and book.has(item.code)]
    for item in items:
        if item.part_of and item.code not in degrees and book.has(item.code, item.part_of):
            whole = _name(book.layout, item.part_of)
            yield book.check(
                _("{part} ≤ {whole}", part=_name(book.layout, item.code), whole=whole),
                book.figure("{0}", item.code), book.figure("{0}", item.part_of), "{c}>{d}",
                _("A part is never more than the whole: correct one of the two figures."), item.code, item.part_of)
    if degrees and book.has("clients"):
        cells = ",".join(book.cell(code) for code in degrees)
        yield book.check(
            _("Clients by degree of dependency together against all clients"),
            f'=IF(COUNT({cells})=0,"",SUM({cells}))', book.figure("{0}", "clients"), "{c}>{d}",
            _("Each client belongs to one degree, the last one granted."), degrees[0], "clients")


def _before(book: _Form, limits: Thresholds, last_year: Mapping[tuple[str, str], float]) -> Iterator[Check]:
    codes = [code for name in limits.change.items for code in book.layout.rows
             if code == name or (name == CAPACITY and code.startswith("capacity_"))]
    for code in codes:
        last = last_year.get((code, book.form), 0)
        if book.has(code) and last > 0:
            item = book.layout.methodology.items[code]
            yield book.check(
                _("{item}: this year against last year, a change within {limit}", item=str(item.name),
                  limit=percent(limits.change.limit, 0)),
                book.figure("{0}", code), f"={last!r}", f"ABS({{c}}/{{d}}-1)>{limits.change.limit}",
                _("Check the figure; if it holds, say in the note what has changed."), code,
                whole=item.unit not in ("FTE", "hour", "month"))
