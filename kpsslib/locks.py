"""Locks of folders: held by the system, which lets go of them when their process ends, however it ends."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

LOCK = "lock"


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
        with _opened(folder / LOCK) as file:
            if _taken(file, folder / LOCK):
                yield
                return
        time.sleep(0.05)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock and write into it who does; raises HeldError at once where somebody else does."""
    path = folder / LOCK
    with _opened(path) as file:
        if not _taken(file, path):
            raise HeldError(holder(folder))
        file.seek(0)
        file.truncate()
        file.write(json.dumps(_myself()._asdict()).encode())
        file.flush()
        yield


def is_held(folder: Path) -> bool:
    """Whether somebody holds the folder's lock now."""
    if not (folder / LOCK).exists():
        return False
    with _opened(folder / LOCK) as file:
        return not _taken(file, folder / LOCK)


def holder(folder: Path) -> Holder:
    """Who wrote himself into the lock last."""
    try:
        known = json.loads((folder / LOCK).read_text("utf-8"))
        return Holder(str(known["user"]), str(known["host"]), int(known["pid"]), str(known["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()


def _myself() -> Holder:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        user = str(os.getuid())
    return Holder(user, socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))


def _opened(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o664), "r+b")


def _taken(file: IO[bytes], path: Path) -> bool:
    """Try to take the lock; also not taken where the file has been put away and another stands in its place."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 20)  # far behind the words, which others must be able to read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False
