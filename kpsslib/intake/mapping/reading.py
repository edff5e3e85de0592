"""Tables that someone else designed, read by a declared mapping into the same services and facts.

A mapping (`parameters/malopolska/mapping.toml` is the example) says which files there are, where their header stands,
which column is which item, which rows are sub-totals and how identifiers are built. Nothing is lost silently: what is
left out stands in `ignored` with its reason, what is wrong in `problems` with file, sheet and cell.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpsslib.intake.mapping.file import Mapping, ServiceTable, load_mapping
from kpsslib.intake.mapping.grids import Grid, GridError, read_grids
from kpsslib.intake.mapping.identity import Home, identify, report_unlinked, short_names
from kpsslib.intake.mapping.rows import Findings, Row, TableReader
from kpsslib.intake.mapping.territory import read_territory, stand_in
from kpsslib.language import _, number
from kpsslib.methodology import Methodology
from kpsslib.workspace import TABLES, conform


class Mapped(NamedTuple):
    """What a mapping made of its sources.

    services, facts, problems, ignored and territory have the fixed columns of a run's tables. totals has one row a
    file and item: file, sheet, year, round, item, rows and subtotals (how many have a value), rows_sum, subtotals_sum.
    """

    services: pd.DataFrame
    facts: pd.DataFrame
    problems: pd.DataFrame
    ignored: pd.DataFrame
    totals: pd.DataFrame
    territory: pd.DataFrame


def read_mapped(mapping_path: Path | str, sources: Iterable[Path | str], methodology: Methodology) -> Mapped:
    """Read every source (a file or a pattern such as `data/*.xlsx`) by the mapping.

    Raises MappingError where the mapping itself is wrong; what is wrong in the sources becomes problems.
    """
    mapping = load_mapping(mapping_path, methodology)
    findings = Findings()
    rows: list[Row] = []
    territory: list[dict] = []
    for path in _expand(sources, findings):
        grids = _grids(path, findings)
        if mapping.population and fnmatch(path.name, mapping.population.match):
            territory += [row for grid in grids for row in read_territory(path.name, grid, mapping, findings)]
        elif grids:
            rows += _read_services(path.name, grids, mapping.services, findings)
    _check_subtotals(rows, findings)
    homes = identify(rows, mapping, findings)
    report_unlinked(homes, findings)
    stands_for = mapping.population.stands_for if mapping.population else {}
    return Mapped(
        services=_table("services", _services(homes, mapping, methodology)),
        facts=_table("facts", _facts(homes, mapping.services)),
        problems=_table("problems", findings.problems),
        ignored=_table("ignored", findings.ignored),
        totals=_totals(rows),
        territory=_table("territory", stand_in(territory, stands_for)),
    )


def _expand(sources: Iterable[Path | str], findings: Findings) -> list[Path]:
    """The files that the sources name, each once; a source without a file is a problem."""
    files: dict[Path, None] = {}
    for source in sources:
        source = Path(source)
        found = sorted(source.parent.glob(source.name))
        if not found:
            findings.problem((str(source), "", ""), "import_file", found=_("no such file"),
                             expected=_("at least one file"),
                             advice=_("Put the files there, or correct the source of the import."))
        files |= dict.fromkeys(found)
    return list(files)


def _grids(path: Path, findings: Findings) -> list[Grid]:
    try:
        return read_grids(path.read_bytes())
    except GridError as error:
        findings.problem((path.name, "", ""), "import_file", found=str(error), expected=_("a readable table"),
                         advice=_("Open the file in a spreadsheet program, save it again and import it once more."))
        return []


def _read_services(file: str, grids: list[Grid], table: ServiceTable, findings: Findings) -> list[Row]:
    """The rows of the declared sheet; every other sheet is noted as ignored."""
    rule = table.rule(file)
    if rule is None:
        findings.problem((file, "", ""), "import_file", found=_("a file the mapping does not know"),
                         expected=", ".join(rule.match for rule in table.files),
                         advice=_("Add the file with its date, year and round to services.files in the mapping."))
        return []
    chosen = next((grid for grid in grids if grid.sheet == table.sheet or len(grids) == 1), None)
    for grid in grids:
        if grid is not chosen:
            findings.ignore((file, grid.sheet, ""), grid.sheet, _("sheet not declared in the mapping"))
    if chosen is None:
        findings.problem((file, "", ""), "import_sheet", found=", ".join(grid.sheet for grid in grids),
                         expected=table.sheet, year=rule.year, round=rule.round,
                         advice=_("Correct services.sheet in the mapping, or rename the sheet."))
        return []
    return TableReader(file, chosen, rule, table, findings).rows()


def _check_subtotals(rows: list[Row], findings: Findings) -> None:
    """A warning for each sub-total that is not the sum of the rows under it, up to the next sub-total."""
    sums: dict[tuple, float] = defaultdict(float)
    for row in rows:
        if not row.is_subtotal:
            for item, read in row.values.items():
                sums[row.file, row.block, item] += 0 if math.isnan(read.value) else read.value
    for row in rows:
        for item, stated in row.values.items():
            added = sums[row.file, row.block, item]
            if row.is_subtotal and stated.status != "missing" and not math.isclose(stated.value, added, abs_tol=1e-6):
                findings.problem((row.file, row.sheet, stated.cell), "import_total", severity="warning", item=item,
                                 year=row.rule.year, round=row.rule.round, found=number(stated.value),
                                 expected=number(added),
                                 advice=_("The sub-total differs from the sum of its rows; the rows are used."))


def _facts(homes: list[Home], table: ServiceTable) -> list[dict]:
    return [
        {"service_id": home.service_id, "form": table.form, "year": home.row.rule.year, "round": home.row.rule.round,
         "item": item, "value": read.value, "status": read.status, "file": home.row.file, "sheet": home.row.sheet,
         "cell": read.cell, "received_at": home.row.rule.date.isoformat()}
        for home in homes for item, read in home.row.values.items()
    ]


def _services(homes: list[Home], mapping: Mapping, methodology: Methodology) -> list[dict]:
    """One row a service, as its newest date gives it.

    Tables do not say when a service opened or closed, so it is valid for whole years: from the first year it stands in
    to the last year whose last table it stands in; blank where that is the first or the last year of all.
    """
    names = {code: name for name, code in mapping.territories.items()}
    in_order = sorted(homes, key=lambda home: home.row.rule.date)
    last_tables = {home.row.rule.year: home.row.rule.date for home in in_order}
    seen: dict[str, list[Home]] = defaultdict(list)
    for home in in_order:
        seen[home.service_id].append(home)
    names_of = short_names(in_order, mapping.services.abbreviations)
    types_of = Counter(found[-1].provider_id for found in seen.values())
    services = []
    for service_id, found in seen.items():
        newest, kind = found[-1], methodology.service_types[found[-1].service_type]
        unit = kind.capacity_units[mapping.services.form]
        capacity = newest.row.values.get(f"capacity_{unit}")
        first = found[0].row.rule.year
        last = max((home.row.rule.year for home in found if home.row.rule.date == last_tables[home.row.rule.year]),
                   default=first - 1)
        services.append({
            "service_id": service_id, "form": mapping.services.form, "provider_id": newest.provider_id,
            "provider_name": newest.row.identity["name"], "service_name":
                names_of[newest.provider_id] + (f" ({kind.code})" if types_of[newest.provider_id] > 1 else ""),
            "service_type": kind.code, "group": methodology.group_of[kind.code], "capacity_unit": unit,
            "capacity": capacity.value if capacity else float("nan"),
            "orp_code": newest.orp_code, "orp_name": names[newest.orp_code],
            "region_code": mapping.services.region_code,
            "valid_from": f"{first}-01-01" if first > min(last_tables) else "",
            "valid_to": f"{last}-12-31" if last < max(last_tables) else "",
        })
    return services


def _totals(rows: list[Row]) -> pd.DataFrame:
    """Sum and number of the values in rows and in sub-totals, by file and item."""
    columns = ["file", "sheet", "year", "round", "item"]
    values = pd.DataFrame(
        [(row.file, row.sheet, row.rule.year, row.rule.round, item, row.is_subtotal, read.value)
         for row in rows for item, read in row.values.items()], columns=[*columns, "is_subtotal", "value"])
    parts = [
        values[values["is_subtotal"] == kind].groupby(columns, sort=False)["value"].agg(["count", "sum"])
        .rename(columns={"count": name, "sum": f"{name}_sum"})
        for kind, name in ((False, "rows"), (True, "subtotals"))
    ]
    return parts[0].join(parts[1], how="outer").reset_index()


def _table(name: str, rows: list[dict]) -> pd.DataFrame:
    """The rows as a table of the run; a column that no row has is empty."""
    blank = {column: "" for column, kind in TABLES[name].items() if kind == "str"}
    return conform(name, pd.DataFrame([{**blank, **row} for row in rows], columns=list(TABLES[name])))
