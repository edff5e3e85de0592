"""The model region in a temporary project: how many of its pages run again when one return has changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.batch_project import ROOT
from benchmarks.telling import figure

RUN_FILE = "parameters/runs/example.yaml"
OUTPUTS = "outputs/example"
ADDED = 1_000  # CZK of energy


def change_a_return(folder: Path, batch: Callable[[Path, str], tuple[float, float]]) -> list[dict]:
    """Which pages a batch runs after one figure of one return has changed: pages of its group and of the region."""
    _make(folder)
    first = batch(folder, RUN_FILE)[0]
    group = _change(folder)
    before = _attempts(folder)
    again = batch(folder, RUN_FILE)[0]
    ran = sorted(_attempts(folder) - before)
    pages = {(group, page) for page in ("01_cleaning", "02_indicators", "03_comparison", "04_financing")}
    only = {told[:2] for told in ran} <= pages | {("all", "04_financing")}
    names = ", ".join(f"{one[0]} {one[1]}" for one in ran)
    print(f"one return of {group} changed: ran again {names}")
    return [figure("pages run again, one return of the model region changed", len(ran), 33, "only its dependants",
                   only and (group, "01_cleaning") in {told[:2] for told in ran}),
            figure("model region, one return changed, s", again, first)]


def _make(folder: Path) -> None:
    """The project: this one's parameters and pages, and the returns of the model region."""
    for name in ("parameters", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "data/example").mkdir(parents=True)
    shutil.copy(ROOT / "data/example/truths.toml", folder / "data/example")
    subprocess.run([Path(sys.executable).with_name("kpss"), "example"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)


def _change(folder: Path) -> str:
    """Add to the energy of the first return that was accepted and has one; its group."""
    import openpyxl
    import pandas as pd

    originals = pd.concat(map(pd.read_parquet, sorted((folder / OUTPUTS / "tables").glob("*/originals.parquet"))))
    returns = originals[(originals["state"] == "accepted") & originals["file"].str.endswith(".xlsx")]
    for name, group in returns.sort_values("file")[["file", "group"]].itertuples(index=False):
        path = folder / "data/example/returns" / Path(name).name
        book = openpyxl.load_workbook(path)
        energy = next((row[4] for row in book["Výkaz"].iter_rows() if row[1].value == "energie"), None)
        if energy is not None and isinstance(energy.value, int):
            energy.value += ADDED
            book.save(path)
            return group
    raise SystemExit("no return of the model region has energy to change")


def _attempts(folder: Path) -> set[tuple[str, str, int]]:
    """The attempts in the ledger that ran a page: group, page and number."""
    from kpsslib.batch.ledger import Ledger

    ledger = Ledger(folder / OUTPUTS, read_only=True)
    try:
        return {(one.group, one.page, one.number) for one in ledger.attempts() if one.state != "left_out"}
    finally:
        ledger.close()
