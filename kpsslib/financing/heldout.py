"""Forecasts as they would have been told in past years, beside what then came: the proof on the page."""

from __future__ import annotations

import pandas as pd

from kpsslib.financing.backtest import MIN_HISTORY
from kpsslib.financing.forecasting import Forecasts, forecast
from kpsslib.financing.outlook import COST, LEVELS, NEED, outlook, with_totals
from kpsslib.financing.scenarios import REFERENCE, Scenarios

COLUMNS = ["level", "unit_id", "origin", "year", "item", "low", "mid", "high", "came"]
_SERVICE = ["service_id", "form"]


def held_out(facts: pd.DataFrame, services: pd.DataFrame, scenarios: Scenarios, made: Forecasts,
             level: str) -> pd.DataFrame:
    """Costs and need of grant of types and of the units of `level`, told from earlier years, and what came.

    Everything is done anew with the figures up to each origin: choice of method, forecast, interval. The first origin
    is as many years back as years are ahead now, if more than three years stand before it. Only services forecast then
    are counted in `came`; that a service would end counts as known. CZK.
    """
    alone = scenarios._replace(chosen={REFERENCE: scenarios.reference})
    years, horizon = made.series.years, len(made.series.ahead)
    origins = [year for year in years[-1 - horizon:-1] if year - years[0] > MIN_HISTORY]
    parts = [_told(forecast(facts, services, alone, origin, horizon, made.level), made, origin, level)
             for origin in origins]
    return pd.concat([pd.DataFrame(columns=COLUMNS), *parts], ignore_index=True)


def _told(then: Forecasts, made: Forecasts, origin: int, level: str) -> pd.DataFrame:
    told = outlook(then, level)
    told = told[(told["scenario"] == REFERENCE) & told["item"].isin([COST, NEED])]
    known = then.forecast[_SERVICE].drop_duplicates()
    rows = with_totals(made.past[made.past["year"] > origin].merge(known, on=_SERVICE))
    rows = rows[rows["item"].isin([COST, NEED])].assign(came=lambda table: table["amount"] * table["sign"])
    came = pd.concat([rows.groupby([column, "year", "item"])["came"].sum().rename_axis(["unit_id", "year", "item"])
                      .reset_index().assign(level=name) for name, column in LEVELS.items()])
    return told.merge(came, on=["level", "unit_id", "year", "item"]).assign(origin=origin)[COLUMNS]
