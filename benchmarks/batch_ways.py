"""The other ways to run the pages of a project, each in processes of its own: `python -m benchmarks.batch_ways WAY N`.

Run in the folder of the project, for its first N pages. `commands` is a loop of the papermill command, `kernels`
papermill called in one process, `warm` the bare cells, one page after another, in one process that has imported
everything and run a page. Prints the seconds; starting that process and its imports are not in them.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.batch_project import GROUPS, ROOT

OUT = Path("papermill")


def run_way(folder: Path, way: str, n: int) -> float:
    """Seconds of the first n pages of the project in a folder, run in one of the ways."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.batch_ways", way, str(n)], cwd=folder, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Run the first pages the way asked for and print how long it took."""
    ways = {"commands": _commands, "kernels": _kernels, "warm": _warm}
    OUT.mkdir(exist_ok=True)
    names = sorted(path.stem for path in Path("notebooks").glob("*.ipynb"))
    pages = [(page, group) for page in names for group in GROUPS]
    print(ways[sys.argv[1]](pages[:int(sys.argv[2])]))


def _commands(pages: list[tuple[str, str]]) -> float:
    papermill = Path(sys.executable).with_name("papermill")

    def run(page: str, group: str) -> None:
        subprocess.run([papermill, *_files(page, group), "-p", "group", group, "--no-progress-bar"], check=True,
                       stderr=subprocess.DEVNULL)

    return _seconds(run, pages)


def _seconds(run: Callable[[str, str], None], pages: list[tuple[str, str]]) -> float:
    begin = perf_counter()
    for page, group in pages:
        run(page, group)
    return perf_counter() - begin


def _kernels(pages: list[tuple[str, str]]) -> float:
    importlib.import_module("papermill")
    return _seconds(_execute, pages)


def _execute(page: str, group: str) -> None:
    import papermill

    papermill.execute_notebook(*_files(page, group), {"group": group}, progress_bar=False)


def _files(page: str, group: str) -> tuple[Path, Path]:
    """The page and where papermill puts what came out."""
    return Path("notebooks", f"{page}.ipynb"), OUT / f"{group} {page}.ipynb"


def _warm(pages: list[tuple[str, str]]) -> float:
    import matplotlib as mpl

    mpl.use("agg")
    _cells(*pages[0])
    return _seconds(_cells, pages)


def _cells(page: str, group: str) -> None:
    """The page's cells and nothing else: no shell, no outputs kept, no file written."""
    notebook = json.loads(Path(f"notebooks/{page}.ipynb").read_text("utf-8"))
    parameters, *sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in [parameters, f"group = {group!r}", *sources]:
            exec(compile(source, page, "exec"), names)


if __name__ == "__main__":
    main()
