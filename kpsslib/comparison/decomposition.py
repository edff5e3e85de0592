"""Why a service costs more: price of work, staffing, occupancy, travel and the rest, adding up exactly.

The cost of one unit (bed-day, hour, post) is split along its own identity

    C = (F w + o) / B  where units are made of places,      C = F w + t + o  where they are not

F full-time posts per place (or unit), w staff cost per post, o the other costs per place (or unit), B units per place
(for bed-days B = days of operation x occupancy), t travel costs per unit. Where travel costs are not known of both the
service and its target they stay in o. The target T has F, w, B and t at the medians of the comparable set, and o closes
the identity: o* = T B* - F* w* - t*. With S = F w / B, O = o / B, L(a, b) = (a - b) / (ln a - ln b), L(a, a) = a,

    price = L(S, S*) ln(w / w*)          occupancy = -(L(S, S*) + L(O, O*)) ln(B / B*)
    staffing = L(S, S*) ln(F / F*)       overhead = L(O, O*) ln(o / o*)          travel = t - t*

and they add up to C - T, with nothing left over. Of the staffing of field work the posts of direct care per unit, D
(one through the hours of a direct post), have

    hours = L(S, S*) ln(D / D*),         staffing - hours: posts beside direct care.

Source: additive LMDI-I, Ang (2005), Energy Policy 33, 867-871.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpsslib.language import _
from kpsslib.methodology import Formula

PARTS = ["price_part", "staffing_part", "occupancy_part", "travel_part", "overhead_part"]
OF_STAFFING = "hours_part"
# The place that a unit is made of, where it is made of places.
PLACES = {"bed_days": "capacity_beds"}
_ITEMS = ["fte_total", "fte_direct", "cost_staff", "cost_travel", *PLACES.values()]


def components(table: pd.DataFrame, denominator: Formula) -> pd.DataFrame:
    """F, w, B, t and D of each row; NaN where an item is missing. table needs volume and the items of the facts."""
    items = table.reindex(columns=_ITEMS).astype(float)
    place = PLACES.get(denominator.text)
    places = items[place] if place else table["volume"]
    own = pd.DataFrame({
        "F": items["fte_total"] / places, "w": items["cost_staff"] / items["fte_total"], "B": table["volume"] / places,
        "t": items["cost_travel"] / places, "D": items["fte_direct"] / places})
    if place:
        own[["t", "D"]] = np.nan
    return own.where(np.isfinite(own))


def decompose(table: pd.DataFrame, own: pd.DataFrame, goal: pd.DataFrame) -> pd.DataFrame:
    """The parts in CZK of each row's gap to its target, PARTS, and hours_part, which is within staffing_part.

    Args:
        table: value, target_value (CZK a unit) and volume (units).
        own: F, w, B, t and D of the service (`components`).
        goal: those of the target.

    NaN where F, w, B, o or o* is missing or not above zero: then these parts cannot explain the target. travel_part
    alone is NaN where travel is not told apart, hours_part where the posts of direct care are not known.
    """
    travel = own["t"] - goal["t"]
    own = own.assign(o=table["value"] * own["B"] - own["F"] * own["w"] - own["t"].where(travel.notna(), 0.0))
    goal = goal.assign(o=table["target_value"] * goal["B"] - goal["F"] * goal["w"]
                       - goal["t"].where(travel.notna(), 0.0))
    needed = ["F", "w", "B", "o"]
    possible = (own[needed] > 0).all(axis=1) & (goal[needed] > 0).all(axis=1)
    parts = _lmdi(own.where(possible), goal.where(possible)).assign(travel_part=travel.where(possible))
    return parts[[*PARTS, OF_STAFFING]].mul(table["volume"], axis=0)


def _lmdi(own: pd.DataFrame, goal: pd.DataFrame) -> pd.DataFrame:
    ratio = np.log(own.where(own > 0) / goal.where(goal > 0))
    staff = log_mean(own["F"] * own["w"] / own["B"], goal["F"] * goal["w"] / goal["B"])
    rest = log_mean(own["o"] / own["B"], goal["o"] / goal["B"])
    return pd.DataFrame({"price_part": staff * ratio["w"], "staffing_part": staff * ratio["F"],
                         "occupancy_part": (staff + rest) * -ratio["B"] + 0.0, "overhead_part": rest * ratio["o"],
                         OF_STAFFING: staff * ratio["D"]})


def log_mean(a: pd.Series, b: pd.Series) -> pd.Series:
    """The logarithmic mean (a - b) / ln(a / b) of positive numbers; a where they are equal."""
    x = np.log(a / b)
    with np.errstate(invalid="ignore", divide="ignore"):
        # expm1 keeps the digits where a is nearly b.
        return b * (np.expm1(x) / x).where(x.abs() > 1e-12, 1.0)


def waterfall(reserve: Mapping[str, object]) -> pd.DataFrame:
    """The steps from the target's cost to the service's own, for a drawing: part, amount, start and end in CZK.

    Args:
        reserve: a row of table `reserves`.

    Returns: the first row is "target" (from zero), then a row a part that is not nil, the last is "own" (from zero);
    each part starts where the one before it ends. Staffing of field work stands as "support" (posts beside direct
    care) and "hours". Without known parts there is "unexplained" alone. See `part_label`.
    """
    known = {name: float(reserve[name]) for name in [*PARTS, OF_STAFFING] if pd.notna(reserve[name])}
    steps = {name.removesuffix("_part"): known[name] for name in PARTS if name in known}
    if "staffing" in steps and OF_STAFFING in known:
        steps = {"price": steps["price"], "support": steps["staffing"] - known[OF_STAFFING],
                 "hours": known[OF_STAFFING], **{k: v for k, v in steps.items() if k not in ("price", "staffing")}}
    steps = {name: amount for name, amount in steps.items() if amount} or {"unexplained": float(reserve["amount_czk"])}
    goal, own = (float(reserve[name]) * float(reserve["volume"]) for name in ("target_value", "value"))
    amounts = np.array(list(steps.values()))
    ends = goal + np.cumsum(amounts)
    return pd.DataFrame({"part": ["target", *steps, "own"], "amount": [goal, *amounts, own],
                         "start": [0.0, *(ends - amounts), 0.0], "end": [goal, *ends, own]})


def part_label(code: str) -> str:
    """A step of the waterfall in the words of the language spoken."""
    return {
        "target": _("cost at the target"), "price": _("price of work"), "staffing": _("staffing"),
        "support": _("posts beside direct care"), "hours": _("direct work of a post"), "occupancy": _("occupancy"),
        "travel": _("travel"), "overhead": _("other costs"), "unexplained": _("cannot be divided"),
        "own": _("own cost"),
    }[code]
