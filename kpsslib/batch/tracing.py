"""A value's whole way back: from an indicator over its formula to the items, their cells and the kept originals."""

from __future__ import annotations

import difflib
from typing import NamedTuple

import pandas as pd

from kpsslib.cleaning import trace
from kpsslib.language import _
from kpsslib.methodology import Indicator
from kpsslib.workspace import Run, RunError


class Way(NamedTuple):
    """The way back of one indicator of one service in one year, all forms and rounds.

    Attributes:
        indicator: the indicator with its formula.
        service: the service's row of `services`.
        values: its rows of `indicators`.
        items: the rows of `facts` that the formula names, with `sha256` of the kept original.
        problems: the rows of `problems` of these items, and of the return as a whole.
    """

    indicator: Indicator
    service: pd.Series
    values: pd.DataFrame
    items: pd.DataFrame
    problems: pd.DataFrame


def way_back(run: Run, service_id: str, code: str, year: int) -> Way:
    """Collect the way back; raises RunError where the service, the indicator or the year is not there."""
    indicator = _indicator(run, code)
    if year not in run.years:
        years = ", ".join(map(str, run.years))
        raise RunError([_("year {year} is not among the years of the run ({years})", year=year, years=years)])
    service = _service(run, service_id)
    group = service["group"]
    names = items_of(indicator, year)
    values = run.read("indicators", group)
    values = values[(values["indicator"] == code) & (values["unit_id"] == service_id) & (values["year"] == year)]
    problems = run.read("problems", group)
    mine = (problems["service_id"] == service_id) & (problems["year"] == year)
    mine &= problems["item"].isin(names) | problems["item"].isna() | (problems["item"] == "")
    return Way(indicator, service, values, trace(run, service_id, names, year), problems[mine])


def items_of(indicator: Indicator, year: int) -> list[str]:
    """The items that the formula of the year names, numerator first, each once."""
    numerator, denominator, _scale = indicator.formula(year)
    return list(dict.fromkeys([*numerator.items, *denominator.items]))


def _indicator(run: Run, code: str) -> Indicator:
    known = run.methodology.indicators
    if code in known:
        return known[code]
    near = difflib.get_close_matches(code.upper(), known, n=3, cutoff=0.5)
    there = ", ".join(near or known)
    raise RunError([_("indicator {code} does not exist; did you mean one of these: {there}", code=code, there=there)])


def _service(run: Run, service_id: str) -> pd.Series:
    services = _services(run)
    found = services[services["service_id"] == service_id]
    if len(found):
        return found.iloc[-1]
    near = difflib.get_close_matches(service_id, services["service_id"].unique(), n=3, cutoff=0.7)
    hint = _("did you mean {near}?", near=", ".join(near)) if near else _("identifiers are text and keep their zeros")
    raise RunError([_("service {service} is not in the run; {hint}", service=service_id, hint=hint)])


def _services(run: Run) -> pd.DataFrame:
    """The services of the groups that have run; raises RunError where none has."""
    found, absent = [], None
    for group in run.groups:
        try:
            found.append(run.read("services", group))
        except RunError as error:
            absent = absent or error
    if not found:
        raise absent
    return pd.concat(found, ignore_index=True)
