"""The waterfall of a reserve: from the cost at the target to the service's own cost, part by part."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.decomposition import part_label
from kpsslib.comparison.decomposition import waterfall as steps_of
from kpsslib.comparison.figures_marks import Drawn, say
from kpsslib.comparison.reserves import target_label
from kpsslib.comparison.views import chosen_reserves, no_reserve, set_title
from kpsslib.drawing import BLUE, GREY, INK, ORANGE
from kpsslib.indicators.wording import service_names, value_text
from kpsslib.language import _, money, number
from kpsslib.methodology import Methodology

MILLION = 1e6
_ENDS = ("target", "own")


def waterfall(reserves: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice,
              target: str) -> Drawn:
    """The parts of the largest certain reserve of the choice, or of the largest one where none is certain.

    Returns what `drawing.show` takes. Bars that make the cost higher are hatched, others plain; they add up.
    """
    rows = chosen_reserves(reserves, services, choice, target)
    rows = rows.sort_values(["certain", "amount_czk"], ascending=False)
    figure = Figure(figsize=(9, 4.4))
    axes = figure.subplots()
    if rows.empty:
        said = no_reserve(methodology, choice) or _("No service has a reserve against {target}.",
                                                    target=target_label(target))
        say(axes, said)
        return figure, set_title(methodology, choice), said, pd.DataFrame(), ""
    row = rows.iloc[0]
    steps = steps_of(row)
    _bars(axes, steps)
    name = service_names(services)[row["service_id"]]
    figure_title = _("{name}: where the reserve against {target} comes from ({title})", name=name,
                     target=target_label(target), title=set_title(methodology, choice))
    numbers = pd.DataFrame({
        _("part"): steps["part"].map(part_label), _("amount"): steps["amount"].map(money),
        _("for a unit"): [value_text(amount / row["volume"], methodology.indicators[choice.indicator])
                          for amount in steps["amount"]]})
    return figure, figure_title, _sentence(row, steps, name, target), numbers, _meaning(row)


def _bars(axes: Axes, steps: pd.DataFrame) -> None:
    places = range(len(steps))
    for place, step in zip(places, steps.itertuples(), strict=True):
        end, up = step.part in _ENDS, step.amount > 0
        axes.bar(place, abs(step.amount) / MILLION, bottom=min(step.start, step.end) / MILLION, width=0.62,
                 color=GREY if end else ORANGE if up else BLUE, hatch=None if end or not up else "//",
                 edgecolor="white", linewidth=0)
        sign = "" if end else "+" if up else "−"
        axes.text(place, max(step.start, step.end) / MILLION, f"{sign}{number(abs(step.amount) / MILLION, 2)}",
                  ha="center", va="bottom", fontsize=9)
    for place, end in zip(places[:-1], steps["end"][:-1], strict=True):
        axes.plot([place + 0.31, place + 0.69], [end / MILLION] * 2, color=INK, lw=0.9)
    inner = steps[["start", "end"]].where(~steps["part"].isin(_ENDS)).stack()
    low, high = inner.min(), inner.max()
    low = max(0.0, low - 1.2 * (high - low))
    axes.set(xticks=places, xticklabels=[part_label(part).replace(" ", "\n", 1) for part in steps["part"]],
             ylabel=_("million CZK a year"), ylim=(low / MILLION, (high + 0.25 * (high - low)) / MILLION))
    axes.yaxis.set_major_formatter(lambda value, _place: number(value, 0 if high - low > 8 * MILLION else 1))
    axes.grid(axis="x", visible=False)
    if low > 0:
        axes.text(0.0, -0.17, _("The axis does not begin at zero."), transform=axes.transAxes, fontsize=8.5, va="top")


def _sentence(row: pd.Series, steps: pd.DataFrame, name: str, target: str) -> str:
    parts = steps[~steps["part"].isin(_ENDS)].sort_values("amount", key=abs, ascending=False)
    told = ", ".join(f"{part_label(part)} {_signed(amount)}"
                     for part, amount in zip(parts["part"], parts["amount"], strict=True))
    return _("{name} costs {amount} a year more than at {target}: {parts}.", name=name,
             amount=money(row["amount_czk"]), target=target_label(target), parts=told)


def _signed(amount: float) -> str:
    return f"+{money(amount)}" if amount > 0 else money(amount)


def _meaning(row: pd.Series) -> str:
    if not row["certain"]:
        return _("This reserve is not certain: it may be chance; the parts say where the difference lies, not that it "
                 "could be saved.")
    return _("The parts say where the difference from the target lies and add up to it exactly; they do not say that "
             "it could be saved, nor that it should be.")
