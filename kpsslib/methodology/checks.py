"""Checks across the methodology's files: references, groups, sum rules, formulas and their units."""

from __future__ import annotations

import difflib
from collections import Counter

import pint

from kpsslib.language import _
from kpsslib.methodology.formula import Formula, FormulaError
from kpsslib.methodology.models import Indicator, Methodology
from kpsslib.methodology.units import units


def check(methodology: Methodology) -> list[str]:
    """Every contradiction between the files, one sentence each; empty where there is none."""
    return [*_check_groups(methodology), *_check_items(methodology),
            *(p for i in methodology.indicators.values() for p in _check_indicator(i, methodology))]


def _check_groups(methodology: Methodology) -> list[str]:
    counts = Counter(t for g in methodology.working_groups.values() for t in g.service_types)
    problems = [_("working_groups.toml: type {code} stands in {n} groups, expected exactly one", code=code, n=counts[code])
                for code in methodology.service_types if counts[code] != 1]
    problems += [_("working_groups.toml: unknown service type {code}", code=code)
                 for code in counts if code not in methodology.service_types]
    return problems


def _check_items(methodology: Methodology) -> list[str]:
    problems = []
    known = _known_types(methodology)
    for item in methodology.items.values():
        for other in [*item.sum_of, *([item.part_of] if item.part_of else [])]:
            if other not in methodology.items:
                problems.append(_("items.toml: {code} refers to unknown item {other}", code=item.code, other=_near(other, methodology.items)))
        problems += [_("items.toml: {code}: unknown service type {other}", code=item.code, other=_near(t, known))
                     for t in item.types if t not in known]
        try:
            units.Unit(item.unit)
        except pint.UndefinedUnitError:
            problems.append(_("items.toml: {code}: unknown unit {unit}", code=item.code, unit=item.unit))
    return problems


def _check_indicator(indicator: Indicator, methodology: Methodology) -> list[str]:
    where = f"indicators/{indicator.area}/{indicator.code}.toml"
    known = _known_types(methodology)
    problems = [f"{where}: " + _("unknown service type {other}", other=_near(t, known)) for t in indicator.service_types if t not in known]
    problems += [f"{where}: " + _("unknown source {other}", other=_near(s, methodology.sources)) for s in indicator.sources if s not in methodology.sources]
    formulas = [(f.numerator, f.denominator, f.scale) for f in (indicator, *indicator.earlier)]
    for numerator, denominator, scale in formulas:
        problems += [f"{where}: {p}" for p in _check_formula(numerator, denominator, scale, indicator.unit, methodology)]
    return problems


def _check_formula(numerator: str, denominator: str, scale: float, unit: str, methodology: Methodology) -> list[str]:
    """Declared items only, and `scale * numerator / denominator` in the declared unit, its size included."""
    try:
        sides = Formula(numerator), Formula(denominator)
    except FormulaError as error:
        return [str(error)]
    unknown = [i for side in sides for i in side.items if i not in methodology.items]
    if unknown:
        return [_("the formula names unknown item {other}", other=_near(i, methodology.items)) for i in unknown]
    item_units = {code: item.unit for code, item in methodology.items.items()}
    try:
        found = sides[0].unit(item_units) / sides[1].unit(item_units)
        expected = units.Unit(unit)
    except pint.PintError as error:
        return [_("units do not fit: {error}", error=error)]
    if not found.is_compatible_with(expected):
        return [_("the formula gives {found}, declared is {expected}", found=str(found), expected=unit)]
    factor = (1 * found).to(expected).magnitude
    if abs(factor / scale - 1) > 1e-9:
        return [_("the scale is {scale}, but {found} in {expected} is {factor}", scale=scale, found=str(found), expected=unit, factor=factor)]
    return []


def _known_types(methodology: Methodology) -> set[str]:
    return {"all", *methodology.service_types, *(t.family for t in methodology.service_types.values())}


def _near(word: str, known) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return _("{word} (did you mean {near}?)", word=word, near=near[0]) if near else word
