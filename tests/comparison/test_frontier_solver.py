"""The batched simplex against scipy on hard random sets, and its own certificate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kpsslib.comparison.frontier import fallback, simplex, solving
from kpsslib.comparison.frontier.measuring import measure, measure_with_slacks
from kpsslib.comparison.frontier.technology import ORIENTATIONS, RETURNS, FrontierError, Points, Technology
from tests.comparison import oracle_frontier as oracle

SETS = 2000
KINDS = ("plain", "ties", "zeros", "duplicates", "scale of columns", "scale of units")


def random_set(random, kind):
    """Inputs and outputs of 4 to 12 units with what makes a simplex stumble."""
    n, m, s = random.integers(4, 13), random.integers(1, 4), random.integers(1, 4)
    both = np.exp(random.normal(size=(n, m + s)))
    if kind == "ties":
        both = random.integers(1, 4, (n, m + s)).astype(float)
    if kind == "zeros":
        both = random.integers(0, 4, (n, m + s)).astype(float)
        both[0] = 1
    if kind == "duplicates":
        both = both[random.integers(0, n, n)]
    if kind == "scale of columns":
        both = both * 10.0 ** random.integers(-4, 8, m + s)
    if kind == "scale of units":
        both = both * np.exp(random.normal(0, 3, (n, 1)))
    known = both[:, :m].any(axis=1) & both[:, m:].any(axis=1)
    return both[known, :m], both[known, m:]


@pytest.mark.parametrize("part", range(20))
def test_no_difference_from_scipy_on_2000_random_sets(part):
    """Every unit of each set, one of the four returns and both orientations in turn; no difference above 1e-7."""
    random = np.random.default_rng(part)
    worst = 0.0
    for number in range(SETS // 20):
        inputs, outputs = random_set(random, KINDS[number % len(KINDS)])
        returns, orientation = RETURNS[number // 2 % 4], ORIENTATIONS[number % 7 % 2]
        units = Points(inputs, outputs)
        found = measure(Technology(units, returns, orientation), units)
        assert found.certified.all()
        expected = oracle.scores(inputs, outputs, returns, orientation)
        worst = max(worst, np.abs((found.score - expected) / np.maximum(expected, 1)).max())
    assert worst < 1e-7


@pytest.mark.parametrize("returns", RETURNS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_super_efficiency_is_that_of_scipy(returns, orientation):
    random = np.random.default_rng(11)
    infeasible = 0
    for kind in KINDS[:2] + KINDS[3:]:
        for _ in range(3):
            inputs, outputs = random_set(random, kind)
            units, n = Points(inputs, outputs), len(inputs)
            found = measure(Technology(units, returns, orientation), units, barred=np.arange(n))
            expected = [oracle.super_score(inputs / inputs.mean(axis=0), outputs / outputs.mean(axis=0), o, returns,
                                           orientation) for o in range(n)]
            assert_allclose(found.score, expected, rtol=1e-7)
            infeasible += found.infeasible.sum()
    assert infeasible if returns == "vrs" else True


@pytest.mark.parametrize("returns", RETURNS)
def test_second_phase_finds_the_greatest_slacks(returns):
    random = np.random.default_rng(5)
    for kind in KINDS[:4]:
        inputs, outputs = random_set(random, kind)
        units = Points(inputs, outputs)
        found = measure_with_slacks(Technology(units, returns, "input"), units)
        sums = (found.slacks / np.hstack([inputs, outputs]).mean(axis=0)).sum(axis=1)
        expected = [oracle.greatest_slacks(inputs, outputs, o, returns, found.score[o]) for o in range(len(inputs))]
        assert_allclose(sums, expected, atol=1e-7)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("returns", RETURNS)
def test_weights_give_the_target_and_duals_give_the_score(returns, orientation):
    random = np.random.default_rng(8)
    inputs, outputs = np.exp(random.normal(size=(40, 3))) * [1, 1e6, 1e-3], np.exp(random.normal(size=(40, 2)))
    units = Points(inputs, outputs)
    found = measure_with_slacks(Technology(units, returns, orientation), units)
    weights = np.zeros((40, 40))
    weights[found.point, found.peer] = found.weight
    less, more = found.slacks[:, :3], found.slacks[:, 3:]
    taken, given = (found.score, 1) if orientation == "input" else (1, found.score)
    assert_allclose(weights @ inputs, (inputs.T * taken).T - less, rtol=1e-9)
    assert_allclose(weights @ outputs, (outputs.T * given).T + more, rtol=1e-9)
    paid, gained = (inputs * found.duals[:, :3]).sum(axis=1), (outputs * found.duals[:, 3:]).sum(axis=1)
    if orientation == "input":
        assert_allclose(paid, 1)
        assert_allclose(gained + found.scale_dual, found.score)
    else:
        assert_allclose(gained, 1)
        assert_allclose(paid - found.scale_dual, found.score)
    assert (np.abs(found.scale_dual).max() < 1e-12) == (returns == "crs")


@pytest.fixture
def large():
    random = np.random.default_rng(3)
    inputs = np.exp(random.normal(0, 0.5, (900, 3)))
    made = np.exp(0.3 * np.log(inputs).sum(axis=1) - np.abs(random.normal(0, 0.25, 900)))
    return Points(inputs, made[:, None] * np.exp(random.normal(0, 0.3, (900, 2))))


@pytest.mark.parametrize("returns", RETURNS)
def test_columns_as_needed_find_what_all_columns_find(large, returns, monkeypatch):
    technology = Technology(large, returns, "input")
    few = measure_with_slacks(technology, large)
    monkeypatch.setattr(solving, "ALL_AT_ONCE", 10_000)
    every = measure_with_slacks(technology, large)
    assert few.certified.all()
    assert every.certified.all()
    assert_allclose(few.score, every.score, atol=1e-9)
    scale = np.hstack([large.inputs, large.outputs]).mean(axis=0)
    assert_allclose((few.slacks / scale).sum(axis=1), (every.slacks / scale).sum(axis=1), atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_as_needed_on_hard_sets(kind, monkeypatch):
    monkeypatch.setattr(solving, "ALL_AT_ONCE", 0)
    monkeypatch.setattr(solving, "TOGETHER", 5)
    random = np.random.default_rng(21)
    for returns in RETURNS:
        inputs, outputs = random_set(random, kind)
        units = Points(inputs, outputs)
        found = measure(Technology(units, returns, "output"), units)
        assert_allclose(found.score, oracle.scores(inputs, outputs, returns, "output"), rtol=1e-7)


@pytest.mark.parametrize("returns", ["crs", "vrs"])
def test_what_does_not_certify_goes_to_scipy(returns, monkeypatch):
    random = np.random.default_rng(2)
    units = Points(np.exp(random.normal(size=(15, 2))), np.exp(random.normal(size=(15, 2))))
    technology = Technology(units, returns, "input")
    ours = measure_with_slacks(technology, units)
    beyond = measure(technology, units, barred=np.arange(15))
    monkeypatch.setattr(simplex, "STEPS", 0)
    theirs = measure_with_slacks(technology, units)
    assert theirs.by_scipy.all()
    assert theirs.certified.all()
    assert not ours.by_scipy.any()
    assert_allclose(theirs.score, ours.score, atol=1e-9)
    assert_allclose(theirs.slacks, ours.slacks, atol=1e-9)
    without = measure(technology, units, barred=np.arange(15))
    assert_allclose(without.score, beyond.score, atol=1e-9)
    assert (without.infeasible == beyond.infeasible).all()


def test_a_wrong_solution_is_not_certified():
    """A state that is no optimum, or breaks an equation, has a residual far from zero."""
    random = np.random.default_rng(4)
    units = Points(np.exp(random.normal(size=(12, 2))), np.exp(random.normal(size=(12, 1))))
    programs = Technology(units, "vrs", "input").programs(units)
    cost = np.zeros(programs.artificial + 1)
    cost[programs.z] = 1
    everyone, pool = np.arange(12), np.arange(programs.z)
    begun = solving.refreshed(programs, solving.first_state(programs, everyone, pool), everyone)
    worst = solving._worst_columns(programs, cost, everyone, simplex.duals_of(programs, begun, cost))[1]
    unfinished = solving._checked(programs, cost, everyone, begun, np.maximum(-worst, 0))
    assert not unfinished.certified.all()
    done = solving.solve(programs, cost)
    assert done.certified.all()
    moved = simplex.State(done.basis, begun.inverse, done.values + 1e-6)
    assert not solving._checked(programs, cost, everyone, moved, np.zeros(12)).certified.any()


def test_scipy_without_a_solution_leaves_nan(monkeypatch):
    random = np.random.default_rng(4)
    units = Points(np.exp(random.normal(size=(8, 2))), np.exp(random.normal(size=(8, 1))))
    monkeypatch.setattr(simplex, "STEPS", 0)
    failing = type("Found", (), {"status": 4})
    monkeypatch.setattr(fallback, "linprog", lambda *args, **kwargs: failing)
    found = measure(Technology(units, "vrs", "input"), units)
    assert np.isnan(found.score).all()
    assert not found.certified.any()


@pytest.mark.parametrize(("inputs", "outputs", "reason"), [
    ([[np.nan], [1]], [[1], [1]], "missing"), ([[-1], [1]], [[1], [1]], "negative"),
    ([[0], [1]], [[1], [1]], "no_inputs"), ([[1], [1]], [[0], [1]], "no_outputs"),
    ([[1, 0], [1, 0]], [[1], [1]], "empty_column"), (np.empty((0, 1)), np.empty((0, 1)), "too_few")])
def test_data_without_a_frontier_are_refused(inputs, outputs, reason):
    with pytest.raises(FrontierError) as refusal:
        Technology(Points(np.asarray(inputs, float), np.asarray(outputs, float)), "vrs", "input")
    assert refusal.value.reason == reason


def test_unknown_words_are_refused():
    units = Points(np.ones((2, 1)), np.ones((2, 1)))
    with pytest.raises(ValueError, match="expected one of"):
        Technology(units, "constant", "input")
    with pytest.raises(ValueError, match="expected one of"):
        Technology(units, "crs", "both")
