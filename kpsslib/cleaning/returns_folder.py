"""A folder of returns: every workbook read once, several at a time; repeated returns are found, none is chosen."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from kpsslib.cleaning.collecting import Collection, Taken, received
from kpsslib.cleaning.originals import is_junk, keep, sha256
from kpsslib.cleaning.reading import read_return
from kpsslib.cleaning.records import Finding, Read
from kpsslib.cleaning.store import Source
from kpsslib.methodology import Methodology
from kpsslib.workspace import Run

ENOUGH_FOR_A_POOL = 60  # below this, starting the processes takes longer than reading


def read_folder(run: Run, sources: list[Source], collection: Collection, progress: Callable[[int, str], None]) -> None:
    """Read the returns of a folder into the collection.

    A file with the same bytes or the same figures as an earlier one is left out. Returns of one service, year and
    round with different figures are all quarantined: which of them holds is for their sender to say.
    """
    real = [source for source in sources if not is_junk(source.name.rpartition("/")[2])]
    for source in sources:
        if source not in real:
            data = source.path.read_bytes()
            collection.add(Taken(source.name, sha256(data), len(data), received(source.path), Read()), left_out="junk")
    taken = []
    for number, one in enumerate(_read_many(run, real), 1):
        taken.append(one)
        progress(number, one.name)
    repeated = _repeated(taken)
    for one in taken:
        collection.add(*repeated.get(one.name, (one, "")))


def _read_many(run: Run, sources: list[Source]) -> Iterator[Taken]:
    years = [max(run.years)]  # the newest year comes as workbooks, the years before as the archive
    tasks = [(s.path, s.name, run.folder / "originals", run.methodology, years) for s in sources]
    done = 0
    if len(tasks) >= ENOUGH_FOR_A_POOL and (os.cpu_count() or 1) > 1:
        try:
            with ProcessPoolExecutor(2, get_context("spawn"), _start, (run.methodology,)) as pool:
                for one in pool.map(_take_light, [(*task[:3], years) for task in tasks], chunksize=8):
                    done += 1
                    yield one
        except BrokenProcessPool:
            pass  # a script without `if __name__ == "__main__"` cannot start processes: read the rest here
    for path, name, folder, methodology, years in tasks[done:]:
        yield _take(path, name, folder, methodology, years)


_methodology: Methodology | None = None


def _start(methodology: Methodology) -> None:
    """Give a worker the methodology once, not with every file."""
    global _methodology
    _methodology = methodology


def _take_light(task: tuple) -> Taken:
    path, name, folder, years = task
    return _take(path, name, folder, _methodology, years)


def _take(path: Path, name: str, folder: Path, methodology: Methodology, years: list[int]) -> Taken:
    """Read the bytes once, keep them, then look inside: what is read is what is kept."""
    try:
        data = path.read_bytes()
    except OSError:
        return Taken(name, "", 0, "", Read(quarantine=Finding("unreadable")))
    fingerprint = keep(data, path.suffix, folder)
    return Taken(name, fingerprint, len(data), received(path), read_return(data, methodology, years))


def _repeated(taken: list[Taken]) -> dict[str, tuple[Taken, str]]:
    """The files to leave out (with the reason) or to quarantine, by name."""
    out: dict[str, tuple[Taken, str]] = {}
    seen: dict[str, str] = {}
    returns: dict[tuple, list[Taken]] = defaultdict(list)
    for one in taken:
        if one.sha256 in seen:
            out[one.name] = (one, "same_bytes")
        elif one.read.quarantine is None:
            identity = one.read.identity
            returns[identity["service_id"], identity["year"], identity["round"]].append(one)
        seen.setdefault(one.sha256, one.name)
    for several in returns.values():
        first = several[0]
        differing = [one for one in several[1:] if _figures(one.read) != _figures(first.read)]
        if not differing:
            out |= {one.name: (one, "same_figures") for one in several[1:]}
            continue
        for one in several:
            out[one.name] = (_quarantined(one, several), "")
    return out


def _figures(read: Read) -> set[tuple]:
    return {(f.form, f.item, None if f.value != f.value else f.value, f.status) for f in read.facts}


def _quarantined(one: Taken, several: list[Taken]) -> Taken:
    others = [other for other in several if other is not one]
    different = {fact[:2] for other in others for fact in _figures(one.read) ^ _figures(other.read)}
    finding = Finding("duplicate", one.read.places.get("service_id", ""), sheet=one.read.sheet, values={
        "found": one.read.identity["service_id"], "others": ", ".join(o.name.rpartition("/")[2] for o in others),
        "different": len(different)})
    return one._replace(read=replace(one.read, quarantine=finding))
