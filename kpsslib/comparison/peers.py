"""Who is compared with whom: the comparable sets of `peers.toml`."""

from __future__ import annotations

import pandas as pd

from kpsslib.methodology import Methodology

AREA = "area"
EXTRA = ["territory", "nearest"]  # sets in which a value stands once more, beside that of its type
_UNIT = ["unit_id", "form"]


def members(services: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """A row a service and form: unit_id, form, service_type, group and, for each peer rule, the key of its set.

    The key is what is the same in the set, such as "DS/residential/beds"; its column is named by the rule's code.
    """
    table = services.drop_duplicates(["service_id", "form"], keep="last").rename(columns={"service_id": "unit_id"})
    family = {code: kind.family for code, kind in methodology.service_types.items()}
    table = table.assign(family=table["service_type"].map(family))
    keys = {rule.code: _joined(table, rule.same) for rule in methodology.peers.values()}
    kept = table[[*_UNIT, "service_type", "group", "valid_from", "valid_to"]]
    return kept.assign(**keys).reset_index(drop=True)


def _joined(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    key = table[columns[0]].astype("str")
    for column in columns[1:]:
        key = key + "/" + table[column].astype("str").fillna("?")
    return key


def with_sets(indicators: pd.DataFrame, people: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Indicators with the set keys of `members`; a territory is compared with all territories of the region."""
    table = indicators.merge(people.drop(columns=["valid_from", "valid_to"]), on=_UNIT, how="left")
    areas = [code for code, one in methodology.indicators.items() if one.level == "area"]
    is_area = table["indicator"].isin(areas)
    table[AREA] = (AREA + "/" + table["form"].astype("str")).where(is_area)
    return table[is_area | table["service_type"].notna()].reset_index(drop=True)


def expected(people: pd.DataFrame, table: pd.DataFrame, rule: str) -> pd.Series:
    """How many services the register has for each row's set in its year (N of "n of N").

    Counted are the services valid in the year whose type has the indicator at all.
    """
    if rule == AREA:
        cells = table.groupby(["indicator", "form", "year"])["unit_id"]
        return cells.transform("nunique").astype("Int64")
    years = pd.DataFrame({"year": sorted(table["year"].unique())})
    begun = pd.to_numeric(people["valid_from"].str[:4], errors="coerce").fillna(0)
    ended = pd.to_numeric(people["valid_to"].str[:4], errors="coerce").fillna(9999)
    valid = people.assign(begun=begun, ended=ended).merge(years, how="cross")
    valid = valid[(valid["begun"] <= valid["year"]) & (valid["year"] <= valid["ended"])]
    counts = valid.groupby([rule, "service_type", "year"]).size().rename("N").reset_index()
    asked = table[["indicator", rule, "service_type", "year"]].drop_duplicates()
    sums = asked[["indicator", rule, "service_type"]].drop_duplicates().merge(counts, on=[rule, "service_type"])
    sums = sums.groupby(["indicator", rule, "year"])["N"].sum()
    return table[["indicator", rule, "year"]].join(sums, on=["indicator", rule, "year"])["N"].fillna(0).astype("Int64")
