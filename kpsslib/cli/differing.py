"""The command `kpss diff`: compare, write, and say in short what changed."""

from __future__ import annotations

import os

from rich.console import Console
from rich.markup import escape

from kpsslib.differences.comparing import compare_runs
from kpsslib.differences.matching import BESIDE
from kpsslib.differences.notes import lead, notes, numbers
from kpsslib.differences.sides import open_sides
from kpsslib.differences.summaries import of_year
from kpsslib.differences.words import MISSING, Words, cause_label
from kpsslib.differences.writing import write_differences
from kpsslib.language import _

SHOWN = 8


def compare_and_tell(before: str, after: str, language: str | None, console: Console) -> None:
    """Set two runs beside each other, write the page and its tables, print the biggest differences."""
    with console.status(_("Comparing")):
        differences = compare_runs(*open_sides(before, after, language))
        page = write_differences(differences)
    rows, words = of_year(differences), Words(differences)
    _say(console, lead(differences))
    for note in notes(differences, rows, words):
        _say(console, f"! {note}")
    if len(rows):
        _say(console, ", ".join(f"{n} {said}" for n, said in numbers(rows) if n != "0"))
    for row in rows[rows["tier"] < BESIDE].head(SHOWN).itertuples(index=False):
        _say(console, f"  • {_line(row, words)}")
    _say(console, _("Begin here: {index}", index=os.path.relpath(page)))


def _line(row, words: Words) -> str:
    """A difference in one line."""
    who = words.service(row.service_id) if row.service_id else words.group(row.group)
    about = words.subject(row)
    before, now = words.sides(row)
    parts = [who, *([about] if about != MISSING else []), f"{words.what(row)}: {before} → {now}"]
    why = cause_label(row.cause)
    return ", ".join(parts) + (f" ({why})" if why else "")


def _say(console: Console, text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)
