"""Rules about single figures: 4 days and occupancy, 6 signs and zeros, 7 other costs, 15 degrees."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits, ratio
from kpsslib.cleaning.wide import Wide
from kpsslib.language import _
from kpsslib.methodology.thresholds import Thresholds


def days_of_operation(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 4: a year has 365 or 366 days."""
    days = wide["operating_days"]
    longest = np.array([366 if isleap(year) else 365 for year in wide.text("year")])
    values = {"days": days, "longest": longest, "year": wide.text("year").astype(str).to_numpy()}
    yield Hits("4", "error", days > longest, "operating_days", _("{days} days of operation in the year"),
               _("at most {longest} days in {year}"), _("Correct the number of days; it is not used."), values,
               ("operating_days",))


def occupancy(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 4: bed-days fill at least half of beds times days of operation."""
    offered = wide["capacity_beds"] * wide["operating_days"]
    bed_days = wide["bed_days"]
    values = {"found": bed_days, "most": offered, "share": 100 * ratio(bed_days, offered),
              "low": 100 * limits.occupancy.low}
    low = (bed_days < limits.occupancy.low * offered) & (bed_days >= 0)
    yield Hits("4", "warning", low, "bed_days", _("occupancy of {share} % ({found} of {most} bed-days)"),
               _("at least {low} %"),
               _("Check whether the bed-days are those of the whole year, or explain the low occupancy in the note."),
               values)


def signs(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 6: clients and posts are not negative; a negative amount may be a refund."""
    for code in wide.items:
        item, figures = wide.methodology.items[code], wide[code]
        if not item.negative and (figures < 0).any():
            values = {"item": str(item.name), "found": figures}
            money = item.unit == "CZK"
            advice = (_("Correct the amount, or confirm that it is a refund; it is not used until then.") if money
                      else _("Correct the figure; it is not used."))
            yield Hits("6", "question" if money else "error", figures < 0, code, _("{item}: {found}"),
                       _("zero or more"), advice, values, (code,))


def zeros(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 6: a service with posts has costs, and a return of nothing but zeros was probably not filled in."""
    yield Hits("6", "warning", (wide["cost_total"] == 0) & (wide["fte_total"] > 0), "cost_total",
               _("costs of 0 Kč with {posts} full-time posts"), _("costs above zero"),
               _("Fill in the costs, or leave the cell empty if you do not know them."), {"posts": wide["fte_total"]})
    filled = ~np.isnan(wide.values)
    first = _first_item(wide, filled)
    nothing = (filled.sum(axis=1) > 1) & (np.nan_to_num(wide.values) == 0).all(axis=1)
    for code in sorted(set(first[nothing])):
        yield Hits("6", "question", nothing & (first == code), code, _("all {n} figures of this form are 0"),
                   _("figures other than zero"),
                   _("Leave cells that were not filled in empty: zero means a real zero. Send the figures, or confirm "
                     "the zeros; none of them is used until then."),
                   {"n": filled.sum(axis=1)}, tuple(wide.items))


def _first_item(wide: Wide, filled: np.ndarray) -> np.ndarray:
    """The first item that each row has a figure of."""
    return np.array(wide.items, dtype=object)[filled.argmax(axis=1)] if len(wide) else np.array([], dtype=object)


def other_costs(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Rule 7: other costs above a tenth of all costs need a comment; the archive has no place for one."""
    share = ratio(wide["cost_other"], wide["cost_total"])
    silent = (wide.note("cost_other") == "") & (wide.text("sheet") != "").to_numpy()
    yield Hits("7", "warning", (share > limits.sums.other_share) & silent, "cost_other",
               _("other costs are {share} % of the costs, without a comment"), _("at most {most} %, or a comment"),
               _("Write in the note what the other costs hold, or move them to the rows they belong to."),
               {"share": 100 * share, "most": 100 * limits.sums.other_share})


def degrees(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 15: services of care count their clients by degree of dependency."""
    codes = tuple(code for code in wide.items if code.startswith("clients_degree_"))
    if not codes:
        return
    counts = np.array([wide[code] for code in codes])
    asked = np.any([wide.asked(code) for code in codes], axis=0)
    yield Hits("15", "warning", asked & np.isnan(counts).all(axis=0) & (wide["clients"] > 0), codes[0],
               _("no clients by degree of dependency"), _("clients by degree of dependency (care allowance)"),
               _("Fill in how many clients have which degree: without it care cannot be compared fairly."))
