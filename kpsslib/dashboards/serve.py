"""Serving the dashboards on this machine by Voilà, closed to everything a visitor does not need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from traitlets.config import Config

from kpsslib.kernels import Warm
from kpsslib.kernels.shared import shared
from kpsslib.language import _
from kpsslib.workspace import project_root

NOTEBOOK = "notebooks/dashboards/benchmark.ipynb"
_TEMPLATES = Path(__file__).parent / "jupyter"
# What a kernel needs of the server's environment; secrets of the machine are none of a dashboard's business.
_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV", "SYSTEMROOT",
         "APPDATA", "LOCALAPPDATA", "USERPROFILE", "PROGRAMDATA", "JUPYTER_PLATFORM_DIRS")
# Arrow's own allocator keeps what reading the tables once took, three times their size, for as long as a kernel lives.
_LEAN = {"ARROW_DEFAULT_MEMORY_POOL": "system"}


def configuration(port: int, language: str) -> Config:
    """Voilà's settings: this machine only, no files, no code, no tracebacks, nothing chosen by a URL.

    A kernel ends with its page, at the latest five minutes after; a taken port is an error and not another port.
    """
    config = Config()
    config.Voila.update(ip="127.0.0.1", port=port, port_retries=0, open_browser=False, config_file_paths=[],
                        log_level="WARN")
    config.VoilaConfiguration.update(
        template="kpss", allow_template_override="NO", allow_theme_override="NO", file_allowlist=[],
        strip_sources=True, show_tracebacks=False, resources={"texts": page_texts()}, prelaunch_hook=_give_token,
        extension_allowlist=["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"],
    )
    config.VoilaExecutor.timeout = 60
    config.VoilaExporter.language_code = language
    config.MappingKernelManager.update(cull_idle_timeout=300, cull_interval=60, cull_connected=False)
    return config


def _give_token(handler: Any, **_page: object) -> None:
    """Set the cookie without which a page that is left may not end its kernel: that would stay until it is culled."""
    _token = handler.xsrf_token


def page_texts() -> dict[str, str]:
    """The words of the page around a dashboard."""
    return {
        "title": _("Comparison of social services"),
        "loading": _("The dashboard is being prepared…"),
        "error": _("The dashboard could not be prepared. Load the page again; if that does not help, tell whoever "
                   "runs it, who finds the reason in the server's log."),
        "noscript": _("The dashboard needs JavaScript."),
    }


def serve(run_file: str | None, port: int, language: str) -> None:
    """Serve the benchmark dashboard until it is stopped; `run_file` goes before the notebook's own.

    Raises FileNotFoundError where the project has no dashboard notebook.
    """
    from voila.app import Voila

    notebook = project_root() / NOTEBOOK
    if not notebook.is_file():
        raise FileNotFoundError(_("{file}: the notebook is missing", file=notebook))
    environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
    environment |= {"KPSS_LANGUAGE": language, "JUPYTER_PATH": str(_TEMPLATES), **_LEAN}
    environment |= {"KPSS_RUN_FILE": run_file} if run_file else {}
    os.environ.clear()
    os.environ.update(environment)
    if Warm.possible():
        shared().start()  # now, so that the first visitor does not wait for its imports
    print(_("Dashboard: http://127.0.0.1:{port}/ (stop it with Ctrl+C)", port=port), flush=True)
    Voila.launch_instance(argv=[str(notebook)], config=configuration(port, language), config_file_paths=[])
