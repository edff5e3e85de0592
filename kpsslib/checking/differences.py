"""What changed since an earlier submission of the same return: figures, and problems that are gone or still there."""

from __future__ import annotations

from typing import NamedTuple

from kpsslib.checking.points import Point, all_points, key_of
from kpsslib.cleaning.causes import all_parts
from kpsslib.intake.records import IDENTITY, Confirmation, Fact, Read, Taken
from kpsslib.intake.template import identity_labels
from kpsslib.language import _, number
from kpsslib.methodology import Methodology, words


class Change(NamedTuple):
    """A figure (or a text of the heading) that is not what it was, in words; `cell` is where it stands now."""

    label: str
    form: str
    cell: str
    before: str
    now: str


class Differences(NamedTuple):
    """Against the submission `number`: what changed, and the earlier points that are settled or still there.

    A point is settled by another figure (`corrected`), or by the provider's word that the figure holds (`confirmed`).
    """

    number: str
    changes: list[Change]
    corrected: list[Point]
    confirmed: list[Point]
    remaining: list[Point]


def differences(before: Taken, now: Taken, points_before: list[Point], points: list[Point],
                answers: list[Confirmation], methodology: Methodology) -> Differences:
    """Compare two submissions; warnings are not counted among what was to be corrected.

    `answers` are those that hold for the figures as they are now.
    """
    asked = [p for p in all_points(points_before) if p.severity != "warning"]
    there = {p.about for p in all_points(points) if p.severity != "warning"}
    said = {key_of(answer) for answer in answers}
    gone = [p for p in asked if p.about not in there]
    return Differences(before.number, changes(before.read, now.read, methodology),
                       [p for p in gone if p.key not in said], [p for p in gone if p.key in said],
                       [p for p in asked if p.about in there])


def changes(before: Read, now: Read, methodology: Methodology) -> list[Change]:
    """The texts of the heading and the figures that differ, in the order of the return."""
    labels = identity_labels()
    texts = [Change(labels[key], "", now.places.get(key, ""), before.identity.get(key, ""), now.identity.get(key, ""))
             for key in ("service_id", "year", "round", *IDENTITY)
             if before.identity.get(key, "") != now.identity.get(key, "")]
    earlier = {(f.form, f.item): f for f in before.facts}
    later = {(f.form, f.item): f for f in now.facts}
    figures = []
    differing = [key for key in dict.fromkeys([*later, *earlier])
                 if _said(earlier.get(key)) != _said(later.get(key))]
    for form, item in differing:
        # A sum changes with its parts: only what was typed anew is told.
        if not any((form, part) in differing for part in all_parts(methodology.items[item], methodology)):
            old, new = (_said(facts.get((form, item))) for facts in (earlier, later))
            fact = later.get((form, item))
            figures.append(Change(str(methodology.items[item].name), words.form_label(form),
                                  fact.cell if fact else "", old, new))
    return texts + figures


def _said(fact: Fact | None) -> str:
    """A figure in words; what cannot be used is "cannot be read"."""
    if fact is None or fact.status == "missing":
        return "–"
    if fact.value == fact.value:
        return number(fact.value, 0 if fact.value == round(fact.value) else 2)
    return {"not_applicable": _("not applicable"), "confidential": _("confidential")}.get(
        fact.status, _("a content that cannot be used"))
