"""What may stand in a mapping: the declaration of how somebody else's tables are read into our facts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from kpsslib.language import _
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import Code, Form, Model, Name, Round
from kpsslib.methodology.reading import build, parse_toml
from kpsslib.workspace import RunError

Identity = Literal["territory", "name", "type"]
Headers = Annotated[list[str], Field(min_length=1)]


class MappingError(RunError):
    """The mapping is wrong; `problems` holds every reason, one sentence each."""


class FileRule(Model):
    """The files whose name matches: the day they describe, and the year and round they count as."""

    match: str
    date: date
    year: int
    round: Round
    says: str | None = None


class IdentityColumns(Model):
    """The headers of the columns that say who is described, in every spelling met.

    Where a table names nobody but says where they are, latitude and longitude stand for the name.
    """

    territory: Headers | None = None
    name: Headers | None = None
    type: Headers | None = None
    latitude: Headers | None = None
    longitude: Headers | None = None

    @property
    def by_place(self) -> bool:
        """Whether a row is told by its coordinates."""
        return self.latitude is not None and self.longitude is not None


class ItemColumn(Model):
    """The column of an item: its header in every spelling met, and what its numbers are multiplied by."""

    header: Headers
    scale: float = 1.0


class Subtotal(Model):
    """Rows that add up the rows below them: the column and the texts that mark them."""

    column: Identity
    marks: Headers


class ServiceTable(Model):
    """A table with a row a service (or a part of one) and a column an item."""

    sheet: str = ""
    header: str
    header_rows: int = Field(default=1, ge=1)
    form: Form
    region_code: str
    id_prefix: Code
    carried_down: list[Identity] = Field(default_factory=list)
    missing_marks: list[str] = Field(default_factory=list)
    decimal_mark: Literal[".", ","] | None = None
    subtotal: Subtotal | None = None
    columns: IdentityColumns
    same: dict[Literal["territory", "type"], str] = Field(default_factory=dict)
    items: dict[str, ItemColumn] = Field(min_length=1)
    types: dict[str, str] = Field(min_length=1)
    types_not_filled: list[str] = Field(default_factory=list)
    renamed: dict[str, str] = Field(default_factory=dict)
    abbreviations: dict[str, str] = Field(default_factory=dict)
    files: list[FileRule] = Field(min_length=1)

    def rule(self, name: str) -> FileRule | None:
        """The first rule that a file's name matches."""
        return next((rule for rule in self.files if fnmatch(name, rule.match)), None)


class TerritoryColumns(Model):
    """The headers of a long table of territories."""

    code: str
    year: str
    item: str
    value: str


class TerritoryTable(Model):
    """A long table of territories: one row a territory, year and figure."""

    match: str
    source: str
    columns: TerritoryColumns
    items: dict[str, str] = Field(min_length=1)
    stands_for: dict[str, int] = Field(default_factory=dict)


class Mapping(Model):
    """How tables that someone else designed are read."""

    name: Name
    publisher: str
    territories: dict[str, str] = Field(min_length=1)
    services: ServiceTable
    population: TerritoryTable | None = None


def load_mapping(path: Path | str, methodology: Methodology) -> Mapping:
    """Read and check a mapping file against the methodology.

    Raises MappingError with every problem: an unknown, missing or ill-typed key with the nearest right one, an item
    or a service type that the methodology does not have.
    """
    path, problems = Path(path), []
    data = parse_toml(path, problems)
    mapping = None if problems else build(Mapping, data, path, path.stem, problems)
    if mapping is not None:
        found = [*_untold(mapping.services), *_strangers(mapping, methodology)]
        problems += [f"{path}: {problem}" for problem in found]
    if problems:
        raise MappingError(problems)
    return mapping


def _untold(table: ServiceTable) -> list[str]:
    """Each part of the identity that is told nowhere, or in two places."""
    told = {key: (getattr(table.columns, key) is not None) + (key in table.same) for key in get_args(Identity)}
    told["name"] += table.columns.by_place
    return [_("key {key}: {word} must be told once: by a column of services.columns (a name also by latitude and "
              "longitude), or for all rows in services.same", key="services.columns", word=word)
            for word, times in told.items() if times != 1]


def _strangers(mapping: Mapping, methodology: Methodology) -> list[str]:
    """Every item and service type named in the mapping that the methodology does not have."""
    area = mapping.population
    named = [
        ("services.items", mapping.services.items, methodology.items),
        ("services.types", mapping.services.types.values(), methodology.service_types),
        ("population.items", area.items.values() if area else (), methodology.items),
    ]
    return [_("key {key}: {word} is not in the methodology; {hint}", key=key, word=word, hint=_hint(word, known))
            for key, words, known in named for word in dict.fromkeys(words) if word not in known]


def _hint(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return _("did you mean {near}?", near=near[0]) if near else _("allowed are {keys}", keys=", ".join(known))
