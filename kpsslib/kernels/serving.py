"""The warm process itself: `python -m kpsslib.kernels.serving N CLIENT MODULE:NAME`, N the number of its socket.

It imports what pages need, has no threads, and forks a child for each request. It ends when its client has gone, and
its children end with it.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
from contextlib import suppress

from kpsslib.kernels.fresh import become
from kpsslib.kernels.preload import preload
from kpsslib.kernels.requests import STALE, Request, module_files, receive_request, tell

_LOOK_SECONDS = 2.0  # how often it looks whether its client still lives, beside the socket's end


class _Server:
    def __init__(self, link: socket.socket, imported: dict[str, tuple[int, int]], added: dict[str, str],
                 client: int) -> None:
        self._link, self._imported, self._added = link, imported, added
        self._client = client
        self._children: dict[int, int] = {}
        self._stale = False
        self._bell, ring = socket.socketpair()
        self._bell.setblocking(False)
        ring.setblocking(False)
        self._ring = ring  # a child's end wakes the loop
        signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def serve(self) -> None:
        """Fork and reap until the client has gone, or until an old one's last child has ended."""
        while os.getppid() == self._client and not (self._stale and not self._children):
            ready, _, _ = select.select([self._link, self._bell], [], [], _LOOK_SECONDS)
            if self._bell in ready:
                self._bell.recv(4096)
            self._reap()
            if self._link in ready:
                received = receive_request(self._link)
                if received is None:
                    break
                self._answer(*received)
        for pid in self._children:
            _kill_group(pid)

    def _answer(self, request: Request, files: list[int]) -> None:
        connection, status = files
        self._stale = self._stale or module_files() != self._imported
        pid = STALE if self._stale else self._fork(request, connection)
        os.close(connection)
        with suppress(BrokenPipeError):
            tell(status, pid)
        if pid > 0:
            self._children[pid] = status
        else:
            os.close(status)

    def _fork(self, request: Request, connection: int) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            return -(error.errno or 1)
        if pid == 0:
            become(request._replace(environment=self._added | request.environment), connection, parent)
        return pid

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, state = os.waitpid(pid, os.WNOHANG)
            if ended:
                _kill_group(pid)  # what a page has started does not outlive it
                with suppress(BrokenPipeError):
                    tell(self._children[pid], os.waitstatus_to_exitcode(state))
                os.close(self._children.pop(pid))


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Import, then serve."""
    client, (module, _colon, name) = int(sys.argv[2]), sys.argv[3].partition(":")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]  # a kernel has its own folder elsewhere in the path
    link = socket.socket(fileno=int(sys.argv[1]))
    link.set_inheritable(False)
    imported = module_files()
    gc.disable()  # nothing of the imports is garbage
    before = dict(os.environ)
    preload(lambda: None if os.getppid() == client else os._exit(0))
    if module:
        getattr(importlib.import_module(module), name)()
    added = {name: value for name, value in os.environ.items() if name not in before}  # a page's imports would add it
    gc.collect()
    gc.freeze()  # a collection in a child must not touch, and thereby copy, what it shares with the others
    _Server(link, imported, added, client).serve()


if __name__ == "__main__":
    main()
