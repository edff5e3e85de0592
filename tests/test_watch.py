"""What a page reads is noted: which paths count, and what changes while it is noted."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kpsslib import watch

# A page's process as a batch makes it, which does what is given and writes down what it has read.
PAGE = """
import os
from contextlib import suppress
from pathlib import Path
from kpsslib import watch
watch.start(Path("root").absolute(), Path("root/outputs").absolute(), {})
%s
watch.write()
"""


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Run code in a page's process, in a folder beside that of its project; the hash noted of each path."""
    monkeypatch.chdir(tmp_path)
    for name in ("root", "aside"):
        (tmp_path / name).mkdir()

    def noted(code):
        environment = os.environ | {watch.ASIDE: str(tmp_path / "aside")}
        subprocess.run([sys.executable, "-c", PAGE % code], check=True, env=environment)
        found = json.loads((tmp_path / "aside" / watch.NOTES).read_text("utf-8"))
        return {name.removeprefix("file:"): value for name, value in found.items()}
    return noted


def test_what_lies_in_the_system_is_no_input_and_what_is_named_like_it_is_one(noted):
    data = ["/library/data.csv", "/development/x.csv", "/runs/2025.csv", "/variants/a.csv"]
    system = ["/usr/share/x.csv", "/dev/null", "/etc", f"{tempfile.gettempdir()}/elsewhere/x.csv", os.__file__]
    found = noted(f"for path in {[*data, *system]}:\n    with suppress(OSError):\n        open(path).close()")
    assert {*data, *system} & found.keys() == {*data}


def test_a_folder_that_changed_after_its_names_were_read_is_not_taken_for_what_was_read(noted):
    found = noted("""
for name in ("kept", "compiled", "changed"):
    Path("root", name).mkdir()
    os.listdir(f"root/{name}")
Path("root/compiled/__pycache__").mkdir()
Path("root/changed/new").touch()
""")
    assert found["kept"] == watch.path_hash(Path("root/kept"))
    assert found["compiled"] == found["kept"]
    assert found["changed"] == watch.CHANGED


def test_a_page_that_goes_on_reading_while_its_notes_are_written(noted):
    found = noted("""
plain, more = watch.path_hash, iter(range(3))
def meanwhile(path):
    for n in more:
        with suppress(OSError):
            open(f"root/more-{n}.txt")
        watch._values[f"key:{n}"] = n
    return plain(path)
Path("root/one.txt").write_text("1")
open("root/one.txt").close()
watch.path_hash = meanwhile
""")
    assert found["one.txt"] == watch.path_hash(Path("root/one.txt"))
