"""The attention list in sentences, made from its numbers."""

from __future__ import annotations

import pandas as pd

from kpsslib.comparison.attention import LEVEL
from kpsslib.comparison.peers import BASE, nearest_code
from kpsslib.indicators.wording import value_text
from kpsslib.language import NBSP, _, money, number, plural
from kpsslib.methodology import Indicator, Methodology

_FINEST = 6
_UPWARDS = {("improving", "higher"), ("worsening", "lower"), ("rising", "none"), ("rising", "band")}


def attention_label(kind: str) -> str:
    """A kind of attention in the words of the language spoken."""
    return {
        "worse_and_worsening": _("worse than its peers and worsening"),
        "better_and_improving": _("better than its peers and improving"),
        "differs": _("differs from its peers"), "changed": _("changed since last year"),
    }[kind]


def attention_sentences(attention: pd.DataFrame, methodology: Methodology) -> pd.Series:
    """What each row of the table `attention` says, in three or four sentences; in its index.

    The value and its distance from the median of whom it is compared with; whether and in how many years chance can
    be ruled out; which way it goes. Nothing is called the best or the worst.
    """
    said = [" ".join(_parts(row, methodology)) for row in attention.itertuples()]
    return pd.Series(said, attention.index, dtype="str")


def _parts(row, methodology: Methodology) -> list[str]:
    indicator = methodology.indicators[row.indicator]
    beside = _peers(row, nearest_code(methodology))
    parts = [_place(row, indicator, beside), _chance(row), _direction(row, indicator), _since_last_year(row, indicator)]
    return [part for part in parts if part]


def _place(row, indicator: Indicator, peers: str) -> str:
    told = dict(name=_capital(str(indicator.name)), value=f"{value_text(row.value, indicator)}{NBSP}"
                f"{indicator.unit_label}", peers=peers, gap=gap_text(row.gap, indicator))
    if row.gap > 0:
        return _("{name}: {value}, {gap} more than the median of {peers}.", **told)
    if row.gap < 0:
        return _("{name}: {value}, {gap} less than the median of {peers}.", **told)
    return _("{name}: {value}, as much as the median of {peers}.", name=told["name"], value=told["value"],
             peers=told["peers"])


def _peers(row, nearest: str) -> str:
    n = int(row.n_reported)
    if row.peer_set == nearest:
        return plural("its nearest service", "its {n} nearest services", n)
    if row.peer_set == BASE:
        return plural("{n} service of its type and form", "{n} services of its type and form", n)
    return plural("{n} service of its working group and form", "{n} services of its working group and form", n)


def gap_text(gap: float, indicator: Indicator) -> str:
    """How far from the median, without a sign: "92 Kč", "4,5 procentního bodu"; as fine as makes it other than 0."""
    size = abs(gap)
    digits = next((d for d in range(indicator.digits, _FINEST) if round(size, d) > 0), indicator.digits)
    if indicator.kind == "money":
        return money(size, digits)
    if indicator.unit == "percent" and str(indicator.unit_label).startswith("%"):
        return _("{n} percentage points", n=number(size, max(digits, 1)))
    return number(size, digits)


def _chance(row) -> str:
    """Whether chance can be ruled out this year, and in how many of the years known."""
    if row.position == "inside_band":
        return _("It lies within the usual band.")
    if not row.p_adjusted <= LEVEL:
        return _("This year it cannot be told from the median.")
    return {
        (1, 2): _("It can be told from chance in one of the last two years."),
        (1, 3): _("It can be told from chance in one of the last three years; in two it cannot."),
        (2, 2): _("It can be told from chance in both of the last two years."),
        (2, 3): _("It can be told from chance in two of the last three years; in one it cannot."),
        (3, 3): _("It can be told from chance in all of the last three years."),
    }.get((row.years_certain, row.years_known), _("It can be told from chance this year; earlier years are not known."))


def _direction(row, indicator: Indicator) -> str:
    if row.trend == "too_short":
        return _("There are too few years to tell a trend.")
    if row.trend == "stable":
        return _("Over the years there is no clear trend.")
    if (row.trend, indicator.direction) in _UPWARDS:
        return _("Over the years it rises beside the median.")
    return _("Over the years it falls beside the median.")


def _since_last_year(row, indicator: Indicator) -> str:
    if row.change == "break":
        return _("It is computed otherwise than last year, so the two cannot be compared.")
    if row.change not in ("improved", "worsened", "rose", "fell"):
        return ""
    before = dict(year=row.year - 1, value=f"{value_text(row.previous, indicator)}{NBSP}{indicator.unit_label}")
    if indicator.kind in ("money", "ratio"):
        return _("Since {year} ({value}) it has changed by more than is usual among its peers.", **before)
    return _("Since {year} ({value}) it has changed by more than chance.", **before)


def group_sentences(attention: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> dict[str, list[str]]:
    """What the services of each working group have in common: sentences by the group's code.

    A sentence an indicator that concerns two services or more, most services first: how many differ from their peers,
    to which side, and how many are moving. No service is named.
    """
    unit = ["service_id", "form"]
    rows = attention.merge(services.drop_duplicates(unit, keep="last")[[*unit, "group"]], on=unit)
    rows = rows[rows["kind"] != "changed"].dropna(subset="group")
    counts = rows.assign(
        above=rows["gap"] > 0, below=rows["gap"] < 0, worse=rows["kind"] == "worse_and_worsening",
        better=rows["kind"] == "better_and_improving").groupby(["group", "indicator"])
    counts = counts[["above", "below", "worse", "better"]].sum().assign(n=counts.size()).reset_index()
    counts = counts[counts["n"] > 1].sort_values(["group", "n", "indicator"], ascending=[True, False, True])
    said: dict[str, list[str]] = {}
    for row in counts.itertuples():
        said.setdefault(row.group, []).append(_of_group(row, methodology.indicators[row.indicator]))
    return said


def _of_group(row, indicator: Indicator) -> str:
    told = dict(name=_capital(str(indicator.name)), above=number(row.above), below=number(row.below))
    said = plural("{name}: {n} service differs from its peers (higher {above}, lower {below}).",
                  "{name}: {n} services differ from their peers (higher {above}, lower {below}).", int(row.n), **told)
    if row.worse or row.better:
        moving = _("Of them worsening {worse}, improving {better}.", worse=number(row.worse),
                   better=number(row.better))
        return f"{said} {moving}"
    return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
