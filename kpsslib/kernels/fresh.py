"""What makes a forked process a fresh one: nothing of its parent is left but the imported modules."""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import os
import pickle
import random
import signal
import sys
import threading
import time
import traceback
import types
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from kpsslib.kernels.requests import Request

_PR_SET_PDEATHSIG = 1
_LAUNCHER = "ipykernel_launcher"
c_library = ctypes.CDLL(None, use_errno=True)


def become(request: Request, connection: int, parent: int) -> NoReturn:
    """Turn this just forked process into what was asked for, call its function and end."""
    code = 1
    try:
        _own_session(parent)
        _own_files(connection)
        _own_state(request)
        module, name = request.function.split(":")
        function = getattr(importlib.import_module(module), name)
        function(Connection(connection), pickle.loads(request.argument))
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _own_session(parent: int) -> None:
    """A session and a process group of its own, ordinary signals, and an end when the parent ends."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    if sys.platform == "linux":
        c_library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    else:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _own_files(connection: int) -> None:
    """Close what the parent had open, but for the standard streams and the connection."""
    for file in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        if file > 2 and file != connection:
            with suppress(OSError):  # the listing itself was one of them
                os.close(file)


def _own_state(request: Request) -> None:
    atexit._clear()  # what the parent does at its end is not the child's to do
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.chdir(request.folder)
    sys.argv = [getattr(sys.modules.get(_LAUNCHER), "__file__", None) or _LAUNCHER]
    sys.modules["__main__"] = types.ModuleType("__main__")
    _seed(request.environment.get("KPSS_SEED"))
    _set_backend(request.environment.get("MPLBACKEND"))
    if request.memory_mb:
        _limit(request.memory_mb)
    gc.enable()


def _seed(asked: str | None) -> None:
    """Random numbers of its own: children of one parent would otherwise draw the same."""
    seed = int(asked) if asked else int.from_bytes(os.urandom(4), "big")
    random.seed(seed)
    sys.modules["numpy.random"].seed(seed % 2**32)


def _set_backend(asked: str | None) -> None:
    """The figures' backend that the environment asks for, where it is another than a kernel's own."""
    if asked and asked != sys.modules["matplotlib"].rcParams._get("backend"):
        sys.modules["matplotlib"].rcParams["backend"] = asked


def _limit(memory_mb: int) -> None:
    """Let the process take so much memory beside what it shares with its parent, where the system can say how much."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        data_kb = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmData"))
        limit = data_kb * 1024 + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
