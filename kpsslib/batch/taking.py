"""Taking the returns in before the pages run, in a process of its own, so that its memory is given back."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple

from kpsslib.batch.running import NO_SPACE, disk_full
from kpsslib.intake.taking_in import known_intake, take_in
from kpsslib.kernels import Warm, WarmError
from kpsslib.language import _, speak
from kpsslib.workspace import Run, RunError, project_root

Progress = Callable[[int, int, str], None]


class _Failed(NamedTuple):
    problems: list[str]


def take_in_aside(run: Run, warm: Warm | None, progress: Progress) -> str:
    """Take in what the run names where that has not been done; returns the key of the intake.

    Raises RunError that names the folder or file which is not there or holds nothing, or says that the disk is full.
    """
    if key := known_intake(run):
        return key
    try:
        child = warm.fork("kpsslib.batch.taking:run_intake", run, cwd=project_root()) if warm else None
    except WarmError:
        child = None
    if child is None:
        return take_in(run, progress)
    try:
        return _followed(child.connection, progress)
    finally:
        child.kill()  # it is through, or this program was interrupted
        child.wait(5)
        child.connection.close()


def _followed(connection: Connection, progress: Progress) -> str:
    """The key that the process sends at its end; its progress is told."""
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            raise RunError([_("taking in the returns ended suddenly; perhaps the memory ran out")]) from None
        if isinstance(message, str):
            return message
        if isinstance(message, _Failed):
            raise RunError(message.problems)
        progress(*message)


def run_intake(connection: Connection, run: Run) -> None:
    """The work of the process: progress, then the key of the intake or what is wrong."""
    speak(run.language)
    try:
        connection.send(take_in(run, lambda *done: connection.send(done)))
    except RunError as error:
        connection.send(_Failed(error.problems))
    except OSError as error:
        if error.errno in NO_SPACE:
            connection.send(_Failed([disk_full(error, run.folder)]))
            return
        connection.send(_Failed([_("{file}: {error}; free some space or correct the rights, and run the batch again",
                                   file=error.filename or run.folder, error=error.strerror)]))
