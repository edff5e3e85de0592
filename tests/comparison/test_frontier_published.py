"""The frontier against published numbers; the source stands with each."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from kpsslib.comparison.frontier.bootstrap import corrected
from kpsslib.comparison.frontier.free_disposal import nearest_unit
from kpsslib.comparison.frontier.malmquist import changes
from kpsslib.comparison.frontier.measuring import measure, measure_with_slacks
from kpsslib.comparison.frontier.technology import Points, Technology

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "ref" / "dea"


def points(inputs, outputs):
    inputs, outputs = (np.asarray(side, float).reshape(len(side), -1) for side in (inputs, outputs))
    return Points(inputs, outputs)


def score(units, returns, orientation):
    found = measure(Technology(units, returns, orientation), units)
    assert found.certified.all()
    assert not found.by_scipy.any()
    return found.score


def test_two_inputs_of_coelli():
    """Coelli (1996), guide to DEAP 2.1, example 1 (EG1-out.txt); Coelli et al. (2005), tables 6.1-6.3."""
    units = points([[2, 5], [2, 4], [6, 6], [3, 2], [6, 2]], [1, 2, 3, 1, 2])
    found = measure_with_slacks(Technology(units, "crs", "input"), units)
    assert_allclose(found.score, [0.5, 1, 0.8333333, 0.7142857, 1], atol=5e-8)
    assert round(found.score.mean(), 2) == 0.81
    assert_allclose(found.slacks, [[0, 0.5, 0], [0] * 3, [0] * 3, [0] * 3, [0] * 3], atol=1e-12)
    peers = {(int(o), int(j)): w for o, j, w in zip(found.point, found.peer, found.weight, strict=True)}
    assert set(peers) == {(0, 1), (1, 1), (2, 1), (2, 4), (3, 1), (3, 4), (4, 4)}
    assert_allclose([peers[0, 1], peers[2, 1], peers[2, 4], peers[3, 1], peers[3, 4]],
                    [0.5, 1, 0.5, 0.2142857, 0.2857143], atol=5e-8)


def test_returns_to_scale_of_coelli():
    """Coelli (1996), guide to DEAP 2.1, example 2."""
    units = points([2, 4, 3, 5, 6], [1, 2, 3, 4, 5])
    crs, vrs, drs = (score(units, returns, "input") for returns in ("crs", "vrs", "drs"))
    assert_allclose(crs, [0.5, 0.5, 1, 0.8, 0.8333333], atol=5e-8)
    assert_allclose(vrs, [1, 0.625, 1, 0.9, 1], atol=5e-8)
    assert_allclose(crs / vrs, [0.5, 0.8, 1, 0.8888889, 0.8333333], atol=5e-8)
    assert_allclose([crs.mean(), vrs.mean(), (crs / vrs).mean()], [0.727, 0.905, 0.804], atol=5e-4)
    # increasing returns for 1 and 2, constant for 3, decreasing for 4 and 5
    assert_allclose(drs == vrs, [False, False, True, True, True])


def test_malmquist_of_coelli():
    """Coelli (1996), DEAP 2.1, example 4 (EG4-out.txt), output oriented."""
    found = changes(points([2, 4, 3, 5, 6], [1, 2, 3, 4, 5]), points([2, 4, 3, 5, 5], [1, 3, 4, 3, 5]), "output")
    assert_allclose(found["effch"], [0.75, 1.125, 1, 0.562, 0.9], atol=6e-4)
    assert_allclose(found["techch"], [1.333] * 5, atol=5e-4)
    assert_allclose(found["pech"], [1, 1.222, 1, 0.65, 1], atol=5e-4)
    assert_allclose(found["sech"], [0.75, 0.92, 1, 0.865, 0.9], atol=6e-4)
    assert_allclose(found["tfpch"], [1, 1.5, 1.333, 0.75, 1.2], atol=5e-4)
    means = {part: np.exp(np.log(values).mean()) for part, values in found.items()}
    assert_allclose([means[p] for p in ("effch", "techch", "pech", "sech", "tfpch")],
                    [0.844, 1.333, 0.955, 0.883, 1.125], atol=6e-4)


def test_super_efficiency_of_andersen_and_petersen():
    """Andersen, Petersen (1993), the example of five units."""
    units = points([[2, 12], [2, 8], [5, 5], [10, 4], [10, 6]], [1, 1, 1, 1, 1])
    found = measure(Technology(units, "crs", "input"), units, barred=np.arange(5))
    assert_allclose(found.score, [1, 1.3157895, 1.2, 1.25, 0.75], atol=5e-8)


def test_six_firms_of_bogetoft_and_otto():
    """Bogetoft, Otto (2011), Benchmarking with DEA, SFA, and R, section 4.6.1."""
    units = points([20, 40, 40, 60, 70, 50], [20, 30, 50, 40, 60, 20])
    assert_allclose(score(units, "crs", "input"), [0.8, 0.6, 1, 0.5333333, 0.6857143, 0.32], atol=5e-8)
    assert_allclose(score(units, "vrs", "input"), [1, 0.6666667, 1, 0.5555556, 1, 0.4], atol=5e-8)
    assert_allclose(score(units, "vrs", "output"), [1, 1.6666667, 1, 1.4166667, 1, 2.6666667], atol=5e-8)
    assert_allclose(nearest_unit(units, "input")[0], [1, 1, 1, 0.6666667, 1, 0.4], atol=5e-8)
    assert_allclose(nearest_unit(units, "output")[0], [1, 1.6666667, 1, 1.25, 1, 2.5], atol=5e-8)


@pytest.fixture(scope="module")
def follow_through():
    """70 schools of Program Follow Through, and what R Benchmarking 0.33 says of them."""
    if not REFERENCE.is_dir():
        pytest.skip("the folder with Charnes, Cooper, Rhodes (1981) is not here")
    data = pd.read_csv(REFERENCE / "charnes1981.csv")
    units = points(data[["x1", "x2", "x3", "x4", "x5"]], data[["y1", "y2", "y3"]])
    return units, pd.read_csv(REFERENCE / "charnes1981_expected_Benchmarking_0.33.csv")


@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("returns", ["crs", "vrs", "drs", "irs"])
def test_schools_of_charnes(follow_through, returns, orientation):
    """Charnes, Cooper, Rhodes (1981), scores by R Benchmarking 0.33."""
    units, expected = follow_through
    column = f"{returns}_{orientation.removesuffix('put')}"
    assert_allclose(score(units, returns, orientation), expected[column], atol=1e-9, rtol=0)


@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("returns", ["crs", "vrs"])
def test_super_efficiency_of_the_schools(follow_through, returns, orientation):
    """The same; infinite there is infeasible here."""
    units, expected = follow_through
    found = measure(Technology(units, returns, orientation), units, barred=np.arange(70))
    known = expected[f"super_{returns}_{orientation.removesuffix('put')}"].replace([np.inf, -np.inf], np.nan)
    assert_allclose(found.score, known, atol=1e-9, rtol=0)
    assert (found.infeasible == known.isna()).all()


def test_slacks_and_free_disposal_of_the_schools(follow_through):
    """The same; the sum of slacks there is of the data as they are."""
    units, expected = follow_through
    assert_allclose(nearest_unit(units, "input")[0], expected["fdh_in"], atol=1e-9, rtol=0)
    found = measure_with_slacks(Technology(units, "crs", "input"), units, weights=np.ones(8))
    assert_allclose(found.slacks.sum(axis=1), expected["slack_sum_crs_in"], atol=1e-7, rtol=0)
    assert_allclose(found.slacks.sum(axis=1).mean(), 10.65278683, atol=1e-8)


def test_bootstrap_of_the_schools(follow_through):
    """Mean of the corrected scores: 0.9244 with R Benchmarking 0.33 (2000 replicates, seed 1)."""
    units, _ = follow_through
    found = corrected(Technology(units, "vrs", "input"), replicates=400, seed=1)
    assert found["corrected"].mean() == pytest.approx(0.9244, abs=5e-4)
