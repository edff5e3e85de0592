"""Cells that do not end well, and cells that print too much."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_markdown_cell, new_output

from kpsslib.kernels.streams import MOST
from kpsslib.language import number
from tests.kernels.conftest import by_kernel, in_fork, notebook, plain, text_of


@pytest.mark.filterwarnings("default")  # jupyter_client's own loops warn when they end
def test_nothing_runs_after_an_error_and_old_outputs_do_not_stay(warm, tmp_path):
    page = notebook("print('ran')", "1 / 0", "print('never')")
    page.cells[2].outputs, page.cells[2].execution_count = [new_output("stream", text="old")], 9
    ordinary = by_kernel(notebook("print('ran')", "1 / 0", "print('never')"), tmp_path)
    ran = in_fork(warm, page)
    assert not ran.whole
    assert ran.notebook.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert (ran.notebook.cells[2].outputs, ran.notebook.cells[2].execution_count) == ([], None)
    assert plain(ran.notebook) == plain(ordinary)


def test_empty_cells_text_and_cells_tagged_so_are_not_run(warm):
    page = notebook("", "print('one')")
    page.cells.insert(0, new_markdown_cell("# Text"))
    page.cells.append(notebook("1 / 0", tags=("skip-execution",)).cells[0])
    ran = in_fork(warm, page)
    assert ran.whole
    assert [cell.get("execution_count") for cell in ran.notebook.cells] == [None, None, 1, None]


@pytest.mark.parametrize("cell", [
    "import time\nprint('before')\ntime.sleep(60)",
    "import time\nprint('before')\nwhile True:\n    try:\n        time.sleep(60)\n    except Exception:\n        pass",
    "import time\nprint('before')\ntry:\n    time.sleep(60)\nexcept BaseException:\n    time.sleep(60)",
    "import asyncio\nprint('before')\nawait asyncio.sleep(60)",
    "print('before')\nwhile True:\n    pass",
])
def test_a_cell_over_its_time_is_stopped(warm, cell):
    ran = in_fork(warm, notebook(cell, "print('never')"), cell_seconds=1)
    assert (ran.whole, ran.too_long) == (False, 1)
    assert text_of(ran.notebook, 0) == "before\n"
    assert ran.notebook.cells[1].outputs == []


def test_a_cell_that_asks_the_kernel_to_end_is_the_last(warm):
    ran = in_fork(warm, notebook("print('ran')", "exit()", "print('never')"))
    assert not ran.whole
    assert ran.notebook.cells[2].outputs == []


def test_of_a_flood_the_notebook_keeps_the_beginning_and_the_log_all(warm, tmp_path):
    log = tmp_path / "page.log"
    cells = ["print('small')", "for n in range(400_000):\n    print(f'line {n}')",
             "import os, sys\nos.write(2, b'x' * 1_500_000) and None"]
    child = warm.fork("tests.kernels.children:run_logged", (notebook(*cells), log))
    page = child.connection.recv()
    assert text_of(page, 0) == "small\n"
    printed, said = [output.text for output in page.cells[1].outputs]
    assert printed == "".join(f"line {n}\n" for n in range(400_000))[:MOST]
    assert "page.log" in said
    assert number(MOST) in said
    assert len(text_of(page, 2)) - MOST == pytest.approx(100, abs=50)
    assert log.read_text() == "".join(f"line {n}\n" for n in range(400_000)) + "x" * 1_500_000


def test_programs_below_python_are_heard_after_the_cells_have_ended(warm, log):
    """The process has its own streams back: what it says next is in its log."""
    child = warm.fork("tests.kernels.children:run_and_print", notebook("print('in the page')"))
    child.wait(60)
    assert "after the page" in log.read_text("utf-8")
    assert "in the page" not in log.read_text("utf-8")
