"""The figure of the page: how far values moved, indicator by indicator, in usual distances between services."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from kpsslib.differences.words import Words
from kpsslib.drawing import BLUE, GREY, INK, ORANGE, figure_html, style
from kpsslib.language import _, number, plural

MOST, LONGEST = 12, 44
_LINEAR = 1.0  # up to one usual distance the axis is linear, beyond it logarithmic


def moves_figure(values: pd.DataFrame, words: Words) -> str:
    """The values that moved, as HTML: a mark a service, a row an indicator, those that moved most at the top.

    Takes the differences of kind value that have a size; "" where there is none. A triangle points up where the value
    became better and down where worse; what has no better direction is a circle.
    """
    if values.empty:
        return ""
    side = np.sign(values["value_after"] - values["value_before"])
    known = words.indicators
    better = values["indicator"].map({code: {"higher": 1, "lower": -1}.get(one.direction, 0)
                                      for code, one in known.items()}).fillna(0)
    rows = values.assign(moved=side * values["size"], turn=side * better)
    codes = rows.groupby("indicator")["size"].agg(["max", "size"]).sort_values(["max", "size"], ascending=False)
    codes = codes.head(MOST)
    rows = rows[rows["indicator"].isin(codes.index)]
    style()
    figure, axes = plt.subplots(figsize=(8.6, 1.3 + 0.36 * len(codes)))
    place = {code: -n for n, code in enumerate(codes.index)}
    for turn, marker, colour, label in _marks():
        of = rows[rows["turn"] == turn]
        if len(of):
            axes.scatter(of["moved"], of["indicator"].map(place), marker=marker, color=colour, s=44, alpha=0.75,
                         linewidths=0, label=label, zorder=3)
    _dress(axes, [_short(words.indicator(code)) for code in codes.index], rows["moved"].abs().max())
    title = _("How far values moved, in usual distances between services of the set")
    return figure_html(figure, title, _alt(codes, rows, words), _numbers(codes, words), _meaning())


def _marks() -> list[tuple[int, str, str, str]]:
    return [(1, "^", BLUE, _("better")), (-1, "v", ORANGE, _("worse")), (0, "o", GREY, _("no better direction"))]


def _dress(axes: plt.Axes, labels: list[str], farthest: float) -> None:
    axes.set_xscale("symlog", linthresh=_LINEAR)
    reach = max(1.0, farthest) * 1.25
    steps = [step for step in (1, 3, 10, 30, 100, 1000, 10_000) if step <= reach]
    ticks = [-step for step in reversed(steps)] + [0, *steps]
    axes.set_xticks(ticks, [number(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_yticks([-n for n in range(len(labels))], labels)
    axes.set_ylim(-len(labels) + 0.4, 0.6)
    axes.set_xlabel(_("lower than before ← usual distances → higher than before"))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST - 1].rstrip() + "…"


def _alt(codes: pd.DataFrame, rows: pd.DataFrame, words: Words) -> str:
    first = codes.index[0]
    return plural("{n} moved value by indicator. Farthest moved: {indicator}, by {size} usual distances.",
                  "{n} moved values by indicator. Farthest moved: {indicator}, by {size} usual distances.", len(rows),
                  indicator=words.indicator(first), size=number(codes["max"].iloc[0], 1))


def _numbers(codes: pd.DataFrame, words: Words) -> pd.DataFrame:
    return pd.DataFrame({_("indicator"): [words.indicator(code) for code in codes.index],
                         _("moved values"): codes["size"].map(number).to_numpy(),
                         _("farthest, in usual distances"): [number(size, 1) for size in codes["max"]]})


def _meaning() -> str:
    return _("One usual distance is the middle half of the set divided by 1.349, so that indicators of different units "
             "can be set beside each other. Beyond one the axis is logarithmic.")
