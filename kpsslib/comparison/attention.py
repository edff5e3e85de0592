"""What a service, and a group, should look at first: a few lines instead of sixty indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.noise import on_scale, standard_error
from kpsslib.comparison.peers import chain, nearest_code
from kpsslib.comparison.positions import adjusted
from kpsslib.methodology import Methodology
from kpsslib.workspace import conform

KINDS = ("worse_and_worsening", "better_and_improving", "differs", "changed")
LEVEL = 0.05
ERROR_RATE = 0.2  # of equal services, those with an entry, about
YEARS_BACK = 3
MOST, MOST_OF_AREA = 5, 2
_UNIT = ["unit_id", "form"]
_ROW = ["indicator", *_UNIT]


def attention(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, *, year: int) -> pd.DataFrame:
    """The indicators of each service that differ from its peers, or have changed, by more than chance.

    A service is set beside its nearest peers, or its comparable set where those are too few. Of the indicators with a
    better direction or a usual band those count whose p_adjusted is at most 5 %. kind is the first that holds of

    - worse_and_worsening, better_and_improving: it differs, and its trend or its change since last year goes that way,
    - differs: it differs, and lies outside the middle half of its peers,
    - changed: it moved since last year, by p-values adjusted over the service's indicators in the same way.

    Of services that differ by nothing but chance about one in five still has an entry (ERROR_RATE; `python -m
    benchmarks.error_rates` measures it): differences and changes are two families, and what is chance is itself
    estimated from a few services and years.

    weight is the distance from the median in units of the value's own noise s and of how far apart the middle half of
    its peers lies, |x - m| / sqrt(s^2 + ((q3 - q1) / 1.349)^2); for changed, of this year's value from last year's.

    Returns: table `attention`, the rows of each service and form in the order in which they are read: the first two
    kinds, then by weight. shown: the first five, two of an area of indicators, so that five costs do not crowd out
    everything else. gap = value - median. previous: the value a year before, NaN across a break of method.
    years_certain of years_known of the last three years (back to a break) lay certainly on this side of the median.
    """
    known = {code: one for code, one in methodology.indicators.items()
             if one.level == "service" and one.direction != "none"}
    near = nearest_code(methodology)
    rows = comparison[comparison["indicator"].isin(list(known))
                      & comparison["peer_set"].isin([*chain(methodology), near])
                      & comparison["year"].between(year - YEARS_BACK + 1, year)]
    rows = _beside_one_set(rows, near).astype({"indicator": "str", "form": "str"})
    rows = rows.assign(kind=rows["indicator"].map({code: one.kind for code, one in known.items()}),
                       area=rows["indicator"].map({code: one.area for code, one in known.items()}))
    rows = _with_history(rows.assign(error=standard_error(rows)), year)
    rows = rows[rows["unit_id"].isin(services["service_id"])]
    rows = rows.assign(kind=_kinds(rows)).dropna(subset="kind")
    return conform("attention", _in_order(rows).rename(columns={"unit_id": "service_id"}))


def _beside_one_set(rows: pd.DataFrame, nearest: str) -> pd.DataFrame:
    """Each value once: beside its nearest peers, or its comparable set where those say nothing."""
    silent = (rows["peer_set"] == nearest) & rows["median"].isna()
    rows = rows[~silent].assign(second=rows["peer_set"] != nearest)
    return rows.sort_values([*_ROW, "year", "second"], kind="stable").drop_duplicates([*_ROW, "year"])


def _with_history(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of the year, with what the years before say of them."""
    judged = rows["p_adjusted"].notna()
    sure = judged & (rows["p_adjusted"] <= LEVEL) & rows["position"].isin(["better", "worse", "outside_band"])
    rows = rows.assign(differs=sure, judged=judged, side=np.sign(rows["value"] - rows["median"]),
                       value=rows["value"].where(rows["flag"] == "ok"))
    now = rows[rows["year"] == year].set_index(_ROW)
    broken = rows["year"].where(rows["method_break"]).groupby([rows[key] for key in _ROW]).max().fillna(0)
    beside = rows.join(now["side"].rename("now"), on=_ROW).join(broken.rename("from"), on=_ROW)
    beside = beside[(beside["year"] >= beside["from"]) & beside["judged"]]
    same = beside["differs"] & (beside["side"] == beside["now"])
    counts = pd.DataFrame({"years_known": beside.groupby(_ROW).size(), "years_certain": same.groupby(
        [beside[key] for key in _ROW]).sum()})
    before = rows[(rows["year"] == year - 1)].set_index(_ROW)["value"]
    now = now.join(counts).join(before.rename("previous"))
    now["previous"] = now["previous"].mask(now["method_break"])
    now[["years_known", "years_certain"]] = now[["years_known", "years_certain"]].fillna(0)
    return now.reset_index().assign(gap=now["value"].to_numpy() - now["median"].to_numpy())


def _kinds(rows: pd.DataFrame) -> np.ndarray:
    """The kind of each row, None where there is nothing to say."""
    moved = adjusted(rows["p_change"], rows.groupby(_UNIT).ngroup()) <= LEVEL
    down = (rows["trend"] == "worsening") | (moved & (rows["change"] == "worsened"))
    up = (rows["trend"] == "improving") | (moved & (rows["change"] == "improved"))
    differs, outer = rows["differs"], (rows["value"] < rows["q1"]) | (rows["value"] > rows["q3"])
    return np.select([differs & (rows["position"] == "worse") & down, differs & (rows["position"] == "better") & up,
                      differs & outer, moved & rows["value"].notna()], list(KINDS), None)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each service as they are read, each with its weight and whether it is shown."""
    from_value = rows["median"].where(rows["kind"] != "changed", rows["previous"])
    scale = {side: on_scale(rows[side], rows["by_log"]) for side in ("value", "q1", "q3")}
    apart = (scale["value"] - on_scale(from_value, rows["by_log"])).abs()
    spread = ((scale["q3"] - scale["q1"]) / 1.349).fillna(0)
    rows = rows.assign(weight=apart / np.hypot(rows["error"], spread), later=~rows["kind"].isin(KINDS[:2]))
    rows = rows.dropna(subset="weight")
    rows = rows.sort_values([*_UNIT, "later", "weight", "indicator"], ascending=[True, True, True, False, True])
    first = rows[rows.groupby([*_UNIT, "area"]).cumcount() < MOST_OF_AREA]
    first = first[first.groupby(_UNIT).cumcount() < MOST]
    return rows.assign(shown=rows.index.isin(first.index))
