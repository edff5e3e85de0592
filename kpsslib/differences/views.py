"""Differences as tables of ready text."""

from __future__ import annotations

import pandas as pd

from kpsslib.differences.formulas import Rule, parts_changed
from kpsslib.differences.words import MISSING, Words, cause_label, kind_label
from kpsslib.language import _, number


def changes_table(rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Each difference in a row: whom and what it concerns, what it was, what it is, how far it moved and why."""
    told = list(rows.itertuples(index=False))
    sides = [words.sides(row) for row in told]
    years = rows["year"].nunique() > 1
    return pd.DataFrame({
        _("who"): [words.service(row.service_id) if row.service_id else words.group(row.group) for row in told],
        _("what"): [_about(row, words) for row in told],
        _("change"): [words.what(row) for row in told],
        _("form"): [words.form(row.form) for row in told],
        _("year"): [str(row.year) if years and pd.notna(row.year) else "" for row in told],
        _("before"): [before for before, _after in sides],
        _("now"): [after for _before, after in sides],
        _("moved by"): [number(row.size, 1) if row.kind in _SIZED and pd.notna(row.size) else "" for row in told],
        _("why"): [cause_label(row.cause) for row in told],
    })


_SIZED = ("value", "median", "places", "position", "reserve")


def _about(row, words: Words) -> str:
    return words.subject(row) if row.indicator or row.kind == "completeness" else MISSING


def services_table(summed: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Services that changed: what turned, what can be said newly, own values, places, the farthest move, why."""
    return _counted(_("service"), summed["service_id"].map(words.service), summed)


def indicators_table(summed: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Indicators that changed, counted in the same way over services."""
    return _counted(_("indicator"), summed["indicator"].map(words.indicator), summed).drop(columns=_("why"))


def _counted(title: str, names: pd.Series, summed: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        title: names, _("turned"): summed["turned"].map(number),
        _("newly said or no longer"): summed["said"].map(number),
        _("own values"): summed["values"].map(number), _("places in order"): summed["places"].map(number),
        _("farthest move"): summed["size"].map(lambda size: number(size, 1)),
        _("why"): summed["cause"].map(cause_label)})


def years_table(counts: pd.DataFrame) -> pd.DataFrame:
    """How many differences of each kind earlier years have."""
    return pd.DataFrame({_("year"): counts.index.astype("str"),
                         **{kind_label(kind): counts[kind].map(number).to_numpy() for kind in counts}})


def rules_table(rules: dict[str, tuple[Rule, Rule]], words: Words) -> pd.DataFrame:
    """Indicators that are computed otherwise, a row for each part that differs."""
    rows = [(words.indicator(code), *part) for code, (before, after) in rules.items()
            for part in parts_changed(before, after)]
    return pd.DataFrame(rows, columns=[_("indicator"), _("what"), _("before"), _("now")])
