"""What a worker of a cluster does: it lays a page's project out from the store, runs the page, puts its outputs there.

Only the store is shared. Blobs that were fetched once are kept beside the worker as long as it lives.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from kpsslib.batch.bundle import Manifest, Order, installed, lay_out, rebased
from kpsslib.batch.executing import first_line
from kpsslib.batch.local import Local
from kpsslib.batch.running import KEPT, Outcome, Task
from kpsslib.batch.store import BlobError, Store
from kpsslib.kernels import Warm
from kpsslib.language import _, speak
from kpsslib.watch import FILES

LOOK_SECONDS = 1.0  # how often a worker looks whether its page is still wanted
_LOG = "page.log"


class Seen(NamedTuple):
    """What a worker answers before anything starts: its kit, whether it reaches the store, whether it can run pages."""

    kit: dict[str, str]
    reads: bool
    runs: bool


def look(url: str, digest: str) -> Seen:
    """Look around on a worker; `digest` is of a blob that the coordinator has put into the store."""
    try:
        reads = bool(Store(url).get(digest))
    except Exception:  # whatever a file system of its own raises: it does not reach the store
        reads = False
    return Seen(installed(), reads, Warm.possible() or not multiprocessing.current_process().daemon)


def run_order(order: Order) -> Manifest:
    """Run a page as ordered; never raises where the page is at fault."""
    kit = installed()
    if kit != order.kit:
        return Manifest(kit=kit)
    speak(order.task.imprint.language)
    store = Store(order.store)
    with TemporaryDirectory(dir=_home(), prefix="page-", ignore_cleanup_errors=True) as folder:
        task = replace(rebased(order.task, Path(folder)), log=Path(folder) / "outputs" / _LOG)
        if order.task.memory_mb is None:
            task = replace(task, memory_mb=_share_of_memory())
        try:
            lay_out(order.files, task.root, lambda digest: _kept(store, digest))
        except BlobError as error:
            return Manifest(unread=(error.digest,))
        task.log.parent.mkdir(exist_ok=True)
        try:
            return _hand_in(task, store, *_run(task))
        except Exception as error:  # the store, or the disk below the worker
            return Manifest(Outcome(_("the worker could not hand the page in: {error}", error=first_line(error))))


def _run(task: Task) -> tuple[Outcome, int, tuple[str, ...]]:
    """Run a page in a process of its own, forked from this worker's warm one."""
    said: list[str] = []
    local = Local(1, task.log, said.append, _warm() if Warm.possible() else None)
    local.start(task)
    while True:
        for _task, message, starts in local.events(LOOK_SECONDS):
            if isinstance(message, Outcome):
                return message, starts, tuple(said)
        if not _is_wanted():
            local.stop_pages()
            return Outcome(_("nobody waits for the page any more")), 1, ()


def _hand_in(task: Task, store: Store, outcome: Outcome, starts: int, said: tuple[str, ...]) -> Manifest:
    """Put into the store what the page has left aside to be published, or to be looked at by the analyst."""
    names = [f"{FILES}/{path}" for path in outcome.outputs] or [KEPT]
    files = {name: store.put((task.aside / name).read_bytes()) for name in names if (task.aside / name).exists()}
    log = task.log.read_bytes() if task.log.exists() else b""
    return Manifest(outcome, files, log=store.put(log) if log else "", said=said, starts=starts)


def _kept(store: Store, digest: str) -> bytes:
    """A blob from this worker's own folder, where it is whole, or from the store and then kept."""
    place = _home() / "blobs" / digest
    if place.exists():
        data = place.read_bytes()
        if hashlib.sha256(data).hexdigest() == digest:
            return data
    data = store.get(digest)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    return data


def _home() -> Path:
    """The folder of this worker, which goes with it."""
    from distributed import get_worker

    home = Path(get_worker().local_directory) / "kpss"
    home.mkdir(exist_ok=True)
    return home


@cache
def _warm() -> Warm:
    return Warm(_home() / "warm.log")


def _share_of_memory() -> int | None:
    """The memory in MB that a page may take: its part of nine tenths of what the worker may."""
    from distributed import get_worker

    worker = get_worker()
    limit = worker.memory_manager.memory_limit
    return int(limit * 0.9 / 2**20 / worker.state.nthreads) if limit else None


def _is_wanted() -> bool:
    """Whether the coordinator still waits for the page that this thread runs."""
    from distributed import get_worker
    from distributed.worker import thread_state

    task = get_worker().state.tasks.get(thread_state.key)
    return task is not None and task.state == "executing"
