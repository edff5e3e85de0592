"""All programs solved: a first basis, columns as they are needed, the certificate, and scipy for what has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpsslib.comparison.frontier.simplex import TOLERANCE, ZERO, Programs, State, duals_of, optimise

CERTIFIED = 1e-9  # residuals above this are not a proof
ALL_AT_ONCE = 400  # a reference set up to this size is priced whole
SAMPLE = 240  # programs solved first to find the reference units worth pricing
TOGETHER = 1500  # programs of one batch, so that their inverses stay near the processor
PRICED = 128  # programs priced against every column at once
TRIED = 100  # units of the pool tried as a first basis
_ROUNDS = 60
_NEVER = 1e-300


@dataclass
class Solved:
    """What the programs came to; `infeasible` ones have no solution and their z is NaN."""

    z: np.ndarray
    basis: np.ndarray  # names of the basic variables, K x n
    values: np.ndarray  # their values, K x n
    duals: np.ndarray  # K x n
    residual: np.ndarray  # the worst of the primal and dual residuals and the gap
    infeasible: np.ndarray
    by_scipy: np.ndarray

    @property
    def certified(self) -> np.ndarray:
        """Whether the residuals prove the solution."""
        return self.residual <= CERTIFIED

    def state(self) -> State:
        """Bases and values to go on from; the inverses are still to be computed."""
        return State(self.basis.copy(), np.empty((len(self.basis), *self.basis.shape)), self.values.copy())


def solve(programs: Programs, cost: np.ndarray, state: State | None = None) -> Solved:
    """Solve all programs for the `cost` of each variable by its name; `state` is a feasible one to begin with."""
    n = programs.right.shape[1]
    pool = np.arange(programs.z)
    if state is not None:
        pool = np.union1d(pool[programs.units:], state.basis[state.basis < programs.z])
    elif programs.units > ALL_AT_ONCE:
        sample = np.argsort(programs.right[-1], kind="stable")[:: max(1, n // SAMPLE)]
        pool = _columns_as_needed(programs, cost, sample, _first_pool(programs), state)[1]
    parts = []
    for which in np.array_split(np.arange(n), max(1, -(-n // TOGETHER))):
        part, pool, dual = _columns_as_needed(programs, cost, which, pool, state)
        parts.append(_checked(programs, cost, which, part, dual))
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1)
              for name in Solved.__dataclass_fields__}
    solved = Solved(**joined)
    if not solved.certified.all():
        from kpsslib.comparison.frontier.fallback import solve_again
        solve_again(programs, cost, solved)
    return solved


def _first_pool(programs: Programs) -> np.ndarray:
    """All slacks, and the units with the most of each output for each input, and the best in each row alone."""
    columns = programs.shared[:, :programs.units]
    rows = np.abs(columns) + _NEVER
    is_output = (columns <= 0).all(axis=1)
    # the row of ones, the last where it is, is on both sides: the least input, the greatest output
    less = rows[~is_output]
    more = rows[is_output | (np.arange(len(rows)) == len(rows) - 1)]
    best = {int(np.argmax(y / x)) for x in less for y in more}
    return np.concatenate([sorted(best), np.arange(programs.units, programs.z)]).astype(int)


def _columns_as_needed(programs: Programs, cost: np.ndarray, which: np.ndarray, pool: np.ndarray,
                       state: State | None) -> tuple[State, np.ndarray, np.ndarray]:
    """Optimal states over all columns, the grown pool, and how far any column is from being dual feasible.

    Programs are solved over the common pool and priced against every column; the worst column of each joins the
    pool until none is left that would improve.
    """
    state = first_state(programs, which, pool) if state is None else state.take(which)
    state = refreshed(programs, state, which)
    violation, left = np.zeros(len(which)), np.arange(len(which))
    for _ in range(_ROUNDS):
        part = optimise(programs, state.take(left), which[left], pool, cost)
        part = refreshed(programs, part, which[left])
        state.put(left, part)
        worst, least = _worst_columns(programs, cost, which[left], duals_of(programs, part, cost))
        violation[left] = np.maximum(-least, 0)
        improving = (least < -TOLERANCE) & ~part.failed
        if not improving.any():
            break
        pool = np.union1d(pool, worst[improving])  # in order, for Bland
        left = left[improving]
    return state, pool, violation


def _worst_columns(programs: Programs, cost: np.ndarray, which: np.ndarray,
                   duals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of all columns the one with the least reduced cost for each program, and that cost."""
    worst, least = np.empty(len(which), dtype=int), np.empty(len(which))
    for start in range(0, len(which), PRICED):
        part = slice(start, start + PRICED)
        reduced = programs.reduced(duals[:, part], which[part], slice(programs.z), cost)
        worst[part] = reduced.argmin(axis=1)
        least[part] = np.take_along_axis(reduced, worst[part, None], axis=1)[:, 0]
    return worst, least


