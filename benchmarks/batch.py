"""What a batch costs beside other ways to run the same pages: `python -m benchmarks.batch [--runs 48] [--json FILE]`.

The ways run in turn, in rounds, in a project of their own in a temporary folder: `kpss batch` whole (start, intake,
ledger, reports, publication, methodology book) on two workers against a loop of the papermill command, papermill in one
process, and the bare cells in one process that has imported everything. The slow ways run fewer pages and are reckoned
to all. Then: nothing changed; one return of the model region changed; pages that print 50 MB each.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.batch_project import GROUPS, OPEN, RUN_FILE, write_project
from benchmarks.batch_region import change_a_return
from benchmarks.batch_ways import run_way
from benchmarks.telling import figure, tell

ROUNDS = 2
MEASURED = {"papermill command": 8, "papermill in one process": 8}
AT_LEAST = {"papermill command": 12, "papermill in one process": 6}
MOST_TIMES_CELLS, MOST_UNCHANGED, MOST_MEGABYTES = 1.4, 2.0, 300
FLOOD = [OPEN, 'line = "x" * 99\nfor _part in range(50):\n    print("\\n".join([line] * 10_000), flush=True)']


def main() -> None:
    """Measure everything and print every figure with its alternative and goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--runs", type=int, default=48, help="how many pages the batch runs, a multiple of 8 (48)")
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = arguments.parse_args()
    if chosen.runs < len(GROUPS) or chosen.runs % len(GROUPS):
        arguments.error(f"--runs: found {chosen.runs}, expected a multiple of {len(GROUPS)}")
    with tempfile.TemporaryDirectory() as folder:
        figures = [*_ways(Path(folder, "ways"), chosen.runs), *change_a_return(Path(folder, "region"), batch),
                   *_flood(Path(folder, "flood"))]
    tell(figures, chosen.json)


def batch(folder: Path, run_file: str = RUN_FILE) -> tuple[float, float]:
    """Seconds of a whole `kpss batch`, and the most memory of its own process in MB; raises where a page failed."""
    begin = perf_counter()
    command = [Path(sys.executable).with_name("kpss"), "batch", run_file, "--workers", "2"]
    with (folder / "batch.txt").open("w") as told:
        process = subprocess.Popen(command, cwd=folder, stdout=told, stderr=subprocess.STDOUT)
    most = 0.0
    while process.poll() is None:
        most = _peak(process.pid) or most
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    if process.returncode not in (0, 3):  # 3: the model region has returns in quarantine
        raise SystemExit((folder / "batch.txt").read_text("utf-8"))
    return perf_counter() - begin, most


def _peak(pid: int) -> float:
    """The most memory a process has had so far, in MB; nothing where it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _ways(folder: Path, runs: int) -> list[dict]:
    """The batch against the other ways, and the same batch again with nothing changed."""
    folder.mkdir()
    write_project(folder, runs)
    ways = {"papermill command": "commands", "papermill in one process": "kernels", "bare cells": "warm"}
    spent = dict.fromkeys(("kpss batch", *ways), 0.0)
    for _round in range(ROUNDS):
        for way, name in ways.items():
            n = MEASURED.get(way, runs) // ROUNDS
            spent[way] += run_way(folder, name, n) * runs / n / ROUNDS
        shutil.rmtree(folder / "outputs", ignore_errors=True)
        spent["kpss batch"] += batch(folder)[0] / ROUNDS
    again = batch(folder)[0]
    return [*_compared(spent, runs), figure(f"{runs} pages, nothing changed, s", again, spent["kpss batch"],
                                            f"< {MOST_UNCHANGED:g} s", again < MOST_UNCHANGED)]


def _compared(spent: dict[str, float], runs: int) -> list[dict]:
    """How many times each other way takes as long as the batch; the bare cells the other way round."""
    ours, cells = spent["kpss batch"], spent["bare cells"]
    figures = [figure(f"{way}, {runs} pages reckoned from {n}, s", spent[way], ours, f">= {AT_LEAST[way]}",
                      spent[way] >= AT_LEAST[way] * ours) for way, n in MEASURED.items()]
    return [*figures, figure(f"kpss batch whole, {runs} pages, against their bare cells, s", ours, cells,
                             f"<= {MOST_TIMES_CELLS}", ours <= MOST_TIMES_CELLS * cells)]


def _flood(folder: Path) -> list[dict]:
    """The most memory of the batch's own process while eight pages print 50 MB each."""
    folder.mkdir()
    write_project(folder, len(GROUPS), FLOOD)
    most = batch(folder)[1]
    return [figure("memory of the runner, 8 pages printing 50 MB each, MB", most, None, f"< {MOST_MEGABYTES}",
                   most < MOST_MEGABYTES)]


if __name__ == "__main__":
    main()
