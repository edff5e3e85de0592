"""Rules about figures and how they fit together: 4 occupancy, 6 signs and zeros, 7 sums, 9 thousands, 15 degrees."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits
from kpsslib.cleaning.thresholds import Thresholds
from kpsslib.cleaning.wide import Wide
from kpsslib.language import _
from kpsslib.methodology import Item


def days_of_operation(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 4: a year has 365 or 366 days."""
    days = wide["operating_days"]
    longest = np.array([366 if isleap(year) else 365 for year in wide.text("year")])
    values = {"days": days, "longest": longest, "year": wide.text("year").astype(str).to_numpy()}
    yield Hits("4", "error", days > longest, "operating_days", _("{days} days of operation in the year"),
               _("at most {longest} days in {year}"), _("Correct the number of days; it is not used."), values,
               ("operating_days",))


def occupancy(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 4: bed-days fit into beds times days of operation, and fill at least half of them."""
    offered = wide["capacity_beds"] * wide["operating_days"]
    bed_days = wide["bed_days"]
    values = {"found": bed_days, "beds": wide["capacity_beds"], "days": wide["operating_days"], "most": offered,
              "share": 100 * np.divide(bed_days, offered, out=np.full(len(wide), np.nan), where=offered > 0),
              "low": 100 * limits.occupancy.low}
    yield Hits("4", "error", bed_days > offered, "bed_days",
               _("{found} bed-days with {beds} beds and {days} days of operation"), _("at most {most} bed-days"),
               _("Check the bed-days, the beds and the days of operation; the bed-days are not used."), values,
               ("bed_days",))
    low = (bed_days < limits.occupancy.low * offered) & (bed_days >= 0)
    yield Hits("4", "warning", low, "bed_days", _("occupancy of {share} % ({found} of {most} bed-days)"),
               _("at least {low} %"),
               _("Check whether the bed-days are those of the whole year, or explain the low occupancy in the note."),
               values)


def signs(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 6: costs, posts and clients are not negative."""
    for code in wide.items:
        figures = wide[code]
        if not wide.methodology.items[code].negative and (figures < 0).any():
            yield Hits("6", "error", figures < 0, code, _("{item}: {found}"), _("zero or more"),
                       _("Correct the figure; it is not used. A refund belongs to the revenues."),
                       {"item": str(wide.methodology.items[code].name), "found": figures}, (code,))


def zeros(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 6: a service with posts has costs, and a return of nothing but zeros was probably not filled in."""
    yield Hits("6", "warning", (wide["cost_total"] == 0) & (wide["fte_total"] > 0), "cost_total",
               _("costs of 0 Kč with {posts} full-time posts"), _("costs above zero"),
               _("Fill in the costs, or leave the cell empty if you do not know them."), {"posts": wide["fte_total"]})
    filled = ~np.isnan(wide.values)
    first = _first_item(wide, filled)
    nothing = (filled.sum(axis=1) > 1) & (np.nan_to_num(wide.values) == 0).all(axis=1)
    for code in sorted(set(first[nothing])):
        yield Hits("6", "warning", nothing & (first == code), code, _("all {n} figures of this form are 0"),
                   _("figures other than zero"),
                   _("Leave cells that were not filled in empty: zero means a real zero. Confirm the zeros or send the "
                 "figures."),
                   {"n": filled.sum(axis=1)})


def _first_item(wide: Wide, filled: np.ndarray) -> np.ndarray:
    """The first item that each row has a figure of."""
    return np.array(wide.items, dtype=object)[filled.argmax(axis=1)] if len(wide) else np.array([], dtype=object)


def sums(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 7: a sum row is the sum of its parts beyond rounding, where all parts that are asked have a figure."""
    for code in wide.items:
        item = wide.methodology.items[code]
        parts = [part for part in item.sum_of if wide.asked(part).any()]
        if not parts:
            continue
        known = np.array([np.where(wide.asked(part), wide[part], 0) for part in parts])
        added, tolerance = known.sum(axis=0), _tolerance(item, limits) * len(parts)
        wrong = (np.abs(wide[code] - added) > tolerance) & wide.asked(code)
        yield Hits("7", "error", wrong, code, _("{item}: {found}, but its parts add up to {added}"),
                   _("a sum of {added}"), _("Correct the parts or the sum; the sum is not used until they agree."),
                   {"item": str(item.name), "found": wide[code], "added": added}, (code,))


def _tolerance(item: Item, limits: Thresholds) -> float:
    return limits.sums.tolerance_czk if item.unit == "CZK" else limits.sums.tolerance_other


def parts(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 7: a figure "of which" is not more than the figure it is part of."""
    for code in wide.items:
        item = wide.methodology.items[code]
        if not item.part_of:
            continue
        whole = wide[item.part_of]
        more = wide[code] > whole + _tolerance(item, limits)
        if code.startswith("clients_degree"):
            continue  # rule 15 judges the degrees of dependency together
        yield Hits("7", "error", more, code, _("{item}: {found} out of {whole} ({of})"), _("at most {whole}"),
                   _("Correct one of the two figures; the part is not used."),
                   {"item": str(item.name), "found": wide[code], "whole": whole,
                    "of": str(wide.methodology.items[item.part_of].name)}, (code,))


def other_costs(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 7: other costs above a tenth of all costs need a comment; the archive has no place for one."""
    share = _ratio(wide["cost_other"], wide["cost_total"])
    silent = (wide.note("cost_other") == "") & (wide.text("sheet") != "").to_numpy()
    yield Hits("7", "warning", (share > limits.sums.other_share) & silent, "cost_other",
               _("other costs are {share} % of the costs, without a comment"), _("at most {most} %, or a comment"),
               _("Write in the note what the other costs hold, or move them to the rows they belong to."),
               {"share": 100 * share, "most": 100 * limits.sums.other_share})


def thousands(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 9: amounts in thousands of crowns instead of crowns, or the other way round.

    The costs of a full-time post are a thousandth (or the thousandfold) of those of the peers, or all costs of those
    of the year before. Nobody can tell for sure, so every amount of the return waits for the sender's answer.
    """
    money = tuple(code for code in wide.items if wide.methodology.items[code].unit == "CZK")
    cost = np.where(wide["cost_total"] > 0, wide["cost_total"], wide["revenue_total"])
    per_post = _ratio(cost, np.where(wide["fte_total"] > 0, wide["fte_total"], wide["capacity"]))
    usual, n = wide.peer_median(per_post, ("form", "year", "round"))
    own = _ratio(cost, wide.before(cost))
    against_peers = np.where(n >= limits.thousands.min_peers, _ratio(per_post, usual), np.nan)
    suspect = np.full(len(wide), "", dtype=object)
    for ratio in (own, against_peers):
        suspect = np.where(_near(ratio, 1 / 1000, limits), "small", suspect)
        suspect = np.where(_near(ratio, 1000, limits), "large", suspect)
    # The year after a wrong one looks wrong by itself: it is not, where its peers say so.
    sound = _near(against_peers, 1, limits)
    asks = {"small": _("The amounts seem to be in thousands of crowns. Send them in crowns, or confirm them; no amount "
                       "of this form is used until then."),
            "large": _("The amounts seem to be a thousand times too large. Send them in crowns, or confirm them; no "
                       "amount of this form is used until then.")}
    for size, advice in asks.items():
        yield Hits("9", "question", (suspect == size) & ~sound, "cost_total",
                   _("costs of {cost} Kč, {per_post} Kč a full-time post; the median of others is {usual} Kč"),
                   _("amounts in crowns"), advice, {"cost": cost, "per_post": per_post, "usual": usual}, money)


def _near(ratio: np.ndarray, target: float, limits: Thresholds) -> np.ndarray:
    spread = limits.thousands.spread
    return (ratio >= target / spread) & (ratio <= target * spread)


def degrees(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 15: clients by degree of dependency are not more than the clients, and services of care count them."""
    codes = tuple(code for code in wide.items if code.startswith("clients_degree_"))
    if not codes:
        return
    counts = np.array([wide[code] for code in codes])
    together = np.nansum(counts, axis=0)
    largest = np.argmax(np.nan_to_num(counts), axis=0)
    too_many = together > wide["clients"]
    for i, code in enumerate(codes):
        yield Hits("15", "error", too_many & (largest == i), code,
                   _("{found} clients by degree of dependency, {clients} clients in all"), _("at most {clients}"),
                   _("Correct the clients by degree or the clients in all; the degrees are not used."),
                   {"found": together, "clients": wide["clients"]}, codes)
    asked = np.any([wide.asked(code) for code in codes], axis=0)
    yield Hits("15", "warning", asked & np.isnan(counts).all(axis=0) & (wide["clients"] > 0), codes[0],
               _("no clients by degree of dependency"), _("clients by degree of dependency (care allowance)"),
               _("Fill in how many clients have which degree: without it care cannot be compared fairly."))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Top / bottom, NaN where the bottom is not above zero."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
