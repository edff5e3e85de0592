"""A report: an executed page without its code, in one language, as one file that loads nothing from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from kpsslib.language import LANGUAGES
from kpsslib.publishing.layout import TEMPLATES, render
from kpsslib.publishing.results import Imprint

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

ANALYST = "analyst"  # the tag of text cells about parameters, loading and saving: they say nothing to a reader


def report_html(notebook: NotebookNode, page: str, group: str, imprint: Imprint) -> str:
    """The report of an executed page: text of the other language or for analysts, code and prints are left out."""
    body = _exporter(imprint.language).from_notebook_node(notebook)[0]
    return render(
        "report.html.j2",
        imprint,
        body=Markup(body),
        page=page,
        group=group,
        title=page_title(notebook, imprint.language) or page,
    )


def prepare(language: str) -> None:
    """Make ready what the first report in a language waits for, templates above all, also for processes forked later.

    A first report takes six times as long as those after it.
    """
    from nbformat import v4

    shown = v4.new_output("display_data", {"text/html": "<p></p>", "text/plain": ""})
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# 1"), v4.new_code_cell("", outputs=[shown])])
    imprint = Imprint("", "", "", language, 2000, "actual", "", "", "2000-01-01", "2000-01-01T00:00", {}, {}, [], [])
    report_html(notebook, "", "", imprint)


def missing_html(reason: str, page: str, group: str, imprint: Imprint) -> str:
    """What stands in a report's place where the page was never done: why, and what to do."""
    return render(
        "missing.html.j2", imprint, reason=reason, page=page, group=group, title=imprint.pages.get(page, page)
    )


def page_title(notebook: NotebookNode, language: str) -> str:
    """The first heading of a page in a language, without its mark and number; nothing where it has none."""
    others = {*LANGUAGES} - {language}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not others & set(cell.metadata.get("tags", [])):
            heading = re.search(r"^#\s+(?:\d+\s+)?(.+)$", cell.source, flags=re.MULTILINE)
            if heading:
                return heading[1].strip()
    return ""


@cache
def _exporter(language: str) -> HTMLExporter:
    """Nbconvert's exporter over this package's own template, which knows no script and no address of the net."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    hidden = {*LANGUAGES, "parameters", "injected-parameters", ANALYST} - {language}
    config = Config({"TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": hidden}})
    return HTMLExporter(
        config=config,
        template_file=str(TEMPLATES / "body.html.j2"),
        language_code=language,
        exclude_input=True,
        exclude_anchor_links=True,
        optimistic_validation=True,  # once, not after each of a dozen steps
    )
