"""Indicators of a territory (ORP): what its services offer beside who lives there."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpsslib.indicators.evaluation import evaluate
from kpsslib.indicators.items import with_constants
from kpsslib.methodology import Indicator, Methodology

_CELL = ["orp_code", "year", "round"]


def area_indicators(wide: pd.DataFrame, services: pd.DataFrame, territory: pd.DataFrame,
                    methodology: Methodology) -> Iterator[pd.DataFrame]:
    """Indicators of level "area" for every ORP of `territory`, each year and round that some service reported.

    The items of services are summed over the services of the ORP whose type and form the indicator is for, among
    the services given (a page of one working group sums its own types). An ORP that has no such service has zero;
    one where any of its services did not report the item has no value, because the sum would be too low.
    """
    for indicator in methodology.indicators.values():
        if indicator.level != "area" or indicator.status == "retired":
            continue
        for form in indicator.forms:
            offer = _of_indicator(services, indicator, form, methodology)
            reported = _of_indicator(wide, indicator, form, methodology)
            if len(offer) and len(reported) and len(territory):
                yield _one(indicator, offer, reported, territory, methodology).assign(form=form)


def _of_indicator(table: pd.DataFrame, indicator: Indicator, form: str, methodology: Methodology) -> pd.DataFrame:
    types = [code for code, kind in methodology.service_types.items() if indicator.applies_to(kind, form)]
    return table[(table["form"] == form) & table["service_type"].isin(types)]


def _one(indicator: Indicator, offer: pd.DataFrame, reported: pd.DataFrame, territory: pd.DataFrame,
         methodology: Methodology) -> pd.DataFrame:
    year = int(reported["year"].max())
    named = {code for side in indicator.formula(year)[:2] for code in side.items}
    summed = [code for code in named if methodology.items[code].source in ("return", "derived")]
    cells = reported[["year", "round"]].drop_duplicates().merge(_wide_territory(territory), on="year", how="inner")
    if summed:
        cells = cells.join(_sums(reported, offer, summed, cells), on=_CELL)
    cells = with_constants(cells.reset_index(drop=True), methodology)
    return evaluate(indicator, cells, year).assign(
        indicator=indicator.code, unit_id=cells["orp_code"], year=cells["year"], round=cells["round"])


def _wide_territory(territory: pd.DataFrame) -> pd.DataFrame:
    known = territory.astype({"year": "int64"}).drop_duplicates(["orp_code", "year", "item"], keep="last")
    return known.pivot(index=["orp_code", "year"], columns="item", values="value").reset_index()


def _sums(reported: pd.DataFrame, offer: pd.DataFrame, items: list[str], cells: pd.DataFrame) -> pd.DataFrame:
    """Sums by ORP, year and round; NaN where a service did not report or reported without the item."""
    grouped = reported.groupby(_CELL)[items]
    sums = grouped.sum().where(grouped.count().eq(grouped.size(), axis=0))
    expected = _registered(offer, cells)
    sums = sums.reindex(expected.index).mask(expected == 0, 0.0)
    present = reported.groupby(_CELL).size().reindex(expected.index, fill_value=0)
    return sums.where(present >= expected)


def _registered(offer: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """How many services the register has in each ORP and year (a service counts in the years of its validity)."""
    pairs = cells[_CELL].merge(offer[["service_id", "orp_code", "valid_from", "valid_to"]], on="orp_code", how="left")
    year = pairs["year"].astype(float)
    begun = pd.to_numeric(pairs["valid_from"].str[:4], errors="coerce").fillna(0) <= year
    lasting = pd.to_numeric(pairs["valid_to"].str[:4], errors="coerce").fillna(9999) >= year
    return (pairs["service_id"].notna() & begun & lasting).groupby([pairs[c] for c in _CELL]).sum()
