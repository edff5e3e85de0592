"""What changed in lists made for people: attention, good practice, reserves, problems, completeness, money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.attention_words import attention_sentences
from kpsslib.differences.matching import (
    BESIDE,
    MEASURED,
    SAID,
    TO_SPREAD,
    TURNED,
    as_differences,
    differs,
    matched,
    relative,
    said_otherwise,
    together,
)
from kpsslib.methodology import Methodology

_ROW = ["service_id", "form", "indicator", "year"]
_GAP = ["allocation", "gap"]


def attention_changes(before: pd.DataFrame, after: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Entries of the attention list that are read (shown): new ones, gone ones, of another kind, of another text."""
    known = [rows[rows["shown"].eq(True) & rows["indicator"].isin(methodology.indicators)] for rows in (before, after)]
    same = pd.concat(known).duplicated(keep=False).to_numpy()
    known = [rows[~same[at:at + len(rows)]] for rows, at in zip(known, (0, len(known[0])), strict=True)]
    sides = [rows[[*_ROW, "kind"]].assign(text=attention_sentences(rows, methodology)) for rows in known]
    pairs = matched(*sides, _ROW)
    kinds = pairs[said_otherwise(pairs["kind_before"], pairs["kind_after"])]
    same = ~pairs.index.isin(kinds.index) & said_otherwise(pairs["text_before"], pairs["text_after"])
    return together([
        as_differences("attention", SAID, kinds, before=kinds["kind_before"], after=kinds["kind_after"]),
        as_differences("text", BESIDE, pairs[same], before=pairs["text_before"][same], after=pairs["text_after"][same]),
    ])


def practice_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Who became a candidate for good practice, and who is one no more; before and after hold the dimensions."""
    keys = ["service_id", "form", "year"]
    sides = [rows.loc[rows["candidate"].eq(True), [*keys, "dimensions"]] for rows in (before, after)]
    pairs = matched(*sides, keys)
    rows = pairs[pairs["state"] != "changed"]
    return as_differences("practice", TURNED, rows, before=rows["dimensions_before"], after=rows["dimensions_after"])


def reserve_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Reserves in CZK; one that is certain newly or no longer comes before those of which only the amount moved."""
    keys = [*_ROW, "target"]
    sides = [rows.loc[rows["amount_czk"].notna(), [*keys, "amount_czk", "certain"]] for rows in (before, after)]
    pairs = matched(*sides, keys)
    certain = {side: pairs[f"certain_{side}"].eq(True) for side in ("before", "after")}
    turned = certain["before"] != certain["after"]
    was, now = pairs["amount_czk_before"], pairs["amount_czk_after"]
    told = turned | differs(was, now) | (was.isna() != now.isna())
    quarters = sides[0].groupby(["indicator", "target"])["amount_czk"].quantile([0.25, 0.75]).unstack()
    quarters = quarters.reindex(columns=[0.25, 0.75])
    spread = ((quarters[0.75] - quarters[0.25]) / TO_SPREAD).where(lambda width: width > 0).rename("spread")
    of_set = pairs.join(spread, on=["indicator", "target"])["spread"]
    words = {side: np.where(certain[side], "certain", "uncertain") for side in certain}
    pairs = pairs.assign(
        tier=np.where(turned, SAID, MEASURED), size=(now.fillna(0) - was.fillna(0)).abs() / of_set, value_before=was,
        value_after=now, beside=pairs["target"], **{side: np.where(turned, words[side], "") for side in words})
    rows = pairs[told]
    return as_differences("reserve", rows["tier"], rows)


def problem_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Problems of the returns that are new, that are gone, or that weigh otherwise; before and after: the severity."""
    keys = ["service_id", "form", "item", "year", "rule", "cell"]
    sides = [rows[[*keys, "severity"]].astype({c: "str" for c in keys if c != "year"}).fillna(
        {c: "" for c in keys if c != "year"}) for rows in (before, after)]
    pairs = matched(*sides, keys)
    rows = pairs[said_otherwise(pairs["severity_before"], pairs["severity_after"])]
    return as_differences("problem", SAID, rows, before=rows["severity_before"], after=rows["severity_after"],
                          beside=rows["rule"], indicator=rows["item"])


def completeness_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """How many services of a type reported (value_before, value_after); beside: the type."""
    pairs = matched(before, after, ["service_type", "form", "year"])
    rows = pairs[differs(pairs["n_reported_before"], pairs["n_reported_after"])]
    return as_differences("completeness", BESIDE, rows, value_before=rows["n_reported_before"],
                          value_after=rows["n_reported_after"], beside=rows["service_type"])


def money_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Amounts of the outlook in CZK by scenario and year; indicator: the item, beside: scenario, group: unit."""
    pairs = matched(before, after, ["level", "unit_id", "scenario", "year", "item"])
    was, now = pairs["amount_before"], pairs["amount_after"]
    rows = pairs[differs(was, now) | (was.isna() != now.isna())]
    rows = rows.assign(value_before=rows["amount_before"], value_after=rows["amount_after"], beside=rows["scenario"])
    return as_differences("outlook", BESIDE, rows, indicator=rows["item"], group=rows["unit_id"],
                          size=relative(rows["value_before"], rows["value_after"]))


def amounts(outlook: pd.DataFrame | None, gap: pd.DataFrame | None) -> pd.DataFrame:
    """The amounts of tables `outlook` (its middle) and `gap` in one column, of the whole and of working groups."""
    key, parts = ["level", "unit_id", "scenario", "year", "item"], []
    if outlook is not None:
        parts.append(outlook.rename(columns={"mid": "amount"})[[*key, "amount"]])
    if gap is not None:
        parts.append(gap.melt(key[:4], _GAP, "item", "amount"))
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=[*key, "amount"])
    return rows[rows["level"] != "service"].dropna(subset="amount")
