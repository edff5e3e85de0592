"""Rule 9: amounts in thousands, hundreds or of one month, of a whole return or of one cell. All are questions.

They come before every other rule of plausibility, which do not see what is taken out here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kpsslib.cleaning.hits import Hits, about, ratio
from kpsslib.cleaning.levels import robust_z
from kpsslib.cleaning.unit_errors import is_factor, near, near_factor
from kpsslib.cleaning.wide import Wide
from kpsslib.language import _
from kpsslib.methodology.thresholds import Thresholds


def whole_return(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """All amounts of a return, by its costs (else revenues) against the year before and by its costs of a post.

    Nobody can tell for sure, so every amount of the return waits for the sender's answer.
    """
    cost = np.where(wide["cost_total"] > 0, wide["cost_total"], wide["revenue_total"])
    size = np.where(wide["fte_total"] > 0, wide["fte_total"], wide["capacity"])
    usual, n = wide.peer_median(ratio(cost, size), ("form", "year", "round"))
    usual = np.where(n >= limits.units.min_peers, usual, np.nan)
    own, peers = ratio(cost, wide.before(cost)), ratio(ratio(cost, size), usual)
    by_peers = near_factor(peers, limits.units.spreads)
    # Costs of a post differ; only a thousandfold is believed against the year before.
    by_peers = np.where(np.isnan(own) | is_factor(by_peers, 1000), by_peers, np.nan)
    factor = near_factor(own, limits.units.spreads)
    # The year after a wrong one looks wrong by itself: it is not, where its peers say so.
    factor = np.where(near(peers, 1, limits.units.thousand), np.nan, np.where(np.isnan(factor), by_peers, factor))
    factor = _of_whole_years(wide, factor)
    advice = _("The amounts seem to be {how}. Send them in crowns and for the whole year, or confirm them; no amount "
               "of this form is used until then.")
    told = [_("{cost} Kč, {per_post} Kč a full-time post"),
            _("{cost} Kč, {per_post} Kč a full-time post; the median of others is {usual} Kč")]
    values = {"how": _how(factor), "cost": cost, "per_post": ratio(cost, size), "usual": about(usual)}
    for item, filled in (("cost_total", wide["cost_total"] > 0), ("revenue_total", ~(wide["cost_total"] > 0))):
        for known in (0, 1):
            where = ~np.isnan(factor) & filled & (np.isnan(usual) == (known == 0))
            yield Hits("9", "question", where, item, told[known], _("amounts in crowns for the whole year"), advice,
                       values, tuple(wide.of_unit("CZK")))


def one_amount(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """One amount among sound ones: against the year before, else against the peers' amount of a post."""
    items = [code for code in wide.of_unit("CZK") if not wide.methodology.items[code].sum_of]
    size = np.where(wide["fte_total"] > 0, wide["fte_total"], wide["capacity"])
    figures = np.array([wide[code] for code in items]).reshape(len(items), len(wide))
    before = np.array([wide.before(one) for one in figures]).reshape(figures.shape)
    medians = [wide.peer_median(ratio(one, size)) for one in figures]
    usual = np.array([np.where(n >= limits.units.min_peers, median, np.nan) * size for median, n in medians])
    own, peers = (_among_siblings(ratio(figures, expected.reshape(figures.shape)), limits)
                  for expected in (before, usual))
    thousands = {1000: limits.units.thousand}  # amounts of a post differ: a tenfold is no news
    factors = np.where(np.isnan(own), near_factor(peers, thousands), near_factor(own, limits.units.spreads))
    for at, code in enumerate(items):
        expected = np.where(np.isnan(own[at]), usual[at], before[at])
        factor = np.where(_large(np.fmax(figures[at], expected), code, wide, limits), factors[at], np.nan)
        against = np.where(np.isnan(own[at]), peers[at], own[at])
        sure = is_factor(factor, 1000)
        yield from _doubt(wide, code, _confirmed(wide, factor, against, sure, limits), expected)


