"""Values drawn towards those of their set, the more the less is known of them: small denominators swing widely.

Raw and shrunk stand side by side; a shrunk value never replaces what a service reported.

    amounts, ratios    mu + B (y - mu), B = 1 - (n - 3) / (n - 1) v / S^2: y the value (money as a logarithm), v its
                       variance, S^2 that of the n values of the set
    rates              (O + nu) / (E + alpha): O counted, E exposed, rates of the set gamma(nu, alpha)
    proportions        (k + a) / (n + a + b): k of n, proportions of the set beta(a, b)

Page 03 takes the whole table (`shrunk`), where the noise of amounts is the same in a set. For values that are known
with unequal variances, in an analyst's own notebook, there are `shrunk_values` and the spread behind it (`between`,
`between_by_moments`). The smoother of Marshall (1991) is not used: it is of the same kind as the gamma distribution,
with moments taken in one step that do not settle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.comparison.noise import on_scale

STEPS, NIL = 500, 1e-12


class Spread(NamedTuple):
    """How values of a set differ beyond chance: their mean, variance (t2) and the mean's standard error."""

    mean: float
    variance: float
    error: float


def between(values: np.ndarray, variances: np.ndarray) -> Spread:
    """The variance between units by restricted maximum likelihood, by Fisher scoring.

    With W = 1 / (v + t2), r = y - mu: t2 += (sum W^2 r^2 - tr P) / tr PP, tr P = sum W - sum W^2 / sum W.
    Source: Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30, equations 8 and 15.
    """
    variance = max(float(values.var(ddof=1) - variances.mean()), 0.0)
    for _step in range(STEPS):
        w = 1 / (variances + variance)
        total, squares = w.sum(), (w**2).sum()
        rest = values - (w * values).sum() / total
        gap = (w**2 * rest**2).sum() - (total - squares / total)
        moved = max(variance + gap / (squares - 2 * (w**3).sum() / total + (squares / total) ** 2), 0.0)
        if abs(moved - variance) < NIL * (1 + variance):
            break
        variance = moved
    return _spread(values, variances, variance)


def between_by_moments(values: np.ndarray, variances: np.ndarray) -> Spread:
    """The same by Paule and Mandel (1982): t2 such that sum (y - mu)^2 / (v + t2) = n - 1, by bisection."""
    low, high = 0.0, float(np.ptp(values) ** 2 + NIL)
    if _heterogeneity(values, variances, low) <= len(values) - 1:
        return _spread(values, variances, 0.0)
    while high - low > NIL * (1 + high):
        middle = (low + high) / 2
        low, high = (middle, high) if _heterogeneity(values, variances, middle) > len(values) - 1 else (low, middle)
    return _spread(values, variances, (low + high) / 2)


def _heterogeneity(values: np.ndarray, variances: np.ndarray, variance: float) -> float:
    w = 1 / (variances + variance)
    return float((w * (values - (w * values).sum() / w.sum()) ** 2).sum())


def _spread(values: np.ndarray, variances: np.ndarray, variance: float) -> Spread:
    w = 1 / (variances + variance)
    return Spread(float((w * values).sum() / w.sum()), variance, float(w.sum() ** -0.5))


