"""Templates of the return to send out: one for a working group, or one for a service with last year's figures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpsslib.cleaning.cleaned import Cleaned, clean
from kpsslib.intake.records import IDENTITY
from kpsslib.intake.register.registers import table_of
from kpsslib.intake.store import Source
from kpsslib.intake.template import Filling, write_template
from kpsslib.language import _
from kpsslib.methodology.findings import near
from kpsslib.methodology.models import FORMS, ROUNDS
from kpsslib.workspace import Run, RunError

FOLDER = "outputs/templates"
LAST_YEAR = "last-year"  # the one word of --prefill


class Written(NamedTuple):
    """The file, the service types to choose from in it, and how many of last year's figures stand beside.

    `last_year` is None where they were not asked for.
    """

    path: Path
    types: list[str]
    last_year: int | None


def write_blank(run: Run, group: str, year: int, service_id: str = "", *, prefill: str = "",
                folder: str = "") -> Written:
    """Write the template of a group, or of one of its services, as `<year>-<group or service>.xlsx`.

    Args:
        run: its methodology, and for a service its register, returns and archive.
        group: one of the run's groups.
        year: the year to be reported, one of the run's or the one after them: it is collected next.
        service_id: whose identity to fill in; "" for the template of the group.
        prefill: "last-year" for last year's figures beside the inputs, "" without.
        folder: where to write, relative to the project where it is not absolute; "" for outputs/templates.

    Raises RunError for a year, group, service or word of prefill that does not exist, with the nearest one.
    """
    problems = _contradictions(run, group, year, service_id, prefill)
    if problems:
        raise RunError(problems)
    run = run.model_copy(update={"group": group})
    known = _known(run) if service_id else None
    whole = run.methodology.working_groups[group]
    identity, types, about = {"year": year, "round": run.round}, whole.service_types, f"{group} {whole.name}"
    last_year = None
    if service_id:
        identity |= _identity(run, known, service_id)
        types = [str(identity["service_type"])]
        about = str(run.methodology.service_types[types[0]].name)
        last_year = _figures(known, service_id, year - 1) if prefill else None
    path = run.path(folder or FOLDER) / f"{year}-{service_id or group}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(path, Filling(identity, about, last_year=last_year or None), run.methodology, types=types,
                   methodology_folder=run.path(run.methodology_folder))
    return Written(path, list(types), None if last_year is None else len(last_year))


def _contradictions(run: Run, group: str, year: int, service_id: str, prefill: str) -> list[str]:
    problems = []
    if group not in run.groups:
        problems.append(_("--group: {found} is not among the groups of the run ({expected})",
                          found=near(group, run.groups), expected=", ".join(run.groups)))
    years = [*map(str, sorted({*run.years, max(run.years) + 1}))]
    if str(year) not in years:
        problems.append(_("--year: {year} is neither a year of the run nor the one after them; there are {years}",
                          year=near(str(year), years), years=", ".join(years)))
    if prefill not in ("", LAST_YEAR):
        problems.append(_("--prefill: found {found}, expected {expected}", found=near(prefill, [LAST_YEAR]),
                          expected=LAST_YEAR))
    elif prefill and not service_id:
        problems.append(_("--prefill needs a service: add --service with its identifier"))
    return problems


def _known(run: Run) -> Cleaned | None:
    """What the run knows of the group; None where it names no files yet, as before the first return comes."""
    there = {role: name if name and run.path(name).is_dir() and any(run.path(name).iterdir()) else None
             for role, name in (("returns", run.returns), ("archive", run.archive))}
    return clean(run.model_copy(update=there)) if any(there.values()) or run.imports else None


def _identity(run: Run, known: Cleaned | None, service_id: str) -> dict[str, str]:
    """Who the service is, by the register, or else by its newest return."""
    services = known.services if known else pd.DataFrame(columns=["service_id"])
    own = services[services["service_id"] == service_id]
    if not len(own):
        raise RunError([_("--service: {service} is not among the services of {group}",
                          service=near(service_id, services["service_id"].unique()), group=run.group)])
    row = own.iloc[0]
    identity = {key: str(row[key]) for key in ("service_id", *IDENTITY) if key in row and not pd.isna(row[key])}
    return identity | {"forms": _forms(run, service_id, identity["service_type"], set(own["form"]))}


def _forms(run: Run, service_id: str, kind: str, reported: set[str]) -> str:
    """The forms as letters in the order P, A, T; "" where nothing says whether it is A, T or both."""
    if run.register_file and run.path(run.register_file).is_file():
        table = table_of(Source("register_file", run.path(run.register_file), run.register_file), ("service_id",))
        rows = table[table["service_id"] == service_id]
        if len(rows) and "forms" in rows and (letters := set(rows["forms"].iloc[0].upper()) & set("PAT")):
            return ", ".join(letter for letter in "PAT" if letter in letters)
    own = [letter for letter in "PAT" if letter in run.methodology.service_types[kind].forms
           and ("residential" if letter == "P" else "outpatient_field") in reported]
    return "" if {"A", "T"} <= set(own) else ", ".join(own)


def _figures(known: Cleaned | None, service_id: str, year: int) -> dict[tuple[str, str], float]:
    """(item, form) -> the figure of a year, a final one before an actual one; a missing one is left out."""
    if known is None:
        return {}
    facts = known.facts
    facts = facts[(facts["service_id"] == service_id) & (facts["year"] == year)
                  & facts["round"].isin(("actual", "final")) & facts["form"].isin(FORMS) & facts["value"].notna()]
    facts = facts.iloc[facts["round"].map(ROUNDS.index).argsort(kind="stable")]
    return {(str(row.item), str(row.form)): float(row.value) for row in facts.itertuples()}
