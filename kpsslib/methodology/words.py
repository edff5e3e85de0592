"""The methodology in words for people who do not read TOML: units, directions, forms, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from kpsslib.language import _, number, speak, speaking
from kpsslib.methodology.models import Indicator, Item, Methodology

# A part times itself is set as its square, so that a sum of squares can be read.
SQUARE = re.compile(r"(\b[A-Za-z_]\w*\b|\([^()]*\)) \* \1(?!\w)")
AREAS = ("costs", "staff", "outputs", "availability", "funding", "quality", "data")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@contextmanager
def speaking_as(language: str) -> Iterator[None]:
    """Within it a language is spoken, after it the one spoken before."""
    before = speaking()
    speak(language)
    try:
        yield
    finally:
        speak(before)


def unit(text: str) -> str:
    """The unit of an item, such as "CZK / bed_day", in words; a word that is not known stays."""
    counted = {
        "CZK": _("CZK"), "person": _("persons"), "FTE": _("full-time posts"), "bed": _("beds"), "place": _("places"),
        "day": _("days"), "hour": _("hours"), "month": _("months"), "year": _("years"), "bed_day": _("bed-days"),
        "contact": _("contacts"), "intervention": _("interventions"), "call": _("calls"), "room": _("rooms"),
        "vehicle": _("vehicles"), "application": _("applications"), "complaint": _("complaints"),
        "measure": _("measures"), "municipality": _("municipalities"), "calendar_year": _("calendar year"),
        "point": _("points"), "item": _("items"), "percent": "%", "dimensionless": _("without unit"),
    }
    divided = {"bed_day": _("per bed-day"), "FTE": _("per full-time post"), "application": _("per application"),
               "bed": _("per bed"), "person": _("per person"), "hour": _("per hour")}
    first, _slash, second = text.partition(" / ")
    return " ".join(filter(None, [counted.get(first, first), divided.get(second, second and f"/ {second}")]))


def direction(indicator: Indicator) -> str:
    """Which way is better, in a sentence."""
    return {
        "higher": _("A higher value is better."), "lower": _("A lower value is better."),
        "band": _("Both ends are bad: the value should stay in the usual band."),
        "none": _("No direction: context for reading other indicators, never ranked nor coloured."),
    }[indicator.direction]


def direction_mark(indicator: Indicator) -> str:
    """The direction in one word, with its sign."""
    return {"higher": _("↑ higher"), "lower": _("↓ lower"), "band": _("◎ band"),
            "none": _("○ none")}[indicator.direction]


def interval(indicator: Indicator) -> str:
    """Which interval the value has, and why or why not."""
    return {
        "proportion": _("95 % Wilson interval: a part of a number of people or things."),
        "rate": _("95 % exact Poisson interval: a number of events to a number of people."),
        "money": _("No interval of its own: an amount from the accounts, not a sample. "
                   "A comparison takes the usual swing from year to year."),
        "ratio": _("No interval of its own: a ratio of full amounts, not a sample. "
                   "A comparison takes the usual swing from year to year."),
    }[indicator.kind]


def dimension(indicator: Indicator) -> str:
    """The dimension of good practice that it serves; nothing where it serves none."""
    return {"cost": _("cost"), "performance": _("performance"), "staff": _("staff"), "quality": _("quality"),
            None: ""}[indicator.dimension]


def status(indicator: Indicator) -> str:
    """Whether it is in use."""
    return {"published": _("published"), "in_development": _("in development"),
            "retired": _("retired")}[indicator.status]


def level(indicator: Indicator) -> str:
    """What it describes: a service or an area."""
    return _("an area (ORP)") if indicator.level == "area" else _("a service")


def form(code: str) -> str:
    """A reporting form."""
    return {"residential": _("residential form"), "outpatient_field": _("outpatient and field form")}[code]


def form_label(code: str) -> str:
    """A reporting form in a table's cell; a dash where a row is of no form."""
    return {"residential": _("residential"), "outpatient_field": _("outpatient and field"), "": "–"}.get(code, code)


def way(code: str) -> str:
    """A form of the act: P, A or T."""
    return {"P": _("residential"), "A": _("outpatient"), "T": _("field")}[code]


def family(code: str) -> str:
    """A family of types in the act; a type's code stays."""
    return {"poradenství": _("counselling"), "péče": _("care"), "prevence": _("prevention")}.get(code, code)


def capacity_unit(code: str) -> str:
    """What capacity is counted in."""
    return {"beds": _("beds"), "clients": _("clients at a time"), "contacts": _("contacts a day"),
            "interventions": _("interventions a day"), "calls": _("calls a day")}[code]


