"""Scores of units against a technology, with weights of peers, slacks and dual weights in the data's own units."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kpsslib.comparison.frontier.simplex import Programs
from kpsslib.comparison.frontier.solving import CERTIFIED, Solved, solve
from kpsslib.comparison.frontier.technology import Points, Technology

LEAST_WEIGHT = 1e-9  # of a peer, beside a unit of the same size
NOTHING = 1e-10  # a slack, beside the length of the unit, that is only rounding


@dataclass(frozen=True)
class Measured:
    """What n points came to; score is theta or phi, NaN where the program is infeasible or was not solved."""

    score: np.ndarray
    point: np.ndarray  # the weights of peers as three columns: which point,
    peer: np.ndarray  # which unit of the reference,
    weight: np.ndarray  # how much of it
    duals: np.ndarray  # n x (m + s) weights of inputs and outputs, per unit of each
    scale_dual: np.ndarray  # the dual of the sum of weights; zero under constant returns
    residual: np.ndarray  # the worst residual of the programs' certificate
    infeasible: np.ndarray
    by_scipy: np.ndarray
    slacks: np.ndarray | None = None  # n x (m + s), after the second phase

    @property
    def certified(self) -> np.ndarray:
        """Whether the residuals prove the solution."""
        return self.residual <= CERTIFIED


def measure(technology: Technology, points: Points, *, barred: np.ndarray | None = None) -> Measured:
    """Scores of the points, each without the reference unit `barred` for it (-1 for none)."""
    programs = technology.programs(points, barred=barred)
    solved = solve(programs, radial_cost(programs))
    return _in_own_units(technology, points, programs, solved, solved)


def measure_with_slacks(technology: Technology, points: Points, *, weights: np.ndarray | None = None) -> Measured:
    """Scores of points of the reference, and among equal targets the one with the greatest sum of slacks.

    The second phase maximises sum_k w_k s_k with the score held. weights w are per unit of each input and output; by
    default each is measured in its mean, so that the targets do not depend on the units of measure.
    """
    programs = technology.programs(points)
    solved = solve(programs, radial_cost(programs))
    fixed = replace(programs, right=programs.right - programs.radial * solved.z)
    cost = np.zeros(programs.artificial + 1)
    cost[programs.units:][:len(technology.scale)] = -1 if weights is None else -weights * technology.scale
    second = solve(fixed, cost, solved.state())
    result = _in_own_units(technology, points, programs, solved, second)
    place, point = np.nonzero((second.basis >= programs.units) & (second.basis < programs.z))
    row = second.basis[place, point] - programs.units
    slacks = np.zeros((len(points), len(programs.right) + 1))
    value = second.values[place, point]
    slacks[point, row] = np.where(value > NOTHING, value, 0)
    divide = solved.z[:, None] if technology.inverted else 1
    slacks = slacks[:, :len(technology.scale)] * technology.lengths(points)[:, None] * technology.scale / divide
    return replace(result, slacks=slacks, residual=np.maximum(solved.residual, second.residual),
                   by_scipy=solved.by_scipy | second.by_scipy)


def radial_cost(programs: Programs) -> np.ndarray:
    """The cost of each variable when z alone is minimised."""
    cost = np.zeros(programs.artificial + 1)
    cost[programs.z] = 1
    return cost


def scores_of(technology: Technology, solved: Solved) -> np.ndarray:
    """Theta, or phi = -z (1 / z where the program was inverted)."""
    if technology.inverted:
        return 1 / solved.z
    return solved.z if technology.orientation == "input" else -solved.z


def _in_own_units(technology: Technology, points: Points, programs: Programs, radial: Solved,
                  peers: Solved) -> Measured:
    """Scores and duals of the first solution, weights of the second; scaling undone."""
    divide = radial.z if technology.inverted else np.ones(len(points))
    lengths, rows = technology.lengths(points), len(technology.scale)
    duals = np.abs(radial.duals[:rows].T) / technology.scale / (lengths * divide)[:, None]
    duals[radial.infeasible] = np.nan
    scale_dual = radial.duals[-1] / lengths if programs.convex else np.zeros(len(points))
    kept = (peers.basis < programs.units) & (peers.values > LEAST_WEIGHT) & ~np.isnan(radial.z)
    place, point = np.nonzero(kept)
    peer = peers.basis[place, point]
    weight = peers.values[place, point] * (lengths / divide)[point] / technology.lengths(technology.reference)[peer]
    order = np.lexsort((peer, point))
    return Measured(scores_of(technology, radial), point[order], peer[order], weight[order], duals,
                    np.where(radial.infeasible, np.nan, scale_dual), radial.residual, radial.infeasible,
                    radial.by_scipy)
