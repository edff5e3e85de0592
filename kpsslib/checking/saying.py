"""What is said of a checked return in report, note and workbook alike."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from kpsslib.checking.checked import PASSES, REPEATED, RETURNED, SUPERSEDED, UNREADABLE, Checked, Report
from kpsslib.checking.points import SEVERITIES
from kpsslib.intake.records import Confirmation
from kpsslib.language import _, plural, speaking
from kpsslib.methodology import Methodology
from kpsslib.methodology.words import round_name


def verdict_word(one: Checked) -> str:
    """The verdict in two words."""
    return {
        PASSES: _("passes"), RETURNED: _("to be corrected"), UNREADABLE: _("cannot be read"),
        SUPERSEDED: _("replaced by a newer one"), REPEATED: _("the same again"),
    }[one.verdict]


def verdict_sentence(one: Checked) -> str:
    """The verdict with its counts."""
    if one.verdict == UNREADABLE:
        return _("The file cannot be read as a return; nothing of it was used.")
    if one.verdict == PASSES:
        return _("The return passes.") if not one.count("warning") else plural(
            "The return passes; {n} warning to look at.", "The return passes; {n} warnings to look at.",
            one.count("warning"))
    return _("The return has to be corrected: {counts}.", counts=counts(one))


def counts(one: Checked) -> str:
    """How many errors, questions and warnings there are; what there is none of is left out."""
    errors, questions, warnings = (one.count(severity) for severity in SEVERITIES)
    words = {plural("{n} error", "{n} errors", errors): errors,
             plural("{n} question", "{n} questions", questions): questions,
             plural("{n} warning", "{n} warnings", warnings): warnings}
    return ", ".join(text for text, n in words.items() if n)


def subject(one: Checked) -> str:
    """The service: its type, name and identifier, as far as they are known."""
    identity = one.taken.read.identity
    return " ".join(filter(None, (identity.get("service_type", ""), identity.get("service_name", ""),
                                  f"({identity['service_id']})" if identity.get("service_id") else "")))


def round_of(one: Checked) -> str:
    """The round in words."""
    code = one.taken.read.identity.get("round", "")
    return round_name(code) if code else ""


def received_day(one: Checked) -> str:
    """The day on which the file came."""
    return long_day(one.taken.received_at)


def long_day(iso: str) -> str:
    """A day in words; nothing for nothing."""
    return format_date(date.fromisoformat(iso[:10]), "long", locale=speaking()) if iso else ""


def answered(one: Checked) -> list[Confirmation]:
    """All answers that stay in the workbook."""
    return [*one.confirmed, *one.answered]


def label_of(answer: Confirmation, methodology: Methodology) -> str:
    """What an answer is about."""
    item = methodology.items.get(answer.item)
    return str(item.name) if item else answer.item


def context_sentence(report: Report) -> str:
    """What the returns were judged beside."""
    if report.beside_run:
        return _("Judged beside last year and the peers of the run {run}.", run=report.run.name)
    if len(report.files) > 1:
        return _("Judged among the files of this check only: last year was not looked at (--run adds it).")
    return _("Judged by itself: last year and the peers were not looked at (--run adds them).")
