"""Locks of folders: held by the system, which lets go of them when their process ends, however it ends.

What is locked is the folder itself, where the system can, and a file in it. What stands in the file only says who holds
it: without the words, and without the file, the lock holds.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

LOCK = "lock"
PATIENCE = 0.5  # seconds in which a holder has written who it is


class Holder(NamedTuple):
    """Who holds a lock: name, computer, process, and since when (ISO, with its zone); empty where it cannot be read."""

    user: str = ""
    host: str = ""
    pid: int = 0
    since: str = ""


class HeldError(Exception):
    """The lock is held by somebody else, who lives."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        super().__init__(str(holder))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for it."""
    while True:
        with _taken(folder) as file:
            if file:
                yield
                return
        time.sleep(0.05)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock and write into it who does; raises HeldError at once where somebody else does."""
    with _taken(folder) as file:
        if not file:
            raise HeldError(holder(folder))
        _write(file, json.dumps(_myself()._asdict()))
        try:
            yield
        finally:
            with suppress(OSError):  # a disk that is full or gone
                _write(file, "")


def holder(folder: Path) -> Holder:
    """Who holds the folder's lock, which somebody does; what one who is dead has left there is not believed."""
    end = time.monotonic() + PATIENCE
    while not _lives(found := _words(folder / LOCK)) and time.monotonic() < end:
        time.sleep(0.02)
    return found if _lives(found) else Holder()


def _words(path: Path) -> Holder:
    try:
        known = json.loads(path.read_text("utf-8"))
        return Holder(str(known["user"]), str(known["host"]), int(known["pid"]), str(known["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()


def _lives(one: Holder) -> bool:
    """Whether a holder may be alive; of another computer nobody can tell."""
    if one.host != socket.gethostname() or os.name == "nt":  # where a signal of 0 is not only a question
        return bool(one.pid)
    try:
        os.kill(one.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # of another user
        pass
    return one.pid > 0


def _myself() -> Holder:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name, as in some containers
        user = str(getattr(os, "getuid", lambda: "?")())
    return Holder(user, socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))


def _write(file: IO[bytes], words: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(words.encode())
    file.flush()


@contextmanager
def _taken(folder: Path) -> Iterator[IO[bytes] | None]:
    """Try to take the lock: its file while it is held, None where somebody else holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_ones:
        if os.name != "nt":
            handle = os.open(folder, os.O_RDONLY)
            open_ones.callback(os.close, handle)
            if not _locked(handle):
                yield None
                return
        file = os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o664), "r+b")
        open_ones.enter_context(file)
        yield file if _locked(file.fileno(), of_file=True) and _is_there(file, folder / LOCK) else None


def _locked(handle: int, *, of_file: bool = False) -> bool:
    """Lock an open folder or file; a folder also counts as locked where the system locks none, as some networks."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(handle, 1 << 20, os.SEEK_SET)  # far behind the words, which others must be able to read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return not of_file
    return True


def _is_there(file: IO[bytes], path: Path) -> bool:
    """Whether a file has not been put away and another stands in its place."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False
