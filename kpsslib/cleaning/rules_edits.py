"""Figures that contradict one another: 4 bed-days, 7 sums and parts, 15 degrees; the fewest to correct are named.

A return that fails is taken to the localisation of errors (`localisation`): the figures of every smallest correction
are taken out, all of them where several tie, since nobody can tell which holds.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np

from kpsslib.cleaning.hits import Hits
from kpsslib.cleaning.localisation import Edit, localise
from kpsslib.cleaning.wide import Wide
from kpsslib.language import _
from kpsslib.methodology import Item
from kpsslib.methodology.thresholds import Thresholds

_NAMED = 4  # so many figures are named beside their cells


@dataclass
class _HardEdit:
    """An edit over all returns: figures and coefficients (numbers, or one a return), and what is said of it."""

    rule: str
    terms: dict[str, float | np.ndarray]
    low: float
    high: float
    where: dict[str, np.ndarray]
    found: str
    expected: str
    values: dict

    def of(self, wide: Wide, row: int) -> Edit:
        """The edit as it holds for one return: what is not asked of it is no part of it, and a limit then is none."""
        terms = {item: float(np.broadcast_to(c, len(wide))[row]) for item, c in self.terms.items()
                 if wide.states(item)[row]}
        terms = {item: c for item, c in terms.items() if not np.isnan(c)}
        if self.low == -inf:
            return Edit(terms, high=self.high if min(terms.values(), default=0) < 0 else inf)
        # A correction is exact: rounding that is allowed must not make room for it elsewhere.
        off = abs(sum(c * wide[item][row] for item, c in terms.items()))
        rounding = off if off <= self.high else 0.0
        return Edit(terms, -rounding, rounding)


def hard_edits(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """What must hold of the figures of a return, and which of them to correct where it does not."""
    edits = [*_sums(wide, limits), *_parts(wide, limits), *_degrees(wide), *_bed_days(wide)]
    broken = np.any([where for edit in edits for where in edit.where.values()], axis=0)
    corrections = {row: _corrections(wide, row, edits, limits) for row in np.flatnonzero(broken)}
    # The figures are shown as they came, also those that an edit told before has taken out.
    values = [{name: np.copy(value) for name, value in edit.values.items()} for edit in edits]
    for edit, shown in zip(edits, values, strict=True):
        for item, where in ((item, where) for item, where in edit.where.items() if where.any()):
            mask, cells = _doubted(wide, edit, where, corrections)
            mask[where, wide.items.index(item)] = True
            yield Hits(edit.rule, "error", where, item, edit.found, edit.expected,
                       _("Correct {cells}. Until then these figures are not used."), shown | {"cells": cells},
                       mask=mask)


def _sums(wide: Wide, limits: Thresholds) -> Iterator[_HardEdit]:
    """Rule 7: a sum row is the sum of its parts beyond rounding, where all parts that are asked have a figure."""
    for code in wide.items:
        item = wide.methodology.items[code]
        parts = [part for part in item.sum_of if wide.asked(part).any()]
        if parts:
            known = np.array([np.where(wide.asked(part), wide[part], 0) for part in parts])
            added, tolerance = known.sum(axis=0), _tolerance(item, limits) * len(parts)
            wrong = (np.abs(wide[code] - added) > tolerance) & wide.asked(code)
            yield _HardEdit("7", {code: 1.0, **dict.fromkeys(parts, -1.0)}, -tolerance, tolerance, {code: wrong},
                            _("{item}: {found}, but its parts add up to {added}"), _("a sum of {added}"),
                            {"item": str(item.name), "found": wide[code], "added": added})


def _tolerance(item: Item, limits: Thresholds) -> float:
    return limits.sums.tolerance_czk if item.unit == "CZK" else limits.sums.tolerance_other


def _parts(wide: Wide, limits: Thresholds) -> Iterator[_HardEdit]:
    """Rule 7: a figure "of which" is not more than the figure it is part of."""
    for code in wide.items:
        item = wide.methodology.items[code]
        if not item.part_of or code.startswith("clients_degree"):  # the degrees are judged together
            continue
        whole, tolerance = wide[item.part_of], _tolerance(item, limits)
        yield _HardEdit("7", {code: 1.0, item.part_of: -1.0}, -inf, tolerance, {code: wide[code] > whole + tolerance},
                        _("{item}: {found} out of {whole} ({of})"), _("at most {whole}"),
                        {"item": str(item.name), "found": wide[code], "whole": whole,
                         "of": str(wide.methodology.items[item.part_of].name)})


def _degrees(wide: Wide) -> Iterator[_HardEdit]:
    """Rule 15: clients by degree of dependency are not more than the clients."""
    codes = [code for code in wide.items if code.startswith("clients_degree_")]
    if codes:
        counts = np.array([wide[code] for code in codes])
        together, largest = np.nansum(counts, axis=0), np.argmax(np.nan_to_num(counts), axis=0)
        too_many = together > wide["clients"]
        known = {code: np.where(np.isnan(wide[code]), np.nan, 1.0) for code in codes}
        yield _HardEdit("15", {**known, "clients": -1.0}, -inf, 0,
                        {code: too_many & (largest == i) for i, code in enumerate(codes)},
                        _("{found} clients by degree of dependency, {clients} clients in all"), _("at most {clients}"),
                        {"found": together, "clients": wide["clients"]})


def _bed_days(wide: Wide) -> Iterator[_HardEdit]:
    """Rule 4: bed-days fit into beds times days of operation (days of the year where those are not known)."""
    if "bed_days" in wide.items:
        longest = np.array([366.0 if isleap(year) else 365.0 for year in wide.text("year")])
        days = np.where(np.isnan(wide["operating_days"]), longest, wide["operating_days"])
        most = wide["capacity_beds"] * days
        yield _HardEdit("4", {"bed_days": 1.0, "capacity_beds": -days}, -inf, 0, {"bed_days": wide["bed_days"] > most},
                        _("{found} bed-days with {beds} beds and {days} days of operation"),
                        _("at most {most} bed-days"),
                        {"found": wide["bed_days"], "beds": wide["capacity_beds"], "days": days, "most": most})


def _corrections(wide: Wide, row: int, edits: list[_HardEdit], limits: Thresholds) -> list[list[frozenset[str]]]:
    """The smallest corrections of a return that fails, for each set of edits that hang together."""
    items = sorted({item for edit in edits for item in edit.terms})
    record = {item: float(wide[item][row]) for item in items}
    held = [Edit({item: 1}, 0) for item, figure in record.items() if figure >= 0]
    # A sum that disagrees with its parts was typed over: it is doubted before them, and so are the sums above it.
    typed_over = {item for edit in edits for item, where in edit.where.items()
                  if where[row] and wide.methodology.items[item].sum_of}
    above = {code for code in items if _holds(code, typed_over, wide)}
    weights = dict.fromkeys(typed_over | above, limits.localisation.sums) | limits.localisation.reliability
    return localise(record, [*(edit.of(wide, row) for edit in edits), *held], weights)


def _holds(code: str, wanted: set[str], wide: Wide) -> bool:
    """Whether a sum adds up one of the wanted sums, directly or through another one."""
    return any(part in wanted or _holds(part, wanted, wide) for part in wide.methodology.items[code].sum_of)


def _doubted(wide: Wide, edit: _HardEdit, where: np.ndarray, corrections: dict[int, list]
             ) -> tuple[np.ndarray, np.ndarray]:
    """The figures that the corrections of one edit may touch, and the cells to correct in words."""
    mask, cells = np.zeros(wide.values.shape, dtype=bool), np.full(len(wide), "", dtype=object)
    for row in np.flatnonzero(where):
        own = [optima for optima in corrections[row] if edit.terms.keys() & frozenset().union(*optima)]
        for item in {item for optima in own for one in optima for item in one}:
            mask[row, wide.items.index(item)] = True
        cells[row] = _("; and ").join(_ways(wide, row, optima) for optima in own)
    return mask, cells


def _ways(wide: Wide, row: int, optima: list[frozenset[str]]) -> str:
    """The corrections that are possible: "D25", or "either D25, or D26 and D27"."""
    few = len(frozenset().union(*optima)) <= _NAMED
    ways = [_(" and ").join(_cell(wide, row, item, few) for item in sorted(one, key=wide.items.index))
            for one in sorted(optima, key=lambda one: (len(one), min(map(wide.items.index, one))))]
    return ways[0] if len(ways) == 1 else _("either {ways}", ways=_(", or ").join(ways))


def _cell(wide: Wide, row: int, item: str, named: bool) -> str:
    cell = wide.located(np.array([row]), item)["cell"][0]
    name = str(wide.methodology.items[item].name)
    return f"{cell} ({name})" if cell and named else cell or name
