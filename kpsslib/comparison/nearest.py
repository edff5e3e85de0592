"""The services most like a service: nearest by context, never by performance.

Context is what a service cannot help: size, town or country, age of the population, dependency of its clients. Inside
the comparable set each variable becomes a normal score of its rank, z = Phi^-1((r - 1/2) / n), cut at +-3, and

    distance(i, j) = sqrt( sum w (z_i - z_j)^2 / sum w ),    over the variables that both have

with weights w; at least 60 % of the weight must be known of both. Distances are shown as a share of the largest in the
set. Of units at the same distance the one of the lower context comes first, never that of the first id; only of units
that are alike in all of the context the ids decide, so that every run chooses the same. Source: the nearest neighbour
model of CIPFA (standardised variables, Euclidean distance, farthest = 1), on ranks because sets are small and sizes
skewed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from kpsslib.workspace import TABLES, conform

CUT, OVERLAP = 3.0, 0.6


def nearest(context: pd.DataFrame, sets: pd.Series, weights: pd.Series, k: int) -> pd.DataFrame:
    """The k nearest of every unit within its set.

    Args:
        context: a row a unit, index (unit_id, form), a column a variable; NaN where it is not known.
        sets: key of each unit's comparable set, same index.
        weights: weight of each variable, above zero.
        k: how many at the most; a set with fewer others gives them all.

    Returns: table `peers`, a row a unit and peer: place (1 the nearest), distance (0 to 1 of the largest in the set),
    mutual (whether each is among the other's nearest), known (share of the weight known of both) and drivers: the share
    of each variable in the squared distance, the largest first, such as "size 0.62, dependency 0.38".
    """
    parts = [_of_set(context.loc[rows], weights.reindex(context.columns), k)
             for _key, rows in sets.groupby(sets).groups.items() if len(rows) > 1]
    parts = [part for part in parts if len(part)]
    empty = pd.DataFrame(columns=list(TABLES["peers"]))
    return conform("peers", pd.concat(parts, ignore_index=True) if parts else empty)


def _of_set(context: pd.DataFrame, weights: pd.Series, k: int) -> pd.DataFrame:
    context = context.dropna(axis=1, how="all")  # what nobody of the set is asked is no lack of theirs
    weights = weights[context.columns]
    if context.empty or not len(context.columns):
        return pd.DataFrame()
    scores = np.column_stack([normal_scores(context[name].to_numpy(float)) for name in context])
    apart = (scores[:, None] - scores) ** 2 * weights.to_numpy(float)
    there = ~np.isnan(apart)
    known = (there * weights.to_numpy(float)).sum(axis=2) / weights.sum()
    squared = np.nansum(apart, axis=2) / np.where(known > 0, known * weights.sum(), 1)
    distance = np.where(known >= OVERLAP, np.sqrt(squared), np.inf)
    np.fill_diagonal(distance, np.inf)
    names = np.array([f"{unit}/{form}" for unit, form in context.index])
    turn = np.argsort(np.lexsort((names, *scores.T[::-1])))
    order = np.lexsort((np.broadcast_to(turn, distance.shape), distance), axis=1)[:, :k]
    own = np.repeat(np.arange(len(names)), order.shape[1])
    peer = order.ravel()
    close = np.isfinite(distance[own, peer])
    own, peer = own[close], peer[close]
    chosen = set(zip(own, peer, strict=True))
    largest = distance[np.isfinite(distance)].max(initial=0.0)
    units = context.index.get_level_values(0).to_numpy(), context.index.get_level_values(1).to_numpy()
    place = pd.Series(own).groupby(own).cumcount().to_numpy() + 1
    return pd.DataFrame({
        "unit_id": units[0][own], "form": units[1][own], "peer_id": units[0][peer], "peer_form": units[1][peer],
        "place": place, "distance": distance[own, peer] / largest if largest > 0 else 0.0,
        "mutual": [(b, a) in chosen for a, b in zip(own, peer, strict=True)], "known": known[own, peer],
        "drivers": [_drivers(row, context.columns) for row in np.nan_to_num(apart[own, peer])], "chosen_from": ""})


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks, equals sharing their mean rank, within +-3; NaN stays, one value alone is 0."""
    known = ~np.isnan(values)
    scores = np.full(len(values), np.nan)
    ranks = rankdata(values[known])
    scores[known] = np.clip(ndtri((ranks - 0.5) / max(len(ranks), 1)), -CUT, CUT)
    return scores


def _drivers(parts: np.ndarray, names: pd.Index) -> str:
    total = parts.sum()
    order = np.argsort(-parts, kind="stable")
    return ", ".join(f"{names[i]} {parts[i] / total:.2f}" for i in order if total > 0 and parts[i] / total >= 0.005)
