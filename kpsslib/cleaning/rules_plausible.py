"""Rules about what is plausible: 8 result, 10 change and outliers, 11 work and pay, 14 clients. All only warn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits
from kpsslib.cleaning.thresholds import Thresholds
from kpsslib.cleaning.wide import CAPACITY, Wide
from kpsslib.language import _


def result(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 8: revenues and costs agree within a tenth, and who receives the compensation has no surplus."""
    cost, revenue = wide["cost_total"], wide["revenue_total"]
    done = wide.text("round").isin(["actual", "final"]).to_numpy()  # plans are allowed not to balance yet
    share = np.where(done, ratio(revenue - cost, cost), np.nan)
    values = {"cost": cost, "revenue": revenue, "share": 100 * share, "gap": np.abs(revenue - cost),
              "most": 100 * limits.balance.deviation, "grant": wide["revenue_grant"]}
    surplus = (share > limits.balance.surplus) & (wide["revenue_grant"] > 0)
    yield Hits("8", "warning", surplus, "revenue_total",
               _("revenues exceed the costs by {gap} Kč ({share} %), with a grant of {grant} Kč"),
               _("a compensation that does not exceed the costs"),
               _("Check the revenues and costs; otherwise the surplus will be looked at as overcompensation."),
               values)
    yield Hits("8", "warning", (np.abs(share) > limits.balance.deviation) & ~surplus, "revenue_total",
               _("revenues of {revenue} Kč and costs of {cost} Kč differ by {share} %"),
               _("a difference of at most {most} %"),
               _("Check that all revenues and costs of the year are there, or explain the difference in the note."),
               values)


def change(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 10: change against the year before beyond that of the peers.

    With enough peers the change is divided by the peers' median change, so that a year in which everybody grew is no
    news; small figures may change freely.
    """
    limit = np.log1p(limits.change.limit)
    for item in limits.change.items:
        figures = wide[item]
        before = wide.before(figures)
        own = np.log(ratio(figures, before), where=ratio(figures, before) > 0, out=np.full(len(wide), np.nan))
        usual, n = wide.peer_median(own)
        beyond = np.abs(own - np.where(n >= limits.change.min_peers, usual, 0))
        small = np.abs(figures - before) < _smallest(wide, item, limits)
        yield Hits("10", "warning", (beyond > limit) & ~small, item,
                   _("{item}: {found}, {before} in the year before (a change of {change} %; peers {usual} %)"),
                   _("a change within {limit} % of that of the peers"),
                   _("Check the figure; if it holds, say in the note what has changed."),
                   {"item": _label(wide, item), "found": figures, "before": before, "change": 100 * np.expm1(own),
                    "usual": 100 * np.expm1(usual), "limit": 100 * limits.change.limit})


def _smallest(wide: Wide, item: str, limits: Thresholds) -> float:
    """The change in the item's own unit below which nothing is said."""
    code = next((c for c in CAPACITY.values() if c in wide.items), "") if item == "capacity" else item
    known = wide.methodology.items.get(code)
    return limits.change.smallest.get(known.unit, 0) if known else 0


def outliers(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 10: modified z-score 0.6745 (x - median) / MAD above 3.5 within type and form, on log ratios.

    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, ASQC.
    """
    for top, bottom in limits.outliers.ratios:
        value = ratio(wide[top], wide[bottom])
        log = np.log(value, where=value > 0, out=np.full(len(wide), np.nan))
        median, n = wide.peer_median(log)
        mad, _n = wide.peer_median(np.abs(log - median))
        score = 0.6745 * np.abs(log - median) / np.maximum(mad, 0.02)
        yield Hits("10", "warning", (score > limits.outliers.mad) & (n >= limits.outliers.min_peers), top,
                   _("{item} per unit ({of}): {found}, median of the peers {usual}"),
                   _("a value closer to that of the peers"),
                   _("Check both figures; if they hold, say in the note why the service differs."),
                   {"item": _label(wide, top), "of": _label(wide, bottom), "found": value, "usual": np.exp(median)})


def work(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 11: hours of direct care that posts can give, and staff costs of a post within a band."""
    hours = ratio(wide["care_hours"], wide["fte_direct"])
    most = limits.work.hours_per_post
    yield Hits("11", "warning", hours > most, "care_hours",
               _("{found} hours of direct care per full-time post of direct care"),
               _("at most {most} hours a year"), _("Check the hours and the full-time posts of direct care."),
               {"found": hours, "most": most})
    pay = ratio(wide["cost_staff"], wide["fte_total"])
    low, high = _band(wide, limits)
    yield Hits("11", "warning", (pay < low) | (pay > high), "cost_staff",
               _("staff costs of {found} Kč per full-time post"),
               _("between {low} and {high} Kč a year"), _("Check the staff costs and the full-time posts."),
               {"found": pay, "low": low, "high": high})


def _band(wide: Wide, limits: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    bands = sorted(limits.work.staff_cost, key=lambda band: band.from_year)
    at = np.searchsorted([band.from_year for band in bands], wide.text("year").astype(int), side="right") - 1
    known = np.array([[band.low, band.high] for band in bands] + [[np.nan, np.nan]])[at]
    return known[:, 0], known[:, 1]


def clients(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 14: a residential service has clients for its beds, and anonymous contacts are not counted as persons."""
    people, beds = wide["clients"], wide["capacity_beds"]
    yield Hits("14", "warning", people < limits.clients.per_place * beds, "clients",
               _("{found} clients in the year with {beds} beds"), _("at least {least} clients"),
               _("Check the clients: every person who used the service in the year counts once."),
               {"found": people, "beds": beds, "least": limits.clients.per_place * beds})
    share = ratio(wide["clients_anonymous"], people)
    yield Hits("14", "warning", share > limits.clients.anonymous, "clients_anonymous",
               _("{share} % of the clients are anonymous"), _("at most {most} %"),
               _("Check that each person is counted once and not at each contact."),
               {"share": 100 * share, "most": 100 * limits.clients.anonymous})


def _label(wide: Wide, item: str) -> str:
    known = wide.methodology.items.get(item)
    return str(known.name) if known else _("capacity")


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Top / bottom, NaN where the bottom is not above zero."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
