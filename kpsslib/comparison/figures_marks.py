"""What all figures of comparison share: marks, legends, axes, and what they return."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.positions import position_label
from kpsslib.drawing import GREY, INK, LIGHT, POSITION_COLOURS
from kpsslib.indicators.wording import value_text
from kpsslib.language import _, number
from kpsslib.methodology import Indicator

# Figure, title, alternative text, numbers as ready text, what it means and what it does not: see `drawing.show`.
Drawn = tuple[Figure, str, str, pd.DataFrame, str]
# Each position has its own marker, so that nothing hangs on colour alone.
MARKERS = {"better": "^", "worse": "v", "indistinct": "o", "inside_band": "o", "outside_band": "s", "context": "o",
           "no_interval": "D", "too_few": "D", "flagged": "X"}

MOST = 80  # more rows than this nobody looks through in a figure


def both_ends(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows that a figure draws, and a sentence that says so where it leaves out the middle of a large set."""
    if len(rows) <= MOST:
        return rows, ""
    drawn = pd.concat([rows.head(MOST // 2), rows.tail(MOST // 2)]).reset_index(drop=True)
    return drawn, " " + _("Drawn are {n} of {all} services, those at either end; the table below has them all.",
                          n=number(MOST), all=number(len(rows)))


def legend(figure: Figure, positions: pd.Series, more: Iterable[Line2D] = ()) -> None:
    """The marks of the positions found, and other lines, above the figure."""
    found = [position for position in MARKERS if (positions == position).any()]
    marks = [Line2D([], [], marker=MARKERS[p], color=colour(p), lw=1.6, label=position_label(p)) for p in found]
    figure.legend(handles=[*marks, *more], loc="outside upper left", ncols=3, fontsize=9)


def colour(position: str) -> str:
    """Blue and orange only where something may be said, else grey."""
    return POSITION_COLOURS.get(position, GREY)


def in_words(axis: Axis, one: Indicator) -> None:
    """Ticks of the axis as the indicator's values are written."""
    axis.set_major_formatter(FuncFormatter(lambda value, _place: value_text(value, one)))


def empty(axes: Axes, choice: Choice) -> None:
    """Says in the figure's place that the year has nothing."""
    say(axes, _("Nothing to compare in {year}", year=choice.year))


def say(axes: Axes, text: str) -> None:
    """A sentence in the figure's place, which takes no more room than it needs."""
    axes.figure.set_size_inches(9, 1.1)
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", wrap=True)


def middle(axes: Axes, rows: pd.DataFrame, one: Indicator) -> None:
    """The median as a line and the middle half as a band, where the set is large enough to have them."""
    known = rows[rows["median"].notna()]
    if known.empty:
        return
    first = known.iloc[0]
    axes.axvspan(first["q1"], first["q3"], color=LIGHT, alpha=0.55, lw=0)
    axes.axvline(first["median"], color=INK, lw=1.3)
    axes.text(first["median"], len(rows) - 0.45, f" {_('median')} {value_text(first['median'], one)}", fontsize=8.5,
              va="bottom")
