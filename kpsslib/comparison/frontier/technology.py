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

RETURNS = ("crs", "vrs", "drs", "irs")
ORIENTATIONS = ("input", "output")
_SLACK = {"crs": (), "vrs": (), "drs": (1.0,), "irs": (-1.0,)}


class FrontierError(ValueError):
    """Data no frontier can be drawn over; `reason` is one of the codes of `wording.reason_text`."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Points:
    """Inputs (n x m) and outputs (n x s) of units: known, not negative, and some of each in every unit.

    Raises FrontierError for others.
    """

    inputs: np.ndarray
    outputs: np.ndarray

    def __post_init__(self):
        wrong = unfit(self.inputs, self.outputs)
        if (wrong != "").any():
            raise FrontierError(wrong[wrong != ""][0])

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, which: np.ndarray) -> Points:
        """Some of the units."""
        return Points(self.inputs[which], self.outputs[which])


def unfit(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Why a unit cannot be measured: "missing", "negative", "no_inputs", "no_outputs", or "" where it can."""
    both = np.hstack([inputs, outputs])
    return np.select([~np.isfinite(both).all(axis=1), (both < 0).any(axis=1), (inputs <= 0).all(axis=1),
                      (outputs <= 0).all(axis=1)], ["missing", "negative", "no_inputs", "no_outputs"], "")


@dataclass(frozen=True)
class Technology:
    """A reference set with its returns to scale and the orientation units are measured in.

    Raises FrontierError for a set without units or with an input or output that is zero everywhere.
    """

    reference: Points
    returns: str
    orientation: str

    def __post_init__(self):
        if self.returns not in RETURNS or self.orientation not in ORIENTATIONS:
            raise ValueError(f"{self.returns!r}, {self.orientation!r}: expected one of {RETURNS} and {ORIENTATIONS}")
        if not len(self.reference):
            raise FrontierError("too_few")
        if (self.scale == 0).any():
            raise FrontierError("empty_column")

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
