"""Indicators x peers -> the table `comparison`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpsslib.comparison.change import change
from kpsslib.comparison.nearest_sets import beside_nearest
from kpsslib.comparison.noise import beyond_chance, deviation, interval, noise, on_scale, standard_error
from kpsslib.comparison.peers import AREA, BASE, chain, expected, members, nearest_code, others, superseded, with_sets
from kpsslib.comparison.positions import adjusted, p_value, position, swinging
from kpsslib.comparison.ranks import rank_sets
from kpsslib.comparison.shrinkage import shrunk
from kpsslib.comparison.statistics import by_formula, describe, percentile, weighted
from kpsslib.comparison.trend import trend
from kpsslib.indicators import latest_round
from kpsslib.methodology import Methodology
from kpsslib.workspace import TABLES, conform

ROWS = 60_000


def compare(indicators: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *, year: int,
            round: str = "actual", peers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Place every value beside the comparable set of its service, for all years up to the one asked.

    Args:
        indicators: table `indicators`; compared is one round a year (see `latest_round`).
        services: table `services`, every registered service, so that n of N can be told.
        methodology: indicators (direction, kind, min_peers) and peer rules.
        year: the newest year compared.
        round: the round of that year.
        peers: table `peers` of each service's nearest (`nearest_peers`), the same for all years.

    Returns:
        Table `comparison`. peer_set is the rule used and peers the key of the set. Every value stands once beside
        the services of its type, or of its working group where those are under min_peers (`chain`), and once more
        beside those of each other rule where they are enough (territory), and once more beside its nearest
        peers. Only values with flag "ok" count in the set; n_reported is how many they are, n_expected how many
        services are registered. In a set that stays under min_peers there is no median, no rank, no percentile and no
        shrunk value. percentile and ranks are in the better direction and left out where the indicator has none. low
        and high: own interval of proportions and rates, else from the noise of the set (`noise`), by_log where it is
        one of logarithms. rank_low and rank_high: `ranks`; shrunk: `shrinkage`; position, p_adjusted (all indicators
        of a service, form, year and rule together): `positions`; trend: `trend`; p_change, change and method_break:
        `change`. Ranks, p_adjusted and p_change of shares and rates that swing by more than chance are made up for it
        (`beyond_chance`). Ranks, shrunk values and changes beside the nearest peers are those of the comparable set.
    """
    people = pd.concat([superseded(services, methodology), members(services, methodology)])
    chosen = with_sets(latest_round(indicators, year, round), services, methodology)
    parts = [_compare(part, people, methodology, peers) for part in _portions(chosen)]
    if not parts:
        return conform("comparison", pd.DataFrame(columns=list(TABLES["comparison"])))
    table = _one_table(parts)
    rule = table["peer_set"].mask(table["peer_set"].isin(chain(methodology)), BASE)
    family = table.groupby([table["unit_id"], table["form"], table["year"], rule], observed=True).ngroup()
    return table.assign(p_adjusted=adjusted(table["p_adjusted"], family))


def _one_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts one under another, column by column: a text's own parts are let go before the next is taken."""
    return pd.DataFrame({name: pd.concat([part.pop(name) for part in parts], ignore_index=True)
                         for name in TABLES["comparison"]}, copy=False)


