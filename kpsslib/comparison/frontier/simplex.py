"""The simplex method on many small linear programs at once.

Every program is

    minimise z   subject to   A t + s + g z = b,   t >= 0, s >= 0, z free, g <= 0

with the same columns A (the units of the reference set) and slacks s, and its own g and b. Only the basis, its
inverse (updated by the pivot) and the basic values are kept, with the programs along the last axis, so that one numpy
operation does one step of all of them. A program that begins where no unit of the reference reaches has its own
column as an artificial variable, which is driven to zero first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

TOLERANCE = 1e-10  # of reduced costs; columns have length one
PIVOT = 1e-9  # the least coefficient to divide by
ZERO = 1e-10  # an artificial variable that small is zero
STALLING = 12  # steps without progress before Bland's rule takes over
STEPS = 2000


@dataclass(frozen=True)
class Stretch:
    """Reference columns whose `rows` are multiplied by factors[group of the program, column]."""

    rows: slice
    factors: np.ndarray
    group: np.ndarray


@dataclass(frozen=True)
class Programs:
    """The data of n programs with K rows over N units; columns A and slacks stand beside each other in `shared`."""

    shared: np.ndarray  # K x (N + slacks)
    units: int
    radial: np.ndarray  # g, K x n
    right: np.ndarray  # b, K x n
    own: np.ndarray  # the programs' own units as columns, K x n
    convex: bool  # the last row says that the weights add to one (at most, at least)
    barred: np.ndarray | None = None  # the unit that a program may not use, -1 for none
    stretch: Stretch | None = None

    @property
    def z(self) -> int:
        """The name of the variable z in a basis; all names from it on may not enter."""
        return self.shared.shape[1]

    @property
    def artificial(self) -> int:
        """The name of a program's own column in a basis."""
        return self.shared.shape[1] + 1

    def columns(self, names: np.ndarray, which: np.ndarray) -> np.ndarray:
        """The column of one unit or slack for each of the programs, K x n."""
        found = self.shared[:, names]
        if self.stretch:
            found[self.stretch.rows] *= self.stretch.factors[self.stretch.group[which], names]
        return found

    def matrices(self, basis: np.ndarray, which: np.ndarray) -> np.ndarray:
        """The basic columns of each program, n x K x K."""
        found = np.empty((basis.shape[1], *basis.shape[:1] * 2))
        for place, names in enumerate(basis):
            column = self.columns(np.minimum(names, self.z - 1), which)
            column = np.where(names == self.z, self.radial[:, which], column)
            found[:, :, place] = np.where(names == self.artificial, self.own[:, which], column).T
        return found

    def reduced(self, duals: np.ndarray, which: np.ndarray, names: np.ndarray | slice, cost: np.ndarray) -> np.ndarray:
        """Reduced costs c - y A, n x names; infinite for a unit a program may not use."""
        columns = self.shared[:, names]
        if self.stretch:
            rows = self.stretch.rows
            stretched = duals[rows].T @ columns[rows]
            value = duals.T @ columns
            value -= stretched
            stretched *= self.stretch.factors[self.stretch.group[which]][:, names]
            value += stretched
        else:
            value = duals.T @ columns
        np.subtract(cost[names], value, out=value)
        if self.barred is not None:
            value[np.arange(self.z)[names] == self.barred[which][:, None]] = np.inf
        return value


@dataclass
class State:
    """Where the programs stand: names of the basic variables, inverse of the basis, values of the basic variables."""

    basis: np.ndarray  # K x n
    inverse: np.ndarray  # K x K x n
    values: np.ndarray  # K x n
    failed: np.ndarray = field(init=False)

    def __post_init__(self):
        self.failed = np.zeros(self.basis.shape[1], dtype=bool)

    def take(self, which: np.ndarray) -> State:
        """A copy of some programs' state."""
        part = State(self.basis[:, which], self.inverse[:, :, which], self.values[:, which])
        part.failed = self.failed[which]
        return part

    def put(self, which: np.ndarray, part: State) -> None:
        """Write back what `take` gave."""
        self.basis[:, which], self.inverse[:, :, which] = part.basis, part.inverse
        self.values[:, which], self.failed[which] = part.values, part.failed


