"""The page of differences: what changed, the biggest first, with causes, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from kpsslib.differences.comparing import Differences
from kpsslib.differences.figure import moves_figure
from kpsslib.differences.matching import BESIDE
from kpsslib.differences.notes import how_to_read, lead, notes, numbers
from kpsslib.differences.summaries import by_indicator, by_service, by_year, of_year
from kpsslib.differences.views import changes_table, indicators_table, rules_table, services_table, years_table
from kpsslib.differences.words import Words
from kpsslib.drawing import table_html
from kpsslib.language import _, number
from kpsslib.publishing.layout import render
from kpsslib.publishing.results import Imprint

FIRST, FOLDED = 12, 200


class Section(NamedTuple):
    """A heading, a sentence, a figure or "", the first rows of a table, and more of them, folded under a summary."""

    title: str
    text: str
    figure: Markup
    first: Markup
    more: Markup
    summary: str


def page_html(differences: Differences, imprint: Imprint, files: Sequence[str]) -> str:
    """The page in the language of the imprint; files are named at its end as what lies beside it."""
    rows, words = of_year(differences), Words(differences)
    return render("differences.html.j2", imprint, before=differences.before, after=differences.after,
                  year=differences.year, lead=lead(differences), numbers=numbers(rows),
                  notes=notes(differences, rows, words), sections=_sections(differences, rows, words),
                  reading=how_to_read(), files=files)


def _sections(differences: Differences, rows: pd.DataFrame, words: Words) -> list[Section]:
    values = rows[(rows["kind"] == "value") & rows["size"].notna()]
    biggest = rows[(rows["tier"] < BESIDE)]
    parts = [
        _section(_("Biggest first"), _("What turned comes first, then what can be said newly or no longer, then what "
                 "moved, by usual distances between services."), changes_table(biggest.head(FOLDED), words),
                 len(biggest), moves_figure(values, words)),
        _summary(_("Services that changed most"), _("By what turned, then by their own values."),
                 services_table(by_service(differences), words)),
        _summary(_("Indicators that changed most"), "", indicators_table(by_indicator(rows), words)),
        *(_section(title, text, changes_table(of.head(FOLDED), words), len(of))
          for title, text, of in _by_kind(rows, words)),
        _summary(_("Indicators that are computed otherwise"), _("As the books of both runs say it."),
                 rules_table(differences.rules or {}, words)),
        _summary(_("Earlier years"), _("How much changed before {year}; the rows are in the table.",
                 year=differences.year), years_table(by_year(differences))),
    ]
    return [part for part in parts if part.first]


def _by_kind(rows: pd.DataFrame, words: Words) -> list[tuple[str, str, pd.DataFrame]]:
    """Sections of the differences that belong together, each in its own order."""
    def of(*kinds: str) -> pd.DataFrame:
        return rows[rows["kind"].isin(kinds)]

    money = of("outlook")
    money = money[~money["group"].isin(words.methodology.service_types)]
    apart = (money["value_after"] - money["value_before"]).abs()
    money = money.loc[apart.sort_values(ascending=False, kind="stable").index]
    return [
        (_("Returns that came otherwise"), "", of("return", "completeness")),
        (_("Figures of corrected returns"), _("What the files of these services say otherwise."), of("item")),
        (_("Values"), "", of("value", "flag")),
        (_("Positions and places"), "", of("position", "places", "certainty")),
        (_("Medians and sizes of sets"), "", of("median", "n", "set")),
        (_("What deserves attention"), "", of("attention", "text")),
        (_("Good practice and reserves"), "", of("practice", "reserve")),
        (_("Problems of the returns"), "", of("problem")),
        (_("Outlook and gap"), _("By the amount, for the region and its working groups."), money),
    ]


def _section(title: str, text: str, table: pd.DataFrame, n: int, figure: str = "") -> Section:
    shown = _html(table.head(FIRST))
    if len(table) <= FIRST:
        return Section(title, text, Markup(figure), shown, Markup(""), "")
    more = number(len(table) - FIRST)
    summary = _("Further rows: {more}", more=more) if len(table) == n else \
        _("Further rows: {more} of {n}", more=more, n=number(n - FIRST))
    return Section(title, text, Markup(figure), shown, _html(table.iloc[FIRST:]), summary)


def _summary(title: str, text: str, table: pd.DataFrame) -> Section:
    return _section(title, text, table.head(FOLDED), len(table))


def _html(table: pd.DataFrame) -> Markup:
    kept = table.loc[:, [(table[column] != "").any() for column in table]]
    return Markup(table_html(kept) if len(kept) else "")
