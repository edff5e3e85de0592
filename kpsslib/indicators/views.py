"""What page 02 shows: how complete the indicators are, one indicator in full, and how to read it."""

from __future__ import annotations

import html

import pandas as pd
from matplotlib.figure import Figure

from kpsslib.drawing import GREEN, INK, LIGHT, PINK
from kpsslib.indicators.evaluation import FLAGS
from kpsslib.indicators.rounds import latest_round
from kpsslib.indicators.wording import (
    by_name,
    flag_label,
    heading,
    interval_text,
    value_text,
)
from kpsslib.language import _, number, percent
from kpsslib.methodology import Methodology
from kpsslib.methodology.words import form_label, one_line, round_name

Shown = tuple[pd.DataFrame, str]


def flag_counts(indicators: pd.DataFrame, year: int, round: str) -> pd.DataFrame:
    """How many values of each indicator have which flag in a year: a row an indicator, a column a flag."""
    rows = latest_round(indicators, year, round)
    rows = rows[rows["year"] == year]
    counts = rows.groupby(["indicator", "flag"]).size().unstack(fill_value=0)
    return counts.reindex(columns=list(FLAGS), fill_value=0)


def flag_table(counts: pd.DataFrame, methodology: Methodology) -> Shown:
    """`flag_counts` as ready text, with the share computed, and a caption."""
    known = methodology.indicators
    text = {_("indicator"): [heading(known[code]) for code in counts.index]}
    text |= {flag_label(flag): [number(n) for n in counts[flag]] for flag in counts}
    text[_("share computed")] = [percent(share, 0) for share in counts["ok"] / counts.sum(axis=1)]
    return pd.DataFrame(text), _("How many values each indicator has, and why the others are not in order")


def flag_figure(counts: pd.DataFrame, methodology: Methodology) -> tuple[Figure, str, str, pd.DataFrame]:
    """Bars of the share of values computed, to be checked and missing, the least complete indicator on top.

    Returns what `drawing.show` takes: figure, title, alternative sentence, numbers.
    """
    shares = 100 * counts.div(counts.sum(axis=1), axis=0)
    shares = shares.sort_values("ok", kind="stable")
    bars = {_("in order"): (shares["ok"], GREEN, ""),
            _("to be checked"): (shares[["small_denominator", "out_of_range"]].sum(axis=1), PINK, "//"),
            _("no value"): (shares[["missing", "zero_denominator"]].sum(axis=1), LIGHT, "")}
    figure = Figure(figsize=(8, 1.2 + 0.2 * len(counts)))
    axes = figure.subplots()
    left = pd.Series(0.0, index=shares.index)
    for label, (width, colour, hatch) in bars.items():
        axes.barh(list(shares.index), width, left=left, color=colour, hatch=hatch, edgecolor="white", label=label)
        left = left + width
    axes.set(xlim=(0, 100), ylim=(len(shares) - 0.4, -0.6), xlabel=_("share of services, %"))
    axes.tick_params(axis="y", labelsize=8, labelcolor=INK)
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3)
    total = counts.to_numpy().sum()
    share = percent(counts["ok"].sum() / total if total else float("nan"), 0)
    if counts["missing"].any():
        alt = _("Of {n} values {share} are computed; most are missing for {worst}.", n=number(total), share=share,
                worst=heading(methodology.indicators[shares["missing"].idxmax()]))
    else:
        alt = _("Of {n} values {share} are computed; none is missing.", n=number(total), share=share)
    return figure, _("Values computed, to be checked and missing"), alt, flag_table(counts, methodology)[0]


def first_indicator(indicators: pd.DataFrame, methodology: Methodology, year: int, chosen: str = "") -> str:
    """The indicator chosen where it has values in the year; else the first of the catalogue that has; else ""."""
    there = set(indicators.loc[(indicators["year"] == year) & indicators["value"].notna(), "indicator"])
    return chosen if chosen in there else next((code for code in methodology.indicators if code in there), "")


def value_table(indicators: pd.DataFrame, names: dict[str, str], methodology: Methodology, code: str,
                year: int) -> Shown:
    """Every value of one indicator and year, all rounds, as ready text with numerator and denominator; a caption."""
    one = methodology.indicators.get(code)
    rows = indicators[(indicators["indicator"] == code) & (indicators["year"] == year)]
    rows = by_name(rows.assign(name=rows["unit_id"].map(names).fillna(rows["unit_id"])), "name")
    unit = one.unit_label if one else "–"
    return pd.DataFrame({
        _("service"): rows["name"], _("form"): rows["form"].map(form_label), _("round"): rows["round"].map(round_name),
        _("numerator"): rows["numerator"].map(number), _("denominator"): rows["denominator"].map(number),
        f"{_('value')} ({unit})": [value_text(v, one) for v in rows["value"]],
        _("95 % interval"): [interval_text(*ends, one) for ends in zip(rows["low"], rows["high"], strict=True)],
        _("note"): rows["flag"].map(flag_label),
    }), f"{heading(one)}, {year}" if one else _("No indicator has a value in {year}", year=year)


def how_to_read(methodology: Methodology, code: str) -> str:
    """What an indicator says, as HTML made from the methodology: formula in words, direction, why, caveats, source."""
    if code not in methodology.indicators:
        return ""
    one = methodology.indicators[code]
    direction = {"higher": _("higher is better"), "lower": _("lower is better"), "band": _("both ends are bad"),
                 "none": _("context, neither better nor worse")}[one.direction]
    sources = [methodology.sources[code] for code in one.sources]
    lines = [(_("Formula"), one_line(one, methodology)), (_("Unit"), str(one.unit_label)), (_("Direction"), direction),
             (_("Why"), str(one.why)), (_("Mind"), str(one.caveats)),
             (_("Source"), "; ".join(f"{source.name} ({source.reference})" for source in sources))]
    items = "".join(f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>" for term, text in lines)
    return f'<section class="kpss-reading"><h4>{html.escape(heading(one))}</h4><dl>{items}</dl></section>'
