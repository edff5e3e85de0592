"""A return as it is sent: identity and figures of one service, and the faults planted in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.example.panel import Panel
from kpsslib.example.truths import Truth
from kpsslib.intake.template import IDENTITY_KEYS
from kpsslib.methodology import Methodology

Figures = dict[tuple[str, str], float]


class Return(NamedTuple):
    """What `kpsslib.intake.template.write_return` takes, and the file's name."""

    file: str
    identity: dict[str, object]
    values: Figures
    notes: dict[str, str]
    overrides: dict


def returns_of(panel: Panel, came: np.ndarray, truths: list[Truth], methodology: Methodology) -> Iterator[Return]:
    """The returns of the last year of every service whose return came, with planted faults in them."""
    faults = {t.service_id: t for t in truths if t.kind == "fault" and t.service_id}
    rows = np.flatnonzero(came[:, -1])
    for service_id, own in pd.Series(rows).groupby(panel.units["service_id"].to_numpy()[rows], sort=True):
        truth = faults.get(str(service_id))
        sound = _sound(panel, list(own), len(panel.years) - 1)
        if truth is None or (truth.file and truth.text is None):
            yield sound
        if truth is not None and truth.text is None:
            year = list(panel.years).index(truth.year_sent or panel.years[-1])
            yield _faulty(_sound(panel, list(own), year), truth, methodology)


def _sound(panel: Panel, rows: list[int], year: int) -> Return:
    service = panel.units.iloc[rows[0]]
    identity: dict[str, object] = {key: str(service[key]) for key in IDENTITY_KEYS if key in service}
    identity |= {"year": int(panel.years[year]), "round": "actual"}
    values = {(item, str(panel.units.at[row, "form"])): float(figures[row, year])
              for row in rows for item, figures in panel.values.items() if figures[row, year] == figures[row, year]}
    notes = {"cost_other": "pojištění, bankovní a správní poplatky"} if rows[0] % 4 == 0 else {}
    return Return(f"{service['service_id']}.xlsx", identity, values, notes, {})


def _faulty(sound: Return, truth: Truth, methodology: Methodology) -> Return:
    """The return with the truth's changes: figures before sums, raw cells after them."""
    values = dict(sound.values)
    for key, factor in truth.factors.items():
        values |= {cell: round(values[cell] * factor, 2) for cell in _chosen(key, values, methodology)}
    for key, figure in truth.values.items():
        values |= dict.fromkeys([tuple(key.split("."))] if "." in key else _chosen(key, values, methodology), figure)
    for key in truth.blank:
        for cell in _chosen(key, values, methodology):
            del values[cell]
    overrides = {tuple(key.split(".")) if "." in key else key: tuple(raw) if isinstance(raw, list) else raw
                 for key, raw in truth.cells.items()}
    overrides |= {key: int(str(sound.identity[key])) for key in truth.as_number}
    return sound._replace(file=truth.file or sound.file, values=values, notes={}, overrides=overrides)


def _chosen(key: str, values: Figures, methodology: Methodology) -> list[tuple[str, str]]:
    """The cells a key names: "all", "money", a section, an item, or item.form."""
    items = methodology.items
    return [(item, form) for item, form in values
            if key in ("all", item, f"{item}.{form}", items[item].section)
            or (key == "money" and items[item].unit == "CZK")]
