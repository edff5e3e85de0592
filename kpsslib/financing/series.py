"""Facts as yearly series of money: one row a service, form and item, one column a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.histories import ends
from kpsslib.indicators.rounds import latest_round
from kpsslib.language import _
from kpsslib.workspace import RunError

KEYS = ["service_id", "form", "item"]
ESF, ESF_UNTIL = "revenue_esf", "esf_until"
MAX_GAP = 2
_LEAST_SHARE = 0.25
_NEVER = "2200-12-31"
_UNIT_MISTAKE = 300.0


class Series(NamedTuple):
    """The money of every service that can be carried forward.

    Attributes:
        keys: service_id, form, item, service_type, group, region_code, esf_until (NaN where not reported), one row a
            series.
        known: yearly amounts in CZK as if every year were whole, series x years; NaN where not known or not to be
            learned from.
        past: amounts of the years as they were, missing years filled in between and at the end, series x years.
        operating: share of each year ahead in which the service operates, series x years ahead, 0..1; 0 also where
            the series is too old to be carried forward.
        years: the years of `known` and `past`.
        ahead: the years forecast.
        left_out: what was not used and why, for the notes: columns reason, service_id, year.
    """

    keys: pd.DataFrame
    known: np.ndarray
    past: np.ndarray
    operating: np.ndarray
    years: list[int]
    ahead: list[int]
    left_out: pd.DataFrame


def gather(facts: pd.DataFrame, services: pd.DataFrame, items: list[str], year: int, horizon: int,
           without: Sequence[int] = ()) -> Series:
    """Series of the items up to `year` from the latest outturn of each year.

    A year in which a service operated only in part (valid_from, valid_to) counts as a whole one at the same pace,
    where it operated a quarter of it at least. A year some thousand times off the service's own median is left out.
    A series that was not known in the last two years before `year` and in it is not carried forward. The years
    `without` stay in the past and are not learned from: in `known` they are missing, unless nothing else is known.

    Raises RunError where no service has any of the items.
    """
    rows = facts[facts["item"].isin([*items, ESF_UNTIL]) & (facts["year"] <= year)]
    rows = latest_round(rows.rename(columns={"service_id": "unit_id"}), year + 1, "actual")
    rows = rows.rename(columns={"unit_id": "service_id"})
    money = rows[rows["item"] != ESF_UNTIL].dropna(subset="value")
    if money.empty:
        raise RunError([_("no service has costs or revenues up to {year}; check the facts of this group and its year",
                          year=year)])
    years = list(range(int(money["year"].min()), year + 1))
    wide = money.pivot(index=KEYS, columns="year", values="value").reindex(columns=years)
    keys = _describe(wide.index.to_frame(index=False), services, rows)
    known = wide.to_numpy(dtype=float)[keys.index]
    keys = keys.reset_index(drop=True)
    share = operating(keys, years)
    known = known / np.where((share > 0) & (share < 1), np.where(share >= _LEAST_SHARE, share, np.nan), 1.0)
    mistaken = _unit_mistakes(keys, known)
    known = np.where(mistaken, np.nan, known)
    ahead = list(range(year + 1, year + 1 + horizon))
    to_come = operating(keys, ahead)
    known_rows = ~np.isnan(known).all(axis=1)
    stale = (to_come > 0).any(axis=1) & (ends(known)[1] < len(years) - 1 - MAX_GAP)
    left_out = _left_out(keys[known_rows], mistaken[known_rows], to_come[known_rows], stale[known_rows], years)
    left_out = pd.concat([left_out, _absent(services, keys[known_rows], ahead)], ignore_index=True)
    to_come = np.where(stale[:, None], 0.0, to_come)
    if not (to_come[known_rows] > 0).any():
        raise RunError([_("no service operates after {year}, so there is nothing to forecast", year=year)])
    past = fill(known) * np.where((share == 0) & ~np.isnan(known), 1.0, share)
    keys = keys[known_rows].drop(columns=["valid_from", "valid_to"]).reset_index(drop=True)
    known = _left_out_of(known[known_rows], np.isin(years, without))
    return Series(keys, known, past[known_rows], to_come[known_rows], years, ahead, left_out)


def _left_out_of(known: np.ndarray, dummy: np.ndarray) -> np.ndarray:
    """`known` without the columns `dummy` in every row where something else is known."""
    learned = np.where(dummy, np.nan, known)
    return np.where(np.isnan(learned).all(axis=1, keepdims=True), known, learned)


def operating(services: pd.DataFrame, years: list[int]) -> np.ndarray:
    """Share of each year in which each service operates by its valid_from and valid_to (both days included), 0..1."""
    start = pd.to_datetime(services["valid_from"].replace("", None)).fillna(pd.Timestamp("1900-01-01"))
    end = pd.to_datetime(services["valid_to"].replace("", None)).fillna(pd.Timestamp(_NEVER))
    shares = []
    for year in years:
        first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
        days = (end.clip(upper=last) - start.clip(lower=first)).dt.days + 1
        shares.append(days.clip(lower=0) / ((last - first).days + 1))
    return np.column_stack(shares)


def fill(known: np.ndarray) -> np.ndarray:
    """Missing years on the line between their neighbours, at the end the last known; before the first stays NaN.

    At the end no more than two years are filled. For totals of past years only: methods and their back-test see the
    missing years as missing.
    """
    years = np.arange(known.shape[1])
    seen = ~np.isnan(known)
    before = np.maximum.accumulate(np.where(seen, years, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, years, len(years))[:, ::-1], axis=1)[:, ::-1]
    inside, tail = (before >= 0) & (after < len(years)), (before >= 0) & (years - before <= MAX_GAP)
    left = np.take_along_axis(known, np.maximum(before, 0), axis=1)
    right = np.take_along_axis(known, np.minimum(after, len(years) - 1), axis=1)
    between = left + (right - left) * (years - before) / np.maximum(after - before, 1)
    return np.where(inside, between, np.where(tail, left, np.nan))


def _describe(keys: pd.DataFrame, services: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Keys of services that are known, with type, group, region, validity and the end of the ESF project."""
    lasting = services.assign(valid_to=services["valid_to"].replace("", None).fillna(_NEVER))
    by = lasting.groupby(["service_id", "form"], as_index=False)
    known = by.agg(service_type=("service_type", "last"), group=("group", "last"), region_code=("region_code", "last"),
                   valid_from=("valid_from", "min"), valid_to=("valid_to", "max"))
    projects = rows[rows["item"] == ESF_UNTIL].dropna(subset="value").sort_values("year")
    until = projects.drop_duplicates("service_id", keep="last").set_index("service_id")["value"]
    described = keys.merge(known, on=["service_id", "form"], how="left", validate="many_to_one")
    return described.assign(esf_until=described["service_id"].map(until).astype(float)).dropna(subset="service_type")


