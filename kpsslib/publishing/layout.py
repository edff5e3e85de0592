"""What all published pages share: templates, the style sheet and the words of header and footer."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kpsslib.language import _, speaking
from kpsslib.methodology.words import round_name, speaking_as
from kpsslib.publishing.results import Imprint

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, imprint: Imprint, **values: object) -> str:
    """A template filled in the imprint's language; every value is escaped unless it is ready Markup."""
    with speaking_as(imprint.language):
        return _environment().get_template(template).render(imprint=imprint, css=_css(), **values)


def day(iso: str) -> str:
    """An ISO date (or time) as a day in words; nothing for nothing."""
    return format_date(date.fromisoformat(iso[:10]), "long", locale=speaking()) if iso else ""


def moment(iso: str) -> str:
    """An ISO time to the minute, here; without a zone it is one of here."""
    here = datetime.fromisoformat(iso).astimezone()
    return format_datetime(
        here, "d. M. y H:mm" if speaking() == "cs" else "d MMM y HH:mm", locale=speaking()
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_)
    environment.filters.update(day=day, moment=moment, round_name=round_name)
    return environment


@cache
def _css() -> Markup:
    return Markup((TEMPLATES / "style.css").read_text("utf-8"))
