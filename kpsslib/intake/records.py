"""What reading a file yields, whatever the file: returns, facts, findings, what was ignored, and the count of cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

IDENTITY = ("provider_id", "provider_name", "service_name", "service_type", "municipality_code", "municipality",
            "orp_code", "orp_name", "region_code", "valid_from", "valid_to", "network_tier", "entrusted_from",
            "entrusted_to")
PLACED = ("service_id", "provider_id", "service_type", "municipality_code", "municipality", "valid_from", "valid_to",
          "entrusted_from", "entrusted_to")
RETURNS = ("return_no", "service_id", "form", "year", "round", *IDENTITY, "file", "sheet", "received_at",
           *(f"at_{key}" for key in PLACED))
FACTS = ("return_no", "item", "value", "status", "cell", "note")
FINDINGS = ("file", "sheet", "cell", "kind", "service_id", "form", "item", "year", "round", "values")
IGNORED = ("file", "sheet", "cell", "content", "kind", "cells", "service_type")
ORIGINALS = ("file", "sha256", "size", "state", "kind", "values", "service_id", "year", "round", "received_at",
             "service_type", "group")
CONFIRMATIONS = ("file", "sheet", "cell", "service_id", "form", "year", "round", "rule", "item", "value", "answer",
                 "who", "day")
CLASSES = ("template", "accepted", "converted", "rejected", "ignored")
NUMBER = 12  # first characters of the SHA-256 of a file: the number by which a later submission names it
# Of an identity: names may be written in two ways, and what is replaced says nothing of the service.
_LEFT_OUT = ("provider_name", "service_name", "municipality", "orp_name", "template_version", "replaces")


class Finding(NamedTuple):
    """Something wrong in a cell or a file: a code of `messages` and the values its sentences are filled with."""

    kind: str
    cell: str = ""
    form: str = ""
    item: str = ""
    values: dict | None = None
    sheet: str = ""


class Ignored(NamedTuple):
    """Content that is not used and why (a code of `messages`); `cells` is how many non-empty cells it stands for."""

    cell: str
    content: str
    kind: str
    cells: int = 1
    sheet: str = ""


class Fact(NamedTuple):
    """One figure of a return: NaN where the status gives no value.

    Beside the statuses of the table facts there is "rejected": the cell is filled, but with nothing that can be used.
    """

    form: str
    item: str
    value: float
    status: str
    cell: str
    note: str = ""


class Confirmation(NamedTuple):
    """A provider's answer to a question about a figure, from the list of errors of a returned workbook.

    It holds for the value it was given for only: `value` is that of the figure as text (`repr` of the number).
    `answer` is `template.CONFIRMED` where the figure holds, else the provider's words; `day` is ISO text.
    """

    rule: str
    form: str
    item: str
    value: str
    answer: str
    who: str
    day: str
    cell: str


@dataclass
class Read:
    """What one return says. `quarantine` holds why it is not used at all, "" where it is."""

    sheet: str = ""
    identity: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    cells: Counter = field(default_factory=Counter)
    quarantine: Finding | None = None


class Taken(NamedTuple):
    """A file that was taken in: its fingerprint, size, when it was received, and what it says."""

    name: str
    sha256: str
    size: int
    received_at: str
    read: Read

    @property
    def number(self) -> str:
        """The number of the submission."""
        return self.sha256[:NUMBER]


def differing(one: Read, other: Read) -> set[tuple[str, str]]:
    """Where two returns say something else; the same return again where this is empty.

    Identifiers, type, forms, dates and all other keys of the identity are compared but for the names, as ("", key);
    figures with their statuses as (form, item). Notes are not compared.
    """
    said = [_said(one), _said(other)]
    return {key for key in said[0].keys() | said[1].keys() if said[0].get(key) != said[1].get(key)}


def _said(read: Read) -> dict[tuple[str, str], object]:
    identity: dict[tuple[str, str], object] = {
        ("", key): text for key, text in read.identity.items() if text and key not in _LEFT_OUT}
    identity["", "forms"] = {letter for letter in read.identity.get("forms", "").upper() if letter in "PAT"}
    return identity | {(f.form, f.item): (None if f.value != f.value else f.value, f.status) for f in read.facts}


def received(path: Path) -> str:
    """When a file was received, as ISO text in UTC: the time it was last changed."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")


@dataclass
class Tables:
    """The same of many returns, as tables with the columns named above and the accounting of each file."""

    returns: pd.DataFrame
    facts: pd.DataFrame
    findings: pd.DataFrame
    ignored: pd.DataFrame
    accounting: pd.DataFrame


COUNTED = ("file", "service_type", *CLASSES, "cells")


def accounting_row(file: str, service_type: str, cells: Counter) -> dict:
    """How many non-empty cells of a file ended in each class."""
    return dict(file=file, service_type=service_type, **{name: cells[name] for name in CLASSES},
                cells=sum(cells.values()))
