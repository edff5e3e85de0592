"""The index of a run: one page that links everything, says what is missing and what to do next."""

from __future__ import annotations

from kpsslib.language import _, number, plural
from kpsslib.methodology.words import speaking_as
from kpsslib.publishing.layout import render
from kpsslib.publishing.results import RunResult

MARKS = {"done": "✓", "failed": "✗", "left_out": "–", "interrupted": "–"}


def index_html(run: RunResult) -> str:
    """The index page; links are relative to the folder of the run."""
    imprint = run.imprint
    with speaking_as(imprint.language):
        columns = list(dict.fromkeys([*imprint.group_pages, *imprint.region_pages]))
        states = {"done": _("done"), "failed": _("failed"), "left_out": _("left out"),
                  "interrupted": _("interrupted")}
        return render(
            "index.html.j2",
            imprint,
            run=run,
            columns=columns,
            numbers=_numbers(run),
            marks=MARKS,
            states=states,
            next_steps=next_steps(run),
        )


def next_steps(run: RunResult) -> list[str]:
    """What a coordinator does now, the most urgent first."""
    steps = []
    if run.failed:
        steps.append(
            _("Repair the pages that failed: open them in pages/failed, read the last cell, run the batch again.")
        )
    if run.quarantined:
        steps.append(
            plural(
                "Ask the provider for {n} return again; the reason stands below.",
                "Ask the providers for {n} returns again; the reasons stand below.",
                len(run.quarantined),
            )
        )
    if sum(group.errors for group in run.everything):
        steps.append(_("Go through the errors in the first report of each group: each names the file, sheet and cell."))
    missing = sum((g.n_expected or 0) - (g.n_reported or 0) for g in run.everything)
    if missing > 0:
        steps.append(
            plural(
                "Remind the provider of {n} service whose return is missing.",
                "Remind the providers of {n} services whose returns are missing.",
                missing,
            )
        )
    return [
        *steps,
        _("Read the comparison with the working group; single services are in the dashboard (make dashboards)."),
    ]


def _numbers(run: RunResult) -> list[tuple[str, str]]:
    """The four figures at the top, each with its words."""
    counted = [group for group in run.everything if group.n_expected is not None]
    reported, expected = sum(g.n_reported or 0 for g in counted), sum(g.n_expected or 0 for g in counted)
    errors, warnings = sum(g.errors for g in counted), sum(g.warnings for g in counted)
    return [
        (_("{reported} of {expected}", reported=number(reported), expected=number(expected)), _("returns taken in")),
        (number(len(run.quarantined)), plural("file in quarantine", "files in quarantine", len(run.quarantined))),
        (number(errors), plural("error found", "errors found", errors)),
        (number(warnings), plural("warning found", "warnings found", warnings)),
    ]
