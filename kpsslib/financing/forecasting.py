"""The verb `forecast`: every service's costs and revenues, item by item, some years ahead under every scenario."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.judging import TOO_SHORT, Judged, judge
from kpsslib.financing.scenarios import Scenarios
from kpsslib.financing.series import ESF, Series, gather

ESF_END = "esf_end"


class Forecasts(NamedTuple):
    """What `forecast` makes.

    Attributes:
        forecast: the table `forecast`; low, mid and high in whole CZK; price, capacity and people are the indices that
            move each item in its scenario (see `scenarios`).
        accuracy: the table `accuracy`.
        past: service_id, service_type, group, region_code, form, item, year, amount (CZK): the years up to now.
        series: the series and their places, for roll-ups.
        judged: the back-test behind the forecasts.
        level: share of cases the intervals should hold.
    """

    forecast: pd.DataFrame
    accuracy: pd.DataFrame
    past: pd.DataFrame
    series: Series
    judged: Judged
    level: float


def forecast(facts: pd.DataFrame, services: pd.DataFrame, scenarios: Scenarios, year: int, horizon: int = 3,
             level: float = 0.8) -> Forecasts:
    """Forecast every money item of every service that operates after `year`, `horizon` years ahead.

    The method is chosen for each service type and form by back-test; its error in the panel (type x form x item) stands
    beside every forecast. The interval is conformal from the panel's errors and should hold the share `level`.
    Scenarios multiply all three by the ratio of their drivers to the reference's (see `scenarios`). Money of an ESF
    project is nothing after its last year (`esf_until`), unless the scenario lets projects continue. A service that
    ends within a year counts by the share of the year it operates.

    Raises RunError where there is no money to forecast.
    """
    series = gather(facts, services, scenarios.items, year, horizon, scenarios.without_years)
    judged = judge(series.keys, series.known, horizon, level)
    table = _long(series, judged)
    table = table.merge(scenarios.factors(table[["service_type", "item"]].drop_duplicates(), series.ahead),
                        on=["service_type", "item", "year"], validate="many_to_many")
    table = _end_projects(table, [code for code, s in scenarios.chosen.items() if s.esf == "ends"])
    low = np.where(table["signed"], table["mid"] - table["radius"], np.maximum(table["mid"] - table["radius"], 0))
    for name, value in (("low", low), ("high", table["mid"] + table["radius"]), ("mid", table["mid"])):
        table[name] = np.round(value * table["factor"] * table["operating"])
    table = table[table["operating"] > 0].reset_index(drop=True)
    return Forecasts(table, judged.accuracy, _past(series), series, judged, level)


def _long(series: Series, judged: Judged) -> pd.DataFrame:
    """One row a series and year ahead, before scenarios."""
    n, horizon = judged.mid.shape
    rows = np.repeat(np.arange(n), horizon)
    return series.keys.iloc[rows].reset_index(drop=True).assign(
        year=np.tile(series.ahead, n), mid=judged.mid.ravel(), radius=judged.radius.ravel(),
        operating=series.operating.ravel(), method=judged.method[rows], backtest_mase=judged.mase[rows],
        signed=(series.known < 0).any(axis=1)[rows],
    )


def _end_projects(table: pd.DataFrame, scenarios: list[str]) -> pd.DataFrame:
    """Nothing comes from an ESF project after its last year, in the scenarios named."""
    over = (table["item"] == ESF) & (table["year"] > table["esf_until"]) & table["scenario"].isin(scenarios)
    return table.assign(mid=table["mid"].mask(over, 0.0), radius=table["radius"].mask(over, 0.0),
                        method=table["method"].mask(over, ESF_END), backtest_mase=table["backtest_mase"].mask(over))


def _past(series: Series) -> pd.DataFrame:
    n, years = series.past.shape
    rows = np.repeat(np.arange(n), years)
    table = series.keys.iloc[rows].reset_index(drop=True)
    table = table.assign(year=np.tile(series.years, n), amount=series.past.ravel())
    return table.dropna(subset="amount").reset_index(drop=True)


__all__ = ["ESF_END", "TOO_SHORT", "Forecasts", "forecast"]
