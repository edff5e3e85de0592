"""The state's register of providers taken in as the register of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from kpsslib.batch.importing import RUNS
from kpsslib.intake.register.json_items import JsonError, JsonItems
from kpsslib.intake.register.rpss import KEY, ROOT, Counts, Notes, Reading, Service
from kpsslib.intake.register.rpss_codes import read_codes
from kpsslib.intake.register.rpss_register import Register, build
from kpsslib.intake.register.rpss_replacing import Differences, Previous, compare, guard, read_previous, replace
from kpsslib.intake.register.rpss_words import fault_words, missing_root_words
from kpsslib.language import _
from kpsslib.methodology import load
from kpsslib.workspace import Run, RunError, open_run, project_root

FOLDER = "data/register"
Progress = Callable[[int, int], None]


class Registered(NamedTuple):
    """What was taken in: the size of the state's register, what is told about it, and the register it became."""

    counts: Counts
    notes: Notes
    register: Register
    previous: Previous
    differences: Differences
    path: Path
    changed: bool
    named_in_run: bool


def import_register(source: str, run_name: str, region: str, language: str | None, progress: Progress) -> Registered:
    """Write the open register of providers as the register of a run, `parameters/runs/<run_name>.yaml`.

    Without a run it becomes `data/register/register.csv`. `region` is a NUTS 3 code; where it is "", the region that
    the run names holds, else all. `progress` gets the bytes read and the size of the file. Raises RunError where the
    file is not the register or the previous one must not be replaced by it.
    """
    run = open_run(f"{RUNS}/{run_name}.yaml", **({"language": language} if language else {})) if run_name else None
    codes = read_codes(Path(source).parent)
    if region and region not in codes.region_names:
        raise RunError([_("--region: found {found}, expected one of {expected}", found=region,
                          expected=", ".join(sorted(codes.region_names)))])
    region = region or (codes.region_of(run.region) if run else "")
    path = _place(run, region)
    previous = read_previous(path)
    methodology = run.methodology if run else load(project_root() / "parameters" / "methodology")
    reading = Reading()
    services = _services(Path(source), reading, progress)
    register = build(services, codes, methodology, reading.notes, previous=previous.rows, region=region)
    guard(register, previous, reading.counts, reading.notes, path)
    differences = compare(register, previous)
    changed = replace(register, path)
    return Registered(reading.counts, reading.notes, register, previous, differences, path, changed,
                      bool(run and run.register_file))


def _place(run: Run | None, region: str) -> Path:
    if run and run.register_file:
        return run.path(run.register_file)
    return project_root() / FOLDER / (f"register_{region}.csv" if region else "register.csv")


def _services(path: Path, reading: Reading, progress: Progress) -> Iterator[Service]:
    """The services of the file; its faults become sentences, unknown keys of its root become notes."""
    try:
        n_bytes = path.stat().st_size
        with path.open("rb") as file:
            items = JsonItems(file, ROOT)
            for service in reading.services(items):
                progress(items.n_bytes, n_bytes)
                yield service
    except JsonError as error:
        raise RunError([fault_words(error, path.name, n_bytes)]) from None
    except OSError:
        raise RunError([_("{file}: cannot be read; check the name and the right to read it", file=path)]) from None
    if ROOT not in items.keys:
        raise RunError([missing_root_words(path.name, items.keys)])
    for key in items.keys:
        if key != ROOT:
            reading.notes.add("unknown_root", "–", key if KEY.fullmatch(key) else "?")
