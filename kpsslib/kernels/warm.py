"""The client's end of a warm process: it is started once and asked for children."""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import nullcontext, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from kpsslib.kernels.requests import STALE, Request, send_request, told
from kpsslib.language import _

_READY_SECONDS = 120  # imports on a busy machine
_ATTEMPTS = 4
# A process with threads cannot be forked safely, and pages run side by side: one thread of linear algebra each.
_SINGLE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
_SINGLE |= {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # pyarrow's allocator would start a thread, too
# An ordinary kernel sets this before a page imports matplotlib; here matplotlib is imported earlier.
_INLINE = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
# Sets of texts are in the same order in every process: the same page is the same file.
_SAME_ORDER = {"PYTHONHASHSEED": "0"}


class WarmError(Exception):
    """No process could be forked; the message is a sentence for the user."""


class Child:
    """A forked process: its number, its connection and how it ends.

    The connection is readable at its end when the process has died.
    """

    def __init__(self, pid: int, connection: Connection, status: int) -> None:
        self.pid, self.connection = pid, connection
        self._status, self._code = status, None
        self._lock = threading.Lock()

    def exit_code(self) -> int | None:
        """How the process ended, negative where by a signal; None while it runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the process has ended, at most `timeout` seconds; its exit code or None."""
        with self._lock:
            if self._code is None and _readable(self._status, timeout):
                code = told(self._status)
                # Where nobody is left to say, the warm process has died and this one with it.
                self._code = -signal.SIGKILL if code is None else code
                os.close(self._status)
            return self._code

    def kill(self) -> None:
        """End the process and whatever it has started."""
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send a signal to the process and whatever it has started."""
        if self.exit_code() is None:
            with suppress(ProcessLookupError):
                try:
                    os.killpg(self.pid, number)
                except ProcessLookupError:  # it has not made its own group yet
                    os.kill(self.pid, number)


class _Serving(NamedTuple):
    process: subprocess.Popen
    link: socket.socket


class Warm:
    """One warm process and those that came before it; asked from several threads, it serves one after another."""

    def __init__(self, log: Path | None = None, prepare: str = "") -> None:
        """Nothing is started yet. What children print goes to `log`, or where this process prints.

        `prepare`, a "package.module:name", is called once after the imports, for what every child would do first.
        """
        self._log, self._prepare = log, prepare
        self._serving: _Serving | None = None
        self._retired: list[_Serving] = []
        self._lock = threading.Lock()

    @staticmethod
    def possible() -> bool:
        """Whether processes can be forked on this platform."""
        return hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "win32"

    @property
    def pid(self) -> int | None:
        """The number of the warm process; None where none runs."""
        return self._serving.process.pid if self._serving else None

    def start(self) -> None:
        """Start the imports now and do not wait for them: the first child is then there sooner."""
        with self._lock:
            self._start()

    def fork(self, function: str, argument: object, *, cwd: Path | str | None = None,
             env: dict[str, str] | None = None, memory_mb: int | None = None) -> Child:
        """Call "package.module:name"(connection, argument) in a fresh child, in `cwd` with `env` as its environment.

        Both are this process's own where they are not given. Waits until the imports are done where this is the first
        child or a module has changed since. With `memory_mb` the child may take that much memory and no more.
        Raises WarmError where no child could be had.
        """
        environment = dict(os.environ if env is None else env)
        try:
            request = Request(function, pickle.dumps(argument), str(cwd or Path.cwd()), environment, memory_mb)
            with self._lock:
                for _attempt in range(_ATTEMPTS):
                    if child := self._ask(request):
                        return child
        except OSError as error:
            raise WarmError(_("a page could not be given a process of its own: {error}", error=error)) from error
        raise WarmError(_("a page could not be given a process of its own: the warm process does not start; its "
                          "reason is in {log}", log=self._log or _("the output of this program")))

    def stop(self) -> None:
        """End the warm process and all its children."""
        with self._lock:
            for serving in [*self._retired, *([self._serving] if self._serving else [])]:
                _end(serving)
            self._serving, self._retired = None, []

    def _start(self) -> _Serving:
        if self._serving and self._serving.process.poll() is not None:
            self._drop()
        self._serving = self._serving or _serve(self._log, self._prepare)
        return self._serving

    def _drop(self) -> None:
        if self._serving:
            _end(self._serving)
        self._serving = None

    def _retire(self, serving: _Serving) -> None:
        for old in self._retired:
            if old.process.poll() is not None:
                old.link.close()
        self._retired = [old for old in self._retired if old.process.returncode is None] + [serving]
        self._serving = None

    def _ask(self, request: Request) -> Child | None:
        """A child; None where the warm process is old or dead, and the next one is to be asked."""
        serving = self._start()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                status = _sent(serving.link, request, theirs)
            pid = told(status) if _readable(status, _READY_SECONDS) else None
            if pid is not None and pid > 0:
                return Child(pid, Connection(ours.detach()), status)
        os.close(status)
        if pid == STALE:  # its children go on; it ends with the last of them
            self._retire(serving)
        elif pid is None:
            self._drop()
        else:
            raise WarmError(_("a page could not be given a process of its own: {error}", error=os.strerror(-pid)))
        return None


def _sent(link: socket.socket, request: Request, theirs: socket.socket) -> int:
    """Send a request; the pipe in which it is told what becomes of it."""
    status, writing = os.pipe()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            send_request(link, request, (theirs.fileno(), writing))
    except OSError:
        os.close(status)
        raise
    finally:
        os.close(writing)
    return status


def _serve(log: Path | None, prepare: str) -> _Serving:
    """Start a warm process; it learns by the end of its socket that this one has gone."""
    output = log.open("ab") if log else None
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-X", "frozen_modules=off", "-m", "kpsslib.kernels.serving", str(theirs.fileno()),
               str(os.getpid()), prepare]
    environment = os.environ | _SINGLE | _INLINE | _SAME_ORDER
    # The debugger that every kernel imports asks for the option. In the folder that the client happens to be in files
    # might be taken for modules.
    with output or nullcontext(), theirs:
        try:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       cwd="/", pass_fds=[theirs.fileno()], start_new_session=True)
        except OSError:
            ours.close()
            raise
    return _Serving(process, ours)


def _end(serving: _Serving) -> None:
    serving.link.close()
    try:
        serving.process.wait(5)
    except subprocess.TimeoutExpired:  # in the middle of its imports it does not listen
        serving.process.kill()
        serving.process.wait()


def _readable(file: int, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(file, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))
