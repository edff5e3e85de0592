"""Funding cliffs: services whose ESF project ends within the years ahead."""

from __future__ import annotations

import pandas as pd

from kpsslib.financing.forecasting import Forecasts
from kpsslib.financing.series import ESF

COLUMNS = ["service_id", "service_type", "form", "last_year", "year", "amount", "share"]


def cliffs(forecasts: Forecasts) -> pd.DataFrame:
    """Services that get ESF money now and whose project ends before the last year forecast, the largest first.

    Returns last_year of the project, year (the first one without it), amount (the ESF money of the last actual year,
    CZK) and share (of the service's revenues in this form that year, 0..1).
    """
    past, ahead = forecasts.past, forecasts.series.ahead
    today = past[(past["year"] == past["year"].max()) & past["item"].str.startswith("revenue_")]
    revenue = today.groupby(["service_id", "form"])["amount"].sum().rename("revenue").reset_index()
    projects = today[(today["item"] == ESF) & (today["amount"] > 0) & (today["esf_until"] < ahead[-1])]
    table = projects.merge(revenue, on=["service_id", "form"])
    table = table.assign(last_year=table["esf_until"].astype(int), share=table["amount"] / table["revenue"])
    table = table.assign(year=(table["last_year"] + 1).clip(lower=ahead[0]))
    return table.sort_values(["amount", "service_id"], ascending=[False, True])[COLUMNS].reset_index(drop=True)
