"""Notebooks run both ways: in a forked process, and by an ordinary kernel as nbclient runs it."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from kpsslib.kernels import Warm
from kpsslib.kernels.cells import Ended, Finished

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels") / "warm.log"


@pytest.fixture(scope="session")
def warm(log):
    """A warm process whose children find the tests' own functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        one = Warm(log)
        one.start()
        yield one
        one.stop()


def notebook(*cells: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A notebook of code cells; with the tag raises-exception the cells after an error run, too."""
    found = new_notebook(cells=[new_code_cell(cell, metadata={"tags": list(tags)}) for cell in cells])
    found.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return found


def in_fork(warm: Warm, page: NotebookNode, cell_seconds: float | None = SECONDS, **options) -> Finished:
    """Run a page in a fork; it must not be lost on the way."""
    child = warm.fork("kpsslib.kernels.cells:send_cells", (page, cell_seconds), **options)
    try:
        while child.connection.poll(SECONDS):
            message = child.connection.recv()
            if isinstance(message, Finished):
                assert child.wait(SECONDS) == 0
                return message
            assert not isinstance(message, Ended) or message.cell.cell_type == "code"
    finally:
        child.signal(9)
    raise AssertionError("the page did not end")


def by_kernel(page: NotebookNode, folder: Path, kernel: str = "python3", **options) -> NotebookNode:
    """Run a page by a kernel, up to the first error."""
    client = NotebookClient(page, kernel_name=kernel, resources={"metadata": {"path": str(folder)}}, timeout=SECONDS)
    with suppress(CellExecutionError):
        client.execute(**options)
    return page


def gone(*pids: int, seconds: float = 5) -> bool:
    """Whether the processes have ended within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()
                   for pid in pids):
            return True
        time.sleep(0.05)
    return False


def text_of(page: NotebookNode, index: int = -1) -> str:
    """What a cell printed."""
    return "".join(output.text for output in page.cells[index].outputs if output.output_type == "stream")


def plain(page: NotebookNode) -> list[dict]:
    """Cells without what differs from one run to the next: clocks, addresses, processes, made-up names, pieces."""
    cells = [dict(count=cell.execution_count, outputs=_whole(cell.outputs))
             for cell in page.cells if cell.cell_type == "code"]
    text = json.dumps([cells, page.metadata.get("widgets", {})], ensure_ascii=False)
    names: dict[str, str] = {}
    for name in re.findall(r"\b[0-9a-f]{32}\b", text):
        text = text.replace(name, names.setdefault(name, f"name{len(names)}"))
    text = re.sub(r"[0-9a-f-]{36}_\d+_\d+|[0-9a-f]{8}-[0-9a-f]{24,}_\d+_\d+", "message", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel", text)
    cells, widgets = json.loads(text)
    return [*cells, widgets]


def _whole(outputs: list[NotebookNode]) -> list[dict]:
    """The outputs, pieces of one stream put together."""
    found: list[dict] = []
    for output in json.loads(json.dumps(outputs)):
        if found and output["output_type"] == "stream" == found[-1]["output_type"] and (
                output["name"] == found[-1]["name"]):
            found[-1]["text"] += output["text"]
        else:
            found.append(output)
    return found
