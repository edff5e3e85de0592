"""Differences summed up: by service, by indicator, by year."""

from __future__ import annotations

import pandas as pd

from kpsslib.comparison.peers import BASE
from kpsslib.differences.causes import OWN
from kpsslib.differences.comparing import Differences
from kpsslib.differences.matching import SAID, TURNED

OF_SETS = ("position", "places", "certainty", "set")
_COUNTED = ["turned", "said", "values", "places"]


def of_year(differences: Differences) -> pd.DataFrame:
    """What the page tells: the newest year, each service beside its own set; money of all years."""
    table = differences.table
    years = table["year"].isna() | (table["year"] == differences.year) | (table["kind"] == "outlook")
    return table[years.fillna(True) & (~table["kind"].isin(OF_SETS) | (table["beside"] == BASE))]


def by_service(differences: Differences) -> pd.DataFrame:
    """The services whose results changed in the newest year, those that changed most first.

    Returns: service_id, group, turned and said (differences of these tiers), values (own values that moved), places
    (that moved), size (the greatest of the own values, in usual distances), own (whether anything of its own changed)
    and cause (of its own values; "peers" where only those moved).
    """
    rows = of_year(differences)
    rows = rows[rows["service_id"].isin(differences.services["service_id"])
                & ~rows["kind"].isin(["item", "text", "return", "problem"])]
    return _summed(rows, "service_id").sort_values(
        ["turned", "own", "size", "said", "values", "places", "service_id"], kind="stable", na_position="last",
        ascending=[False, False, False, False, False, False, True]).reset_index(drop=True)


def by_indicator(rows: pd.DataFrame) -> pd.DataFrame:
    """The indicators whose results changed, those in which most turned or moved first; columns as of `by_service`."""
    rows = rows[(rows["indicator"] != "") & (rows["service_id"] != "")
                & ~rows["kind"].isin(["item", "text", "problem", "reserve"])]
    return _summed(rows, "indicator").sort_values(
        ["turned", "values", "said", "size", "indicator"], ascending=[False, False, False, False, True],
        kind="stable").reset_index(drop=True)


def _summed(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    own = rows["kind"].isin([*OWN, "service"])
    counted = rows.assign(turned=rows["tier"] == TURNED, said=rows["tier"] == SAID, values=rows["kind"] == "value",
                          places=rows["kind"] == "places", own=own, size=rows["size"].where(rows["kind"] == "value"),
                          why=rows["cause"].where(own))
    grouped = counted.groupby(key)
    summed = grouped[_COUNTED].sum().assign(size=grouped["size"].max(), own=grouped["own"].any(),
                                            group=grouped["group"].first(), cause=grouped["why"].first())
    return summed.reset_index().assign(cause=lambda table: table["cause"].fillna("peers"))


def by_year(differences: Differences) -> pd.DataFrame:
    """How many values, flags and positions (beside the own set) changed in each year before the newest."""
    table = differences.table
    rows = table[table["kind"].isin(["value", "flag", "position", "median"])
                 & (~table["kind"].isin(OF_SETS) | (table["beside"] == BASE)) & (table["year"] < differences.year)]
    counts = rows.groupby(["year", "kind"]).size().unstack(fill_value=0)
    return counts.reindex(columns=["value", "flag", "position", "median"], fill_value=0).sort_index(ascending=False)
