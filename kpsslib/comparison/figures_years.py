"""Small multiples: every service over the years."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kpsslib.comparison.choosing import Choice, rows_of
from kpsslib.comparison.figures_marks import Drawn, in_words, say
from kpsslib.comparison.trend import slope
from kpsslib.comparison.views import chosen_set, set_title
from kpsslib.drawing import GREY, INK, LIGHT, RED
from kpsslib.indicators.wording import service_names, short_labels, value_text
from kpsslib.language import _, number
from kpsslib.methodology import Indicator, Methodology

COLUMNS, PANELS = 5, 40


def small_multiples(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
                    choice: Choice) -> Drawn:
    """A panel for each service of the choice: its years beside the median of the set (dashed) and its peers (grey).

    Of a large set the first services are drawn, and it is said; with one year there is nothing to draw. Returns what
    `drawing.show` takes; its numbers have a row a service and a column a year. A dotted red line is a break of the
    method: another formula or capacity unit from that year on.
    """
    one = methodology.indicators.get(choice.indicator)
    rows = rows_of(comparison, services, methodology, choice)
    rows = rows[rows["value"].notna() & (rows["flag"] == "ok")].sort_values("year")
    rows = rows.assign(name=rows["unit_id"].map(service_names(services)))
    names = list(dict.fromkeys(chosen_set(comparison, services, methodology, choice)["name"]))
    names = [name for name in names if (rows["name"] == name).any()]
    drawn = names[:PANELS]
    down = max(math.ceil(len(drawn) / COLUMNS), 1)
    figure = Figure(figsize=(10, 0.6 + 1.5 * down))
    panels = figure.subplots(down, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    years = rows.pivot_table(index="name", columns="year", values="value")
    median = rows.groupby("year")["median"].first()
    if years.shape[1] < 2:
        return _one_year(methodology, choice, years, median, names)
    for panel, name, label in zip(panels, drawn, short_labels(drawn, 26), strict=False):
        _panel(panel, years, median, name)
        for year in rows.loc[(rows["name"] == name) & rows["method_break"], "year"]:
            panel.axvline(year - 0.5, color=RED, lw=1.2, ls=":")
        panel.set_title(label, fontsize=8, fontweight="normal")
        in_words(panel.yaxis, one)
    for panel in panels[len(drawn):]:
        panel.set_axis_off()
    for panel in panels[max(len(drawn) - COLUMNS, 0):len(drawn)]:
        panel.tick_params(labelbottom=True)
    left_out = "" if len(drawn) == len(names) else " " + _(
        "Drawn are the first {n} of {all} services; the table below has them all.", n=number(len(drawn)),
        all=number(len(names)))
    return figure, _title(methodology, choice), _multiples_sentence(rows, choice), _years_table(
        years, median, one, names), _(
        "A line that leaves the dashed one moves otherwise than the set; whether by more than chance is said by the "
        "trend in the table above, not by the look of the line.") + left_out


def _title(methodology: Methodology, choice: Choice) -> str:
    return f"{set_title(methodology, choice)}: {_('development over the years')}"


def _one_year(methodology: Methodology, choice: Choice, years: pd.DataFrame, median: pd.Series,
              names: list[str]) -> Drawn:
    """What stands in the figure's place where fewer than two years are known."""
    figure = Figure(figsize=(9, 1.6))
    said = _("Fewer than two years are known: there is no development to show.")
    say(figure.subplots(), said)
    one = methodology.indicators.get(choice.indicator)
    return figure, _title(methodology, choice), said, _years_table(years, median, one, names), ""


def _panel(axes: Axes, years: pd.DataFrame, median: pd.Series, name: str) -> None:
    others = [np.column_stack([years.columns, other]) for other in years.to_numpy()]
    axes.add_collection(LineCollection(others, colors=LIGHT, lw=0.7))
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
