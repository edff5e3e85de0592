"""The statistics of comparison once more, slowly: from their definitions, by loops, trial and halving; for tests only.

Those of single values and of the sets are in `oracle`, the frontier's in `comparison.oracle_frontier`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist, fmean

import numpy as np

from tests.oracle import halve, quantile


def distance(values: list, weights: list[float], i: int, j: int) -> float:
    """How far two units' contexts are apart, variable by variable: weighted squares of differing normal scores."""
    total, known = 0.0, 0.0
    for column, weight in enumerate(weights):
        every = [row[column] for row in values if not math.isnan(row[column])]
        own, other = values[i][column], values[j][column]
        if math.isnan(own) or math.isnan(other):
            continue
        total += weight * (_normal_score(every, own) - _normal_score(every, other)) ** 2
        known += weight
    return math.sqrt(total / known) if known >= 0.6 * sum(weights) else math.inf


def _normal_score(every: list[float], value: float) -> float:
    rank = sum(one < value for one in every) + (sum(one == value for one in every) + 1) / 2
    return NormalDist().inv_cdf((rank - 0.5) / len(every))


def rank_sets(values: np.ndarray, errors: np.ndarray, level: float, draws: int = 40_000) -> np.ndarray:
    """Mogstad et al.'s algorithm as it is published, with simulated critical values, one unit after another."""
    noise = np.random.default_rng(7).standard_normal((draws, len(values))) * errors
    sets = []
    for j in range(len(values)):
        pooled = np.sqrt(errors[j] ** 2 + errors**2)
        open_ones = {(k, sign) for k in range(len(values)) if k != j for sign in (1, -1)}
        decided = set()
        while True:
            each = [sign * (noise[:, j] - noise[:, k]) / pooled[k] for k, sign in open_ones]
            limit = np.quantile(np.max(each, axis=0), level)
            found = {(k, sign) for k, sign in open_ones if sign * (values[j] - values[k]) / pooled[k] > limit}
            if not found:
                break
            decided |= found
            open_ones -= found
        sets.append((1 + sum(sign < 0 for _k, sign in decided), len(values) - sum(sign > 0 for _k, sign in decided)))
    return np.array(sets, float)


def e_test(k1: float, n1: float, k2: float, n2: float, most: int = 120) -> float:
    """Every pair of counts under most, one after another, as Krishnamoorthy and Thomson say."""
    def statistic(x1: float, x2: float) -> float:
        return abs(x1 / n1 - x2 / n2) / math.sqrt(x1 / n1**2 + x2 / n2**2) if x1 + x2 else 0.0

    rate = (k1 + k2) / (n1 + n2)
    first, second = ([math.exp(-rate * n + i * math.log(rate * n) - math.lgamma(i + 1)) for i in range(most)]
                     for n in (n1, n2))
    seen = statistic(k1, k2) * (1 - 1e-10)
    return sum(first[i] * second[j] for i in range(most) for j in range(most) if statistic(i, j) >= seen)


def mid_p(k1: int, n1: int, k2: int, n2: int) -> Fraction:
    """Twice the smaller tail of the ways to choose k1 + k2 of all, those as observed counted half; in fractions."""
    both = k1 + k2
    ways = {k: math.comb(n1, k) * math.comb(n2, both - k) for k in range(max(0, both - n2), min(n1, both) + 1)}
    less, more = (sum(n for k, n in ways.items() if side * k < side * k1) for side in (1, -1))
    return min(Fraction(1), 2 * (min(less, more) + Fraction(ways[k1], 2)) / sum(ways.values()))


def benjamini_hochberg(p: list[float]) -> list[float]:
    """The least level at which the step-up procedure rejects each, by trying every level at which something changes."""
    m, ordered = len(p), sorted(p)
    levels = sorted(one * m / k for one in ordered for k in range(1, m + 1))

    def limit(level: float) -> float:
        passed = [one for k, one in enumerate(ordered, start=1) if one <= level * (1 + 1e-12) * k / m]
        return passed[-1] if passed else -1.0

    return [next(level for level in levels if one <= limit(level)) for one in p]


def minus_likelihood(y: list[float], v: list[float], t2: float) -> float:
    """Minus the restricted log likelihood of a variance between units."""
    w = [1 / (one + t2) for one in v]
    rest = sum(a * (b - _mean(y, w)) ** 2 for a, b in zip(w, y, strict=True))
    return (sum(math.log(one + t2) for one in v) + math.log(sum(w)) + rest) / 2


def restricted_likelihood(y: list[float], v: list[float]) -> float:
    """The variance between units at which the restricted likelihood is highest: a grid, then ever finer ones."""
    low, high = 0.0, (max(y) - min(y)) ** 2 + 1e-9
    for _ in range(12):
        step = (high - low) / 60
        best = min((low + step * i for i in range(61)), key=lambda t2: minus_likelihood(y, v, t2))
        low, high = max(0.0, best - step), best + step
    return best


