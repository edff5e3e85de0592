"""The model region written once, and a reader of its own for the returns: by key, with openpyxl."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kpsslib.example import SEED, write_example
from kpsslib.example.making import make_region
from kpsslib.methodology import load
from kpsslib.workspace import project_root


@pytest.fixture(scope="session")
def methodology():
    return load(project_root() / "parameters" / "methodology")


@pytest.fixture(scope="session")
def region(methodology):
    return make_region(methodology, 1, SEED)


@pytest.fixture(scope="session")
def summary_and_folder(methodology, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    return write_example(folder, methodology), folder


@pytest.fixture(scope="session")
def folder(summary_and_folder):
    return summary_and_folder[1]


@pytest.fixture(scope="session")
def returns(folder):
    """Every workbook among the returns by file name: key -> (residential or identity, outpatient and field, note)."""
    return {path.name: read_return(path) for path in sorted((folder / "returns").glob("*.xlsx"))
            if path.read_bytes()[:2] == b"PK"}


@pytest.fixture(scope="session")
def exports(folder):
    """The archive by (year, round), read as the old and the new system wrote it."""
    tables = {}
    for path in sorted((folder / "archive").glob("*.csv")):
        year, name = path.stem.split("_")
        old = int(year) <= 2021
        text = dict.fromkeys(("service_id", "provider_id", "municipality_code", "orp_code", "valid_to"), str)
        tables[int(year), name] = pd.read_csv(path, sep=";" if old else ",", decimal="," if old else ".", dtype=text,
                                              encoding="cp1250" if old else "utf-8")
    return tables


def read_return(path: Path) -> dict[str, tuple]:
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    rows = {row[0]: tuple(row[3:6]) for row in book["Výkaz"].iter_rows(values_only=True, max_col=6) if row[0]}
    book.close()
    return rows
