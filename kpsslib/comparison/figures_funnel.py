"""The funnel: values by size, with the limits that chance alone would keep them in."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.figures_marks import Drawn, empty, in_words, say
from kpsslib.comparison.funnel import MIN_UNITS
from kpsslib.comparison.funnel_sets import Funnel, funnel_data
from kpsslib.comparison.views import chosen_set, set_title
from kpsslib.drawing import BLUE, GREY, INK, ORANGE, RED
from kpsslib.indicators.wording import interval_text, service_names, short_labels, value_text
from kpsslib.language import _, number
from kpsslib.methodology import Indicator, Methodology

# Outside which limits: colour, marker.
_LOOKS = {"": (GREY, "o"), "95": (ORANGE, "s"), "99.8": (RED, "D")}
_NONE = ("too_few", "no_target", "no_interval")
_LONGEST, _NAMED = 22, 8


def funnel(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice) -> Drawn:
    """Services of the choice by size, with 95 and 99.8 % limits by chance alone and, dashed, with over-dispersion.

    Returns what `drawing.show` takes; where there can be no limits the sentence says why.
    """
    one = methodology.indicators.get(choice.indicator)
    rows = chosen_set(comparison, services, methodology, choice)
    figure = Figure(figsize=(9, 4.8))
    axes = figure.subplots()
    title = _("{title}: by size", title=set_title(methodology, choice))
    if one is None or rows["value"].isna().all():
        empty(axes, choice)
        return figure, title, _("Nothing to compare in {year}", year=choice.year), pd.DataFrame(), ""
    found = funnel_data(rows, one)
    names = service_names(services)
    found = found._replace(points=found.points.assign(name=found.points["unit_id"].map(names)))
    if found.reason in _NONE:
        said = _("No funnel: {reason}.", reason=funnel_reason(found.reason))
        say(axes, said)
    else:
        said = _sentence(found, one)
        _lines(axes, found)
        _points(axes, found.points)
        in_words(axes.yaxis, one)
        axes.xaxis.set_major_formatter(lambda value, _place: number(value))
        axes.set(xlabel=_size_label(one, choice, methodology), ylabel=one.unit_label)
        figure.legend(loc="outside upper left", ncols=2, fontsize=9)
    meaning = "" if found.reason in _NONE else _meaning(one)
    return figure, title, said, _numbers(found, one), meaning


def _size_label(one: Indicator, choice: Choice, methodology: Methodology) -> str:
    denominator = one.formula(choice.year)[1]
    names = [str(methodology.items[item].name) for item in denominator.items]
    return _("size: {what}", what=names[0] if denominator.text in methodology.items else " × ".join(names))


def _lines(axes: Axes, found: Funnel) -> None:
    lines = found.limits
    axes.axhline(found.target, color=INK, lw=1.3, label=_("target of the set"))
    for name, width, text in (("95", 0.9, _("95 % by chance alone")), ("998", 1.7, _("99.8 % by chance alone"))):
        axes.plot(lines["size"], lines[f"low_{name}"], color=GREY, lw=width, label=text)
        axes.plot(lines["size"], lines[f"high_{name}"], color=GREY, lw=width)
    if found.dispersion.tau2 > 0:
        for name, width, text in (("95", 0.9, _("95 % with the set's own spread")),
                                  ("998", 1.7, _("99.8 % with the set's own spread"))):
            axes.plot(lines["size"], lines[f"wide_low_{name}"], color=BLUE, lw=width, ls="--", label=text)
            axes.plot(lines["size"], lines[f"wide_high_{name}"], color=BLUE, lw=width, ls="--")


def _points(axes: Axes, points: pd.DataFrame) -> None:
    for outside, (colour, marker) in _LOOKS.items():
        part = points[points["outside"] == outside]
        if len(part):
            axes.scatter(part["size"], part["value"], color=colour, marker=marker, s=42, zorder=3,
                         label=_outside_label(outside))
    _names(axes, points)


def _names(axes: Axes, points: pd.DataFrame) -> None:
    """Names of the services beyond the limits, the farthest first; one that would stand over another goes under it."""
    labels = dict(zip(points.index, short_labels(points["name"].tolist(), _LONGEST), strict=True))
    apart = points[points["outside"] != ""].sort_values("outside", ascending=False, kind="stable").head(_NAMED)
    middle, line = points["size"].median(), np.ptp(axes.get_ylim()) / 22
    taken: dict[bool, float] = {}
    for row in apart.sort_values("value", ascending=False).itertuples():
        left = row.size > middle
        height = min(row.value, taken.get(left, np.inf) - line)
        taken[left] = height
        axes.annotate(labels[row.Index], (row.size, height), xytext=(-8 if left else 8, 0), fontsize=8.5,
                      textcoords="offset points", ha="right" if left else "left", va="center")


def _outside_label(code: str) -> str:
    return {"": _("within the limits"), "95": _("beyond the 95 % limits"), "99.8": _("beyond the 99.8 % limits")}[code]


def funnel_reason(code: str) -> str:
    """Why there is no funnel, or no over-dispersion, in the words of the language spoken."""
    return {
        "too_few": _("there are too few services to compare"),
        "no_target": _("all services are at the same end of the scale"),
        "no_interval": _("how much such values swing by chance is not known"),
        "few_for_dispersion": _("under {n} services it cannot be told by how much they differ beyond chance",
                                n=number(MIN_UNITS)),
        "": _("the services differ by no more than chance"),
    }[code]


def _sentence(found: Funnel, one: Indicator) -> str:
    counts = found.points["outside"].value_counts()
    said = _("Target {target} {unit}; of {n} services {inside} are within the limits, {between} beyond the 95 % and "
             "{outside} beyond the 99.8 % ones.", target=value_text(found.target, one), unit=one.unit_label,
             n=number(len(found.points)), inside=number(counts.get("", 0)), between=number(counts.get("95", 0)),
             outside=number(counts.get("99.8", 0)))
    if found.dispersion.tau2 > 0:
        return f"{said} {_('The services differ by more than chance alone would let them, so the dashed limits hold.')}"
    return f"{said} {_('No dashed limits: {reason}.', reason=funnel_reason(found.reason))}"


def _meaning(one: Indicator) -> str:
    if one.kind in ("proportion", "rate"):
        return _("A small service swings more by chance, so its limits are wider; a mark beyond them is a question to "
                 "ask the service, not a verdict, and one within them is not proven to be average.")
    return _("The limits are as wide as such values swing from year to year, the same for small and large services; a "
             "mark beyond them is a question to ask the service, not a verdict.")


def _numbers(found: Funnel, one: Indicator) -> pd.DataFrame:
    points = found.points
    text = {_("service"): points["name"], _("size"): points["size"].map(number),
            _("value"): [value_text(value, one) for value in points["value"]]}
    if found.reason in _NONE:
        return pd.DataFrame(text)
    limits = {name: np.interp(points["size"], found.limits["size"], found.limits[name].astype(float))
              for name in found.limits if name != "size"}
    labels = {"": (_("95 % by chance alone"), _("99.8 % by chance alone"))}
    if found.dispersion.tau2 > 0:
        labels["wide_"] = (_("95 % with the set's own spread"), _("99.8 % with the set's own spread"))
    for wide, both in labels.items():
        for name, label in zip(("95", "998"), both, strict=True):
            ends = zip(limits[f"{wide}low_{name}"], limits[f"{wide}high_{name}"], strict=True)
            text[label] = [interval_text(*pair, one) for pair in ends]
    return pd.DataFrame(text | {_("where it stands"): points["outside"].map(_outside_label)})
