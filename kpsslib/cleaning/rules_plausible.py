"""Rules about what is plausible: 8 result, 11 work and pay, 14 clients. All only warn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits, ratio
from kpsslib.cleaning.wide import Wide
from kpsslib.language import _
from kpsslib.methodology.thresholds import Thresholds


def result(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 8: revenues and costs agree but for a small share, and who receives the compensation has no surplus."""
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
    yield Hits("11", "warning", ((pay < low) & (pay > 0)) | (pay > high), "cost_staff",
               _("staff costs of {found} Kč per full-time post"),
               _("between {low} and {high} Kč a year"), _("Check the staff costs and the full-time posts."),
               {"found": pay, "low": low, "high": high})
    paid = wide["cost_staff"] - np.nan_to_num(wide["cost_agreements"])
    yield Hits("11", "warning", (paid > 0) & (wide["fte_total"] == 0), "fte_total",
               _("staff costs of {found} Kč without a single post"), _("full-time posts of those who are paid"),
               _("Fill in the posts, or move the amount to the work agreements."), {"found": paid})
    yield Hits("11", "warning", (wide["cost_staff"] == 0) & (wide["fte_total"] > 0) & (wide["cost_total"] > 0),
               "cost_staff", _("{posts} full-time posts and no staff costs"), _("the wages of the posts"),
               _("Fill in the staff costs, or say in the note who pays the staff."), {"posts": wide["fte_total"]})


def _band(wide: Wide, limits: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    bands = sorted(limits.work.staff_cost, key=lambda band: band.from_year)
    at = np.searchsorted([band.from_year for band in bands], wide.text("year").astype(int), side="right") - 1
    known = np.array([[band.low, band.high] for band in bands] + [[np.nan, np.nan]])[at]
    return known[:, 0], known[:, 1]


def clients(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 14: a residential service has clients for its beds, and anonymous contacts are not counted as persons."""
    people, beds = wide["clients"], wide["capacity_beds"]
    yield Hits("14", "warning", (people == 0) & (wide["cost_total"] > 0), "clients",
               _("costs of {cost} Kč and not a single client"), _("at least one client, or no costs"),
               _("Check the clients: an empty cell is a missing figure, 0 is a real zero."),
               {"cost": wide["cost_total"]})
    yield Hits("14", "warning", (people < limits.clients.per_place * beds) & (people > 0), "clients",
               _("{found} clients in the year with {beds} beds"), _("at least {least} clients"),
               _("Check the clients: every person who used the service in the year counts once."),
               {"found": people, "beds": beds, "least": limits.clients.per_place * beds})
    share = ratio(wide["clients_anonymous"], people)
    yield Hits("14", "warning", share > limits.clients.anonymous, "clients_anonymous",
               _("{share} % of the clients are anonymous"), _("at most {most} %"),
               _("Check that each person is counted once and not at each contact."),
               {"share": 100 * share, "most": 100 * limits.clients.anonymous})
