"""What the page and the terminal say about two runs in sentences."""

from __future__ import annotations

import pandas as pd

from kpsslib.differences.comparing import Differences
from kpsslib.differences.matching import TURNED
from kpsslib.differences.summaries import by_service
from kpsslib.differences.words import Words
from kpsslib.language import _, number, plural
from kpsslib.methodology.words import round_name


def lead(differences: Differences) -> str:
    """The answer in one or two sentences."""
    if differences.table.empty:
        return _("Nothing changed: the tables of both runs say the same.")
    services = by_service(differences)
    changed = services.loc[services["own"], "service_id"]
    own, known = len(changed), _in_force(differences.services, differences.year) | set(changed)
    said = plural("In {year} {n} of {all} services has other values of its own",
                  "In {year} {n} of {all} services have other values of their own", own, all=number(len(known)),
                  year=differences.year)
    if len(services) == own:
        return f"{said}."
    others = plural("{n} moved only because its peers did.", "{n} moved only because their peers did.",
                    len(services) - own)
    return f"{said}; {others}"


def _in_force(services: pd.DataFrame, year: int) -> set[str]:
    """The services that are in force in some part of a year."""
    begun, ended = (pd.to_numeric(services[column].astype("str").str[:4], errors="coerce")
                    for column in ("valid_from", "valid_to"))
    return set(services.loc[(begun.fillna(year) <= year) & (year <= ended.fillna(year)), "service_id"])


def numbers(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """The figures at the head of the page with their words."""
    counts = rows["kind"].value_counts()
    turned = int((rows["tier"] == TURNED).sum())
    flags = rows[rows["kind"] == "flag"]
    counted = int(((flags["before"] == "ok") != (flags["after"] == "ok")).sum())

    def of(kind: str) -> int:
        return int(counts.get(kind, 0))

    told = [(of("return"), plural("return came otherwise", "returns came otherwise", of("return"))),
            (turned, plural("turn", "turns", turned)),
            (counted, plural("value counts newly or no longer", "values count newly or no longer", counted)),
            (of("value"), plural("value moved", "values moved", of("value"))),
            (of("places"), plural("place moved", "places moved", of("places"))),
            (of("attention"), plural("entry of attention", "entries of attention", of("attention")))]
    return [(number(n), words) for n, words in told]


def notes(differences: Differences, rows: pd.DataFrame, words: Words) -> list[str]:
    """What has to be known before the differences are read: other rounds, years, methods, what one run lacks."""
    before, after = differences.before, differences.after
    told = [*_rounds(differences), *_methodology(differences, rows, words)]
    for label, groups in ((before.label, differences.only_before), (after.label, differences.only_after)):
        if groups:
            told.append(_("Only {run} has the groups {groups}; they are left out.", run=label,
                          groups=", ".join(groups)))
    return [*told, *_absent(differences)]


def _absent(differences: Differences) -> list[str]:
    """The tables that one run lacks, those that it lacks of the same groups together."""
    together: dict[tuple[str, str], list[str]] = {}
    for table, groups in differences.absent.items():
        for side in (differences.before, differences.after):
            if lacking := ", ".join(group for group in groups if not side.has(table, group)):
                together.setdefault((side.label, lacking), []).append(table)
    return [_("Not in {run} for {groups}, and not compared there: {tables}.", run=run, groups=groups,
              tables=", ".join(tables)) for (run, groups), tables in together.items()]


def _rounds(differences: Differences) -> list[str]:
    before, after = differences.before, differences.after
    if (before.year, before.round) == (after.year, after.round):
        return []
    told = dict(year_before=before.year, round_before=round_name(before.round), year_after=after.year,
                round_after=round_name(after.round))
    if before.year == after.year:
        return [_("The runs are of different rounds of {year_after}: {round_before} and {round_after}. Each value is "
                  "set beside that of the other round.", **told)]
    return [_("The runs are of different years, {year_before} ({round_before}) and {year_after} ({round_after}); what "
              "is compared are the years that both have.", **told)]


def _methodology(differences: Differences, rows: pd.DataFrame, words: Words) -> list[str]:
    told = []
    if differences.rules is None:
        told.append(_("Whether formulas changed cannot be told: a run keeps no methodology book, or the books are in "
                      "different languages."))
    elif differences.rules:
        told.append(plural("{n} indicator is computed otherwise: {codes}.",
                           "{n} indicators are computed otherwise: {codes}.", len(differences.rules),
                           codes=", ".join(differences.rules)))
    only = rows[rows["kind"] == "indicator"]
    for state, run in (("disappeared", differences.before.label), ("appeared", differences.after.label)):
        codes = sorted(set(only.loc[only["state"] == state, "indicator"]))
        if codes:
            told.append(_("Only {run} has the indicators {codes}.", run=run,
                          codes=", ".join(words.indicator(code) for code in codes)))
    return told


def how_to_read() -> list[str]:
    """How the order comes about and what the causes mean."""
    return [
        _("First stands what turned: a position from better to worse or back, a service or a good practice that came "
          "or went. Then what can be said newly or no longer: other positions, states of values, entries of the "
          "attention list, problems, certain reserves. Then what moved, by how far."),
        _("How far a value moved is told in usual distances: the move divided by (q3 - q1) / 1.349 of its set, on the "
          "scale on which the set is compared. A place is measured by n / 2 / 1.349. So crowns, shares and places can "
          "stand in one order; what has no set comes last."),
        _("A service's own value changes since its return, the round, the methodology or the archive changed. A place "
          "or position of a service whose own value stayed moved because its peers did."),
        _("Whoever has no figures in one of the runs is told once, not by each indicator. Differences under a "
          "thousand-millionth are rounding and are not told."),
    ]
