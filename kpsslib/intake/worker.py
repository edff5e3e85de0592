"""Reads returns in a process of its own: `python -m kpsslib.intake.worker`, tasks in and results out as pickles.

A plain process and not a pool of `multiprocessing`: it needs nothing of the program that starts it, so it works from
a notebook, a script without a main guard, or the command line alike.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kpsslib.intake.originals import as_came, bytes_of, keep
from kpsslib.intake.records import Finding, Read, Taken
from kpsslib.intake.returns.reading import read_return
from kpsslib.intake.store import Source
from kpsslib.methodology import Methodology

ENOUGH = 60  # below this, starting processes takes longer than reading
MOST = 7  # processes beside this one


class Task(NamedTuple):
    """What a reader needs beside the files: the methodology, the years a return may be of, where originals go."""

    methodology: Methodology
    years: list[int]
    originals: Path


def read_many(task: Task, sources: list[Source]) -> Iterator[Taken]:
    """Read returns in their order; where there are many, every core but one gets a process that reads its share."""
    if len(sources) < ENOUGH:
        yield from (take(task, source) for source in sources)
        return
    processes = min(MOST, max(1, (os.cpu_count() or 1) - 1))
    with ExitStack() as open_ones:
        log = open_ones.enter_context(log_of(task.originals.parent).open("ab"))
        helpers = [open_ones.enter_context(_helper(log)) for _n in range(processes)]
        for n, helper in enumerate(helpers, 1):
            with suppress(BrokenPipeError):
                pickle.dump((task, sources[n::processes + 1]), helper.stdin)
            with suppress(BrokenPipeError):  # what could not be written is tried once more when the pipe is closed
                helper.stdin.close()
        for number, source in enumerate(sources):
            n = number % (processes + 1)
            yield (_result(helpers[n - 1].stdout) if n else None) or take(task, source)


def _helper(log: BinaryIO) -> subprocess.Popen:
    command = [sys.executable, "-m", "kpsslib.intake.worker"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)


def _result(pipe: BinaryIO) -> Taken | None:
    """A helper's next result; None where it has died, and its work is done here."""
    try:
        return pickle.load(pipe)
    except (EOFError, pickle.UnpicklingError):
        return None


def take(task: Task, source: Source) -> Taken:
    """Read the bytes once, keep them, then look inside: what is read is what is kept."""
    data = bytes_of(source.path)
    if data is None:
        return as_came(source.name, source.path, data, Read(quarantine=Finding("unreadable")))
    fingerprint, folder = keep(data, source.path.suffix, task.originals), task.originals.parent
    try:
        read = read_return(data, task.methodology, task.years, lambda error: log_fault(error, fingerprint, folder))
    except Exception as error:  # a fault of ours must not keep the other files from being read
        log_fault(error, fingerprint, folder)
        read = Read(quarantine=Finding("unexpected"))
    return as_came(source.name, source.path, data, read)


def log_of(folder: Path) -> Path:
    """The log in a run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "kpss.log"


def log_fault(error: Exception, fingerprint: str, folder: Path) -> None:
    """Where work on an original stopped; never the error's message, which may quote the file."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    with log_of(folder).open("a", encoding="utf-8") as file:
        file.write(f"original {fingerprint}: {type(error).__name__}\n{frames}\n")


def main() -> None:
    """Read what standard input names and write each result to standard output."""
    task, sources = pickle.load(sys.stdin.buffer)
    for source in sources:
        pickle.dump(take(task, source), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
