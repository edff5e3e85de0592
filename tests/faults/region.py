"""Two working groups of the model region in a project of their own, with the pages of the house."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kpsslib.example import write_example
from kpsslib.locks import alone
from kpsslib.methodology import load
from tests.faults.kit import Site

ROOT = Path(__file__).parents[2]
GROUPS = ["PS7", "PS8"]
PAGES = ["01_cleaning", "02_indicators", "03_comparison", "04_financing"]
KEYS = {
    "name": "small", "region": "Modelový kraj", "returns": "data/returns", "archive": "data/archive",
    "register_file": "data/register.csv", "territory": "data/territory.csv", "years": list(range(2018, 2026)),
    "year": 2025, "groups": GROUPS, "pages": PAGES, "region_pages": ["04_financing"], "scenarios": ["expected"],
    "allocation": {2026: 90_000_000, 2027: 92_000_000, 2028: 94_000_000},
}


class Region(Site):
    """The project of a region."""

    def __init__(self, folder: Path, package: Path) -> None:
        new = not folder.exists()
        super().__init__(folder, package)
        if new:
            shutil.rmtree(folder / "data")
            shutil.copytree(ROOT / "parameters" / "scenarios", folder / "parameters" / "scenarios")
            for page in PAGES:
                shutil.copy(ROOT / "notebooks" / f"{page}.ipynb", folder / "notebooks")
            _write_data(folder / "data")
            self.keys()

    def keys(self, **keys: object) -> str:
        """Write the run file with other keys."""
        path = self.folder / "parameters" / "runs" / "small.yaml"
        path.write_text(yaml.safe_dump(KEYS | keys, allow_unicode=True), "utf-8")
        return "parameters/runs/small.yaml"

    def copy(self, folder: Path) -> Region:
        """The same project with its outputs elsewhere."""
        shutil.copytree(self.folder, folder)
        return Region(folder, self.package)


def shared(factory: pytest.TempPathFactory, package: Path, name: str, **keys: object) -> Region:
    """A region whose batch has ended, made once for all the processes that test."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with alone(base / name):
        if not (base / name / "ended").exists():
            made = Region(base / name / "site", package)
            made.keys(**keys)
            ended = made.batch()
            assert ended.code in (0, 3), ended.said
            (base / name / "ended").touch()
    return Region(base / name / "site", package)


def _write_data(folder: Path) -> None:
    """The model region, and of it what belongs to the groups."""
    methodology = load(ROOT / "parameters" / "methodology")
    write_example(folder, methodology)
    mine = {kind for kind, group in methodology.group_of.items() if group in GROUPS}
    register = pd.read_csv(folder / "register.csv", dtype="str")
    services = set(register.loc[register["service_type"].isin(mine), "service_id"])
    for path in (folder / "returns").iterdir():
        if path.stem not in services:
            path.unlink()
    for path in [*(folder / "archive").iterdir(), folder / "register.csv"]:
        _keep(path, mine)


def _keep(path: Path, kinds: set[str]) -> None:
    """The header of a table and its rows of some types of service."""
    data = path.read_bytes()
    encoding, separator = ("cp1250", ";") if b";" in data.partition(b"\n")[0] else ("utf-8", ",")
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding=encoding, sep=separator)
    table = table[table["service_type"].isin(kinds)]
    path.write_bytes(table.to_csv(index=False, sep=separator, lineterminator="\n").encode(encoding))
