"""One run, one writer: batches at once on one run and on several, and the locks of those who are dead."""

import json
import os
import re
import shutil
import signal
import socket
import time
from contextlib import closing
from pathlib import Path
from subprocess import Popen

import pytest

from kpsslib.batch.ledger import Ledger
from tests.faults.kit import SECONDS, Ended, Site, often, sha256

RUN_FILE = "parameters/runs/small.yaml"
# Says that it runs, and goes on when it is told to.
GATE = """
import os, time
from pathlib import Path
Path(f"runs-{os.getpid()}").touch()
while not Path("go").exists():
    time.sleep(0.05)
"""
BEGAN = "2026-01-02T03:04:05+00:00"


def gated(site: Site) -> Site:
    """A run whose page waits for the file `go`."""
    site.page("01_one", GATE)
    site.run_file()
    return site


def until(condition, process=None):
    """Wait until a condition holds, which it does unless something hangs."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.05)


def running(site: Site) -> list:
    """The pages that have begun."""
    return list(site.folder.glob("runs-*"))


def is_refused_by_name(ended: Ended, holder: Popen) -> None:
    """The sentence says who writes the run, and since when."""
    assert ended.code == 2, ended.said
    who = rf"\S+ na počítači {re.escape(socket.gethostname())} \(proces {holder.pid}\)"
    assert re.search(rf"zapisuje jiná dávka: {who} od \d+\. \d+\. \d{{4}} \d+:\d\d;", ended.said), ended.said
    assert len(ended.said.splitlines()) == 1


@pytest.mark.parametrize("n", [(2, 4, 8)[n % 3] for n in range(often(20, 3))])
def test_of_batches_at_once_on_one_run_one_runs_and_the_others_name_it(n, site, injected):
    gated(site)
    began = time.monotonic()
    started = {process.pid: process for process in (site.start("batch", RUN_FILE) for _one in range(n))}
    until(lambda: sum(process.poll() is not None for process in started.values()) == n - 1)
    injected("R8", seconds=time.monotonic() - began)
    (holder,) = (process for process in started.values() if process.poll() is None)
    until(lambda: running(site), holder)  # it goes on, and all the others have ended before it
    for process in started.values():
        if process is not holder:
            is_refused_by_name(site.ended(process), holder)
    (site.folder / "go").touch()
    assert site.ended(holder).code == 0
    assert len(running(site)) == 1
    assert [one.state for one in site.attempts()] == ["done", "done"]
    assert site.stands(site.made()) == site.made()


@pytest.mark.parametrize("_round", range(often(20, 1)))
def test_of_batches_of_two_groups_at_once_one_is_refused_and_made_afterwards(_round, site, injected):
    groups = ["PS1", "PS2"]
    injected("R9", len(groups))
    gated(site)
    site.run_file(groups=groups)
    started = {group: site.start("batch", RUN_FILE, "--group", group) for group in groups}
    until(lambda: any(process.poll() is not None for process in started.values()))
    first, second = sorted(groups, key=lambda group: started[group].poll() is not None)
    until(lambda: running(site), started[first])
    is_refused_by_name(site.ended(started[second]), started[first])
    (site.folder / "go").touch()
    assert site.ended(started[first]).code == 0
    assert site.batch("--group", second).code == 0
    assert [(one.group, one.state) for one in site.attempts() if one.page == "01_one"] == [
        (first, "done"), (second, "done")]
    assert {node.group for node in site.made()} == {*groups, "all"}
    assert site.stands(site.made()) == site.made()


@pytest.mark.parametrize("_round", range(often(20, 1)))
def test_batches_of_several_runs_at_once_all_end(_round, site, injected):
    runs = [f"run{n}" for n in range(often(8, 2))]
    injected("R9", len(runs))
    site.pages(rows=2, groups=1)
    text = (site.folder / RUN_FILE).read_text("utf-8")
    for name in runs:
        (site.folder / f"parameters/runs/{name}.yaml").write_text(text.replace("small", name), "utf-8")
    started = [site.start("batch", f"parameters/runs/{name}.yaml", "--workers", "1") for name in runs]
    assert [ended.said for process in started if (ended := site.ended(process)).code != 0] == []
    tables = {sha256(site.folder / f"outputs/{name}/tables/PS1/accuracy.parquet") for name in runs}
    assert len(tables) == 1
    assert "absent" not in tables
    for name in runs:
        with closing(Ledger(site.folder / "outputs" / name, read_only=True)) as ledger:
            attempts = list(ledger.attempts())
        assert [one.state for one in attempts] == ["done"] * 4
        assert max(one.starts for one in attempts) <= 2  # a start that failed is tried once more, and told


@pytest.fixture(scope="module")
def finished(tmp_path_factory, package):
    """A run that has ended well."""
    site = gated(Site(tmp_path_factory.mktemp("finished") / "site", package))
    (site.folder / "go").touch()
    assert site.batch().code == 0
    return site


def words(**other: object) -> bytes:
    """What somebody once wrote into a lock."""
    known = {"user": "nekdo", "host": socket.gethostname(), "pid": os.getpid(), "since": BEGAN}
    return json.dumps(known | other).encode()


DEAD = words(pid=2**31 - 1)


@pytest.mark.parametrize("left", [
    pytest.param(words(), id="its number belongs to another process that lives"),
    pytest.param(words(host="jinde", pid=1), id="another computer, or this one under its old name"),
    pytest.param(DEAD, id="nobody of this number"),
    pytest.param(b"", id="empty"),
    pytest.param(b"\x00\xff{\"pid\": ", id="garbage"),
])
def test_a_lock_that_was_left_stops_nobody(left, finished, injected):
    (finished.outputs / "lock").write_bytes(left)
    began = time.monotonic()
    ended = finished.batch()
    injected("R10", seconds=time.monotonic() - began)
    assert ended.code == 0, ended.said
    assert (finished.outputs / "lock").read_bytes() == b""


def test_the_lock_of_a_batch_that_was_killed_stops_nobody(site, injected):
    injected("R10")
    process = gated(site).start("batch", RUN_FILE)
    until(lambda: running(site), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert site.orphans() == []
    assert b"pid" in (site.outputs / "lock").read_bytes()
    (site.folder / "go").touch()
    assert site.batch().code == 0
    assert [one.state for one in site.attempts() if one.page == "01_one"] == ["interrupted", "done"]


def another_file(lock: Path) -> None:
    """Put a copy of the lock into its place."""
    copy = lock.with_name("copy")
    shutil.copy(lock, copy)
    os.replace(copy, lock)


DESTROYED = [lambda lock: lock.write_bytes(DEAD), lambda lock: lock.write_bytes(b""),
             lambda lock: lock.write_bytes(os.urandom(200)), another_file, Path.unlink]


def test_a_lock_that_is_held_is_never_stolen(site, injected):
    injected("R10", len(DESTROYED))
    holder = gated(site).start("batch", RUN_FILE)
    until(lambda: running(site), holder)
    for destroy in DESTROYED:
        destroy(site.outputs / "lock")
        other = site.batch()
        assert other.code == 2, other.said
        assert "zapisuje jiná dávka" in other.said
        assert "nekdo" not in other.said  # who is dead is not told as the one who holds it
        assert len(running(site)) == 1
    (site.folder / "go").touch()
    assert site.ended(holder).code == 0
    assert [one.state for one in site.attempts()] == ["done", "done"]
