"""Plants the truths of comparison and financing in the figures of the model region.

A planted service is built from the medians of its comparable set (same type and form, returns that came), so that it
differs from the others only in what the truth says, and by exactly as much.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kpsslib.example.figures import wage_index
from kpsslib.example.kinds import DIRECT_ITEMS
from kpsslib.example.panel import Panel
from kpsslib.example.truths import Truth

_STAFF = ("cost_wages", "cost_levies", "cost_agreements")
_OPERATING = ("cost_material", "cost_energy", "cost_repairs", "cost_travel", "cost_depreciation", "cost_other",
              "cost_services")
_INDIRECT = ("fte_management", "fte_administration", "fte_support")
_PUBLIC = ("revenue_region", "revenue_municipality")


class _Plot(NamedTuple):
    """The planted row, the columns (years) touched, and the medians of its set in those years."""

    panel: Panel
    row: int
    years: np.ndarray
    volume: str
    unit_cost: np.ndarray
    operating: np.ndarray
    pay: np.ndarray
    direct_share: np.ndarray
    direct: np.ndarray
    output: np.ndarray

    def get(self, item: str) -> np.ndarray:
        return self.panel.values[item][self.row, self.years]

    def put(self, item: str, figures: np.ndarray | float) -> None:
        if not np.isnan(self.get(item)).all():
            self.panel.values[item][self.row, self.years] = figures


def plant_in_figures(panel: Panel, truths: list[Truth], sent: np.ndarray) -> None:
    """Change the panel's figures (not its sums) as the truths of comparison say; reserves last.

    Args:
        panel: complete figures of costs and outputs, before revenues.
        truths: those of the kinds dominant, improving, good_practice, one_year, reserve; others are left alone.
        sent: units x years, whether the figures reach the region; only those form the medians.
    """
    order = {"dominant": 0, "good_practice": 1, "one_year": 2, "improving": 3, "reserve": 4}
    for truth in sorted((t for t in truths if t.kind in order), key=lambda t: order[t.kind]):
        plot = _plot(panel, truth, sent)
        {"dominant": _plant_dominant, "good_practice": _plant_good_practice, "one_year": _plant_good_practice,
         "improving": _plant_improving, "reserve": _plant_reserve}[truth.kind](plot, truth)


def plant_in_revenues(panel: Panel, truths: list[Truth]) -> None:
    """Change the revenues as the truths of financing and funding say: an ESF project that ends, a surplus."""
    for truth in truths:
        if truth.kind == "cliff":
            _plant_cliff(panel, truth)
        elif truth.kind == "surplus":
            _plant_surplus(panel, truth)


def _plot(panel: Panel, truth: Truth, sent: np.ndarray) -> _Plot:
    """The row and the medians of its set; the row itself counts as dearest, so its own change moves no median."""
    row = int(panel.rows(str(truth.service_id), truth.form)[0])
    residential = panel.units.at[row, "form"] == "residential"
    volume, size = ("bed_days", "capacity_beds") if residential else ("care_hours", "fte_direct")
    peers = panel.units["service_type"].eq(panel.units.at[row, "service_type"]) & panel.units["form"].eq(truth.form)
    years = (panel.years >= truth.from_year) & (panel.years <= truth.year)
    sent = sent & peers.to_numpy()[:, None]
    sent[row] = False

    def median(top: str, bottom: str, minus: str | None = None) -> np.ndarray:
        v = panel.values
        over = v[top] - (v[minus] if minus else 0)
        return np.array([_middle(over[s, y] / v[bottom][s, y], own=minus is not None)
                         for y, s in enumerate(sent.T) if years[y]])

    return _Plot(panel, row, years, volume, median("cost_total", volume, "cost_optional"),
                 median("cost_operating", size), median("cost_staff", "fte_total"), median("fte_direct", "fte_total"),
                 median("fte_direct", size), median(volume, size))


def _middle(ratios: np.ndarray, own: bool) -> float:
    """The median; with own the planted service counts too, above the others."""
    return float(np.median(np.append(ratios, np.inf) if own else ratios))


def _rebuild(plot: _Plot, cost: np.ndarray, operating: np.ndarray, pay: np.ndarray, direct_share: np.ndarray) -> None:
    """Set the costs and the posts they pay for; persons follow the posts."""
    plot.put("cost_optional", 0.0)
    _share_out(plot, _OPERATING, operating, 0)
    _share_out(plot, _STAFF, cost - operating, 0)
    posts = (cost - operating) / pay
    before = sum(plot.get(item) for item in _INDIRECT[:2])
    _share_out(plot, DIRECT_ITEMS, posts * direct_share, 2)
    _share_out(plot, _INDIRECT, posts * (1 - direct_share), 2)
    after = sum(plot.get(item) for item in _INDIRECT[:2])
    plot.put("cost_overhead_staff", np.round(plot.get("cost_overhead_staff") * after / before))
    persons = np.round(posts * 1.12)
    plot.put("persons", persons)
    plot.put("persons_qualified", np.round(0.93 * persons))
    plot.put("leavers", np.round(0.13 * persons))
    plot.put("joiners", np.round(0.13 * persons))
    plot.put("training_hours", np.round(27 * persons))


def _share_out(plot: _Plot, items: tuple[str, ...], total: np.ndarray, digits: int) -> None:
    """Divide a total among items as they are now; the last takes the rounding."""
    now = sum(plot.get(item) for item in items)
    for item in items[:-1]:
        plot.put(item, np.round(plot.get(item) * total / now, digits))
    rest = np.round(total, digits) - sum(plot.get(item) for item in items[:-1])
    plot.put(items[-1], np.maximum(0, np.round(rest, digits)))


def _size(plot: _Plot) -> np.ndarray:
    return plot.get("capacity_beds" if plot.volume == "bed_days" else "fte_direct")


def _plant_reserve(plot: _Plot, truth: Truth) -> None:
    """Cost above the median by the amount (in other years by the same in wages of the year).

    Residential: too many posts for the beds at the usual pay, operating cost and occupancy. Elsewhere: the usual
    posts, pay and operating cost, but too few hours.
    """
    index = wage_index(plot.panel.years)[0, plot.years]
    amount = float(truth.amount_czk or 0) * index / index[-1]
    operating = plot.operating * _size(plot)
    if plot.volume == "bed_days":
        plot.put("bed_days", np.round(plot.output * _size(plot)))
        cost = plot.unit_cost * plot.get("bed_days") + amount
        _rebuild(plot, cost, operating, plot.pay, plot.direct_share)
    else:
        cost = operating + plot.pay * _size(plot) / plot.direct_share
        _rebuild(plot, cost, operating, plot.pay, plot.direct_share)
        plot.put("care_hours", np.round((np.round(cost) - amount) / plot.unit_cost))


def _plant_good_practice(plot: _Plot, truth: Truth) -> None:
    """Cheaper by the margin, busier, with more direct care, steady qualified staff and content clients."""
    if plot.volume == "bed_days":
        days = plot.get("operating_days")
        plot.put("bed_days", np.minimum(np.floor(0.985 * plot.get("capacity_beds") * days),
                                        np.floor(1.03 * plot.output * plot.get("capacity_beds"))))
    else:
        plot.put("care_hours", np.round(1.12 * plot.output * plot.get("fte_direct")))
    cost = (1 - float(truth.margin or 0)) * plot.unit_cost * plot.get(plot.volume)
    pay = plot.pay * (1 - 0.03)
    direct_share = np.minimum(0.93, plot.direct_share + 0.08)
    posts = 1.02 * plot.direct * _size(plot) / direct_share
    _rebuild(plot, cost, np.maximum(0.08 * cost, cost - posts * pay), pay, direct_share)
    persons, clients = plot.get("persons"), plot.get("clients")
    respondents = np.minimum(np.round(0.6 * clients), 80)
    best = {"persons_qualified": persons, "leavers": np.round(0.04 * persons), "joiners": np.round(0.04 * persons),
            "training_hours": 42 * persons, "refused_capacity": np.round(0.01 * clients), "complaints": 0,
            "complaints_justified": 0, "restraint_measures": 0, "applicants_waiting": np.round(0.05 * clients),
            "refused_target_group": 0, "refused_other": 0}
    for item, figures in best.items():
        plot.put(item, figures)
    for item, figures in (("survey_respondents", respondents), ("survey_satisfied", np.round(0.97 * respondents)),
                          ("inspection_points", 140), ("inspection_points_possible", 144)):
        plot.panel.values[item][plot.row, plot.years] = figures
    beds = plot.get("capacity_beds")
    plot.put("rooms_larger", 0)
    plot.put("rooms_double", np.floor(0.04 * beds))
    plot.put("rooms_single", beds - 2 * np.floor(0.04 * beds))


def _plant_improving(plot: _Plot, truth: Truth) -> None:
    """Cost falls steadily from the margin above the median to 4/5 of the margin below it."""
    margin = float(truth.margin or 0)
    level = np.linspace(1 + margin, 1 - 0.8 * margin, plot.years.sum())
    cost = plot.unit_cost * level * plot.get(plot.volume)
    _rebuild(plot, cost, plot.operating * level * _size(plot), plot.pay, plot.direct_share)


def _plant_dominant(plot: _Plot, truth: Truth) -> None:
    """Everything counted of the service times a whole number, so that it outweighs its set."""
    kept = {"operating_days", "months_operated", "esf_until", "inspection_points", "inspection_points_possible"}
    for item in plot.panel.values:
        if item not in kept:
            plot.put(item, plot.get(item) * float(truth.margin or 1))


def _plant_cliff(panel: Panel, truth: Truth) -> None:
    """A share of all revenue comes from an ESF project that ends; the grant and the municipalities pay the less."""
    row = int(panel.rows(str(truth.service_id), truth.form)[0])
    years = panel.years >= truth.from_year
    total = panel.values["revenue_total"][row, years]
    panel.values["revenue_esf"][row, years] = esf = np.round(float(truth.share or 0) * total)
    panel.values["esf_until"][row, years] = float(truth.until or truth.year)
    others = ("revenue_grant", *_PUBLIC, "revenue_own", "revenue_gifts", "revenue_other", "revenue_labour_office")
    paid = sum(panel.values[item][row, years] for item in others)
    for item in others:
        panel.values[item][row, years] = np.round(panel.values[item][row, years] * (total - esf) / paid)


def _plant_surplus(panel: Panel, truth: Truth) -> None:
    """Public money beyond the net cost by the amount, in every year from from_year."""
    row = int(panel.rows(str(truth.service_id), truth.form)[0])
    years = panel.years >= truth.from_year
    short = panel.values["cost_total"][row, years] - panel.values["revenue_total"][row, years]
    panel.values["revenue_grant"][row, years] += short + float(truth.amount_czk or 0)
