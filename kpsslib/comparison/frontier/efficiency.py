"""How far each unit is from the frontier of its set, whom it leans on there, and what it would have to change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.measuring import measure, measure_with_slacks
from kpsslib.comparison.frontier.technology import Technology
from kpsslib.comparison.frontier.units import Units, units_of

ON_FRONTIER = 1e-8  # a score that near to one is one


@dataclass(frozen=True)
class Frontier:
    """What `efficiency` found; all tables have the unit as index, but `peers`."""

    units: pd.DataFrame  # score, ratio, efficient, certified, residual, solver, reason
    peers: pd.DataFrame  # unit, peer, weight: the frontier units its target is made of
    inputs: pd.DataFrame  # as given
    outputs: pd.DataFrame
    targets: pd.DataFrame  # inputs and outputs on the frontier
    slacks: pd.DataFrame  # what is left over after the score
    duals: pd.DataFrame  # weights of inputs and outputs, and of the scale
    reason: str  # why there is no frontier, "" where there is one
    needed: int  # how many units it needs
    returns: str
    orientation: str


def efficiency(inputs: pd.DataFrame, outputs: pd.DataFrame, *, returns: str = "vrs",
               orientation: str = "input") -> Frontier:
    """Data envelopment: each unit beside the best mixes of the units of the set.

    The score of orientation "input" is the share (0..1) of its inputs with which the frontier gives its outputs; of
    "output" how many times (1 or more) its outputs the frontier gives from its inputs. A unit is `efficient` where
    the score is one and nothing is left over. Targets have, of all equal ones, the greatest slacks, each measured in
    the mean of its column. `ratio` is the plain ratio (outputs to inputs, each in its mean, the best unit being 1),
    which always belongs beside the score: with few units and several columns it orders them better than the score
    does, and no money should depend on a score under variable returns.

    Source: Charnes, Cooper, Rhodes (1978); Banker, Charnes, Cooper (1984); see `technology` for the equations.

    Args:
        inputs: a row a unit, a column an input, not negative (costs, posts).
        outputs: the same for what the units give (bed-days, hours, clients).
        returns: "crs", "vrs", "drs" (not increasing) or "irs" (not decreasing) returns to scale.
        orientation: "input" or "output".

    Returns: Frontier. A unit that cannot be measured, or all units of a set that cannot bear a frontier (see
    `units_of`), has NaN and the reason, a code of `reason_text`.
    """
    known = units_of(inputs, outputs)
    columns = [*inputs.columns, *outputs.columns]
    empty = pd.DataFrame(np.nan, index=known.reasons.index, columns=columns)
    units = pd.DataFrame({"score": np.nan, "ratio": known.ratio, "efficient": False, "certified": False,
                          "residual": np.nan, "solver": "", "reason": known.reasons.replace("", known.refused)})
    tables = dict(units=units, peers=pd.DataFrame({"unit": [], "peer": [], "weight": []}), targets=empty, slacks=empty,
                  duals=empty.assign(scale=np.nan))
    if known.points:
        tables = _measured(known, Technology(known.points, returns, orientation), tables)
    return Frontier(inputs=inputs, outputs=outputs, reason=known.refused, needed=known.needed, returns=returns,
                    orientation=orientation, **tables)


def _measured(known: Units, technology: Technology, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables filled in for the units kept."""
    points, kept = known.points, known.kept
    found = measure_with_slacks(technology, points)
    m, columns = points.inputs.shape[1], tables["targets"].columns
    less, more = found.slacks[:, :m], found.slacks[:, m:]
    shrunk, grown = (found.score, 1) if technology.orientation == "input" else (1, found.score)
    targets = np.hstack([(points.inputs.T * shrunk).T - less, (points.outputs.T * grown).T + more])
    left = found.slacks / technology.scale
    units = tables["units"].copy()
    units.loc[kept, "score"] = found.score
    units.loc[kept, "efficient"] = (np.abs(found.score - 1) < ON_FRONTIER) & (left.max(axis=1) < ON_FRONTIER)
    units.loc[kept, "certified"] = found.certified
    units.loc[kept, "residual"] = found.residual
    units.loc[kept, "solver"] = np.where(found.by_scipy, "linprog", "simplex")
    units.loc[kept, "reason"] = np.where(np.isnan(found.score), "not_solved", "")
    everyone = units.index
    duals = np.column_stack([found.duals, found.scale_dual])
    return dict(
        units=units, peers=pd.DataFrame({"unit": kept[found.point], "peer": kept[found.peer], "weight": found.weight}),
        targets=pd.DataFrame(targets, kept, columns).reindex(everyone),
        slacks=pd.DataFrame(found.slacks, kept, columns).reindex(everyone),
        duals=pd.DataFrame(duals, kept, [*columns, "scale"]).reindex(everyone))


def scale(inputs: pd.DataFrame, outputs: pd.DataFrame, *, orientation: str = "input") -> pd.DataFrame:
    """Whether a unit's size costs it efficiency: a row a unit with crs, vrs, scale, returns and reason.

    scale (0..1) is the efficiency under constant returns divided by that under variable returns. returns says what
    the frontier does at the unit's size: "crs" where scale is 1, else "drs" (too large) where not increasing returns
    give the score of variable ones, else "irs" (too small); "" where not known.

    Source: Banker (1984); Coelli (1996). Arguments as in `efficiency`.
    """
    known = units_of(inputs, outputs)
    columns = {"crs": known.ratio * np.nan, "vrs": np.nan, "scale": np.nan, "returns": ""}
    table = pd.DataFrame(columns).assign(reason=known.reasons.replace("", known.refused))
    if not known.points:
        return table
    crs, vrs, drs = (measure(Technology(known.points, returns, orientation), known.points).score
                     for returns in ("crs", "vrs", "drs"))
    size = crs / vrs if orientation == "input" else vrs / crs
    words = np.select([np.isnan(size), np.abs(size - 1) < ON_FRONTIER, np.abs(drs - vrs) < ON_FRONTIER * vrs],
                      ["", "crs", "drs"], "irs")
    table.loc[known.kept, ["crs", "vrs", "scale"]] = np.column_stack([crs, vrs, size])
    table.loc[known.kept, "returns"] = words
    return table


def super_efficiency(inputs: pd.DataFrame, outputs: pd.DataFrame, *, returns: str = "crs",
                     orientation: str = "input") -> pd.DataFrame:
    """How much worse an efficient unit could be and stay so: a row a unit with score, super_score and reason.

    Each unit is measured against the others alone, so that efficient ones get more than 1 (under output orientation
    less); the others keep their score. Where the others cannot give what the unit gives at any cost, super_score is
    NaN and the reason "infeasible". A very high one is a unit unlike the others, or an error in its data.

    Source: Andersen, Petersen (1993). Arguments as in `efficiency`.
    """
    known = units_of(inputs, outputs)
    table = pd.DataFrame({"score": known.ratio * np.nan, "super_score": np.nan,
                          "reason": known.reasons.replace("", known.refused)})
    if not known.points:
        return table
    technology = Technology(known.points, returns, orientation)
    score = measure(technology, known.points).score
    best = np.flatnonzero(np.abs(score - 1) < ON_FRONTIER)
    without = measure(technology, known.points.take(best), barred=best)
    beyond = score.copy()
    beyond[best] = without.score
    table.loc[known.kept, ["score", "super_score"]] = np.column_stack([score, beyond])
    table.loc[known.kept[best[without.infeasible]], "reason"] = "infeasible"
    return table
