"""What may stand in a mapping: the declaration of how somebody else's tables are read into our facts."""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from kpsslib.language import _
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import Code, Form, Model, Name, Round
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
    """The headers of the columns that say who is described, in every spelling met."""

    territory: Headers
    name: Headers
    type: Headers


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
    subtotal: Subtotal | None = None
    columns: IdentityColumns
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


_MODELS = (Mapping, ServiceTable, TerritoryTable, TerritoryColumns, FileRule, IdentityColumns, ItemColumn, Subtotal)
_KEYS = [key for model in _MODELS for key in model.model_fields]


def load_mapping(path: Path | str, methodology: Methodology) -> Mapping:
    """Read and check a mapping file against the methodology.

    Raises MappingError with every problem: an unknown, missing or ill-typed key with the nearest right one, an item
    or a service type that the methodology does not have.
    """
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        raise MappingError([_("{file}: the mapping does not exist", file=path)]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError([_("{file}: not valid TOML: {error}", file=path, error=error)]) from None
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        raise MappingError([f"{path}: {_sentence(found)}" for found in error.errors()]) from None
    if problems := _strangers(mapping, methodology):
        raise MappingError([f"{path}: {problem}" for problem in problems])
    return mapping


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


def _sentence(found: dict) -> str:
    """One validation finding in words: the key, what was found, what was expected."""
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return _("unknown key {key}; {hint}", key=key, hint=_hint(str(found["loc"][-1]), _KEYS))
    if found["type"] == "missing":
        return _("key {key} is missing", key=key)
    return _("key {key}: found {found}, expected: {expected}", key=key, found=repr(found["input"])[:60],
             expected=found["msg"])


def _hint(word: str, known) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return _("did you mean {near}?", near=near[0]) if near else _("allowed are {keys}", keys=", ".join(known))
