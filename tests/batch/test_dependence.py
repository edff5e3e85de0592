"""What a page has read is known, however it read it; what changed meanwhile is never taken for what it read."""

import json

import pytest
from rich.console import Console

from kpsslib.batch.modules import Sources
from kpsslib.batch.runner import run_batch

SAVE = """
import pandas
from kpsslib.workspace import TABLES
table = pandas.DataFrame({column: ["1"] for column in TABLES["territory"]})
run.save(territory=table)
"""


def made(run_file):
    """The pages that a batch has made, with the reason where they failed."""
    result = run_batch(run_file, Console(quiet=True))
    return {page.page: page.reason for group in result.groups for page in group.pages if not page.unchanged}


@pytest.mark.parametrize("reading", [
    "print(open('{file}').read())",
    "print(open('{file}').read())\n" + "run = open_run(run_file, group=group, year=year, language=language)",
    "import sys; sys.path.insert(0, 'parameters'); import beside; print(beside.VALUE)",
    "import os; print(os.listdir('parameters/folder'))",
], ids=["a file", "before the run is opened again", "a module beside the pages", "the names in a folder"])
def test_what_a_page_reads_makes_it_again_when_it_changes(project, reading):
    file = project.folder / "parameters" / "beside.py"
    file.write_text("VALUE = 1", "utf-8")
    folder = project.folder / "parameters" / "folder"
    folder.mkdir()
    project.page("01_one", reading.format(file="parameters/beside.py"))
    run_file = project.run_file()
    assert made(run_file) == {"01_one": ""}
    assert made(run_file) == {}
    file.write_text("VALUE = 2", "utf-8")
    (folder / "new").touch()
    assert made(run_file) == {"01_one": ""}
    assert made(run_file) == {}


def test_a_file_that_changed_after_it_was_read_is_not_taken_for_what_was_read(project):
    file = project.folder / "parameters" / "value.txt"
    file.write_text("1", "utf-8")
    project.page("01_one", "from pathlib import Path\nfile = Path('parameters/value.txt')\nprint(file.read_text())",
                 "file.write_text('22')")
    run_file = project.run_file()
    assert made(run_file) == {"01_one": ""}
    assert made(run_file) == {"01_one": ""}  # it reads another value now


def test_a_folder_that_changed_after_it_was_listed_is_not_taken_for_what_was_listed(project):
    folder = project.folder / "parameters" / "folder"
    folder.mkdir()
    project.page("01_one", "import os\nprint(os.listdir('parameters/folder'))",
                 "from pathlib import Path\nPath('parameters/folder/new').touch()")
    run_file = project.run_file()
    assert made(run_file) == {"01_one": ""}
    assert made(run_file) == {"01_one": ""}  # it lists another name now
    assert made(run_file) == {}


def test_what_is_read_after_the_last_cell_began_counts_too(project):
    file = project.folder / "parameters" / "late.txt"
    file.write_text("1", "utf-8")
    project.page("01_one", "run.finish('01_one'); print(open('parameters/late.txt').read())", finish=False)
    run_file = project.run_file()
    assert made(run_file) == {"01_one": ""}
    file.write_text("2", "utf-8")
    assert made(run_file) == {"01_one": ""}


# Edits the page in a process of its own, as an analyst's editor does: the page itself reads nothing of it.
EDIT = """
import subprocess, sys
edit = "from pathlib import Path; path = Path('notebooks/01_one.ipynb'); {edit}"
subprocess.run([sys.executable, "-c", edit], check=True)
"""


def test_a_page_that_is_edited_while_the_batch_goes_on(project):
    path = project.page("01_one", EDIT.format(
        edit="path.write_text(path.read_text('utf-8').replace('Kolik to stojí?', 'Kolik?'), 'utf-8')"))
    run_file = project.run_file()
    assert made(run_file) == {"01_one": ""}
    assert "Kolik?" in json.loads(path.read_text("utf-8"))["cells"][0]["source"][-1]
    assert made(run_file) == {"01_one": ""}
    assert made(run_file) == {}


def test_a_page_that_is_just_being_saved_when_it_has_run_is_done(project):
    path = project.page("01_one", EDIT.format(edit="path.write_text(path.read_text('utf-8')[:100], 'utf-8')"))
    assert made(project.run_file()) == {"01_one": ""}
    assert len(path.read_text("utf-8")) == 100


OF_ANOTHER = "run.model_copy(update={'group': 'PS2'}).save(territory=table)"


@pytest.mark.parametrize("saving", ["run.save(**{'territory': table})", OF_ANOTHER], ids=["unnamed", "of others"])
def test_a_page_that_saves_what_it_does_not_name_fails(project, saving):
    project.page("01_one", SAVE.replace("run.save(territory=table)", saving))
    reason = made(project.run_file(groups=["PS1", "PS2"], pages=["01_one"]))["01_one"]
    assert "stránka ukládá tabulky, které nejmenuje: tables/" in reason


def test_verbs_that_are_loaded_when_asked_for_count_as_imported():
    modules, _packages = Sources().of_page("from kpsslib.cleaning import clean")
    assert {"module:kpsslib/cleaning/cleaned.py", "module:kpsslib/cleaning/rules_edits.py"} <= modules.keys()


def test_imports_behind_a_semicolon_count():
    modules, packages = Sources().of_page("import scipy; from kpsslib import financing")
    assert "module:kpsslib/financing/__init__.py" in modules
    assert "scipy" in packages
