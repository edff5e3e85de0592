"""Facts as a wide table: a row a service, form, year and round, a column an item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.methodology import Item, Methodology

KEYS = ["service_id", "form", "year", "round"]
_OF_SERVICE = ["service_id", "form", "service_type", "orp_code"]
_NO_VALUE = ("missing", "not_applicable")


def widen(facts: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Facts with an item a column, the service's type and territory beside them.

    Returns one row for every service, form, year and round that has a fact: service_id, form, service_type,
    orp_code, year, round and every item of the methodology. NaN is a value that is not known. Zero stands where the
    methodology does not ask the type and form for an amount that adds (a field service has no fees for accommodation),
    because there can be none. Constants have the value of the year. Facts of services that `services` does not hold
    are left out.

    Raises ValueError where a service has two values of an item in one year and round.
    """
    facts = facts[facts["item"].isin(list(methodology.items))]
    wide = _spread(facts, list(methodology.items))
    known = services.drop_duplicates(["service_id", "form"], keep="last")[_OF_SERVICE]
    wide = known.merge(wide, on=["service_id", "form"], how="inner").reset_index(drop=True)
    for (kind, form), rows in wide.groupby(["service_type", "form"]).groups.items():
        nothing = list(unasked(methodology, kind, form, additive=True))
        wide.loc[rows, nothing] = wide.loc[rows, nothing].fillna(0.0)
    return with_constants(wide, methodology)


def _spread(facts: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    rows = facts.groupby(KEYS, sort=True, observed=True).ngroup().to_numpy()
    columns = pd.Categorical(facts["item"], categories=items).codes.astype(int)
    _refuse_doubles(facts, rows * len(items) + columns)
    values = facts["value"].to_numpy(float)
    values = np.where(facts["status"].isin(_NO_VALUE), np.nan, values)
    table = np.full((rows.max(initial=-1) + 1, len(items)), np.nan)
    table[rows, columns] = values
    first = pd.Series(rows).drop_duplicates()
    keys = facts[KEYS].iloc[first.sort_values().index].reset_index(drop=True)
    return pd.concat([keys.astype({"year": "int64"}), pd.DataFrame(table, columns=items)], axis=1)


def _refuse_doubles(facts: pd.DataFrame, cells: np.ndarray) -> None:
    doubled = pd.Series(cells).duplicated().to_numpy()
    if doubled.any():
        one = facts[doubled].iloc[0]
        raise ValueError(f"facts: {one['service_id']} {one['form']} {one['year']} {one['round']} has "
                         f"{one['item']} twice; cleaning must leave one value")


def with_constants(table: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """The table with a column for every constant of the methodology, by the table's year."""
    years = table["year"].unique()
    constants = [item for item in methodology.items.values() if item.source == "constant"]
    return table.assign(**{item.code: table["year"].map({year: item.constant(year) for year in years}).astype(float)
                           for item in constants})


def unasked(methodology: Methodology, service_type: str, form: str, *, additive: bool = False) -> set[str]:
    """The items that services of this type do not report in this form; only those that add, if so asked."""
    kind = methodology.service_types[service_type]
    return {item.code for item in methodology.items.values()
            if item.source == "return" and not item.asked_of(kind, form) and (not additive or _adds(item))}


def _adds(item: Item) -> bool:
    return item.additive != "none"
