"""The panel of the model region: one row a service and form, one column a year, an array an item."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.example import kinds
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import FORMS, Item


class Panel(NamedTuple):
    """Figures of all services.

    Attributes:
        units: one row a service and reporting form: the register's columns, `form`, and the type's averages.
        years: the years, ascending.
        months: months in operation, units x years; 0 before opening and after closing.
        values: item -> figures, units x years, in the item's unit; NaN where not asked or not in operation.
    """

    units: pd.DataFrame
    years: np.ndarray
    months: np.ndarray
    values: dict[str, np.ndarray]

    def rows(self, service_id: str, form: str | None = None) -> np.ndarray:
        """The row numbers of a service (of one of its forms)."""
        wanted = self.units["service_id"].eq(service_id)
        return np.flatnonzero(wanted if form is None else wanted & self.units["form"].eq(form))

    def residential(self) -> np.ndarray:
        """A column of True for the units of the residential form."""
        return self.units["form"].eq("residential").to_numpy()[:, None]


def open_panel(register: pd.DataFrame, years: np.ndarray) -> Panel:
    """The units of a register with the averages of their types, no figures yet."""
    averages = {"residential": kinds.residential(), "outpatient_field": kinds.outpatient()}
    letters = {"residential": "P", "outpatient_field": "A|T"}
    units = pd.concat([register[register["forms"].str.contains(letters[form])].assign(form=form)
                       .join(averages[form], on="service_type") for form in FORMS])
    units = units.sort_index(kind="stable").reset_index(drop=True)
    return Panel(units, years, _months(units, years), {})


def _months(units: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Whole months of operation a year; services open and close at the turn of a month."""
    start = units["valid_from"].str[:4].astype(int) * 12 + units["valid_from"].str[5:7].astype(int) - 1
    ended = units["valid_to"].where(units["valid_to"] != "", "9999-12-31")
    end = ended.str[:4].astype(int) * 12 + ended.str[5:7].astype(int)
    january = years[None, :] * 12
    last = np.minimum(end.to_numpy()[:, None], january + 12)
    return np.clip(last - np.maximum(start.to_numpy()[:, None], january), 0, 12).astype(float)


def asked(panel: Panel, item: Item, methodology: Methodology) -> np.ndarray:
    """Where an item is asked of a unit in operation, units x years."""
    types = {(code, form): item.asked_of(kind, form) for code, kind in methodology.service_types.items()
             for form in FORMS}
    keys = zip(panel.units["service_type"], panel.units["form"], strict=True)
    return np.array([types[key] for key in keys])[:, None] & (panel.months > 0)


def complete(panel: Panel, methodology: Methodology) -> Panel:
    """The panel with only what is asked, and every sum row computed from its parts exactly."""
    values: dict[str, np.ndarray] = {}
    for item in methodology.items.values():
        if item.source != "return":
            continue
        if item.sum_of:
            figures = sum(np.nan_to_num(values[part]) for part in item.sum_of)
            digits = 2 if item.unit in ("FTE", "hour") else 0
            figures = np.round(figures, digits)
        else:
            figures = panel.values.get(item.code, np.full(panel.months.shape, np.nan))
        values[item.code] = np.where(asked(panel, item, methodology), figures, np.nan)
    return panel._replace(values=values)
