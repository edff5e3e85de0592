"""Papermill's engine "kpss": a page's cells run in a forked process, without a message for each of them and back.

Papermill imports this module while it imports itself, so papermill is imported here only where it is used.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from kpsslib.kernels.shared import shared
from kpsslib.kernels.warm import Child, Warm, WarmError
from kpsslib.language import _


class PageEngine:
    """What papermill asks of an engine; `engine_name="kpss"` or `--engine kpss`."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any,
                         ) -> NotebookNode:
        """Run the notebook's cells and keep `output_path` up to date, as papermill's own engine does.

        Raises nbclient's DeadKernelError where the page's process dies and CellTimeoutError where a cell takes longer
        than `execution_timeout`; cells that did not run are then not marked as completed.
        """
        from papermill.engines import NBClientEngine
        from papermill.log import logger

        from kpsslib.kernels.managing import follow

        try:
            child = _fork(nb, options.get("execution_timeout") or options.get("timeout"))
        except WarmError as error:
            logger.warning(_("An ordinary kernel is started, which takes longer: {reason}", reason=error))
            return NBClientEngine.execute_notebook(nb, kernel_name, output_path=output_path, **options)
        return follow(child, nb, output_path, options)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """The kernel that the notebook names."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """The language that the notebook names."""
        from papermill.utils import nb_language

        return nb_language(nb, language)


def _fork(notebook: NotebookNode, cell_seconds: float | None) -> Child:
    if not Warm.possible():
        raise WarmError(_("this system cannot fork processes"))
    return shared().fork("kpsslib.kernels.cells:send_cells", (notebook, cell_seconds))