def duals_of(programs: Programs, state: State, cost: np.ndarray) -> np.ndarray:
    """Dual values c_B B^-1, K x n; as long as the artificial variable is not zero it alone costs."""
    basic = cost[state.basis]
    artificial = state.basis == programs.artificial
    if artificial.any():
        seeking = (artificial & (state.values > ZERO)).any(axis=0)
        basic[:, seeking] = artificial[:, seeking]
    return np.einsum("kn,kjn->jn", basic, state.inverse)


def optimise(programs: Programs, state: State, which: np.ndarray, pool: np.ndarray, cost: np.ndarray) -> State:
    """Optimal states of the programs `which` over the columns `pool`, beginning with their `state`.

    cost is that of each variable by its name; z is free where it costs and stays as it is where it does not.
    """
    result, place = state.take(np.arange(len(which))), np.arange(len(which))
    stalled = np.zeros(len(which), dtype=int)
    for _ in range(STEPS):
        reduced = programs.reduced(duals_of(programs, state, cost), which, pool, cost)
        entering = _entering(reduced, stalled)
        going = (reduced[np.arange(len(which)), entering] < -TOLERANCE) & ~state.failed
        if not going.all():
            result.put(place[~going], state.take(~going))
            if not going.any():
                return result
            state, which, place = state.take(going), which[going], place[going]
            stalled, entering = stalled[going], entering[going]
        moved = _pivot(programs, state, which, pool[entering], stalled, free=cost[programs.z] != 0)
        stalled = np.where(moved, 0, stalled + 1)
    state.failed[:] = True
    result.put(place, state)
    return result


def _entering(reduced: np.ndarray, stalled: np.ndarray) -> np.ndarray:
    """The steepest column; after a long stall the first that improves (Bland)."""
    entering = reduced.argmin(axis=1)
    stuck = stalled > STALLING
    if stuck.any():
        entering[stuck] = (reduced[stuck] < -TOLERANCE).argmax(axis=1)
    return entering


def _pivot(programs: Programs, state: State, which: np.ndarray, entering: np.ndarray, stalled: np.ndarray, *,
           free: bool) -> np.ndarray:
    """One step of all programs, in place; says which of them moved."""
    here = np.arange(len(which))
    direction = np.einsum("ijn,jn->in", state.inverse, programs.columns(entering, which))
    ratio = np.full(direction.shape, np.inf)
    np.divide(np.maximum(state.values, 0), direction, out=ratio, where=direction > PIVOT)
    if free:
        ratio[state.basis == programs.z] = np.inf
    # an artificial variable at zero, or z at its optimum, leaves as soon as it would move
    held = state.basis >= (programs.artificial if free else programs.z)
    if held.any():
        ratio[held & (np.abs(direction) > PIVOT) & (state.values <= ZERO)] = 0
    step = ratio.min(axis=0)
    state.failed |= np.isinf(step)
    near = ratio <= step * (1 + 1e-12) + 1e-14
    leaving = np.where(near, np.abs(direction), -1).argmax(axis=0)
    if (stalled > STALLING).any():
        first = np.where(near, state.basis, programs.artificial + 1).argmin(axis=0)
        leaving = np.where(stalled > STALLING, first, leaving)
    step = np.where(state.failed, 0, step)
    divisor = np.where(state.failed, 1, direction[leaving, here])
    row = state.inverse[leaving, :, here].T / divisor
    state.values -= step * direction
    state.inverse -= direction[:, None] * row
    state.inverse[leaving, :, here] = row.T
    state.values[leaving, here] = step
    state.basis[leaving, here] = entering
    return step > 1e-13
