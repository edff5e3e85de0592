"""Which vintage of a year's data is compared."""

from __future__ import annotations

import pandas as pd

from kpsslib.methodology.models import ROUNDS

OUTTURN = ("actual", "final")


def latest_round(table: pd.DataFrame, year: int, round: str) -> pd.DataFrame:
    """The rows of one round for each unit, form and year, up to the year asked.

    In the year asked it is the round asked (the region compares what it collected now). In the years before it is
    the latest outturn of each service: the final round supersedes the actual one whole; plans and adjusted plans of
    past years are never compared with what really happened.
    """
    asked = (table["year"] == year) & (table["round"] == round)
    past = table[(table["year"] < year) & table["round"].isin(OUTTURN)]
    rank = past["round"].map({name: place for place, name in enumerate(ROUNDS)}).astype(int)
    newest = rank.groupby([past["unit_id"], past["form"], past["year"]]).transform("max")
    return pd.concat([past[rank == newest], table[asked]], ignore_index=True)