def shrunk_values(values: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Best linear predictions of one set's values (two or more, variances above 0)."""
    mean, variance, _error = between(values, variances)
    return mean + variance / (variance + variances) * (values - mean)


def shrunk_rates(counts: np.ndarray, exposed: np.ndarray) -> np.ndarray:
    """Rates of one set drawn to their gamma distribution; all at the common rate where they differ by chance only."""
    shape, rate = gamma_prior(counts, exposed)
    common = counts.sum() / exposed.sum()
    return (counts + shape) / (exposed + rate) if np.isfinite(shape) else np.full(len(counts), common)


def gamma_prior(counts: np.ndarray, exposed: np.ndarray) -> tuple[float, float]:
    """Shape nu and rate alpha of the rates' gamma distribution; infinite where there is no variance beyond chance.

    theta = (O + nu) / (E + alpha), nu / alpha = mean theta,
    nu / alpha^2 = sum (1 + alpha / E) (theta - mean)^2 / (n - 1), until it settles.
    Source: Clayton and Kaldor (1987), Biometrics 43, 671-681, equations 5 and 6.
    """
    scale = exposed.mean()
    exposed = exposed / scale
    theta = counts / exposed
    mean, spread = theta.mean(), theta.var(ddof=1)
    if spread <= 0:
        return np.inf, np.inf
    alpha = mean / spread
    for _step in range(100 * STEPS):
        theta = (counts + mean * alpha) / (exposed + alpha)
        mean = theta.mean()
        spread = ((1 + alpha / exposed) * (theta - mean) ** 2).sum() / (len(counts) - 1)
        if spread <= 0 or alpha > 1e6:
            return np.inf, np.inf
        moved = mean / spread
        if abs(moved - alpha) < NIL * alpha:
            break
        alpha = moved
    return float(mean * alpha), float(alpha * scale)


def shrunk_proportions(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Proportions of one set drawn to their beta distribution; all at the common share where they differ by chance."""
    a, b = beta_prior(counts, totals)
    common = counts.sum() / totals.sum()
    return (counts + a) / (totals + a + b) if np.isfinite(a) else np.full(len(counts), common)


def beta_prior(counts: np.ndarray, totals: np.ndarray) -> tuple[float, float]:
    """Both shapes of the proportions' beta distribution; infinite where there is no variance beyond chance.

    Moments with weights w = n / (1 + (n - 1) rho), p = sum w k/n / sum w, S = sum w (k/n - p)^2, a + b = 1 / rho - 1,
    rho such that S = p (1 - p) [rho sum w (1 - w / sum w)(n - 1) / n + sum w (1 - w / sum w) / n].
    Source: Kleinman (1973), JASA 68, 46-54, section 3.
    """
    share, rho = counts / totals, 0.1
    for _step in range(STEPS):
        w = totals / (1 + (totals - 1) * rho)
        p = (w * share).sum() / w.sum()
        spread = (w * (share - p) ** 2).sum()
        left = w * (1 - w / w.sum())
        within = (left / totals).sum()
        if p * (1 - p) <= 0 or (left * (totals - 1)).sum() <= 0:
            return np.inf, np.inf
        moved = (spread / (p * (1 - p)) - within) / (left * (totals - 1) / totals).sum()
        moved = min(max(moved, 0.0), 0.999)
        if abs(moved - rho) < NIL:
            break
        rho = moved
    return (np.inf, np.inf) if rho < 1e-9 else (float(p * (1 / rho - 1)), float((1 - p) * (1 / rho - 1)))


def shrunk(table: pd.DataFrame, cell: pd.Series) -> pd.Series:
    """Every value drawn to the others of its set (`cell` numbers the sets), in the indicator's unit.

    Amounts and ratios have the same noise in the whole set; a set of three or fewer says nothing of how far to draw
    and they stay. NaN in a set of one, and where the noise is not known. Source: Efron and Morris (1975), JASA 70,
    311-319, equation 1.2 and section 2, with no B under zero.

    table needs kind, by_log, value (NaN where not usable), error, numerator, denominator and factor.
    """
    values, variances = on_scale(table["value"], table["by_log"]), table["error"] ** 2
    grouped = values.where(variances > 0).groupby(cell)
    mean, spread, n = (grouped.transform(what) for what in ("mean", "var", "count"))
    part = ((n - 3) / (n - 1)).clip(lower=0) * variances
    found = mean + (1 - part / spread.where(spread != 0, np.inf)).clip(lower=0) * (values - mean)
    found = np.exp(found.where(table["by_log"])).where(table["by_log"], found)
    found = found.where(table["kind"].isin(["money", "ratio"]))
    for kind, draw in (("rate", shrunk_rates), ("proportion", shrunk_proportions)):
        counted = table[(table["kind"] == kind) & table["value"].notna()]
        sides = counted[["numerator", "denominator"]].to_numpy(float)
        drawn = np.full(len(counted), np.nan)
        for rows in counted.groupby(cell).indices.values():
            if len(rows) > 1:
                drawn[rows] = draw(*sides[rows].T)
        found.loc[counted.index] = drawn * counted["factor"]
    return found
