"""The thresholds that the checks inside the template use, from `rules.toml` of the methodology."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kpsslib.workspace import project_root

FILE = "rules.toml"
HOUSE = "parameters/methodology"


class Limits(NamedTuple):
    """Shares 0..1; hours of direct care a post and year; bands of crowns a post (first year, low, high)."""

    balance: float
    other_costs: float
    change: float
    changing: tuple[str, ...]
    hours_per_post: float
    staff_cost: tuple[tuple[int, float, float], ...]

    def band(self, year: int) -> tuple[float, float] | None:
        """The band of staff costs of a full-time post in a year, None before the first."""
        known = [(low, high) for first, low, high in sorted(self.staff_cost) if first <= year]
        return known[-1] if known else None


@cache
def read_limits(folder: Path | None = None) -> Limits:
    """The limits of a methodology's folder; one without its own, and None, use those of the house."""
    own = folder / FILE if folder else None
    path = own if own and own.exists() else project_root() / HOUSE / FILE
    rules = tomllib.loads(path.read_text("utf-8-sig"))
    return Limits(
        rules["balance"]["deviation"], rules["sums"]["other_share"], rules["change"]["limit"],
        tuple(rules["change"]["items"]), rules["work"]["hours_per_post"],
        tuple((band["from_year"], band["low"], band["high"]) for band in rules["work"]["staff_cost"]),
    )
