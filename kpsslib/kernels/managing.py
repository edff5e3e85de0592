"""Papermill's record of a notebook that runs in a forked process; it says "completed" only of cells that ran."""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.log import logger

from kpsslib.kernels.cells import Ended, Finished, Started
from kpsslib.kernels.warm import Child

GRACE = 10  # seconds that a cell over its limit has to be stopped by itself


class HonestManager(NotebookExecutionManager):
    """Papermill's manager, but what is pending at the end stays pending."""

    def notebook_complete(self, **_options: object) -> None:
        """Note the end of the notebook and save it."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.nb.metadata.papermill["duration"] = (self.end_time - self.start_time).total_seconds()
        self.cleanup_pbar()
        self.save()


def follow(child: Child, notebook: NotebookNode, output_path: str | None, options: dict[str, Any]) -> NotebookNode:
    """Record what the child tells until it has finished; for errors see PageEngine.execute_notebook."""
    known = ("progress_bar", "log_output", "autosave_cell_every")
    manager = HonestManager(notebook, output_path, **{name: options[name] for name in known if name in options})
    printing = {name: options.get(name) for name in ("log_output", "stdout_file", "stderr_file")}
    client = PapermillNotebookClient(manager, log=logger, **printing)
    manager.notebook_start()
    try:
        _Following(child, manager, client, options.get("execution_timeout") or options.get("timeout")).follow()
    finally:
        child.kill()  # it is through, or this program was interrupted
        child.wait(5)
        child.connection.close()
        manager.notebook_complete()
    return manager.nb


class _Following:
    def __init__(self, child: Child, manager: HonestManager, client: PapermillNotebookClient,
                 limit: float | None) -> None:
        self._child, self._manager, self._client, self._limit = child, manager, client, limit
        self._running: int | None = None
        self._reached = 0

    def follow(self) -> None:
        """Take the child's messages until its last; for errors see PageEngine.execute_notebook."""
        try:
            while not isinstance(message := self._received(), Finished):
                self._take(message)
        except CellTimeoutError:  # an OSError, too
            raise
        except (EOFError, OSError):
            self._fail()
            raise DeadKernelError("Kernel died") from None
        self._finish(message)

    def _received(self) -> Started | Ended | Finished:
        """The next message; a cell in native code, which no signal stops in time, is not waited for without end."""
        if self._limit and not self._child.connection.poll(self._limit + GRACE) and self._running is not None:
            cell = self._cells[self._running]
            self._fail()
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", self._limit, cell)
        return self._child.connection.recv()

    def _take(self, message: Started | Ended) -> None:
        if isinstance(message, Started):
            self._pass(message.index)
            self._running = message.index
            self._manager.cell_start(self._cells[message.index], message.index)
            return
        self._put(message.index, message.cell)
        if message.failed:
            self._fail()
        else:
            self._manager.cell_complete(self._cells[message.index], cell_index=message.index)
        self._running, self._reached = None, message.index + 1

    def _finish(self, message: Finished) -> None:
        for index, cell in enumerate(message.notebook.cells):  # a later cell may have changed an earlier one's display
            self._put(index, cell)
        papermill = self._manager.nb.metadata.papermill
        self._manager.nb.metadata = message.notebook.metadata | {"papermill": papermill}
        if message.too_long:
            cell = self._cells[self._running]
            self._fail()
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", message.too_long, cell)
        if message.whole:
            self._pass(len(self._cells))
        elif not any(o.output_type == "error" for cell in self._cells for o in cell.get("outputs", [])):
            raise DeadKernelError("Kernel died")  # the page has asked its kernel to end

    @property
    def _cells(self) -> list[NotebookNode]:
        return self._manager.nb.cells

    def _put(self, index: int, ran: NotebookNode) -> None:
        cell = self._cells[index]
        if cell.cell_type != "code":
            return
        cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        if "execution" in ran.metadata:
            cell.metadata["execution"] = ran.metadata["execution"]
        for output in ran.outputs if index == self._running else ():
            self._client.log_output_message(output)

    def _pass(self, index: int) -> None:
        """Cells of text, and those that are not to run, are complete when the next one starts."""
        for cell in self._cells[self._reached:index]:
            if cell.metadata.papermill["status"] == self._manager.PENDING:
                cell.metadata.papermill["status"] = self._manager.COMPLETED
                if self._manager.pbar:
                    self._manager.pbar.update(1)
        self._reached = index

    def _fail(self) -> None:
        """The cell that was running has failed; where none was, the notebook has."""
        self._manager.nb.metadata.papermill["exception"] = True
        if self._running is not None:
            cell = self._cells[self._running]
            self._manager.cell_exception(cell, cell_index=self._running)
            self._manager.cell_complete(cell, cell_index=self._running)
