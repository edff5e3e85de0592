"""An ordinary kernel without its wires: ipykernel's application, kernel and shell, and nbclient at the other end."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.client import timestamp
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from tornado.ioloop import IOLoop
from traitlets import Any

from kpsslib.kernels.kernel import adopt_widgets
from kpsslib.kernels.streams import Printed


class DirectSession(Session):
    """A session whose messages are handed over in place of being sent."""

    receive = Any()

    def send(self, stream, msg_or_type, content=None, parent=None, ident=None, buffers=None, *args, **kwargs):  # noqa: ARG002
        """Hand a message to `receive`, its content as it would be after its way over a wire."""
        if isinstance(msg_or_type, dict):
            message = msg_or_type
        else:
            message = self.msg(msg_or_type, content=content, parent=parent, metadata=kwargs.get("metadata"))
        content = self.unpack(self.pack(message["content"]))
        self.receive(message | {"content": content, "buffers": list(buffers or ())})
        return message


class DirectKernel(IPythonKernel):
    """A kernel without channels; its one thread is the main one."""

    _execute_sleep = 0


class DirectApp(IPKernelApp):
    """The application of an ordinary kernel without sockets, their threads and their files."""

    printed = Any()

    def init_connection_file(self) -> None:
        """There is nothing to connect to."""

    write_connection_file = log_connection_info = init_poller = init_heartbeat = init_signal = init_connection_file

    def init_sockets(self) -> None:
        """Of the sockets' work only the logger stays."""
        self.configure_tornado_logger()

    def init_io(self) -> None:
        """Streams and display hook of the page."""
        sys.stdout, sys.stderr = self.printed.out, self.printed.err
        sys.displayhook = self.displayhook = ZMQDisplayHook(self.session, None)
        self.patch_io()

    def init_kernel(self) -> None:
        """The kernel and its shell."""
        main = SimpleNamespace(parent_thread=threading.main_thread())
        self.kernel = DirectKernel.instance(parent=self, session=self.session, log=self.log, user_ns=self.user_ns,
                                            profile_dir=self.profile_dir, shell_channel_thread=main)
        self.kernel.io_loop = IOLoop.current()
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


class _Client(NotebookClient):
    """Nbclient's way of making outputs of messages; text of one stream that comes in pieces is one output."""

    def output(self, outs, msg, display_id, cell_index):
        out = super().output(outs, msg, display_id, cell_index)
        if len(outs) > 1 and all(o["output_type"] == "stream" for o in outs[-2:]) and outs[-1].name == outs[-2].name:
            outs[-2]["text"] += outs.pop()["text"]
            return outs[-1]
        return out


class Page:
    """One notebook in this process. There can be only one: IPython's shell and kernel are single in a process."""

    def __init__(self, notebook: NotebookNode, log: Path | None) -> None:
        self._client = _Client(notebook)
        self._session = DirectSession(receive=self._receive)
        self._client.kc = SimpleNamespace(session=self._session, shell_channel=SimpleNamespace(send=self._answer))
        self._answers: list[dict] = []
        self._request, self._reply, self._cell = {"header": {}}, None, None
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._printed = Printed(self._send_text, log)
        self._app = DirectApp.instance(session=self._session, printed=self._printed)
        self._app.initialize(["--HistoryManager.enabled=False"])
        self._kernel = self._app.kernel
        adopt_widgets()
        # What a cell sets in its context, as decimal and numpy do, the next cells find.
        self._context = contextvars.copy_context()
        notebook.metadata["language_info"] = self._kernel.language_info

    def run(self, index: int, cell: NotebookNode) -> bool:
        """Run a cell and fill its outputs; whether the next one may run."""
        cell.metadata["execution"] = {}
        self._cell, self._index, self._reply = cell, index, {}
        self._request = self._session.msg("execute_request", dict(
            code=cell.source, silent=False, store_history=True, user_expressions={}, allow_stdin=False,
            stop_on_error=False))
        self._client.clear_before_next_output = False
        self._printed.begin()
        try:
            self._loop.run_until_complete(self._loop.create_task(self._execute(), context=self._context))
        finally:
            self._printed.end()
            self._kernel._publish_status("idle", "shell", self._request)
        self._loop.run_until_complete(self._loop.create_task(self._give_answers(), context=self._context))
        allowed = "raises-exception" in cell.metadata.get("tags", [])
        return (allowed or self._reply.get("status") == "ok") and not self._kernel.shell.exit_now

    def end(self) -> None:
        """Put the state of the widgets into the notebook and give this process its streams back."""
        self._client.set_widgets_metadata()
        self._printed.give_back()

    async def _execute(self) -> None:
        self._kernel.set_parent([], self._request)
        self._kernel._publish_status("busy", "shell", self._request)
        await self._kernel.execute_request(None, [], self._request)

    async def _give_answers(self) -> None:
        """What widgets got from the other end while the cell ran; a kernel reads it when the cell has ended."""
        while self._answers:
            message = self._answers.pop(0)
            self._kernel.set_parent([], message)
            self._kernel.comm_manager.comm_msg(None, [], message)

    def _answer(self, message: dict) -> None:
        self._answers.append(message)

    def _send_text(self, name: str, text: str) -> None:
        self._session.send(None, "stream", {"name": name, "text": text}, parent=self._request)

    def _receive(self, message: dict) -> None:
        """What the kernel says goes into the cell that it is about; what comes too late goes nowhere."""
        if message["parent_header"].get("msg_id") != self._request["header"].get("msg_id"):
            return
        if message["msg_type"] == "execute_reply":
            self._reply = message["content"]
            self._cell.metadata["execution"]["shell.execute_reply"] = timestamp(message)
            return
        with suppress(CellExecutionComplete):
            self._client.process_message(message, self._cell, self._index)
