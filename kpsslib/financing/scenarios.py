"""Scenarios: named sets of growth paths, read strictly from `parameters/scenarios/`.

`expected.toml` is the reference: the statistical forecast itself. Another scenario multiplies an item's forecast by
the ratio of its driver's index to the reference's:

    factor(t) = product over the years u up to t of
                (1 + g_scenario(u)) (1 + c_scenario(u)) / ((1 + g_expected(u)) (1 + c_expected(u)))

where g is the growth of the item's driver and c the growth of the service type's capacity (for items that grow with
it). Which driver moves which item stands in `drivers.toml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from kpsslib.language import _
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import Model, Name
from kpsslib.methodology.reading import build, parse_toml
from kpsslib.workspace import Run, RunError

REFERENCE = "expected"
TOTALS = ("cost_total", "revenue_total")
Growth = Annotated[float, Field(gt=-1, lt=10)]
Years = Annotated[dict[Annotated[str, Field(pattern=r"^20\d\d$")], Growth], Field(min_length=1)]


class Scenario(Model):
    """Growth paths by calendar year (0.05 is 5 %) and what happens to ESF projects."""

    code: str
    name: Name
    why: Name
    sources: str = Field(min_length=1)
    verified: bool
    wages: Years
    energy: Years
    prices: Years
    grant: Years
    capacity: dict[str, Years] = Field(default={})
    esf: Literal["ends", "continues"]

    def growth(self, driver: str, year: int) -> float:
        """Growth of a driver in a year: the last listed year up to it, or the first listed one."""
        if driver == "none":
            return 0.0
        path = getattr(self, driver)
        return path[max((y for y in path if int(y) <= year), default=min(path))]

    def index(self, driver: str, service_type: str | None, years: list[int]) -> np.ndarray:
        """Index of driver x capacity of the type in each year; the year before the first is 1."""
        steps = [(1 + self.growth(driver, y)) * (1 + self.capacity.get(service_type or "", {}).get(str(y), 0.0))
                 for y in years]
        return np.cumprod(steps)


class Driver(Model):
    """What moves a money item, and whether it grows with capacity."""

    code: str
    driver: Literal["wages", "energy", "prices", "grant", "none"]
    capacity: bool


class Scenarios(NamedTuple):
    """The scenarios of a run by code, the reference, and the driver of each money item forecast."""

    chosen: dict[str, Scenario]
    reference: Scenario
    drivers: dict[str, Driver]

    @property
    def items(self) -> list[str]:
        """The money items that are forecast; they add up to total cost and total revenue."""
        return list(self.drivers)

    def factors(self, kinds: pd.DataFrame, years: list[int]) -> pd.DataFrame:
        """What each scenario multiplies the reference forecast by.

        `kinds` has the pairs service_type, item. Returns columns service_type, item, scenario, year, factor.
        """
        rows = []
        for kind in kinds.itertuples(index=False):
            driver = self.drivers[kind.item]
            grows_with = kind.service_type if driver.capacity else None
            base = self.reference.index(driver.driver, grows_with, years)
            for code, scenario in self.chosen.items():
                factor = scenario.index(driver.driver, grows_with, years) / base
                rows += [(kind.service_type, kind.item, code, *pair) for pair in zip(years, factor, strict=True)]
        return pd.DataFrame(rows, columns=["service_type", "item", "scenario", "year", "factor"])


def read_scenarios(run: Run, folder: str = "parameters/scenarios") -> Scenarios:
    """The scenarios that the run names, and always the reference, checked against the run's methodology.

    Raises RunError with every problem: a file that is missing or wrong, a service type or item that does not exist,
    items that do not add up to the totals.
    """
    problems: list[str] = []
    place = run.path(folder)
    if not run.scenarios:
        problems.append(_("scenarios: the run names none; add for example: scenarios: [expected, tight, growth]"))
    codes = run.scenarios if REFERENCE in run.scenarios else [REFERENCE, *run.scenarios]
    read = {code: _read(place / f"{code}.toml", problems) for code in codes}
    drivers = {code: build(Driver, {"code": code, **entry}, place / "drivers.toml", code, problems)
               for code, entry in parse_toml(place / "drivers.toml", problems).items()}
    if not problems:
        problems = [*_unknown_types(read, run.methodology, place), *_gaps(drivers, run.methodology, place)]
    if problems:
        raise RunError(problems)
    return Scenarios(read, read[REFERENCE], drivers)


def _read(path: Path, problems: list[str]) -> Scenario | None:
    found = len(problems)
    data = parse_toml(path, problems)
    return build(Scenario, {"code": path.stem, **data}, path, path.stem, problems) if len(problems) == found else None


def _unknown_types(read: dict[str, Scenario], methodology: Methodology, place: Path) -> list[str]:
    return [_("{file}: capacity: the service type {found} does not exist", file=place / f"{code}.toml", found=kind)
            for code, scenario in read.items() for kind in scenario.capacity if kind not in methodology.service_types]


def _gaps(drivers: dict[str, Driver], methodology: Methodology, place: Path) -> list[str]:
    """What keeps the items of drivers.toml from adding up to the totals: parts counted twice or not at all."""
    counted = [leaf for code in drivers for leaf in _leaves(code, methodology)]
    wanted = {leaf for total in TOTALS for leaf in _leaves(total, methodology)}
    twice = sorted({leaf for leaf in counted if counted.count(leaf) > 1})
    wrong = [(_("items that do not belong to cost_total or revenue_total"), sorted(set(counted) - wanted)),
             (_("items missing from the totals"), sorted(wanted - set(counted))),
             (_("items counted twice"), twice)]
    return [f"{place / 'drivers.toml'}: {what}: {', '.join(items)}" for what, items in wrong if items]


def _leaves(code: str, methodology: Methodology) -> list[str]:
    parts = methodology.items[code].sum_of if code in methodology.items else []
    return [leaf for part in parts for leaf in _leaves(part, methodology)] or [code]
