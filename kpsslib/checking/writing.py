"""Writes what goes back: for each file the marked workbook and the note, and a summary of all for the coordinator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

from kpsslib.checking.checked import PASSES, RETURNED, UNREADABLE, Checked, Report
from kpsslib.checking.marking import Marks, mark
from kpsslib.checking.note import note_html, note_text
from kpsslib.checking.outgoing import Outgoing
from kpsslib.checking.package import MarkingError
from kpsslib.checking.points import Point
from kpsslib.checking.saying import answered, label_of, received_day, round_of, subject, verdict_sentence
from kpsslib.checking.summary import write_summary
from kpsslib.intake.originals import kept
from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.template import IDENTITY_KEYS, write_return
from kpsslib.intake.worker import log_fault
from kpsslib.language import _

_DATES = ("date_in_number", "time_in_number")
_BACK, _NOTE = "_vraceno", "_zprava"
_SUMMARY = "prehled"
_RECORD = "written.txt"  # in the run's folder: fingerprints of what went back


class Sent(NamedTuple):
    """The files written for one return, None where there is none, and what the workbook has not of the original."""

    workbook: Path | None
    note: Path | None
    lost: list[str]


class Written(NamedTuple):
    """What was written of each return, by the name in `taken`, and the summary of all."""

    files: dict[str, Sent]
    summary: Path


def write_back(report: Report, folder: Path) -> Written:
    """Write workbooks, notes and the summary into a folder, under names that no file of anybody else has there."""
    outgoing = Outgoing(folder, report.run.folder / _RECORD, [one.path for one in report.files])
    sent = {one.taken.name: _written(one, report, outgoing) for one in report.files}
    names = (f"{_SUMMARY}{n if n > 1 else ''}.xlsx" for n in count(1))
    summary = folder / next(name for name in names if outgoing.is_free(name))
    write_summary(report, sent, summary)
    outgoing.wrote(summary)
    return Written(sent, summary)


def _stems(stem: str) -> Iterator[str]:
    """Names for what goes back: `x` becomes `x_vraceno`, that `x_vraceno2`."""
    name, again, number = stem.partition(_BACK)
    known = again and (number.isdigit() or not number)
    first = 2 if known and not number else int(number) + 1 if known else 1
    for n in count(first):
        yield f"{name if known else stem}{_BACK}{n if n > 1 else ''}"


def _written(one: Checked, report: Report, outgoing: Outgoing) -> Sent:
    """What was written of one return; a fault of ours must not keep the others from going back."""
    try:
        return _write_one(one, report, outgoing)
    except OSError:
        raise
    except Exception as error:
        log_fault(error, one.taken.sha256, report.run.folder)
        return Sent(None, None, [_("anything that could go back, by a fault of this program; tell whoever looks after "
                                   "it: the details, without what the file holds, are in kpss.log")])


def _write_one(one: Checked, report: Report, outgoing: Outgoing) -> Sent:
    if one.verdict not in (PASSES, RETURNED, UNREADABLE):
        return Sent(None, None, [])
    triples = ((f"{stem}.xlsx", *(stem.replace(_BACK, _NOTE) + ending for ending in (".html", ".txt")))
               for stem in _stems(one.path.stem))
    free = next(names for names in triples if all(map(outgoing.is_free, names)))
    workbook, note, text = (outgoing.folder / name for name in free)
    written, lost = [note, text], []
    if one.verdict == RETURNED or (one.verdict == PASSES and one.points):
        lost = _write_workbook(one, report, workbook)
        written.append(workbook)
    shown = workbook if workbook in written else None
    note.write_text(note_html(one, report, shown, lost), "utf-8")
    text.write_text(note_text(one, report, shown, lost), "utf-8")
    for path in written:
        outgoing.wrote(path)
    return Sent(shown, note, lost)


def _write_workbook(one: Checked, report: Report, path: Path) -> list[str]:
    """The provider's own workbook with its marks; a fresh template with the figures where that cannot be marked.

    What is marked are the bytes that were read: the file itself may have changed since.
    """
    data = kept(one.taken.sha256, report.run.folder / "originals").read_bytes()
    read = one.taken.read
    dates = {f.cell: str((f.values or {}).get("found", "")) for f in read.findings if f.kind in _DATES}
    marks = _marks(one, report, one.points, (read.sheet, read.places.get("replaces", "")))
    try:
        return mark(data, marks._replace(dates=dates), path)
    except MarkingError:  # no .xlsx at all, or one built in an unusual way
        lost = [_("the file itself: its figures were written into a new template, because it cannot be marked as it "
                  "is")]
    fresh, points, place = _fresh(one, report, path)
    return lost + mark(fresh, _marks(one, report, points, place), path)


def _fresh(one: Checked, report: Report, path: Path) -> tuple[bytes, list[Point], tuple[str, str]]:
    """A template with the figures that could be read, and the problems at their cells in it."""
    read, methodology = one.taken.read, report.run.methodology
    identity = {key: read.identity.get(key, "") for key in IDENTITY_KEYS if key != "template_version"}
    figures = {(f.item, f.form): f.value for f in read.facts if f.value == f.value}
    notes = {f.item: f.note for f in read.facts if f.note}
    write_return(path, identity | {"year": int(identity["year"])}, figures, methodology, notes=notes)
    data = path.read_bytes()
    new = read_return(data, methodology, [int(identity["year"])])
    cells = {(f.form, f.item): f.cell for f in new.facts}
    moved = [replace(_moved(p, cells, new), follows=[_moved(f, cells, new) for f in p.follows]) for p in one.points]
    return data, moved, (new.sheet, new.places.get("replaces", ""))


def _moved(point: Point, cells: dict[tuple[str, str], str], new) -> Point:
    return replace(point, sheet=new.sheet, cell=cells.get((point.form, point.item), new.places.get(point.item, "")))


def _marks(one: Checked, report: Report, points: list[Point], place: tuple[str, str]) -> Marks:
    lines = [
        _("File {file}, submission {number}, received on {day}. {verdict}", file=one.path.name, number=one.number,
          day=received_day(one), verdict=verdict_sentence(one)),
        _("Correct the figures on the sheet of the return (a click on the cell's name leads there), save the workbook "
          "and send it back."),
        _("How to answer a question: write “ano” into its yellow cell if the figure holds, or say in your own words "
          "why it is so, with your name and the day."),
    ]
    confirmed = [(c, label_of(c, report.run.methodology)) for c in answered(one)]
    title = _("What to correct: {service}, {year}, {round}", service=subject(one), year=one.taken.read.identity["year"],
              round=round_of(one))
    return Marks(points, confirmed, title, lines, place, one.number)


