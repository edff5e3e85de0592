"""How complete the returns are: n of N services by type, form, year and round, and required items filled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.cleaning.rules_identity import missing_items, required
from kpsslib.cleaning.wide import FILLED, Wide
from kpsslib.workspace import Run

KEY = ["group", "service_type", "form", "year", "round"]


def counted(wide: Wide) -> pd.DataFrame:
    """How many required items each return and form was asked for, and how many have a figure or a stated reason.

    Beside `wide.returns`: items_required, items_filled, and `reported` (at least one figure of any kind).
    """
    asked = (wide.state > 0) & required(wide)
    usable = (wide.state == FILLED) & ~np.isnan(wide.values)
    return pd.DataFrame({
        "items_required": asked.sum(axis=1), "items_filled": (asked & ~missing_items(wide)).sum(axis=1),
        "reported": usable.any(axis=1),
    })


def derived_facts(wide: Wide) -> pd.DataFrame:
    """The same as facts, items items_required and items_filled, for the indicator of completeness (Q01)."""
    counts = counted(wide)
    keys = wide.returns[["service_id", "form", "year", "round", "file", "sheet", "received_at"]]
    both = [keys.assign(item=item, value=counts[item].to_numpy(float), status="reported", cell="")
            for item in ("items_required", "items_filled") if item in wide.methodology.items]
    return pd.concat(both, ignore_index=True) if both else keys.head(0).assign(item="", value=0.0, status="", cell="")


def completeness(wide: Wide, register: pd.DataFrame, run: Run) -> pd.DataFrame:
    """The table completeness of a group.

    n_expected counts the services of the register (without a register: of the returns) valid in the year; n_reported
    those of them, or others, with at least one usable figure. A type without a return has n_reported 0.

    Args:
        wide: the returns of the group after the rules.
        register: one row a service and form of the group; may be empty.
        run: its year and round are there even where nobody reported.
    """
    counts = pd.concat([wide.returns, counted(wide)], axis=1)
    counts["group"] = counts["service_type"].map(run.methodology.group_of)
    reported = counts[counts["reported"]].groupby(KEY, observed=True)["service_id"].nunique().rename("n_reported")
    items = counts.groupby(KEY, observed=True)[["items_filled", "items_required"]].sum()
    rounds = sorted({*zip(counts["year"], counts["round"], strict=True), (run.year, run.round)})
    expected = _expected(register if len(register) else wide.returns, rounds, run)
    table = pd.concat([expected, reported, items], axis=1).fillna(0).reset_index()
    return table.sort_values(KEY, ignore_index=True)


def _expected(known: pd.DataFrame, rounds: list[tuple[int, str]], run: Run) -> pd.Series:
    columns = ["service_id", "service_type", "form", "valid_from", "valid_to"]
    services = known.drop_duplicates(["service_id", "form"])[columns]
    services = services.assign(group=services["service_type"].map(run.methodology.group_of))
    parts = [services[valid_in(services, year)].assign(year=year, round=vintage) for year, vintage in rounds]
    together = pd.concat(parts) if parts else services.assign(year=0, round="")
    return together.groupby(KEY, observed=True)["service_id"].nunique().rename("n_expected")


def valid_in(services: pd.DataFrame, year: int) -> pd.Series:
    """Which services ran at least a day in the year; a blank date sets no limit."""
    started = services["valid_from"] <= f"{year}-12-31"
    ended = (services["valid_to"] != "") & (services["valid_to"] < f"{year}-01-01")
    return started & ~ended
