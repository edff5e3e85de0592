"""A folder of returns: every workbook read once, several at a time; repeated returns are found, none is chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from kpsslib.intake.collecting import Collection
from kpsslib.intake.originals import as_came, bytes_of, left_out
from kpsslib.intake.records import Finding, Read, Taken, differing
from kpsslib.intake.store import Source
from kpsslib.intake.worker import Task, read_many
from kpsslib.workspace import Run


def read_folder(run: Run, sources: list[Source], collection: Collection, progress: Callable[[int, str], None]) -> None:
    """Read the returns of a folder into the collection.

    A return that names the number of an earlier one of the same service, year and round takes its place. Otherwise:
    A file with the same bytes, or that says the same as an earlier one, is left out. Returns of one service, year and
    round that differ are all quarantined: which of them holds is for their sender to say.
    """
    real = []
    for source in sources:
        if why := left_out(source.path):
            collection.add(as_came(source.name, source.path, bytes_of(source.path), Read()), why)
        else:
            real.append(source)
    # The newest year comes as workbooks, the years before as the archive.
    task = Task(run.methodology, [max(run.years)], run.folder / "originals")
    taken = []
    for number, one in enumerate(read_many(task, real), 1):
        taken.append(one)
        progress(number, one.name)
    repeated = _repeated(taken)
    for one in taken:
        collection.add(*repeated.get(one.name, (one, "")))


def _repeated(taken: list[Taken]) -> dict[str, tuple[Taken, str]]:
    """The files to leave out (with the reason) or to quarantine, by name."""
    out: dict[str, tuple[Taken, str]] = {}
    seen: dict[str, str] = {}
    returns: dict[tuple, list[Taken]] = defaultdict(list)
    for one in taken:
        if one.sha256 and one.sha256 in seen:  # what cannot be read has none
            out[one.name] = (one, "same_bytes")
        elif one.read.quarantine is None:
            identity = one.read.identity
            returns[identity["service_id"], identity["year"], identity["round"]].append(one)
        seen.setdefault(one.sha256, one.name)
    for of_service in returns.values():
        replaced = _replaced(of_service)
        out |= {one.name: (one, "superseded") for one in replaced}
        several = [one for one in of_service if one not in replaced]
        # Of the same return the workbook holds in which the provider has answered.
        several.sort(key=lambda one: len(one.read.confirmations), reverse=True)
        first = several[0]
        if not any(differing(one.read, first.read) for one in several[1:]):
            out |= {one.name: (one, "same_figures") for one in several[1:]}
            continue
        for one in several:
            out[one.name] = (_quarantined(one, several), "")
    return out


def _replaced(several: list[Taken]) -> list[Taken]:
    """Which of the returns of a service another one replaces: it names the first characters of their fingerprint."""
    numbers = {one.read.identity.get("replaces", "") for one in several} - {""}
    return [one for one in several if one.number in numbers]


def _quarantined(one: Taken, several: list[Taken]) -> Taken:
    others = [other for other in several if other is not one]
    different = set().union(*(differing(one.read, other.read) for other in others))
    finding = Finding("duplicate", one.read.places.get("service_id", ""), sheet=one.read.sheet, values={
        "found": one.read.identity["service_id"], "others": ", ".join(o.name.rpartition("/")[2] for o in others),
        "different": len(different)})
    return one._replace(read=replace(one.read, quarantine=finding))
