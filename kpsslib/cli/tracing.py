"""How `kpss trace` prints a value's way back."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape

from kpsslib.batch.tracing import Way, items_of
from kpsslib.indicators.wording import flag_label
from kpsslib.intake.template import unit_label
from kpsslib.language import _, number
from kpsslib.methodology import words
from kpsslib.methodology.models import ROUNDS
from kpsslib.workspace import Run


def tell_way(way: Way, run: Run, year: int, console: Console) -> None:
    """Print the service, the formula, and for each form and round the value, its items and their cells."""
    indicator, service = way.indicator, way.service
    numerator, denominator, scale = indicator.formula(year)
    heading = f"{service['service_type']} {service['service_name']} ({service['service_id']}, {service['group']})"
    _say(console, f"[bold]{escape(heading)}[/bold]")
    _say(console, escape(f"{indicator.code} {indicator.name}, {year} [{indicator.unit_label}]"))
    above, below = (words.formula(side.text, run.methodology) for side in (numerator, denominator))
    factor = "" if scale == 1 else f"{number(scale)} × "
    _say(console, escape(f"= {factor}({above}) ÷ ({below})"))
    if not len(way.values):
        _say(console, _("The run has no value of this indicator for the service and year."))
    order = way.values["round"].map(ROUNDS.index)
    for value in way.values.assign(order=order).sort_values(["form", "order"], ascending=[True, False]).itertuples():
        _value(value, indicator.digits, console)
        for code in items_of(indicator, year):
            rows = way.items[
                (way.items["item"] == code) & (way.items["form"] == value.form) & (way.items["round"] == value.round)
            ]
            _item(code, rows, run, console)
        _problems(way.problems[way.problems["round"].isin([value.round, ""])], console)


def _value(value: tuple, digits: int, console: Console) -> None:
    interval = "" if pd.isna(value.low) else f" ({number(value.low, digits)} – {number(value.high, digits)})"
    parts = f"{_figure(value.numerator)} / {_figure(value.denominator)}"
    _say(console, "")
    where = f"{words.round_name(value.round)}, {words.form_label(value.form)}"
    heading = f"{where}: {number(value.value, digits)}{interval}"
    _say(console, f"[bold]{escape(heading)}[/bold] = {parts}; {flag_label(value.flag)}")


def _item(code: str, rows: pd.DataFrame, run: Run, console: Console) -> None:
    item = run.methodology.items[code]
    if not len(rows):
        why = _("nothing was reported") if item.source == "return" else words.source(item)
        _say(console, escape(f"  {code} ({item.name}): {why}"))
    for fact in rows.itertuples():
        _say(
            console,
            escape(
                f"  {code} ({item.name}): {_figure(fact.value)} {unit_label(item.unit)}, {status_name(fact.status)}"
            ),
        )
        place = ", ".join(str(part) for part in (fact.file, fact.sheet, fact.cell) if isinstance(part, str) and part)
        _say(console, escape(f"    {place}"))
        if isinstance(fact.sha256, str):
            original = next((run.folder / "originals").glob(f"{fact.sha256}.*"), fact.sha256)
            kept = os.path.relpath(original) if isinstance(original, Path) else original
            _say(console, escape("    " + _("original (SHA-256): {kept}", kept=kept)))


def _figure(value: float) -> str:
    """A figure as it was reported: whole, or to the hundredth."""
    return number(value, 0 if value == round(value, 0) else 2)


def _problems(problems: pd.DataFrame, console: Console) -> None:
    for problem in problems.itertuples():
        sentence = _(
            "{rule}: found {found}, expected {expected}. {advice}",
            rule=problem.rule,
            found=problem.found,
            expected=problem.expected,
            advice=problem.advice,
        )
        _say(console, escape(f"  ! {sentence}"))


def status_name(status: str) -> str:
    """The status of a fact in words."""
    return {
        "reported": _("reported"),
        "converted": _("converted"),
        "confirmed_zero": _("confirmed zero"),
        "missing": _("missing"),
        "not_applicable": _("not applicable"),
        "confidential": _("confidential"),
    }.get(status, status)


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
