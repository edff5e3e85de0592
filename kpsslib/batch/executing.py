"""The two ways in which a page's cells are run, and whether it came to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kpsslib import watch
from kpsslib.language import _, number
from kpsslib.workspace import RunError, sentinel

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from kpsslib.batch.running import Task

OnCell = Callable[[int, int, object], None]
STARTS = 2  # a page whose process or kernel did not start is started once more
_MEMORY = ("MemoryError", "ArrowMemoryError", "_ArrayMemoryError")


def execute(task: Task, on_cell: OnCell) -> tuple[NotebookNode | None, str]:
    """Run the page with its parameters; the notebook as far as it came, and why it did not come further or nothing."""
    return _in_this_process(task, on_cell) if task.warm else _by_papermill(task, on_cell)


def _in_this_process(task: Task, on_cell: OnCell) -> tuple[NotebookNode, str]:
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from kpsslib.kernels.cells import CellTimeout, run_cells

    notebook = parameterize_notebook(load_notebook_node(str(task.path)), task.parameters)
    try:
        run_cells(notebook, cell_seconds=task.cell_seconds, on_cell=on_cell, log=task.log)
    except CellTimeout as error:
        return _plain(notebook), too_long(error.n, task)
    return _plain(notebook), ""


def _by_papermill(task: Task, on_cell: OnCell) -> tuple[NotebookNode | None, str]:
    """An ordinary kernel, where no process can be forked. Papermill's file is never asked how the page ended."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    place = task.aside / "papermill.ipynb"
    on_cell(0, 0, None)
    for _attempt in range(STARTS):
        place.unlink(missing_ok=True)
        try:
            papermill.execute_notebook(task.path, place, parameters=task.parameters, cwd=task.root, language="python",
                                       execution_timeout=task.cell_seconds, kernel_name="python3", progress_bar=False)
            return _written(place), ""
        except papermill.exceptions.PapermillExecutionError:
            return _written(place), ""
        except CellTimeoutError:
            return _written(place), too_long(_last_started(task), task)
        except (DeadKernelError, RuntimeError) as error:
            # Two kernels that start at once may be given one port (papermill #511): only the start is tried again.
            if _last_started(task):
                return _written(place), died(_last_started(task))
            reason = _("the kernel did not start: {error}", error=first_line(error))
            time.sleep(0.5)
    return None, reason


def _written(place: Path) -> NotebookNode:
    """What papermill wrote."""
    import nbformat

    return _plain(nbformat.read(place, as_version=4))


def _plain(notebook: NotebookNode) -> NotebookNode:
    """An executed page without the clock: the same page is the same file."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # and not a new one each time
    return notebook


def _last_started(task: Task) -> int:
    """The number of the code cell that papermill started last; 0 where none was."""
    import nbformat

    place = task.aside / "papermill.ipynb"
    if not place.exists():
        return 0
    code = [cell for cell in nbformat.read(place, as_version=4).cells if cell.cell_type == "code"]
    return max((n for n, cell in enumerate(code, start=1) if cell.metadata.get("papermill", {}).get("start_time")),
               default=0)


def unfinished(notebook: NotebookNode, task: Task) -> str:
    """Why an executed page did not come to its end, or nothing: a cell's error, or no sentinel from its last cell."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for n, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return _error(n, output, task)
    printed = "".join(o.text for o in code[-1].outputs if o.output_type == "stream" and o.name == "stdout") \
        if code else ""
    if sentinel(task.page, task.group) in printed.splitlines() and (task.aside / watch.NOTES).exists():
        return ""
    return _('the page did not come to its end: its last cell did not print "{sentinel}"',
             sentinel=sentinel(task.page, task.group))


def _error(n: int, output: NotebookNode, task: Task) -> str:
    if output.ename == "SystemExit":
        return _("the page stopped itself in cell {n}, before its end", n=n)
    if output.ename in _MEMORY and task.memory_mb:
        return _("cell {n} needed more memory than the {mb} MB that a page may take", n=n, mb=number(task.memory_mb))
    if output.ename in _MEMORY:
        return _("cell {n} ran out of memory", n=n)
    told = "" if output.ename == RunError.__name__ else f"{output.ename}: "
    return _("cell {n}: {error}", n=n, error=told + first_line(output.evalue))


def too_long(n: int, task: Task) -> str:
    """The sentence for a cell over its limit."""
    return _("cell {n} took longer than {seconds} s", n=n, seconds=number(task.cell_seconds))


def died(n: int) -> str:
    """The sentence for a page whose process ended in a cell without a word."""
    if not n:
        return _("the page's process ended suddenly before its first cell; perhaps the memory ran out")
    return _("the page's process ended suddenly in cell {n}; perhaps the memory ran out", n=n)


def first_line(error: object) -> str:
    """The first line of an error's words, of a length that one can read."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
