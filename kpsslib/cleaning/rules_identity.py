"""Rules about who reports and when: 1 identifiers, 2 type, 12 part of a year, 13 one house, 16 dates, 17 gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpsslib.cleaning.hits import Hits
from kpsslib.cleaning.wide import FILLED, MISSING, Wide
from kpsslib.language import _, plural
from kpsslib.methodology.thresholds import Thresholds

_FAR = "9999-12-31"


def registered(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 1: the service stands in the register, under the same provider and in the same place. Needs a register.

    A return that was sent now under another provider's number, or in a file named after another service, may be of a
    service that changed hands or the wrong return: all its figures wait. In the archive it is told only.
    """
    if "registered_provider" not in wide.returns:
        return
    listed, own = wide.text("registered_provider"), wide.text("provider_id")
    absent = listed.isna().to_numpy()
    yield Hits("1", "warning", absent, "at_provider_id", _("the service {service} is not in the register"),
               _("a registered service"), _("Check the identifier of the service, or renew the register."),
               {"service": wide.text("service_id").to_numpy()})
    differs = ~absent & (own != listed).to_numpy() & (own != "").to_numpy()
    sent = (wide.text("sheet") != "").to_numpy()
    found, expected = _("IČO {found}, not that of the registered provider"), _("the provider's IČO as registered")
    yield Hits("1", "question", differs & sent, "at_provider_id", found, expected,
               _("Check the identifier of the service and the IČO; if the service has changed hands, confirm it. No "
                 "figure is used until then."), {"found": own.to_numpy()}, tuple(wide.items))
    yield Hits("1", "warning", differs & ~sent, "at_provider_id", found, expected,
               _("Check who provides the service; the register's IČO is used."), {"found": own.to_numpy()})
    named = wide.text("named").to_numpy()
    yield Hits("1", "question", sent & (named != "") & (named != wide.text("service_id").to_numpy()), "at_service_id",
               _("the service {service} in a file named after the service {named}"),
               _("one service in name and content"),
               _("Check which service the return is of: correct its identifier or the name of the file, or confirm it. "
                 "No figure is used until then."),
               {"service": wide.text("service_id").to_numpy(), "named": named}, tuple(wide.items))
    yield from _place(wide, sent)


def _place(wide: Wide, sent: np.ndarray) -> Iterator[Hits]:
    """Rule 1: the municipality is the registered one, by its code, else by its name."""
    code, name = "municipality_code", "municipality"
    other = {key: sent & _differs(wide.text(key), wide.text(f"registered_{key}")) for key in (code, name)}
    for key, where in ((code, other[code]), (name, other[name] & ~other[code])):
        yield Hits("1", "warning", where, f"at_{key}", _("the municipality {found}"),
                   _("the registered municipality {listed}"),
                   _("Check the municipality: names are repeated and change, the code does not."),
                   {"found": wide.text(key).to_numpy(), "listed": wide.text(f"registered_{key}").fillna("").to_numpy()})


def _differs(own: pd.Series, listed: pd.Series) -> np.ndarray:
    """Where both are known and are not the same but for letter case and spaces."""
    own, listed = (texts.fillna("").str.casefold().str.split().str.join(" ") for texts in (own, listed))
    return ((own != listed) & (own != "") & (listed != "")).to_numpy()


