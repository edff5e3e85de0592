"""How well each method would have done: forecasts from past years against what then came (rolling origin)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.histories import ends
from kpsslib.financing.methods import DEFAULT, METHODS

MIN_HISTORY = 3
MAX_ORIGINS = 5
CLEARLY_LESS = 0.9


class Tested(NamedTuple):
    """Back-test of all methods on all series.

    Attributes:
        errors: actual less forecast, methods x origins x series x steps; NaN where it cannot be known.
        actual: what came, origins x series x steps.
        scale: mean absolute yearly change of each series up to each origin, origins x series; NaN where it is 0.
        level: size of each series up to each origin, same shape; NaN where it is 0.
    """

    errors: np.ndarray
    actual: np.ndarray
    scale: np.ndarray
    level: np.ndarray


def backtest(history: np.ndarray, pool: np.ndarray, steps: int) -> Tested:
    """Forecast every series from each of the last five origins that have three years before them.

    A series counts at an origin only where it is known in the origin's year and has three known years by then.
    """
    years = history.shape[1]
    origins = range(max(MIN_HISTORY, years - MAX_ORIGINS), years)
    errors = np.full((len(METHODS), len(origins), len(history), steps), np.nan)
    actual = np.full(errors.shape[1:], np.nan)
    scale, level = np.full(errors.shape[1:3], np.nan), np.full(errors.shape[1:3], np.nan)
    for o, origin in enumerate(origins):
        past, ahead = history[:, :origin], history[:, origin:origin + steps]
        enough = ((~np.isnan(past)).sum(axis=1) >= MIN_HISTORY) & ~np.isnan(past[:, -1])
        actual[o, enough, :ahead.shape[1]] = ahead[enough]
        scale[o] = np.where(enough, change_scale(past), np.nan)
        level[o] = np.where(enough, size(past), np.nan)
        for m, method in enumerate(METHODS.values()):
            errors[m, o] = actual[o] - method(past, steps, pool)
    scale[scale == 0] = level[level == 0] = np.nan
    return Tested(errors, actual, scale, level)


def testable(history: np.ndarray) -> np.ndarray:
    """Rows whose back-test gives at least one error one step ahead that can be told in shares of a size and changes."""
    known = ~np.isnan(history)
    enough = (np.cumsum(known, axis=1) >= MIN_HISTORY) & (np.cumsum(np.nan_to_num(np.abs(history)), axis=1) > 0)
    tested = known[:, 1:] & known[:, :-1] & enough[:, :-1]
    return tested[:, -MAX_ORIGINS:].any(axis=1) & (change_scale(history) > 0)


def change_scale(history: np.ndarray) -> np.ndarray:
    """Mean absolute change between neighbouring known years of each row; NaN where there are none.

    Source: the scaling of Hyndman and Koehler (2006), International Journal of Forecasting 22, section 3.
    """
    changes = np.abs(np.diff(history, axis=1))
    known = ~np.isnan(changes)
    return np.nansum(changes, axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan)


def size(history: np.ndarray) -> np.ndarray:
    """The last known value or the mean of all known ones of each row, whichever is larger, both without sign; CZK."""
    last = np.abs(history[np.arange(len(history)), ends(history)[1]])
    known = ~np.isnan(history)
    return np.fmax(last, np.nansum(np.abs(history), axis=1) / np.maximum(known.sum(axis=1), 1))


def accuracy(tested: Tested, pool: np.ndarray) -> pd.DataFrame:
    """Accuracy of each method in each pool: columns pool, method, mase, mape, error, n_forecasts, chosen.

    MASE is the mean of |error| / scale, MAPE (share) the mean of |error| / |actual| where that is not 0, error the mean
    of |error| / level. Chosen is the default method (`methods.DEFAULT`), or the one with the least error where that is
    under nine tenths of the default's. Errors are compared in shares of size because after calm years a few series
    decide MASE. Taking the least wherever it is would chase the luck of few origins.
    """
    absolute = np.abs(tested.errors)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = absolute / np.where(tested.actual == 0, np.nan, np.abs(tested.actual))
    measures = {"mase": absolute / tested.scale[:, :, None], "mape": share,
                "error": absolute / tested.level[:, :, None]}
    tables = [pd.DataFrame({"method": name, **{key: _mean(values[m], pool) for key, values in measures.items()},
                            "n_forecasts": _count(measures["mase"][m], pool)}) for m, name in enumerate(METHODS)]
    table = pd.concat(tables).reset_index(names="pool")
    error = table.pivot(index="pool", columns="method", values="error")[list(METHODS)]
    least = error.round(9).fillna(np.inf).idxmin(axis=1)
    clearly = error.min(axis=1) < CLEARLY_LESS * error[DEFAULT]
    table["chosen"] = table["method"] == table["pool"].map(least.where(clearly, DEFAULT))
    return table


def _count(values: np.ndarray, pool: np.ndarray) -> pd.Series:
    """How many values (origins x series x steps) are known in each pool."""
    return pd.Series((~np.isnan(values)).sum(axis=(0, 2))).groupby(pool).sum()


def _mean(values: np.ndarray, pool: np.ndarray) -> pd.Series:
    """Mean of the known values (origins x series x steps) of each pool; NaN where none is."""
    count = _count(values, pool)
    return pd.Series(np.nansum(values, axis=(0, 2))).groupby(pool).sum() / count.where(count > 0)


def peers_needed(level: float) -> int:
    """The fewest peers whose errors can cover `level` (0..1): 4 for 80 %, 19 for 95 %."""
    return max(1, math.ceil(round(level / (1 - level), 9)))


def radii(scaled: np.ndarray, pool: np.ndarray, level: float) -> pd.DataFrame:
    """Half-width of the conformal interval as a share of a series' size: one row a pool, one column a step (1, 2, ...).

    The ceil((n + 1) level)-th smallest |error| / size of the pool at that step, over all series and origins; never
    narrower than at the step before. A step with too few errors takes the step before times sqrt(k / (k - 1)).
    `scaled` is error / size, origins x series x steps, of the chosen method. NaN where even the first step has too few.
    Errors are measured in sizes, not in usual changes (mean |change| of a year): after calm years a shock is many usual
    changes, and intervals told in them would be wide for ever after.

    Source: split conformal prediction, Lei et al. (2018), JASA 113, section 2.2, pooled over the panel.
    """
    codes, pools = pd.factorize(np.tile(pool, scaled.shape[0]))
    result = pd.DataFrame(np.nan, index=pools, columns=range(1, scaled.shape[2] + 1))
    before = pd.Series(np.nan, index=pools)
    for step in result.columns:
        errors = pd.Series(np.abs(scaled[:, :, step - 1]).ravel())
        found = errors.groupby(codes).agg(lambda e: conformal(e.to_numpy(), level))
        found.index = pools[found.index]
        longer = before * math.sqrt(step / max(step - 1, 1))
        before = np.fmax(found.reindex(pools).fillna(longer), before)
        result[step] = before
    return result


def conformal(errors: np.ndarray, level: float) -> float:
    """The ceil((n + 1) level)-th smallest of n errors that are known; NaN where n is too small for it."""
    known = np.sort(errors[~np.isnan(errors)])
    rank = math.ceil(round((len(known) + 1) * level, 9))
    return known[rank - 1] if rank <= len(known) else math.nan
