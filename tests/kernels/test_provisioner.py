"""The kernel kpss as Jupyter's programs start it, and papermill's engine of the same name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import nbformat
import papermill
import pytest
from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_client.kernelspec import find_kernel_specs
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from kpsslib.kernels import Warm, managing
from kpsslib.kernels.shared import shared
from kpsslib.language import speak
from tests.kernels.awkward import CELLS
from tests.kernels.conftest import SECONDS, by_kernel, gone, notebook, plain, text_of

pytestmark = pytest.mark.filterwarnings("default")  # jupyter_client's own loops warn when they end


@pytest.fixture(scope="module", autouse=True)
def _installed():
    if "kpss" not in find_kernel_specs():
        pytest.skip("the kernel kpss is installed together with the package: pip install -e .")
    shared().start()
    yield
    shared().stop()


@pytest.fixture
def kernel():
    manager = KernelManager(kernel_name="kpss")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def value(client, expression: str) -> str:
    reply = client.execute("", user_expressions={"x": expression}, reply=True, timeout=SECONDS)
    return reply["content"]["user_expressions"]["x"]["data"]["text/plain"]


def forked(manager: KernelManager) -> bool:
    return type(manager.provisioner.process).__module__ == "kpsslib.kernels.provisioner"


def test_a_warm_kernel_gives_what_an_ordinary_one_gives(tmp_path):
    names = ["result", "history", "print", "low", "program", "frame", "figure", "error", "input", "await", "widget",
             "output widget", "interact", "kinds of display", "display id", "later update", "capture", "captured"]
    setup = "import os, sys, pandas as pd"
    cells = [setup, *(CELLS[name] for name in names)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    ordinary, warm = (plain(by_kernel(notebook(*cells, tags=("raises-exception",)), tmp_path, kernel, env=environment))
                      for kernel in ("python3", "kpss"))
    for of_warm, of_ordinary in zip(warm, ordinary, strict=True):
        assert of_warm == of_ordinary


def test_a_warm_kernel_is_interrupted_restarted_and_shut_down(kernel):
    manager, client = kernel
    assert forked(manager)
    assert manager.is_alive()
    first = value(client, "__import__('os').getpid()")
    asked = client.execute("import time\nkept = 1\ntime.sleep(60)")
    time.sleep(0.5)
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=SECONDS)
    assert (reply["parent_header"]["msg_id"], reply["content"]["ename"]) == (asked, "KeyboardInterrupt")
    assert value(client, "kept") == "1"
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=SECONDS)
    second = value(client, "__import__('os').getpid()")
    assert gone(int(first))
    assert value(client, "'kept' in globals()") == "False"
    manager.shutdown_kernel()
    assert not manager.is_alive()
    assert gone(int(second))


def test_a_killed_warm_kernel_is_seen_to_be_dead(kernel):
    manager, client = kernel
    os.kill(int(value(client, "__import__('os').getpid()")), signal.SIGKILL)
    until = time.monotonic() + 5
    while manager.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert not manager.is_alive()


def test_the_event_loop_goes_on_while_a_kernel_starts():
    async def start() -> int:
        manager, beats = AsyncKernelManager(kernel_name="kpss"), 0
        starting = asyncio.ensure_future(manager.start_kernel())
        while not starting.done():
            await asyncio.sleep(0.01)
            beats += 1
        await starting
        await manager.shutdown_kernel(now=True)
        return beats

    shared().stop()  # the next kernel waits for the imports
    assert asyncio.run(start()) > 20


def test_where_nothing_can_be_forked_an_ordinary_kernel_serves_and_says_so(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Warm, "possible", staticmethod(lambda: False))
    speak("cs")
    with caplog.at_level("WARNING"):
        page = by_kernel(notebook("print(1)"), tmp_path, "kpss")
    assert text_of(page) == "1\n"
    assert "Spouští se obyčejný kernel, což trvá déle: tento systém neumí rozvětvit proces" in caplog.text


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(*cells, **options):
        page = notebook(*cells)
        nbformat.write(page, tmp_path / "in.ipynb")
        return papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", engine_name="kpss",
                                          progress_bar=False, cwd=tmp_path, **options)
    return run


def states(folder) -> list[str]:
    page = nbformat.read(folder / "out.ipynb", as_version=4)
    of_cells = [cell.metadata.papermill.status for cell in page.cells if "papermill" in cell.metadata]
    return [page.metadata.papermill.exception, *of_cells]


def test_the_engine_runs_a_page_with_parameters(run, tmp_path):
    page = run("import os\nprint(n, os.getcwd())", "n * 2", parameters={"n": 4})
    assert text_of(page, 1) == f"4 {tmp_path}\n"
    assert page.cells[2].outputs[0].data["text/plain"] == "8"
    assert states(tmp_path) == [None, "completed", "completed", "completed"]
    assert all(cell.metadata.papermill.duration is not None for cell in page.cells if cell.cell_type == "code")


def test_the_engine_says_completed_only_of_cells_that_ran(run, tmp_path):
    with pytest.raises(papermill.exceptions.PapermillExecutionError, match="division"):
        run("1", "1 / 0", "3")
    assert states(tmp_path)[-3:] == ["completed", "failed", "pending"]


@pytest.mark.parametrize("end", ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "import os; os._exit(0)"])
def test_the_engine_raises_where_the_page_dies(run, tmp_path, end):
    with pytest.raises(DeadKernelError):
        run("1", end, "3")
    assert states(tmp_path) == [True, "completed", "failed", "pending"]


def test_the_engine_raises_where_the_page_asks_its_kernel_to_end(run, tmp_path):
    with pytest.raises(DeadKernelError):
        run("1", "exit()", "3")
    assert states(tmp_path) == [True, "completed", "failed", "pending"]


def test_the_engine_raises_where_a_cell_is_over_its_time(run, tmp_path):
    with pytest.raises(CellTimeoutError):
        run("1", "import time; time.sleep(60)", "3", execution_timeout=1)
    assert states(tmp_path) == [True, "completed", "failed", "pending"]


def test_the_engine_stops_a_cell_that_no_signal_stops_whatever_the_limit_is_called(run, monkeypatch):
    monkeypatch.setattr(managing, "GRACE", 1)
    held = "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\ntime.sleep(60)"
    for name in ("execution_timeout", "timeout"):
        with pytest.raises(CellTimeoutError):
            run(held, **{name: 1})


def test_the_engine_leaves_nothing_open(run):
    run("1")
    before = os.listdir("/proc/self/fd")  # noqa: PTH208
    run("2")
    with pytest.raises(DeadKernelError):
        run("import os; os._exit(0)")
    assert len(os.listdir("/proc/self/fd")) == len(before)  # noqa: PTH208


def test_the_engine_uses_an_ordinary_kernel_where_nothing_can_be_forked(run, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Warm, "possible", staticmethod(lambda: False))
    with caplog.at_level("WARNING"):
        assert text_of(run("print(1)")) == "1\n"
    assert "tento systém neumí rozvětvit proces" in caplog.text


def test_the_engine_is_there_on_the_command_line(tmp_path):
    nbformat.write(notebook("n = 1\nprint('said', n)"), tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "--engine", "kpss", "--no-progress-bar", "--log-output",
               "in.ipynb", "out.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "said 1" in done.stderr
    assert states(tmp_path) == [None, "completed"]
