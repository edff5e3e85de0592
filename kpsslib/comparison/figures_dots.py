"""All peers: services in order with their intervals, and the places each of them can have."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.figures_marks import MARKERS, Drawn, both_ends, colour, empty, in_words, legend, middle, say
from kpsslib.comparison.views import chosen_set, comparison_table, places, set_sentence, set_title
from kpsslib.drawing import INK
from kpsslib.indicators.wording import short_labels
from kpsslib.language import _, number, plural
from kpsslib.methodology import Methodology


def ordered_dots(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice) -> Drawn:
    """Services of the choice in order, the best on top, each with its interval, beside the median and quartiles.

    Returns what `drawing.show` takes. Blue and orange only where the interval leaves the median out; the upright
    mark is the value drawn towards the set.
    """
    one = methodology.indicators.get(choice.indicator)
    every = chosen_set(comparison, services, methodology, choice)
    rows, left_out = both_ends(every[every["value"].notna()].reset_index(drop=True))
    figure = _tall(len(rows))
    axes = figure.subplots()
    if one is None or rows.empty:
        empty(axes, choice)
    else:
        middle(axes, rows, one)
        _dots(axes, rows)
        _named(axes, rows)
        axes.set_xlabel(one.unit_label)
        in_words(axes.xaxis, one)
        drawn = [_upright()] if rows["shrunk"].notna().any() else []
        legend(figure, rows["position"], drawn)
    numbers, _caption = comparison_table(comparison, services, methodology, choice)
    return (figure, set_title(methodology, choice), set_sentence(every, methodology, choice), numbers,
            _("A coloured mark says that the service differs from the median by more than its value swings by chance; "
              "it does not say why, and grey marks have no order among themselves.") + left_out)


def _tall(n: int) -> Figure:
    return Figure(figsize=(9, 1.6 + 0.27 * max(n, 1)))


def _named(axes: Axes, rows: pd.DataFrame) -> None:
    axes.set(yticks=range(len(rows)), yticklabels=short_labels(rows["name"].tolist(), 40),
             ylim=(len(rows) - 0.4, -0.6))
    axes.grid(axis="y", visible=False)


def _dots(axes: Axes, rows: pd.DataFrame) -> None:
    for position, part in rows.groupby("position", observed=True):
        spans = part[part["low"].notna()]
        axes.hlines(spans.index, spans["low"], spans["high"], color=colour(position), lw=1.6, alpha=0.8)
        axes.scatter(part["value"], part.index, color=colour(position), marker=MARKERS[position], s=46, zorder=3)
    axes.plot(rows["shrunk"], rows.index, ls="none", marker="|", ms=9, mew=1.6, color=INK, zorder=4)


def _upright() -> Line2D:
    return Line2D([], [], marker="|", ls="none", ms=9, mew=1.6, color=INK, label=_("value drawn towards the set"))


def caterpillar(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice) -> Drawn:
    """The places that each service of the choice can have with 95 % probability, as bars, the best value on top.

    Returns what `drawing.show` takes. A bar over all places says that nothing is known of the order.
    """
    every = chosen_set(comparison, services, methodology, choice)
    known = every[every["rank_low"].notna()].reset_index(drop=True)
    rows, left_out = both_ends(known)
    figure = _tall(len(rows))
    axes = figure.subplots()
    if rows.empty:
        say(axes, _no_places(every))
    else:
        for position, part in rows.groupby("position", observed=True):
            axes.barh(part.index, part["rank_high"] - part["rank_low"] + 0.5, left=part["rank_low"] - 0.25, height=0.55,
                      color=colour(position), alpha=0.55)
            axes.scatter(_place(part), part.index, color=colour(position), marker=MARKERS[position], s=40, zorder=3)
        _named(axes, rows)
        axes.set(xlim=(0.5, rows["n_reported"].max() + 0.5), xlabel=_("place, 1 is the best"))
        axes.xaxis.get_major_locator().set_params(integer=True)
        legend(figure, rows["position"])
    numbers = pd.DataFrame({
        _("service"): known["name"],
        _("place"): [places(*ends) for ends in zip(known["rank_low"], known["rank_high"], strict=True)],
        _("places possible"): [number(k) for k in known["rank_high"] - known["rank_low"] + 1]})
    title = _("{title}: places possible", title=set_title(methodology, choice))
    if known.empty:
        return figure, title, _no_places(every), numbers, ""
    return figure, title, _places_sentence(known), numbers, _(
        "The bar holds all places that the service can have (95 %), the mark is the place of its value alone; where "
        "bars overlap, who is before whom cannot be told, and a table of places would be made up.") + left_out


def _place(rows: pd.DataFrame) -> pd.Series:
    """The place of the value alone."""
    return 1 + (100 - rows["percentile"]) / 100 * (rows["n_reported"].astype(float) - 1)


def _no_places(every: pd.DataFrame) -> str:
    if every.empty or every["median"].isna().all():
        return _("No places: there are too few services to compare.")
    return _("No places: the indicator has no better direction, or how sure its values are is not known.")


def _places_sentence(rows: pd.DataFrame) -> str:
    n = int(rows["n_reported"].max())
    wide = int(((rows["rank_high"] - rows["rank_low"] + 1) >= n / 2).sum())
    top, bottom = rows["rank_high"] <= n / 2, rows["rank_low"] > n / 2
    return plural("Places in a set of {n} service. Surely in the better half: {top}, surely in the worse half: "
                  "{bottom}; half of all places or more are possible for {wide}.",
                  "Places in a set of {n} services. Surely in the better half: {top}, surely in the worse half: "
                  "{bottom}; half of all places or more are possible for {wide}.",
                  n, top=number(top.sum()), bottom=number(bottom.sum()), wide=number(wide))
