"""The dashboard in the browser: a widget that draws the views Python sends and asks for others."""

from __future__ import annotations

import html
import os
from pathlib import Path

import anywidget
import traitlets
from babel.dates import format_date
from IPython.display import HTML, display

from kpsslib import drawing
from kpsslib.dashboards.benchmark import view
from kpsslib.dashboards.board import Board
from kpsslib.dashboards.choice import settle
from kpsslib.language import _, speak, speaking
from kpsslib.methodology import MethodologyError
from kpsslib.workspace import RunError, open_run

_HERE = Path(__file__).parent / "static"


class BenchmarkWidget(anywidget.AnyWidget):
    """Controls, figure, position, time series, definition and table of one comparison.

    The browser writes only to `asked`: the code of each control that was changed and a running number `n`. What it
    writes is checked against the codes that exist; the answer is a new `view`.
    """

    _esm = _HERE / "benchmark.js"
    _css = _HERE / "benchmark.css"
    asked = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)

    def __init__(self, board: Board) -> None:
        self._board = board
        self._choice = settle(board, {})
        super().__init__(view=view(board, self._choice), texts=texts(board), palette=palette())

    @traitlets.observe("asked")
    def _answer(self, change: dict) -> None:
        self._choice = settle(self._board, change["new"], self._choice)
        number = change["new"].get("n")
        self.view = {**view(self._board, self._choice), "answers": number if isinstance(number, int) else 0}


def show_benchmark(run_file: str, language: str = "cs") -> None:
    """Display the benchmark dashboard of a run, or a message that says what is missing and how to get it.

    The environment's KPSS_RUN_FILE and KPSS_LANGUAGE, which the server of dashboards sets, go before the parameters.
    """
    run_file, language = os.environ.get("KPSS_RUN_FILE", run_file), os.environ.get("KPSS_LANGUAGE", language)
    try:
        speak(language)
        display(BenchmarkWidget(Board(open_run(run_file, language=language))))
    except (RunError, MethodologyError) as error:
        display(HTML(missing_message(run_file, error.problems)))


def missing_message(run_file: str, problems: list[str]) -> str:
    """What a visitor reads where the run cannot be shown (HTML)."""
    found = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems)
    return (f'<div class="kpss-missing" role="alert"><h1>{_("There is nothing to show yet")}</h1><ul>{found}</ul>'
            f'<p>{_("Make the run with this command, then load the page again:")}</p>'
            f"<pre>kpss batch {html.escape(run_file)}</pre></div>")


def palette() -> dict[str, str]:
    """The house colours by meaning."""
    return {"ink": drawing.INK, "grey": drawing.GREY, "light": drawing.LIGHT,
            "better": drawing.POSITION_COLOURS["better"], "worse": drawing.POSITION_COLOURS["worse"]}


def texts(board: Board) -> dict[str, str]:
    """The words that do not depend on the choice."""
    made = format_date(board.made, "long", locale=speaking())
    return {
        "language": speaking(),
        "heading": _("Comparison of social services"), "region": board.run.region,
        "controls": _("What is compared"),
        "group": _("Working group"), "service_type": _("Service type"), "form": _("Form"), "year": _("Year"),
        "indicator": _("Indicator"), "service": _("Chosen service"),
        "peers": _("Beside whom"), "attention": _("What deserves attention"),
        "calm": _("Nothing differs from its peers or has changed by more than chance."),
        "definition": _("How it is computed and what it means"),
        "figure": _("Services by value"), "median": _("median"), "quartiles": _("middle half of services"),
        "keys": _("Choose a service by clicking it, or with the arrow keys and Enter."),
        "series": _("Over the years"), "own": _("chosen service"), "series_table": _("Numbers of the time series"),
        "table": _("Table of the figure"), "empty": _("No service has a value of this indicator in this year."),
        "lost": _("The server does not answer. Load the page again; your choice will start anew."),
        "footer": _("Run {name}, tables made on {made}. For coordinators: services are named.",
                    name=board.run.name, made=made),
    }
