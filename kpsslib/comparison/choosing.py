"""What a page of comparison shows first: the group's largest type and its headline indicator."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpsslib.comparison.peers import chain
from kpsslib.comparison.reserves import headline_indicators
from kpsslib.methodology import Methodology


@dataclass(frozen=True)
class Choice:
    """One comparable set to look at; empty codes where the group has nothing to compare."""

    indicator: str
    service_type: str
    form: str
    year: int


def choose(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *, year: int,
           indicator: str = "", service_type: str = "") -> Choice:
    """The indicator and type asked for, where the year has them; what is left empty or is not there is chosen.

    The type is the one (and the form of it) with the most values in the year. The indicator is the headline: a cost in
    money by what the service puts out (bed-days, hours); else by posts; else the first indicator with a dimension,
    then with a direction, then any.
    """
    rows = with_types(comparison, services)
    rows = rows[(rows["year"] == year) & rows["value"].notna() & rows["peer_set"].isin(chain(methodology))]
    if (rows["service_type"] == service_type).any():
        rows = rows[rows["service_type"] == service_type]
    if (rows["indicator"] == indicator).any():
        rows = rows[rows["indicator"] == indicator]
    if rows.empty:
        return Choice("", "", "", year)
    sizes = rows.groupby(["service_type", "form"])["unit_id"].nunique()
    kind, form = sizes.sort_values(ascending=False, kind="stable").index[0]
    there = set(rows.loc[(rows["service_type"] == kind) & (rows["form"] == form), "indicator"])
    return Choice(min(there, key=lambda code: _preference(code, methodology)), kind, form, year)


def _preference(code: str, methodology: Methodology) -> tuple:
    one = methodology.indicators[code]
    headline = one in headline_indicators(methodology)
    by_output = all(methodology.items[item].section == "outputs" for item in one.formula(9999)[1].items)
    return (not (headline and by_output), not headline, one.dimension is None, one.direction == "none",
            list(methodology.indicators).index(code))


def with_types(comparison: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Comparison rows of services, with their service_type."""
    types = services.drop_duplicates(["service_id", "form"], keep="last")
    types = types.rename(columns={"service_id": "unit_id"})[["unit_id", "form", "service_type"]]
    return comparison.merge(types, on=["unit_id", "form"])


def rows_of(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice) -> pd.DataFrame:
    """The services of the choice beside their type (or what it widened to), of all years."""
    rows = with_types(comparison, services)
    return rows[(rows["indicator"] == choice.indicator) & (rows["service_type"] == choice.service_type)
                & (rows["form"] == choice.form) & rows["peer_set"].isin(chain(methodology))]
