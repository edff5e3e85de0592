"""Sums against forecasts of the sums themselves: how far both say the same.

The page adds services up, because funds belong to services. A type, a group and the region can also be forecast for
themselves; reconciliation makes both agree with the least change, each figure moved the more the less certain it is:

    y - W C' (C W C')^-1 C y,

where the rows of C are the conditions "a sum less its parts is 0" and W is how the figures err: all alike (OLS), by
the number of services in them (WLS-struct), or as they erred one year ahead in the back-test, shrunk to the diagonal
(MinT).
Source: Wickramasuriya, Athanasopoulos and Hyndman (2019), JASA 114, theorem 1 (here in the form of constraints, which
needs no matrix of services x services); shrinkage of Schäfer and Strimmer (2005), Statistical Applications in Genetics
and Molecular Biology 4, article 32.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.backtest import backtest
from kpsslib.financing.forecasting import Forecasts
from kpsslib.financing.methods import DEFAULT, METHODS
from kpsslib.financing.outlook import LEVELS


class Hierarchy(NamedTuple):
    """Sums and their parts.

    Attributes:
        sums: which parts are in each sum, sums x parts, 0 or 1.
        base: forecasts of the sums, then of the parts, (sums + parts) x steps.
        errors: their errors one step ahead, origins x (sums + parts).
    """

    sums: np.ndarray
    base: np.ndarray
    errors: np.ndarray


def reconcile(sums: np.ndarray, base: np.ndarray, variance: np.ndarray, shared: np.ndarray | None = None) -> np.ndarray:
    """Forecasts that add up: `base` ((sums + parts) x steps) moved as little as its uncertainty allows.

    W = diag(variance) + shared' shared; `shared` is rows x (sums + parts), none by default.
    """
    shared = np.zeros((1, len(base))) if shared is None else shared
    conditions = np.hstack([np.eye(len(sums)), -sums])
    spread = variance[:, None] * conditions.T + shared.T @ (shared @ conditions.T)
    return base - spread @ np.linalg.solve(conditions @ spread, conditions @ base)


def by_structure(sums: np.ndarray, base: np.ndarray) -> np.ndarray:
    """WLS-struct: the variance of a sum is the number of its parts."""
    return reconcile(sums, base, np.append(sums.sum(axis=1), np.ones(sums.shape[1])))


def by_errors(sums: np.ndarray, base: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """MinT with W = l diag(S) + (1 - l) S, S = E'E/T of `errors` (T x figures), l by Schäfer and Strimmer.

    A figure that has not erred at all gets the smallest variance of the others: nothing is known for certain.
    """
    variance = (errors**2).mean(axis=0)
    variance = np.where(variance > 0, variance, variance[variance > 0].min(initial=np.inf))
    if not np.isfinite(variance).all():
        return by_structure(sums, base)
    kept = shrinkage(errors)
    return reconcile(sums, base, kept * variance, np.sqrt((1 - kept) / len(errors)) * errors)


def shrinkage(errors: np.ndarray) -> float:
    """How far the correlations r of `errors` (T x figures) are to be drawn to 0: sum var(r) / sum r^2 over pairs.

    Cut to 1e-6..1, so that W can be inverted. Sums over all pairs come from matrices of T x T only.
    """
    scaled = errors / np.sqrt(np.where((errors**2).any(axis=0), (errors**2).mean(axis=0), 1))
    n = len(scaled)
    own = scaled**2
    products = (own.sum(axis=1) ** 2).sum() - (own**2).sum()
    squares = ((scaled @ scaled.T) ** 2).sum() - (own.sum(axis=0) ** 2).sum()
    variances = (products - squares / n) / (n * (n - 1)) if n > 1 else np.inf
    return float(np.clip(variances / (squares / n**2), 1e-6, 1)) if squares > 0 else 1.0


def checks(forecasts: Forecasts, level: str) -> pd.DataFrame:
    """Total costs of the reference in the last year ahead, three ways: columns way, total (CZK), services.

    Ways are bottom_up, wls_struct and mint. Counted are services whose every cost is known (or filled in between) in
    all years and that operate in all years ahead; the others have no sum to forecast.
    """
    sums, base, errors = _hierarchy(forecasts, level)
    ways = {"bottom_up": base, "wls_struct": by_structure(sums, base), "mint": by_errors(sums, base, errors)}
    totals = [figures[len(sums):, -1].sum() for figures in ways.values()]
    table = pd.DataFrame({"way": list(ways), "total": totals, "services": sums.shape[1]})
    return table[table["services"] > 0]


def _hierarchy(forecasts: Forecasts, level: str) -> Hierarchy:
    """Services, their types and what stands above them up to `level`, with the default method for the sums."""
    series, judged = forecasts.series, forecasts.judged
    cost = series.keys["item"].str.startswith("cost_").to_numpy()
    whole = ~np.isnan(series.past).any(axis=1) & (series.operating == 1).all(axis=1)
    keys = series.keys[cost].assign(whole=whole[cost])
    together = keys.groupby(["service_id", "form"])
    usable = together["whole"].transform("all").to_numpy(dtype=bool)
    keys, rows = keys[usable], np.flatnonzero(cost)[usable]
    codes = pd.factorize(pd.MultiIndex.from_frame(keys[["service_id", "form"]]))[0]
    levels = list(LEVELS.values())[: list(LEVELS).index(level) + 1]
    of_service = keys.iloc[np.unique(codes, return_index=True)[1]]
    sums = np.vstack([pd.get_dummies(of_service[name]).T.to_numpy(dtype=float) for name in levels])
    learned = ~np.isnan(series.known).all(axis=0)
    past = np.where(learned, sums @ _added(series.past[rows], codes), np.nan)
    pool = np.zeros(len(sums), dtype=int)
    told = METHODS[DEFAULT](past, judged.mid.shape[1], pool)
    own = _added(np.nan_to_num(judged.errors[:, rows, 0]).T, codes).T
    erred = backtest(past, pool, 1).errors[list(METHODS).index(DEFAULT), :, :, 0]
    return Hierarchy(sums, np.vstack([told, _added(judged.mid[rows], codes)]), np.hstack([erred, own]))


def _added(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Rows of one code added up, in the order of the codes."""
    return pd.DataFrame(rows).groupby(codes).sum().to_numpy()
