"""Values drawn towards their set: published numbers, slow second implementations, and properties."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betaln

from kpsslib.comparison import shrinkage
from kpsslib.workspace import project_root
from tests import oracle_comparison as oracle

COUNTS = np.array([7, 22, 41, 15, 60, 9, 33, 28], float)
TOTALS = np.array([100, 250, 300, 140, 520, 130, 260, 310], float)
REFERENCE = project_root().parent / "shared" / "reference" / "ref" / "shrink"
# Colditz et al. (1994), 13 trials of the BCG vaccine: log risk ratios and variances, as in R metafor dat.bcg.
BCG_COUNTS = [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
              (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
              (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)]


@pytest.fixture(scope="module")
def bcg():
    a, b, c, d = np.array(BCG_COUNTS, float).T
    return np.log((a / (a + b)) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_vaccine_trials_by_restricted_likelihood(bcg):
    """R metafor 3.8: tau2 .3132433, mu -.7145323, s.e. .1797815; the 13 BLUPs to four digits."""
    found = shrinkage.between(*bcg)
    assert found == pytest.approx((-0.7145323, 0.3132433, 0.1797815), abs=1e-7)
    blups = [-0.8002, -1.2517, -0.9869, -1.3979, -0.2874, -0.7846, -1.244, 0.0029, -0.5068, -1.2472, -0.3537, -0.2847,
             -0.1467]
    assert shrinkage.shrunk_values(*bcg) == pytest.approx(blups, abs=6e-5)


def test_vaccine_trials_by_paule_and_mandel(bcg):
    """Metafor: .3180937 within its own tolerance; the estimating equation holds exactly."""
    values, variances = bcg
    found = shrinkage.between_by_moments(values, variances)
    assert found.variance == pytest.approx(0.3180937, abs=5e-5)
    w = 1 / (variances + found.variance)
    assert (w * (values - found.mean) ** 2).sum() == pytest.approx(12, abs=1e-8)


def test_vaccine_trials_by_one_step_of_moments(bcg):
    """Metafor by DerSimonian and Laird, which settles nowhere: .3087603, near both of ours."""
    values, variances = bcg
    found = oracle.dersimonian_laird(values.tolist(), variances.tolist())
    assert found == pytest.approx((0.3087603, -0.7141172, 0.1787421), abs=1e-7)
    for ours in (shrinkage.between(*bcg), shrinkage.between_by_moments(*bcg)):
        assert (ours.variance, ours.mean, ours.error) == pytest.approx(found, rel=0.04)


units = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 3)), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(units)
def test_restricted_likelihood_is_at_its_top(rows):
    """No variance near it is more likely. Of very unequal variances the likelihood may have a second, higher top."""
    y, v = (list(side) for side in zip(*rows, strict=True))
    found = shrinkage.between(np.array(y), np.array(v)).variance
    here = oracle.minus_likelihood(y, v, found)
    assert all(oracle.minus_likelihood(y, v, max(0.0, found + step)) >= here - 1e-9 for step in (-1e-3, 1e-3))


@pytest.mark.parametrize("seed", range(12))
def test_restricted_likelihood_is_that_of_the_slow_implementation(seed):
    random = np.random.default_rng(seed)
    v = random.uniform(0.2, 1, 15)
    y = random.normal(0, np.sqrt(v + 0.5))
    assert shrinkage.between(y, v).variance == pytest.approx(
        oracle.restricted_likelihood(y.tolist(), v.tolist()), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(units)
def test_moments_are_those_of_the_slow_implementation(rows):
    y, v = (list(side) for side in zip(*rows, strict=True))
    found = shrinkage.between_by_moments(np.array(y), np.array(v)).variance
    assert found == pytest.approx(oracle.paule_mandel(y, v), abs=1e-8)


@pytest.mark.parametrize("seed", range(12))
def test_gamma_and_beta_distributions_are_those_of_the_slow_implementation(seed):
    """Random sets of units that differ for good."""
    random = np.random.default_rng(seed)
    n = int(random.integers(8, 40))
    totals = random.integers(30, 400, n).astype(float)
    counts = random.poisson(totals * random.gamma(6, 0.02, n)).astype(float)
    assert shrinkage.gamma_prior(counts, totals) == pytest.approx(
        oracle.gamma_prior(counts.tolist(), totals.tolist()), rel=1e-6)
    counts = random.binomial(totals.astype(int), random.beta(4, 8, n)).astype(float)
    assert shrinkage.beta_prior(counts, totals) == pytest.approx(
        oracle.beta_prior(counts.tolist(), totals.tolist()), rel=1e-6)


def test_sudden_infant_deaths_of_north_carolina():
    """R DCluster empbaysmooth run to convergence: nu 4.630749, alpha 4.395741."""
    if not REFERENCE.exists():
        pytest.skip("the 100 counties are reference material, not the project's")
    rows = list(csv.DictReader((REFERENCE / "nc_sids74.csv").read_text("utf-8").splitlines()))
    counts, expected = (np.array([float(row[key]) for row in rows]) for key in ("O", "E"))
    assert shrinkage.gamma_prior(counts, expected) == pytest.approx((4.630749, 4.395741), abs=1e-6)


def test_the_counties_by_one_step_of_moments():
    """PySAL's esda 2.9, Empirical_Bayes (Marshall 1991): the first three of the 100; near the gamma distribution."""
    if not REFERENCE.exists():
        pytest.skip("the 100 counties are reference material, not the project's")
    rows = list(csv.DictReader((REFERENCE / "nc_sids74.csv").read_text("utf-8").splitlines()))
    deaths, births = ([float(row[key]) for row in rows] for key in ("O", "B"))
    drawn = oracle.marshall(deaths, births)
    assert drawn[:3] == pytest.approx([0.0016973, 0.00170538, 0.00177309], abs=6e-9)
    ours = shrinkage.shrunk_rates(np.array(deaths), np.array(births))
    assert np.corrcoef(ours, drawn)[0, 1] > 0.99
    assert ours == pytest.approx(drawn, rel=0.15)


