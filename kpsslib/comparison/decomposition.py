"""Why a service costs more: price of work, staffing, occupancy and the rest, adding up exactly.

The cost of one unit (bed-day, hour, post) is split along its own identity

    C = (F w + o) / B

F full-time posts per place, w staff cost per post, o the other costs per place, B units per place (for bed-days
B = days of operation x occupancy). Where units are not made of places, the place is the unit and B = 1. The target T
has F, w and B at the medians of the comparable set, and o closes the identity: o* = T B* - F* w*. With
S = F w / B, O = o / B, L(a, b) = (a - b) / (ln a - ln b), L(a, a) = a,

    price = L(S, S*) ln(w / w*)          occupancy = -(L(S, S*) + L(O, O*)) ln(B / B*)
    staffing = L(S, S*) ln(F / F*)       overhead = L(O, O*) ln(o / o*)

and the four add up to C - T, with nothing left over. Source: additive LMDI-I, Ang (2005), Energy Policy 33, 867-871.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.methodology import Formula

PARTS = ["price_part", "staffing_part", "occupancy_part", "overhead_part"]
# The place that a unit is made of, where it is made of places.
PLACES = {"bed_days": "capacity_beds"}


def components(table: pd.DataFrame, denominator: Formula) -> pd.DataFrame:
    """F, w and B of each row; NaN where an item is missing. table needs volume and the items of the facts."""
    items = table.reindex(columns=["fte_total", "cost_staff", *PLACES.values()]).astype(float)
    place = PLACES.get(denominator.text)
    places = items[place] if place else table["volume"]
    own = pd.DataFrame({
        "F": items["fte_total"] / places, "w": items["cost_staff"] / items["fte_total"], "B": table["volume"] / places})
    return own.where(np.isfinite(own))


def decompose(table: pd.DataFrame, own: pd.DataFrame, goal: pd.DataFrame) -> pd.DataFrame:
    """The parts in CZK of each row's gap to its target: price_part, staffing_part, occupancy_part, overhead_part.

    Args:
        table: value, target_value (CZK a unit) and volume (units).
        own: F, w and B of the service (`components`).
        goal: F, w and B of the target.

    NaN where a component is missing or not above zero, o and o* too: then these parts cannot explain the target.
    """
    own = own.assign(o=table["value"] * own["B"] - own["F"] * own["w"])
    goal = goal.assign(o=table["target_value"] * goal["B"] - goal["F"] * goal["w"])
    possible = (own > 0).all(axis=1) & (goal > 0).all(axis=1)
    return _lmdi(own.where(possible), goal.where(possible)).mul(table["volume"], axis=0)


def _lmdi(own: pd.DataFrame, goal: pd.DataFrame) -> pd.DataFrame:
    ratio = np.log(own / goal)
    staff = log_mean(own["F"] * own["w"] / own["B"], goal["F"] * goal["w"] / goal["B"])
    rest = log_mean(own["o"] / own["B"], goal["o"] / goal["B"])
    return pd.DataFrame({"price_part": staff * ratio["w"], "staffing_part": staff * ratio["F"],
                         "occupancy_part": (staff + rest) * -ratio["B"] + 0.0, "overhead_part": rest * ratio["o"]})


def log_mean(a: pd.Series, b: pd.Series) -> pd.Series:
    """The logarithmic mean (a - b) / ln(a / b) of positive numbers; a where they are equal."""
    x = np.log(a / b)
    with np.errstate(invalid="ignore", divide="ignore"):
        # expm1 keeps the digits where a is nearly b.
        return b * (np.expm1(x) / x).where(x.abs() > 1e-12, 1.0)
