"""How well and how fast yearly series are forecast: `python -m benchmarks.forecast FILE`.

FILE is a CSV with the columns id, part (x: history, xx: what came), t (year, 1, 2, ...), y, start; others are left
alone. Every method forecasts what came, all series as peers of each other. Printed are the error of each against the
naive forecast (OWA of the M4 competition; on yearly data Naive2 is the naive forecast), sMAPE, MASE and seconds of one
core per 1,000 series; then the method that the back-test of the histories chooses, its intervals and the goals.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.financing.backtest import change_scale
from kpsslib.financing.judging import judge
from kpsslib.financing.methods import DEFAULT, METHODS

COLUMNS = ["id", "part", "t", "y", "start"]
NEEDED = ("Name a CSV file of yearly series with the columns id, part (x: history, xx: what came), t, y and start, as "
          "in: python -m benchmarks.forecast tourism_yearly.csv")
MOST_OWA, MOST_SECONDS, COVERED = 0.875, 1.0, (0.78, 0.92)
LEVELS = (0.8, 0.95)


class Series(NamedTuple):
    """Histories, aligned at their last year, and what came after: series x years, NaN where there is nothing."""

    history: np.ndarray
    came: np.ndarray


def main() -> None:
    """Forecast the series of the file and print every figure with its goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("file", nargs="?", type=Path, help="CSV with the columns id, part, t, y, start")
    chosen = arguments.parse_args()
    try:
        series = read(chosen.file)
    except (OSError, KeyError, TypeError, ValueError):
        raise SystemExit(NEEDED) from None
    n, horizon = series.came.shape
    print(f"{n} series, {horizon} years ahead, histories of {np.isfinite(series.history).sum(axis=1).min()} to "
          f"{series.history.shape[1]} years\n")
    table = pd.DataFrame({name: _measure(method, series) for name, method in METHODS.items()}).T
    table.insert(0, "OWA", (table["sMAPE"] / table.loc["last_value", "sMAPE"]
                            + table["MASE"] / table.loc["last_value", "MASE"]) / 2)
    print(table.to_string(float_format="{:.3f}".format, index_names=False), "\n")
    _print_goals(table.loc[DEFAULT], series)


def read(file: Path) -> Series:
    """The series of a file; KeyError or ValueError where it is not of this shape or no series has both parts."""
    table = pd.read_csv(file)[COLUMNS].astype({"t": int, "y": float}).sort_values(["id", "t"])
    past, came = (table[table["part"] == part] for part in ("x", "xx"))
    back = past.groupby("id")["t"].transform("max") - past["t"]
    history = past.assign(back=back).pivot(index="id", columns="back", values="y")
    history = history.reindex(columns=range(int(back.max()), -1, -1))
    came = came.assign(step=came.groupby("id").cumcount()).pivot(index="id", columns="step", values="y")
    both = history.index.intersection(came.index)
    if both.empty:
        raise ValueError(file)
    return Series(history.loc[both].to_numpy(), came.loc[both].to_numpy())


def _measure(method, series: Series) -> dict[str, float]:
    """Percentage error sMAPE, MASE and seconds per 1,000 series of one method."""
    history, came = series
    start = process_time()
    told = method(history, came.shape[1], np.zeros(len(history), dtype=int))
    seconds = process_time() - start
    off = np.abs(came - told)
    size, scale = np.abs(came) + np.abs(told), change_scale(history)[:, None]
    share = np.divide(2 * off, size, out=np.where(np.isnan(off), np.nan, 0.0), where=size > 0)
    scaled = np.divide(off, scale, out=np.full_like(off, np.nan), where=scale > 0)
    return {"sMAPE": 100 * np.nanmean(share), "MASE": np.nanmean(scaled), "s/1000": seconds / len(history) * 1000}


def _print_goals(default: pd.Series, series: Series) -> None:
    keys = pd.DataFrame({"service_type": "all", "group": "all", "form": "all", "item": "all"},
                        index=range(len(series.history)))
    lines = [("OWA of the default", default["OWA"], f"at most {MOST_OWA}", default["OWA"] <= MOST_OWA),
             ("seconds per 1,000 series, default", default["s/1000"], f"under {MOST_SECONDS:g}",
              default["s/1000"] < MOST_SECONDS)]
    for level in LEVELS:
        start = process_time()
        judged = judge(keys, series.history, series.came.shape[1], level)
        seconds = (process_time() - start) / len(keys) * 1000
        held = (np.abs(series.came - judged.mid) <= judged.radius)[np.isfinite(series.came)].mean()
        goal = f"{COVERED[0]:.0%} to {COVERED[1]:.0%}" if level == LEVELS[0] else "(none set)"
        lines += [(f"covered by {level:.0%} intervals", held, goal,
                   COVERED[0] <= held <= COVERED[1] if level == LEVELS[0] else "")]
    lines += [("seconds per 1,000 series with back-test", seconds, "(none set)", "")]
    print("chosen by the back-test: " + ", ".join(judged.accuracy.loc[judged.accuracy["chosen"], "method"]) + "\n")
    for name, value, goal, met in lines:
        print(f"{name:<42} {value:>8.3f} | goal {goal:<14} | {met}")


if __name__ == "__main__":
    main()
