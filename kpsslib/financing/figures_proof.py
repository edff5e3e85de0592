"""Figures of page 04 that prove the forecasts: what was told in earlier years, and how each method did."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kpsslib.drawing import BLUE, GREEN, GREY, INK, ORANGE
from kpsslib.financing.figures import MILLION, Shown
from kpsslib.financing.methods import METHODS
from kpsslib.financing.outlook import COST, NEED
from kpsslib.financing.words import method_name
from kpsslib.language import _, money, number, percent

_LOOKS = [(BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (GREY, "D"), (INK, "v")]


def held_out(proof: pd.DataFrame, level: str) -> Shown:
    """Costs and need of the level as told from each earlier year, with their intervals, and what came."""
    by = ["origin", "year", "item"]
    rows = proof[proof["level"] == level].groupby(by, as_index=False)[["low", "mid", "high", "came"]].sum(min_count=1)
    figure = Figure(figsize=(9.5, 3.6), layout="constrained")
    axes = figure.subplots(1, 2)
    for ax, item, title in zip(axes, (COST, NEED), (_("Costs"), _("Need of grant")), strict=True):
        for place, (origin, told) in enumerate(rows[rows["item"] == item].groupby("origin")):
            colour, marker = _LOOKS[place % len(_LOOKS)]
            year = told["year"].astype(float) + 0.12 * place
            mid, came = told["mid"] / MILLION, told["came"] / MILLION
            reach = np.vstack([mid - told["low"] / MILLION, told["high"] / MILLION - mid]).astype(float)
            ax.errorbar(year, mid, yerr=np.nan_to_num(reach), color=colour, marker=marker, linestyle="none", capsize=3,
                        label=_("told from {year}", year=origin))
            ax.plot(year, came, color=INK, linestyle="none", marker="_", markersize=13, markeredgewidth=2.5,
                    label="" if place else _("what came"))
        ax.set_title(title)
        ax.set_ylabel(_("million CZK"))
        ax.yaxis.set_major_formatter(lambda value, _place: number(value))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    missed = rows["mid"] / rows["came"] - 1
    numbers = pd.DataFrame({
        _("quantity"): rows["item"].map({COST: _("Costs"), NEED: _("Need of grant")}),
        _("told from"): rows["origin"].astype(str), _("year"): rows["year"].astype(str),
        _("low"): rows["low"].map(money), _("mid"): rows["mid"].map(money), _("high"): rows["high"].map(money),
        _("what came"): rows["came"].map(money), _("missed by"): missed.map(percent),
    })
    alt = _("Points with intervals of what would have been told in earlier years and dashes of what came; on average "
            "missed by {missed}.", missed=percent(missed.abs().mean()))
    meaning = _("A dash within its interval was told well enough to plan by; that most of them were is no promise for "
                "the years ahead.")
    return figure, _("What would have been told in earlier years, and what came"), alt, numbers, meaning


def backtest_errors(accuracy: pd.DataFrame) -> Shown:
    """Back-test error of each method over all panels in shares of size, with quartiles, and how often it was chosen."""
    tested = accuracy.dropna(subset="error")
    spread = tested.groupby("method")["error"].quantile([0.25, 0.5, 0.75]).unstack().reindex(list(METHODS))
    medians = tested.groupby("method")[["mape", "mase"]].median().reindex(list(METHODS))
    chosen = tested[tested["chosen"]].groupby("method").size().reindex(list(METHODS), fill_value=0)
    figure = Figure(figsize=(9.5, 2.8), layout="constrained")
    ax = figure.subplots()
    names = [method_name(code) for code in METHODS]
    bars = [spread[0.5] - spread[0.25], spread[0.75] - spread[0.5]]
    ax.errorbar(spread[0.5], range(len(names)), xerr=bars, fmt="o", color=BLUE, ecolor=GREY, capsize=4)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _place: percent(value, 0))
    ax.set_xlabel(_("error in shares of a series' size: median and quartiles of panels (less is better)"))
    numbers = pd.DataFrame({
        _("method"): names, _("error, median"): [percent(x) for x in spread[0.5]],
        _("error, lower quartile"): [percent(x) for x in spread[0.25]],
        _("error, upper quartile"): [percent(x) for x in spread[0.75]],
        _("MAPE, median"): [percent(x) for x in medians["mape"]],
        _("MASE, median"): [number(x, 2) for x in medians["mase"]],
        _("chosen in panels"): [number(n) for n in chosen],
    })
    best = method_name(chosen.idxmax())
    alt = _("Dots with quartile bars of the back-test error of each method; {best} was chosen most often.", best=best)
    meaning = _("Where the bars overlap, the methods do about equally well; how far a single service is missed can be "
                "several times as much.")
    return figure, _("How the methods did on past years"), alt, numbers, meaning
