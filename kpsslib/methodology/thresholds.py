"""The thresholds of the data-quality rules, read strictly from `rules.toml` of the methodology."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from kpsslib.methodology.models import Model
from kpsslib.methodology.reading import MethodologyError, build, parse_toml

FILE = "rules.toml"
Share = Annotated[float, Field(gt=0)]
# A median is told only where it is that of five others or more: it must not give away a provider's figure.
MinPeers = Annotated[int, Field(ge=5)]


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


class Localisation(Model):
    """Rules 4, 7 and 15: how reliable figures are, 1 where nothing is said."""

    sums: Share
    reliability: dict[str, Share]


class Units(Model):
    """Rule 9; a spread says how many times a ratio may differ from its factor and still count as near it."""

    thousand: float = Field(gt=1, lt=3.1)
    hundred: float = Field(gt=1, lt=2.5)
    twelve: float = Field(gt=1, lt=1.5)
    siblings: float = Field(gt=1)
    fewest_siblings: int = Field(ge=1)
    usual: float = Field(gt=1)
    z: Share
    min_peers: MinPeers
    smallest: dict[str, float]
    monthly: dict[str, str]

    @property
    def spreads(self) -> dict[int, float]:
        """The spread of each factor."""
        return {1000: self.thousand, 100: self.hundred, 12: self.twelve}


class Change(Model):
    """Rule 10, against the year before."""

    u: float = Field(ge=0, le=1)
    a: float = Field(ge=0)
    c: Share
    pairs: int = Field(ge=4)
    tail: float = Field(gt=0, lt=0.25)
    least: Share
    limit: Share
    min_peers: MinPeers
    items: list[str]
    smallest: dict[str, float]


class Repeated(Model):
    """Rule 10, the same figures again."""

    amounts: int = Field(ge=2)


class Outliers(Model):
    """Rule 10, against the peers."""

    z: Share
    least: Share
    min_peers: MinPeers
    ratios: list[Annotated[list[str], Field(min_length=2, max_length=2)]]


class Band(Model):
    """A band of crowns a full-time post that holds from a year on."""

    from_year: int
    low: float
    high: float


class Work(Model):
    """Rule 11."""

    hours_per_post: Share
    staff_cost: list[Band]

    def band(self, year: int) -> Band | None:
        """The band of staff costs that holds in a year, None before the first."""
        known = [band for band in self.staff_cost if band.from_year <= year]
        return max(known, key=lambda band: band.from_year, default=None)


class Clients(Model):
    """Rule 14."""

    per_place: Share
    anonymous: Share


class Thresholds(Model):
    """All thresholds, by the rule they belong to."""

    occupancy: Occupancy
    sums: Sums
    balance: Balance
    localisation: Localisation
    units: Units
    change: Change
    repeated: Repeated
    outliers: Outliers
    work: Work
    clients: Clients


def load_thresholds(folder: Path, house: Path) -> Thresholds:
    """The thresholds in a methodology's folder; one without its own uses those of the folder of the house.

    Raises MethodologyError with every key that is unknown, missing or ill-typed.
    """
    own = folder / FILE
    try:
        own.open("rb").close()  # opened, and not asked for: a batch notes that it was looked for
    except FileNotFoundError:
        return read_thresholds(house / FILE)
    return read_thresholds(own)


def read_thresholds(path: Path) -> Thresholds:
    """Read and check one file of thresholds; raises MethodologyError with every problem."""
    problems: list[str] = []
    data = parse_toml(path, problems)
    limits = None if problems else build(Thresholds, data, path, path.stem, problems)
    if limits is None:
        raise MethodologyError(problems)
    return limits
