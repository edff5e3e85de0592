"""Problems as a provider reads them: numbered, the gravest first, what follows from another one kept beneath it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd
from openpyxl.utils import coordinate_to_tuple

from kpsslib.intake.records import Confirmation
from kpsslib.intake.template import identity_labels
from kpsslib.language import NBSP, _
from kpsslib.methodology import Methodology, words

SEVERITIES = ("error", "question", "warning")
SIGNS = {"error": "✗", "question": "?", "warning": "!"}
_TOGETHER = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")  # the space within a number
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


@dataclass
class Point:
    """One problem. `key` is rule, form, item and value: by it an answer finds its question again."""

    severity: str
    rule: str
    sheet: str
    cell: str
    form: str
    item: str
    label: str
    found: str
    expected: str
    advice: str
    key: str
    number: str = ""
    follows: list[Point] = field(default_factory=list)

    @property
    def sign(self) -> str:
        """A sign that says the same as the colour."""
        return SIGNS[self.severity]

    @property
    def about(self) -> tuple[str, str, str]:
        """What it is about, whatever the value."""
        return self.rule, self.form, self.item


def key_of(answer: Confirmation) -> str:
    """The key of the point that an answer was given to."""
    return "|".join((answer.rule, answer.form, answer.item, answer.value))


class Told(NamedTuple):
    """Points that say the same of several cells."""

    points: list[Point]

    @property
    def cells(self) -> str:
        """The cells in a sentence, in the order of the sheet."""
        return listed(sorted({p.cell for p in self.points if p.cell}, key=place))

    @property
    def labels(self) -> str:
        """What stands in the cells."""
        return listed(list(dict.fromkeys(p.label for p in self.points if p.label)))

    @property
    def n_following(self) -> int:
        """How many problems follow from these."""
        return sum(len(p.follows) for p in self.points)


def points_of(problems: pd.DataFrame, methodology: Methodology, forms: list[str]) -> list[Point]:
    """The problems of one file as points; those that follow from another one are in its `follows`.

    Args:
        problems: rows of the table problems of one file.
        methodology: how items are called.
        forms: the forms of the return; where there are several, a label says which one it is.
    """
    labels = identity_labels()
    # What is doubted in the heading is found once a form; it is one thing.
    problems = problems[~(problems["item"].isin(labels) & problems.duplicated(["sheet", "cell", "rule", "found"]))]
    points = []
    for row in problems.fillna("").to_dict("records"):
        item = methodology.items.get(row["item"])
        label = str(item.name) if item else labels.get(row["item"], "")
        if item and len(forms) > 1 and row["form"]:
            label = f"{label} ({words.form_label(row['form'])})"
        points.append(Point(
            *(str(row[name]) for name in ("severity", "rule", "sheet", "cell", "form", "item")), label,
            str(row["found"]), *(_TOGETHER.sub(NBSP, str(row[name])) for name in ("expected", "advice")),
            "|".join(str(row[name]) for name in ("rule", "form", "item", "value"))))
    return _numbered(_under_causes(points, problems["cause"].fillna("").tolist()))


def _under_causes(points: list[Point], causes: list[str]) -> list[Point]:
    """Each problem that follows from another one beneath it; `causes` names that one's cell, else its rule."""
    heads = {p.rule: p for p, cause in zip(points, causes, strict=True) if not cause}
    heads |= {p.cell: p for p, cause in zip(points, causes, strict=True) if p.cell and not cause}
    of_cell = {p.cell: cause for p, cause in zip(points, causes, strict=True) if cause and p.cell != cause}
    tops = []
    for point, cause in zip(points, causes, strict=True):
        head = heads.get(cause) or heads.get(of_cell.get(cause, ""))
        if head is None or head is point:
            tops.append(point)
        else:
            head.follows.append(point)
    return tops


def _numbered(points: list[Point]) -> list[Point]:
    points = sorted(points, key=lambda p: (SEVERITIES.index(p.severity), p.sheet, place(p.cell)))
    for n, point in enumerate(points, 1):
        point.number = str(n)
        for m, following in enumerate(point.follows, 1):
            following.number = f"{n}.{m}"
    return points


def all_points(points: list[Point]) -> list[Point]:
    """The points, each with those that follow from it behind it."""
    return [one for point in points for one in (point, *point.follows)]


def told(points: list[Point]) -> list[Told]:
    """Points in their order, those with the same words put together."""
    same: dict[tuple, list[Point]] = {}
    for p in points:
        same.setdefault((p.severity, p.sheet, p.found, p.expected, p.advice), []).append(p)
    return [Told(several) for several in same.values()]


def place(cell: str) -> tuple[int, int]:
    """Row and column of a cell for sorting; what is no cell comes first."""
    return coordinate_to_tuple(cell) if _CELL.fullmatch(cell) else (0, 0)


def listed(texts: list[str]) -> str:
    """Texts in a sentence: "D25, D31 and D40"."""
    if len(texts) < 2:
        return "".join(texts)
    return _("{listed} and {last}", listed=", ".join(texts[:-1]), last=texts[-1])


def severity_name(severity: str) -> str:
    """The gravity of a point in one word."""
    return {"error": _("Error"), "question": _("Question"), "warning": _("Warning")}[severity]
