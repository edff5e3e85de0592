"""Folders that cannot be written or are gone, and awkward paths: one sentence and 2, or it works."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.kit import Site
from tests.faults.test_locks import gated, running, until

RUN_FILE = "parameters/runs/small.yaml"


def mount(*arguments: object) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False) \
        if shutil.which("mount") and os.getuid() == 0 else None
    if done is None or done.returncode:
        pytest.skip("nothing can be mounted here")


@contextmanager
def mounted(folder: Path, *, writable: bool):
    """A disk of its own at the folder, with what stands there; perhaps one that nobody can write."""
    before = folder.with_name(f"{folder.name} before")
    shutil.copytree(folder, before, dirs_exist_ok=True)
    mount("-t", "tmpfs", "tmpfs", folder)
    try:
        shutil.copytree(before, folder, dirs_exist_ok=True)
        if not writable:
            mount("-o", "remount,ro", folder)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=False, capture_output=True)


@pytest.fixture
def small(site):
    site.page("01_one")
    site.run_file()
    return site


def is_one_sentence(ended, code, *words):
    assert ended.code == code, ended.said
    assert len(ended.said.splitlines()) == 1, ended.said
    assert "Traceback" not in ended.said
    assert all(word in ended.said for word in words), ended.said


def test_outputs_on_a_disk_that_is_read_only(small, injected):
    injected("R15", 2)
    (small.folder / "outputs").mkdir()
    with mounted(small.folder / "outputs", writable=False):
        is_one_sentence(small.batch(), 2, "outputs/small", "zapisovat")
    assert small.batch().code == 0
    pending = small.outputs / ".publishing" / "9" / "reports"
    pending.mkdir(parents=True)
    (pending / "x.html").touch()
    small.page("01_one", "1 + 1")
    before = sorted(small.outputs.rglob("*"))
    with mounted(small.folder / "outputs", writable=False):
        is_one_sentence(small.batch(), 2, "outputs/small", "zapisovat")
        why = small.kpss("why", "01_one", "--run-file", RUN_FILE)
        assert why.code == 0, why.said
        assert "sama stránka" in why.said
    assert sorted(small.outputs.rglob("*")) == before
    assert small.batch().code == 0


@pytest.mark.parametrize("place", ["outputs", "outputs/small", "outputs/small/lock", "outputs/small/ledger.sqlite",
                                   "outputs/small/.publishing"])
def test_something_else_stands_where_the_run_writes(place, small, injected):
    injected("R15")
    path = small.folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name in ("lock", "ledger.sqlite"):
        path.mkdir()
    else:
        path.touch()
    is_one_sentence(small.batch(), 2, "outputs/small")


def test_a_folder_without_the_right_to_write(small, injected):
    injected("R15")
    small.outputs.mkdir(parents=True)
    attributes = subprocess.run(["chattr", "+i", small.outputs], capture_output=True, check=False) \
        if shutil.which("chattr") else None
    if attributes is None or attributes.returncode:
        pytest.skip("no folder can be made unwritable here")
    try:
        is_one_sentence(small.batch(), 2, "outputs/small", "zapisovat")
    finally:
        subprocess.run(["chattr", "-i", small.outputs], check=True)


@pytest.mark.parametrize(("keys", "words"), [
    ({"name": "x" * 300}, ["xxx"]), ({"archive": "y" * 300}, ["yyy", "příliš dlouhý"]),
    ({"pages": ["z" * 300]}, ["pages"]), ({"methodology_folder": "m" * 300}, ["mmm"]),
    ({"imports": {"mapping": "i" * 300, "sources": ["x"]}}, ["iii"]), ({"archive": "data\0"}, ["archive"]),
], ids=["name", "archive", "page", "methodology", "imports", "a nought in a path"])
def test_names_too_long_for_a_file(keys, words, small, injected):
    injected("R15")
    small.run_file(**keys)
    is_one_sentence(small.batch(), 2, *words)


@pytest.mark.parametrize("name", ["x" * 300 + ".yaml", "parameters", "nic.yaml", "/"])
def test_a_run_file_that_cannot_be_read(name, small, injected):
    injected("R15")
    is_one_sentence(small.kpss("batch", name), 2, name)


def test_a_path_with_spaces_and_letters_of_all_kinds_as_long_as_can_be(tmp_path, package, injected):
    injected("R15")
    name = "Kraj Žďár – příliš 'žluťoučký' \"kůň\" %20 & $HOME {x} " + "ž" * 200
    site = Site(tmp_path / name.encode()[:255].decode("utf-8", "ignore"), package)
    site.pages(rows=1, groups=1)
    ended = site.batch()
    assert ended.code == 0, ended.said
    assert site.stands(site.made()) == site.made()
    assert site.orphans() == []


def test_a_disk_that_goes_while_a_page_runs(site, injected):
    injected("R15")
    gated(site)
    (site.folder / "outputs").mkdir()
    with mounted(site.folder / "outputs", writable=True):
        process = site.start("batch", RUN_FILE)
        until(lambda: running(site), process)
        subprocess.run(["umount", "-l", site.folder / "outputs"], check=True)
        (site.folder / "go").touch()
        ended = site.ended(process)
    assert ended.code == 1, ended.said
    assert "Traceback" not in ended.said
    assert "outputs/small" in ended.said
    assert site.batch().code == 0
