"""The tables of page 01 as ready text with their captions."""

from __future__ import annotations

from pathlib import PurePosixPath

import pandas as pd

from kpsslib.cleaning.cleaned import Cleaned
from kpsslib.cleaning.rules import rule_names, thresholds_of
from kpsslib.intake.messages import reason
from kpsslib.intake.records import CLASSES
from kpsslib.language import _, money, number, percent
from kpsslib.methodology import Methodology
from kpsslib.methodology.words import form_label
from kpsslib.workspace import Run

Table = tuple[pd.DataFrame, str]
SEVERITIES = ("error", "question", "warning")
STATES = ("accepted", "quarantined", "ignored")


def severity_names() -> dict[str, str]:
    """What a problem's severity is called and what follows from it."""
    return {"error": _("error"), "question": _("question"), "warning": _("warning")}


def rule_label(rule: str) -> str:
    """A rule's number; the checks of cells, files and imported tables have none."""
    return {"cell": _("cell"), "file": _("file")}.get(rule, _("import") if rule.startswith("import_") else rule)


def files_table(cleaned: Cleaned) -> Table:
    """How many files were accepted, quarantined and left out, and why."""
    names = {"accepted": _("accepted"), "quarantined": _("quarantined"), "ignored": _("not used")}
    counts = cleaned.originals.groupby(["state", "reason"]).size().rename("n").reset_index()
    counts = counts.sort_values("state", key=lambda states: states.map(STATES.index))
    return pd.DataFrame({
        _("Files"): counts["state"].map(names), _("Reason"): counts["reason"].replace("", "–"),
        _("Count"): counts["n"].map(number),
    }), _("What came")


def accounting_table(cleaned: Cleaned) -> Table:
    """In which class the non-empty cells of all files ended; the classes add up to the cells."""
    if not len(cleaned.accounting):
        return pd.DataFrame({_("Cells"): ["–"], _("Count"): ["–"]}), _("The cells of imported tables are not counted")
    names = {"template": _("printed by the template"), "accepted": _("accepted"),
             "converted": _("converted while reading"), "rejected": _("rejected"), "ignored": _("ignored")}
    counts = cleaned.accounting[list(CLASSES)].sum()
    cells = cleaned.accounting["cells"].sum()
    agrees = _("the classes add up") if counts.sum() == cells else _("the classes do not add up")
    rows = [(names[name], number(counts[name])) for name in CLASSES] + [(_("all non-empty cells"), number(cells))]
    return pd.DataFrame(rows, columns=[_("Cells"), _("Count")]), _("What became of every non-empty cell: {agrees}",
                                                                   agrees=agrees)


def of_round(problems: pd.DataFrame, year: int, round: str) -> pd.DataFrame:
    """The problems of a year and round, and those of files that cannot be placed in any."""
    placed = problems["year"].notna() & (problems["round"] != "")
    return problems[~placed | ((problems["year"] == year) & (problems["round"] == round))]


def problem_counts(chosen: pd.DataFrame) -> pd.DataFrame:
    """How many problems each rule found, by severity: a row a rule, a column a severity."""
    counts = pd.crosstab(chosen["rule"].astype(object), chosen["severity"].astype(object))
    order = [rule for rule in rule_names() if rule in counts.index]
    others = [rule for rule in counts.index if rule not in order]
    return counts.reindex(index=[*order, *others], columns=list(SEVERITIES), fill_value=0)


def problem_counts_table(counts: pd.DataFrame, year: int) -> Table:
    """The counts with the rules' names."""
    names = rule_names()
    table = pd.DataFrame({_("Rule"): [rule_label(rule) for rule in counts.index],
                          _("What it asks"): [names.get(rule, "–") for rule in counts.index]})
    for severity, name in severity_names().items():
        table[name] = counts[severity].map(number).to_numpy()
    return table, _("Problems of the year {year} by rule", year=str(year))


def problems_table(problems: pd.DataFrame, year: int, rows: int) -> Table:
    """The gravest problems, each with its cell and what to do; what follows from another one is counted only."""
    causes = problems[problems["cause"] == ""]
    chosen = causes.sort_values(["severity", "service_id", "file", "cell"], kind="stable",
                                key=lambda c: c.map(SEVERITIES.index) if c.name == "severity" else c).head(rows)
    where = [" ".join(part for part in (PurePosixPath(file).name, sheet, cell) if part)
             for file, sheet, cell in zip(chosen["file"], chosen["sheet"], chosen["cell"], strict=True)]
    table = pd.DataFrame({
        _("Severity"): chosen["severity"].map(severity_names()), _("Rule"): chosen["rule"].map(rule_label),
        _("Service"): chosen["service_id"].replace("", "–"), _("File and cell"): where, _("Found"): chosen["found"],
        _("Expected"): chosen["expected"], _("What to do"): chosen["advice"],
    })
    return table, _("Problems of the year {year}: {shown} of {total}, the gravest first; {hidden} more follow from "
                    "these", year=str(year), shown=number(len(chosen)), total=number(len(causes)),
                    hidden=number(len(problems) - len(causes)))


