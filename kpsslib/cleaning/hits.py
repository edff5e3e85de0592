"""What a rule finds in the returns of a group, and its sentences for each return."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kpsslib.cleaning.wide import Wide
from kpsslib.language import number

ROWS = ("file", "sheet", "cell", "rule", "severity", "service_id", "form", "item", "year", "round", "found", "expected",
        "advice")


@dataclass
class Hits:
    """One rule's doubt about some returns.

    Attributes:
        rule: "1" to "17".
        severity: error (the figures in `blocks` are taken out), question (the same, until the sender answers) or
            warning (everything passes).
        where: which rows of the wide table, true or false each.
        item: the item whose cell is doubted, or "at_<key>" for a cell of the identity.
        found, expected, advice: sentences with {names} of `values`, in the language spoken.
        values: an array or a number a name, beside the rows of the wide table.
        blocks: the items taken out of the rows hit.
    """

    rule: str
    severity: str
    where: np.ndarray
    item: str
    found: str
    expected: str
    advice: str
    values: dict = field(default_factory=dict)
    blocks: tuple[str, ...] = ()


def problems(hits: Hits, wide: Wide) -> list[dict]:
    """One problem a row hit, with the cell and the sentences filled in."""
    told = []
    rows = np.flatnonzero(hits.where)
    texts = {name: [say(v) for v in np.broadcast_to(np.asarray(values), len(wide))[rows]]
             for name, values in hits.values.items()}
    for i, row in enumerate(rows):
        filled = {name: text[i] for name, text in texts.items()}
        file, sheet, cell, item = locate(wide, row, hits.item)
        identity = wide.returns.loc[row, ["service_id", "form", "year", "round"]]
        told.append(dict(
            file=file, sheet=sheet, cell=cell, rule=hits.rule, severity=hits.severity, item=item, **identity,
            found=hits.found.format(**filled), expected=hits.expected.format(**filled),
            advice=hits.advice.format(**filled)))
    return told


def locate(wide: Wide, row: int, item: str) -> tuple[str, str, str, str]:
    """File, sheet and cell of an item's figure or of a cell of the identity, and the item's code."""
    file, sheet = wide.returns.at[row, "file"], wide.returns.at[row, "sheet"]
    if item.startswith("at_"):
        return file, sheet, wide.returns.at[row, item], ""
    place = wide.place(row, item)
    if place < 0:
        return file, sheet, "", item
    return file, sheet, wide.facts["cell"].iat[place], str(wide.facts["item"].iat[place])


def say(value: object) -> str:
    """A number as it is read: whole where it is whole or large, else with one or two decimals; text as it stands."""
    if not isinstance(value, (int, float, np.integer, np.floating)):
        return str(value)
    if pd.isna(value):
        return "–"
    digits = 0 if value == round(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return number(float(value), digits)


