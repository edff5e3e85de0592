"""How `kpss check` prints what it has found: by file, by sheet and cell, the gravest first."""

from __future__ import annotations

import os
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kpsslib.checking.checked import PASSES, RETURNED, UNREADABLE, Checked, Report
from kpsslib.checking.points import Told, severity_name, told
from kpsslib.checking.saying import context_sentence, counts, label_of, round_of, subject, verdict_word
from kpsslib.checking.writing import Sent, Written
from kpsslib.language import _, number, plural

MANY = 5  # from so many files on, a table of all stands at the end
_COLOURS = {"error": "red", "question": "yellow", "warning": "blue"}


def tell_check(report: Report, written: Written, console: Console) -> None:
    """Every file with its problems, then all files in a table where there are many, and where everything lies."""
    for one in report.files:
        _file(one, report, written.files[one.taken.name], console)
    if len(report.files) >= MANY:
        _table(report, console)
    for name, why in report.left_out:
        _say(console, escape(f"– {name}: {why}"))
    verdicts = [one.verdict for one in report.files]
    _say(console, "")
    _say(console, _("{passed} pass, {returned} have to be corrected, {unreadable} cannot be read",
                    passed=number(verdicts.count(PASSES)), returned=number(verdicts.count(RETURNED)),
                    unreadable=number(verdicts.count(UNREADABLE))))
    _say(console, escape(context_sentence(report)))
    _say(console, escape(_("For the providers: {folder}; summary: {summary}",
                           folder=os.path.relpath(written.summary.parent), summary=os.path.relpath(written.summary))))


def _file(one: Checked, report: Report, sent: Sent, console: Console) -> None:
    colour = {PASSES: "green", RETURNED: "red", UNREADABLE: "red"}.get(one.verdict, "dim")
    identity = one.taken.read.identity
    about = ", ".join(filter(None, (subject(one), identity.get("year", ""), round_of(one))))
    _say(console, "")
    _say(console, f"[bold]{escape(one.path.name)}[/bold]{escape(f'  {about}' if about else '')}")
    words = f" ({counts(one)})" if one.verdict in (PASSES, RETURNED) and one.points else ""
    _say(console, f"  [bold {colour}]{escape(verdict_word(one))}[/bold {colour}]{escape(words)}")
    for sheet, several in groupby(sorted(told(one.points), key=_sheet), key=_sheet):
        if sheet:
            _say(console, escape("  " + _("sheet {sheet}", sheet=sheet)))
        for group in several:
            _told(group, one, console)
    for answer in one.confirmed:
        _say(console, escape("  ✓ " + _("{label}: confirmed by {who} on {day}",
                                       label=label_of(answer, report.run.methodology), who=answer.who, day=answer.day)))
    for answer in one.answered:
        _say(console, escape("  ✎ " + _("{label}: {who} answers: {answer}", who=answer.who, answer=answer.answer,
                               label=label_of(answer, report.run.methodology))))
    _since(one, console)
    if sent.workbook:
        _say(console, escape("  " + _("returned workbook: {file}", file=os.path.relpath(sent.workbook))))
    for lost in sent.lost:
        _say(console, escape("  " + _("it does not have: {lost}", lost=lost)))


def _sheet(group: Told) -> str:
    return group.points[0].sheet


def _told(group: Told, one: Checked, console: Console) -> None:
    point = group.points[0]
    colour = _COLOURS[point.severity]
    places = ": ".join(filter(None, (group.cells, group.labels)))
    kind = f"{point.sign} {severity_name(point.severity)} {point.number}"
    _say(console, f"  [{colour}]{kind}[/{colour}] {escape(places)}")
    if above := one.above.get(point.cell):
        _say(console, escape("      " + _("below the row: {label}", label=above)), style="dim")
    for words in (_("found: {found}", found=point.found), _("expected: {expected}", expected=point.expected),
                  _("what to do: {advice}", advice=point.advice)):
        _say(console, escape(f"      {words}"))
    if group.n_following:
        _say(console, escape("      " + plural("and {n} more problem that follows from it",
                                               "and {n} more problems that follow from it", group.n_following)))


def _since(one: Checked, console: Console) -> None:
    if one.since is None:
        return
    _say(console, escape(f'  {_("Since the submission {number}", number=one.since.number)}:'))
    table = Table()
    for heading in (_("cell"), _("item"), _("form")):
        table.add_column(heading)
    for heading in (_("before"), _("now")):
        table.add_column(heading, justify="right")
    for change in one.since.changes:
        table.add_row(*map(escape, (change.cell, change.label, change.form, change.before, change.now)))
    if one.since.changes:
        console.print(table)
    for words, points in ((_("corrected"), one.since.corrected), (_("confirmed"), one.since.confirmed),
                          (_("still there"), one.since.remaining)):
        if points:
            _say(console, escape(f"  {words}: " + ", ".join(dict.fromkeys(p.label or p.found for p in points))))


def _table(report: Report, console: Console) -> None:
    table = Table(title=_("Check of returns"), title_justify="left")
    table.add_column(_("file"))
    table.add_column(_("service"))
    table.add_column(_("verdict"))
    for heading in (_("errors"), _("questions"), _("warnings")):
        table.add_column(heading, justify="right")
    for one in report.files:
        table.add_row(*map(escape, (one.path.name, subject(one), verdict_word(one))),
                      *(number(one.count(severity)) for severity in ("error", "question", "warning")))
    console.print(table)


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, highlight=False, soft_wrap=True, style=style)
