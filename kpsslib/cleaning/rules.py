"""The seventeen data-quality rules, in the order they are applied.

An error takes the doubted figures out (value missing), so nothing downstream uses them; a question does the same until
the sender answers; a warning lets everything pass. Rules that take figures out come first and the later ones do not see
them, so that one mistake is told once and not with all that follows from it. Rules 1, 2, 3, 5 and 16 have a part that
is judged while a file is read (`messages`): there a wrong identity cell is emptied, and a return whose service, type,
year or sole validity is in doubt is quarantined.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.cleaning import rules_change as changes
from kpsslib.cleaning import rules_figures as figures
from kpsslib.cleaning import rules_identity as identity
from kpsslib.cleaning import rules_plausible as plausible
from kpsslib.cleaning import rules_units as units
from kpsslib.cleaning.confirming import Answers
from kpsslib.cleaning.hits import ROWS, problems
from kpsslib.cleaning.rules_edits import hard_edits
from kpsslib.cleaning.wide import Wide
from kpsslib.intake.mapping.words import import_rule_names
from kpsslib.language import _
from kpsslib.methodology.thresholds import Thresholds, load_thresholds
from kpsslib.workspace import Run

_IN_ORDER = (
    identity.registered, identity.type_in_force, identity.opened_or_closed, identity.one_house, identity.days,
    figures.zeros, changes.repeated, units.whole_return, units.one_amount, units.months, figures.signs,
    figures.days_of_operation, hard_edits, figures.occupancy, figures.degrees, figures.other_costs, plausible.result,
    changes.change, changes.outliers, plausible.work, plausible.clients, identity.completeness,
)


def thresholds_of(run: Run) -> Thresholds:
    """The thresholds of the run's methodology; raises MethodologyError with everything that is wrong in them."""
    return load_thresholds(run.path(run.methodology_folder), run.path("parameters/methodology"))


def judge(wide: Wide, limits: Thresholds, answers: Answers) -> pd.DataFrame:
    """Apply every rule; figures in doubt are taken out of `wide`. Returns the problems found.

    A question or a warning that the provider has answered is not told, and takes nothing out.
    """
    told = [pd.DataFrame(columns=list(ROWS))]
    for rule in _IN_ORDER if len(wide) else ():
        for hits in rule(wide, limits):
            if hits.where.any():
                found, rows = problems(hits, wide), np.flatnonzero(hits.where)
                held = answers.hold(found)
                told.append(found[~held])
                wide.confirm(rows[held], {hits.item, *hits.blocks})
                wide.block(rows[~held], hits.blocks)
                if hits.mask is not None:
                    wide.values[hits.mask] = np.nan
    return pd.concat(told[1:] or told, ignore_index=True)


def rule_names() -> dict[str, str]:
    """What each rule asks, by its number, in the language spoken."""
    return {
        "1": _("Identifiers of service and provider hold"), "2": _("Type of service and its forms exist"),
        "3": _("Each service is reported once"), "4": _("Bed-days fit into beds and days"),
        "5": _("Capacity is in the unit of the form"), "6": _("No negative figures, no default zeros"),
        "7": _("Sums agree with their parts"), "8": _("Revenues and costs agree"),
        "9": _("Figures are in their unit and of the whole year"), "10": _("Changes and differences can be explained"),
        "11": _("Hours and pay of a post are possible"), "12": _("The service ran the whole year"),
        "13": _("Two homes in one house"), "14": _("Clients fit the places"),
        "15": _("Degrees of dependency fit the clients"), "16": _("Dates follow one another"),
        "17": _("All required figures are there"), "cell": _("Cells can be read as numbers"),
        "file": _("Files can be read as returns"), **import_rule_names(),
    }
