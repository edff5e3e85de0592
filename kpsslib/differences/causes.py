"""Why something changed: the returns that came otherwise, their figures, and whether it is the service's own doing."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kpsslib.differences.matching import BESIDE, as_differences, differs, matched, said_otherwise
from kpsslib.methodology.models import ROUNDS

OWN = ("value", "flag")
_OF_SEVERAL = ("practice", "attention")  # to which other values of the service lead, too
_OF_VALUES = ("position", "places", "certainty", "set", "attention", "text", "reserve")


def return_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Returns whose file is another one, of tables `originals`: new, gone, corrected, or taken in where it was not.

    before and after: the state of the files (accepted, quarantined), each named once.
    """
    pairs = matched(_by_service(before), _by_service(after), ["service_id"])
    rows = pairs[said_otherwise(pairs["sha256_before"], pairs["sha256_after"])
                 | said_otherwise(pairs["states_before"], pairs["states_after"])]
    return as_differences("return", BESIDE, rows, before=rows["states_before"], after=rows["states_after"])


def _by_service(originals: pd.DataFrame) -> pd.DataFrame:
    """The files of each service as one row: their hashes and states."""
    rows = originals[originals["service_id"].fillna("") != ""].sort_values(["service_id", "sha256"])
    grouped = rows.groupby("service_id")
    return pd.DataFrame({"sha256": grouped["sha256"].agg(" ".join),
                         "states": grouped["state"].agg(lambda states: ", ".join(sorted(set(states))))}).reset_index()


def archives_changed(before: pd.DataFrame, after: pd.DataFrame) -> set[int]:
    """The years of which a file that is no service's own (an archive, an imported table) came otherwise."""
    sides = [rows.loc[rows["service_id"].fillna("") == "", ["file", "sha256", "year"]].drop_duplicates().assign(
        name=lambda rows: rows["file"].astype("str").str.rsplit("/", n=1).str[-1]) for rows in (before, after)]
    pairs = matched(*sides, ["name", "year"])
    other = pairs[said_otherwise(pairs["sha256_before"], pairs["sha256_after"])]
    return {int(year) for year in other["year"].dropna()}


def item_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Figures of returns that were corrected, of tables `facts` of one year: the round that holds in each run.

    before and after: the status, which says why a figure is missing. What only one return has at all is not told.
    """
    pairs = matched(_holding(before), _holding(after), ["service_id", "form", "item", "year"])
    was, now = pairs["value_before"], pairs["value_after"]
    rows = pairs[(differs(was, now) | (was.isna() != now.isna())) & (pairs["state"] == "changed")]
    return as_differences("item", BESIDE, rows, indicator=rows["item"], before=rows["status_before"],
                          after=rows["status_after"])


def _holding(facts: pd.DataFrame) -> pd.DataFrame:
    """Of each figure that of the latest round."""
    order = facts["round"].astype("category").map({name: place for place, name in enumerate(ROUNDS)}).astype("int")
    return facts.assign(order=order).sort_values("order", kind="stable").drop_duplicates(
        ["service_id", "form", "item", "year"], keep="last").drop(columns="order")


def with_causes(differences: pd.DataFrame, year: int, archives: Collection[int], formulas: Collection[str],
                other_round: bool) -> pd.DataFrame:
    """The differences, each with its cause where the runs know it.

    A service's own value (or flag) changes since method (its indicator is in formulas), round (it is that of another
    round), return (its file came otherwise, in the year asked), archive (a file of that year did), else unknown. A
    service that has figures in one run only: since the runs are of another round of the year, or its return. A
    position, place, entry or reserve follows from the own value where that changed, else from its peers; of a list to
    which several values lead, own says that it was another value of the service.
    """
    own = differences["kind"].isin(OWN)
    returned = differences["service_id"].isin(differences.loc[differences["kind"] == "return", "service_id"])
    of_other = (differences["round_before"] != differences["round_after"]) & (differences["round_before"] != "")
    alone = (differences["kind"] == "service") & (differences["year"] == year).fillna(False)
    direct = np.select(
        [differences["indicator"].isin(list(formulas)) & own, (of_other & own) | (alone & other_round),
         returned & (differences["year"].isna() | (differences["year"] == year)),
         differences["year"].isin(list(archives)) & own, own],
        ["method", "round", "return", "archive", "unknown"], "")
    direct = pd.Series(direct, differences.index)
    keys = ["indicator", "service_id", "form", "year"]
    of_value = differences[keys].merge(
        differences.loc[own, keys].assign(of_value=direct[own]).drop_duplicates(keys), "left", keys)["of_value"]
    follows = differences["kind"].isin(_OF_VALUES)
    cause = direct.mask(follows, pd.Series(of_value.to_numpy(), differences.index).fillna("peers"))
    moved = differences["service_id"].isin(differences.loc[own, "service_id"])
    several = differences["kind"].isin(_OF_SEVERAL)
    cause = cause.mask(several & (cause == ""), "peers").mask(several & moved & cause.isin(["", "peers"]), "own")
    return differences.assign(cause=cause.where(differences["kind"] != "return", ""))
