"""Strict reading of the methodology's TOML files: all problems of all files are told at once."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from kpsslib.language import _
from kpsslib.methodology.models import (
    Indicator, Item, Methodology, PeerRule, ServiceType, Source, WorkingGroup,
)

_TABLES: dict[str, type[BaseModel]] = {
    "service_types": ServiceType, "working_groups": WorkingGroup, "items": Item, "sources": Source, "peers": PeerRule,
}


class MethodologyError(ValueError):
    """The methodology cannot be read; `problems` lists every reason, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def load(folder: Path | str) -> Methodology:
    """Read and check a methodology folder, such as `parameters/methodology`.

    Raises MethodologyError with every problem of every file: an unknown, missing or ill-typed key with the
    nearest right one, a type in no working group or in two, a formula of undeclared items.
    """
    folder = Path(folder)
    problems: list[str] = []
    tables = {name: _read_table(folder / f"{name}.toml", model, problems) for name, model in _TABLES.items()}
    indicators = {}
    for path in sorted((folder / "indicators").rglob("*.toml")):
        data = parse_toml(path, problems)
        indicator = build(Indicator, {"code": path.stem, "area": path.parent.name, **data}, path, path.stem, problems)
        if indicator is not None and data:
            indicators[path.stem] = indicator
    if problems:
        raise MethodologyError(problems)
    methodology = Methodology(indicators=indicators, **tables)
    from kpsslib.methodology.checks import check

    problems = check(methodology)
    if problems:
        raise MethodologyError(problems)
    return methodology


def _read_table(path: Path, model: type[BaseModel], problems: list[str]) -> dict:
    data = parse_toml(path, problems)
    built = {code: build(model, {"code": code, **entry}, path, code, problems) for code, entry in data.items()}
    return {code: entry for code, entry in built.items() if entry is not None}


def parse_toml(path: Path, problems: list[str]) -> dict:
    """The content of a TOML file; what is wrong with it is added to `problems`, and nothing comes back."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        problems.append(_("{file}: the file is missing", file=path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(_("{file}: not valid TOML: {error}", file=path, error=error))
    return {}


def build(model: type[BaseModel], data: dict, path: Path, code: str, problems: list[str]):
    """The data as a checked model; every finding is added to `problems` in words, and None comes back."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for found in error.errors():
            problems.append(f"{path}: {code}: {_sentence(found, model)}")
    return None


def _sentence(found: dict, model: type[BaseModel]) -> str:
    """One validation finding in words: the key, what was found, what was expected."""
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(found["loc"][-1]), model.model_fields, n=1)
        hint = _("did you mean {near}?", near=near[0]) if near else _("allowed are {keys}", keys=", ".join(model.model_fields))
        return _("unknown key {key}; {hint}", key=key, hint=hint)
    if found["type"] == "missing":
        return _("key {key} is missing", key=key)
    return _("key {key}: found {found}, expected: {expected}", key=key, found=repr(found["input"])[:60], expected=found["msg"])
