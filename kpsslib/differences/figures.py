"""What changed in figures: values and flags of indicators, positions, places, medians and sizes of sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.noise import on_scale
from kpsslib.comparison.peers import BASE, nearest_code
from kpsslib.differences.matching import (
    BESIDE,
    MEASURED,
    SAID,
    TO_SPREAD,
    TURNED,
    as_differences,
    differs,
    matched,
    said_otherwise,
    together,
)
from kpsslib.methodology import Methodology

LEVEL = 0.05
KEY = ["indicator", "service_id", "form", "year"]
_UNIT = ["service_id", "form", "year"]
_JUDGED = ["better", "worse"]
_SILENT = ["missing", "flagged"]  # what follows from a flag is told there


def shared(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows of indicators and of services' years that both runs have, and what only one of them has.

    A service without any figure in a year is not there: it is told once and not by each of its indicators.

    Returns: rows of both, and differences of the kinds indicator and service; before and after hold the years.
    """
    only = [_only_one(before, after, "disappeared", "before"), _only_one(after, before, "appeared", "after")]
    units = _units(before).merge(_units(after))
    codes = set(before["indicator"].unique()) & set(after["indicator"].unique())
    rest = [rows[rows["indicator"].isin(codes)].merge(units) for rows in (before, after)]
    return rest[0], rest[1], together(only)


