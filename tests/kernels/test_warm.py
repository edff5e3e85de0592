"""The warm process: what its children get, what they cannot leave behind, and how all of them end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kpsslib.kernels import Warm, WarmError
from kpsslib.language import speak
from tests.kernels.conftest import ROOT, SECONDS, gone, in_fork, notebook, text_of

# A client that is a process of its own: it runs what it is given with `run(cell)`, which gives what the cell printed.
CLIENT = """
import sys
from pathlib import Path
from nbformat.v4 import new_code_cell, new_notebook
from kpsslib.kernels import Warm
warm = Warm(Path(sys.argv[1]))
def start(cell):
    return warm.fork("kpsslib.kernels.cells:send_cells", (new_notebook(cells=[new_code_cell(cell)]), None))
def run(cell):
    child = start(cell)
    while not hasattr(message := child.connection.recv(), "notebook"):
        pass
    return "".join(output.text for output in message.notebook.cells[0].outputs).strip()
"""


def client(code: str, folder: Path, **options) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", CLIENT + code, str(folder / "log")], stdout=subprocess.PIPE,
                            text=True, **options)


LEAVES = """
import os, random, signal, sys, threading, time, warnings
import matplotlib, numpy as np, pandas as pd
os.chdir("/")
os.environ["LEFT"] = "1"
os.umask(0o77)
sys.path.insert(0, "/left")
sys.modules["left"] = os
matplotlib.rcParams["font.size"] = 99
pd.options.display.max_rows = 7
pd.DataFrame.mean = lambda self: "patched"
np.random.seed(1), np.set_printoptions(precision=1), np.seterr(all="raise")
random.seed(1)
warnings.simplefilter("error")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=time.sleep, args=(60,)).start()
import __main__; __main__.left = 1
left = open(os.devnull)
"""
FINDS = """
import os, random, signal, sys, threading
import matplotlib, numpy as np, pandas as pd
print(os.getcwd(), "LEFT" in os.environ, oct(os.umask(0o22)), "/left" in sys.path, "left" in sys.modules,
      matplotlib.rcParams["font.size"], pd.options.display.max_rows, pd.DataFrame({"a": [1]}).mean().a,
      np.array([1 / 3]), np.geterr()["divide"], signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
      threading.active_count(), "left" in dir())
