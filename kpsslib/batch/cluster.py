"""Workers on other computers: pages go to the workers of a dask.distributed scheduler, their files by a store.

The ledger, the order of the pages and everything that is published stay here. A page whose worker is lost is given to
another one by the scheduler.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from kpsslib.batch.bundle import Manifest, Order, installed, needed, other_kit
from kpsslib.batch.cluster_worker import run_order
from kpsslib.batch.executing import first_line
from kpsslib.batch.local import STARTS
from kpsslib.batch.reaching import Reached, no_store
from kpsslib.batch.running import NO_SPACE, Outcome, Task, disk_full, hashed
from kpsslib.batch.store import BlobError
from kpsslib.kernels import Warm
from kpsslib.language import _, number
from kpsslib.publication import write_synced
from kpsslib.watch import FILES
from kpsslib.workspace import Run, StoppedError

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE_SECONDS = 60  # how long a batch goes on without any worker
LOOK_SECONDS = 2.0  # how often the workers are counted
_RESULT_SECONDS = 10  # for a worker to say what became of a page that it has ended


class _Sent(NamedTuple):
    task: Task
    future: Future
    starts: int


class Cluster:
    """Runs pages on the workers of a cluster; the same to those who use it as `local.Local`."""

    def __init__(self, cluster: Reached, run: Run, log: Path, say: Callable[[str], None]) -> None:
        """Nothing is started yet."""
        self._client, self._store, self._address = cluster
        self._run, self._log, self._say = run, log, say
        self.warm = Warm(log) if Warm.possible() else None  # for what is done here: taking in
        self._kit = installed()
        self._known: dict[tuple, str] = {}
        self._said: set[str] = set()
        self._sent: dict[str, _Sent] = {}
        self._back: SimpleQueue[str] = SimpleQueue()
        self._threads = sum(self._client.nthreads().values())
        self._counted = self._seen = time.monotonic()

    @property
    def free(self) -> int:
        """How many pages more can be sent now; one where there is no worker, and `events` waits for one."""
        return max(1, self._threads) - len(self._sent)

    def start(self, task: Task, starts: int = 1) -> None:
        """Send a page; its files go into the store where they are not there yet."""
        try:
            files = {path.relative_to(task.root).as_posix(): self._put(path) for path in needed(task, self._run)}
        except Exception as error:  # each kind of store has its own
            raise StoppedError([no_store(self._store.url, error)]) from None
        order = Order(task, self._store.url, files, self._kit)
        future = self._client.submit(run_order, order, key=f"kpss-{uuid.uuid4().hex}", pure=False)
        self._sent[future.key] = _Sent(task, future, starts)
        future.add_done_callback(lambda one: self._back.put(one.key))

    def events(self, seconds: float) -> Iterator[tuple[Task, Outcome, int]]:
        """The pages that have come back since, waiting at most so long: the page, how it ended, how often started.

        Raises StoppedError where the scheduler has gone, or no worker was there for PATIENCE_SECONDS.
        """
        keys = []
        try:
            keys.append(self._back.get(timeout=max(0.0, seconds)))
            while True:
                keys.append(self._back.get_nowait())
        except Empty:
            pass
        for key in keys:
            yield from self._came_back(key)
        if time.monotonic() - self._counted > LOOK_SECONDS:
            self._count()

    def stop(self) -> None:
        """Give up what has been sent; the workers end those pages in the middle."""
        self._client.cancel([one.future for one in self._sent.values()], force=True)
        self._sent.clear()
        if self.warm:
            self.warm.stop()

    def _put(self, path: Path) -> str:
        found = path.stat()
        key = (path, found.st_ino, found.st_mtime_ns, found.st_size)
        if not self._store.holds(self._known.get(key, "")):
            self._known[key] = self._store.put(path.read_bytes())
        return self._known[key]

    def _came_back(self, key: str) -> Iterator[tuple[Task, Outcome, int]]:
        if (sent := self._sent.pop(key, None)) is None:  # given up
            return
        if sent.future.status == "cancelled":
            raise StoppedError([_gone(self._address)])
        try:
            manifest = _manifest(sent.future)
        except TimeoutError:  # its worker was lost before it could be asked; another one runs the page
            self._sent[key] = sent
            sent.future.add_done_callback(lambda one: self._back.put(one.key))
            return
        for sentence in set(manifest.said) - self._said:
            self._said.add(sentence)
            self._say(sentence)
        if manifest.unread and sent.starts < STARTS:  # it has not begun: only that is tried again
            self._store.forget(manifest.unread)
            self.start(sent.task, sent.starts + 1)
            return
        yield sent.task, self._fetched(manifest, sent.task), max(sent.starts, manifest.starts)

    def _fetched(self, manifest: Manifest, task: Task) -> Outcome:
        """How a page ended, with what it made laid aside here, verified and on the disk."""
        if manifest.unread:
            return Outcome(_damaged(", ".join(manifest.unread)))
        if manifest.outcome is None:
            return Outcome(_("a worker cannot run the page as it would be run here: {how}; install the same there",
                             how=other_kit(manifest.kit, self._kit)))
        try:
            for name, digest in manifest.files.items():
                write_synced(task.aside / name, self._store.get(digest))
            if manifest.log:
                with self._log.open("ab") as file:
                    file.write(self._store.get(manifest.log))
            if manifest.outcome.outputs and hashed(task.aside / FILES) != manifest.outcome.outputs:
                return Outcome(_damaged(task.page))
        except BlobError as error:
            return Outcome(_damaged(error.place))
        except OSError as error:
            if error.errno in NO_SPACE:
                return Outcome(disk_full(error, task.folder))
            return Outcome(_unfetched(error))
        except Exception as error:  # each kind of store has its own
            return Outcome(_unfetched(error))
        return manifest.outcome

    def _count(self) -> None:
        self._threads, self._counted = _threads(self._client), time.monotonic()
        if self._threads:
            self._seen = self._counted
        elif self._threads is None:
            raise StoppedError([_gone(self._address)])
        elif self._counted - self._seen > PATIENCE_SECONDS:
            raise StoppedError([_("the cluster at {address} has had no worker for {seconds} s; start one with dask "
                                  "worker {address} and run the batch again; what was finished stays",
                                  address=self._address, seconds=number(PATIENCE_SECONDS))])


def _threads(client: Client) -> int | None:
    """How many pages the workers there are can run at once; None where the scheduler does not answer."""
    try:
        return sum(client.nthreads().values())
    except Exception:  # of its connection, of its own, of the event loop
        return None


def _manifest(future: Future) -> Manifest:
    """What a worker says of a page, or why there is no word of it."""
    from distributed.scheduler import KilledWorker

    try:
        return future.result(timeout=_RESULT_SECONDS)
    except TimeoutError:
        raise
    except KilledWorker:
        return Manifest(Outcome(_("the workers that ran the page ended suddenly, one after another; perhaps the memory "
                                  "ran out")))
    except Exception as error:  # whatever went wrong over there
        return Manifest(Outcome(_("the worker could not run the page: {error}", error=first_line(error))))


def _gone(address: str) -> str:
    return _("the scheduler {address} has gone; start it and run the batch again; what was finished stays",
             address=address)


def _damaged(what: str) -> str:
    return _("a file in the store was damaged or missing: {file}; run the batch again", file=what)


def _unfetched(error: Exception) -> str:
    return _("what the page made could not be fetched: {error}", error=first_line(error))
