"""What an indicator means, from the methodology, for a reader."""

from __future__ import annotations

from babel.dates import format_date

from kpsslib.dashboards import words
from kpsslib.language import _, speaking
from kpsslib.methodology import Indicator, Methodology
from kpsslib.methodology.words import in_line, person


def definition(indicator: Indicator, year: int, methodology: Methodology) -> list[list[str]]:
    """Terms and texts: formula of the year, direction, why, caveats, sources and who answers for it."""
    top, bottom, scale = indicator.formula(year)
    checked = person(indicator.checked_by, methodology) if indicator.checked_by else _("nobody yet")
    rows = [
        [_("Formula"), in_line(top.text, bottom.text, scale, methodology)],
        [_("Unit"), str(indicator.unit_label)],
        [_("Direction"), words.direction(indicator)],
        [_("What it is for"), str(indicator.why)],
        [_("Caveats"), str(indicator.caveats)],
        [_("Sources"), "; ".join(str(methodology.sources[s].name) for s in indicator.sources)],
        [_("Answers for it"), _("proposed by {author}, checked by {checked}, next review {review}",
                                author=person(indicator.author, methodology), checked=checked,
                                review=format_date(indicator.next_review, "long", locale=speaking()))],
    ]
    earlier = [old for old in sorted(indicator.earlier, key=lambda old: old.last_year) if year <= old.last_year]
    if earlier:
        rows.insert(1, [_("Changed method"), _("this formula held until {year}: {why}", year=earlier[0].last_year,
                                               why=earlier[0].why)])
    return rows
