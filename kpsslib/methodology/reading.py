"""Strict reading of the methodology's TOML files: all problems of all files are told at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from kpsslib.language import _
from kpsslib.methodology.checks import WHOLE_FILE, check
from kpsslib.methodology.findings import in_words, sentence
from kpsslib.methodology.frontiers import FrontierRule
from kpsslib.methodology.models import (
    ContextVariable,
    Indicator,
    Item,
    Methodology,
    PeerRule,
    ServiceType,
    Source,
    WorkingGroup,
)

M = TypeVar("M", bound=BaseModel)
_TABLES: dict[str, type[BaseModel]] = {
    "service_types": ServiceType, "working_groups": WorkingGroup, "items": Item, "sources": Source, "peers": PeerRule,
    "context": ContextVariable, "frontier": FrontierRule,
}
_OPTIONAL = {"context", "frontier"}  # a methodology without them has no nearest peers, no frontier
# How tomllib's messages begin where a key or table stands twice.
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate inline table key")
_last: dict[str, Methodology] = {}  # the one read last, by the hash of its files


class MethodologyError(ValueError):
    """The methodology cannot be read; `problems` lists every reason, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def load(folder: Path | str) -> Methodology:
    """Read and check a methodology folder, such as `parameters/methodology`.

    Raises MethodologyError with every problem of every file: an unknown, missing, ill-typed or repeated key with the
    nearest right one, a type in no working group or in two, a formula of undeclared items or in another unit, a
    worked example that does not come out. What depends only on an entry that could not be read is not told again.
    The same files give the same object, which nobody changes: reading and checking takes a fifth of a small page.
    """
    folder = Path(folder)
    files = _hash(folder)
    if files not in _last:
        methodology = _load(folder)
        _last.clear()
        _last[files] = methodology
    return _last[files]


def _hash(folder: Path) -> str:
    """SHA-256 of the names and contents of all files of a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _load(folder: Path) -> Methodology:
    problems: list[str] = []
    broken: dict[str, set[str]] = {}
    tables = {}
    for name, model in _TABLES.items():
        if name in _OPTIONAL and not (folder / f"{name}.toml").exists():
            continue
        tables[name], broken[name] = _read_table(folder / f"{name}.toml", model, problems)
    tables["indicators"], broken["indicators"] = _read_indicators(folder / "indicators", problems)
    methodology = Methodology(**tables)
    problems += [sentence(folder / f.file, f.entry, f.key, f.text) for f in check(methodology, broken)]
    if problems:
        raise MethodologyError(problems)
    return methodology


def _read_table(path: Path, model: type[M], problems: list[str]) -> tuple[dict[str, M], set[str]]:
    """The entries of a file by code, and the codes that could not be read."""
    before = len(problems)
    data = parse_toml(path, problems)
    if len(problems) > before:
        return {}, {WHOLE_FILE}
    built = {code: _entry(model, entry, path, code, problems) for code, entry in data.items()}
    good = {code: entry for code, entry in built.items() if entry is not None}
    return good, built.keys() - good.keys()


def _entry(model: type[M], entry: object, path: Path, code: str, problems: list[str]) -> M | None:
    if not isinstance(entry, dict):
        problems.append(sentence(path, path.stem, (code,), _(
            "found {found} outside an entry, expected a header such as [{code}] above it", found=code, code="DS")))
        return None
    if "code" in entry:
        problems.append(sentence(path, code, ("code",), _("key {key} is given by the header; remove it", key="code")))
        return None
    return build(model, {"code": code, **entry}, path, code, problems)


def _read_indicators(folder: Path, problems: list[str]) -> tuple[dict[str, Indicator], set[str]]:
    """Every indicator file by its stem, and the codes that could not be read."""
    found: dict[str, Path] = {}
    good: dict[str, Indicator] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith((".", "~"))):
        if path.suffix != ".toml" or path.parent == folder:
            problems.append(_("{file}: this file is not read; an indicator is indicators/<area>/<code>.toml",
                              file=path))
        elif path.stem in found:
            problems.append(_("{file}: code {code} stands twice, the other file is {other}; give one a new code",
                              file=path, code=path.stem, other=found[path.stem]))
        else:
            found[path.stem] = path
            indicator = _indicator(path, problems)
            if indicator is not None:
                good[path.stem] = indicator
    return good, found.keys() - good.keys()


def _indicator(path: Path, problems: list[str]) -> Indicator | None:
    before = len(problems)
    data = parse_toml(path, problems)
    problems += [sentence(path, path.stem, (key,), _("key {key} is given by the file's place; remove it", key=key))
                 for key in ("code", "area") if key in data]
    if len(problems) > before:
        return None
    return build(Indicator, {"code": path.stem, "area": path.parent.name, **data}, path, path.stem, problems)


def parse_toml(path: Path, problems: list[str]) -> dict:
    """The content of a TOML file; what is wrong with it is added to `problems`, and nothing comes back."""
    try:
        text = path.read_text("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        problems.append(_("{file}: the file is missing", file=path))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[:error.start].count(b"\n") + 1
        problems.append(_("{file}, line {line}: the text is not in UTF-8; save the file with this encoding",
                          file=path, line=line))
    except tomllib.TOMLDecodeError as error:
        problems.append(_not_toml(path, text, str(error)))
    return {}


def _not_toml(path: Path, text: str, message: str) -> str:
    place = re.search(r"at line (\d+)", message)
    lines = text.splitlines() or [""]
    line = int(place.group(1)) if place else len(lines)
    found = lines[min(line, len(lines)) - 1].strip()
    if message.startswith(_TWICE):
        return _("{file}, line {line}: a key or a header stands twice: {found}; leave one",
                 file=path, line=line, found=found)
    return _("{file}, line {line}: found {found}, expected key = value with text in quotes", file=path, line=line,
             found=found or _("an empty line"))


def build(model: type[M], data: dict, path: Path, code: str, problems: list[str]) -> M | None:
    """The data as a checked model; every finding is added to `problems` in words, and None comes back."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [sentence(path, code, found["loc"], in_words(found, model)) for found in error.errors()]
    return None
