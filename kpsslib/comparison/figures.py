"""Figures of comparison: ordered dots with intervals, and small multiples over years."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kpsslib.comparison.choosing import Choice, rows_of
from kpsslib.comparison.positions import position_label
from kpsslib.comparison.trend import slope
from kpsslib.comparison.views import chosen_set, comparison_table, set_sentence, set_title
from kpsslib.drawing import GREY, INK, LIGHT, POSITION_COLOURS
from kpsslib.indicators.wording import service_names, short_labels, value_text
from kpsslib.language import _
from kpsslib.methodology import Indicator, Methodology

Drawn = tuple[Figure, str, str, pd.DataFrame]
# Each position has its own marker, so that nothing hangs on colour alone.
MARKERS = {"better": "^", "worse": "v", "indistinct": "o", "inside_band": "o", "outside_band": "s", "context": "o",
           "no_interval": "D", "too_few": "D", "flagged": "X"}
COLUMNS = 5


def ordered_dots(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice) -> Drawn:
    """Services of the choice in order, the best on top, each with its interval, beside the median and quartiles.

    Returns the figure, its title, a sentence for those who do not see it, and its numbers as ready text: what
    `drawing.show` takes. Blue and orange only where the interval leaves the median out.
    """
    one = methodology.indicators.get(choice.indicator)
    every = chosen_set(comparison, services, choice)
    rows = every[every["value"].notna()].reset_index(drop=True)
    figure = Figure(figsize=(9, 1.6 + 0.27 * max(len(rows), 1)))
    axes = figure.subplots()
    if one is None or rows.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, _("Nothing to compare in {year}", year=choice.year), ha="center")
    else:
        _reference(axes, rows, one)
        _dots(axes, rows)
        axes.set(yticks=range(len(rows)), yticklabels=short_labels(rows["name"].tolist(), 40),
                 ylim=(len(rows) - 0.4, -0.6), xlabel=one.unit_label)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: value_text(value, one)))
        axes.grid(axis="y", visible=False)
        figure.legend(handles=_legend(rows), loc="outside upper left", ncols=3, fontsize=9)
    numbers, _caption = comparison_table(comparison, services, methodology, choice)
    return figure, set_title(methodology, choice), set_sentence(every, methodology, choice), numbers


def _reference(axes: Axes, rows: pd.DataFrame, one: Indicator) -> None:
    """The median as a line and the middle half as a band, where the set is large enough to have them."""
    known = rows[rows["median"].notna()]
    if known.empty:
        return
    first = known.iloc[0]
    axes.axvspan(first["q1"], first["q3"], color=LIGHT, alpha=0.55, lw=0)
    axes.axvline(first["median"], color=INK, lw=1.3)
    axes.text(first["median"], len(rows) - 0.45, f" {_('median')} {value_text(first['median'], one)}", fontsize=8.5,
              va="bottom")


def _dots(axes: Axes, rows: pd.DataFrame) -> None:
    for position, part in rows.groupby("position"):
        colour = POSITION_COLOURS.get(position, GREY)
        spans = part[part["low"].notna()]
        axes.hlines(spans.index, spans["low"], spans["high"], color=colour, lw=1.6, alpha=0.8)
        axes.scatter(part["value"], part.index, color=colour, marker=MARKERS[position], s=46, zorder=3)


def _legend(rows: pd.DataFrame) -> list[Line2D]:
    found = [position for position in MARKERS if (rows["position"] == position).any()]
    return [Line2D([], [], marker=MARKERS[p], color=POSITION_COLOURS.get(p, GREY), lw=1.6, label=position_label(p))
            for p in found]


def small_multiples(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
                    choice: Choice) -> Drawn:
    """A panel for each service of the choice: its years beside the median of the set (dashed) and its peers (grey).

    Returns what `drawing.show` takes: figure, title, alternative sentence, numbers (a row a service, a column a year).
    """
    one = methodology.indicators.get(choice.indicator)
    rows = rows_of(comparison, services, choice)
    rows = rows[rows["value"].notna() & (rows["flag"] == "ok")].sort_values("year")
    rows = rows.assign(name=rows["unit_id"].map(service_names(services)))
    names = list(dict.fromkeys(chosen_set(comparison, services, choice)["name"]))
    names = [name for name in names if (rows["name"] == name).any()]
    down = max(math.ceil(len(names) / COLUMNS), 1)
    figure = Figure(figsize=(10, 0.6 + 1.5 * down))
    panels = figure.subplots(down, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    years = rows.pivot_table(index="name", columns="year", values="value")
    median = rows.groupby("year")["median"].first()
    for panel, name, label in zip(panels, names, short_labels(names, 26), strict=False):
        _panel(panel, years, median, name)
        panel.set_title(label, fontsize=8, fontweight="normal")
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: value_text(value, one)))
    for panel in panels[len(names):]:
        panel.set_axis_off()
    for panel in panels[max(len(names) - COLUMNS, 0):len(names)]:
        panel.tick_params(labelbottom=True)
    title = f"{set_title(methodology, choice)}: {_('development over the years')}"
    return figure, title, _multiples_sentence(rows, choice), _years_table(years, median, one, names)


def _panel(axes: Axes, years: pd.DataFrame, median: pd.Series, name: str) -> None:
    for other in years.to_numpy():
        axes.plot(years.columns, other, color=LIGHT, lw=0.7)
    axes.plot(median.index, median, color=GREY, lw=1.2, ls="--")
    axes.plot(years.columns, years.loc[name], color=INK, lw=1.6, marker="o", ms=3)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(labelsize=7.5)


def _multiples_sentence(rows: pd.DataFrame, choice: Choice) -> str:
    now = rows[rows["year"] == choice.year]
    counts = now["trend"].value_counts()
    improving = counts.get("improving", 0) + counts.get("falling", 0)
    worsening = counts.get("worsening", 0) + counts.get("rising", 0)
    if {"rising", "falling"} & set(counts.index):
        return _("{n} services over the years: beside the median {falling} fall, {rising} rise, the others show no "
                 "clear change.", n=len(now), falling=improving, rising=worsening)
    return _("{n} services over the years: beside the median {improving} improve, {worsening} worsen, the others show "
             "no clear change.", n=len(now), improving=improving, worsening=worsening)


def _years_table(years: pd.DataFrame, median: pd.Series, one: Indicator | None, names: list[str]) -> pd.DataFrame:
    """Values by year as ready text, and the Theil-Sen change a year in the indicator's unit."""
    table = pd.concat([years.reindex(names), median.to_frame(_("median of the set")).T])
    text = table.apply(lambda column: column.map(lambda value: value_text(value, one))) if one else table
    text.columns = [str(year) for year in text.columns]
    slopes = [slope(table.columns.to_numpy(), values) for values in table.to_numpy()]
    text[_("change a year")] = [value_text(change, one) if one else "–" for change in slopes]
    return text.rename_axis(_("service")).reset_index()