def test_beta_distribution_is_near_that_of_the_likelihood():
    """600 made-up shares: moments and likelihood both find the distribution they were drawn from."""
    random = np.random.default_rng(1)
    totals = random.integers(20, 200, 600).astype(float)
    counts = random.binomial(totals.astype(int), random.beta(6, 14, 600)).astype(float)
    a, b = shrinkage.beta_prior(counts, totals)

    def minus_likelihood(size, share):
        return -(betaln(counts + share * size, totals - counts + (1 - share) * size)
                 - betaln(share * size, (1 - share) * size)).sum()

    best = minimize_scalar(lambda log: minus_likelihood(np.exp(log), a / (a + b)), bounds=(0, 8), method="bounded")
    assert a / (a + b) == pytest.approx(0.3, abs=0.01)
    assert a + b == pytest.approx(20, rel=0.15)
    assert a + b == pytest.approx(np.exp(best.x), rel=0.1)


def test_units_alike_by_chance_get_the_common_value():
    assert shrinkage.shrunk_rates(np.array([5.0, 10, 15]), np.array([50.0, 100, 150])) == pytest.approx([0.1] * 3)
    assert shrinkage.shrunk_proportions(np.array([3.0, 6, 9]), np.array([30.0, 60, 90])) == pytest.approx([0.1] * 3)
    assert shrinkage.shrunk_values(np.full(4, 7.0), np.full(4, 0.1)) == pytest.approx([7.0] * 4)


def test_nobody_or_everybody_is_no_crash():
    for counts in (np.zeros(3), np.array([30.0, 60, 90])):
        totals = np.array([30.0, 60, 90])
        assert np.isfinite(shrinkage.shrunk_proportions(counts, totals)).all()
        assert np.isfinite(shrinkage.shrunk_rates(counts, totals)).all()


sets = st.lists(st.tuples(st.integers(0, 40), st.integers(41, 900)), min_size=2, max_size=15)


@settings(max_examples=80, deadline=None)
@given(sets)
def test_a_shrunk_value_lies_between_its_own_and_the_sets(rows):
    counts, totals = np.array(rows, float).T
    assume(counts.sum() > 0)
    for shrunk in (shrinkage.shrunk_rates(counts, totals), shrinkage.shrunk_proportions(counts, totals)):
        raw = counts / totals
        assert (shrunk >= raw.min() - 1e-9).all()
        assert (shrunk <= raw.max() + 1e-9).all()
        assert np.isfinite(shrunk).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 3)), min_size=3, max_size=12), st.floats(0.1, 100))
def test_units_of_measure_and_order_do_not_matter(rows, factor):
    values, variances = np.array(rows).T
    shrunk = shrinkage.shrunk_values(values, variances)
    assert shrinkage.shrunk_values(values * factor, variances * factor**2) == pytest.approx(shrunk * factor, abs=1e-4)
    assert shrinkage.shrunk_values(values[::-1], variances[::-1]) == pytest.approx(shrunk[::-1], abs=1e-5)


def test_less_known_is_drawn_further():
    values, variances = np.array([1.0, 1.0, -1, -0.8, 0.3, 0.1]), np.array([0.01, 1.0, 0.1, 0.1, 0.1, 0.1])
    shrunk = shrinkage.shrunk_values(values, variances)
    assert shrunk[1] < shrunk[0] < 1