def months(wide: Wide, limits: Thresholds) -> Iterator[Hits]:
    """Bed-days and hours of one month instead of a year, or added up too often, for what they grow with."""
    twelve = {12: limits.units.twelve}
    collected = {code: with_ for code, with_ in limits.units.monthly.items() if code in wide.items}
    for code, grows_with in collected.items():
        per_unit = ratio(wide[code], wide[grows_with])
        usual, n = wide.peer_median(per_unit)
        usual = np.where(n >= limits.units.min_peers, usual, np.nan)
        before = wide.before(per_unit)
        expected = np.where(np.isnan(before), usual, before)
        against = ratio(per_unit, expected)
        factor = near_factor(against, twelve)
        sound = near(ratio(per_unit, usual), 1, limits.units.usual)  # last year's was the wrong one
        factor = np.where(sound, np.nan, factor)
        expected = expected * wide[grows_with]
        factor = np.where(_large(np.fmax(wide[code], expected), code, wide, limits), factor, np.nan)
        sure = ~np.isnan(before)
        yield from _doubt(wide, code, _confirmed(wide, factor, against, sure, limits), expected)


def _among_siblings(ratios: np.ndarray, limits: Thresholds) -> np.ndarray:
    """Each amount's ratio against that of the return's other amounts; NaN where those are few or not sound."""
    known = (~np.isnan(ratios)).sum(axis=0) >= limits.units.fewest_siblings
    middle = np.full(ratios.shape[1], np.nan)
    if known.any():
        middle[known] = np.nanmedian(ratios[:, known], axis=0)
    sound = np.where(near(middle, 1, limits.units.siblings), middle, np.nan)
    return ratios / sound


def _confirmed(wide: Wide, factor: np.ndarray, against: np.ndarray, sure: np.ndarray, limits: Thresholds) -> np.ndarray:
    """The factors that are unusual among the peers too; without enough peers only where it is sure without them."""
    factor = _of_whole_years(wide, factor)
    for rows in wide.sets() if not np.isnan(factor).all() else ():
        if not np.isnan(factor[rows]).all():
            known = (~np.isnan(against[rows])).sum() > limits.units.min_peers
            z = np.abs(robust_z(against[rows])) if known else np.full(len(rows), np.nan)
            believed = np.where(np.isnan(z), sure[rows], z > limits.units.z)
            factor[rows] = np.where(believed, factor[rows], np.nan)
    return factor


def _of_whole_years(wide: Wide, factor: np.ndarray) -> np.ndarray:
    """Without the twelfths of services that ran a part of this year or of the year before."""
    twelfth = is_factor(factor, 12)
    if not twelfth.any():
        return factor
    part = wide.part_of_year
    return np.where(twelfth & (part | (wide.before(part.astype(float)) == 1)), np.nan, factor)


def _large(figures: np.ndarray, code: str, wide: Wide, limits: Thresholds) -> np.ndarray:
    return figures >= limits.units.smallest.get(wide.methodology.items[code].unit, 0)


def _doubt(wide: Wide, code: str, factor: np.ndarray, expected: np.ndarray) -> Iterator[Hits]:
    """The question about one figure; the sums above it wait with it."""
    item = wide.methodology.items[code]
    yield Hits("9", "question", ~np.isnan(factor), code, _("{item}: {found}"),
               _("about {expected}, by the year before or by similar services"),
               _("The figure seems to be {how}. Correct it, or confirm it; it is not used until then, nor are the sums "
                 "above it."),
               {"item": str(item.name), "found": wide[code], "expected": about(expected), "how": _how(factor)},
               (code, *wide.above(code)))


def _how(factor: np.ndarray) -> np.ndarray:
    """What a factor betrays, in words."""
    words = {1000: _("a thousand times too large"), 1 / 1000: _("in thousands"), 100: _("a hundred times too large"),
             1 / 100: _("a hundred times too small"), 12: _("twelve times too large"), 1 / 12: _("of one month only")}
    return np.array([words.get(one, "") for one in factor], dtype=object)
