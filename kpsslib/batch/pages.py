"""What is known of a page before it runs: where it stands, which parameters it declares, how it is called."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from kpsslib.batch.graph import Named, named_tables
from kpsslib.language import _
from kpsslib.publishing.report import page_title
from kpsslib.workspace import Run, RunError

UNREADABLE = (ValueError, SyntaxError, KeyError, TypeError, AttributeError, OSError)
NEEDED = ("run_file", "group")


@dataclass(frozen=True)
class Page:
    """A page that may be run: its file, its heading, the names its `parameters` cell sets, the tables it names.

    code is the text of its code cells, hash that of everything in it but its outputs.
    """

    name: str
    path: Path
    title: str
    parameters: frozenset[str]
    tables: Named
    code: str
    hash: str


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
        notebook = read_notebook(path)
        declared = declared_parameters(notebook)
        code = plain_code(notebook)
        tables = named_tables(code)
    except UNREADABLE as error:
        why = (str(error).splitlines() or [""])[0][:200]
        raise RunError(
            [_("notebooks/{name}.ipynb: cannot be read as a notebook: {error}", name=name, error=why)]
        ) from None
    if lacking := ", ".join(key for key in NEEDED if key not in declared):
        raise RunError(
            [_("notebooks/{name}.ipynb: its cell tagged parameters does not set {lacking}", name=name, lacking=lacking)]
        )
    title = page_title(notebook, run.language) or name
    return Page(name, path, title, frozenset(declared), tables, code, source_hash(notebook))


def _find(run: Run, name: str) -> Path:
    """The file of a page. Only a plain name is one: papermill would also take an address or a notebook's text."""
    key = run.place("pages" if name in run.pages else "region_pages")
    if not re.fullmatch(r"[\w-]{1,100}", name):
        expected = "01_cleaning"
        raise RunError(
            [_("{key}: {found} is not a page; expected a name such as {expected}", key=key, found=repr(name),
               expected=expected)]
        )
    path = run.path("notebooks") / f"{name}.ipynb"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.ipynb"))) or "–"
        raise RunError(
            [_("{key}: page {name} does not exist in notebooks/; there are: {there}", key=key, name=name, there=there)]
        )
    return path


def read_notebook(path: Path) -> SimpleNamespace:
    """A notebook's cells as they stand in its file, without the half second that it takes to import nbformat.

    Raises ValueError, KeyError or TypeError where the file is no notebook of format 4.
    """
    data = json.loads(path.read_text("utf-8"))
    if data["nbformat"] != 4:
        raise ValueError(_("notebook format {found}, expected 4", found=data["nbformat"]))
    cells = [SimpleNamespace(cell_type=str(cell["cell_type"]), source="".join(cell["source"]),
                             metadata=dict(cell["metadata"])) for cell in data["cells"]]
    return SimpleNamespace(cells=cells)


def declared_parameters(notebook: SimpleNamespace) -> set[str]:
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


def plain_code(notebook: SimpleNamespace) -> str:
    """The code of all cells as one text, without the lines that only IPython understands."""
    lines = (line for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines())
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def source_hash(notebook: SimpleNamespace) -> str:
    """A hash of the cells' kinds, tags and texts; outputs do not count."""
    said = [(cell.cell_type, sorted(cell.metadata.get("tags", [])), cell.source) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
