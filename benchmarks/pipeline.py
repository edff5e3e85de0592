"""How fast cleaning, indicators and comparison are, for one region and for a country: `python -m benchmarks.pipeline`.

Each size is a project of its own in a temporary folder and runs in a process of its own, group by group as the batch
does, without notebooks: first the intake (every XLSX return and CSV export read), then cleaning, indicators,
comparison with good practice and reserves; every table is written. The larger region is measured against the smaller
one of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.telling import figure, tell

ROOT = Path(__file__).resolve().parents[1]
RUN_FILE = "parameters/runs/example.yaml"
STAGES = ("intake", "cleaning", "indicators", "comparison")
MOST_TIMES, MOST_MEGABYTES = 30, 2048


def main() -> None:
    """Measure both sizes and print every figure with its alternative and goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments.add_argument("--scale", type=int, default=26, help="how many times larger the larger region is")
    arguments.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure:
        print(json.dumps(_measure(chosen.measure)))
        return
    figures = _compare(_size(1), _size(chosen.scale))
    tell(figures, chosen.json)


def _size(scale: int) -> dict:
    """The measurements of a region `scale` times the model region, made and measured in two other processes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "parameters", Path(folder, "parameters"))
        Path(folder, "data/example").mkdir(parents=True)
        shutil.copy(ROOT / "data/example/truths.toml", Path(folder, "data/example"))
        begin = perf_counter()
        _python("-c", "import sys; from kpsslib.methodology import load; from kpsslib.example import write_example; "
                "write_example('data/example', load('parameters/methodology'), scale=int(sys.argv[1]))", str(scale),
                folder=folder)
        made = perf_counter() - begin
        return {**json.loads(_python("-m", "benchmarks.pipeline", "--measure", folder, folder=folder)), "making": made}


def _python(*arguments: str, folder: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE,
                          text=True)
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _measure(project: Path) -> dict:
    """Seconds of each stage, facts and services, and the peak of memory in MB, of the run in this project."""
    from kpsslib.intake import take_in
    from kpsslib.workspace import open_run

    os.chdir(project)
    seconds = dict.fromkeys(STAGES, 0.0)
    run = open_run(RUN_FILE)
    _timed(seconds, "intake", take_in, run)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    facts, services = map(sum, zip(*(_measure_group(group, seconds) for group in run.groups), strict=True))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "facts": facts, "services": services, "megabytes": own, "worker_megabytes": workers}


def _measure_group(group: str, seconds: dict[str, float]) -> tuple[int, int]:
    """Pages 01 to 03 of one group without their notebooks; how many facts and services it has."""
    from kpsslib.workspace import open_run

    run = open_run(RUN_FILE, group=group)
    cleaned = _timed(seconds, "cleaning", _clean, run)
    table = _timed(seconds, "indicators", _compute, run, cleaned)
    _timed(seconds, "comparison", _place, run, cleaned, table)
    return len(cleaned.facts), cleaned.services["service_id"].nunique()


def _timed(seconds: dict[str, float], stage: str, verb: Callable, *arguments: object):
    begin = perf_counter()
    result = verb(*arguments)
    seconds[stage] += perf_counter() - begin
    return result


def _clean(run):
    from kpsslib.cleaning import clean
    from kpsslib.workspace import TABLES

    cleaned = clean(run)
    run.save(**{name: table for name, table in cleaned._asdict().items() if name in TABLES})
    return cleaned


def _compute(run, cleaned):
    from kpsslib.indicators import compute

    table = compute(cleaned.facts, cleaned.services, cleaned.territory, run.methodology)
    run.save(indicators=table)
    return table


def _place(run, cleaned, table) -> None:
    from kpsslib import comparison

    placed = comparison.compare(table, cleaned.services, run.methodology, year=run.year, round=run.round)
    candidates = comparison.good_practice(placed, cleaned.services, run.methodology, year=run.year, years=3, needed=2)
    reserves = comparison.reserves(placed, cleaned.facts, cleaned.services, run.methodology, year=run.year)
    run.save(comparison=placed, good_practice=candidates, reserves=reserves)


def _compare(small: dict, large: dict) -> list[dict]:
    """One entry a figure: its value, what it is measured against, their ratio, the goal, and whether it is met."""
    figures = []
    for size in (small, large):
        n = f"{size['services']} services"
        figures.append(figure(f"facts, {n}", size["facts"], small["facts"]))
        figures.append(figure(f"facts a second, {n}", size["facts"] / sum(size["seconds"].values()),
                               small["facts"] / sum(small["seconds"].values())))
        figures += [figure(f"{stage}, {n}: s", size["seconds"][stage], small["seconds"][stage]) for stage in STAGES]
        figures.append(figure(f"time a service, {n}: ms", _a_service(size), _a_service(small)))
    total, smaller = (sum(size["seconds"].values()) for size in (large, small))
    figures.append(figure(f"in all, {small['services']} services: s", smaller, None))
    figures.append(figure(f"in all, {large['services']} services: s", total, smaller, f"≤ {MOST_TIMES} times",
                           total <= MOST_TIMES * smaller))
    for size in (small, large):
        n = f"{size['services']} services"
        figures.append(figure(f"peak memory, {n}: MB", size["megabytes"], small["megabytes"],
                               f"< {MOST_MEGABYTES} MB", size["megabytes"] < MOST_MEGABYTES))
        figures.append(figure(f"the reading process beside it, {n}: MB", size["worker_megabytes"],
                               small["worker_megabytes"]))
    return figures


def _a_service(size: dict) -> float:
    return 1000 * sum(size["seconds"].values()) / size["services"]


if __name__ == "__main__":
    main()
