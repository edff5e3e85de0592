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
    hidden = {*LANGUAGES, "parameters", "injected-parameters", ANALYST} - {imprint.language}
    cells = [cell for cell in notebook.cells if not hidden & set(cell.metadata.get("tags", []))]
    body = _exporter().from_notebook_node(type(notebook)({**notebook, "cells": cells}))[0]
    return render(
        "report.html.j2",
        imprint,
        body=Markup(body),
        page=page,
        group=group,
        title=page_title(notebook, imprint.language) or page,
    )


def prepare() -> None:
    """Make ready what the first report waits for, templates above all; processes forked later have it, too.

    A first report takes six times as long as those after it.
    """
    from nbformat import v4

    shown = v4.new_output("display_data", {"text/html": "<p></p>", "text/plain": ""})
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# 1"), v4.new_code_cell("", outputs=[shown])])
    day, language = "2000-01-01", LANGUAGES[0]
    imprint = Imprint("", "", "", language, 2000, "actual", "", "", day, f"{day}T00:00", {}, {}, [], [])
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
def _exporter() -> HTMLExporter:
    """Nbconvert's exporter over this package's own template, which knows no script and no address of the net."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_file=str(TEMPLATES / "body.html.j2"),
        exclude_input=True,
        exclude_anchor_links=True,
        optimistic_validation=True,  # once, not after each of a dozen steps
    )
