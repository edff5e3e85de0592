"""Two small runs that can be worked out by hand: eight homes, two indicators, two years."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kpsslib.language import speak
from kpsslib.tables import TABLES, conform, write_table
from kpsslib.workspace import project_root

HOMES = [f"{number:07d}" for number in range(1, 9)]  # identifiers begin with noughts
VALUES = [1000.0, 1100.0, 1200.0, 1300.0, 1400.0, 1500.0, 1600.0, 1700.0]
_EMPTY = {"str": "", "int": pd.NA, "float": float("nan"), "bool": False}


def table(name: str, **columns: object) -> pd.DataFrame:
    """A table with all its columns; those not given are empty."""
    rows = pd.DataFrame(columns)
    missing = {c: _EMPTY[kind] for c, kind in TABLES[name].items() if c not in rows}
    return conform(name, rows.assign(**missing))


def indicators(year: int = 2025, round: str = "actual") -> pd.DataFrame:
    """N01 (lower is better) and V01 of every home."""
    return pd.concat([
        table("indicators", indicator=code, unit_id=HOMES, form="residential", year=year, round=round, value=values,
              flag="ok") for code, values in (("N01", VALUES), ("V01", [90.0] * 8))], ignore_index=True)


def comparison() -> pd.DataFrame:
    """N01 of 2025: quartiles 1175 and 1525, so that one usual distance is 350 / 1.349."""
    return table("comparison", indicator="N01", unit_id=HOMES, form="residential", year=2025, round="actual",
                 peer_set="type", peers="DS/residential/beds", value=VALUES, n_reported=8, n_expected=8, median=1350.0,
                 q1=1175.0, q3=1525.0, rank_low=[1.0, 1, 2, 3, 4, 5, 6, 7], rank_high=[2.0, 3, 4, 5, 6, 7, 8, 8],
                 position=["better"] * 3 + ["indistinct"] * 2 + ["worse"] * 3, p_adjusted=0.2, flag="ok")


def a_run() -> dict[str, pd.DataFrame]:
    """The tables of a run."""
    return {
        "indicators": indicators(), "comparison": comparison(),
        "services": table("services", service_id=HOMES, form="residential", service_type="DS", group="PS1",
                          service_name=[f"Domov {letter}" for letter in "ABCDEFGH"]),
        "originals": table("originals", file=[f"{home}.xlsx" for home in HOMES], sha256=[f"a{n}" for n in range(8)],
                           state="accepted", service_id=HOMES, group="PS1", year=2025, round="actual"),
        "facts": table("facts", service_id=HOMES, form="residential", year=2025, round="actual", item="cost_energy",
                       value=[value * 10 for value in VALUES], status="reported"),
    }


class Runs:
    """Folders of outputs in a project of their own."""

    def __init__(self, root) -> None:
        self.root = root

    def write(self, name: str, tables: dict[str, pd.DataFrame], group: str = "PS1", **imprint: object):
        """Write a run and return its folder."""
        folder = self.root / "outputs" / name
        for key, rows in tables.items():
            write_table(rows, folder / "tables" / group / f"{key}.parquet")
        told = {"year": 2025, "round": "actual", "region": "Kraj", "language": "cs", **imprint}
        (folder / "summary.json").write_text(json.dumps({"imprint": told}), "utf-8")
        return folder


@pytest.fixture
def runs(tmp_path, monkeypatch):
    (tmp_path / "parameters").mkdir()
    for name in ("methodology", "scenarios"):
        (tmp_path / "parameters" / name).symlink_to(project_root() / "parameters" / name)
    monkeypatch.chdir(tmp_path)
    speak("cs")
    yield Runs(tmp_path)
    speak("cs")
