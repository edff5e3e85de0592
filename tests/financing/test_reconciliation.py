"""Reconciled sums: the numbers of hierarchicalforecast, a slow second way, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.financing import checks, forecast
from kpsslib.financing.reconciliation import by_errors, by_structure, reconcile, shrinkage

# Total; A = 1 + 2; B = 3 + 4 + 5. Base forecasts: total, A, B, leaves.
SUMS = np.array([[1.0, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1]])
BASE = np.array([[105.0], [48], [60], [20], [25], [15], [22], [26]])


def test_ols_and_wls_struct_are_those_of_hierarchicalforecast():
    """hierarchicalforecast 1.5.3, MinTrace(ols) and MinTrace(wls_struct), on the same base forecasts."""
    ols = reconcile(SUMS, BASE, np.ones(8)).ravel()
    assert ols.round(4).tolist() == [106.1379, 46.2414, 59.8966, 20.6207, 25.6207, 13.9655, 20.9655, 24.9655]
    np.testing.assert_allclose(by_structure(SUMS, BASE).ravel(), [107, 46.1, 60.9, 20.55, 25.55, 14.3, 21.3, 25.3])


def slow(base, weights):
    """S (S' W^-1 S)^-1 S' W^-1 y, equation 9 of Wickramasuriya, Athanasopoulos and Hyndman (2019)."""
    summing = np.vstack([SUMS, np.eye(5)])
    inverse = np.linalg.inv(weights)
    return summing @ np.linalg.inv(summing.T @ inverse @ summing) @ summing.T @ inverse @ base


def slow_shrinkage(errors):
    n, p = errors.shape
    x = errors / np.sqrt((errors**2).mean(axis=0))
    above = below = 0.0
    for i in range(p):
        for j in range(p):
            if i != j:
                products = x[:, i] * x[:, j]
                above += (np.sum(products**2) - np.sum(products) ** 2 / n) / (n * (n - 1))
                below += np.mean(products) ** 2
    return min(1.0, max(0.0, above / below))


@pytest.fixture(params=[3, 5, 40])
def errors(request):
    random = np.random.default_rng(request.param)
    return random.normal(0, np.arange(1, 9), (request.param, 8)) + random.normal(0, 2, (request.param, 1))


def test_shrinkage_equals_the_slow_one(errors):
    """shrink.estim of the R package hts: variances of the correlations over their squares, pair by pair."""
    assert shrinkage(errors) == pytest.approx(slow_shrinkage(errors), rel=1e-10)


def test_mint_equals_the_slow_one(errors):
    covariance = errors.T @ errors / len(errors)
    kept = slow_shrinkage(errors)
    weights = kept * np.diag(np.diag(covariance)) + (1 - kept) * covariance
    np.testing.assert_allclose(by_errors(SUMS, BASE, errors), slow(BASE, weights), rtol=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=8), st.lists(st.floats(0.1, 10), min_size=8, max_size=8))
def test_reconciled_forecasts_add_up_and_those_that_did_are_left_alone(base, variance):
    base, variance = np.array(base)[:, None], np.array(variance)
    told = reconcile(SUMS, base, variance)
    np.testing.assert_allclose(told[:3], SUMS @ told[3:], atol=1e-6)
    np.testing.assert_allclose(told, slow(base, np.diag(variance)), atol=1e-5)
    coherent = np.vstack([SUMS @ base[3:], base[3:]])
    np.testing.assert_allclose(reconcile(SUMS, coherent, variance), coherent, atol=1e-6)


def test_the_unit_of_money_does_not_matter(errors):
    np.testing.assert_allclose(by_errors(SUMS, BASE * 1000, errors * 1000), by_errors(SUMS, BASE, errors) * 1000)


def test_without_any_errors_the_structure_decides_and_alike_errors_are_no_crash():
    np.testing.assert_array_equal(by_errors(SUMS, BASE, np.zeros((5, 8))), by_structure(SUMS, BASE))
    for alike in (np.ones((2, 8)), np.ones((1, 8)), np.outer([1, -1, 1], [0, *np.ones(7)])):
        told = by_errors(SUMS, BASE, alike)
        np.testing.assert_allclose(told[:3], SUMS @ told[3:], rtol=1e-6)


def test_checks_of_a_region_stand_near_the_services_added_up(forecasts):
    table = checks(forecasts, "region").set_index("way")
    assert list(table.index) == ["bottom_up", "wls_struct", "mint"]
    told = forecasts.forecast[(forecasts.forecast["scenario"] == "expected") & (forecasts.forecast["year"] == 2028)]
    costs = told.loc[told["item"].str.startswith("cost_"), "mid"].sum()
    assert table.loc["bottom_up", "total"] == pytest.approx(costs, rel=1e-6)
    assert (table["services"] == 23).all()
    np.testing.assert_allclose(table["total"] / costs, 1, atol=0.05)


def test_without_a_service_of_all_years_there_is_nothing_to_check(facts, services, scenarios):
    made = forecast(facts, services.assign(valid_to="2027-06-30"), scenarios, 2025)
    assert checks(made, "group").empty