def test_moments_of_two_values_by_hand():
    """Two values d apart with equal variances v: (d^2 / 2) / (v + t2) = 1."""
    found = shrinkage.between_by_moments(np.array([0.0, 2.0]), np.array([0.5, 0.5]))
    assert found.variance == pytest.approx(brentq(lambda t2: 2 / (0.5 + t2) - 1, 0, 10), abs=1e-9)


def placed(**columns):
    table = pd.DataFrame(columns).assign(set=0)
    return table.assign(factor=100.0, by_log=table["kind"] == "money")


def test_the_baseball_players_of_efron_and_morris():
    """Efron and Morris (1975), JASA 70, 311-319, table 1: 18 players, hits of their first 45 times at bat in 1970.

    Drawn by 1 - .209 to their mean on the scale sqrt(45) asin(2 p - 1), and told against the rest of the season: the
    squared error falls from 17.6 to 5.0.
    """
    hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
    rest = np.array([.346, .298, .276, .222, .273, .270, .263, .210, .269, .230, .264, .256, .303, .264, .226, .286,
                     .316, .200])
    value, truth = (math.sqrt(45) * np.arcsin(2 * share - 1) for share in (hits / 45, rest))
    table = placed(kind="ratio", value=value, error=1.0, numerator=1.0, denominator=1.0)
    found = shrinkage.shrunk(table, table["set"])
    assert np.polyfit(value, found, 1)[0] == pytest.approx(0.209, abs=5e-4)
    assert (((value - truth) ** 2).sum(), ((found - truth) ** 2).sum()) == pytest.approx((17.61, 5.02), abs=0.01)
    told = ((np.sin(found / math.sqrt(45)) + 1) / 2).to_numpy()
    assert told == pytest.approx([.290, .286, .281, .277, .273, .273, .268, .264, .259, .259, .254, .254, .254, .254,
                                  .254, .249, .244, .239], abs=6e-4)


def test_two_or_three_values_say_nothing_of_how_far_to_draw():
    table = placed(kind="ratio", value=[1.0, 2, 4], error=3.0, numerator=1.0, denominator=1.0)
    assert shrinkage.shrunk(table, table["set"]).tolist() == pytest.approx([1.0, 2, 4])


def test_a_table_of_amounts_is_drawn_as_each_set_by_itself():
    """By hand, each set alone: the variance over n - 1, the noise in the share of (n - 3) / (n - 1)."""
    random = np.random.default_rng(8)
    table = placed(kind="money", value=np.exp(random.normal(7, 0.3, 20)), error=[0.2] * 10 + [0.5] * 10,
                   numerator=1.0, denominator=1.0)
    table["set"] = [3] * 10 + [1] * 10
    table.loc[4, "value"] = np.nan
    found = shrinkage.shrunk(table, table["set"])
    for _, part in table.dropna().groupby("set"):
        logs, n = [math.log(value) for value in part["value"]], len(part)
        mean = sum(logs) / n
        drawn = max(0, 1 - (n - 3) * part["error"].iloc[0] ** 2 / sum((one - mean) ** 2 for one in logs))
        assert found[part.index].tolist() == pytest.approx([math.exp(mean + drawn * (one - mean)) for one in logs])
    assert np.isnan(found[4])


@pytest.mark.parametrize(("kind", "draw"), [
    ("rate", shrinkage.shrunk_rates), ("proportion", shrinkage.shrunk_proportions)])
def test_a_table_of_counts_is_drawn_as_each_set_by_itself(kind, draw):
    table = placed(kind=kind, value=100 * COUNTS / TOTALS, error=np.nan, numerator=COUNTS, denominator=TOTALS)
    found = shrinkage.shrunk(table, table["set"])
    assert found.to_numpy() == pytest.approx(100 * draw(COUNTS, TOTALS))


def test_a_set_of_one_or_without_noise_is_not_drawn():
    alone = placed(kind=["money", "rate", "proportion"], value=[5.0, 5, 5], error=[0.1, 0.1, 0.1], numerator=5.0,
                   denominator=100.0)
    assert shrinkage.shrunk(alone, pd.Series([0, 1, 2])).isna().all()
    still = placed(kind="ratio", value=[1.0, 2, 3], error=np.nan, numerator=1.0, denominator=1.0)
    assert shrinkage.shrunk(still, still["set"]).isna().all()


def test_equal_amounts_stay():
    table = placed(kind="ratio", value=[7.0] * 5, error=0.2, numerator=7.0, denominator=1.0)
    assert shrinkage.shrunk(table, table["set"]).tolist() == pytest.approx([7.0] * 5)
