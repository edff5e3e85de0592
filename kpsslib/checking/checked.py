"""Checks returns before they are taken in: reads each, judges them together, compares them with what came before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpsslib.checking.differences import Differences, differences
from kpsslib.checking.files import Files
from kpsslib.checking.judging import judge, key_of
from kpsslib.checking.points import Point, all_points, place, points_of
from kpsslib.intake.messages import FINDINGS, sentences
from kpsslib.intake.originals import kept
from kpsslib.intake.records import NUMBER, Confirmation, Read, Taken, differing
from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.template import CONFIRMED
from kpsslib.intake.worker import Task, read_many
from kpsslib.language import _
from kpsslib.workspace import TABLES, Run, project_root

PASSES, RETURNED, UNREADABLE, SUPERSEDED, REPEATED = "passes", "returned", "unreadable", "superseded", "repeated"
Progress = Callable[[int, int, str], None]


@dataclass
class Checked:
    """One file that was checked.

    Attributes:
        path: where it lies; only its name is ever told to the provider.
        taken: its fingerprint and what was read in it.
        verdict: passes, returned (some error or question), unreadable, superseded (by another file of this check) or
            repeated (the same again).
        points: its problems.
        confirmed: answers of the provider that hold for the figures as they are.
        answered: answers in the provider's own words; somebody has to read them.
        since: what changed since the submission before, None where there is none.
        above: cell -> what stands in the row above it, by which a cell is found quickly.
    """

    path: Path
    taken: Taken
    verdict: str
    points: list[Point] = field(default_factory=list)
    confirmed: list[Confirmation] = field(default_factory=list)
    answered: list[Confirmation] = field(default_factory=list)
    since: Differences | None = None
    above: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The number of the submission."""
        return self.taken.number

    def count(self, severity: str) -> int:
        """How many problems of a severity there are, those that follow from others included."""
        return sum(p.severity == severity for p in all_points(self.points))


class Report(NamedTuple):
    """All files checked, (name, reason) of those left out, and whether last year and the peers were looked at."""

    run: Run
    beside_run: bool
    files: list[Checked]
    left_out: list[tuple[str, str]]

    @property
    def exit_code(self) -> int:
        """0 where every return passes, 3 where some has to be corrected or cannot be read."""
        return 3 if any(one.verdict in (RETURNED, UNREADABLE) for one in self.files) else 0


def check(files: Files, run: Run | None, language: str, progress: Progress) -> Report:
    """Check files; each original is kept byte for byte in the run's folder before it is read.

    Args:
        files: what to check.
        run: whose last year and peers to judge beside; None judges the files among themselves.
        language: of the report.
        progress: called with (files done, files in all, which one).
    """
    own = run or _run_of_its_own(language)
    years = [max(own.years)] if run else own.years
    taken = []
    for n, one in enumerate(read_many(Task(own.methodology, years, own.folder / "originals"), files.sources), 1):
        taken.append(one)
        progress(n, len(files.sources), files.sources[n - 1].path.name)
    verdicts = _settled(taken)
    judged = [one for one in taken if one.name not in verdicts]
    before = _before(judged, own, run is not None)
    problems = judge(own, [*judged, *before.values()], run is not None)
    by_file = dict(list(problems.groupby("file")))
    points = {one.name: _points(one, by_file.get(one.name), own) for one in [*judged, *before.values()]}
    _tell_doubles(judged, points, own)
    checked = []
    for source, one in zip(files.sources, taken, strict=True):
        verdict = verdicts.get(one.name) or _verdict(points[one.name])
        answers = _answers(one.read)
        since = differences(before[one.name], one, points[before[one.name].name], points[one.name], answers[0],
                            own.methodology) if one.name in before else None
        told = points.get(one.name) or _unread(one, own)
        checked.append(Checked(source.path, one, verdict, told, *answers, since, _above(one.read, own)))
    return Report(own, run is not None, checked, files.left_out)


def _run_of_its_own(language: str) -> Run:
    """A run of nothing but the methodology: any recent year will do."""
    from kpsslib.methodology import load

    this = date.today().year
    methodology = load(project_root() / "parameters/methodology")
    run = Run(name="check", years=list(range(this - 6, this + 2)), year=this, language=language,
              groups=list(methodology.working_groups), pages=["01_cleaning"])
    run.__dict__["methodology"] = methodology
    return run


