"""A whole Jupyter kernel in a forked process."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection


def run_kernel(_connection: Connection, arguments: list[str]) -> None:
    """Serve as the kernel that `python -m ipykernel_launcher ARGUMENTS` would be, until it is shut down."""
    from ipykernel.kernelapp import IPKernelApp

    sys.argv[1:] = arguments
    app = IPKernelApp.instance()
    # The parent is looked for in the environment of whoever imports ipykernel; that was the warm process. A history in
    # a file would be written by all kernels at once.
    app.initialize([f"--IPKernelApp.parent_handle={os.getppid()}", "--HistoryManager.hist_file=:memory:", *arguments])
    adopt_widgets()
    app.start()


def adopt_widgets() -> None:
    """Let the browser's widgets find this kernel: ipywidgets sees to it when imported, and there was no kernel then."""
    if widgets := sys.modules.get("ipywidgets"):
        widgets.register_comm_target()
