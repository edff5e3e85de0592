"""What may be said of a service beside its set."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.language import _

POSITIONS = ("better", "worse", "indistinct", "inside_band", "outside_band", "context", "no_interval",
             "too_few", "flagged", "missing")


def position(table: pd.DataFrame) -> np.ndarray:
    """One of POSITIONS for each row.

    better and worse need an interval that leaves out the median of the set; an interval that holds it is indistinct.
    A band indicator is outside_band where its whole interval lies outside the quartiles. context has no direction.
    no_interval: how sure the value is cannot be said, so nothing is. too_few: the set is under its minimum even
    widened. flagged: there is a value, but one to be checked first. missing: no value.

    table needs value, low, high, median, q1, q3, n_reported, min_peers, direction and flag.
    """
    above, below = table["low"] > table["median"], table["high"] < table["median"]
    higher, lower = table["direction"] == "higher", table["direction"] == "lower"
    outside = (table["low"] > table["q3"]) | (table["high"] < table["q1"])
    return np.select([
        table["value"].isna(), table["flag"] != "ok", table["n_reported"] < table["min_peers"],
        table["direction"] == "none", table["low"].isna() | table["high"].isna(),
        (table["direction"] == "band") & outside, table["direction"] == "band",
        (higher & above) | (lower & below), (higher & below) | (lower & above),
    ], ["missing", "flagged", "too_few", "context", "no_interval", "outside_band", "inside_band", "better", "worse"],
        "indistinct")


def position_label(code: str) -> str:
    """A position in the words of the language spoken."""
    return {
        "better": _("better than the median"), "worse": _("worse than the median"),
        "indistinct": _("cannot be told from the median"), "inside_band": _("within the usual band"),
        "outside_band": _("outside the usual band"), "context": _("context only"),
        "no_interval": _("cannot be judged (no interval)"), "too_few": _("too few peers"),
        "flagged": _("to be checked first"), "missing": _("no value"),
    }[code]


def trend_label(code: str) -> str:
    """A trend in the words of the language spoken."""
    return {
        "improving": _("improving"), "worsening": _("worsening"), "rising": _("rising"), "falling": _("falling"),
        "stable": _("no clear change"), "too_short": _("too short to tell"),
    }[code]
