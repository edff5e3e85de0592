"""Facts as the rules see them: one row a return and form, one column an item, and the way back to each cell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from kpsslib.methodology import Methodology

NOT_ASKED, MISSING, EXPLAINED, FILLED = range(4)
CAPACITY = {"beds": "capacity_beds", "clients": "capacity_clients", "contacts": "capacity_contacts",
            "interventions": "capacity_interventions", "calls": "capacity_calls"}
PEERS = ("service_type", "form", "year", "round")


class Wide:
    """The returns of a group side by side.

    `returns` has one row a service, form, year and round with its identity; `wide["cost_total"]` is the column of an
    item in the same order, NaN where it has no usable value; "capacity" is the capacity in the unit of the type.
    """

    def __init__(self, returns: pd.DataFrame, facts: pd.DataFrame, methodology: Methodology) -> None:
        self.returns = returns.reset_index(drop=True)
        self.facts, self.methodology = facts, methodology
        self.items = [code for code, item in methodology.items.items() if item.source == "return"]
        self._column = {code: i for i, code in enumerate(self.items)}
        row_of = pd.Series(self.returns.index, index=self.returns["return_no"])
        rows = row_of.reindex(facts["return_no"]).to_numpy()
        item = facts["item"].astype("category")
        columns = np.array([self._column[code] for code in item.cat.categories], dtype=int)[item.cat.codes]
        shape = (len(self.returns), len(self.items))
        self.values = np.full(shape, np.nan)
        self.places = np.full(shape, -1, dtype="int64")
        self.state = np.zeros(shape, dtype="int8")
        self._sets: dict[tuple[str, ...], list[np.ndarray]] = {}
        self.confirmed_zeros = np.zeros(shape, dtype=bool)
        self.values[rows, columns] = facts["value"].to_numpy(float)
        self.places[rows, columns] = np.arange(len(facts))
        status = facts["status"].map({"missing": MISSING, "not_applicable": EXPLAINED, "confidential": EXPLAINED})
        self.state[rows, columns] = status.astype("float").fillna(FILLED).to_numpy()

    def __len__(self) -> int:
        return len(self.returns)

    def __getitem__(self, item: str) -> np.ndarray:
        if item == "capacity":
            columns = [self[code] for code in CAPACITY.values()]
            return np.where(np.isnan(columns).all(axis=0), np.nan, np.nansum(columns, axis=0))
        if item not in self._column:
            return np.full(len(self), np.nan)
        return self.values[:, self._column[item]]

    def asked(self, item: str) -> np.ndarray:
        """Where the item is asked."""
        return self.states(item) != NOT_ASKED

    def states(self, item: str) -> np.ndarray:
        """Whether the item was not asked, missing, explained or filled, as it was reported."""
        known = item in self._column
        return self.state[:, self._column[item]] if known else np.zeros(len(self), dtype="int8")

    def text(self, column: str) -> pd.Series:
        """A column of the returns' identity."""
        return self.returns[column]

    def note(self, item: str) -> np.ndarray:
        """The provider's notes at an item, "" where there is none."""
        places = self.places[:, self._column[item]] if item in self._column else np.full(len(self), -1)
        notes = np.append(self.facts["note"].to_numpy(dtype=object), "")
        return notes[places]

    def located(self, rows: np.ndarray, item: str) -> dict[str, np.ndarray]:
        """Cell, item and value as text of an item's figures in some rows, "" where there is none.

        "capacity" is that of the type's unit.
        """
        codes = [code for code in (CAPACITY.values() if item == "capacity" else [item]) if code in self._column]
        places = np.max([self.places[rows, self._column[code]] for code in codes], axis=0, initial=-1)
        there = self.facts.iloc[np.maximum(places, 0).astype(int)] if len(self.facts) else None
        if there is None:
            return {"cell": np.full(len(rows), ""), "item": np.full(len(rows), item), "value": np.full(len(rows), "")}
        texts = np.array(["" if np.isnan(value) else repr(float(value)) for value in there["value"]], dtype=object)
        return {"cell": np.where(places < 0, "", there["cell"].to_numpy(dtype=object)),
                "item": np.where(places < 0, item, there["item"].to_numpy(dtype=object)),
                "value": np.where(places < 0, "", texts)}

    def block(self, rows: np.ndarray, items: Iterable[str]) -> None:
        """Take figures out: later rules and everything downstream do not see them."""
        for item in items:
            if item in self._column:
                self.values[rows, self._column[item]] = np.nan

    def confirm(self, rows: np.ndarray, items: Iterable[str]) -> None:
        """Note that the zeros among some figures were confirmed by the provider."""
        for item in items:
            if item in self._column:
                column = self._column[item]
                self.confirmed_zeros[rows, column] |= self.values[rows, column] == 0

    def blocked(self) -> np.ndarray:
        """The positions in the facts of the figures taken out."""
        taken_out = np.isnan(self.values) & (self.state == FILLED) & (self.places >= 0)
        return self.places[taken_out]

    def before(self, values: np.ndarray) -> np.ndarray:
        """The same of the year before: same service, form and round; NaN where there is none."""
        return np.where(self._before >= 0, values[self._before], np.nan) if len(self) else values

    @cached_property
    def _before(self) -> np.ndarray:
        """The row of the year before, -1 where there is none."""
        key = ["service_id", "form", "round", "year"]
        index = pd.MultiIndex.from_frame(self.returns[key].astype({"year": int}))
        return index.get_indexer(pd.MultiIndex.from_frame(self.returns[key].assign(
            year=self.returns["year"].astype(int) - 1)))

    @cached_property
    def part_of_year(self) -> np.ndarray:
        """Which services ran a part of the year only."""
        year = self.text("year").astype(str)
        dates = (self.text("valid_from").str[:4] == year) | (self.text("valid_to").str[:4] == year)
        return (self["months_operated"] < 12) | dates.to_numpy()

    def peer_median(self, values: np.ndarray, by: tuple[str, ...] = PEERS) -> tuple[np.ndarray, np.ndarray]:
        """Median of a set's values and how many others of the set have one, beside each row."""
        groups = pd.Series(values).groupby([self.returns[column] for column in by])
        return groups.transform("median").to_numpy(), groups.transform("count").to_numpy() - ~np.isnan(values)

    def sets(self, by: tuple[str, ...] = PEERS) -> list[np.ndarray]:
        """The rows of each set of peers."""
        if by not in self._sets:
            self._sets[by] = list(self.returns.groupby(list(by), sort=False, observed=True).indices.values())
        return self._sets[by]

    def of_unit(self, unit: str) -> list[str]:
        """The reported items of a unit."""
        return [code for code in self.items if self.methodology.items[code].unit == unit]

    def above(self, item: str) -> tuple[str, ...]:
        """The sums that an item is part of, directly or through other sums."""
        direct = [code for code in self.items if item in self.methodology.items[code].sum_of]
        return tuple(dict.fromkeys(code for one in direct for code in (one, *self.above(one))))
