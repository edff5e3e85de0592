"""The figures of page 01: completeness over the years and problems by rule."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpsslib.cleaning.rules import rule_names
from kpsslib.cleaning.views import rule_label, severity_names
from kpsslib.drawing import BLUE, GREY, INK, LIGHT, ORANGE
from kpsslib.language import _, number, percent
from kpsslib.methodology.words import form_label

Shown = tuple[Figure, str, str, pd.DataFrame]
_MARKS = {"error": (ORANGE, "s"), "question": (BLUE, "D"), "warning": (GREY, "o")}


def completeness_map(completeness: pd.DataFrame, year: int, round: str) -> Shown:
    """Share of registered services with usable figures, by type and form (rows) and year; n/N stands in each cell.

    Years before are shown by their actual round, the chosen year by the run's round.
    """
    asked = np.where(completeness["year"] == year, round, "actual")
    chosen = completeness[(completeness["round"] == asked) & (completeness["n_expected"] > 0)]
    several = chosen.groupby("service_type")["form"].nunique()
    label = chosen["service_type"].where(chosen["service_type"].map(several) < 2,
                                         chosen["service_type"] + ", " + chosen["form"].map(form_label))
    n, total = (chosen.assign(label=label).pivot(index="label", columns="year", values=c).astype(float)
                for c in ("n_reported", "n_expected"))
    share = (n / total).clip(upper=1)
    figure, axes = plt.subplots(figsize=(1.6 + 0.85 * len(share.columns), 1.2 + 0.42 * len(share)))
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1.3, aspect="auto")
    for row, column in zip(*np.nonzero(~np.isnan(share.to_numpy())), strict=True):
        reported, expected = n.iat[row, column], total.iat[row, column]
        axes.text(column, row, f"{number(reported)}/{number(expected)}", ha="center", va="center",
                  color="white" if share.iat[row, column] > 0.7 else INK,
                  fontweight="normal" if reported >= expected else "bold")
    axes.set_xticks(range(len(share.columns)), [str(column) for column in share.columns])
    axes.set_yticks(range(len(share)), share.index)
    axes.grid(visible=False)
    worst = share.stack().idxmin() if share.size else ("–", "–")
    alt = _("Table of shaded cells; the least complete is {label} in {year}.", label=worst[0], year=str(worst[1]))
    numbers = share.map(percent).reset_index().rename(columns={"label": _("Service type")})
    numbers.columns = [str(column) for column in numbers.columns]
    return figure, _("Services with usable figures of services registered"), alt, numbers


def problems_by_rule(counts: pd.DataFrame, year: int) -> Shown:
    """How many problems of the year each rule found, a mark a severity on a logarithmic scale."""
    names = {rule: f"{rule_label(rule)}  {name}" for rule, name in rule_names().items()}
    shown = counts.iloc[::-1]
    figure, axes = plt.subplots(figsize=(8.5, 1.3 + 0.3 * max(len(shown), 2)))
    places = np.arange(len(shown))
    axes.hlines(places, 0.7, shown.max(axis=1).clip(lower=0.7), color=LIGHT, linewidth=1.5)
    for step, (severity, (colour, mark)) in zip((0.18, 0, -0.18), _MARKS.items(), strict=True):
        some = shown[severity].to_numpy() > 0
        axes.scatter(shown[severity][some], places[some] + step, color=colour, marker=mark, s=42,
                     label=severity_names()[severity], zorder=3)
    axes.set_xscale("log")
    axes.set_xlim(0.7, max(20, 1.6 * float(shown.to_numpy().max(initial=1))))
    axes.xaxis.set_major_formatter(lambda value, _at: number(value))
    axes.set_yticks(places, [names.get(rule, rule) for rule in shown.index])
    axes.set_xlabel(_("number of problems (logarithmic scale)"))
    axes.set_ylim(-0.6, len(shown) - 0.4)
    figure.legend(loc="outside upper center", ncols=3)
    most = counts.sum(axis=1).idxmax() if len(counts) else "–"
    alt = _("Marks by rule and severity; most problems were found by rule {rule}.", rule=names.get(most, most))
    numbers = counts.rename(columns=severity_names()).rename_axis(_("Rule")).reset_index()
    return figure, _("Problems of the year {year} by rule", year=str(year)), alt, numbers
