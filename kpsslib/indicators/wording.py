"""Codes of the tables in the words a user reads."""

from __future__ import annotations

import pandas as pd

from kpsslib.language import _, number, sort_key
from kpsslib.methodology import Indicator


def flag_label(code: str) -> str:
    """A flag of an indicator in the language spoken."""
    return {
        "ok": _("in order"), "missing": _("item missing"), "zero_denominator": _("nothing to divide by"),
        "small_denominator": _("denominator too small"), "out_of_range": _("implausible value"),
    }[code]


def value_text(value: float, indicator: Indicator) -> str:
    """A value with the decimals of its indicator, without the unit; a dash where there is none."""
    return number(value, indicator.digits)


def interval_text(low: float, high: float, indicator: Indicator) -> str:
    """An interval such as "310–345"; a dash where there is none."""
    if pd.isna(low) or pd.isna(high):
        return "–"
    return f"{value_text(low, indicator)}–{value_text(high, indicator)}"


def heading(indicator: Indicator) -> str:
    """Code and name, such as "N01 náklad na lůžkoden"."""
    return f"{indicator.code} {indicator.name}"


def service_names(services: pd.DataFrame) -> dict[str, str]:
    """A name to print for each service_id, with the identifier where two would read the same or there is none."""
    known = services.drop_duplicates("service_id", keep="last").set_index("service_id")["service_name"].fillna("")
    same = known.duplicated(keep=False) | (known == "")
    return known.where(~same, (known + " (" + known.index + ")").str.strip()).to_dict()


def short_labels(names: list[str], longest: int) -> list[str]:
    """Names for a figure: without the words that all of them begin with, cut to so many characters."""
    words = [name.split() for name in names]
    shared = 0
    while len(names) > 1 and all(len(w) > shared + 1 for w in words) and len({w[shared] for w in words}) == 1:
        shared += 1
    rest = [" ".join(w[shared:]) for w in words]
    return [text if len(text) <= longest else text[:longest - 1].rstrip() + "…" for text in rest]


def unit_names(services: pd.DataFrame, territory: pd.DataFrame) -> dict[str, str]:
    """Names for every unit_id: services, and the territories of area indicators."""
    areas = territory.drop_duplicates("orp_code").set_index("orp_code")["orp_name"].to_dict()
    return {**areas, **service_names(services)}


def by_name(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows in the Czech order of a column."""
    return table.sort_values(column, key=lambda names: names.map(sort_key), kind="stable")