def _absent(services: pd.DataFrame, keys: pd.DataFrame, ahead: list[int]) -> pd.DataFrame:
    """Services that operate in the years ahead and have reported no money at all."""
    to_come = services[(operating(services, ahead) > 0).any(axis=1)]["service_id"].drop_duplicates()
    absent = pd.DataFrame({"reason": "absent", "service_id": to_come[~to_come.isin(keys["service_id"])], "year": pd.NA})
    return absent.astype({"year": "Int64"})


def _unit_mistakes(keys: pd.DataFrame, known: np.ndarray) -> np.ndarray:
    """Where the money of a whole service and year is some thousand times off its own median: crowns for thousands."""
    both = [keys["service_id"], keys["form"]]
    totals = pd.DataFrame(np.abs(known)).groupby(both).transform("sum", min_count=1).to_numpy()
    positive = np.where(totals > 0, totals, np.nan)
    known_rows = ~np.isnan(positive).all(axis=1)
    middle = np.ones(len(known))
    middle[known_rows] = np.nanmedian(positive[known_rows], axis=1)
    off = np.abs(np.log(positive / middle[:, None]))
    return np.nan_to_num(off) > np.log(_UNIT_MISTAKE)


def _left_out(keys: pd.DataFrame, mistaken: np.ndarray, to_come: np.ndarray, stale: np.ndarray,
              years: list[int]) -> pd.DataFrame:
    """Service and reason of everything that is not carried forward; `year` is the mistaken one or NA."""
    row, column = np.nonzero(mistaken)
    ended = ~(to_come > 0).any(axis=1)
    service = keys["service_id"]
    found = [pd.DataFrame({"reason": "unit", "service_id": service.iloc[row], "year": np.asarray(years)[column]}),
             pd.DataFrame({"reason": "ended", "service_id": service[ended], "year": pd.NA}),
             pd.DataFrame({"reason": "stale", "service_id": service[stale], "year": pd.NA})]
    return pd.concat([part.astype({"year": "Int64"}) for part in found]).drop_duplicates().reset_index(drop=True)
