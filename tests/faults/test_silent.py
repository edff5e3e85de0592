"""Pages that only seem to come to their end: none of them is published."""

import json

import nbformat
import pytest

from kpsslib.batch.runner import BOOK
from tests.batch.conftest import OPEN, PARAMETERS
from tests.faults.kit import SAVE

GOOD = SAVE.format(rows=1)
FINISH = 'run.finish("{name}")'
PRINT = 'print("kpss: {name} PS1 finished")'
# The cells after the one that opens the run; what each of them does instead of coming to its end.
SILENT = {
    "01_exit_0": ["import sys", "sys.exit(0)", FINISH],
    "02_exit": ["exit()", FINISH],
    "03_process_ends": ["import os\nos._exit(0)", FINISH],
    "04_last_cell_missing": [],
    "05_error_swallowed": ["try:\n    1 / 0\n    " + FINISH + "\nexcept ZeroDivisionError:\n    pass"],
    "06_exit_swallowed": ["try:\n    raise SystemExit\n    " + FINISH + "\nexcept SystemExit:\n    print('hotovo')"],
    "07_printed_by_hand": [PRINT],
    "08_of_another_page": ['run.finish("01_one")'],
    "09_not_the_last_cell": [FINISH, "print('a ještě něco')"],
    "10_shown_and_not_printed": [FINISH.replace("run.finish", "'kpss: ' + str") + " + ' PS1 finished'"],
    "11_printed_as_an_error": ["import sys\nprint('kpss: {name} PS1 finished', file=sys.stderr)"],
    "12_swallowed_output": ["from IPython.utils.io import capture_output\nwith capture_output():\n    " + FINISH],
    "13_empty_last_cell": [FINISH, "None"],
    "14_of_another_group": ["run.group = 'PS2'\n" + FINISH],
}


@pytest.fixture
def published(site):
    """Every page once made well, and then as it says nothing of what goes wrong."""
    for name in SILENT:
        site.page(name, GOOD if name == "01_exit_0" else "1 + 1")
    site.run_file(pages=list(SILENT))
    assert site.batch().code == 0
    made = site.made()
    for name, cells in SILENT.items():
        site.page(name, *(cell.replace("{name}", name) for cell in cells), finish=False)
    return site, made


def test_none_of_them_is_done_and_the_good_ones_stay(published, injected):
    injected("R4", len(SILENT))
    site, made = published
    before = {one.number for one in site.attempts()}
    ended = site.batch()
    assert ended.code == 1, ended.said
    assert {one.page: one.state for one in site.attempts() if one.number not in before} == dict.fromkeys(
        SILENT, "failed")
    assert site.stands(made) == made
    assert all(one.error and "Traceback" not in one.error for one in site.attempts() if one.number not in before)
    assert {page["page"]: page["state"] for page in json.loads(
        (site.outputs / "summary.json").read_text("utf-8"))["groups"][0]["pages"]} == dict.fromkeys(SILENT, "failed")
    assert site.batch().code == 1  # and none is taken as unchanged
    assert len(site.attempts()) == len(before) + 2 * len(SILENT)


def test_pages_that_were_never_good_leave_nothing(site, injected):
    cells = {"01_code_ends": [PARAMETERS, OPEN], "02_only_parameters": [PARAMETERS],
             "03_saved_and_lost": [PARAMETERS, OPEN, GOOD]}
    injected("R4", len(cells))
    for name, codes in cells.items():
        site.page(name)
        path = site.folder / "notebooks" / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [nbformat.v4.new_code_cell(code) for code in codes]
        notebook.cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(notebook, path)
    site.run_file(pages=list(cells))
    assert site.batch().code == 1
    assert {one.state for one in site.attempts() if one.group == "PS1"} == {"failed"}
    assert site.made().keys() == {BOOK}
    assert not list(site.outputs.glob("tables/*/*"))
    assert not list(site.outputs.glob("pages/PS1/*"))


@pytest.mark.parametrize("text", ["", "{}", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "[]",
                                  '{"cells": [{}], "nbformat": 4}', '{"nbformat": 3, "worksheets": []}', "\0"])
def test_an_empty_notebook_is_refused(text, site, injected):
    injected("R4")
    site.page("01_one").write_text(text, "utf-8")
    site.run_file()
    ended = site.batch()
    assert ended.code == 2, ended.said
    assert "notebooks/01_one.ipynb" in ended.said
    assert "Traceback" not in ended.said
    assert not site.outputs.exists()
