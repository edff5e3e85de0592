"""Facts x methodology -> the table `indicators`."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpsslib.indicators.areas import area_indicators
from kpsslib.indicators.evaluation import evaluate
from kpsslib.indicators.items import unasked, widen
from kpsslib.methodology import Indicator, Methodology
from kpsslib.workspace import TABLES, conform


def compute(facts: pd.DataFrame, services: pd.DataFrame, territory: pd.DataFrame,
            methodology: Methodology) -> pd.DataFrame:
    """Every indicator of every service, form, year and round, and those of territories.

    Args:
        facts: table `facts`, one value for each service, form, year, round and item.
        services: table `services`; a type, form and territory for each service and form.
        territory: table `territory`, the items known of an ORP.
        methodology: indicators with the types and forms they hold for.

    Returns:
        Table `indicators`. A service has a row for each indicator that applies to its type and form and whose items
        its round asks for, also where there is no value (flag "missing"). unit_id is the service_id, or the orp_code
        for an indicator of level "area" (see `area_indicators`).
    """
    wide = widen(facts, services, methodology)
    parts = [*_service_indicators(wide, methodology), *area_indicators(wide, services, territory, methodology)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return conform("indicators", pd.DataFrame(columns=list(TABLES["indicators"])))
    return conform("indicators", pd.concat(parts, ignore_index=True))


def _service_indicators(wide: pd.DataFrame, methodology: Methodology) -> Iterator[pd.DataFrame]:
    pairs = wide.groupby(["service_type", "form"]).groups
    lacking = {pair: unasked(methodology, *pair) for pair in pairs}
    for indicator in methodology.indicators.values():
        if indicator.level != "service" or indicator.status == "retired":
            continue
        rows = [wide.loc[at] for pair, at in pairs.items() if _is_for(indicator, pair, lacking[pair], methodology)]
        if rows:
            yield from _by_formula(indicator, pd.concat(rows), methodology)


def _is_for(indicator: Indicator, pair: tuple[str, str], lacking: set[str], methodology: Methodology) -> bool:
    """Whether the type and form is compared by it and reports something on either side of the fraction."""
    sides = [set(side.items) for side in (*indicator.formula(9999)[:2],)]
    return (indicator.applies_to(methodology.service_types[pair[0]], pair[1])
            and not any(side and side <= lacking for side in sides))


def _by_formula(indicator: Indicator, rows: pd.DataFrame, methodology: Methodology) -> Iterator[pd.DataFrame]:
    """Evaluate the years of one formula together: those up to each earlier formula's last year, then the rest."""
    ends = sorted(old.last_year for old in indicator.earlier)
    period = sum((rows["year"] > end).astype(int) for end in ends) if ends else pd.Series(0, rows.index)
    for _, part in rows.groupby(period):
        year = int(part["year"].max())
        asked = part[part["round"].isin(rounds_of(indicator, year, methodology))]
        yield evaluate(indicator, asked, year).assign(
            indicator=indicator.code, unit_id=asked["service_id"], form=asked["form"], year=asked["year"],
            round=asked["round"])


def rounds_of(indicator: Indicator, year: int, methodology: Methodology) -> list[str]:
    """The rounds that ask for every item of the indicator's formula."""
    items = [methodology.items[code] for side in indicator.formula(year)[:2] for code in side.items]
    common = set.intersection(*(set(item.rounds) for item in items)) if items else set()
    return sorted(common)
