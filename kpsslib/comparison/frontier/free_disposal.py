"""Frontiers without mixes: only real units count (FDH), or the best of a few drawn at random (order-m)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.technology import ORIENTATIONS, Points
from kpsslib.comparison.frontier.units import units_of

PEERS_DRAWN = 25
_CELLS = 4_000_000  # comparisons held in memory at once


def free_disposal(inputs: pd.DataFrame, outputs: pd.DataFrame, *, orientation: str = "input") -> pd.DataFrame:
    """Each unit beside the real unit that gives at least the same for the least: score, peer and reason.

    Orientation "input":  theta_o = min over j with y_j >= y_o of max_i x_ij / x_io
    Orientation "output": phi_o = max over j with x_j <= x_o of min_r y_rj / y_ro

    peer is the unit at the optimum: among equals the unit itself, then the first. Without mixes the score is never
    lower than that of `efficiency`, and more units are on the frontier.

    Source: Deprins, Simar, Tulkens (1984). Arguments and reasons as in `efficiency`.
    """
    known = units_of(inputs, outputs)
    table = pd.DataFrame({"score": known.ratio * np.nan, "peer": None,
                          "reason": known.reasons.replace("", known.refused)})
    if known.points:
        score, peer = nearest_unit(known.points, orientation)
        table.loc[known.kept, "score"] = score
        table.loc[known.kept, "peer"] = known.kept.to_numpy()[peer]
    return table


def order_m(inputs: pd.DataFrame, outputs: pd.DataFrame, *, orientation: str = "input",
            m: int = PEERS_DRAWN) -> pd.DataFrame:
    """Each unit beside the best of m units drawn from those that give at least the same: score and reason.

    The expected score, exactly, without drawing. With v_(1) <= ... <= v_(q) the ratios max_i x_ij / x_io of the q
    units that give at least the outputs of the unit,

        E[min of m] = sum_k v_(k) ([(q - k + 1) / q]^m - [(q - k) / q]^m)

    and under output orientation the same with the greatest of m. A unit beyond 1 (under "output" below 1) does better
    than its peers usually would; it screens outliers, and is no verdict. With m it grows towards FDH. A unit with
    none of an input that others give as much with has no finite score: NaN and "infeasible".

    Source: Cazals, Florens, Simar (2002); Daraio, Simar (2007). Arguments and reasons as in `efficiency`; m >= 1.
    """
    if m < 1:
        raise ValueError(f"m = {m}: expected at least 1")
    known = units_of(inputs, outputs)
    table = pd.DataFrame({"score": known.ratio * np.nan, "reason": known.reasons.replace("", known.refused)})
    if known.points:
        score = expected_score(known.points, orientation, m)
        table.loc[known.kept, "score"] = np.where(np.isfinite(score), score, np.nan)
        table.loc[known.kept[~np.isfinite(score)], "reason"] = "infeasible"
    return table


def nearest_unit(points: Points, orientation: str) -> tuple[np.ndarray, np.ndarray]:
    """Scores by free disposal and the places of the units at the optimum."""
    score, peer = np.empty(len(points)), np.empty(len(points), dtype=int)
    for part in _parts(len(points)):
        ratio, reaches = _ratios(points, orientation, part)
        cost = np.where(reaches, ratio if orientation == "input" else -ratio, np.inf)
        best = cost.argmin(axis=1)
        itself = cost[np.arange(len(part)), part] <= cost[np.arange(len(part)), best]
        peer[part] = np.where(itself, part, best)
        score[part] = ratio[np.arange(len(part)), peer[part]]
    return score, peer


def expected_score(points: Points, orientation: str, m: int) -> np.ndarray:
    """Order-m scores by the formula of `order_m`; infinite where some of the units need what the unit has none of."""
    score = np.empty(len(points))
    k = np.arange(1, len(points) + 1)
    for part in _parts(len(points)):
        ratio, reaches = _ratios(points, orientation, part)
        sign = 1 if orientation == "input" else -1
        ordered = sign * np.sort(np.where(reaches, sign * ratio, np.inf), axis=1)
        q = reaches.sum(axis=1, keepdims=True)
        weight = (np.maximum(q - k + 1, 0) / q) ** m - (np.maximum(q - k, 0) / q) ** m
        score[part] = (weight * np.where(k <= q, ordered, 0)).sum(axis=1)
    return score


def _parts(n: int) -> list[np.ndarray]:
    return np.array_split(np.arange(n), max(1, -(-n * n // _CELLS)))


def _ratios(points: Points, orientation: str, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """max_i x_ij / x_io (or min_r y_rj / y_ro) for each of the part and each unit, and which units reach it."""
    if orientation not in ORIENTATIONS:
        raise ValueError(f"orientation {orientation!r}: expected one of {ORIENTATIONS}")
    moved, kept = (points.inputs, points.outputs) if orientation == "input" else (points.outputs, points.inputs)
    ratio = np.full((len(part), len(points)), np.nan)
    choose = np.fmax if orientation == "input" else np.fmin
    with np.errstate(divide="ignore", invalid="ignore"):
        for column in moved.T:  # zero to zero says nothing
            ratio = choose(ratio, column / column[part, None])
    reaches = np.ones(ratio.shape, dtype=bool)
    for column in kept.T:
        reaches &= column >= column[part, None] if orientation == "input" else column <= column[part, None]
    return ratio, reaches
