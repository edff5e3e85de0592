"""The thresholds of the data-quality rules, read strictly from `rules.toml` of the methodology."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from kpsslib.methodology.models import Model
from kpsslib.methodology.reading import build, parse_toml
from kpsslib.workspace import Run, RunError

FILE = "rules.toml"
Share = Annotated[float, Field(gt=0)]


class Occupancy(Model):
    """Rule 4."""

    low: Share


class Sums(Model):
    """Rule 7."""

    tolerance_czk: Share
    tolerance_other: Share
    other_share: Share


class Balance(Model):
    """Rule 8."""

    deviation: Share
    surplus: Share


class Thousands(Model):
    """Rule 9."""

    spread: float = Field(gt=1, lt=30)
    min_peers: int


class Change(Model):
    """Rule 10, against the year before."""

    limit: Share
    min_peers: int
    items: list[str]
    smallest: dict[str, float]


class Outliers(Model):
    """Rule 10, against the peers."""

    mad: Share
    min_peers: int
    ratios: list[Annotated[list[str], Field(min_length=2, max_length=2)]]


class Band(Model):
    """A band of crowns that holds from a year on."""

    from_year: int
    low: float
    high: float


class Work(Model):
    """Rule 11."""

    hours_per_post: Share
    staff_cost: list[Band]


class Clients(Model):
    """Rule 14."""

    per_place: Share
    anonymous: Share


class Thresholds(Model):
    """All thresholds, by the rule they belong to."""

    occupancy: Occupancy
    sums: Sums
    balance: Balance
    thousands: Thousands
    change: Change
    outliers: Outliers
    work: Work
    clients: Clients


def load_thresholds(run: Run) -> Thresholds:
    """The thresholds of the run's methodology; a methodology without its own uses those of the house.

    Raises RunError with every key that is unknown, missing or ill-typed.
    """
    own = run.path(run.methodology_folder) / FILE
    path = own if own.exists() else run.path("parameters/methodology") / FILE
    return read_thresholds(path)


def read_thresholds(path: Path) -> Thresholds:
    """Read and check one file of thresholds; raises RunError with every problem."""
    problems: list[str] = []
    data = parse_toml(path, problems)
    limits = None if problems else build(Thresholds, data, path, path.stem, problems)
    if limits is None:
        raise RunError(problems)
    return limits
