"""What a rule finds in the returns of a group, and its sentences for each return."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kpsslib.cleaning.wide import Wide
from kpsslib.language import NBSP, day, number

ROWS = ("file", "sheet", "cell", "rule", "severity", "service_id", "form", "item", "year", "round", "found", "expected",
        "advice", "value")


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
        mask: which figures are taken out instead, a row a return and a column an item of the wide table.
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
    mask: np.ndarray | None = None


def problems(hits: Hits, wide: Wide) -> pd.DataFrame:
    """One problem a row hit, with the cell, its value as text (`repr` of a number) and the sentences filled in."""
    rows = np.flatnonzero(hits.where)
    returns = wide.returns.iloc[rows]
    told = returns[["service_id", "form", "year", "round", "file", "sheet"]]
    told = told.assign(rule=hits.rule, severity=hits.severity)
    if hits.item.startswith("at_"):
        key = hits.item.removeprefix("at_")
        told = told.assign(cell=returns[hits.item], item=key, value=returns[key])
    else:
        told = told.assign(**wide.located(rows, hits.item))
    texts = {name: [say(value) for value in np.broadcast_to(np.asarray(values), len(wide))[rows]]
             for name, values in hits.values.items()}
    filled = [dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True)] or [{}] * len(rows)
    return told.assign(**{name: [_fill(getattr(hits, name), values) for values in filled]
                          for name in ("found", "expected", "advice")})[list(ROWS)]


def _fill(sentence: str, values: dict[str, str]) -> str:
    """The sentence with its values; a number and its unit stay on one line."""
    return sentence.format(**values).replace(" Kč", f"{NBSP}Kč").replace(" %", f"{NBSP}%")


def say(value: object) -> str:
    """A number as it is read: whole where it is whole or large, else with one or two decimals; text as it stands, a day
    as it is written.
    """
    if not isinstance(value, (int, float, np.integer, np.floating)):
        return day(str(value))
    if pd.isna(value):
        return "–"
    digits = 0 if value == round(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return number(float(value), digits)


def about(values: np.ndarray) -> np.ndarray:
    """Numbers to three significant digits: a median told to a provider must not be another provider's figure."""
    size = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros(len(values))))
    return np.round(values / 10.0 ** (size - 2)) * 10.0 ** (size - 2)


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Top / bottom, NaN where the bottom is not above zero."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)
