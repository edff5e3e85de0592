"""Checks across the methodology's files: references, groups, dates, sum rules and peer rules.

Those of one indicator (formula, units, examples) are in `indicator_checks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from kpsslib.language import _
from kpsslib.methodology.findings import Finding, near
from kpsslib.methodology.formula import Formula, FormulaError
from kpsslib.methodology.indicator_checks import check_indicator
from kpsslib.methodology.models import CAPACITY, Item, Methodology, PeerRule, ServiceType
from kpsslib.methodology.units import units, unknown_unit

WHOLE_FILE = "*"


def check(methodology: Methodology, broken: dict[str, set[str]] | None = None) -> list[Finding]:
    """Every contradiction between the files; empty where there is none.

    `broken` names the codes of each table that could not be read (WHOLE_FILE: none of them): they exist, so that
    whoever refers to them is not at fault.
    """
    refers = _References(methodology, broken or {})
    found = [*_check_groups(methodology, refers), *_check_peers(methodology, refers)]
    found += [*_check_context(methodology, refers), *_check_frontier(methodology, refers)]
    for kind in methodology.service_types.values():
        found += _check_type(kind)
    for item in methodology.items.values():
        found += _check_item(item, methodology, refers)
    for indicator in methodology.indicators.values():
        found += check_indicator(indicator, methodology, refers.unknown)
    return found


class _References:
    """Which codes exist, counting those that stand in a file but could not be read."""

    def __init__(self, methodology: Methodology, broken: dict[str, set[str]]) -> None:
        self._broken = broken
        self._known = {name: set(getattr(methodology, name)) | broken.get(name, set())
                       for name in ("service_types", "working_groups", "items", "sources", "peers", "indicators")}
        self._known["service_types"] |= {"all", *(t.family for t in methodology.service_types.values())}

    def all_read(self, table: str) -> bool:
        """Whether no entry of the table was left out as unreadable."""
        return not self._broken.get(table)

    def unknown(self, table: str, codes: Iterable[str]) -> list[str]:
        """Those of the codes that do not exist, with the nearest that does."""
        known = self._known[table]
        return [] if WHOLE_FILE in known else [near(code, known) for code in codes if code not in known]


def _check_groups(methodology: Methodology, refers: _References) -> Iterator[Finding]:
    file = "working_groups.toml"
    counts = Counter(t for g in methodology.working_groups.values() for t in g.service_types)
    for group in methodology.working_groups.values():
        for other in refers.unknown("service_types", group.service_types):
            yield Finding(file, group.code, ("service_types",), _("unknown service type {other}", other=other))
        for code in group.service_types:
            if counts[code] > 1:
                yield Finding(file, group.code, ("service_types",), _(
                    "type {code} stands in {n} groups, expected exactly one", code=code, n=counts[code]))
    if refers.all_read("working_groups"):
        for code in methodology.service_types:
            if counts[code] == 0:
                yield Finding("service_types.toml", code, (), _(
                    "this type stands in no group of working_groups.toml, expected exactly one"))


def _check_type(kind: ServiceType) -> Iterator[Finding]:
    if kind.valid_to is not None and kind.valid_to < kind.valid_from:
        yield Finding("service_types.toml", kind.code, ("valid_to",), _(
            "valid_to {found} is before valid_from {expected}", found=kind.valid_to, expected=kind.valid_from))
    if set(kind.capacity_units) != set(kind.reporting_forms):
        yield Finding("service_types.toml", kind.code, ("capacity_units",), _(
            "capacity_units has {found}, expected a unit for {expected}",
            found=", ".join(kind.capacity_units) or _("nothing"), expected=", ".join(kind.reporting_forms)))


def _check_item(item: Item, methodology: Methodology, refers: _References) -> Iterator[Finding]:
    for key, codes in (("sum_of", item.sum_of), ("part_of", [item.part_of] if item.part_of else [])):
        for other in refers.unknown("items", codes):
            yield Finding("items.toml", item.code, (key,), _(
                "{key} refers to unknown item {other}", key=key, other=other))
        for code in codes:
            other = methodology.items.get(code)
            if other is not None and (code == item.code or other.unit != item.unit):
                yield Finding("items.toml", item.code, (key,), _(
                    "{key} names {other} in {found}, expected another item in {expected}", key=key, other=code,
                    found=other.unit, expected=item.unit))
    for other in refers.unknown("service_types", item.types):
        yield Finding("items.toml", item.code, ("types",), _("unknown service type {other}", other=other))
    if (item.source == "constant") != bool(item.values):
        yield Finding("items.toml", item.code, ("values",), _(
            "an item has dated values if and only if its source is constant"))
    years = [value.from_year for value in item.values]
    if len(set(years)) < len(years):
        yield Finding("items.toml", item.code, ("values",), _("a year stands twice among the dated values"))
    if unit := unknown_unit(item.unit):
        yield Finding("items.toml", item.code, ("unit",), _("unknown unit {unit}", unit=near(unit, units)))


def _check_peers(methodology: Methodology, refers: _References) -> Iterator[Finding]:
    for rule in methodology.peers.values():
        for other in refers.unknown("peers", [rule.widen_to] if rule.widen_to else []):
            yield Finding("peers.toml", rule.code, ("widen_to",), _("unknown peer rule {other}", other=other))
        if _in_circle(rule, methodology.peers):
            yield Finding("peers.toml", rule.code, ("widen_to",), _("widening comes back to {code}", code=rule.code))
        if ("size_class" in rule.same) != (rule.size_classes is not None):
            yield Finding("peers.toml", rule.code, ("size_classes",), _(
                "a rule has size_classes if and only if size_class stands in its same"))
        bounds = rule.size_classes.bounds if rule.size_classes else []
        if any(high <= low for low, high in pairwise([0, *bounds])):
            yield Finding("peers.toml", rule.code, ("size_classes", "bounds"), _(
                "found {found}, expected whole numbers above zero, each larger than the one before it",
                found=", ".join(map(str, bounds))))


def _check_context(methodology: Methodology, refers: _References) -> Iterator[Finding]:
    for one in methodology.context.values():
        try:
            named = Formula(one.value).items
        except FormulaError as error:
            yield Finding("context.toml", one.code, ("value",), str(error))
            continue
        for other in refers.unknown("items", [code for code in named if code != CAPACITY]):
            yield Finding("context.toml", one.code, ("value",), _("unknown item {other}", other=other))


def _check_frontier(methodology: Methodology, refers: _References) -> Iterator[Finding]:
    file = "frontier.toml"
    for rule in methodology.frontier.values():
        for other in refers.unknown("service_types", rule.types):
            yield Finding(file, rule.code, ("types",), _("unknown service type {other}", other=other))
        for key in ("inputs", "outputs"):
            for other in refers.unknown("items", [code for code in getattr(rule, key) if code not in rule.derived]):
                yield Finding(file, rule.code, (key,), _("unknown item {other}", other=other))
        for code, measure in rule.derived.items():
            key = ("derived", code, "value")
            try:
                named = Formula(measure.value).items
            except FormulaError as error:
                yield Finding(file, rule.code, key, str(error))
                continue
            for other in refers.unknown("items", [*named, *([measure.of] if measure.of else [])]):
                yield Finding(file, rule.code, key, _("unknown item {other}", other=other))
            if unit := unknown_unit(measure.unit):
                yield Finding(file, rule.code, ("derived", code, "unit"), _("unknown unit {unit}",
                                                                          unit=near(unit, units)))


def _in_circle(rule: PeerRule, peers: dict[str, PeerRule]) -> bool:
    seen = []
    step = rule.widen_to
    while step in peers and step not in seen:
        if step == rule.code:
            return True
        seen.append(step)
        step = peers[step].widen_to
    return False
