"""Places that a service can have: confidence sets for ranks instead of a league table.

For a unit j with value x_j and standard error s_j, every other k of its set is compared by

    D_jk = (x_j - x_k) / sqrt(s_j^2 + s_k^2)

and the place of j lies, with probability `level`, between 1 + #{k: D_kj > c} and n - #{k: D_jk > c}. c is the quantile
of the largest of the n - 1 differences in both directions when there is none; comparisons that were decided are left
out and c is found again until nothing more is decided (stepdown). Source: Mogstad, Romano, Shaikh and Wilhelm (2024),
Inference for Ranks, Review of Economic Studies 91, 476-518, algorithm 3.2 for marginal sets.

They find c by simulation. Here it is an integral: the differences of j share its error, with the correlations
l_k l_m, l_k^2 = s_j^2 / (s_j^2 + s_k^2). With all l_k at the least of them, l (exact where the errors are equal),

    P(max <= c) = int phi(z) [Phi(u(c)) - Phi(u(-c))]^a Phi(u(c))^b dz,    u(c) = (c + l z) / sqrt(1 - l^2)

a comparisons still open in both directions and b in one. Source: Dunnett (1955), JASA 50. The less the differences are
correlated, the larger c is (Slepian 1962, Bell System Technical Journal 41; Sidak 1968, Annals of Mathematical
Statistics 39), so that with the least correlation it is not too small however unequal the errors. With their mean it
would be: where an unsure unit stands among many sure ones, sets of 95 % would hold 88 %.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

LEVEL = 0.95
_Z = np.linspace(-8, 8, 161)
_WEIGHTS = np.exp(-_Z**2 / 2) / np.exp(-_Z**2 / 2).sum()
_STEP, _MOST = 0.05, 0.95  # grid of the correlation; the next smaller one is taken, which makes c larger


def rank_sets(values: pd.Series, errors: pd.Series, cell: pd.Series, level: float = LEVEL) -> pd.DataFrame:
    """Lowest and highest place of each row within its set, 1 being the best (the largest value).

    Args:
        values: values in the better direction, on a scale where their errors are roughly normal.
        errors: their standard errors; a row without one, or with 0, has no place and is nobody's rival.
        cell: number of each row's set.
        level: confidence of each single set.

    Returns columns rank_low and rank_high, NaN where the row has no error or the set has no other row with one.
    """
    found = np.full((len(values), 2), np.nan)
    known = (values.notna() & (errors > 0)).to_numpy()
    places = pd.Series(np.flatnonzero(known)).groupby(cell.to_numpy()[known]).indices
    rows, x, s = np.flatnonzero(known), values.to_numpy(float)[known], errors.to_numpy(float)[known]
    for members in places.values():
        if len(members) > 1:
            found[rows[members]] = marginal_sets(x[members], s[members], level)
    return pd.DataFrame(found, index=values.index, columns=["rank_low", "rank_high"])


def marginal_sets(values: np.ndarray, errors: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """The same for one set as an array n x 2: lowest and highest place of each unit."""
    n = len(values)
    pooled = np.sqrt(errors[:, None] ** 2 + errors**2)
    apart = (values[:, None] - values) / pooled
    shared = errors[:, None] ** 2 / pooled**2
    np.fill_diagonal(shared, 1)
    correlation = _floor(shared.min(axis=1))
    better, worse = np.zeros((n, n), bool), np.zeros((n, n), bool)
    while True:
        decided = (better.sum(axis=1) + worse.sum(axis=1)).tolist()
        limits = np.array([[critical(n - 1 - d, d, r, level)] for d, r in zip(decided, correlation, strict=True)])
        now_better, now_worse = better | (apart > limits), worse | (apart < -limits)
        if (now_better == better).all() and (now_worse == worse).all():
            break
        better, worse = now_better, now_worse
    return np.column_stack([1 + worse.sum(axis=1), n - better.sum(axis=1)]).astype(float)


def _floor(correlation: np.ndarray) -> list[float]:
    return np.round(np.minimum(np.floor(np.round(correlation / _STEP, 6)) * _STEP, _MOST), 6).tolist()


@lru_cache(maxsize=100_000)
def critical(both: int, one: int, correlation: float, level: float) -> float:
    """The c with P(max <= c) = level, by bisection from above: off by less than 1e-3 and never too small.

    both, one: how many comparisons are open in both directions and in one; correlation: l^2 of the equation above.
    """
    low, high = 0.0, float(-ndtri((1 - level) / (2 * both + one)))  # Bonferroni
    shift, width = np.sqrt(correlation) * _Z, np.sqrt(1 - correlation)
    while high - low > 1e-3:
        middle = (low + high) / 2
        upper, lower = ndtr((shift + middle) / width), ndtr((shift - middle) / width)
        probability = (_WEIGHTS * (upper - lower) ** both * upper**one).sum()
        low, high = (middle, high) if probability < level else (low, middle)
    return high


def could_be_best(values: np.ndarray, errors: np.ndarray, best: int, level: float = LEVEL, *, draws: int = 2000,
                  seed: int = 1) -> np.ndarray:
    """Which units could be among the best ones: with probability `level` none that is has been left out.

    All n (n - 1) comparisons hold together, so c is the quantile of the largest of all of them, by simulation
    (section 3.4 there), with the same stepdown.

    Args:
        values: values of one set in the better direction.
        errors: their standard errors, above 0.
        best: how many places count as the best.
        level: confidence of all units together.
        draws: how many times the errors are drawn.
        seed: of the draws.
    """
    n = len(values)
    pooled = np.sqrt(errors[:, None] ** 2 + errors**2)
    apart = (values - values[:, None]) / pooled  # [j, k]: how far k is above j
    noise = np.random.default_rng(seed).standard_normal((draws, n)) * errors
    largest = np.full((n, n), True)
    np.fill_diagonal(largest, False)
    while True:
        tops = [((one - one[:, None]) / pooled)[largest].max(initial=-np.inf) for one in noise]
        limit = np.quantile(tops, level)
        still = largest & (apart <= limit)
        if (still == largest).all():
            break
        largest = still
    return 1 + (n - 1 - largest.sum(axis=1)) <= best
