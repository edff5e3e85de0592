"""Crashes between any two steps on the disk, and a disk that is full: the old version or the new one, never a mix."""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys

import pytest

from kpsslib.batch.ledger import Ledger
from tests.faults.kit import FULL, often, plan
from tests.faults.undisturbed import check_between, check_end

PARTS = often(16, 2)
RUN_FILE = "parameters/runs/small.yaml"


@pytest.fixture(scope="module")
def steps(one_group, tmp_path_factory):
    """How many steps on the disk the second batch takes."""
    folder = tmp_path_factory.mktemp("steps")
    site = one_group.again(folder / "site")
    count = folder / "count.txt"
    assert site.batch("--workers", "1", **plan("exit", process="batch", nth=0, count=str(count))).code == 0
    return int(count.read_text())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_crash_before_any_step(part, one_group, steps, tmp_path, injected):
    numbers = range(1, steps + 1) if FULL else random.Random(7).sample(range(1, steps + 1), 6)
    mine = numbers[part::PARTS]
    injected("R7", len(mine))
    for number in mine:
        site = one_group.again(tmp_path / f"site-{number}")
        assert site.batch("--workers", "1", **plan("exit", process="batch", nth=number)).code == 86
        check_end(site, one_group, check_between(site, one_group))


# A transaction that has begun to write into the ledger itself, which a crash leaves with its journal beside.
IN_COMMIT = """
import os, sqlite3
base = sqlite3.connect("outputs/small/ledger.sqlite")
base.execute("PRAGMA cache_size = 1")
base.execute("BEGIN")
base.execute("UPDATE attempts SET state = 'running', error = ?", ["x" * 100_000])
base.executemany("INSERT INTO batches (groups) VALUES (?)", [["x" * 5_000]] * 100)
os._exit(0)
"""


def test_a_crash_in_the_middle_of_a_commit(one_group, tmp_path, injected):
    """Whoever opens the ledger next, also only to read, finds it as it was before; what was asked for is known."""
    injected("R7", 2)
    resume = ("batch", RUN_FILE, "--resume")
    for commands in ([("why", "01_one", "--run-file", RUN_FILE), resume], [resume]):
        site = one_group.old.copy(tmp_path / f"site-{len(commands)}")
        assert site.batch("--group", "PS1").code == 0
        before = site.attempts()
        subprocess.run([sys.executable, "-c", IN_COMMIT], cwd=site.folder, check=True)
        assert (site.outputs / "ledger.sqlite-journal").stat().st_size > 0
        for command in commands:
            ended = site.kpss(*command)
            assert ended.code == 0, ended.said
        ledger = Ledger(site.outputs, read_only=True)
        assert ledger.asked() == ["PS1"]
        ledger.close()
        assert site.attempts() == before


# What is about to be written when the disk is full: in which process, the event and a part of the path.
BATCH, PAGE = "batch", "kpsslib.kernels.serving"
FULL_AT = {
    "copy of an input": dict(process=PAGE, event="open", path="/originals/"),
    "intake": dict(process=PAGE, event="os.mkdir", path="/intake/part-"),
    "groups of the intake": dict(process=PAGE, event="open", path="groups.json"),
    "ledger, a batch begins": dict(process=BATCH, event="commit"),
    "ledger, a page begins": dict(process=BATCH, event="commit", nth=2),
    "ledger, a page ends": dict(process=BATCH, event="commit", nth=4),
    "table": dict(process=PAGE, event="open", path="/.running/"),
    "report": dict(process=PAGE, event="open", path="/reports/"),
    "publication": dict(process=BATCH, event="os.mkdir", path="/.publishing"),
    "index": dict(process=BATCH, event="open", path="/.index.html"),
}
STARRED = ("intake", "ledger, a page ends", "report")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB for the outputs of a project that is not there yet."""
    folder = tmp_path / "site" / "outputs"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("place", FULL_AT if FULL else STARRED)
def test_the_disk_is_full(place, one_group, small_disk, injected):
    injected("R5")
    site = one_group.again(small_disk.parent)
    filler = small_disk / "filler"
    ended = site.batch("--workers", "1", **plan("fill", filler=str(filler), **FULL_AT[place]))
    assert filler.exists()
    assert_told(site, ended)
    finished = check_between(site, one_group)
    filler.unlink()
    check_end(site, one_group, finished)


@pytest.mark.parametrize("most", [30_000, 2_000][:often(2, 1)])
def test_no_file_may_be_longer(most, one_group, tmp_path, injected):
    """The same where no disk can be mounted: the system refuses every byte after so many of a file."""
    injected("R5")
    site = one_group.again(tmp_path / "site")
    process = site.start("batch", "parameters/runs/small.yaml", "--workers", "1")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert_told(site, site.ended(process))
    check_end(site, one_group, check_between(site, one_group))


def assert_told(site, ended):
    """A sentence that names the disk or the folder."""
    assert ended.code in (1, 2), ended.said
    assert "disk je plný" in ended.said or f"Do {site.outputs} nelze zapisovat" in ended.said, ended.said
    assert not any(word in ended.said for word in ("Traceback", "neočekávaného")), ended.said
