"""Problems that follow from another one: they are kept, but told under their cause."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kpsslib.methodology import Methodology
from kpsslib.methodology.models import Item

GRAVE = ("error", "question")
_ORDER = {"error": 0, "question": 1, "warning": 2}
_RETURN = ["file", "service_id", "form", "year", "round"]


def with_causes(problems: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """The problems with the column `cause`: the cell (else the rule) of the problem each follows from, "" of its own.

    What is said of a sum follows from an error or a question in one of its parts; what the rules say of the money of
    a return whose money may be in another unit follows from that; of several doubts about one cell the gravest is the
    cause of the others.
    """
    caused = pd.Series("", index=problems.index, dtype="object")
    grave = problems[problems["severity"].isin(GRAVE)]
    several = problems.duplicated(_RETURN, keep=False)
    for _key, of_return in problems[several].groupby(_RETURN, dropna=False, sort=False, observed=True):
        doubted = of_return[of_return.index.isin(grave.index)]
        for at, item in of_return["item"].items():
            known = methodology.items.get(item)
            causes = () if known is None else _of_item(known, at, doubted, methodology)
            caused[at] = next((_place(doubted.loc[cause]) for cause in causes), "")
    return problems.assign(cause=_of_cell(problems, caused))


def _of_item(item: Item, at: int, doubted: pd.DataFrame, methodology: Methodology) -> Iterable[int]:
    """The graver problems of the same return that a problem of an item may follow from."""
    parts = _parts(item, methodology)
    for cause, rule, of in zip(doubted.index, doubted["rule"], doubted["item"], strict=True):
        whole = rule == "9" and of in methodology.items and methodology.items[of].sum_of
        if cause != at and (of in parts or (whole and item.unit == "CZK" and of not in ("", item.code))):
            yield cause


def _parts(item: Item, methodology: Methodology) -> set[str]:
    """The items an item adds up, and those that they add up."""
    found: set[str] = set()
    for part in item.sum_of:
        found |= {part} | _parts(methodology.items[part], methodology)
    return found


def _of_cell(problems: pd.DataFrame, caused: pd.Series) -> pd.Series:
    """Of several problems of one cell all but the gravest follow from it."""
    ordered = problems.assign(order=problems["severity"].map(_ORDER).astype(int)).sort_values("order", kind="stable")
    again = ordered[ordered["cell"] != ""].duplicated(["file", "sheet", "cell"])
    later = again.index[again & (caused[again.index] == "")]
    return caused.mask(caused.index.isin(later), problems["cell"].astype("object"))


def _place(problem: pd.Series) -> str:
    return problem["cell"] or problem["rule"]
