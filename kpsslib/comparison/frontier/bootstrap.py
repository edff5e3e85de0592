"""How much too good the scores are for want of better units to compare with, and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.measuring import measure, radial_cost, scores_of
from kpsslib.comparison.frontier.solving import solve
from kpsslib.comparison.frontier.technology import FrontierError, Points, Technology
from kpsslib.comparison.frontier.units import units_of

REPLICATES = 500
SEED = 1998
LEAST_INEFFICIENT = 3
_AT_ONCE = 12_000  # programs
_ONE = 1e-6  # distances up to 1 + this are on the frontier


def bootstrap(inputs: pd.DataFrame, outputs: pd.DataFrame, *, returns: str = "vrs", orientation: str = "input",
              replicates: int = REPLICATES, seed: int = SEED) -> pd.DataFrame:
    """Scores of `efficiency` with their bias, corrected scores and 95 % intervals by the smoothed bootstrap.

    A row a unit: score; bias (score - corrected); sd of the replicates; corrected; low and high; shown, the corrected
    score where the bias exceeds the noise, |bias| / sd > sqrt(3), else the score; reason. Fewer than three
    inefficient units say nothing of the distribution: the set is refused with "few_inefficient". With few units the
    corrected scores are near each other and order units no better than the scores do.

    Args:
        inputs: as in `efficiency`, as are outputs, returns and orientation.
        outputs: a row a unit.
        returns: to scale.
        orientation: "input" or "output".
        replicates: how many; 500 for looking, 2000 for a report.
        seed: of the random numbers.

    Source: Simar, Wilson (1998, 2000); the smoothing is in `pseudo_distances`.
    """
    known = units_of(inputs, outputs)
    names = ["score", "bias", "sd", "corrected", "low", "high", "shown"]
    table = pd.DataFrame(np.nan, index=known.reasons.index, columns=names)
    table["reason"] = known.reasons.replace("", known.refused)
    if not known.points:
        return table
    try:
        found = corrected(Technology(known.points, returns, orientation), replicates, seed)
    except FrontierError as refusal:
        table.loc[known.kept, "reason"] = refusal.reason
        return table
    table.loc[known.kept, names] = np.column_stack([found[name] for name in names])
    return table


def corrected(technology: Technology, replicates: int, seed: int) -> dict[str, np.ndarray]:
    """The columns of `bootstrap` for the units of the technology.

    Everything is done on distances of at least one (d = 1 / theta, or phi). With d* the distances to the replicates'
    frontiers, bias = mean(d*) - d, the corrected distance is d - bias, and the interval is d - q with q the 97.5 % and
    2.5 % quantiles of d* - d. Raises FrontierError("few_inefficient").
    """
    score = measure(technology, technology.reference).score
    distance = 1 / score if technology.orientation == "input" else score
    if (distance > 1 + _ONE).sum() < LEAST_INEFFICIENT:
        raise FrontierError("few_inefficient")
    star = replicated(technology, distance, replicates, np.random.default_rng(seed))
    back = (lambda d: 1 / d) if technology.orientation == "input" else (lambda d: d)
    better, spread = 2 * distance - star.mean(axis=0), back(star).std(axis=0, ddof=1)
    ends = back(distance - np.quantile(star - distance, [0.975, 0.025], axis=0))
    bias = score - back(better)
    return {"score": score, "bias": bias, "sd": spread, "corrected": back(better), "low": ends.min(axis=0),
            "high": ends.max(axis=0), "shown": np.where(np.abs(bias) > np.sqrt(3) * spread, back(better), score)}


def replicated(technology: Technology, distance: np.ndarray, replicates: int,
               random: np.random.Generator) -> np.ndarray:
    """Distances of the units to the frontiers of pseudo-samples, replicates x units.

    In each the inputs of reference unit j are x_j d*_j / d_j (the outputs y_j d_j / d*_j), with drawn distances d*.
    """
    n, points = len(technology.reference), technology.reference
    drawn = pseudo_distances(distance, replicates, random)
    factors = drawn / distance if technology.orientation == "input" else distance / drawn
    star = np.empty((replicates, n))
    for part in np.array_split(np.arange(replicates), -(-replicates * n // _AT_ONCE)):
        many = Points(np.tile(points.inputs, (len(part), 1)), np.tile(points.outputs, (len(part), 1)))
        programs = technology.programs(many, factors=factors[part], group=np.repeat(np.arange(len(part)), n))
        star[part] = scores_of(technology, solve(programs, radial_cost(programs))).reshape(len(part), n)
    return 1 / star if technology.orientation == "input" else star


def pseudo_distances(distance: np.ndarray, replicates: int, random: np.random.Generator) -> np.ndarray:
    """Draws from the distances smoothed by a normal kernel and reflected at one, replicates x n, all at least one.

    From the reflected set {d, 2 - d} n are drawn, b; to each h e is added, e standard normal; then

        d~ = mean(b) + (b + h e - mean(b)) / sqrt(1 + h^2 / var),      d* = 2 - d~ where d~ < 1

    which keeps the variance var of the reflected set. The bandwidth h is Silverman's, 0.9 min(sd, IQR / 1.349)
    k^(-1/5), of the k reflected distances without ones, times sd(d) / sd(reflected) (k / n)^(1/5).

    Source: Daraio, Simar (2007), pages 60-62; Silverman (1986), 3.28-3.31.
    """
    inside = distance[distance > 1 + _ONE]
    mirrored = np.concatenate([inside, 2 - inside])
    spread = mirrored.std(ddof=1)
    wide = np.subtract(*np.quantile(mirrored, [0.75, 0.25])) / 1.349
    least = min(spread, wide) if wide > _ONE else spread
    k, n = len(mirrored), len(distance)
    h = 0.9 * least * k ** -0.2 * distance.std(ddof=1) / spread * (k / n) ** 0.2
    everything = np.concatenate([distance, 2 - distance])
    chosen = random.choice(everything, (replicates, n))
    middle = chosen.mean(axis=1, keepdims=True)
    shrink = np.sqrt(1 + h * h / everything.var(ddof=1))
    drawn = middle + (chosen + h * random.standard_normal(chosen.shape) - middle) / shrink
    return np.where(drawn < 1, 2 - drawn, drawn)
