"""The note that goes with a returned workbook, as a page to print and as text for an e-mail."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import accumulate
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kpsslib.checking.checked import PASSES, UNREADABLE, Checked, Report
from kpsslib.checking.points import SEVERITIES, Told, told
from kpsslib.checking.saying import (
    counts,
    label_of,
    long_day,
    received_day,
    round_of,
    subject,
    verdict_sentence,
)
from kpsslib.language import _, plural, speaking

SHOWN, LETTERS = 12, 2_800  # points told in full, and how much they may say: the page has to stay one
_TEMPLATES = Path(__file__).parent / "templates"


def note_html(one: Checked, report: Report, workbook: Path | None, lost: list[str]) -> str:
    """The note as one page of HTML that loads nothing from elsewhere."""
    return _environment(html=True).get_template("note.html.j2").render(**_values(one, report, workbook, lost))


def note_text(one: Checked, report: Report, workbook: Path | None, lost: list[str]) -> str:
    """The same in plain text."""
    text = _environment(html=False).get_template("note.txt.j2").render(**_values(one, report, workbook, lost))
    return text.replace("\u00a0", " ")


def _values(one: Checked, report: Report, workbook: Path | None, lost: list[str]) -> dict[str, object]:
    asked = [t for t in told(one.points) if t.points[0].severity != "warning"]
    shown = _fitting(asked)
    identity = one.taken.read.identity
    return dict(
        language=speaking(), one=one, received=received_day(one), made=long_day(datetime.now(UTC).isoformat()),
        verdict=verdict_sentence(one), counts=counts(one), subject=subject(one), round=round_of(one),
        year=identity.get("year", ""), rest=_rest(len(asked) - len(shown)),
        warned=_warned(one.count("warning")), steps=_steps(one, workbook),
        headings={"error": _("Errors: the figure is not used until it is corrected"),
                  "question": _("Questions: correct the figure, or confirm that it holds")},
        groups=[(severity, [t for t in shown if t.points[0].severity == severity]) for severity in SEVERITIES[:2]],
        lost=lost, since=one.since,
        confirmed=[(c, label_of(c, report.run.methodology)) for c in one.confirmed],
    )


def _fitting(asked: list[Told]) -> list[Told]:
    """The first of the points, as many as have room on a page."""
    room = accumulate(sum(map(len, (t.labels, t.points[0].found, t.points[0].expected, t.points[0].advice)))
                      for t in asked)
    return [t for t, letters in zip(asked[:SHOWN], room, strict=False) if letters <= LETTERS] or asked[:1]


def _rest(n: int) -> str:
    return plural("{n} more problem stands in the returned workbook, on the sheet “Chyby”.",
                  "{n} more problems stand in the returned workbook, on the sheet “Chyby”.", n) if n else ""


def _warned(n: int) -> str:
    return plural("Beside that there is {n} warning; the figure is used, please look at it.",
                  "Beside that there are {n} warnings; the figures are used, please look at them.", n) if n else ""


def _steps(one: Checked, workbook: Path | None) -> list[str]:
    """What the provider does now."""
    if one.verdict == UNREADABLE:
        return [one.points[0].advice, _("Send the corrected file to the same address.")]
    if one.verdict == PASSES:
        check = [_("If a warning is right, correct the figure in the workbook {file} and send it back.",
                   file=workbook.name)] if workbook else []
        return [_("You need not do anything more."), *check]
    return [
        _("Open the workbook {file} that we return to you. What is marked stands on its sheet “Chyby”; a click on the "
          "name of a cell leads there.", file=workbook.name),
        _("Correct the figures. Where a figure that we ask about holds, write “ano”, your name and the day into the "
          "yellow cells beside the question."),
        _("Save the workbook and send it back. Do not fill in a new one: by its number it replaces this submission."),
    ]


def _following(group: Told) -> str:
    """How many problems follow from these, in words."""
    return plural("and {n} more problem that follows from it", "and {n} more problems that follow from it",
                  group.n_following) if group.n_following else ""


@cache
def _environment(*, html: bool) -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=html, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(_=_, following=_following)
    return environment