def type_in_force(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 2: the law knew the type of service in that year."""
    kinds = wide.text("service_type").map(wide.methodology.service_types)
    first = kinds.map(lambda kind: kind.valid_from.year).to_numpy()
    last = kinds.map(lambda kind: kind.valid_to.year if kind.valid_to else 9999).to_numpy()
    year = wide.text("year").astype(int).to_numpy()
    yield Hits("2", "warning", (year < first) | (year > last), "at_service_type",
               _("the type {kind} in the year {year}"), _("a type that the law had in that year"),
               _("Check the type of service and the year."),
               {"kind": kinds.map(lambda kind: str(kind.name)).to_numpy(), "year": year.astype(str)})


def opened_or_closed(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 12: a service that ran only a part of the year; yearly costs of a place need care."""
    year = wide.text("year").astype(str)
    opened = (wide.text("valid_from").str[:4] == year) & (wide.text("valid_from").str[5:] > "01-01")
    closed = (wide.text("valid_to").str[:4] == year) & (wide.text("valid_to").str[5:] < "12-31")
    advice = _("Compare costs per place and month with care: the year was not whole.")
    for where, at, found in ((opened, "at_valid_from", _("the service opened on {day}")),
                             (closed, "at_valid_to", _("the service closed on {day}"))):
        yield Hits("12", "warning", where.to_numpy(), at, found, _("a whole year"), advice,
                   {"day": wide.text(at.removeprefix("at_")).to_numpy()})
    months = wide["months_operated"]
    part = (months > 0) & (months < 12) & ~(opened | closed).to_numpy()
    yield Hits("12", "warning", part, "months_operated", _("{months} months of operation"), _("a whole year"), advice,
               {"months": months})


def one_house(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 13: a home for the elderly and a home with special regime of one provider in one municipality.

    Costs and staff are easily shifted between the two, so they should be looked at together.
    """
    key = ["provider_id", "municipality_code", "year", "round"]
    returns = wide.returns
    known = (returns["provider_id"] != "") & (returns["municipality_code"] != "")
    home = returns["service_type"].isin(["DS", "DZR"]) & known
    kinds = returns[home].groupby(key)["service_type"].nunique()
    both = home & pd.MultiIndex.from_frame(returns[key]).isin(kinds[kinds > 1].index)
    newest = both & (returns["year"] == returns.loc[both, "year"].max())
    yield Hits("13", "warning", newest.to_numpy(), "at_provider_id",
               _("a DS and a DZR of one provider (IČO {provider}) in {town}"), _("costs and staff divided by real use"),
               _("Look at both services together, and explain how shared costs and staff are divided."),
               {"provider": returns["provider_id"].to_numpy(), "town": returns["municipality"].to_numpy()})


def days(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 16: a period does not end before it begins, and the entrustment covers the year."""
    for start, end, found in (("valid_from", "valid_to", _("the service ends on {end}, before it begins on {start}")),
                              ("entrusted_from", "entrusted_to",
                               _("the entrustment ends on {end}, before it begins on {start}"))):
        values = {"start": wide.text(start).to_numpy(), "end": wide.text(end).to_numpy()}
        turned = (wide.text(end) != "") & (wide.text(end) < wide.text(start))
        yield Hits("16", "error", turned.to_numpy(), f"at_{end}", found, _("an end after the beginning"),
                   _("Correct the two dates."), values)
    yield from _entrustment(wide)


def _entrustment(wide: Wide) -> Iterator[Hits]:
    """The entrustment covers the part of the year in which the service ran; those without any are not judged."""
    year = wide.text("year").astype(str)
    start, end = wide.text("entrusted_from"), wide.text("entrusted_to").replace("", _FAR)
    opened, closed = wide.text("valid_from"), wide.text("valid_to").replace("", _FAR)
    first = (year + "-01-01").where(opened < year + "-01-01", opened)
    last = (year + "-12-31").where(closed > year + "-12-31", closed)
    gap = (start != "") & (end >= start) & ((start > first) | (end < last))
    yield Hits("16", "warning", gap.to_numpy(), "at_entrusted_to", _("an entrustment from {start} to {end}"),
               _("an entrustment for the whole year {year}"),
               _("Check the entrustment: the compensation is lawful only while it lasts."),
               {"start": start.to_numpy(), "end": end.replace(_FAR, "–").to_numpy(), "year": year.to_numpy()})


def completeness(wide: Wide, _limits: Thresholds) -> Iterator[Hits]:
    """Rule 17: required items that nobody filled in, one problem a return and form, at the first such cell.

    What another rule took out is not told here again, but it counts as not filled (`missing_items`); nor is a sum that
    only waits for a part.
    """
    missing = required(wide) & (wide.state == MISSING) & ~_waiting(wide)
    first = np.array(wide.items, dtype=object)[missing.argmax(axis=1)] if len(wide) else np.array([])
    n = missing.sum(axis=1)
    names = np.array([str(wide.methodology.items[code].name) for code in wide.items], dtype=object)
    told = np.array([_told(names[row]) for row in missing], dtype=object)
    asked = (required(wide) & (wide.state > 0)).sum(axis=1)
    for code in sorted(set(first[n > 0])):
        yield Hits("17", "warning", (n > 0) & (first == code), code,
                   _("{n} of {asked} required figures are missing: {told}"), _("all required figures"),
                   _("Fill in the missing figures, or write why they are not there."),
                   {"n": n, "asked": asked, "told": told})


def _waiting(wide: Wide) -> np.ndarray:
    """Row by item: a sum that is missing because one of its parts is."""
    waiting = np.zeros(wide.state.shape, dtype=bool)
    for at, code in enumerate(wide.items):
        for part in wide.methodology.items[code].sum_of:
            waiting[:, at] |= wide.states(part) == MISSING
    return waiting


def _told(names: np.ndarray) -> str:
    rest = len(names) - 3
    listed = ", ".join(names[:3])
    return listed if rest <= 0 else _("{listed} and {more}", listed=listed, more=plural("{n} more", "{n} more", rest))


def required(wide: Wide) -> np.ndarray:
    """Item by item, whether it is required."""
    return np.array([wide.methodology.items[code].required for code in wide.items], dtype=bool)


def missing_items(wide: Wide) -> np.ndarray:
    """Row by item: a required figure that is not there, or was taken out by another rule."""
    taken_out = (wide.state == FILLED) & np.isnan(wide.values)
    return required(wide) & ((wide.state == MISSING) | taken_out)
