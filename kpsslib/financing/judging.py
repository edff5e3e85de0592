"""Choosing a method for each panel of peers by back-test, and its interval from the panel's own errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.backtest import MIN_HISTORY, accuracy, backtest, change_scale, peers_needed, radii, size
from kpsslib.financing.methods import METHODS, ends
from kpsslib.financing.series import MAX_GAP

PANEL = ["service_type", "form", "item"]
# A panel with too few peers borrows from the next wider one, and the notes say so.
WIDENING = (PANEL, ["group", "form", "item"], ["group", "item"], ["group", "kind"])
TOO_SHORT = "too_short"


class Judged(NamedTuple):
    """What is expected of every series, and how far it can be trusted.

    Attributes:
        mid: forecast, series x years ahead, CZK.
        radius: half-width of the interval, same shape.
        method: method of each series; `too_short` is the last value of a series with fewer than three years.
        mase: back-test error of that method in the panel.
        accuracy: the table `accuracy`, one row a panel (service_type, form, item) and method.
        widened: the panels that borrowed: columns service_type, form, item, borrowed_from.
        errors: back-test errors of the chosen method, actual less forecast, origins x series x steps, CZK.
        widths: half-widths that the interval would have had there, same shape.
    """

    mid: np.ndarray
    radius: np.ndarray
    method: np.ndarray
    mase: np.ndarray
    accuracy: pd.DataFrame
    widened: pd.DataFrame
    errors: np.ndarray
    widths: np.ndarray


def judge(keys: pd.DataFrame, known: np.ndarray, horizon: int, level: float) -> Judged:
    """Back-test, choose and forecast every series with its panel, widened where peers are too few.

    `keys` has service_type, group, form and item, one row a series; `known` is series x years in CZK; `level` is the
    share of cases the interval should hold, 0..1.
    """
    keys = keys.assign(kind=keys["item"].str.partition("_")[0])
    wide = _width_of_panel(keys, known, peers_needed(level))
    parts = []
    for width, columns in enumerate(WIDENING):
        pool = keys[columns].agg("|".join, axis=1).to_numpy()
        members = np.isin(pool, pool[wide == width])
        if members.any():
            part = _judge_pools(known[members], pool[members], horizon, level)
            parts.append((part, wide[members] == width, np.flatnonzero(members & (wide == width))))
    order = np.argsort(np.concatenate([rows for _part, _own, rows in parts]))
    merged = {name: np.concatenate([getattr(part, name)[own] for part, own, _rows in parts])[order]
              for name in ("mid", "radius", "method", "mase", "pool")}
    errors, widths = (np.concatenate([getattr(part, name)[:, own] for part, own, _rows in parts], axis=1)[:, order]
                      for name in ("errors", "widths"))
    pools = pd.concat([part.accuracy for part, _own, _rows in parts]).drop_duplicates(["pool", "method"])
    panels = keys.assign(pool=merged["pool"], wide=wide).drop_duplicates(PANEL)
    return Judged(merged["mid"], merged["radius"], merged["method"], merged["mase"],
                  panels[[*PANEL, "pool"]].merge(pools, on="pool").drop(columns="pool"),
                  panels.loc[panels["wide"] > 0, [*PANEL, "pool"]].rename(columns={"pool": "borrowed_from"}),
                  errors, widths)


class _Part(NamedTuple):
    mid: np.ndarray
    radius: np.ndarray
    method: np.ndarray
    mase: np.ndarray
    pool: np.ndarray
    accuracy: pd.DataFrame
    errors: np.ndarray
    widths: np.ndarray


def _width_of_panel(keys: pd.DataFrame, known: np.ndarray, needed: int) -> np.ndarray:
    """For each series, the first place in WIDENING whose panel has enough series that can be back-tested."""
    enough = ((~np.isnan(known)).sum(axis=1) > MIN_HISTORY) & (change_scale(known) > 0)
    wide = np.full(len(keys), len(WIDENING) - 1)
    for width in range(len(WIDENING) - 2, -1, -1):
        peers = pd.Series(enough).groupby([keys[c] for c in WIDENING[width]]).transform("sum")
        wide[peers.to_numpy() >= needed] = width
    return wide


def _judge_pools(known: np.ndarray, pool: np.ndarray, horizon: int, level: float) -> _Part:
    """Back-test, choice and forecast within pools that are given."""
    codes = pd.factorize(pool)[0]
    steps = horizon + MAX_GAP
    tested = backtest(known, codes, steps)
    table = accuracy(tested, pool)
    best = table[table["chosen"]].set_index("pool").loc[pool]
    place = best["method"].map({name: m for m, name in enumerate(METHODS)}).to_numpy()
    short = (~np.isnan(known)).sum(axis=1) < MIN_HISTORY
    place = np.where(short, 0, place)
    rows = np.arange(len(known))
    mid = np.stack([method(known, horizon, codes) for method in METHODS.values()])[place, rows]
    mid = np.where((known < 0).any(axis=1)[:, None], mid, np.maximum(mid, 0))
    errors = tested.errors[place, :, rows].swapaxes(0, 1)
    quantiles = radii(errors / tested.level[:, :, None], pool, level).loc[pool].to_numpy()
    gap = known.shape[1] - 1 - ends(known)[1]
    ahead = np.minimum(gap[:, None] + np.arange(horizon), steps - 1)
    radius = np.take_along_axis(quantiles, ahead, axis=1) * size(known)[:, None]
    method = np.where(short, TOO_SHORT, np.array(list(METHODS))[place])
    widths = np.where(np.isnan(errors), np.nan, quantiles * tested.level[:, :, None])
    return _Part(mid, radius, method, best["mase"].to_numpy(), pool, table, errors, widths)
