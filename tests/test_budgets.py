"""The sizes that keep the code readable: modules, functions, arguments, pages, indicator files."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted([*(ROOT / "kpsslib").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
DASHBOARDS = sorted((ROOT / "notebooks" / "dashboards").glob("*.ipynb"))
INDICATORS = sorted((ROOT / "parameters").rglob("indicators/*/*.toml"))


@cache
def functions() -> list[tuple[str, ast.FunctionDef, int]]:
    """Every function with the lines of its body, its docstring left out."""
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                found.append((f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node, lines))
    return found


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def code_cells(page: Path) -> list[list[str]]:
    """The lines of each code cell that say something: no blank ones, no comments. The parameters come first."""
    cells = [cell for cell in json.loads(page.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    cells.sort(key=lambda cell: "parameters" not in cell["metadata"].get("tags", []))
    sources = ["".join(cell["source"]).splitlines() for cell in cells]
    return [[line for line in lines if line.strip() and not line.lstrip().startswith("#")] for lines in sources]


def test_modules_have_at_most_250_lines_and_mostly_120():
    assert [(str(path.relative_to(ROOT)), lines_of(path)) for path in MODULES if lines_of(path) > 250] == []
    assert median(lines_of(path) for path in MODULES if path.name != "__init__.py") <= 120


def test_functions_have_at_most_45_lines_and_mostly_10():
    assert [(where, lines) for where, _node, lines in functions() if lines > 45] == []
    lengths = [lines for _where, _node, lines in functions()]
    assert median(lengths) <= 10
    assert quantiles(lengths, n=10)[-1] <= 25


def test_functions_take_at_most_6_arguments_by_position():
    def taken(arguments: ast.arguments) -> int:
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        return len(names) - (names[:1] in (["self"], ["cls"]))

    assert [where for where, node, _lines in functions() if taken(node.args) > 6] == []


def test_public_functions_say_what_they_are():
    silent = []
    for path in (ROOT / "kpsslib").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        public = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")]
        silent += [f"{path.relative_to(ROOT)}:{node.lineno} {node.name}" for owner in public for node in owner.body
                   if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_"
                   and not ast.get_docstring(node)]
    assert silent == []


@pytest.mark.parametrize("page", [*PAGES, *DASHBOARDS], ids=lambda page: page.stem)
def test_pages_are_thin(page):
    cells = code_cells(page)
    assert len(cells) <= 12
    assert sum(map(len, cells)) <= 40
    assert max(map(len, cells[1:])) <= 6
    assert len(cells[0]) <= 10  # one line a parameter


@pytest.mark.parametrize("page", [*PAGES, *DASHBOARDS], ids=lambda page: page.stem)
def test_pages_decide_and_packages_do(page):
    source = "\n".join("\n".join(cell) for cell in code_cells(page))
    refused = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try)
    assert [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, refused)] == []


@pytest.mark.parametrize("page", [*PAGES, *DASHBOARDS], ids=lambda page: page.stem)
def test_pages_explain_every_step_in_both_languages(page):
    cells = json.loads(page.read_text("utf-8"))["cells"]
    tags = [tag for cell in cells if cell["cell_type"] == "markdown" for tag in cell["metadata"].get("tags", [])]
    code = sum(cell["cell_type"] == "code" for cell in cells)
    assert tags.count("cs") == tags.count("en") >= code


@pytest.mark.parametrize("page", [*PAGES, *DASHBOARDS], ids=lambda page: page.stem)
def test_pages_are_committed_without_outputs(page):
    cells = [cell for cell in json.loads(page.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells if cell["outputs"] or cell["execution_count"]] == []


def test_indicator_files_have_at_most_40_lines():
    assert [(path.name, lines_of(path)) for path in INDICATORS if lines_of(path) > 40] == []
