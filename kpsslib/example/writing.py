"""Writes the model region as a region has it: archive of CSV exports, register, territory, returns."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from kpsslib.example.panel import Panel
from kpsslib.example.register import entrusted
from kpsslib.methodology import Methodology

REGISTER_COLUMNS = (
    "service_id", "provider_id", "provider_name", "service_name", "service_type", "forms", "municipality_code",
    "municipality", "orp_code", "orp_name", "region_code", "valid_from", "valid_to", "network_tier", "entrusted_from",
    "entrusted_to",
)
ARCHIVE_COLUMNS = tuple("form" if column == "forms" else column for column in REGISTER_COLUMNS)
_LAST_OLD_YEAR = 2021  # exports up to this year come from the old system: cp1250, semicolons, decimal commas
_GENERATED = {"returns": r"\d{7}(_\w+)?\.xlsx|pruvodni_dopis\.txt", "archive": r"\d{4}_\w+\.csv"}


def clear(folder: Path) -> None:
    """Remove what an earlier generation wrote, and nothing else; make the folders."""
    for name, pattern in _GENERATED.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in (folder / name).iterdir():
            if re.fullmatch(pattern, path.name):
                path.unlink()


def write_table(table: pd.DataFrame, path: Path) -> None:
    """A small table as UTF-8 CSV with commas."""
    table.to_csv(path, index=False, lineterminator="\n")


def write_archive(panel: Panel, came: np.ndarray, name: str, folder: Path, methodology: Methodology) -> list[Path]:
    """One export a year of one round: a row a service and form, a column an item that the round asks for.

    Args:
        panel: the figures as the round had them.
        came: units x years, which rows are in the exports.
        name: the round.
        folder: where `<year>_<round>.csv` go.
        methodology: the items and their rounds.
    """
    items = [i for i in methodology.items.values() if i.source == "return" and name in i.rounds]
    paths = []
    for column, year in enumerate(panel.years):
        rows = np.flatnonzero(came[:, column])
        if not len(rows):
            continue
        table = panel.units.iloc[rows][list(ARCHIVE_COLUMNS)].reset_index(drop=True)
        table[["entrusted_from", "entrusted_to"]] = entrusted(table, int(year))
        figures = {item.code: _figures(panel.values[item.code][rows, column]) for item in items}
        paths.append(folder / f"{year}_{name}.csv")
        old = year <= _LAST_OLD_YEAR
        pd.concat([table, pd.DataFrame(figures)], axis=1).to_csv(
            paths[-1], index=False, lineterminator="\r\n" if old else "\n", sep=";" if old else ",",
            decimal="," if old else ".", encoding="cp1250" if old else "utf-8")
    return paths


def _figures(values: np.ndarray) -> pd.Series:
    """Whole numbers without decimals, missing ones empty."""
    known = values[~np.isnan(values)]
    if (known == np.round(known)).all():
        return pd.Series(values).astype("Int64")
    return pd.Series(values)
