"""What full accounting costs beside plain openpyxl, for returns and one large workbook: `python -m benchmarks.intake`.

Each measurement runs in a process of its own: how many cells a second of processor time, and the peak of memory. The
alternatives only go through the values: openpyxl's quick read-only mode, and its plain mode. The returns are those of
the model region that can be opened, made where they are not there, some of them twice so that they are as many as a
region has; those of a country are the same again and again. The large workbook is a return with a sheet of somebody
else's.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.telling import figure, tell

ROOT = Path(__file__).resolve().parents[1]
YEAR, MOST_TIMES, REGION, COUNTRY = 2025, 3, 260, 6_700
LARGE_ROWS, LARGE_COLUMNS = 190_000, 15
WAYS = ("accounting", "read_only", "plain")


def main() -> None:
    """Measure both inputs in all ways and print every figure with its alternative and goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure:
        print(json.dumps(_measure(*chosen.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        made = _returns(Path(folder, "made"))
        returns, many = (_repeat(made, Path(folder, name), n) for name, n in (("returns", REGION), ("many", COUNTRY)))
        large = Path(folder, "large")
        _write_large(next(iter(sorted(made.iterdir()))), large)
        figures = [*_compare("returns", returns), *_compare("large workbook", large)]
        figures.append(_country(many, _child("accounting", returns)))
    tell(figures, chosen.json)


def _returns(folder: Path) -> Path:
    """A folder with the workbooks of the model region that can be opened."""
    made = ROOT / "data/example/returns"
    if not made.is_dir():
        subprocess.run([sys.executable, "-m", "kpsslib.example"], cwd=ROOT, check=True)
    folder.mkdir()
    for path in made.glob("*.xlsx"):
        if path.read_bytes().startswith(b"PK"):  # some are planted faults: empty, or something else
            shutil.copy(path, folder)
    return folder


def _repeat(returns: Path, folder: Path, n: int) -> Path:
    """A folder of so many returns, the same ones again and again."""
    folder.mkdir()
    paths = sorted(returns.iterdir())
    for number in range(n):
        os.link(paths[number % len(paths)], folder / f"{number:07}.xlsx")
    return folder


def _write_large(source: Path, folder: Path) -> None:
    """A return with a sheet of somebody else's: as near to the limit of 25 MB as plain numbers and words come."""
    import openpyxl
    import xlsxwriter

    folder.mkdir()
    draw = random.Random(7)
    sheet = openpyxl.load_workbook(source, data_only=True).worksheets[0]
    with xlsxwriter.Workbook(str(folder / "large.xlsx"), {"constant_memory": True}) as book:
        own = book.add_worksheet(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    own.write(cell.row - 1, cell.column - 1, cell.value)
        other = book.add_worksheet("List1")
        for number in range(LARGE_ROWS):
            other.write_string(number, 0, f"účet {number}")
            for column in range(1, LARGE_COLUMNS):
                other.write_number(number, column, round(draw.uniform(0, 1e6), 2))


def _measure(way: str, folder: str) -> dict:
    """Non-empty cells, seconds of processor time, and the peak of memory in MB of reading a folder in one way."""
    read = {"accounting": _accounting(), "read_only": lambda data: _values(data, read_only=True),
            "plain": lambda data: _values(data, read_only=False)}[way]
    cells, begin = 0, process_time()
    for path in sorted(Path(folder).iterdir()):
        cells += read(path.read_bytes())
    seconds = process_time() - begin
    return {"cells": cells, "seconds": seconds, "files": len(list(Path(folder).iterdir())),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _accounting() -> Callable[[bytes], int]:
    from kpsslib.intake.returns.reading import read_return
    from kpsslib.methodology import load

    methodology = load(ROOT / "parameters/methodology")
    return lambda data: sum(read_return(data, methodology, [YEAR]).cells.values())


def _values(data: bytes, *, read_only: bool) -> int:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=read_only, data_only=True)
    return sum(value is not None for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)


def _compare(name: str, folder: Path) -> list[dict]:
    """One entry a figure: its value, what it is measured against, their ratio, the goal, and whether it is met."""
    by_way = {way: _child(way, folder) for way in WAYS}
    own = by_way["accounting"]
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    out = [figure(f"{name}: files", own["files"], None), figure(f"{name}: MB on disk", size, None),
           figure(f"{name}: cells", by_way["read_only"]["cells"], None)]
    for way in WAYS[1:]:
        other, goal = by_way[way], f"≤ {MOST_TIMES} times" if way == "read_only" else None
        out.append(figure(f"{name}: seconds, against {way}", own["seconds"], other["seconds"], goal,
                           own["seconds"] <= MOST_TIMES * other["seconds"] if goal else None))
        out.append(figure(f"{name}: cells a second, against {way}", other["cells"] / own["seconds"],
                           other["cells"] / other["seconds"]))
        out.append(figure(f"{name}: peak memory in MB, against {way}", own["megabytes"], other["megabytes"]))
    return out


def _child(way: str, folder: Path) -> dict:
    done = subprocess.run([sys.executable, "-m", "benchmarks.intake", "--measure", way, str(folder)], cwd=ROOT,
                          check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _country(folder: Path, region: dict) -> dict:
    """Seconds of the clock for the returns of a country, read by all cores, against one core (reckoned by a region)."""
    from kpsslib.intake.store import Source
    from kpsslib.intake.worker import Task, read_many
    from kpsslib.methodology import load

    task = Task(load(ROOT / "parameters/methodology"), [YEAR], folder.parent / "originals")
    sources = [Source("returns", path, path.name) for path in sorted(folder.iterdir())]
    begin = perf_counter()
    read = sum(taken.read.quarantine is None for taken in read_many(task, sources))
    return figure(f"{COUNTRY} returns ({read} of them usable), {os.cpu_count()} cores: seconds", perf_counter() - begin,
                   region["seconds"] / region["files"] * COUNTRY)


if __name__ == "__main__":
    main()