"""


def test_a_page_leaves_nothing_to_the_next(warm, tmp_path):
    before = text_of(in_fork(warm, notebook(FINDS), cwd=tmp_path).notebook)
    assert in_fork(warm, notebook(LEAVES), cwd=tmp_path).whole
    assert text_of(in_fork(warm, notebook(FINDS), cwd=tmp_path).notebook) == before
    assert before.split()[:2] == [str(tmp_path), "False"]


DRAWS = "import random, numpy as np\nprint(random.random(), np.random.rand(), np.random.default_rng().random())"


def test_pages_draw_other_numbers_unless_they_share_a_seed(warm):
    drawn = [text_of(in_fork(warm, notebook(DRAWS)).notebook).split() for _n in range(2)]
    assert not set(drawn[0]) & set(drawn[1])
    seeded = [text_of(in_fork(warm, notebook(DRAWS), env=os.environ | {"KPSS_SEED": "7"}).notebook).split()
              for _n in range(2)]
    assert seeded[0][:2] == seeded[1][:2]


def test_a_page_gets_the_folder_the_environment_and_no_open_file_of_others(warm, tmp_path):
    page = notebook("import os\nprint(os.getcwd(), sorted(os.environ))",
                    "here = '/proc/self/fd/'\nfor name in os.listdir(here):\n"
                    "    print(os.readlink(here + name) if os.path.lexists(here + name) else '')")
    child = warm.fork("kpsslib.kernels.cells:send_cells", (notebook("import time; time.sleep(60)"), None))
    ran = in_fork(warm, page, cwd=tmp_path, env={"PATH": "/bin", "MINE": "1"}).notebook
    child.signal(signal.SIGKILL)
    assert text_of(ran, 0).startswith(str(tmp_path))
    assert "'MINE'" in text_of(ran, 0)
    assert "HOME" not in text_of(ran, 0)
    assert text_of(ran).count("socket:") == 3  # the connection to its client and the loop's own pair
    assert text_of(ran).count("pipe:") == 0


def test_the_process_that_forks_has_one_thread(warm):
    in_fork(warm, notebook("1"))
    assert len(list(Path(f"/proc/{warm.pid}/task").iterdir())) == 1


def test_a_killed_page_is_told_and_takes_what_it_started_with_it(warm, log):
    page = notebook("import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid)", "import time; time.sleep(60)")
    child = warm.fork("kpsslib.kernels.cells:send_cells", (page, None))
    started, ended = child.connection.recv(), child.connection.recv()
    assert (started.n, started.of) == (1, 2)
    program = int(ended.cell.outputs[0].text)
    child.connection.recv()
    assert child.exit_code() is None
    os.kill(child.pid, signal.SIGKILL)
    assert child.connection.poll(SECONDS)
    with pytest.raises(EOFError):
        child.connection.recv()
    assert child.wait(SECONDS) == -signal.SIGKILL
    assert gone(child.pid, program)
    child.signal(signal.SIGTERM)  # of a process that has ended: nothing happens
    assert in_fork(warm, notebook("1")).whole


def test_the_next_page_runs_when_the_warm_process_was_killed(log):
    one = Warm(log)
    child = one.fork("kpsslib.kernels.cells:send_cells", (notebook("import time; time.sleep(60)"), None))
    first = one.pid
    os.kill(first, signal.SIGKILL)
    assert child.wait(5) == -signal.SIGKILL
    assert gone(child.pid)
    assert in_fork(one, notebook("1")).whole
    assert one.pid != first
    last = one.fork("kpsslib.kernels.cells:send_cells", (notebook("import time; time.sleep(60)"), None))
    pid = one.pid
    one.stop()
    assert gone(pid, last.pid)


def test_all_processes_end_with_a_killed_client(tmp_path):
    one = client("child = start('import time; time.sleep(60)')\nprint(warm.pid, child.pid, flush=True)\n"
                 "child.connection.recv()\nimport time; time.sleep(60)", tmp_path)
    with one:
        pids = [int(pid) for pid in one.stdout.readline().split()]
        one.kill()
    assert gone(*pids)


def test_an_edited_module_is_not_run_stale_and_pages_that_run_go_on(tmp_path):
    package = tmp_path / "kpsslib"
    shutil.copytree(ROOT / "kpsslib" / "kernels", package / "kernels")
    for name in ("__init__.py", "language.py"):
        shutil.copy(ROOT / "kpsslib" / name, package)
    (package / "edited.py").write_text("VALUE = 1\n")
    code = f"""
show = "import kpsslib.edited; print(kpsslib.edited.VALUE)"
first = run(show)
long = start("import time; time.sleep(60)")
before = warm.pid
assert run(show) == first and warm.pid == before
Path({str(package / "edited.py")!r}).write_text("VALUE = 22\\n")
second = run(show)
print(first, second, warm.pid != before, long.exit_code(), flush=True)
warm.stop()
"""
    with client(code, tmp_path, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}) as one:
        assert one.stdout.read().split() == ["1", "22", "True", "None"]


def test_a_page_over_its_memory_fails_alone(warm):
    page = lambda: notebook("import numpy as np\nheld = np.ones(150 * 2**17)\nprint('held')")  # noqa: E731
    ran = in_fork(warm, page(), memory_mb=100)
    assert not ran.whole
    assert ran.notebook.cells[0].outputs[0].ename in ("MemoryError", "_ArrayMemoryError")
    assert in_fork(warm, page(), memory_mb=400).whole


def test_where_no_process_can_be_had_it_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    speak("en")
    with pytest.raises(WarmError, match="does not start; its reason is in"):
        Warm(tmp_path / "log").fork("kpsslib.kernels.cells:send_cells", None)
    speak("cs")


def test_what_is_made_ready_once_is_there_in_every_child(log):
    one = Warm(log, prepare="tracemalloc:start")
    try:
        for _n in range(2):
            page = in_fork(one, notebook("import tracemalloc; print(tracemalloc.is_tracing())"))
            assert text_of(page.notebook) == "True\n"
    finally:
        one.stop()


def test_a_client_that_is_killed_during_the_imports_leaves_nothing(tmp_path):
    one = client("warm.start()\nprint(warm.pid, flush=True)\nimport time; time.sleep(60)", tmp_path)
    pid = int(one.stdout.readline())
    one.kill()
    one.communicate()
    assert gone(pid)
