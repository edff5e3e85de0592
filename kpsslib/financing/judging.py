"""Choosing a method by back-test, and the interval of each panel of peers from its own errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.backtest import MIN_HISTORY, Tested, accuracy, backtest, peers_needed, radii, size, testable
from kpsslib.financing.histories import ends
from kpsslib.financing.methods import METHODS
from kpsslib.financing.series import MAX_GAP

PANEL = ["service_type", "form", "item"]
# A panel with too few peers borrows from the next wider one, and the notes say so.
WIDENING = (PANEL, ["group", "form", "item"], ["group", "item"], ["group", "kind"])
CHOSEN_FOR = ["service_type", "form"]
TOO_SHORT, FOR_SHORT = "too_short", "pooled_growth"


class Judged(NamedTuple):
    """What is expected of every series, and how far it can be trusted.

    Attributes:
        mid: forecast, series x years ahead, CZK.
        radius: half-width of the interval, same shape.
        method: method of each series; `too_short` is the peers' growth for a series with fewer than three years.
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

    One method is chosen for all items of a service type and form: what a service spends and what it gets move
    together, and methods chosen for each item apart would tear them apart (the need of grant, a difference of the two,
    is then several times less certain). A series of one or two years grows as its peers do.

    `keys` has service_type, group, form and item, one row a series; `known` is series x years in CZK; `level` is the
    share of cases the interval should hold, 0..1.
    """
    keys = keys.assign(kind=keys["item"].str.partition("_")[0])
    pools = [_together(keys, columns) for columns in WIDENING]
    wide = _width_of_panel(pools, known, peers_needed(level))
    tested, mids = _test_and_forecast(pools, wide, known, horizon)
    bundle = _together(keys, CHOSEN_FOR)
    short = (~np.isnan(known)).sum(axis=1) < MIN_HISTORY
    choice = accuracy(tested, bundle).query("chosen").set_index("pool")["method"]
    method = np.where(short, TOO_SHORT, choice.loc[bundle].to_numpy())
    place = pd.Index(list(METHODS)).get_indexer(np.where(short, FOR_SHORT, choice.loc[bundle].to_numpy()))
    rows = np.arange(len(known))
    mid = np.where((known < 0).any(axis=1)[:, None], mids[place, rows], np.maximum(mids[place, rows], 0))
    errors = tested.errors[place, :, rows].swapaxes(0, 1)
    tables, quantiles = _by_pool(pools, wide, tested, errors, level)
    gap = known.shape[1] - 1 - ends(known)[1]
    ahead = np.minimum(gap[:, None] + np.arange(horizon), quantiles.shape[1] - 1)
    radius = np.take_along_axis(quantiles, ahead, axis=1) * size(known)[:, None]
    widths = np.where(np.isnan(errors), np.nan, quantiles * tested.level[:, :, None])
    pool = np.choose(wide, pools)
    panels = keys.assign(pool=pool, wide=wide, choice=choice.loc[bundle].to_numpy()).drop_duplicates(PANEL)
    table = panels[[*PANEL, "pool", "choice"]].merge(tables.drop(columns="chosen"), on="pool")
    table = table.assign(chosen=table["method"] == table["choice"])
    mase = tables.set_index(["pool", "method"])["mase"].loc[list(zip(pool, choice.loc[bundle], strict=True))].to_numpy()
    return Judged(mid, radius, method, mase, table.drop(columns=["pool", "choice"]),
                  panels.loc[panels["wide"] > 0, [*PANEL, "pool"]].rename(columns={"pool": "borrowed_from"}),
                  errors, widths)


def _test_and_forecast(pools: list[np.ndarray], wide: np.ndarray, known: np.ndarray,
                       horizon: int) -> tuple[Tested, np.ndarray]:
    """Back-test and forecasts (methods x series x years ahead) of every series among the peers of its own width."""
    parts, ahead, places = [], [], []
    for width, pool in enumerate(pools):
        members = pd.Index(pool).isin(pool[wide == width])
        if members.any():
            codes, own = pd.factorize(pool[members])[0], wide[members] == width
            tested = backtest(known[members], codes, horizon + MAX_GAP)
            parts.append(Tested(tested.errors[:, :, own], *(table[:, own] for table in tested[1:])))
            ahead.append(np.stack([method(known[members], horizon, codes)[own] for method in METHODS.values()]))
            places.append(np.flatnonzero(wide == width))
    order = np.argsort(np.concatenate(places))
    errors = np.concatenate([part.errors for part in parts], axis=2)[:, :, order]
    rest = (np.concatenate(tables, axis=1)[:, order] for tables in zip(*(part[1:] for part in parts), strict=True))
    return Tested(errors, *rest), np.concatenate(ahead, axis=1)[:, order]


def _by_pool(pools: list[np.ndarray], wide: np.ndarray, tested: Tested, errors: np.ndarray,
             level: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Accuracy of every pool in use, and for every series the half-widths of its pool by step, as shares of size."""
    tables, quantiles = [], np.full((len(wide), errors.shape[2]), np.nan)
    for width, pool in enumerate(pools):
        own, members = wide == width, pd.Index(pool).isin(pool[wide == width])
        if own.any():
            part = Tested(tested.errors[:, :, members], *(table[:, members] for table in tested[1:]))
            tables.append(accuracy(part, pool[members]))
            scaled = errors[:, members] / tested.level[:, members, None]
            quantiles[own] = radii(scaled, pool[members], level).loc[pool[own]]
    return pd.concat(tables), quantiles


def _together(keys: pd.DataFrame, columns: list[str]) -> np.ndarray:
    first, *others = (keys[column] for column in columns)
    return first.str.cat(others, sep="|").to_numpy(dtype=object)


def _width_of_panel(pools: list[np.ndarray], known: np.ndarray, needed: int) -> np.ndarray:
    """For each series, the first place in WIDENING whose panel has enough series that can be back-tested."""
    enough = testable(known)
    wide = np.full(len(known), len(pools) - 1)
    for width in range(len(pools) - 2, -1, -1):
        peers = pd.Series(enough).groupby(pools[width]).transform("sum")
        wide[peers.to_numpy() >= needed] = width
    return wide
