"""Confidence sets for ranks: published numbers, a simulated second implementation, and properties."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from kpsslib.comparison.ranks import _floor, could_be_best, critical, marginal_sets, rank_sets
from kpsslib.workspace import project_root
from tests import oracle_comparison as oracle

PISA = project_root().parent / "shared" / "reference" / "ref" / "rank" / "pisa2018_math.csv"


@pytest.fixture(scope="module")
def pisa():
    """OECD PISA 2018, mathematics: 38 names, scores and standard errors."""
    if not PISA.exists():
        pytest.skip(f"{PISA.name} is not here: it belongs to the reference material, not to the project")
    rows = list(csv.DictReader(PISA.read_text("utf-8").splitlines()))
    return ([row["jurisdiction"] for row in rows], np.array([float(row["math_score"]) for row in rows]),
            np.array([float(row["math_se"]) for row in rows]))


def test_the_united_kingdom_in_pisa_2018(pisa):
    """Mogstad et al. (2024), csranks 1.2.3: rank 13, 95 % marginal set 7 (or 8, by the draws) to 23."""
    names, scores, errors = pisa
    low, high = marginal_sets(scores, errors)[names.index("United Kingdom")]
    assert low in (7, 8)
    assert high == 23


@pytest.mark.parametrize(("level", "n"), [(0.95, 12), (0.90, 11)])
def test_countries_that_could_be_among_the_best_five(pisa, level, n):
    """The same source: 12 countries at 95 %, 11 at 90 %."""
    _names, scores, errors = pisa
    assert could_be_best(scores, errors, 5, level).sum() == n


@pytest.mark.parametrize("seed", range(4))
def test_sets_agree_with_simulation(seed):
    random = np.random.default_rng(seed)
    values, errors = random.normal(0, 2, 12), random.uniform(0.4, 1.2, 12)
    exact, drawn = marginal_sets(values, errors), oracle.rank_sets(values, errors, 0.95)
    wider = np.column_stack([drawn[:, 0] - exact[:, 0], exact[:, 1] - drawn[:, 1]])
    assert (wider >= -1).all()  # never narrower, but for a difference that stands at the very limit of the draws
    assert wider.mean() < 0.2


def test_the_critical_value_agrees_with_simulation():
    """Unequal errors, some comparisons open in one direction only: never too small, and at most 6 % too large."""
    random = np.random.default_rng(5)
    errors = random.uniform(0.3, 1.5, 15)
    pooled = np.sqrt(errors[0] ** 2 + errors[1:] ** 2)
    noise = random.standard_normal((200_000, 15)) * errors
    apart = (noise[:, :1] - noise[:, 1:]) / pooled
    drawn = np.quantile(np.maximum(np.abs(apart[:, :9]).max(axis=1), apart[:, 9:].max(axis=1)), 0.95)
    found = critical(9, 5, float((errors[0] ** 2 / pooled**2).min()), 0.95)
    assert drawn - 0.01 < found < 1.06 * drawn


def held(errors, both, limit):
    """P(max <= limit) for the first unit, each comparison with its own correlation: the first `both` in two directions.

    The product under the integral, by 400 steps: exact but for rounding.
    """
    z = np.linspace(-8, 8, 401)
    own = np.sqrt(errors[0] ** 2 / (errors[0] ** 2 + errors[1:] ** 2))
    width = np.sqrt(1 - own**2)[:, None]
    upper, lower = (norm.cdf((own[:, None] * z + side) / width) for side in (limit, -limit))
    inside = np.where((np.arange(len(own)) < both)[:, None], upper - lower, upper)
    return np.average(inside.prod(axis=0), weights=norm.pdf(z))


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0, 2.0])
def test_however_unequal_the_errors_the_critical_value_is_not_too_small(spread):
    """100 sets of 3 to 20 units, some comparisons decided: at least 95 % by the exact product, and not far more."""
    random = np.random.default_rng(11)
    found = []
    for n in random.integers(3, 21, 100):
        errors = np.exp(spread * random.normal(size=n))
        both = int(random.integers(0, n))
        least = float((errors[0] ** 2 / (errors[0] ** 2 + errors[1:] ** 2)).min())
        found.append(held(errors, both, critical(both, n - 1 - both, _floor(np.array([least]))[0], 0.95)))
    assert min(found) >= 0.95 - 1e-6
    assert np.mean(found) < 0.97


def test_the_mean_correlation_would_be_too_small():
    """Why it is the least one: a unit beside a hundred surer ones, all below it, and twelve less sure ones."""
    errors = np.array([1.0, *[3.0] * 12, *[0.01] * 100])
    mean = float((errors[0] ** 2 / (errors[0] ** 2 + errors[1:] ** 2)).mean())
    assert held(errors, 12, critical(12, 100, mean, 0.95)) < 0.89
    assert held(errors, 12, critical(12, 100, 0.1, 0.95)) > 0.95


@pytest.mark.parametrize("tiny", [1e-6, 1e-12])
def test_units_of_hardly_any_error_divide_nothing_by_zero(tiny):
    """The correlation of an unsure unit among sure ones is one but for rounding."""
    sets = marginal_sets(np.array([1.0, 2, 3, 4]), np.array([1.0, tiny, tiny, tiny]))
    assert sets.tolist() == [[2, 4], [3, 4], [2, 3], [1, 1]]


def test_critical_values_of_dunnett():
    """Dunnett (1964), two-sided 5 %, infinite degrees of freedom: 1.96, 2.21, 2.44, 2.57 for 1, 2, 4, 6 rivals."""
    found = [critical(rivals, 0, 0.5, 0.95) for rivals in (1, 2, 4, 6)]
    assert found == pytest.approx([1.96, 2.21, 2.44, 2.57], abs=6e-3)


def test_uncorrelated_critical_value_is_sidak():
    assert critical(10, 0, 0.0, 0.95) == pytest.approx(norm.isf((1 - 0.95 ** 0.1) / 2), abs=1.1e-3)


def test_certain_differences_give_the_plain_ranks_and_none_gives_all_places():
    values = np.array([10.0, 40.0, 20.0, 30.0])
    assert marginal_sets(values, np.full(4, 0.01)).tolist() == [[4, 4], [1, 1], [3, 3], [2, 2]]
    assert marginal_sets(values, np.full(4, 100.0)).tolist() == [[1, 4]] * 4


def test_without_an_error_there_is_no_place_and_no_rival():
    table = pd.DataFrame({"x": [1.0, 2, 3, 4, 9], "s": [0.1, 0.1, np.nan, 0.0, 0.1], "set": [0, 0, 0, 0, 1]})
    found = rank_sets(table["x"], table["s"], table["set"])
    assert found["rank_low"].tolist()[:2] == [2, 1]
    assert found.iloc[2:].isna().all(axis=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10)), min_size=2, max_size=12), st.floats(0.01, 1000),
       st.randoms(use_true_random=False))
def test_units_order_and_labels_do_not_matter(rows, factor, random):
    values, errors = np.array(rows).T
    sets = marginal_sets(values, errors)
    assert (sets == marginal_sets(values * factor, errors * factor)).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    assert (sets[order] == marginal_sets(values[order], errors[order])).all()
    plain = np.argsort(np.argsort(-values, kind="stable"), kind="stable") + 1
    assert ((sets[:, 0] <= plain) & (plain <= sets[:, 1])).all()
    assert (sets[:, 0] <= sets[:, 1]).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(0.1, 5)), min_size=3, max_size=8), st.floats(0.1, 10))
def test_a_better_value_never_has_a_worse_place(rows, gain):
    values, errors = np.array(rows).T
    better = values.copy()
    better[0] += gain
    before, after = marginal_sets(values, errors)[0], marginal_sets(better, errors)[0]
    assert (after <= before).all()


def test_the_true_place_is_covered():
    """400 sets of ten with known true values: the 95 % sets hold the true place in at least 95 % of cases."""
    random = np.random.default_rng(3)
    truth = np.linspace(0, 3, 10)
    errors = np.linspace(0.3, 1.0, 10)
    held = [(sets[:, 0] <= np.arange(10, 0, -1)) & (np.arange(10, 0, -1) <= sets[:, 1])
            for sets in (marginal_sets(random.normal(truth, errors), errors) for _ in range(400))]
    assert np.mean(held) >= 0.95
