"""The methodology book: HTML pages for people who do not read TOML.

A page an indicator, an index that can be searched, and pages of items, service types, working groups and sources.
The pages stand alone: style and script are inside, nothing is loaded from a network.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kpsslib.language import _, number, plural, speaking
from kpsslib.methodology import words
from kpsslib.methodology.indicator_checks import LATEST
from kpsslib.methodology.models import SECTIONS, Example, Indicator, Item, Methodology

_TEMPLATES = Path(__file__).parent / "templates"


def write_book(methodology: Methodology, folder: Path | str, language: str = "cs") -> Path:
    """Write the book in one language ("cs" or "en") and return its index page.

    Pages of the same name in the folder are written over; nothing else in it is touched.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with words.speaking_as(language):
        for name, html in _pages(methodology).items():
            (folder / name).write_text(html, "utf-8")
    return folder / "index.html"


def _pages(methodology: Methodology) -> dict[str, str]:
    """Every page of the book by its file name."""
    book = _environment(methodology)
    ordered = [i for _area, group in words.by_area(methodology) for i in group]
    neighbours = zip([None, *ordered], ordered, [*ordered[1:], None], strict=False)
    pages = {f"{one.code}.html": book.get_template("indicator.html.j2").render(
        here="", before=before, after=after, **_indicator(one, methodology)) for before, one, after in neighbours}
    for name, values in _lists(methodology).items():
        pages[f"{name}.html"] = book.get_template(f"{name}.html.j2").render(here=f"{name}.html", **values)
    return pages


def _environment(methodology: Methodology) -> Environment:
    book = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)
    book.globals.update(
        _=_, words=words, methodology=methodology, language=speaking(), amount=words.amount, day=_day,
        linked=lambda text: _linked(str(text), methodology),
        css=Markup((_TEMPLATES / "book.css").read_text("utf-8")),
        parts=[("index.html", _("Indicators")), ("items.html", _("Items")), ("service_types.html", _("Service types")),
               ("working_groups.html", _("Working groups")), ("sources.html", _("Sources"))])
    return book


def _lists(methodology: Methodology) -> dict[str, dict]:
    """What the index and the pages of items, types, groups and sources show."""
    return {
        "index": {
            "areas": [(code, words.area(code), group) for code, group in words.by_area(methodology)],
            "words_of": lambda indicator: _search_words(indicator, methodology),
            "counted": plural("{n} indicator.", "{n} indicators.", len(methodology.indicators))},
        "items": {
            "groups": _item_groups(methodology),
            "names": lambda codes: ", ".join(str(methodology.items[code].name) for code in codes)},
        "service_types": {"types": list(methodology.service_types.values())},
        "working_groups": {"groups": list(methodology.working_groups.values()),
                           "peers": list(methodology.peers.values())},
        "sources": {"sources": list(methodology.sources.values()), "indicators": list(methodology.indicators.values())},
    }


def _item_groups(methodology: Methodology) -> list[tuple[str, str, list[Item]]]:
    """Collected items under the seven headings, then those that nobody reports."""
    items = list(methodology.items.values())
    groups = [(code, words.section(code), [i for i in items if i.source == "return" and i.section == code])
              for code in SECTIONS]
    others = [i for i in items if i.source != "return"]
    return [group for group in [*groups, ("others", _("Not reported by services"), others)] if group[2]]


def _indicator(indicator: Indicator, methodology: Methodology) -> dict:
    """What the page of one indicator shows."""
    needed = {year: _items_of(indicator, year) for year in {example.year or LATEST for example in indicator.example}}
    used = dict.fromkeys(code for codes in [_items_of(indicator, LATEST), *needed.values()] for code in codes)
    return {
        "indicator": indicator,
        "items": [methodology.items[code] for code in _items_of(indicator, LATEST)],
        "used": [methodology.items[code] for code in used],
        "needed": lambda example: needed[example.year or LATEST],
        "notes": any(example.note for example in indicator.example),
        "result": lambda example: _result(example, indicator),
        "applies": [(form, words.types(indicator, form, methodology)) for form in indicator.forms],
        "sources": [methodology.sources[code] for code in indicator.sources],
    }


def _items_of(indicator: Indicator, year: int) -> list[str]:
    return list(dict.fromkeys(code for side in indicator.formula(year)[:2] for code in side.items))


def _result(example: Example, indicator: Indicator) -> str:
    return "–" if example.value is None else number(example.value, indicator.digits)


def _search_words(indicator: Indicator, methodology: Methodology) -> str:
    """What the search on the index looks through: both languages and the items."""
    items = [methodology.items[code].name for code in _items_of(indicator, LATEST)]
    names = [indicator.name, indicator.unit_label, indicator.why, *items]
    return " ".join([indicator.code, *(text for name in names for text in (name.cs, name.en))])


def _linked(text: str, methodology: Methodology) -> Markup:
    """Text with every code of an indicator as a link to its page."""
    parts = re.split(r"\b([A-Z]\d\d[A-Z]?)\b", text)
    return Markup("").join(Markup('<a href="{0}.html">{0}</a>').format(part) if part in methodology.indicators else part
                           for part in parts)


def _day(when: date, style: str = "long") -> str:
    return format_date(when, style, locale="cs_CZ" if speaking() == "cs" else "en_GB")