def _settled(taken: list[Taken]) -> dict[str, str]:
    """The verdict of files that are not judged: unreadable, replaced by another one of them, or the same again."""
    verdicts: dict[str, str] = {}
    versions: dict[tuple, list[Taken]] = defaultdict(list)
    for one in taken:
        if one.read.quarantine:
            verdicts[one.name] = UNREADABLE
        else:
            versions[key_of(one)].append(one)
    for several in versions.values():
        replaced = {one.read.identity.get("replaces", "") for one in several}
        seen: list[Read] = []
        for one in several:
            if one.number in replaced:
                verdicts[one.name] = SUPERSEDED
            elif any(not differing(one.read, read) for read in seen):
                verdicts[one.name] = REPEATED
            else:
                seen.append(one.read)
    return verdicts


def _before(judged: list[Taken], run: Run, beside_run: bool) -> dict[str, Taken]:
    """The earlier submission of each file that has one: the one it names, else the one the run has taken in."""
    folder = run.folder / "originals"
    known = _taken_in(run) if beside_run else {}
    before = {}
    for one in judged:
        number = one.read.identity.get("replaces", "") or known.get(key_of(one), "")
        known_by = len(number) >= NUMBER and number.isalnum()
        path = kept(number, folder) if known_by else None
        if path is None or path.stem == one.sha256:
            continue
        read = read_return(path.read_bytes(), run.methodology, [int(one.read.identity["year"])])
        if read.quarantine is None and key_of(Taken("", "", 0, "", read)) == key_of(one):
            before[one.name] = Taken(f"before/{one.name}", path.stem, 0, one.received_at, read)
    return before


def _taken_in(run: Run) -> dict[tuple[str, str, str], str]:
    """The fingerprint of what the run has taken in, by service, year and round."""
    from kpsslib.intake.taking_in import load_intake

    originals = load_intake(run, run.groups[0]).originals
    used = originals[(originals["state"] == "accepted") & (originals["service_id"] != "")].dropna(subset=["year"])
    return {(row.service_id, str(int(row.year)), row.round): row.sha256 for row in used.itertuples()}


def _points(one: Taken, problems: pd.DataFrame | None, run: Run) -> list[Point]:
    if problems is None:
        return []
    return points_of(problems, run.methodology, one.read.forms)


def _unread(one: Taken, run: Run) -> list[Point]:
    """Why a file cannot be read, as its only point."""
    why = one.read.quarantine
    if why is None:
        return []
    found, expected, advice = sentences(why.kind, {"item": why.item, **(why.values or {})})
    row = dict.fromkeys(TABLES["problems"], "") | dict(
        sheet=why.sheet or one.read.sheet, cell=why.cell, item=why.item, form=why.form, rule=FINDINGS[why.kind].rule,
        severity="error", found=found, expected=expected, advice=advice)
    return points_of(pd.DataFrame([row]), run.methodology, [])


def _tell_doubles(judged: list[Taken], points: dict[str, list[Point]], run: Run) -> None:
    """Two files of one return that differ: neither can be used; which other file it is, is not for the provider."""
    versions: dict[tuple, list[Taken]] = defaultdict(list)
    for one in judged:
        versions[key_of(one)].append(one)
    for one in (one for several in versions.values() if len(several) > 1 for one in several):
        row = dict.fromkeys(TABLES["problems"], "") | dict(
            rule="3", severity="error", sheet=one.read.sheet, cell=one.read.places.get("service_id", ""),
            item="service_id",
            found=_("another return of the same service, year and round, which differs from this one"),
            expected=_("one return of a service for a year and round"),
            advice=_("Say which return holds; until then neither of them is used."))
        double = points_of(pd.DataFrame([row]), run.methodology, [])
        points[one.name] = double + points[one.name]
        for n, point in enumerate(points[one.name], 1):
            point.number = str(n)


def _verdict(points: list[Point]) -> str:
    return RETURNED if any(p.severity != "warning" for p in all_points(points)) else PASSES


def _answers(read: Read) -> tuple[list[Confirmation], list[Confirmation]]:
    """The answers that hold for the figures as they are now, and those in the provider's own words."""
    values = {(f.form, f.item): repr(float(f.value)) for f in read.facts if f.value == f.value}
    now = [c for c in read.confirmations if c.value == values.get((c.form, c.item), "")]
    return ([c for c in now if c.answer == CONFIRMED], [c for c in read.confirmations if c.answer != CONFIRMED])



def _above(read: Read, run: Run) -> dict[str, str]:
    """By cell of a figure, the label of the row above."""
    names = {place(f.cell)[0]: str(run.methodology.items[f.item].name) for f in read.facts if f.cell}
    return {f.cell: names[place(f.cell)[0] - 1] for f in read.facts if f.cell and place(f.cell)[0] - 1 in names}
