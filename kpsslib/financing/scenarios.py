"""Scenarios: named sets of growth paths, read strictly from `parameters/scenarios/`.

A money item is volume x price (`drivers.toml`): its price follows a driver, such as wages for what is paid for posts;
its volume, where the item says so, the capacity planned for the service type and the number of people of the age group
that the type serves. With g, c and d the growth of the three, the index of an item in the year t is

    index(t) = product over the years u up to t of (1 + g(u)) (1 + c(u)) (1 + d(u)).

`expected.toml` is the reference: the statistical forecast itself. Another scenario multiplies an item's forecast by its
own index over the reference's.
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
Year = Annotated[str, Field(pattern=r"^20\d\d$")]
Years = Annotated[dict[Year, Growth], Field(min_length=1)]


class Scenario(Model):
    """Growth paths by calendar year (0.05 is 5 %) and what happens to ESF projects.

    `without_years` are the years that no method and no back-test learns from (an epidemic, a change of method), each
    with its reason; only the reference names them.
    """

    code: str
    name: Name
    why: Name
    sources: str = Field(min_length=1)
    verified: bool
    wages: Years
    energy: Years
    prices: Years
    grant: Years
    people_65: Years = Field(default={"2000": 0.0})
    people_80: Years = Field(default={"2000": 0.0})
    capacity: dict[str, Years] = Field(default={})
    without_years: dict[Year, Annotated[str, Field(min_length=1)]] = Field(default={})
    esf: Literal["ends", "continues"]

    def growth(self, driver: str, year: int) -> float:
        """Growth of a driver in a year: the last listed year up to it, or the first listed one."""
        if driver == "none":
            return 0.0
        path = getattr(self, driver)
        return path[max((y for y in path if int(y) <= year), default=min(path))]

    def index(self, driver: str, years: list[int]) -> np.ndarray:
        """Index of a driver or an age group in each year; the year before the first is 1."""
        return np.cumprod([1 + self.growth(driver, year) for year in years])

    def planned(self, service_type: str, years: list[int]) -> np.ndarray:
        """Index of the capacity planned for a service type; a year that is not listed brings none."""
        return np.cumprod([1 + self.capacity.get(service_type, {}).get(str(year), 0.0) for year in years])


class Driver(Model):
    """What moves the price of a money item, and whether its volume grows with capacity and the people served."""

    code: str
    driver: Literal["wages", "energy", "prices", "grant", "none"]
    capacity: bool


class AgeGroup(Model):
    """The age group that a service type serves."""

    code: str
    people: Literal["people_65", "people_80"]


class Indices(NamedTuple):
    """What moves an item of a service type in one scenario, year by year; the last actual year is 1."""

    price: np.ndarray
    capacity: np.ndarray
    people: np.ndarray


class Scenarios(NamedTuple):
    """The scenarios of a run by code, the reference, the driver of each money item, the age group of service types."""

    chosen: dict[str, Scenario]
    reference: Scenario
    drivers: dict[str, Driver]
    served: dict[str, AgeGroup]

    @property
    def items(self) -> list[str]:
        """The money items that are forecast; they add up to total cost and total revenue."""
        return list(self.drivers)

    @property
    def without_years(self) -> list[int]:
        """The years that nothing is learned from."""
        return sorted(map(int, self.reference.without_years))

    def indices(self, scenario: Scenario, service_type: str, item: str, years: list[int]) -> Indices:
        """Price, capacity and people of an item of a service type in a scenario."""
        price = scenario.index(self.drivers[item].driver, years)
        if not self.drivers[item].capacity:
            return Indices(price, np.ones(len(years)), np.ones(len(years)))
        people = scenario.index(self.served[service_type].people if service_type in self.served else "none", years)
        return Indices(price, scenario.planned(service_type, years), people)

    def factors(self, kinds: pd.DataFrame, years: list[int]) -> pd.DataFrame:
        """What moves each item in each scenario, and what each scenario multiplies the reference forecast by.

        `kinds` has the pairs service_type, item. Returns columns service_type, item, scenario, year, price, capacity,
        people (indices of the scenario) and factor.
        """
        rows = []
        for kind in kinds.itertuples(index=False):
            base = np.prod(self.indices(self.reference, kind.service_type, kind.item, years), axis=0)
            for code, scenario in self.chosen.items():
                indices = self.indices(scenario, kind.service_type, kind.item, years)
                told = zip(years, *indices, np.prod(indices, axis=0) / base, strict=True)
                rows += [(kind.service_type, kind.item, code, *values) for values in told]
        return pd.DataFrame(rows, columns=["service_type", "item", "scenario", "year", *Indices._fields, "factor"])


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
    moved = parse_toml(place / "drivers.toml", problems)
    served = {code: build(AgeGroup, {"code": code, "people": people}, place / "drivers.toml", code, problems)
              for code, people in moved.pop("demography", {}).items()}
    drivers = {code: build(Driver, {"code": code, **entry}, place / "drivers.toml", code, problems)
               for code, entry in moved.items()}
    if not problems:
        problems = [*_unknown_types(read, served, run.methodology, place), *_misplaced_years(read, place),
                    *_gaps(drivers, run.methodology, place)]
    if problems:
        raise RunError(problems)
    return Scenarios(read, read[REFERENCE], drivers, served)


def _read(path: Path, problems: list[str]) -> Scenario | None:
    found = len(problems)
    data = parse_toml(path, problems)
    return build(Scenario, {"code": path.stem, **data}, path, path.stem, problems) if len(problems) == found else None


def _unknown_types(read: dict[str, Scenario], served: dict[str, AgeGroup], methodology: Methodology,
                   place: Path) -> list[str]:
    named = [(place / f"{code}.toml", "capacity", kind)
             for code, scenario in read.items() for kind in scenario.capacity]
    named += [(place / "drivers.toml", "demography", kind) for kind in served]
    return [_("{file}: {table}: the service type {found} does not exist", file=file, table=table, found=kind)
            for file, table, kind in named if kind not in methodology.service_types]


def _misplaced_years(read: dict[str, Scenario], place: Path) -> list[str]:
    return [_("{file}: without_years belongs to {reference}.toml only, because all scenarios share one forecast",
              file=place / f"{code}.toml", reference=REFERENCE)
            for code, scenario in read.items() if scenario.without_years and code != REFERENCE]


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
