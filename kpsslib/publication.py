"""Putting the outputs of a page into their place, all or none.

A page's outputs are written aside, below `<folder aside>/files/` at the paths that they will have below the run's
folder. One rename of that folder into `.publishing/` is the moment at which they hold. Then each file is moved over
the old one; what a crash interrupts there is gone on with by whoever opens the run next, before anything is read.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from kpsslib.locks import HeldError, only_writer
from kpsslib.watch import FILES

RUNNING, PUBLISHING = ".running", ".publishing"
HASHES = ".hashes.json"  # beside the files to publish: their SHA-256 by path


def publish(aside: Path, folder: Path) -> None:
    """Publish the files of a folder aside (`<folder>/.running/<number>`), which are complete and on the disk.

    The run has been settled before.
    """
    committed = folder / PUBLISHING / aside.name
    committed.parent.mkdir(exist_ok=True)
    (aside / FILES).rename(committed)
    sync_folder(committed.parent)
    _roll_forward(committed, folder)


def settle(folder: Path) -> None:
    """Go on with publications that were interrupted, so that none is pending; the caller holds the run's lock.

    One of which a file is damaged is given up: the ledger does not know it as done, and its page is made again.
    """
    pending = folder / PUBLISHING
    pending.mkdir(exist_ok=True)
    sync_folder(folder)
    for committed in sorted(pending.iterdir(), key=_number):
        if _is_whole(committed):
            _roll_forward(committed, folder)
        else:
            shutil.rmtree(committed)


def settle_if_free(folder: Path) -> None:
    """The same for one who only reads: not where a batch runs, which sees to it, nor without the right to write."""
    try:
        if not any((folder / PUBLISHING).iterdir()):
            return
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        with only_writer(folder):
            settle(folder)
    except HeldError:
        return
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and make sure that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, text: str) -> None:
    """Write a file beside its place, make sure that it is on the disk, and move it over the old one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write_synced(beside, text.encode())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _roll_forward(committed: Path, folder: Path) -> None:
    changed = set()
    for file in _files(committed):
        place = folder / file.relative_to(committed)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, place)
        changed.add(place.parent)
    for parent in changed:
        sync_folder(parent)
    shutil.rmtree(committed)


def _files(committed: Path) -> list[Path]:
    return sorted(path for path in committed.rglob("*") if path.is_file() and path.name != HASHES)


def _is_whole(committed: Path) -> bool:
    """Whether the files that are still here are as they were written."""
    try:
        known = json.loads((committed / HASHES).read_text("utf-8"))
        return all(known[file.relative_to(committed).as_posix()] == hashlib.sha256(file.read_bytes()).hexdigest()
                   for file in _files(committed))
    except (ValueError, KeyError, TypeError):
        return False
    except FileNotFoundError:  # every file has been moved, and what holds them was being taken away
        return not _files(committed)


def _number(path: Path) -> tuple[int, str]:
    return (int(path.name), "") if path.name.isdigit() else (0, path.name)
