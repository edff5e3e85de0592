"""Two tables beside each other by their keys, and the one shape of everything that differs.

The order, biggest first, has to be fair across indicators of different units:

1. what turned: a position from better to worse or back, a service or a good practice that came or went;
2. what can be said newly or no longer: flags, other positions, entries of the attention list, problems, certain
   reserves;
3. what is measured, by `size`: how many times the usual distance between services it moved. A value (or a median) by
   the spread of its set, (q3 - q1) / 1.349 on the scale on which the set is compared; a place by the same spread of
   n equally likely places, n / 2 / 1.349, so that a place counts for less in a large set; a reserve by the spread of
   the reserves of its indicator. A value without a set has no size and comes after those that have one. What turned
   has the size of the move beside the median that turned it;
4. what follows or accompanies: sizes of sets, certainty, texts, figures of returns, money by relative change.

Within a tier by size, then by relative change: a crown and a percentage point are never set beside each other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

KINDS = ("service", "indicator", "position", "practice", "flag", "attention", "problem", "value", "median", "places",
         "reserve", "set", "n", "certainty", "text", "completeness", "outlook", "return", "item")
TURNED, SAID, MEASURED, BESIDE = 1, 2, 3, 4
TO_SPREAD = 1.349  # the middle half of a normal distribution is 1.349 standard deviations wide
_TEXTS = ("kind", "state", "group", "service_id", "form", "indicator", "beside", "before", "after", "round_before",
          "round_after", "cause")
_NUMBERS = ("size", "value_before", "value_after")
# beside: the rule of the comparable set, the target of a reserve, the scenario of an amount, the rule of a problem.
COLUMNS = ("kind", "state", "tier", "size", "group", "service_id", "form", "indicator", "year", "beside", "before",
           "after", "value_before", "value_after", "round_before", "round_after", "cause")
_EQUAL = 1e-9


def matched(before: pd.DataFrame, after: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows of both tables by their keys (the last of each), other columns as `_before` and `_after`.

    Returns: also the column state: changed (in both), disappeared, appeared.
    """
    both = (before.drop_duplicates(keys, keep="last")
            .merge(after.drop_duplicates(keys, keep="last"), "outer", keys, suffixes=("_before", "_after"),
                   indicator="state"))
    names = {"both": "changed", "left_only": "disappeared", "right_only": "appeared"}
    return both.assign(state=both["state"].cat.rename_categories(names).astype("str"))


def alike(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with their texts as the same categories; a missing text is an empty one.

    Tables of 6,760 services and 8 years are moved and matched several times, texts of which take most of that time.
    """
    texts = [c for c in before if isinstance(before[c].dtype, pd.StringDtype | pd.CategoricalDtype)]
    for column in texts:
        both = pd.concat([rows[column].astype("str").fillna("") for rows in (before, after)])
        codes, known = pd.factorize(both)
        before, after = (rows.assign(**{column: pd.Categorical.from_codes(of, known)}) for rows, of in
                         ((before, codes[:len(before)]), (after, codes[len(before):])))
    return before, after


def differs(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where two known numbers are not the same but for rounding."""
    before, after = before.astype("float64"), after.astype("float64")
    return (after - before).abs() > _EQUAL * np.maximum(before.abs(), after.abs())


def said_otherwise(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where two texts differ; a missing one is an empty one."""
    if isinstance(before.dtype, pd.CategoricalDtype) and before.dtype == after.dtype:
        return before.cat.codes != after.cat.codes
    return before.astype("str").fillna("") != after.astype("str").fillna("")


def relative(before: pd.Series, after: pd.Series) -> pd.Series:
    """How far two numbers are apart as a share of the greater one, 0 to 2; NaN where one is missing."""
    return (after - before).abs() / np.maximum(before.abs(), after.abs()).where(lambda size: size > 0)


def as_differences(kind: str, tier: int | pd.Series, rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Rows in the shape of all differences: one kind, columns that are missing empty."""
    rows = rows.assign(kind=kind, tier=tier, **columns)
    rows = rows.assign(**{c: "" for c in _TEXTS if c not in rows}, **{c: np.nan for c in _NUMBERS if c not in rows})
    if "year" not in rows:
        rows = rows.assign(year=pd.NA)
    texts = {c: rows[c].astype("str").fillna("") for c in _TEXTS}
    kinds = {"tier": "int8", "year": "Int64", **dict.fromkeys(_NUMBERS, "float64")}
    return rows.assign(**texts)[list(COLUMNS)].astype(kinds).reset_index(drop=True)


def in_order(differences: pd.DataFrame) -> pd.DataFrame:
    """The biggest first."""
    apart = relative(differences["value_before"], differences["value_after"])
    names = [pd.factorize(differences[c], sort=True)[0] for c in ("indicator", "service_id", "kind")]
    latest = -differences["year"].astype("float64")
    order = np.lexsort([latest, *names, -apart, -differences["size"], differences["tier"]])  # NaN comes last
    return differences.iloc[order].reset_index(drop=True)


def together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Differences of several kinds under one another."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else as_differences("value", MEASURED, pd.DataFrame())
