"""Outputs that are moved into their place, and those who read meanwhile."""

import shutil
from pathlib import Path

import pytest

from kpsslib.locks import only_writer
from kpsslib.publication import HASHES, PUBLISHING, RUNNING, publish, settle, settle_if_free
from kpsslib.watch import FILES


@pytest.fixture
def aside(tmp_path):
    """A folder aside with one file to publish."""
    files = tmp_path / RUNNING / "7" / FILES
    (files / "reports").mkdir(parents=True)
    (files / "reports" / "x.html").write_text("new", "utf-8")
    (files / HASHES).write_text(
        '{"reports/x.html": "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"}', "utf-8")
    return files.parent


def test_what_is_published_stands_and_none_is_pending(tmp_path, aside):
    settle(tmp_path)
    publish(aside, tmp_path)
    assert (tmp_path / "reports" / "x.html").read_text("utf-8") == "new"
    assert list((tmp_path / PUBLISHING).iterdir()) == []


def test_who_reads_goes_on_with_what_was_interrupted_where_nobody_writes(tmp_path, aside):
    settle(tmp_path)
    (aside / FILES).rename(tmp_path / PUBLISHING / "7")
    with only_writer(tmp_path):
        settle_if_free(tmp_path)
        assert not (tmp_path / "reports").exists()
    settle_if_free(tmp_path)
    assert (tmp_path / "reports" / "x.html").read_text("utf-8") == "new"
    assert list((tmp_path / PUBLISHING).iterdir()) == []


def test_who_reads_does_not_mind_that_the_folder_goes_meanwhile(tmp_path, monkeypatch):
    plain = Path.iterdir

    def gone(path):
        shutil.rmtree(path)
        return plain(path)

    (tmp_path / PUBLISHING / "7").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", gone)
    settle_if_free(tmp_path)
    assert not (tmp_path / PUBLISHING).exists()


def test_who_reads_needs_no_such_folder(tmp_path):
    settle_if_free(tmp_path)
    settle_if_free(tmp_path / "nothing")
    (tmp_path / PUBLISHING).touch()
    settle_if_free(tmp_path)
    assert (tmp_path / PUBLISHING).is_file()
