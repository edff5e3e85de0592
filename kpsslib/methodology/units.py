"""The units that items and indicators are declared in, known to pint."""

from __future__ import annotations

import pint

units = pint.UnitRegistry(None, cache_folder=None)
for _definition in (
    "CZK = [money]",
    "person = [person]",
    "FTE = [work]",
    "bed = [bed]",
    "place = [place]",
    "day = [time]",
    "hour = day / 24",
    "month = day * 365.25 / 12",
    "year = day * 365.25",
    "bed_day = bed * day",
    "contact = [contact]",
    "intervention = [intervention]",
    "call = [call]",
    "room = [room]",
    "vehicle = [vehicle]",
    "km = [length]",
    "application = [application]",
    "complaint = [complaint]",
    "measure = [measure]",
    "municipality = [municipality]",
    "calendar_year = [calendar]",
    "point = [point]",
    "item = [item]",
    "percent = 0.01",
    "hundred_persons = 100 person",
    "thousand_persons = 1000 person",
    "ten_thousand_persons = 10000 person",
    "hundred_places = 100 place",
    "hundred_beds = 100 bed",
):
    units.define(_definition)


def unknown_unit(text: str) -> str | None:
    """The word in a unit such as "CZK / bed_day" that is no unit, or None; the whole text where it is none."""
    try:
        units.Unit(text)
    except pint.UndefinedUnitError as error:
        names = error.unit_names
        return names if isinstance(names, str) else names[0]
    except (pint.PintError, ValueError, TypeError, AttributeError, SyntaxError, AssertionError):
        return text
    return None
