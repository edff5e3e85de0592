"""Figures of page 04; each function returns what `drawing.show` takes, with what the figure means and does not."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kpsslib.drawing import BLUE, GREEN, GREY, INK, LIGHT, ORANGE, PINK, SKY
from kpsslib.financing.outlook import ACTUAL, COST, GRANT, NEED
from kpsslib.financing.price_volume import PARTS, total
from kpsslib.financing.scenarios import REFERENCE, Scenarios
from kpsslib.financing.words import item_name, millions, part_name
from kpsslib.language import _, money, number
from kpsslib.methodology import Methodology

# Figure, title, alternative text, numbers as ready text, what it means and what it does not.
Shown = tuple[Figure, str, str, pd.DataFrame, str]
MILLION = 1e6
# Colour, marker and line together, so that scenarios can be told apart in grey too.
_LOOKS = [(BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (PINK, "D", ":"), (SKY, "v", (0, (5, 1, 1, 1)))]
_SOURCES = [
    (GRANT, ["revenue_grant"], BLUE, ""), ("revenue_region", ["revenue_region"], SKY, "///"),
    ("revenue_municipality", ["revenue_municipality"], GREEN, "..."),
    ("fees", ["revenue_fees_accommodation", "revenue_fees_care", "revenue_fees_optional"], ORANGE, ""),
    ("revenue_insurance", ["revenue_insurance"], PINK, "\\\\\\"), ("revenue_esf", ["revenue_esf"], INK, "xxx"),
    ("others", ["revenue_labour_office", "revenue_gifts", "revenue_own", "revenue_other"], LIGHT, ""),
]


def fan(outlook: pd.DataFrame, gap: pd.DataFrame, level: str, scenarios: Scenarios) -> Shown:
    """Costs and need of grant of the level's units: past, scenarios, the reference's interval, the allocation."""
    rows = outlook[outlook["level"] == level]
    rows = rows.groupby(["scenario", "item", "year"], as_index=False)[["low", "mid", "high"]].sum()
    figure = Figure(figsize=(9.5, 3.9), layout="constrained")
    axes = figure.subplots(1, 2)
    for ax, item, title in zip(axes, (COST, NEED), (_("Costs"), _("Need of grant")), strict=True):
        _fan_of(ax, rows[rows["item"] == item], scenarios)
        ax.set_title(title)
        ax.set_ylabel(_("million CZK"))
        ax.yaxis.set_major_formatter(lambda value, _place: number(value))
    grant = rows[(rows["item"] == GRANT) & (rows["scenario"] == ACTUAL)]
    axes[1].plot(grant["year"], grant["mid"] / MILLION, color=GREY, linestyle=":", label=_("grant received"))
    given = gap[(gap["level"] == level) & (gap["scenario"] == REFERENCE)]
    given = given.groupby("year")["allocation"].sum(min_count=1)
    if given.notna().any():
        axes[1].plot(given.index.astype(int), given / MILLION, color=INK, linestyle="none", marker="_", markersize=18,
                     label=_("allocation"))
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    last = rows[(rows["year"] == rows["year"].max()) & (rows["item"] == NEED)].set_index("scenario")["mid"]
    told = "; ".join(f"{scenarios.chosen[code].name} {millions(value)}" for code, value in last.items())
    alt = _("Lines of the past and of the scenarios. Need of grant in {year}: {told}.", year=rows["year"].max(),
            told=told)
    numbers = _numbers(rows[rows["item"].isin([COST, NEED])], scenarios)
    meaning = _("Scenarios are suppositions: which of them will come is not told. The band belongs to the expected "
                "development alone and is as wide as such forecasts missed in past years; a new law or a crisis is not "
                "in it.")
    return figure, _("Costs and need of grant by scenario"), alt, numbers, meaning


def funding(outlook: pd.DataFrame, level: str, methodology: Methodology) -> Shown:
    """Who pays, year by year in the reference scenario, stacked, with the costs as a line over it."""
    rows = outlook[(outlook["level"] == level) & outlook["scenario"].isin([ACTUAL, REFERENCE])]
    wide = rows.pivot_table(index="year", columns="item", values="mid", aggfunc="sum").fillna(0) / MILLION
    figure = Figure(figsize=(9.5, 3.9), layout="constrained")
    ax = figure.subplots()
    below, numbers = np.zeros(len(wide)), {_("year"): wide.index.astype(str)}
    for code, items, colour, hatch in _SOURCES:
        part = wide.reindex(columns=items, fill_value=0).sum(axis=1)
        name = {"fees": _("fees of users"), "others": _("other sources")}.get(code) or item_name(code, methodology)
        ax.bar(wide.index, part, bottom=below, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5, label=name)
        below = below + part.to_numpy()
        numbers[name] = [number(value, 1) for value in part]
    ax.plot(wide.index, wide[COST], color=INK, marker="o", label=_("costs"))
    ax.axvline(rows.loc[rows["scenario"] == ACTUAL, "year"].max() + 0.5, color=GREY, linestyle="--", linewidth=1)
    ax.set_ylabel(_("million CZK"))
    ax.yaxis.set_major_formatter(lambda value, _place: number(value))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right center")
    numbers[_("costs")] = [number(value, 1) for value in wide[COST]]
    alt = _("Stacked columns of the sources of money and a line of costs, {first} to {last}; right of the dashed line "
            "is forecast.", first=wide.index.min(), last=wide.index.max())
    meaning = _("Every source goes on as it has gone; nobody has promised it. Where a column ends under the line, "
                "money is missing, and the figure does not say who should give it.")
    return figure, _("Who pays: expected development, million CZK"), alt, pd.DataFrame(numbers), meaning


def price_volume(parts: pd.DataFrame, scenarios: Scenarios) -> Shown:
    """Where the change of costs comes from, scenario beside scenario: bars from 0, each beginning where one ended."""
    sums = total(parts, ["scenario"]).set_index("scenario").reindex(list(scenarios.chosen))
    names = [part_name(part) for part in PARTS]
    figure = Figure(figsize=(9.5, 2.6), layout="constrained")
    panels = figure.subplots(1, len(sums), sharex=True, sharey=True, squeeze=False)[0]
    for ax, (code, row) in zip(panels, sums.iterrows(), strict=True):
        steps = row[PARTS].to_numpy(dtype=float) / MILLION
        starts = np.cumsum(steps) - steps
        colours = [ORANGE if step >= 0 else BLUE for step in steps]
        ax.barh(names, steps, left=starts, color=colours, height=0.6)
        ax.barh([_("change, total")], [steps.sum()], color=INK, height=0.6)
        for place, (start, step) in enumerate(zip([*starts, 0], [*steps, steps.sum()], strict=True)):
            ax.text(max(start, start + step, 0), place, f" {number(step)}", va="center", fontsize=9)
        ax.set_title(str(scenarios.chosen[code].name))
        ax.xaxis.set_major_formatter(lambda value, _place: number(value))
        ax.margins(x=0.22)
    panels[0].invert_yaxis()
    figure.supxlabel(_("million CZK"), fontsize=10)
    first = sums.iloc[0]
    alt = _("Bars of the change of costs by scenario. {scenario}: {parts}; together {change}.",
            scenario=str(scenarios.chosen[sums.index[0]].name), change=millions(first["after"] - first["before"]),
            parts="; ".join(f"{name} {millions(first[part])}" for name, part in zip(names, PARTS, strict=True)))
    numbers = pd.DataFrame({
        _("scenario"): [str(scenarios.chosen[code].name) for code in sums.index], _("today"): sums["before"].map(money),
        **{name: sums[part].map(money) for name, part in zip(names, PARTS, strict=True)},
        _("last year ahead"): sums["after"].map(money), _("by the drivers alone"): sums["by_drivers"].map(money),
    })
    meaning = _("A bar to the right makes costs higher, one to the left lower; none of them is waste or saving by "
                "itself.")
    return figure, _("Where the change of costs comes from"), alt, numbers, meaning


def _fan_of(ax: Axes, rows: pd.DataFrame, scenarios: Scenarios) -> None:
    past = rows[rows["scenario"] == ACTUAL].sort_values("year")
    ax.plot(past["year"], past["mid"] / MILLION, color=INK, linewidth=2, label=_("actual"))
    today = past.iloc[[-1]]
    for (code, scenario), (colour, marker, line) in zip(scenarios.chosen.items(), cycle(_LOOKS), strict=False):
        path = pd.concat([today, rows[rows["scenario"] == code].sort_values("year")])
        ax.plot(path["year"], path["mid"] / MILLION, color=colour, marker=marker, linestyle=line, markersize=4,
                label=str(scenario.name))
        if code == REFERENCE:
            ax.fill_between(path["year"].astype(int), path["low"] / MILLION, path["high"] / MILLION, color=colour,
                            alpha=0.15, label=_("interval of the reference"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _numbers(rows: pd.DataFrame, scenarios: Scenarios) -> pd.DataFrame:
    names = {ACTUAL: _("actual")} | {code: str(scenario.name) for code, scenario in scenarios.chosen.items()}
    return pd.DataFrame({
        _("quantity"): rows["item"].map({COST: _("Costs"), NEED: _("Need of grant")}),
        _("scenario"): rows["scenario"].map(names), _("year"): rows["year"].astype(str),
        _("low"): rows["low"].map(money), _("mid"): rows["mid"].map(money), _("high"): rows["high"].map(money),
    })
