"""What an indicator means, from the methodology, for a reader."""

from __future__ import annotations

from babel.dates import format_date

from kpsslib.dashboards import words
from kpsslib.language import _, number, speaking
from kpsslib.methodology import Indicator, Methodology


def definition(indicator: Indicator, year: int, methodology: Methodology) -> list[list[str]]:
    """Terms and texts: formula of the year, direction, why, caveats, conditions, sources and who answers for it."""
    top, bottom, scale = indicator.formula(year)
    times = f"{number(scale, 0 if float(scale).is_integer() else 4)} × " if scale != 1 else ""
    sides = [words.formula_in_words(side.text, methodology) for side in (top, bottom)]
    checked = indicator.checked_by or _("not yet checked")
    rows = [
        [_("Formula"), " ÷ ".join(f"({s})" if " " in s and ("+" in s or "−" in s) else s for s in sides)],
        [_("Unit"), str(indicator.unit_label)],
        [_("Direction"), words.direction(indicator)],
        [_("Why"), str(indicator.why)],
        [_("Caveats"), str(indicator.caveats)],
        [_("Sources"), "; ".join(str(methodology.sources[s].name) for s in indicator.sources)],
        [_("Answers for it"), _("author {author}, checked by {checked}, next review {review}", author=indicator.author,
                                checked=checked, review=format_date(indicator.next_review, "long", locale=speaking()))],
    ]
    rows[0][1] = times + rows[0][1]
    if indicator.earlier and year <= max(old.last_year for old in indicator.earlier):
        rows.insert(1, [_("Changed method"), _("this year has an earlier formula than the present one")])
    return rows
