"""The chosen service over the years beside the median and quartiles of its set."""

from __future__ import annotations

import pandas as pd

from kpsslib.dashboards import words
from kpsslib.dashboards.axis import axis
from kpsslib.dashboards.choice import Choice
from kpsslib.dashboards.peers import PeerSet
from kpsslib.language import _, number
from kpsslib.methodology import Indicator


def series(peers: PeerSet, choice: Choice, indicator: Indicator) -> dict:
    """Axis, a point a year (a year without a value too), the year chosen, and the same as a table of text."""
    known = [*peers.years.index, *peers.own.index, choice.year]
    years = range(int(min(known)), int(max(known)) + 1)
    both = peers.years.astype("float64").reindex(years).join(peers.own)
    records = [{"year": str(year), **row} for year, row in zip(years, both.to_dict("records"), strict=True)]
    drawn = both[["value", "median", "q1", "q3"]].to_numpy(float).ravel()
    whiskers = both[["low", "high"]].to_numpy(float).ravel()
    return {
        "axis": axis(drawn, whiskers),
        "points": [_point(row, indicator) for row in records],
        "now": str(choice.year),
        "table": {
            "caption": _("Over the years ({unit})", unit=indicator.unit_label),
            "heads": [_("Year"), _("Value"), _("Median"), _("Quartiles"), _("Services")],
            "rows": [{"cells": _cells(row, indicator)} for row in records],
            "numeric": [1, 2, 3, 4],
        },
    }


def _point(row: dict, indicator: Indicator) -> dict:
    """One year: numbers for drawing and the sentence that is read."""
    value = words.amount(row["value"], indicator)
    text = _("{year}: {value}; median {median}, quartiles {quartiles}", year=row["year"], value=value,
             median=words.short(row["median"], indicator), quartiles=words.reach(row["q1"], row["q3"], indicator))
    numbers = {key: words.or_none(row[key]) for key in ("value", "low", "high", "median", "q1", "q3")}
    return {"year": row["year"], **numbers, "text": text}


def _cells(row: dict, indicator: Indicator) -> list[str]:
    counted = "–" if pd.isna(row["n_reported"]) else _("{n} of {all}", n=number(row["n_reported"]),
                                                       all=number(row["n_expected"]))
    return [row["year"], number(row["value"], indicator.digits), number(row["median"], indicator.digits),
            words.span(row["q1"], row["q3"], indicator), counted]
