"""How long the whole comparison takes, for a region and for a country: `python -m benchmarks.comparison [--json FILE]`.

Nearest peers, sets, intervals, positions, rank sets, shrunk values, changes, trends, attention, good practice, frontier
and reserves of the model region, all indicators and years, a working group at a time as the pages do; then the same of
a region 26 times as large, where every service has 26 times as many peers. Figures are made in one process, measured in
another; seconds are of the processor, on one thread. Beside it in the same process: only the median of each set by
pandas, and a loop over the sets with numpy and scipy for their quartiles and percentiles and for the trend of each
series, as one would write it by hand.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd

from benchmarks.telling import figure, tell

ROOT = Path(__file__).resolve().parents[1]
YEAR = 2025
STAGES = ("nearest", "compare", "attention", "good practice", "frontier", "reserves")
MOST_SECONDS, MOST_MEGABYTES, LARGER = 60, 2048, 26


def main() -> None:
    """Measure both sizes and print every figure with its alternative and goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments.add_argument("--scale", type=int, default=LARGER, help="how many times larger the larger region is")
    arguments.add_argument("--make", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.make:
        _make(chosen.make, chosen.measure)
    elif chosen.measure:
        print(json.dumps(_measure(chosen.measure)))
    else:
        tell(_compare(_size(1), _size(chosen.scale)), chosen.json)


def _size(scale: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        _python("--make", str(scale), "--measure", folder)
        return json.loads(_python("--measure", folder))


def _python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "benchmarks.comparison", *arguments], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _make(scale: int, folder: Path) -> None:
    """Services, facts, territory and indicators of a made-up region, a folder a working group."""
    from kpsslib.example import SEED
    from kpsslib.example.making import make_region
    from kpsslib.example.region import territory
    from kpsslib.indicators import compute
    from kpsslib.methodology import load

    methodology = load(ROOT / "parameters" / "methodology")
    made = make_region(methodology, scale, SEED)
    units, places = made.panel.units, territory(made.panel.years, SEED)
    units = units.assign(group=units["service_type"].map(methodology.group_of), capacity=np.nan, capacity_unit=[
        methodology.service_types[kind].capacity_units[form] for kind, form in zip(units["service_type"], units["form"],
                                                                                  strict=True)])
    for unit, rows in units.groupby("capacity_unit").groups.items():
        units.loc[rows, "capacity"] = made.panel.values[f"capacity_{unit}"][rows, -1]
    for group, services in units.groupby("group"):
        own = np.isin(np.arange(len(units)), services.index)
        facts = pd.concat([_facts(made, item, values, own) for item, values in made.panel.values.items()],
                          ignore_index=True)
        tables = dict(services=services, facts=facts, territory=places,
                      indicators=compute(facts, services, places, methodology))
        for name, table in tables.items():
            (folder / group).mkdir(exist_ok=True)
            table.to_parquet(folder / group / f"{name}.parquet", index=False)


def _facts(made, item: str, values: np.ndarray, own: np.ndarray) -> pd.DataFrame:
    """The values of one item that came, as facts of the actual round."""
    row, year = np.nonzero(made.came & ~np.isnan(values) & own[:, None])
    return made.panel.units[["service_id", "form"]].iloc[row].assign(
        item=item, year=made.panel.years[year], value=values[row, year], round="actual", status="reported")


def _measure(folder: Path) -> dict:
    """Seconds of each stage and of the alternatives, rows and services, and the peak of memory in MB."""
    from kpsslib.methodology import load

    methodology = load(ROOT / "parameters" / "methodology")
    seconds = dict.fromkeys((*STAGES, "medians", "loop"), 0.0)
    services = rows = 0
    for group in sorted(folder.iterdir()):
        tables = {name: pd.read_parquet(group / f"{name}.parquet")
                  for name in ("services", "facts", "territory", "indicators")}
        compared = _whole(tables, methodology, seconds)
        services, rows = services + tables["services"]["service_id"].nunique(), rows + len(compared)
        peak = _peak()
        base = compared[compared["peer_set"].isin(["type", "group"])]
        _timed(seconds, "medians", lambda base=base: base.groupby(["indicator", "peers", "year"])["value"].median())
        if services < 1000:
            _timed(seconds, "loop", _loop, base)
    return {"seconds": seconds, "services": services, "rows": rows, "megabytes": peak}


def _whole(tables: dict[str, pd.DataFrame], methodology, seconds: dict[str, float]) -> pd.DataFrame:
    """Everything page 03 computes of one group; returns the table `comparison`."""
    from types import SimpleNamespace

    from kpsslib import comparison

    facts = tables["facts"]
    services = comparison.with_population(tables["services"], tables["territory"], year=YEAR)
    run = SimpleNamespace(methodology=methodology, peers_file=None)
    peers = _timed(seconds, "nearest", comparison.nearest_peers, run, facts, services, tables["territory"], year=YEAR)
    table = _timed(seconds, "compare", comparison.compare, tables["indicators"], services, methodology, year=YEAR,
                   peers=peers)
    _timed(seconds, "attention", comparison.attention, table, services, methodology, year=YEAR)
    _timed(seconds, "good practice", comparison.good_practice, table, services, methodology, year=YEAR)
    frontier = _timed(seconds, "frontier", comparison.frontiers, facts, services, methodology, year=YEAR)
    _timed(seconds, "reserves", comparison.all_reserves, table, facts, services, methodology, peers=peers,
           frontier=frontier)
    return table


def _loop(base: pd.DataFrame) -> None:
    """Median, quartiles and percentile of each set, trend of each series: a loop of numpy and scipy calls."""
    from scipy.stats import kendalltau, rankdata

    for _, part in base.groupby(["indicator", "peers", "year"], observed=True):
        values = part["value"].dropna().to_numpy()
        if len(values):
            np.quantile(values, (0.25, 0.5, 0.75))
            rankdata(values)
    for _, part in base.dropna(subset="value").groupby(["indicator", "unit_id", "form"], observed=True):
        if len(part) > 4:
            kendalltau(part["year"], part["value"] / part["median"])


def _timed(seconds: dict[str, float], stage: str, verb, *arguments, **named):
    begin = process_time()
    result = verb(*arguments, **named)
    seconds[stage] += process_time() - begin
    return result


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _compare(small: dict, large: dict) -> list[dict]:
    """One entry a figure: its value, what it is measured against, their ratio, the goal, and whether it is met."""
    figures = []
    for size in (small, large):
        n = f"{size['services']} services"
        figures += [figure(f"{stage}, {n}: s", size["seconds"][stage], small["seconds"][stage]) for stage in STAGES]
        goal = f"≤ {MOST_SECONDS} s" if size is small else None
        figures.append(figure(f"in all, {n}: s", _all(size), _all(small), goal, _all(size) <= MOST_SECONDS))
        figures.append(figure(f"rows of the comparison, {n}", size["rows"], small["rows"]))
        figures.append(figure(f"peak of memory, {n}: MB", size["megabytes"], small["megabytes"],
                               f"≤ {MOST_MEGABYTES} MB", size["megabytes"] <= MOST_MEGABYTES))
    figures.append(figure("in all, against a loop over the sets: s", _all(small), small["seconds"]["loop"]))
    figures.append(figure("in all, against only the medians: s", _all(small), small["seconds"]["medians"]))
    costs = [1000 * _all(size) / size["services"] for size in (large, small)]
    grown = math.log(costs[0] / costs[1]) / math.log(large["services"] / small["services"])
    figures.append(figure("time a service, many peers against few: ms", *costs))
    figures.append(figure("  grows as the number of peers to the power", grown, None, "< 1", grown < 1))
    return figures


def _all(size: dict) -> float:
    return sum(size["seconds"][stage] for stage in STAGES)


if __name__ == "__main__":
    main()
