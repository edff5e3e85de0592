"""Reaching a cluster before anything starts: its scheduler, its workers, their packages and their way to the store."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from kpsslib.batch.bundle import installed, other_kit, outside
from kpsslib.batch.cluster_worker import look
from kpsslib.batch.executing import first_line
from kpsslib.batch.store import Store
from kpsslib.language import _
from kpsslib.workspace import Run, RunError

if TYPE_CHECKING:
    from distributed import Client

REACH_SECONDS = 10  # for a scheduler to answer, and for its first worker to be there
STORE = ".store"  # below outputs, where no other store is named


class Place(NamedTuple):
    """A cluster: its scheduler's address, such as tcp://10.0.0.5:8786, and the URL of its store."""

    scheduler: str
    store: str = ""


class Reached(NamedTuple):
    """A cluster whose scheduler, workers and store were all found there and fit."""

    client: Client
    store: Store
    address: str


@contextmanager
def reached(place: Place | None, run: Run, run_file: str) -> Iterator[Reached | None]:
    """The cluster, which is left at the end; None where there is none.

    Raises RunError where its scheduler cannot be reached, where it has no worker, where a worker has other sources or
    packages than there are here, and where it does not reach the store.
    """
    if place is None:
        yield None
        return
    if problems := outside(run, run_file):
        raise RunError(problems)
    client = _client(place.scheduler)
    try:
        store = _store(place.store or str(run.path("outputs") / STORE))
        _refuse_unfit(client, store)
        yield Reached(client, store, place.scheduler)
    finally:
        client.close()


def _store(url: str) -> Store:
    """The store at a URL, which takes files: raises RunError where it does not."""
    try:
        store = Store(url)
        store.put(url.encode())
    except Exception as error:  # each kind of store has its own
        raise RunError([no_store(url, error)]) from None
    return store


def _client(address: str) -> Client:
    """A connection to a scheduler; raises RunError where it does not answer."""
    try:
        from distributed import Client
    except ImportError:
        raise RunError([_("a cluster needs the extra packages: pip install -e '.[cluster]' in the project's "
                          "folder")]) from None
    for name in ("distributed", "distributed.client"):  # what it says in the middle is said here in words
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():  # of other versions: those that count are looked at below
            warnings.simplefilter("ignore")
            client = Client(address, timeout=REACH_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError([_("--dask: the scheduler {address} cannot be reached: {error}; start it with dask scheduler "
                          "or correct the address", address=address, error=first_line(error))]) from None
    try:
        client.wait_for_workers(1, REACH_SECONDS)
    except (OSError, TimeoutError):
        client.close()
        raise RunError([_("--dask: the cluster at {address} has no worker; start one with dask worker {address}",
                          address=address)]) from None
    return client


def _refuse_unfit(client: Client, store: Store) -> None:
    ours, known = installed(), store.put(store.url.encode())
    problems = []
    for worker, seen in sorted(client.run(look, store.url, known, on_error="return").items()):
        if not hasattr(seen, "kit"):
            problems.append(_("the worker {worker} cannot run pages: {error}", worker=worker, error=first_line(seen)))
        elif seen.kit != ours:
            problems.append(_("the worker {worker} cannot run pages as they would be run here: {how}; install the same "
                              "there", worker=worker, how=other_kit(seen.kit, ours)))
        elif not seen.reads:
            problems.append(_("the worker {worker} does not reach the store {store}; name one that all computers "
                              "reach, with --store", worker=worker, store=store.url))
        elif not seen.runs:
            problems.append(_("the worker {worker} cannot start processes; start it with --no-nanny", worker=worker))
    if problems:
        raise RunError(problems)


def no_store(url: str, error: Exception) -> str:
    """The sentence for a store that takes nothing."""
    return _("--store: {url} cannot be used: {error}", url=url, error=first_line(error))
