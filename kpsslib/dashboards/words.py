"""The dashboard's words: amounts with their units, positions, reasons, and the sentence that says it all."""

from __future__ import annotations

import math

from kpsslib.language import NBSP, _, money, number, plural
from kpsslib.methodology import Indicator

# How a position is drawn: colour and shape only where the interval leaves out the median (or the usual band).
MARKS = {"better": "better", "worse": "worse", "outside_band": "outside"}


def amount(value: float, indicator: Indicator) -> str:
    """A value with its whole unit, such as "1 812 Kč za lůžkoden"."""
    return f"{number(value, indicator.digits)}{NBSP}{indicator.unit_label}" if math.isfinite(value) else "–"


def short(value: float, indicator: Indicator) -> str:
    """A value with as much of its unit as it needs beside others: crowns, per cent, or none."""
    if indicator.kind == "money":
        return money(value, indicator.digits)
    if indicator.unit == "percent" and math.isfinite(value):
        return f"{number(value, indicator.digits)}{NBSP}%"
    return number(value, indicator.digits)


def span(low: float, high: float, indicator: Indicator) -> str:
    """From low to high, such as "1 650–1 905"; a dash where either is missing."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    return f"{number(low, indicator.digits)}–{number(high, indicator.digits)}"


def reach(low: float, high: float, indicator: Indicator) -> str:
    """From low to high with as much of the unit as it needs, such as "1 650–1 905 Kč"."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    return f"{number(low, indicator.digits)}–{short(high, indicator)}"


def n_of_n(reported: float, expected: float) -> str:
    """How many of how many, such as "14 z 16 služeb"."""
    return plural("{reported} of {n} service", "{reported} of {n} services", int(expected), reported=number(reported))


def sentence(name: str, row: dict, indicator: Indicator) -> str:
    """The position of a service in one sentence; `row` is its row of the comparison."""
    if not math.isfinite(row["value"]):
        return _("{name}: no value, {reason}.", name=name, reason=reason(row["flag"]))
    values = {"name": name, "value": amount(row["value"], indicator), "median": short(row["median"], indicator),
              "n": n_of_n(row["n_reported"], row["n_expected"])}
    match row["position"]:
        case "better":
            return _("{name}: {value}, better than the median {median} ({n}).", **values)
        case "worse":
            return _("{name}: {value}, worse than the median {median} ({n}).", **values)
        case "indistinct":
            return _("{name}: {value}, cannot be told from the median {median} ({n}).", **values)
        case "inside_band":
            return _("{name}: {value}, within the usual band {band} ({n}).", band=_band(row, indicator), **values)
        case "outside_band":
            return _("{name}: {value}, outside the usual band {band} ({n}).", band=_band(row, indicator), **values)
        case "too_few":
            return _("{name}: {value}; too few services to compare with ({n}).", **values)
        case "flagged":
            return _("{name}: {value}; to be checked first, {reason}.", reason=reason(row["flag"]), **values)
        case _:
            return _("{name}: {value}; the median is {median} ({n}), not judged as better or worse.", **values)


def _band(row: dict, indicator: Indicator) -> str:
    return reach(row["q1"], row["q3"], indicator)


def ranks(row: dict) -> str:
    """The rank interval, such as "5.–9. z 14"."""
    low, high = row["rank_low"], row["rank_high"]
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    if low == high:
        return _("{place} of {n}", place=number(low), n=number(row["n_reported"]))
    return _("{low}–{high} of {n}", low=number(low), high=number(high), n=number(row["n_reported"]))


def reason(flag: str | None) -> str:
    """Why there is no value."""
    return {
        "missing": _("an item is missing in the return"),
        "zero_denominator": _("the denominator is zero"),
        "small_denominator": _("the denominator is too small"),
        "out_of_range": _("the value is out of the valid range"),
    }.get(flag, _("the return has not come"))


def direction(indicator: Indicator) -> str:
    """Which way is better."""
    return {
        "lower": _("lower is better"), "higher": _("higher is better"),
        "band": _("both extremes are to be explained"), "none": _("context, neither better nor worse"),
    }[indicator.direction]


def order(indicator: Indicator) -> str:
    """How the figure is ordered."""
    if indicator.direction in ("lower", "higher"):
        return _("best first")
    return _("highest first")


def legend(indicator: Indicator) -> list[list[str]]:
    """The marks that this indicator can have, each with its words."""
    if indicator.direction == "none":
        return [["level", _("not judged")]]
    if indicator.direction == "band":
        return [["outside", _("outside the usual band")], ["level", _("within the usual band")]]
    return [["better", _("better than the median")], ["worse", _("worse than the median")],
            ["level", _("cannot be told from it")]]


def part(value: float) -> str:
    """A numerator or denominator: whole where it is large or whole, else with two decimals."""
    return number(value, 0 if abs(value) >= 1000 or value == round(value) else 2) if math.isfinite(value) else "–"


def or_none(value: float) -> float | None:
    """A number for JSON, which has no NaN."""
    return float(value) if math.isfinite(value) else None
