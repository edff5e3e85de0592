"""Frontiers once more, slowly: one linear program written out, loops over units, all draws of m; for tests only."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag


def program(inputs, outputs, o, returns, orientation):
    """Cost, A_ub, b_ub, A_eq, b_eq of unit o; weights of the units first, then theta (or phi, which costs -1).

    Rows are divided by the unit's own amounts, so that the solver's tolerance means the same for each.
    """
    n, rows, right = len(inputs), [], []
    for x in inputs.T:
        own = x[o] or 1.0
        last = [-x[o] / own] if orientation == "input" else [0.0]
        rows.append([*(x / own), *last])
        right.append(0.0 if orientation == "input" else x[o] / own)
    for y in outputs.T:
        own = y[o] or 1.0
        last = [0.0] if orientation == "input" else [y[o] / own]
        rows.append([*(-y / own), *last])
        right.append(-y[o] / own if orientation == "input" else 0.0)
    ones = [*np.ones(n), 0.0]
    equal = ([ones], [1.0]) if returns == "vrs" else (np.empty((0, n + 1)), np.empty(0))
    if returns == "drs":
        rows, right = [*rows, ones], [*right, 1.0]
    if returns == "irs":
        rows, right = [*rows, [-one for one in ones]], [*right, -1.0]
    return [0.0] * n + [1.0 if orientation == "input" else -1.0], rows, right, *equal


def scores(inputs, outputs, returns, orientation):
    """Scores of all units of one set: their programs side by side in one."""
    cost, rows, right, equal, ones = zip(*(program(inputs, outputs, o, returns, orientation)
                                           for o in range(len(inputs))), strict=True)
    sides = dict(A_eq=block_diag(equal), b_eq=np.concatenate(ones)) if returns == "vrs" else {}
    n = len(inputs)
    found = linprog(np.concatenate(cost), A_ub=block_diag(rows), b_ub=np.concatenate(right),
                    bounds=([(0, None)] * n + [(None, None)]) * n, **sides)
    assert found.status == 0
    return found.x.reshape(n, n + 1)[:, n]


def super_score(inputs, outputs, o, returns, orientation):
    """The score of o beside the others alone; NaN where there is none."""
    cost, rows, right, equal, one = program(inputs, outputs, o, returns, orientation)
    bounds = [(0, 0 if j == o else None) for j in range(len(inputs))] + [(None, None)]
    found = linprog(cost, rows, right, equal, one, bounds)
    return found.x[-1] if found.status == 0 else float("nan")


def greatest_slacks(inputs, outputs, o, returns, score):
    """The greatest sum of slacks, each in the mean of its column, of an input oriented score."""
    inputs, outputs = inputs / inputs.mean(axis=0), outputs / outputs.mean(axis=0)
    n, k = len(inputs), inputs.shape[1] + outputs.shape[1]
    matrix = np.hstack([np.vstack([inputs.T, -outputs.T]), np.eye(k)])
    right = [*(score * inputs[o]), *(-outputs[o])]
    sum_row = dict(crs=None, vrs=0.0, drs=1.0, irs=-1.0)[returns]
    if sum_row is not None:
        matrix = np.vstack([np.hstack([matrix, np.zeros((k, 1))]), [*np.ones(n), *np.zeros(k), sum_row]])
        right.append(1.0)
    cost = np.zeros(matrix.shape[1])
    cost[n:n + k] = -1
    found = linprog(cost, A_eq=matrix, b_eq=right)
    assert found.status == 0
    return -found.fun


def free_disposal(inputs, outputs, o, orientation):
    """Over all units that give (or take) at least as much as o: the least share (or the greatest multiple)."""
    found = []
    for x, y in zip(inputs, outputs, strict=True):
        if orientation == "input" and all(y >= outputs[o]):
            found.append(max(a / b for a, b in zip(x, inputs[o], strict=True)))
        if orientation == "output" and all(x <= inputs[o]):
            found.append(min(a / b for a, b in zip(y, outputs[o], strict=True)))
    return min(found) if orientation == "input" else max(found)


def order_m(inputs, outputs, o, orientation, m):
    """The mean of the best of m over every way to draw m units, with replacement, from those as good as o."""
    if orientation == "input":
        ratios = [max(x / inputs[o]) for x, y in zip(inputs, outputs, strict=True) if all(y >= outputs[o])]
        best = min
    else:
        ratios = [min(y / outputs[o]) for x, y in zip(inputs, outputs, strict=True) if all(x <= inputs[o])]
        best = max
    return np.mean([best(drawn) for drawn in product(ratios, repeat=m)])


def distance(reference, returns, x, y):
    """Input oriented efficiency of a point (x, y) beside the reference units, which need not hold it."""
    everyone = np.vstack([reference[0], x]), np.vstack([reference[1], y])
    return super_score(*everyone, len(reference[0]), returns, "input")


def malmquist(first, second, o):
    """effch, techch, pech, sech, tfpch of unit o, input oriented, from the four distances of each kind."""
    def at(year, seen, returns):
        return distance(year, returns, seen[0][o], seen[1][o])

    crs = {(t, u): at(year, seen, "crs") for t, year in enumerate((first, second))
           for u, seen in enumerate((first, second))}
    effch = crs[1, 1] / crs[0, 0]
    techch = (crs[0, 1] / crs[1, 1] * crs[0, 0] / crs[1, 0]) ** 0.5
    pech = at(second, second, "vrs") / at(first, first, "vrs")
    return effch, techch, pech, effch / pech, effch * techch
