"""Which vintage of a year's data is compared."""

from __future__ import annotations

import pandas as pd

from kpsslib.methodology.models import ROUNDS

OUTTURN = ("actual", "final")


def latest_round(table: pd.DataFrame, year: int, round: str) -> pd.DataFrame:
    """The rows of one round for each unit, form and year, up to the year asked.

    In the years before the one asked it is the latest outturn of each service: the final round supersedes the actual
    one whole; plans of past years are never compared with what really happened. In the year asked it is the round
    asked; where that is the actual one, a final one that has come since supersedes it there too.
    """
    place = table["round"].map({name: place for place, name in enumerate(ROUNDS)}).astype(int)
    outturn = table["round"].isin(OUTTURN)
    asked = (outturn & (place >= ROUNDS.index(round))) if round in OUTTURN else table["round"] == round
    wanted = ((table["year"] < year) & outturn) | ((table["year"] == year) & asked)
    rows, place = table[wanted], place[wanted]
    newest = place.groupby([rows["unit_id"], rows["form"], rows["year"]]).transform("max")
    return rows[place == newest].reset_index(drop=True)
