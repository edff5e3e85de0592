"""What is known of a page before it runs: where it stands, which parameters it declares, how it is called."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from kpsslib.language import _
from kpsslib.publishing.report import page_title
from kpsslib.workspace import Run, RunError

UNREADABLE = (nbformat.reader.NotJSONError, nbformat.ValidationError, SyntaxError, UnicodeDecodeError, AttributeError)
NEEDED = ("run_file", "group")


@dataclass(frozen=True)
class Page:
    """A page that may be run: its file, its heading and the names its `parameters` cell sets."""

    name: str
    path: Path
    title: str
    parameters: frozenset[str]


def find_pages(run: Run) -> dict[str, Page]:
    """The pages of a run by name; raises RunError with every one that is missing or not a page."""
    pages, problems = {}, []
    for name in dict.fromkeys([*run.pages, *run.region_pages]):
        try:
            pages[name] = _read(run, name)
        except RunError as error:
            problems += error.problems
    if problems:
        raise RunError(problems)
    return pages


def _read(run: Run, name: str) -> Page:
    path = _find(run, name)
    try:
        notebook = nbformat.read(path, as_version=4)
        declared = declared_parameters(notebook)
    except UNREADABLE as error:
        why = (str(error).splitlines() or [""])[0][:200]
        raise RunError(
            [_("notebooks/{name}.ipynb: cannot be read as a notebook: {error}", name=name, error=why)]
        ) from None
    if lacking := ", ".join(key for key in NEEDED if key not in declared):
        raise RunError(
            [_("notebooks/{name}.ipynb: its cell tagged parameters does not set {lacking}", name=name, lacking=lacking)]
        )
    return Page(name, path, page_title(notebook, run.language) or name, frozenset(declared))


def _find(run: Run, name: str) -> Path:
    """The file of a page. Only a plain name is one: papermill would also take an address or a notebook's text."""
    if not re.fullmatch(r"[\w-]+", name):
        expected = "01_cleaning"
        raise RunError(
            [_("pages: {found} is not a page; expected a name such as {expected}", found=repr(name), expected=expected)]
        )
    path = run.path("notebooks") / f"{name}.ipynb"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.ipynb"))) or "–"
        raise RunError(
            [_("pages: page {name} does not exist in notebooks/; there are: {there}", name=name, there=there)]
        )
    return path


def declared_parameters(notebook: NotebookNode) -> set[str]:
    """The names that the cell tagged `parameters` sets."""
    names: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            for statement in ast.parse(cell.source).body:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                )
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names
