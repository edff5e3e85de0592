"""Rule 10: what differs from the year before or from the peers more than theirs. Warnings, but for repeated figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits, about, ratio
from kpsslib.cleaning.levels import robust_z
from kpsslib.cleaning.wide import CAPACITY, PEERS, Wide
from kpsslib.cleaning.year_on_year import YearOnYear, change_at, year_on_year
from kpsslib.language import _
from kpsslib.methodology.thresholds import Thresholds

_FAMILY = ("form", "year", "round")  # the types of a working group together


def repeated(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """All amounts as in the year before: last year's figures again. Plans may repeat."""
    money = wide.of_unit("CZK")
    figures = np.array([wide[code] for code in money]).reshape(len(money), len(wide))
    before = np.array([wide.before(one) for one in figures]).reshape(figures.shape)
    filled = (figures != 0) & ~np.isnan(figures)
    same = (filled & (figures == before)).sum(axis=0)
    done = wide.text("round").isin(["actual", "final"]).to_numpy()
    again = (same >= limits.repeated.amounts) & (same == filled.sum(axis=0)) & done
    for item, there in (("cost_total", wide["cost_total"] > 0), ("revenue_total", ~(wide["cost_total"] > 0))):
        yield Hits("10", "question", again & there, item, _("all {n} amounts are those of the year before"),
                   _("the figures of this year"),
                   _("Send the figures of this year, or confirm that they are the same; no amount of this form is used "
                     "until then."), {"n": same}, tuple(money))


def change(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Change against the year before beside that of the same type, else of the working group (Hidiroglou, Berthelot).

    With too few pairs in either, the change is measured against the median of the peers, or taken as it is
    where there are few; so a year in which everybody grew is no news. Small figures may change freely.
    """
    for item in limits.change.items:
        figures = wide[item]
        before = wide.before(figures)
        own = ratio(figures, before)
        usual, n = wide.peer_median(own)
        usual = np.where(n >= limits.change.min_peers, usual, 1.0)
        typical, low, high, judged = _bounds(wide, before, figures, limits)
        unusual = np.where(judged, (own < low) | (own > high), _beyond(own, usual, limits.change.limit))
        told = unusual & _beyond(own, np.where(judged, typical, usual), limits.change.least)
        told &= (own > 0) & (np.abs(figures - before) >= _smallest(wide, item, limits))
        values = {"item": _label(wide, item), "found": figures, "before": before, "change": 100 * (own - 1),
                  "usual": about(100 * (np.where(judged, typical, usual) - 1)), "limit": 100 * limits.change.limit,
                  "low": about(100 * (low - 1)), "high": about(100 * (high - 1))}
        with_peers = (n >= limits.change.min_peers) | judged
        for peers, text in ((True, _("{item}: {found}, {before} in the year before (a change of {change} %; peers "
                                     "{usual} %)")),
                            (False, _("{item}: {found}, {before} in the year before (a change of {change} %)"))):
            for where, expected in ((judged, _("for a service of this size a change from {low} % to {high} %")),
                                    (~judged, _("a change within {limit} % of that of the peers"))):
                yield Hits("10", "warning", told & where & (with_peers == peers), item, text, expected,
                           _("Check the figure; if it holds, say in the note what has changed."), values)


def _beyond(own: np.ndarray, usual: np.ndarray, limit: float) -> np.ndarray:
    """Whether a change is more than the limit above or below the usual one, as a ratio."""
    relative = ratio(own, usual)
    return (relative > 1 + limit) | (relative < 1 / (1 + limit))


def _bounds(wide: Wide, before: np.ndarray, figures: np.ndarray, limits: Thresholds
            ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The usual change, the least and the largest expected one, and where they could be judged, beside each row."""
    typical, low, high = np.full((3, len(wide)), np.nan)
    for by in (_FAMILY, PEERS):  # the type's own bounds take the place of the family's
        for rows in wide.sets(by):
            found = year_on_year(before[rows], figures[rows], limits.change)
            if _speaks(found):
                size = np.fmax(before[rows], figures[rows]) ** limits.change.u
                typical[rows] = found.usual
                low[rows], high[rows] = (change_at(bound, found.usual, size) for bound in (found.low, found.high))
    return typical, low, high, ~np.isnan(typical)


def _speaks(found: YearOnYear) -> bool:
    """Whether there were pairs enough, and they did not all change alike."""
    return found.high > found.low


def _smallest(wide: Wide, item: str, limits: Thresholds) -> float:
    """The change in the item's own unit below which nothing is said."""
    code = next((c for c in CAPACITY.values() if c in wide.items), "") if item == "capacity" else item
    known = wide.methodology.items.get(code)
    return limits.change.smallest.get(known.unit, 0) if known else 0


def outliers(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Robust z-score of log ratios within type and form above its limit, and not near the median."""
    for top, bottom in limits.outliers.ratios:
        value = ratio(wide[top], wide[bottom])
        usual, n = wide.peer_median(np.where(value > 0, value, np.nan))
        score = np.full(len(wide), np.nan)
        for rows in wide.sets():
            if np.isfinite(value[rows]).sum() > limits.outliers.min_peers:
                score[rows] = robust_z(value[rows])
        far = (np.abs(score) > limits.outliers.z) & _beyond(value, usual, limits.outliers.least)
        yield Hits("10", "warning", far & (n >= limits.outliers.min_peers), top,
                   _("{item} per unit ({of}): {found}, median of the peers {usual}"),
                   _("a value closer to that of the peers"),
                   _("Check both figures; if they hold, say in the note why the service differs."),
                   {"item": _label(wide, top), "of": _label(wide, bottom), "found": value, "usual": about(usual)})


def _label(wide: Wide, item: str) -> str:
    known = wide.methodology.items.get(item)
    return str(known.name) if known else _("capacity")
