"""What the warm process imports, so that no page has to."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from io import BytesIO

from kpsslib.kernels.requests import PACKAGE
from kpsslib.language import _

# ipykernel before ipywidgets: it decides which comms widgets use. The debugger is what every kernel imports.
_LIBRARIES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "nbclient", "nbformat.v4", "ipywidgets",
    "anywidget", "numpy", "numpy.random", "pandas", "pyarrow", "pyarrow.parquet", "pyarrow.pandas_compat",
    "scipy.stats", "scipy.optimize", "matplotlib.pyplot", "matplotlib.backends.backend_agg",
    "matplotlib_inline.config", "PIL.PngImagePlugin", "seaborn", "pint", "nbconvert", "nbconvert.exporters.html",
    "papermill.iorw", "papermill.parameterize", "IPython.core.debugger", "IPython.core.oinspect",
    "IPython.core.completerlib", "IPython.extensions.storemagic", "tornado.platform.asyncio", "psutil", "faulthandler",
    "pandas.io.formats.string",
)
_OWN = ("dashboards", "kernels.cells", "kernels.page")  # and all modules but those of packages that no page imports
_LEFT_OUT = ("cli", "example", "kernels", "dashboards")


_GRAMMAR = "rfc3987_syntax"  # jsonschema imports it if it can, for addresses that no page checks: 3 of 8 seconds
# These find IPython's shell when they are imported, and there is none yet; a page imports them again in a moment.
_LATER = ("matplotlib_inline.backend_inline", "matplotlib_inline")


def preload(go_on: Callable[[], None]) -> None:
    """Import everything that can be imported; what cannot is told in the log and is then the page's own trouble.

    `go_on` is called before each import: it ends the process when nobody waits for it any more.
    """
    sys.modules[_GRAMMAR] = None
    for name in [*_LIBRARIES, *own_modules()]:
        go_on()
        try:
            importlib.import_module(name)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    for name in (_GRAMMAR, *_LATER):
        sys.modules.pop(name, None)
    _do_once()


def _do_once() -> None:
    """What takes long the first time and leaves only caches: messages, fonts, a table; 70 of a page's 650 ms."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from pandas import DataFrame

    _("this system cannot fork processes")
    DataFrame({"number": [1.5]}).to_html(notebook=True)
    figure = Figure()
    figure.subplots().set_title("-")
    FigureCanvasAgg(figure).print_png(BytesIO())


def own_modules() -> Iterator[str]:
    """The package's modules that a page may import."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in _LEFT_OUT and parts[-1] not in ("__main__", "__init__"):
            yield ".".join([PACKAGE.name, *parts])
    yield from (f"{PACKAGE.name}.{name}" for name in _OWN)
