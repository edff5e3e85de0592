"""The fewest figures of a record to correct so that every edit holds: error localisation by Fellegi and Holt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan

import numpy as np

MOST_OPTIMA = 20  # more ways than this say no more than "check them all"


@dataclass(frozen=True)
class Edit:
    """What must hold of a record: low <= sum of coefficient x figure <= high."""

    terms: Mapping[str, float]
    low: float = -inf
    high: float = inf

    def broken_by(self, record: Mapping[str, float]) -> float:
        """By how much a record breaks the edit; 0 where it holds or a figure is missing."""
        added = sum(coefficient * record[item] for item, coefficient in self.terms.items())
        return 0.0 if isnan(added) else max(self.low - added, added - self.high, 0.0)


def localise(record: Mapping[str, float], edits: Sequence[Edit], weights: Mapping[str, float]
             ) -> list[list[frozenset[str]]]:
    """Every smallest set of figures whose change makes all edits hold.

    minimise sum of w_j y_j, y_j in {0, 1}, such that low <= A (x + d) <= high and |d_j| <= M y_j. What ties is found by
    forbidding each optimum found (sum of its y_j <= its size - 1) until the weight grows. Deviations are counted in
    units of the failure, so M is a small number and a difference of ten crowns in ten million is still seen.

    Args:
        record: item -> figure; a missing one is NaN and may become anything.
        edits: what must hold.
        weights: item -> how reliable its figure is, 1 where it is not named.

    Returns one list for each connected set of edits that the record fails (edits that share no figure are judged
    apart), of at most MOST_OPTIMA optima each.

    Source: Fellegi, I. P., Holt, D. (1976). A systematic approach to automatic edit and imputation. JASA 71, 17-35;
    as a mixed-integer problem: de Waal, T., Pannekoek, J., Scholtus, S. (2011). Handbook of Statistical Data Editing
    and Imputation. Wiley, chapter 3.
    """
    return [_optima(record, together, weights) for together in _connected(edits)
            if any(edit.broken_by(record) for edit in together)]


def _connected(edits: Sequence[Edit]) -> list[list[Edit]]:
    """The edits in sets that share no figure."""
    sets: list[tuple[set[str], list[Edit]]] = []
    for edit in edits:
        touched = [one for one in sets if one[0] & edit.terms.keys()]
        sets = [one for one in sets if one not in touched]
        items = set(edit.terms).union(*(one[0] for one in touched))
        sets.append((items, [*(e for one in touched for e in one[1]), edit]))
    return [together for _items, together in sets]


def _optima(record: Mapping[str, float], edits: list[Edit], weights: Mapping[str, float]) -> list[frozenset[str]]:
    from scipy.optimize import Bounds, LinearConstraint, milp

    items = sorted({item for edit in edits for item in edit.terms})
    n = len(items)
    figures = np.array([record[item] for item in items], dtype=float)
    missing = np.isnan(figures)
    figures = np.where(missing, 0, figures)
    table = np.array([[edit.terms.get(item, 0.0) for item in items] for edit in edits])
    now = table @ figures
    low, high = np.array([e.low for e in edits]) - now, np.array([e.high for e in edits]) - now
    unit = np.maximum(np.maximum(low, -high), 0).sum() or 1.0
    most = 10 / min(1.0, np.abs(table[table != 0]).min())
    weight = np.where(missing, 0, [weights.get(item, 1.0) for item in items])
    one, none = np.eye(n), np.zeros((len(edits), n))
    rules = [LinearConstraint(np.hstack([table, none]), low / unit, high / unit),
             *(LinearConstraint(np.hstack([sign * one, -most * one]), ub=0) for sign in (1, -1))]
    bounds = Bounds(np.concatenate([np.full(n, -most), missing]), np.concatenate([np.full(n, most), np.ones(n)]))
    found: list[frozenset[str]] = []
    best = inf
    while len(found) < MOST_OPTIMA:
        solved = milp(np.concatenate([np.zeros(n), weight]), integrality=np.repeat([0, 1], n), bounds=bounds,
                      constraints=rules)
        if solved.x is None or solved.fun > best + 1e-6:
            break
        best = min(best, solved.fun)
        changed = (solved.x[n:] > 0.5) & ~missing
        found.append(frozenset(np.array(items)[changed].tolist()))
        rules.append(LinearConstraint(np.concatenate([np.zeros(n), changed]), ub=changed.sum() - 1))
    return found
