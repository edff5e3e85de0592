"""Problems that follow from another one: they are kept, but told under their cause."""

from __future__ import annotations

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
    grave = problems["severity"].isin(GRAVE)
    returns = pd.MultiIndex.from_frame(problems[_RETURN])
    asked = problems.duplicated(_RETURN, keep=False) & returns.isin(returns[grave])
    for _key, of_return in problems[asked].groupby(_RETURN, sort=False, observed=True):
        doubted = of_return[grave[of_return.index] & of_return["item"].isin(methodology.items)]
        for at, item in of_return["item"].items():
            if item in methodology.items and len(doubted):
                caused[at] = _of_item(methodology.items[item], doubted.drop(at, errors="ignore"), methodology)
    return problems.assign(cause=_of_cell(problems, caused))


def _of_item(item: Item, doubted: pd.DataFrame, methodology: Methodology) -> str:
    """The place of the graver problem of the same return that a problem of an item follows from, "" where none."""
    parts = all_parts(item, methodology)
    sums = doubted["item"].map(lambda code: bool(methodology.items[code].sum_of)).astype(bool)
    whole = sums & (doubted["rule"] == "9") & (doubted["item"] != item.code) & (item.unit == "CZK")
    causes = doubted.assign(order=sums)[whole | doubted["item"].isin(parts)].sort_values("order", kind="stable")
    return "" if causes.empty else causes["cell"].iloc[0] or causes["rule"].iloc[0]


def all_parts(item: Item, methodology: Methodology) -> set[str]:
    """The items an item adds up, and those that they add up."""
    found: set[str] = set()
    for part in item.sum_of:
        found |= {part} | all_parts(methodology.items[part], methodology)
    return found


def _of_cell(problems: pd.DataFrame, caused: pd.Series) -> pd.Series:
    """Of several problems of one cell all but the gravest follow from it."""
    ordered = problems.assign(order=problems["severity"].map(_ORDER).astype(int)).sort_values("order", kind="stable")
    again = ordered[ordered["cell"].fillna("") != ""].duplicated(["file", "sheet", "cell"])
    later = again.index[again & (caused[again.index] == "")]
    return caused.mask(caused.index.isin(later), problems["cell"].astype("object"))
