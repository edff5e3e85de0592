"""What is wrong in a methodology file, in words: file, line, key, what was found and what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from kpsslib.language import _

TYPES = {
    "string_type": lambda: _("text in quotes"), "int_type": lambda: _("a whole number"),
    "int_from_float": lambda: _("a whole number"), "float_type": lambda: _("a number"),
    "bool_type": lambda: _("true or false"), "list_type": lambda: _("a list in square brackets"),
    "dict_type": lambda: _("a table of keys and values"), "model_type": lambda: _("a table of keys and values"),
    "date_type": lambda: _("a date such as 2027-06-30, without quotes"),
    "finite_number": lambda: _("a number"), "none_required": lambda: _("no value"),
}
LIMITS = {
    "too_short": lambda c: _("at least {n} entries", n=c["min_length"]),
    "too_long": lambda c: _("at most {n} entries", n=c["max_length"]),
    "string_too_short": lambda c: _("text that is not empty"),  # noqa: ARG005
    "string_pattern_mismatch": lambda c: _("text of the form {pattern}", pattern=c["pattern"]),
    "greater_than": lambda c: _("more than {n}", n=c["gt"]), "less_than": lambda c: _("less than {n}", n=c["lt"]),
    "greater_than_equal": lambda c: _("at least {n}", n=c["ge"]),
    "less_than_equal": lambda c: _("at most {n}", n=c["le"]),
    "literal_error": lambda c: _("one of {values}", values=c["expected"].replace(" or ", ", ")),
}


class Finding(NamedTuple):
    """A contradiction: in which file (relative to the folder), at which entry and key, and what it is."""

    file: str
    entry: str
    key: tuple[str | int, ...]
    text: str


def sentence(path: Path, code: str, key: tuple[str | int, ...], text: str) -> str:
    """The finding with its place before it: file, line where it can be told, entry."""
    line = line_of(path.read_text("utf-8-sig"), code, key)
    place = str(path) if line is None else _("{file}, line {line}", file=path, line=line)
    return f"{place}: {text}" if code == path.stem else f"{place}: {code}: {text}"


def line_of(text: str, code: str, key: tuple[str | int, ...]) -> int | None:
    """The line of a key in TOML text, of its entry's header where the key is not there, else None."""
    lines = [line.strip() for line in text.splitlines()]
    parts = list(key)
    header = lines.index(f"[{code}]") if f"[{code}]" in lines else None
    if len(parts) > 1 and isinstance(parts[1], int):
        repeated = [n for n, line in enumerate(lines) if line == f"[[{parts[0]}]]"]
        header, parts = (repeated[parts[1]], parts[2:]) if parts[1] < len(repeated) else (header, parts[:1])
    start = 0 if header is None else header + 1
    names = [re.escape(part) for part in parts if isinstance(part, str)]
    for depth in range(len(names), 0, -1):
        wanted = re.compile(r"\s*\.\s*".join(names[:depth]) + r"\s*[.=]")
        for n in range(start, len(lines)):
            if lines[n].startswith("["):
                break
            if wanted.match(lines[n]):
                return n + 1
    return None if header is None else header + 1


def in_words(found: dict, model: type[BaseModel]) -> str:
    """One finding of pydantic: the key, what was found, what was expected, the nearest right key."""
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        keys = _keys_at(model, found["loc"][:-1])
        near = difflib.get_close_matches(str(found["loc"][-1]), keys, n=1)
        hint = _("did you mean {near}?", near=near[0]) if near else _("allowed are {keys}", keys=", ".join(keys))
        return _("unknown key {key}; {hint}", key=key, hint=hint)
    if found["type"] == "missing":
        return _("key {key} is missing", key=key)
    return _("key {key}: found {found}, expected {expected}", key=key, found=_shown(found["input"]),
             expected=_expected(found))


def near(word: str, known: Iterable[str]) -> str:
    """The word, with the nearest known one where there is one."""
    matches = difflib.get_close_matches(word, list(known), n=1)
    return _("{word} (did you mean {near}?)", word=word, near=matches[0]) if matches else word


def _expected(found: dict) -> str:
    if found["type"] in TYPES:
        return TYPES[found["type"]]()
    if found["type"] in LIMITS:
        return LIMITS[found["type"]](found["ctx"])
    return found["msg"]


def _shown(value: object) -> str:
    if value is None:
        return _("nothing")
    text = "true" if value is True else "false" if value is False else repr(value).replace("'", '"')
    return text if len(text) <= 60 else text[:59] + "…"


def _keys_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys allowed at a place inside the model."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return [key for key in model.model_fields if key not in ("code", "area")]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in getattr(annotation, "__args__", ()) if (m := _model_in(part))), None)