def paule_mandel(y: list[float], v: list[float]) -> float:
    """The variance between units with which the weighted squares are n - 1, by halving; 0 where they are fewer."""
    def lack(t2: float) -> float:
        w = [1 / (one + t2) for one in v]
        return len(y) - 1 - sum(a * (b - _mean(y, w)) ** 2 for a, b in zip(w, y, strict=True))

    return 0.0 if lack(0) >= 0 else halve(lack, 0, len(y) * (max(y) - min(y)) ** 2 + 1)


def dersimonian_laird(y: list[float], v: list[float]) -> tuple[float, float, float]:
    """Variance between units by one step of moments, (Q - (n - 1)) / (sum w - sum w^2 / sum w); mean, its error."""
    w = [1 / one for one in v]
    q = sum(a * (b - _mean(y, w)) ** 2 for a, b in zip(w, y, strict=True))
    t2 = max(0.0, (q - len(y) + 1) / (sum(w) - sum(a * a for a in w) / sum(w)))
    w = [1 / (one + t2) for one in v]
    return t2, _mean(y, w), 1 / math.sqrt(sum(w))


def _mean(y: list[float], w: list[float]) -> float:
    return sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)


def gamma_prior(counts: list[float], exposed: list[float]) -> tuple[float, float]:
    """Clayton and Kaldor's nu and alpha: both equations solved at once, alpha by halving its logarithm."""
    pairs = list(zip(counts, exposed, strict=True))

    def mean(alpha: float) -> float:
        return sum(o / (e + alpha) for o, e in pairs) / sum(e / (e + alpha) for _o, e in pairs)

    def lack(log: float) -> float:
        alpha = math.exp(log)
        m = mean(alpha)
        drawn = [((o + m * alpha) / (e + alpha), e) for o, e in pairs]
        return sum((1 + alpha / e) * (t - m) ** 2 for t, e in drawn) / (len(pairs) - 1) - m / alpha

    alpha = math.exp(halve(lack, *(math.log(fmean(exposed) * far) for far in (1e-3, 1e5))))
    return mean(alpha) * alpha, alpha


def marshall(counts: list[float], exposed: list[float]) -> list[float]:
    """Rates drawn to the common one by Marshall (1991), Applied Statistics 40, 283-294: moments in one step."""
    common, pairs = sum(counts) / sum(exposed), list(zip(counts, exposed, strict=True))
    spread = sum(e * (o / e - common) ** 2 for o, e in pairs) / sum(exposed) - common / fmean(exposed)
    parts = [max(0.0, spread) / (max(0.0, spread) + common / e) for e in exposed]
    return [common + part * (o / e - common) for part, (o, e) in zip(parts, pairs, strict=True)]


def beta_prior(counts: list[float], totals: list[float]) -> tuple[float, float]:
    """Kleinman's moments of shares: rho by halving where the squares are as many as they should be."""
    pairs = list(zip(counts, totals, strict=True))

    def sides(rho: float) -> tuple[float, float]:
        w = [n / (1 + (n - 1) * rho) for n in totals]
        p = _mean([k / n for k, n in pairs], w)
        found = sum(a * (k / n - p) ** 2 for a, (k, n) in zip(w, pairs, strict=True))
        left = [a * (1 - a / sum(w)) for a in w]
        expected = sum(a * (rho * (n - 1) / n + 1 / n) for a, n in zip(left, totals, strict=True))
        return p, p * (1 - p) * expected - found

    rho = halve(lambda one: sides(one)[1], 1e-9, 0.999)
    p = sides(rho)[0]
    return p * (1 / rho - 1), (1 - p) * (1 / rho - 1)


def share_limit(target: float, n: int, share: float) -> float:
    """Where between two counts the share of the binomial distribution is reached, as Spiegelhalter interpolates."""
    below = 0.0
    for r in range(n + 1):
        chance = math.comb(n, r) * target**r * (1 - target) ** (n - r)
        if below + chance >= share:
            return min(1.0, max(0.0, (r - (below + chance - share) / chance) / n))
        below += chance
    return 1.0


def dispersion(scores: list[float], errors: list[float]) -> tuple[float, float]:
    """Phi and tau2 with the outer tenths pulled in, value by value."""
    low, high = quantile(scores, 0.1), quantile(scores, 0.9)
    phi = fmean(min(max(z, low), high) ** 2 for z in scores)
    n, w = len(scores), [1 / s**2 for s in errors]
    return phi, max(0.0, (n * phi - (n - 1)) / (sum(w) - sum(a * a for a in w) / sum(w)))
