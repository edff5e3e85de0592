"""A new register takes the place of the previous one only where that is no step back."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from kpsslib.intake.register.registers import table_of
from kpsslib.intake.register.rpss import UNPLACED, Capacity, Counts, Notes
from kpsslib.intake.register.rpss_codes import CODELISTS
from kpsslib.intake.register.rpss_register import CAPACITY_COLUMNS, Register
from kpsslib.intake.register.rpss_words import note_lines
from kpsslib.intake.store import Source
from kpsslib.language import _, number, percent
from kpsslib.workspace import RunError

MOST_LOST = MOST_UNPLACED = 0.05
SHOWN = 5


class Previous(NamedTuple):
    """The register that stands there now: its rows by service, and capacities where they were kept beside it."""

    rows: dict[str, dict[str, str]]
    capacities: dict[str, tuple[Capacity, ...]]


class Differences(NamedTuple):
    """Services of the new register against the previous one; `capacity` has those whose capacity changed."""

    new: list[str]
    ended: list[str]
    gone: list[str]
    capacity: list[str]


def capacity_file(path: Path) -> Path:
    """The table of capacities beside a register."""
    return path.with_name(f"{path.stem}_capacity{path.suffix}")


def previous_file(path: Path) -> Path:
    """Where the register that was replaced last is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def read_previous(path: Path) -> Previous:
    """The register at a place, empty where there is none; raises RunError where it cannot be read."""
    rows: dict[str, dict[str, str]] = {}
    if path.exists():
        table = table_of(Source("register", path, path.name), ("service_id",))
        rows = {row["service_id"]: row for row in table.to_dict("records") if row["service_id"]}
    capacities: dict[str, list[Capacity]] = {}
    if capacity_file(path).exists():
        table = table_of(Source("register", capacity_file(path), capacity_file(path).name), CAPACITY_COLUMNS)
        for row in table[list(CAPACITY_COLUMNS)].itertuples(index=False):
            if row.capacity.isdigit():
                capacities.setdefault(row.service_id, []).append(Capacity(row.form, row.unit, int(row.capacity)))
    return Previous(rows, {service: tuple(sorted(some)) for service, some in capacities.items()})


def compare(register: Register, previous: Previous) -> Differences:
    """What changed, each list in the order of the identifiers."""
    both = sorted(register.rows.keys() & previous.rows.keys())
    ended = [s for s in both if register.rows[s]["valid_to"] and not previous.rows[s].get("valid_to")]
    changed = [s for s in both if previous.capacities and register.capacities[s] != previous.capacities.get(s, ())]
    return Differences(sorted(register.rows.keys() - previous.rows.keys()), ended,
                       sorted(previous.rows.keys() - register.rows.keys()), changed)


def guard(register: Register, previous: Previous, counts: Counts, notes: Notes, path: Path) -> None:
    """Raises RunError where the new register must not replace the previous one, with the numbers and what to do.

    An empty register, one with more than 5 % of items that cannot be placed, and one that lacks more than 5 % of the
    previous register's services never do.
    """
    lost, before = compare(register, previous).gone, len(previous.rows)
    unplaced, items, nothing = notes.total(UNPLACED), number(counts.items), _("Nothing was replaced.")
    if unplaced > MOST_UNPLACED * counts.items:
        why = _("{n} of {items} items ({share}) cannot be placed, at most {most} may be so. {nothing} Put the "
                "ministry's codelist {codelist} beside the register file, or download the register again.",
                n=number(unplaced), items=items, share=percent(unplaced / counts.items), most=percent(MOST_UNPLACED, 0),
                nothing=nothing, codelist=CODELISTS[0])
    elif not register.rows:
        why = _("The register would be empty: {items} items in the file, {elsewhere} of them services of other "
                "regions. {nothing} Check the file and the region.", items=items, elsewhere=number(register.elsewhere),
                nothing=nothing)
    elif len(lost) > MOST_LOST * before:
        why = _("The register would lose {n} of {total} services ({share}; first {first}), at most {most} may be lost. "
                "{nothing} If that is right, move {file} elsewhere and run the command again.", n=number(len(lost)),
                total=number(before), share=percent(len(lost) / before), first=", ".join(lost[:SHOWN]),
                most=percent(MOST_LOST, 0), nothing=nothing, file=path.name)
    else:
        return
    raise RunError([*note_lines(notes), why])


def replace(register: Register, path: Path) -> bool:
    """Write the register and its capacities; the register replaced is kept beside it. False where nothing changed.

    Both files are written aside first and then moved into place, so that a reader sees the old or the new one whole.
    """
    rows = [{column: row.get(column, "") for column in register.columns} for row in register.rows.values()]
    capacities = [(service, *c) for service, some in register.capacities.items() for c in some]
    texts = {capacity_file(path): _csv(CAPACITY_COLUMNS, capacities),
             path: _csv(register.columns, [tuple(row.values()) for row in rows])}
    if all(place.exists() and place.read_bytes() == text for place, text in texts.items()):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    asides: dict[Path, Path] = {}
    try:
        for place, text in texts.items():
            asides[place] = _aside(place, text)
        for place, aside in asides.items():
            if place.exists():
                shutil.copy2(place, previous_file(place))
            os.replace(aside, place)
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)
    return True


def _csv(columns: tuple[str, ...], rows: list[tuple]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()


def _aside(place: Path, text: bytes) -> Path:
    handle, aside = tempfile.mkstemp(dir=place.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    Path(aside).chmod(0o644)
    return Path(aside)
