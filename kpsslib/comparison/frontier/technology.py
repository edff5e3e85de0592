"""Envelopment programs of a set of units: how much of the inputs (or how many times the outputs) the frontier needs.

Source: Charnes, Cooper, Rhodes (1978), Banker, Charnes, Cooper (1984); for unit o, reference units j, input oriented

    minimise theta   subject to   sum_j t_j x_j <= theta x_o,   sum_j t_j y_j >= y_o,   t >= 0

and sum t = 1 under variable, <= 1 under not increasing and >= 1 under not decreasing returns to scale. Output
oriented: maximise phi with sum_j t_j x_j <= x_o and sum_j t_j y_j >= phi y_o. Here z is theta, or -phi.

Data are divided by the means of the reference set, columns by their length, and each program by its unit's length:
badly scaled programs are where solvers go wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpsslib.comparison.frontier.simplex import Programs, Stretch
from kpsslib.comparison.frontier.solving import Solved, solve

RETURNS = ("crs", "vrs", "drs", "irs")
ORIENTATIONS = ("input", "output")
_SLACK = {"crs": (), "vrs": (), "drs": (1.0,), "irs": (-1.0,)}


@dataclass(frozen=True)
class Points:
    """Inputs (n x m) and outputs (n x s) of units."""

    inputs: np.ndarray
    outputs: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, which: np.ndarray) -> Points:
        """Some of the units."""
        return Points(self.inputs[which], self.outputs[which])


@dataclass(frozen=True)
class Technology:
    """A reference set with its returns to scale and the orientation units are measured in."""

    reference: Points
    returns: str
    orientation: str

    def __post_init__(self):
        if self.returns not in RETURNS or self.orientation not in ORIENTATIONS:
            raise ValueError(f"{self.returns!r}, {self.orientation!r}: expected one of {RETURNS} and {ORIENTATIONS}")

    @property
    def inverted(self) -> bool:
        """Under constant returns the output oriented program is the input oriented one divided by theta."""
        return self.returns == "crs" and self.orientation == "output"

    def programs(self, points: Points, *, barred: np.ndarray | None = None, factors: np.ndarray | None = None,
                 group: np.ndarray | None = None) -> Programs:
        """The programs of the points; `factors` (groups x reference) stretch the reference's inputs or outputs.

        Under constant returns and output orientation they are the input oriented ones (see `inverted`), and the
        factors of outputs become the inverse ones of inputs.
        """
        columns, own = self._columns(self.reference), self._columns(points)
        m = self.reference.inputs.shape[1]
        slacks = np.eye(len(columns))[:, :m + self.reference.outputs.shape[1]]
        extra = np.zeros((len(columns), len(_SLACK[self.returns])))
        extra[-1:] = _SLACK[self.returns]
        columns, own = columns / self.lengths(self.reference), own / self.lengths(points)
        radial, right = np.zeros_like(own), own.copy()
        side = slice(0, m) if self.orientation == "input" or self.inverted else slice(m, slacks.shape[1])
        radial[side], right[side] = -np.abs(own[side]), 0
        stretch = None
        if factors is not None:
            factors = 1 / factors if self.inverted else factors
            padding = np.ones((len(factors), slacks.shape[1] + extra.shape[1]))
            stretch = Stretch(side, np.hstack([factors, padding]), group)
        return Programs(np.hstack([columns, slacks, extra]), len(self.reference), radial, right, own,
                        self.returns != "crs", barred, stretch)

    @property
    def scale(self) -> np.ndarray:
        """Means of the reference's inputs and outputs."""
        return np.concatenate([self.reference.inputs.mean(axis=0), self.reference.outputs.mean(axis=0)])

    def lengths(self, points: Points) -> np.ndarray:
        """The length of each unit's column."""
        return np.linalg.norm(self._columns(points), axis=0)

    def _columns(self, points: Points) -> np.ndarray:
        columns = np.hstack([points.inputs, -points.outputs]) / self.scale
        return np.vstack([columns.T, np.ones(len(points))]) if self.returns != "crs" else columns.T


def radial_cost(programs: Programs) -> np.ndarray:
    """Only z costs."""
    cost = np.zeros(programs.artificial + 1)
    cost[programs.z] = 1
    return cost


@dataclass(frozen=True)
class Measured:
    """Scores of points and what proves them: theta in 0..1, or phi of at least 1, for units of the reference."""

    score: np.ndarray
    weights: tuple[np.ndarray, np.ndarray, np.ndarray]  # point, reference unit, weight
    duals: np.ndarray  # n x (m + s), of the data as they are
    scale_dual: np.ndarray  # of the row of weights; zero under constant returns
    residual: np.ndarray
    certified: np.ndarray
    infeasible: np.ndarray
    by_scipy: np.ndarray


def measure(technology: Technology, points: Points, *, barred: np.ndarray | None = None) -> Measured:
    """Scores of the points against the technology, each without the reference unit `barred` for it (-1 for none)."""
    programs = technology.programs(points, barred=barred)
    return measured(technology, points, programs, solve(programs, radial_cost(programs)))


def measured(technology: Technology, points: Points, programs: Programs, solved: Solved) -> Measured:
    """The solution in the data's own units."""
    score = solved.z if technology.orientation == "input" or technology.inverted else -solved.z
    divide = np.ones_like(score)
    if technology.inverted:
        divide, score = solved.z, 1 / solved.z
    rows = len(technology.scale)
    duals = np.abs(solved.duals[:rows].T) / technology.scale / (technology.lengths(points) * divide)[:, None]
    scale_dual = solved.duals[-1] / technology.lengths(points) if programs.convex else np.zeros(len(points))
    point, unit, weight = weights_of(technology, points, programs, solved)
    return Measured(score, (point, unit, weight / divide[point]), duals, scale_dual, solved.residual,
                    solved.certified, solved.infeasible, solved.by_scipy)


def weights_of(technology: Technology, points: Points, programs: Programs,
               solved: Solved) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, the reference units they lean on and their weights."""
    place, point = np.nonzero((solved.basis < programs.units) & (solved.values > 1e-11) & ~solved.infeasible)
    unit = solved.basis[place, point]
    own, other = technology.lengths(points), technology.lengths(technology.reference)
    order = np.lexsort((unit, point))
    weight = solved.values[place, point] * own[point] / other[unit]
    return point[order], unit[order], weight[order]