def _units(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[rows["flag"] != "missing", _UNIT].drop_duplicates()


def _only_one(here: pd.DataFrame, there: pd.DataFrame, state: str, side: str) -> pd.DataFrame:
    """Indicators and services of one run that the other has not."""
    codes = pd.DataFrame({"indicator": sorted(set(here["indicator"].unique()) - set(there["indicator"].unique()))})
    units = _units(here).merge(_units(there), "left", indicator="state")
    units = units[units["state"] == "left_only"].groupby(["service_id", "form"])["year"].agg(["min", "max"])
    first, last = units["min"].astype("str"), units["max"].astype("str")
    years = first.where(first == last, first + "–" + last)
    units = units.reset_index().assign(year=units["max"].to_numpy(), **{side: years.to_numpy()})
    return together([as_differences("indicator", BESIDE, codes, state=state),
                     as_differences("service", TURNED, units, state=state)])


def indicator_changes(before: pd.DataFrame, after: pd.DataFrame, spreads: pd.DataFrame) -> pd.DataFrame:
    """Values that moved and flags that turned, of tables `indicators` with one round a year.

    spreads: of `spreads_of`.
    """
    pairs = matched(before, after, KEY)
    values = pairs[differs(pairs["value_before"], pairs["value_after"])].merge(spreads, "left", KEY)
    by_log = values["by_log"].eq(True)
    moved = on_scale(values["value_after"], by_log) - on_scale(values["value_before"], by_log)
    flags = pairs[said_otherwise(pairs["flag_before"], pairs["flag_after"])]
    return together([
        as_differences("value", MEASURED, values, size=moved.abs() / values["spread"]),
        as_differences("flag", SAID, flags, before=flags["flag_before"], after=flags["flag_after"]),
    ])


def spreads_of(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """How far apart the services of each value's set lie: (q3 - q1) / 1.349 on its scale, earlier run first.

    Takes tables `comparison`. Returns columns of KEY, by_log and spread; a set whose quarters are equal has none.
    """
    rows = pd.concat([before, after])
    rows = rows[(rows["slot"] == BASE) & rows["q1"].notna()].drop_duplicates(KEY)
    by_log = rows["by_log"].eq(True)
    spread = (on_scale(rows["q3"], by_log) - on_scale(rows["q1"], by_log)) / TO_SPREAD
    return rows[KEY].assign(by_log=by_log, spread=spread.where(spread > 0))


def with_slots(comparison: pd.DataFrame, chain: list[str]) -> pd.DataFrame:
    """Table `comparison` with the column slot: a value judged by its type, or by what that widens to, has one slot."""
    rule = comparison["peer_set"].astype("str")
    return comparison.assign(slot=rule.mask(rule.isin(chain), BASE))


def comparison_changes(before: pd.DataFrame, after: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Positions, places, certainty, and sets with their medians and n, of tables `comparison` with slots."""
    pairs = matched(before, after, [*KEY, "slot"])
    pairs = pairs[pairs["state"] == "changed"].assign(beside=lambda rows: rows["slot"])
    return together([_positions(pairs), _places(pairs), _certainty(pairs), _other_sets(pairs),
                     _sets(before, after, nearest_code(methodology))])


def _positions(pairs: pd.DataFrame) -> pd.DataFrame:
    """Positions, and how far the value moved beside the median of its set."""
    was, now = pairs["position_before"], pairs["position_after"]
    rows = pairs[said_otherwise(was, now) & ~was.isin(_SILENT) & ~now.isin(_SILENT)]
    by_log = rows["by_log_after"].eq(True)
    scale = {c: on_scale(rows[c].astype("float64"), by_log) for c in (
        "value_before", "value_after", "median_before", "median_after", "q1_after", "q3_after")}
    moved = scale["value_after"] - scale["median_after"] - scale["value_before"] + scale["median_before"]
    spread = (scale["q3_after"] - scale["q1_after"]) / TO_SPREAD
    was, now = rows["position_before"], rows["position_after"]
    turned = was.isin(_JUDGED) & now.isin(_JUDGED)
    return as_differences("position", np.where(turned, TURNED, SAID), rows, before=was, after=now,
                          size=moved.abs() / spread.where(spread > 0))


def _places(pairs: pd.DataFrame) -> pd.DataFrame:
    """Places moved, by the middle of those that are possible; before and after hold both ends."""
    ends = {side: (pairs[f"rank_low_{side}"], pairs[f"rank_high_{side}"]) for side in ("before", "after")}
    middle = {side: (low + high).astype("float64") / 2 for side, (low, high) in ends.items()}
    rows = pairs[differs(middle["before"], middle["after"])]
    spread = rows["n_reported_after"].astype("float64") / 2 / TO_SPREAD
    was, now = middle["before"][rows.index], middle["after"][rows.index]
    told = {side: _whole(low[rows.index]) + "–" + _whole(high[rows.index]) for side, (low, high) in ends.items()}
    return as_differences("places", MEASURED, rows, value_before=was, value_after=now,
                          size=(now - was).abs() / spread, **told)


def _whole(places: pd.Series) -> pd.Series:
    return places.round().astype("Int64").astype("str")


def _certainty(pairs: pd.DataFrame) -> pd.DataFrame:
    """Whether chance can be ruled out, where the position is the same."""
    was, now = pairs["p_adjusted_before"].astype("float64"), pairs["p_adjusted_after"].astype("float64")
    crossed = was.notna() & now.notna() & ((was <= LEVEL) != (now <= LEVEL))
    rows = pairs[crossed & ~said_otherwise(pairs["position_before"], pairs["position_after"])]
    return as_differences("certainty", BESIDE, rows, value_before=was[rows.index], value_after=now[rows.index])


def _other_sets(pairs: pd.DataFrame) -> pd.DataFrame:
    rows = pairs[said_otherwise(pairs["peers_before"], pairs["peers_after"]) & pairs["peers_after"].notna()]
    return as_differences("set", BESIDE, rows, before=rows["peers_before"], after=rows["peers_after"])


def _sets(before: pd.DataFrame, after: pd.DataFrame, nearest: str) -> pd.DataFrame:
    """Medians and sizes of the sets themselves, each once; those of the nearest are as many as services."""
    key = ["indicator", "form", "year", "peers"]
    kept = [*key, "peer_set", "median", "n_reported", "n_expected", "q1", "q3", "by_log"]
    pairs = matched(*(rows.loc[rows["peer_set"] != nearest, kept] for rows in (before, after)), key)
    pairs = pairs[pairs["state"] == "changed"].assign(beside=lambda rows: rows["peers"])
    medians = pairs[differs(pairs["median_before"], pairs["median_after"])]
    by_log = medians["by_log_after"].eq(True)
    scaled = {name: on_scale(medians[name].astype("float64"), by_log)
              for name in ("median_before", "median_after", "q1_before", "q3_before")}
    spread = (scaled["q3_before"] - scaled["q1_before"]) / TO_SPREAD
    size = (scaled["median_after"] - scaled["median_before"]).abs() / spread.where(spread > 0)
    counts = pairs[differs(pairs["n_reported_before"], pairs["n_reported_after"])]
    return together([
        as_differences("median", MEASURED, medians, size=size, value_before=medians["median_before"],
                       value_after=medians["median_after"]),
        as_differences("n", BESIDE, counts, value_before=counts["n_reported_before"],
                       value_after=counts["n_reported_after"]),
    ])
