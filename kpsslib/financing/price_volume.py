"""From today's amounts to those of the last year ahead: how much is price, how much volume, to the last haléř.

With p the index of an item's price (its driver), k of the planned capacity and d of the people served, in the scenario,
a the amount now and z the amount ahead:

    price = z - z/p,  capacity = a (k - 1),  people = a k (d - 1),  other = z/p - a k d,  and a + all four = z.

Volume is measured at today's prices (Laspeyres), price on the volume to come (Paasche), so nothing is left between
them. Source: System of National Accounts 2008, chapter 15 (volume and price changes), as the European system of
accounts (ESA 2010, chapter 10) asks. Other is what the drivers do not tell: posts and consumption for a place, services
that open or end, and where the forecast sees prices grow otherwise than the scenario supposes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.financing.forecasting import Forecasts
from kpsslib.financing.series import KEYS
from kpsslib.indicators.rounds import latest_round

PARTS = ["price", "capacity", "people", "other"]
POSTS, STAFF = "fte_total", "cost_staff"
YEARS_BACK = 3


def price_volume(forecasts: Forecasts) -> pd.DataFrame:
    """The parts of the change of every cost in every scenario from the last actual year to the last one ahead.

    Returns service_id, form, item, service_type, scenario, before, price, capacity, people, other, after (CZK, whole
    haléře) and by_drivers: before x price x capacity x people, what the drivers alone would say. before + price +
    capacity + people + other = after exactly. An item that is not there now, or no more, is volume.
    """
    now = forecasts.past[forecasts.past["year"] == forecasts.series.years[-1]]
    scenarios = pd.DataFrame({"scenario": forecasts.forecast["scenario"].unique()})
    now = now[[*KEYS, "service_type", "amount"]].merge(scenarios, how="cross")
    ahead = forecasts.forecast[forecasts.forecast["year"] == forecasts.series.ahead[-1]]
    ahead = ahead[[*KEYS, "service_type", "scenario", "mid", "price", "capacity", "people"]]
    both = now.merge(ahead, on=[*KEYS, "service_type", "scenario"], how="outer", validate="one_to_one")
    both = both[both["item"].str.startswith("cost_")].reset_index(drop=True)
    before, after = (_haler(both[name].fillna(0.0)) for name in ("amount", "mid"))
    price, capacity, people = (both[name].fillna(1.0).to_numpy() for name in ("price", "capacity", "people"))
    parts = {"price": _round(after * (1 - 1 / price)), "capacity": _round(before * (capacity - 1)),
             "people": _round(before * capacity * (people - 1))}
    parts["other"] = after - before - sum(parts.values())
    table = both[[*KEYS, "service_type", "scenario"]].assign(
        before=before, **parts, after=after, by_drivers=_round(before * price * capacity * people))
    amounts = ["before", *PARTS, "after", "by_drivers"]
    return table.assign(**{name: table[name] / 100 for name in amounts})


def total(parts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sums of the parts over services, exact in haléře: the columns `by` and the amounts in CZK."""
    amounts = ["before", *PARTS, "after", "by_drivers"]
    whole = parts.assign(**{name: _haler(parts[name]) for name in amounts})
    sums = whole.groupby(by, as_index=False)[amounts].sum()
    return sums.assign(**{name: sums[name] / 100 for name in amounts})


def pay_of_a_post(facts: pd.DataFrame, year: int) -> pd.DataFrame:
    """Posts and staff costs of `year` and three years before: columns year, posts (full time), cost, pay (CZK a post).

    Only services that tell both in both years count, so that the growth of pay is none of their mix. Empty where there
    are none.
    """
    years = [year - YEARS_BACK, year]
    rows = facts[facts["item"].isin([POSTS, STAFF]) & facts["year"].isin(years)]
    rows = latest_round(rows.rename(columns={"service_id": "unit_id"}), year + 1, "actual").dropna(subset="value")
    wide = rows.pivot(index=["unit_id", "form"], columns=["item", "year"], values="value")
    wide = wide.reindex(columns=pd.MultiIndex.from_product([[POSTS, STAFF], years])).dropna()
    sums = wide[(wide[POSTS] > 0).all(axis=1)].sum()
    if not sums[POSTS].all():
        return pd.DataFrame(columns=["year", "posts", "cost", "pay"])
    posts, cost = sums[POSTS].to_numpy(), sums[STAFF].to_numpy()
    return pd.DataFrame({"year": years, "posts": posts, "cost": cost, "pay": cost / posts})


def _haler(amounts: pd.Series) -> np.ndarray:
    return _round(amounts.to_numpy(dtype=float) * 100)


def _round(amounts: np.ndarray) -> np.ndarray:
    return np.rint(amounts).astype(np.int64)
