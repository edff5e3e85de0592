"""Checks of one indicator: references, people and dates, formulas with their units, worked examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import pint

from kpsslib.language import _, number
from kpsslib.methodology.findings import Finding, near
from kpsslib.methodology.formula import Formula, FormulaError
from kpsslib.methodology.models import Earlier, Example, Indicator, Methodology
from kpsslib.methodology.units import units, unknown_unit

Unknown = Callable[[str, Iterable[str]], list[str]]
LATEST = 9999


def check_indicator(indicator: Indicator, methodology: Methodology, unknown: Unknown) -> list[Finding]:
    """Every contradiction of one indicator; `unknown(table, codes)` tells codes that do not exist."""
    file = f"indicators/{indicator.area}/{indicator.code}.toml"
    found = [*_references(indicator, unknown), *_people_and_dates(indicator, methodology)]
    formulas = [*_formulas(indicator, methodology, unknown)]
    if not formulas:
        found += _asked(indicator, methodology)
        found += [(("example", n), text) for n, example in enumerate(indicator.example)
                  for text in _example(indicator, example)]
    return [Finding(file, indicator.code, key, text) for key, text in [*found, *formulas]]


def work_out(indicator: Indicator, items: dict[str, float], year: int = LATEST) -> tuple[float, str]:
    """One value and its flag from the items of one service, as `kpsslib.indicators.evaluate` does over tables."""
    top, bottom, scale = indicator.formula(year)
    if {*top.items, *bottom.items} - items.keys():
        return math.nan, "missing"
    denominator = bottom.compute_one(items)
    if not denominator > 0:
        return math.nan, "zero_denominator"
    value = scale * top.compute_one(items) / denominator
    if denominator < indicator.min_denominator:
        return value, "small_denominator"
    low, high = indicator.valid_range or (-math.inf, math.inf)
    return value, "ok" if low <= value <= high else "out_of_range"


def _references(indicator: Indicator, unknown: Unknown) -> Iterator[tuple]:
    for other in unknown("service_types", indicator.service_types):
        yield ("service_types",), _("unknown service type {other}", other=other)
    for other in unknown("sources", indicator.sources):
        yield ("sources",), _("unknown source {other}", other=other)


def _people_and_dates(indicator: Indicator, methodology: Methodology) -> Iterator[tuple]:
    if indicator.checked_by == indicator.author:
        yield ("checked_by",), _("author and checked_by are both {name}, expected two different", name=indicator.author)
    if indicator.status == "published" and indicator.checked_by is None:
        yield ("status",), _("a published indicator needs checked_by; until then its status is in_development")
    if indicator.valid_range and indicator.valid_range[0] >= indicator.valid_range[1]:
        yield ("valid_range",), _("valid_range must rise, found {found}", found=indicator.valid_range)
    years = [entry.last_year for entry in indicator.earlier]
    if len(set(years)) < len(years):
        yield ("earlier", len(years) - 1, "last_year"), _("two earlier formulas end in the same year")
    replaced = methodology.indicators.get(indicator.replaces or "")
    if replaced is not None and replaced.status != "retired":
        yield ("replaces",), _("{code} is still in use; an indicator may replace only a retired or removed one",
                               code=replaced.code)


def _formulas(indicator: Indicator, methodology: Methodology, unknown: Unknown) -> Iterator[tuple]:
    for place, entry in [((), indicator), *((("earlier", n), e) for n, e in enumerate(indicator.earlier))]:
        for side in ("numerator", "denominator"):
            try:
                names = Formula(getattr(entry, side)).items
            except FormulaError as error:
                yield (*place, side), str(error)
                return
            for other in unknown("items", names):
                yield (*place, side), _("the formula names unknown item {other}", other=other)
        yield from (((*place, key), text) for key, text in _unit(entry, indicator.unit, methodology))


def _unit(entry: Indicator | Earlier, declared: str, methodology: Methodology) -> Iterator[tuple[str, str]]:
    """Whether `scale * numerator / denominator` is in the declared unit, its size included."""
    item_units = {code: item.unit for code, item in methodology.items.items()}
    sides = Formula(entry.numerator), Formula(entry.denominator)
    names = {name for side in sides for name in side.items}
    if names - item_units.keys() or any(unknown_unit(item_units[name]) for name in names):
        return
    if unit := unknown_unit(declared):
        yield "unit", _("unknown unit {unit}", unit=near(unit, units))
        return
    expected = units.Unit(declared)
    try:
        found = sides[0].unit(item_units) / sides[1].unit(item_units)
    except pint.DimensionalityError as error:
        yield "numerator", _("the formula adds {one} and {other}", one=f"{error.units1}", other=f"{error.units2}")
        return
    if not found.is_compatible_with(expected):
        yield "unit", _("the formula gives {found}, declared is {expected}", found=str(found), expected=declared)
        return
    factor = (1 * found).to(expected).magnitude
    if abs(factor / entry.scale - 1 if entry.scale else 1) > 1e-9:
        yield "scale", _("found scale {scale}, expected {factor}: the formula gives {found}, declared is {expected}",
                         scale=f"{entry.scale:g}", factor=f"{factor:.10g}", found=str(found), expected=declared)


def _asked(indicator: Indicator, methodology: Methodology) -> Iterator[tuple]:
    """Whether each type and form that it applies to reports something on either side of the fraction."""
    if indicator.level != "service":
        return
    for side in (indicator.numerator, indicator.denominator):
        items = [methodology.items.get(name) for name in Formula(side).items]
        lacking = [] if None in items or not items else [
            f"{kind.code} ({form})" for kind in methodology.service_types.values() for form in indicator.forms
            if indicator.applies_to(kind, form)
            and not any(item.source != "return" or item.asked_of(kind, form) for item in items)]
        if lacking:
            yield ("service_types",), _(
                "{formula} is not collected from {types}; leave them out or ask for it in items.toml",
                formula=side, types=", ".join(lacking))


def _example(indicator: Indicator, example: Example) -> Iterator[str]:
    """Whether a worked example names the formula's items and comes out as it says."""
    year = example.year or LATEST
    named = {name for side in indicator.formula(year)[:2] for name in side.items}
    for stray in sorted(example.items.keys() - named):
        yield _("the example names {other}, which the formula does not use", other=near(stray, named))
    value, flag = work_out(indicator, example.items, year)
    expected = math.nan if example.value is None else example.value
    same = math.isclose(value, expected, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(value) and math.isnan(expected))
    if flag != example.flag or not same:
        yield _("the example says {found} ({found_flag}), the formula gives {expected} ({expected_flag})",
                found=number(example.value, 6), found_flag=example.flag, expected=number(value, 6), expected_flag=flag)
