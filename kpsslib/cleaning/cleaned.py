"""From what was read to the tables every other package starts from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kpsslib.cleaning.causes import with_causes
from kpsslib.cleaning.completeness import completeness, derived_facts
from kpsslib.cleaning.confirming import Answers
from kpsslib.cleaning.rules import judge, thresholds_of
from kpsslib.cleaning.services import services
from kpsslib.cleaning.wide import Wide
from kpsslib.intake.messages import FINDINGS, reason, sentences
from kpsslib.intake.records import CLASSES, COUNTED
from kpsslib.intake.store import Intake
from kpsslib.intake.taking_in import load_intake
from kpsslib.methodology import Methodology
from kpsslib.methodology.thresholds import Thresholds
from kpsslib.workspace import ALL, TABLES, Run, conform

FEW_TEXTS = ("file", "sheet", "received_at")  # kept as categories: they repeat in every row of a return


class Cleaned(NamedTuple):
    """The tables of a group with the fixed columns of a run, and `accounting`: what happened to each file's cells.

    accounting has one row a file: file, template, accepted, converted, rejected, ignored and cells, their sum.
    """

    services: pd.DataFrame
    facts: pd.DataFrame
    problems: pd.DataFrame
    ignored: pd.DataFrame
    originals: pd.DataFrame
    completeness: pd.DataFrame
    territory: pd.DataFrame
    confirmations: pd.DataFrame
    accounting: pd.DataFrame


def clean(run: Run) -> Cleaned:
    """The returns of the run's group, read, judged by the seventeen rules, and counted.

    What an error or an open question doubts has no value in `facts` (status "missing"), so that nothing computed from
    it looks sound; `problems` says which cell it is, what was found and expected, and what to do. All rounds of a year
    stand side by side; which one supersedes is decided by who reads them.

    Raises RunError where a folder or file that the run names is not there.
    """
    limits = thresholds_of(run)
    groups = run.groups if run.group == ALL else [run.group]
    parts = [clean_group(run, load_intake(run, group), group, limits) for group in groups]
    if len(parts) == 1:
        return parts[0]
    together = [pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)]
    cleaned = Cleaned(*together)
    return cleaned._replace(originals=cleaned.originals.drop_duplicates(), territory=parts[0].territory)


def clean_group(run: Run, intake: Intake, group: str, limits: Thresholds) -> Cleaned:
    """What was read for one group, judged and counted; see `clean`."""
    known = run.methodology
    register = intake.register
    if len(register):
        register = register[register["service_type"].map(known.group_of) == group]
    wide = Wide(_beside_register(intake), intake.facts, known)
    answers = Answers(intake.confirmations)
    judged = judge(wide, limits, answers)
    problems = _problems(intake, judged, answers, known)
    facts = intake.facts
    blocked = wide.blocked()
    accounting = _accounting(intake, facts, blocked, wide)
    return Cleaned(
        services=conform("services", services(wide, register, known)),
        facts=_facts(wide, blocked),
        problems=problems,
        ignored=conform("ignored", intake.ignored.assign(reason=[reason(kind) for kind in intake.ignored["kind"]])),
        originals=_originals(intake.originals, group, run),
        completeness=conform("completeness", completeness(wide, register, run)),
        territory=conform("territory", intake.territory),
        confirmations=conform("confirmations", answers.table()),
        accounting=accounting,
    )


def _beside_register(intake: Intake) -> pd.DataFrame:
    """The returns with what the register says of each service, and the registered service its file is named after."""
    returns, register = intake.returns, intake.register
    if not len(register):
        return returns
    listed = register.drop_duplicates("service_id").set_index("service_id")
    named = returns["file"].astype("str").str.extract(r"(?:^|/)([0-9]{7})\.[^./]+$")[0]
    return returns.assign(
        registered_provider=returns["service_id"].map(listed["provider_id"]),
        registered_municipality=returns["service_id"].map(listed["municipality"]),
        registered_municipality_code=returns["service_id"].map(listed["municipality_code"]),
        named=named.where(named.isin(listed.index), ""))


def _facts(wide: Wide, blocked: np.ndarray) -> pd.DataFrame:
    """The table facts: each figure with who, when and where; doubted ones without a value; then the counted ones.

    Texts that repeat in every row stay categories all the way: as texts, a country's facts would not fit.
    """
    facts, counted = wide.facts, derived_facts(wide)
    statuses = pd.CategoricalDtype(sorted({*facts["status"].astype("category").cat.categories, "missing", "reported",
                                          "confirmed_zero"}))
    value, status = facts["value"].to_numpy(float).copy(), facts["status"].astype(statuses).cat.codes.to_numpy().copy()
    value[blocked], status[blocked] = float("nan"), statuses.categories.get_loc("missing")
    status[wide.places[wide.confirmed_zeros]] = statuses.categories.get_loc("confirmed_zero")
    rows = pd.Series(wide.returns.index, index=wide.returns["return_no"]).reindex(facts["return_no"]).to_numpy()
    table = wide.returns[["service_id", "form", "year", "round", "file", "sheet", "received_at"]]
    table = table.astype(dict.fromkeys(FEW_TEXTS, "category")).take(rows).reset_index(drop=True)
    table = table.assign(item=facts["item"].astype("str").array, value=value, cell=facts["cell"].array,
                         status=pd.Categorical.from_codes(status, dtype=statuses))
    counted = counted.astype({"status": statuses, **{column: table[column].dtype for column in FEW_TEXTS}})
    return conform("facts", pd.concat([table, counted], ignore_index=True))


def _problems(intake: Intake, judged: pd.DataFrame, answers: Answers, known: Methodology) -> pd.DataFrame:
    """What was found while reading, what the rules found, and what a mapping found, as one table."""
    findings = intake.findings
    read = []
    for row in findings.to_dict("records"):
        message = FINDINGS[row["kind"]]
        found, expected, advice = sentences(row["kind"], {"item": row["item"], **row["values"]})
        read.append({**row, "rule": message.rule, "severity": message.severity, "found": found, "expected": expected,
                     "advice": advice, "value": _value(row["values"]) if message.severity != "error" else ""})
    columns = list(TABLES["problems"])
    found = pd.DataFrame(read, columns=columns)
    tables = [found[~answers.hold(found)], judged.reindex(columns=columns), intake.told.reindex(columns=columns)]
    together = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    return conform("problems", with_causes(together.fillna({"value": ""}), known))


def _value(values: dict) -> str:
    """The value that a cell was read as, in the form in which an answer names it."""
    value = values.get("value", "")
    if isinstance(value, (int, float)):
        return repr(float(value)) if value == value else ""
    return str(value or "")


def _originals(originals: pd.DataFrame, group: str, run: Run) -> pd.DataFrame:
    """The group's files; those of many groups (the archive) belong to each, those of nobody to the run's first."""
    shared = (originals["group"] == "") & ((originals["state"] == "accepted") | (group == run.groups[0]))
    own = originals[(originals["group"] == group) | shared]
    reasons = [sentences(kind, values)[0] if kind in FINDINGS else reason(kind)
               for kind, values in zip(own["kind"], own["values"], strict=True)]
    return conform("originals", own.assign(reason=reasons))


def _accounting(intake: Intake, facts: pd.DataFrame, blocked: np.ndarray, wide: Wide) -> pd.DataFrame:
    """Every non-empty cell in one class; figures that a rule took out count as rejected."""
    counts = [*CLASSES, "cells"]
    table = intake.accounting.astype(dict.fromkeys(counts, "int64")).groupby("file", as_index=False)[counts].sum()
    rows = pd.Series(wide.returns["file"].to_numpy(), index=wide.returns["return_no"])
    out = pd.DataFrame({"file": facts["return_no"].iloc[blocked].map(rows), "status": facts["status"].iloc[blocked]})
    for name, statuses in (("converted", ["converted"]), ("accepted", ["reported", "confirmed_zero"])):
        moved = table["file"].map(out[out["status"].isin(statuses)]["file"].value_counts()).fillna(0).astype(int)
        table = table.assign(**{name: table[name] - moved, "rejected": table["rejected"] + moved})
    return table[[c for c in COUNTED if c != "service_type"]].astype(dict.fromkeys((*CLASSES, "cells"), "int64"))