def _portions(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Whole indicators together, about ROWS rows at once: nothing is compared across indicators, memory is not."""
    sizes = table["indicator"].value_counts().sort_index()
    portion = table["indicator"].map(sizes.cumsum() // ROWS)
    for number in sorted(portion.unique()):
        yield table[portion == number]


def _compare(chosen: pd.DataFrame, people: pd.DataFrame, methodology: Methodology,
             peers: pd.DataFrame | None) -> pd.DataFrame:
    table = _with_properties(chosen, methodology)
    of_services, of_areas = table[table[AREA].isna()], table[table[AREA].notna()]
    parts = []
    if len(of_services):
        extra = [code for code in others(methodology) if code != nearest_code(methodology)]
        beside = [_judged(of_services[of_services[code].notna()], code, people, methodology) for code in extra]
        base = _widened(of_services, people, methodology)
        parts = [base, *beside_nearest(base, peers, methodology),
                 *(part[part["n_reported"] >= part["min_peers"]] for part in beside)]
    if len(of_areas):
        parts.append(_judged(of_areas, AREA, people, methodology))
    if not parts:
        return conform("comparison", pd.DataFrame(columns=list(TABLES["comparison"])))
    order = ["indicator", "peer_set", "form", "year", "peers", "unit_id"]
    result = pd.concat(parts).sort_values(order, kind="stable")
    texts = [column for column, kind in TABLES["comparison"].items() if kind == "str"]
    return conform("comparison", result.astype(dict.fromkeys(texts, "str")))


def _with_properties(table: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    known = methodology.indicators
    named = {name: table["indicator"].map({code: getattr(known[code], name) for code in known})
             for name in ("kind", "direction", "min_peers")}
    table = table.assign(year=table["year"].astype("int64"), **named)
    table = table.join(by_formula(table, methodology))
    table = table.assign(period=table["formula"] + table["moves"])
    texts = [column for column, kind in table.dtypes.items() if kind == "str"]
    return table.astype(dict.fromkeys(texts, "category"))  # grouping and selecting codes is far quicker


def _widened(table: pd.DataFrame, people: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Each row beside the narrowest set of the chain that is large enough, else the widest."""
    parts = []
    waiting = table.index
    rules = chain(methodology)
    for rule, wider in zip(rules, [*rules[1:], None], strict=True):
        judged = _judged(table, rule, people, methodology).loc[waiting]
        settled = judged["n_reported"] >= judged["min_peers"]
        if wider is None:
            return pd.concat([*parts, judged])
        settled |= judged[wider].isna()  # in no group
        parts.append(judged[settled])
        waiting = waiting[~settled.to_numpy(bool)]
        if waiting.empty:
            break
        table = table[_beside(table, waiting, wider) & table[wider].notna()]
    return pd.concat(parts)


def _beside(table: pd.DataFrame, waiting: pd.Index, rule: str) -> pd.Series:
    """Whether a row is of use to the rows waiting: in their set, or in their group, that lends its noise."""
    useful = pd.Series(False, index=table.index)
    for keys in (["indicator", rule], ["indicator", "group", "form"]):
        cell = table.groupby(keys, observed=True, dropna=False).ngroup()
        useful |= cell.isin(cell.loc[waiting].unique())
    return useful


def _judged(table: pd.DataFrame, rule: str, people: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """The table with everything the set of one rule says of it."""
    floor = methodology.peers[rule].min_peers if rule in methodology.peers else 0
    table = table.assign(peer_set=rule, peers=table[rule], min_peers=table["min_peers"].clip(lower=floor))
    cell = table.groupby(["indicator", "peers", "year"], dropna=False).ngroup()
    usable = table["value"].notna() & (table["flag"] == "ok")
    value = table["value"].where(usable)
    table = table.assign(**describe(value, cell).rename(columns={"n": "n_reported"}),
                         n_expected=expected(people, table, rule), weighted=weighted(table, usable, cell))
    small = table["n_reported"] < table["min_peers"]
    table[["weighted", "median", "q1", "q3"]] = table[["weighted", "median", "q1", "q3"]].mask(small)
    beside = table.assign(value=value)
    beside = beside.join(deviation(beside))
    spread = noise(beside)
    limits = interval(beside.assign(value=table["value"]), spread)
    beside = beside.assign(**limits.where(usable))
    beside["error"], phi = standard_error(beside), beyond_chance(beside)
    sign = table["direction"].map({"higher": 1.0, "lower": -1.0}).astype(float).mask(small)
    table = table.assign(
        **limits, by_log=beside["by_log"], phi=phi, trend=trend(beside), percentile=percentile(value * sign, cell),
        **rank_sets(on_scale(value, beside["by_log"]) * sign, beside["error"] * np.sqrt(phi), cell),
        **change(beside, spread, phi), shrunk=shrunk(beside.assign(value=value.mask(small)), cell))
    return table.assign(position=position(table), p_adjusted=swinging(p_value(table), phi))