def first_state(programs: Programs, which: np.ndarray, pool: np.ndarray) -> State:
    """A feasible basis: z, one unit that reaches the program's right side, and the slacks of the rows not tight.

    Of the units of the pool it is the one that leaves the least z; where none reaches the right side, it is the
    program's own column, as an artificial variable.
    """
    names = pool[pool < programs.units]
    names = names[::max(1, len(names) // TRIED)]
    rows, here = len(programs.right) - programs.convex, np.arange(len(which))
    best, reaches = _reaching(programs, which, names)
    unit = np.where(reaches, names[best], programs.artificial)
    columns = np.where(reaches, programs.columns(names[best], which), programs.own[:, which])
    ratio, weight = _ratios(programs, columns, which)
    tight = np.zeros((rows, len(which)), dtype=bool)
    tight[ratio.argmax(axis=0), here] = True
    if not programs.convex:
        tight[weight.argmax(axis=0), here] = True
    basis = np.empty(programs.right[:, which].shape, dtype=int)
    basis[0], basis[1] = programs.z, unit
    basis[2:] = programs.units + np.argsort(tight, axis=0, kind="stable")[:len(basis) - 2]
    return State(basis, np.empty((len(basis), *basis.shape)), np.zeros(basis.shape))


def _reaching(programs: Programs, which: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of the best single unit for each program, and whether there is one."""
    columns = programs.shared[:, None, names]
    if programs.stretch:
        factors = programs.stretch.factors[programs.stretch.group[which]][:, names]
        columns = np.broadcast_to(columns, (len(columns), *factors.shape)).copy()
        columns[programs.stretch.rows] *= factors
    z = _ratios(programs, columns, which)[0].max(axis=0)
    if programs.barred is not None:
        z[names == programs.barred[which][:, None]] = np.inf
    best = z.argmin(axis=1)
    return best, np.isfinite(z[np.arange(len(which)), best])


def _ratios(programs: Programs, columns: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each row asks of z when one column alone reaches the right side, and of the column's weight.

    The weight is one (in the units of the last row), or the least that gives all outputs; z is infinite where a row
    cannot be kept. Columns are K x n or K x n x units.
    """
    wide = (slice(None), *(None,) * (columns.ndim - 2))
    right = [side[which][wide] for side in programs.right]
    radial = [side[which][wide] for side in programs.radial]
    rows = range(len(right) - programs.convex)
    shape = np.broadcast_shapes(columns.shape[1:], right[0].shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = np.zeros((len(rows), *shape))
        if programs.convex:
            weight = right[-1] / columns[-1]
        else:
            for k in rows:
                asked[k] = np.where(right[k] < 0, np.abs(right[k] / columns[k]), 0)
            weight = asked.max(axis=0)
        z = np.empty((len(rows), *shape))
        for k in rows:
            used = weight * columns[k]
            kept = np.where(used <= right[k] + 1e-12, -np.inf, np.inf)
            z[k] = np.where(radial[k] < 0, used / -radial[k], kept)
    z[np.isnan(z)] = np.inf
    return z, asked


def refreshed(programs: Programs, state: State, which: np.ndarray) -> State:
    """The same bases with inverses and values computed anew from the data; a singular one has failed."""
    matrices = programs.matrices(state.basis, which)
    singular = state.failed.copy()
    try:
        inverse = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        singular |= np.linalg.matrix_rank(matrices) < len(state.basis)
        inverse = np.zeros_like(matrices)
        inverse[~singular] = np.linalg.inv(matrices[~singular])
    inverse = np.ascontiguousarray(inverse.transpose(1, 2, 0))
    fresh = State(state.basis, inverse, np.einsum("ijn,jn->in", inverse, programs.right[:, which]))
    fresh.failed = singular
    return fresh


def _checked(programs: Programs, cost: np.ndarray, which: np.ndarray, state: State, dual: np.ndarray) -> Solved:
    """The certificate: equations, signs and the duality gap of the solution, with the dual violation found before."""
    right, artificial = programs.right[:, which], state.basis == programs.artificial
    duals = duals_of(programs, state, cost)
    reached = np.einsum("nij,jn->in", programs.matrices(state.basis, which), state.values)
    free = (state.basis == programs.z) & (cost[programs.z] != 0)
    held = (state.basis >= programs.z) & ~free
    wrong = np.where(held, np.abs(state.values), np.where(free, 0, -state.values)).max(axis=0)
    infeasible = (np.where(artificial, state.values, 0).max(axis=0) > ZERO) & (dual <= TOLERANCE) & ~state.failed
    gap = np.abs((cost[state.basis] * state.values).sum(axis=0) - (duals * right).sum(axis=0))
    proof = np.where(infeasible, 0, np.maximum(wrong, gap))
    residual = np.max([np.abs(reached - right).max(axis=0), dual, proof], axis=0)
    z = np.where(state.basis == programs.z, state.values, 0).sum(axis=0)
    return Solved(np.where(infeasible, np.nan, z), state.basis, state.values, duals,
                  np.where(state.failed | np.isnan(residual), np.inf, residual), infeasible,
                  np.zeros(len(which), dtype=bool))
