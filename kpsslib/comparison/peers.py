"""Who is compared with whom: the comparable sets of `peers.toml`; a run's services are those of one region."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from kpsslib.methodology import Methodology
from kpsslib.methodology.models import PeerRule

AREA = "area"
BASE = "type"
POPULATION = "population"
_UNIT = ["unit_id", "form"]
_SHARED = ("group", "orp_code", "family", "size_class")  # who has none shares it with nobody


def chain(methodology: Methodology) -> list[str]:
    """The codes of the rules of which each value is judged by one: that of its type, and those it widens to."""
    found = [BASE]
    while (wider := methodology.peers[found[-1]].widen_to) and wider not in found:
        found.append(wider)
    return found


def others(methodology: Methodology) -> list[str]:
    """The codes of all other rules, by each of which a value stands once more; that of the nearest first."""
    rest = [rule for rule in methodology.peers.values() if rule.code not in chain(methodology)]
    return [rule.code for rule in sorted(rest, key=lambda rule: rule.nearest is None)]


def nearest_rule(methodology: Methodology) -> PeerRule | None:
    """The rule that takes each service's nearest; None where there is none."""
    return next((rule for rule in methodology.peers.values() if rule.nearest), None)


def nearest_code(methodology: Methodology) -> str:
    """The code of that rule; "" where there is none."""
    rule = nearest_rule(methodology)
    return rule.code if rule else ""


def with_population(services: pd.DataFrame, territory: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The services with `population`, the inhabitants of their territory (ORP) as last known by the year, else NaN.

    By it a service stands in the same class of size in all years of a run, as it has the same nearest peers in all.
    """
    known = territory[(territory["item"] == POPULATION) & (territory["year"] <= year)].sort_values("year")
    return services.assign(population=services["orp_code"].map(known.groupby("orp_code")["value"].last()).astype(float))


def members(services: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """A row a service and form: unit_id, form, service_type, group and, for each peer rule, the key of its set.

    The key is what is the same in the set, such as "DS/residential/beds"; its column is named by the rule's code. It is
    missing where the service has no group, territory or family to share, and, of territories alike in size, where their
    inhabitants are not known (`with_population`).
    """
    return _with_keys(services.drop_duplicates(["service_id", "form"], keep="last"), methodology)


def superseded(services: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """The same for the rows that a later row of the same service and form replaces: another type or capacity unit.

    until: the last year that the row holds for, before the year from which the next one is valid. A row that says the
    same as the next one, or after which no date follows, is left out.
    """
    table = services[services.duplicated(["service_id", "form"], keep=False)]
    of_unit = table.groupby(["service_id", "form"])
    begun = pd.to_numeric(of_unit["valid_from"].shift(-1).str[:4], errors="coerce")
    kept = begun.notna() & ((table["service_type"] != of_unit["service_type"].shift(-1))
                            | (table["capacity_unit"] != of_unit["capacity_unit"].shift(-1)))
    return _with_keys(table[kept], methodology).assign(until=(begun[kept] - 1).astype("int64").to_numpy())


def _with_keys(table: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    table = table.rename(columns={"service_id": "unit_id"})
    family = {code: kind.family for code, kind in methodology.service_types.items()}
    table = table.assign(family=table["service_type"].map(family))
    keys = {rule.code: _joined(table.assign(size_class=_size_class(table, rule)), rule.same)
            for rule in methodology.peers.values()}
    kept = table[[*_UNIT, "service_type", "group", "valid_from", "valid_to"]]
    return kept.assign(**keys).reset_index(drop=True)


def _size_class(table: pd.DataFrame, rule: PeerRule) -> pd.Series:
    """The class of each row's territory by its inhabitants, such as "20000-49999" or "100000+"."""
    if rule.size_classes is None or POPULATION not in table:
        return pd.Series(pd.NA, table.index, dtype="str")
    bounds = [0, *rule.size_classes.bounds]
    names = [*(f"{low}-{high - 1}" for low, high in pairwise(bounds)), f"{bounds[-1]}+"]
    return pd.cut(table[POPULATION], [*bounds, np.inf], right=False, labels=names).astype("str")


def _joined(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    key = table[columns[0]].astype("str").fillna("?")
    for column in columns[1:]:
        key = key + "/" + table[column].astype("str").fillna("?")
    shared = [table[column] for column in columns if column in _SHARED]
    return key.mask(sum((one.isna() | (one == "")).astype(int) for one in shared) > 0) if shared else key


def with_sets(indicators: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Indicators with the set keys of the service in their year; a territory is compared with all of the region.

    moves: how many times the service had changed its type or capacity unit by then.
    """
    people, past = members(services, methodology), superseded(services, methodology)
    table = indicators.merge(people.drop(columns=["valid_from", "valid_to"]), on=_UNIT, how="left").assign(moves=0)
    for _step, row in past.sort_values("until", ascending=False).iterrows():
        rows = (table["unit_id"] == row["unit_id"]) & (table["form"] == row["form"])
        table.loc[rows & (table["year"] > row["until"]), "moves"] += 1
        earlier = rows & (table["year"] <= row["until"])
        for column in ["service_type", "group", *methodology.peers]:
            table.loc[earlier, column] = row[column]
    areas = [code for code, one in methodology.indicators.items() if one.level == "area"]
    is_area = table["indicator"].isin(areas)
    table[AREA] = (AREA + "/" + table["form"].astype("str")).where(is_area)
    return table[is_area | table["service_type"].notna()].reset_index(drop=True)


def expected(people: pd.DataFrame, table: pd.DataFrame, rule: str) -> pd.Series:
    """How many services the register has for each row's set in its year (N of "n of N").

    Counted are the services valid in the year whose type has the indicator at all. people: `members`, with the rows of
    `superseded` where services moved.
    """
    if rule == AREA:
        cells = table.groupby(["indicator", "form", "year"])["unit_id"]
        return cells.transform("nunique").astype("Int64")
    years = pd.DataFrame({"year": sorted(table["year"].unique())})
    begun = pd.to_numeric(people["valid_from"].str[:4], errors="coerce").fillna(0)
    ended = pd.to_numeric(people["valid_to"].str[:4], errors="coerce").fillna(9999)
    if "until" in people:  # a row that a later one replaces ends before it, though its own end is not told
        ended = ended.clip(upper=people["until"].fillna(9999))
    valid = people.assign(begun=begun, ended=ended).merge(years, how="cross")
    valid = valid[(valid["begun"] <= valid["year"]) & (valid["year"] <= valid["ended"])]
    counts = valid.groupby([rule, "service_type", "year"]).size().rename("N").reset_index()
    asked = table[["indicator", rule, "service_type", "year"]].drop_duplicates()
    sums = asked[["indicator", rule, "service_type"]].drop_duplicates().merge(counts, on=[rule, "service_type"])
    sums = sums.groupby(["indicator", rule, "year"])["N"].sum()
    return table[["indicator", rule, "year"]].join(sums, on=["indicator", rule, "year"])["N"].fillna(0).astype("Int64")