def answers_table(confirmations: pd.DataFrame) -> Table:
    """The providers' answers: to what, by whom and when, and what became of them."""
    states = {"applied": _("holds"), "lapsed": _("no longer holds: the value or the question has changed"),
              "explanation": _("an explanation only")}
    nothing = confirmations.empty
    told = {_("Service"): "service_id", _("Rule"): "rule", _("Item"): "item", _("Value"): "value",
            _("Answer"): "answer", _("Who"): "who", _("Day"): "day"}
    table = pd.DataFrame({name: ["–"] if nothing else confirmations[key] for name, key in told.items()})
    table[_("State")] = ["–"] if nothing else confirmations["state"].map(states)
    return table, _("Answers of providers: {n}", n=number(len(confirmations)))


def superseded_table(originals: pd.DataFrame) -> Table:
    """The files that a later submission has replaced."""
    old = originals[originals["reason"] == reason("superseded")]
    table = old[["file", "service_id", "received_at"]] if len(old) else pd.DataFrame([["–"] * 3])
    names = [_("File"), _("Service"), _("Received")]
    return table.set_axis(names, axis=1), _("Files replaced by a later submission: {n}", n=number(len(old)))


def completeness_table(completeness: pd.DataFrame, methodology: Methodology, year: int, round: str) -> Table:
    """How many services reported, and how many required figures are filled, by type and form."""
    chosen = completeness[(completeness["year"] == year) & (completeness["round"] == round)]
    required = chosen["items_required"].astype(float)
    share = chosen["items_filled"].astype(float) / required.where(required > 0)
    names = {code: str(kind.name) for code, kind in methodology.service_types.items()}
    return pd.DataFrame({
        _("Service type"): chosen["service_type"].map(names), _("Form"): chosen["form"].map(form_label),
        _("Returns"): [_of(n, total) for n, total in zip(chosen["n_reported"], chosen["n_expected"], strict=True)],
        _("Required figures"): [percent(value) for value in share],
    }), _("Completeness {year}: returns with usable figures of registered services, and required figures filled",
          year=str(year))


def _of(n: int, total: int) -> str:
    return _("{n} of {total}", n=number(n), total=number(total))


def left_out_table(ignored: pd.DataFrame) -> Table:
    """What was not used in the files that were, by reason."""
    if ignored.empty:
        nothing = pd.DataFrame({_("Reason"): [_("nothing was left out")], _("Count"): [number(0)]})
        return nothing, _("Content of the files that was left out")
    counts = ignored.groupby("reason").agg(n=("cell", "size"), file=("file", "first"), cell=("cell", "first"))
    counts = counts.sort_values("n", ascending=False).reset_index()
    return pd.DataFrame({
        _("Reason"): counts["reason"], _("Count"): counts["n"].map(number),
        _("For example"): [f"{PurePosixPath(f).name} {c}" for f, c in zip(counts["file"], counts["cell"], strict=True)],
    }), _("Content of the files that was left out")


def rules_table(run: Run) -> Table:
    """The rules by number, with the thresholds of the run's methodology."""
    limits = thresholds_of(run)
    names = {rule: name for rule, name in rule_names().items() if run.imports or not rule.startswith("import_")}
    band = limits.work.band(run.year)
    said = {
        "4": _("occupancy from {low}", low=percent(limits.occupancy.low, 0)),
        "7": _("rounding of {czk} a part; other costs up to {share} without a comment",
               czk=money(limits.sums.tolerance_czk), share=percent(limits.sums.other_share, 0)),
        "8": _("difference up to {deviation}, surplus up to {surplus}", deviation=percent(limits.balance.deviation, 0),
               surplus=percent(limits.balance.surplus, 0)),
        "9": _("near 1000, 100 or 12 times the year before or the peers, or one part of them (within {thousand}, "
               "{hundred} and {twelve} times)", thousand=number(limits.units.thousand, 1),
               hundred=number(limits.units.hundred, 1), twelve=number(limits.units.twelve, 1)),
        "10": _("Hidiroglou and Berthelot (U {u}, A {a}, C {c}), with few pairs a change up to {limit} beyond that of "
                "the peers; z-score up to {z}", u=number(limits.change.u, 1), a=number(limits.change.a, 2),
                c=number(limits.change.c), limit=percent(limits.change.limit, 0), z=number(limits.outliers.z, 1)),
        "11": _("up to {hours} hours a post; staff costs of {low} to {high} a post",
                hours=number(limits.work.hours_per_post), low=money(band.low), high=money(band.high)),
        "14": _("from {per_place} clients a bed; anonymous up to {share}",
                per_place=number(limits.clients.per_place, 1), share=percent(limits.clients.anonymous, 0)),
    }
    table = {_("Rule"): [rule_label(rule) for rule in names], _("What it asks"): list(names.values()),
             _("Threshold"): [said.get(rule, "–") for rule in names]}
    return pd.DataFrame(table), _("The rules")
