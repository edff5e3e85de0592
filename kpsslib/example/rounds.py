"""The rounds of one year's figures, and what of them reaches the region: late services, empty cells."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kpsslib.example.draws import stream
from kpsslib.example.panel import Panel, complete
from kpsslib.methodology import Methodology

# Relative standard deviation of a round against the final figures: money of a service, its posts and outputs.
_DEVIATION = {"plan": (0.05, 0.03), "adjusted": (0.02, 0.012), "actual": (0.003, 0.0), "final": (0.0, 0.0)}
_OUTPUTS = frozenset({"bed_days", "care_hours", "contacts", "interventions", "calls"})
_MISSING_IN_LAST_YEAR, _MISSING_BEFORE = 0.16, 0.04
_CARELESS, _EMPTY = 0.12, 0.15  # returns with empty cells, and cells empty in them


def sent(panel: Panel, planted: set[str], seed: int) -> np.ndarray:
    """Whether the year's actual figures of a service reach the region, units x years; planted ones always do."""
    rng = stream(seed, "sent")
    services = panel.units["service_id"].drop_duplicates()
    chance = rng.random((len(services), len(panel.years)))
    chance[services.isin(planted).to_numpy()] = 1.0
    limit = np.where(panel.years == panel.years[-1], _MISSING_IN_LAST_YEAR, _MISSING_BEFORE)
    limit = limit / (1 - services.isin(planted).mean())
    came = chance >= limit[None, :]
    return came[services.reset_index(drop=True).reset_index().set_index("service_id")["index"]
                [panel.units["service_id"]].to_numpy()] & (panel.months > 0)


def revised(panel: Panel, name: str, methodology: Methodology, seed: int) -> Panel:
    """The figures as this round had them: final ones moved by the round's deviation, sums computed again.

    Money of a service moves together, so that a budget stays balanced; plans are in whole thousands. Bed-days stay
    within capacity times days. The last year has no final round yet: its actual figures are the figures.
    """
    money, volume = _DEVIATION[name]
    if name == "final":
        return panel
    shape = panel.months.shape
    kept = (panel.years == panel.years[-1])[None, :] & (name == "actual")
    factors = {side: 1 + deviation * np.clip(stream(seed, f"{name} {side}").standard_normal(shape), -2.5, 2.5) * ~kept
               for side, deviation in (("cost", money), ("fte", volume), ("output", volume))}
    factors["revenue"] = factors["cost"]
    values = dict(panel.values)
    for item in methodology.items.values():
        side = "output" if item.code in _OUTPUTS else item.code.split("_")[0]
        if item.code in values and side in factors:
            digits = 2 if item.unit == "FTE" else -3 if name == "plan" and item.unit == "CZK" else 0
            moved = np.round(values[item.code] * factors[side], digits)
            values[item.code] = np.where(kept, values[item.code], moved)
    most = values["capacity_beds"] * values["operating_days"]
    values["bed_days"] = np.fmin(values["bed_days"], most) if "bed_days" in values else most
    return complete(panel._replace(values=values), methodology)


def with_empty_cells(panel: Panel, planted: set[str], methodology: Methodology, seed: int) -> Panel:
    """The figures as careless providers send them: in some returns cells that no sum needs stay empty."""
    shape = panel.months.shape
    careless = stream(seed, "careless").random(shape) < _CARELESS
    careless[panel.units["service_id"].isin(planted).to_numpy()] = False
    values = dict(panel.values)
    for item in _soft(methodology):
        empty = careless & (stream(seed, f"empty {item}").random(shape) < _EMPTY)
        values[item] = np.where(empty, np.nan, values[item])
    return panel._replace(values=values)


def _soft(methodology: Methodology) -> Iterable[str]:
    """Items asked only after the year that are no part of a sum row."""
    parts = {part for item in methodology.items.values() for part in item.sum_of}
    return [item.code for item in methodology.items.values()
            if item.source == "return" and not item.sum_of and item.code not in parts and "plan" not in item.rounds]
