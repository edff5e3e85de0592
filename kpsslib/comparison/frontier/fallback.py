"""The programs that no certificate came out for, once more with scipy's HiGHS, one by one."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from kpsslib.comparison.frontier.simplex import Programs
from kpsslib.comparison.frontier.solving import Solved


def solve_again(programs: Programs, cost: np.ndarray, solved: Solved) -> None:
    """Replace what is not certified in `solved` by scipy's solution, with its own residual; NaN where it has none."""
    for i in np.flatnonzero(~solved.certified):
        _one(programs, cost, solved, i)


def _one(programs: Programs, cost: np.ndarray, solved: Solved, i: int) -> None:
    which = np.full(programs.z, i)
    matrix = np.column_stack([programs.columns(np.arange(programs.z), which), programs.radial[:, i]])
    free = cost[programs.z] != 0
    bounds = np.array([[0, np.inf]] * programs.z + [[-np.inf, np.inf] if free else [0, 0]])
    if programs.barred is not None and programs.barred[i] >= 0:
        bounds[programs.barred[i]] = 0
    found = linprog(cost[:programs.z + 1], A_eq=matrix, b_eq=programs.right[:, i], bounds=bounds, method="highs")
    solved.by_scipy[i], solved.infeasible[i] = True, found.status == 2
    solved.z[i], solved.residual[i] = np.nan, 0 if found.status == 2 else np.inf
    if found.status != 0:
        return
    used = np.argsort(-np.abs(found.x), kind="stable")[:len(matrix)]
    duals = found.eqlin.marginals
    reduced = (cost[:programs.z] - duals @ matrix[:, :-1])[bounds[:-1, 1] > 0]
    solved.z[i], solved.basis[:, i], solved.values[:, i], solved.duals[:, i] = found.x[-1], used, found.x[used], duals
    solved.residual[i] = max(np.abs(matrix @ found.x - programs.right[:, i]).max(), -reduced.min(),
                             -found.x[:-1].min(), abs(found.fun - duals @ programs.right[:, i]), 0)
