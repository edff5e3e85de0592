"""What a page reads is noted: which paths count, and what changes while it is noted."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from kpsslib import watch


@pytest.fixture
def noting(tmp_path, monkeypatch):
    """A page's process as a batch makes it; the folder aside."""
    root, aside = tmp_path / "root", tmp_path / "aside"
    root.mkdir()
    aside.mkdir()
    monkeypatch.setenv(watch.ASIDE, str(aside))
    for name in ("_noted", "_values", "_paths"):
        monkeypatch.setattr(watch, name, {})
    monkeypatch.setattr(watch, "_root", root)
    return aside


def noted(aside):
    watch.write()
    return json.loads((aside / watch.NOTES).read_text("utf-8"))


def opened(path):
    """Whether a file that a page opens is noted."""
    watch._note_path("open", (str(path), "r", 0), ())
    return Path(path) in watch._paths


@pytest.mark.usefixtures("noting")
@pytest.mark.parametrize("path", ["/library/data.csv", "/development/x.csv", "/runs/2025.csv", "/variants/a.csv"])
def test_a_folder_named_like_one_of_the_system_is_an_input(path):
    assert opened(path)


@pytest.mark.usefixtures("noting")
@pytest.mark.parametrize("path", ["/usr/share/x.csv", "/dev/null", "/etc", f"{tempfile.gettempdir()}/elsewhere/x.csv",
                                  os.__file__])
def test_the_system_is_no_input(path):
    assert not opened(path)


def test_what_is_read_while_the_notes_are_written_is_no_trouble(noting, monkeypatch):
    plain, more = watch.path_hash, iter(range(3))

    def meanwhile(path):
        for n in more:
            opened(watch._root / f"more-{n}.txt")
            watch._values[f"key:{n}"] = n
        return plain(path)

    assert opened(watch._root / "one.txt")
    monkeypatch.setattr(watch, "path_hash", meanwhile)
    assert noted(noting)["file:one.txt"] == "absent"


def test_a_folder_of_which_names_were_read_and_then_changed_is_not_taken_for_what_was_read(noting):
    kept, changed = watch._root / "kept", watch._root / "changed"
    for folder in (kept, changed):
        folder.mkdir()
        watch._note_path("os.listdir", (str(folder),), ())
    (kept / "__pycache__").mkdir()
    (changed / "new").touch()
    found = noted(noting)
    assert found["file:kept"] == watch.path_hash(kept)
    assert found["file:changed"] == watch.CHANGED