def area(code: str) -> str:
    """An area of the catalogue; a folder without a name of its own keeps the folder's."""
    return {"costs": _("Costs"), "staff": _("Staff"), "outputs": _("Outputs and use"), "quality": _("Quality"),
            "availability": _("Availability"), "funding": _("Funding"), "data": _("Data"), "capacity": _("Capacity"),
            "waiting": _("Waiting")}.get(code, code)


def by_area(methodology: Methodology) -> list[tuple[str, list[Indicator]]]:
    """Areas in the order of the catalogue, others after them, each with its indicators by code."""
    def place(indicator: Indicator) -> tuple[int, str, str]:
        known = AREAS.index(indicator.area) if indicator.area in AREAS else len(AREAS)
        return known, indicator.area, indicator.code
    ordered = groupby(sorted(methodology.indicators.values(), key=place), key=lambda indicator: indicator.area)
    return [(code, list(group)) for code, group in ordered]


def section(code: str) -> str:
    """One of the seven headings of the return."""
    return {"costs_revenues": _("1 Costs and revenues"), "positions": _("2 Work positions"), "clients": _("3 Clients"),
            "capacity": _("4 Capacity"), "material": _("5 Material provision"), "outputs": _("6 Outputs"),
            "dates": _("7 Dates and use")}[code]


def item_source(item: Item) -> str:
    """Where an item comes from."""
    return {"return": _("return"), "derived": _("counted by cleaning"), "territory": _("known of a territory"),
            "constant": _("set by law or agreement")}[item.source]


def additivity(item: Item) -> str:
    """How an item may be added."""
    return {"flow": _("adds over services and months"), "stock": _("adds over services, not over months"),
            "none": _("does not add")}[item.additive]


def round_name(code: str) -> str:
    """A vintage of a year's data."""
    return {"plan": _("plan"), "adjusted": _("adjusted plan"), "actual": _("actual"), "final": _("final")}[code]


def flag(code: str) -> str:
    """What a worked example shows."""
    return {"ok": _("valid"), "missing": _("missing item"), "zero_denominator": _("zero denominator"),
            "small_denominator": _("small denominator"), "out_of_range": _("outside the valid range")}[code]


def formula(text: str, methodology: Methodology) -> str:
    """One side of a formula with the items' names, real signs and squares."""
    squared = SQUARE.sub(r"\1²", text)
    named = NAME.sub(lambda found: short(methodology.items[found[0]]), squared)
    named = re.sub(r"\d+\.\d+", lambda found: number(float(found[0]), len(found[0].split(".")[1])), named)
    return named.replace(" - ", " − ").replace(" * ", " × ").replace(" / ", " ÷ ")


def short(item: Item) -> str:
    """An item's name as it reads in a formula: without its number in the return and its explanation in brackets."""
    return re.sub(r"^\d(\.\d)* | \([^()]*\)$", "", str(item.name))


def one_line(indicator: Indicator, methodology: Methodology) -> str:
    """The whole formula in a line, such as "100 × (a + b) ÷ c"."""
    return in_line(indicator.numerator, indicator.denominator, indicator.scale, methodology)


def in_line(numerator: str, denominator: str, scale: float, methodology: Methodology) -> str:
    """A formula's parts as a line of text."""
    top, bottom = (f"({side})" if re.search(r" [−+×÷] ", side) else side
                   for side in (formula(numerator, methodology), formula(denominator, methodology)))
    times = "" if scale == 1 else f"{amount(scale)} × "
    return f"{times}{top} ÷ {bottom}"


def amount(value: float) -> str:
    """A figure with only the decimals it has, at most four."""
    written = f"{value:.4f}".rstrip("0")
    return number(value, len(written.split(".")[1]))


def types(indicator: Indicator, form_code: str, methodology: Methodology) -> list[str] | None:
    """The types it applies to in a form; None where these are all that have the form."""
    have = [kind for kind in methodology.service_types.values() if form_code in kind.reporting_forms]
    codes = [kind.code for kind in have if indicator.applies_to(kind, form_code)]
    return None if len(codes) == len(have) else codes


def applies_to(indicator: Indicator, methodology: Methodology) -> str:
    """The types and forms in a line."""
    parts = []
    for code in indicator.forms:
        some = types(indicator, code, methodology)
        parts.append(f"{form(code)}: {_('all types') if some is None else ', '.join(some)}")
    return "; ".join(parts)


def forms_of(item: Item) -> str:
    """The forms that report an item."""
    if item.source != "return":
        return "–"
    return _("both") if len(item.forms) > 1 else form(item.forms[0])


def asked_of(item: Item) -> str:
    """The types that report an item."""
    if item.source != "return":
        return "–"
    return ", ".join(_("all types") if word == "all" else family(word) for word in item.types)


def person(code: str | None, methodology: Methodology) -> str:
    """An author or checker: a working group by its name, somebody else as written."""
    group = methodology.working_groups.get(code or "")
    return f"{code} – {group.name}" if group else code or "–"
