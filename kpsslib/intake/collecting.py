"""Gathers what the files of a run say and stores it by working group."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kpsslib.intake.archive import read_archive
from kpsslib.intake.formats.text_files import TextFileError
from kpsslib.intake.originals import as_came, bytes_of, is_junk, keep
from kpsslib.intake.records import (
    CONFIRMATIONS,
    COUNTED,
    FACTS,
    FINDINGS,
    IDENTITY,
    IGNORED,
    ORIGINALS,
    PLACED,
    RETURNS,
    Finding,
    Read,
    Tables,
    Taken,
    accounting_row,
)
from kpsslib.intake.store import Source, put, put_groups
from kpsslib.intake.template import ERRORS_SHEET
from kpsslib.workspace import TABLES, Run


class Collection:
    """The intake being made: facts of the archive go to disk file by file, so that it never stands in memory whole."""

    def __init__(self, run: Run, folder: Path, register: pd.DataFrame) -> None:
        self.run, self.folder, self.register = run, folder, register
        self.registered = set(register.get("service_id", ()))
        self.returns: list[dict] = []
        self.facts: list[tuple] = []
        self.findings: list[dict] = []
        self.ignored: list[dict] = []
        self.originals: list[dict] = []
        self.accounting: list[dict] = []
        self.confirmations: list[dict] = []
        self.row_returns: list[pd.DataFrame] = []
        self.next_return = 0

    def add(self, one: Taken, left_out: str = "") -> None:
        """Add one return of the folder: used, left out for a reason (a code of `messages`), or quarantined."""
        read = one.read
        if left_out:
            self.add_original(one, "ignored", Finding(left_out))
        elif read.quarantine:
            self.add_original(one, "quarantined", read.quarantine)
            self._find(one, read.quarantine)
        else:
            self.add_original(one, "accepted", Finding(""))
            self._use(one)

    def _use(self, one: Taken) -> None:
        read, kind = one.read, one.read.identity["service_type"]
        for finding in read.findings:
            self._find(one, finding)
        self.ignored += [dict(file=one.name, **i._asdict(), service_type=kind) for i in read.ignored]
        self.accounting.append(accounting_row(one.name, kind, read.cells))
        self.confirmations += [dict(file=one.name, sheet=ERRORS_SHEET, **self._whose(one), **answer._asdict(),
                                    service_type=kind) for answer in read.confirmations]
        numbers = {form: self.next_return + i for i, form in enumerate(read.forms)}
        self.next_return += len(numbers)
        self.returns += [self._return(one, form, number) for form, number in numbers.items()]
        self.facts += [(numbers[f.form], *f[1:], kind) for f in read.facts]

    def _return(self, one: Taken, form: str, number: int) -> dict:
        identity, places = one.read.identity, one.read.places
        return dict(return_no=number, service_id=identity["service_id"], form=form, year=int(identity["year"]),
                    round=identity["round"], **{key: identity[key] for key in IDENTITY}, file=one.name,
                    sheet=one.read.sheet, received_at=one.received_at,
                    **{f"at_{key}": places.get(key, "") for key in PLACED})

    def _whose(self, one: Taken) -> dict:
        """The service, year and round of a file; where its inside does not say, the service it is named after."""
        identity, stem = one.read.identity, Path(one.name).stem
        return dict(service_id=identity.get("service_id") or (stem if stem in self.registered else ""),
                    year=int(identity["year"]) if "year" in identity else None, round=identity.get("round", ""))

    def _find(self, one: Taken, finding: Finding) -> None:
        self.findings.append(dict(
            file=one.name, sheet=finding.sheet or one.read.sheet, cell=finding.cell, kind=finding.kind,
            form=finding.form, item=finding.item, values=finding.values or {}, **self._whose(one)))

    def add_original(self, one: Taken, state: str, why: Finding) -> None:
        """Note a file that came: accepted, quarantined or ignored, and why."""
        self.originals.append(dict(
            file=one.name, sha256=one.sha256, size=one.size, state=state, kind=why.kind, values=why.values or {},
            received_at=one.received_at, service_type=one.read.identity.get("service_type", ""), **self._whose(one)))

    def add_archive(self, source: Source) -> None:
        """Add one file of the archive; one that cannot be used is quarantined, one of another year left out."""
        data = bytes_of(source.path)
        one = as_came(source.name, source.path, data, Read())
        if is_junk(source.path.name):
            self.add_original(one, "ignored", Finding("junk"))
            return
        if data is None:
            self.add(one._replace(read=Read(quarantine=Finding("unreadable"))))
            return
        keep(data, source.path.suffix, self.run.folder / "originals")
        try:
            tables = read_archive(data, source.path.stem, self.run.methodology, self.run.years)
        except TextFileError as error:
            why = Finding(error.kind, values=error.values)
            self.add_original(one, "ignored" if error.kind == "archive_year" else "quarantined", why)
            if error.kind != "archive_year":
                self._find(one, why)
            return
        if self._came_as_workbook(tables.returns):
            self.add_original(one, "ignored", Finding("archive_of_workbooks"))
            return
        identity = dict(zip(("year", "round"), source.path.stem.split("_"), strict=True))
        self.add_original(one._replace(read=Read(identity=identity)), "accepted", Finding(""))
        tables.returns = tables.returns.assign(file=one.name, sheet="", received_at=one.received_at)
        for table in (tables.findings, tables.ignored, tables.accounting):
            table["file"] = one.name
        self.add_rows(tables)

    def _came_as_workbook(self, rows: pd.DataFrame) -> bool:
        """Whether some service of an archive file sent its workbook for the same year and round: the workbook holds."""
        key = ["service_id", "year", "round"]
        sent = {tuple(one[k] for k in key) for one in self.returns}
        return not sent.isdisjoint(rows[key].itertuples(index=False, name=None))

    def add_rows(self, tables: Tables) -> None:
        """Add the rows of a table with many services; its facts are written by group at once."""
        offset, self.next_return = self.next_return, self.next_return + len(tables.returns)
        renumbered = pd.Series(range(offset, self.next_return), index=tables.returns["return_no"], dtype="int64")
        facts = tables.facts.assign(return_no=tables.facts["return_no"].map(renumbered).to_numpy())
        types = tables.returns.set_index("return_no")["service_type"]
        groups = tables.facts["return_no"].map(types.map(self.run.methodology.group_of)).to_numpy()
        for group in sorted(set(groups)):
            put(facts[groups == group], self.folder, "facts", group)
        self.row_returns.append(tables.returns.assign(return_no=renumbered.to_numpy()))
        self.findings += tables.findings.to_dict("records")
        self.ignored += tables.ignored.to_dict("records")
        self.accounting += tables.accounting.to_dict("records")

    def finish(self, territory: pd.DataFrame | None) -> None:
        """Write what is gathered, each row to its group; what belongs to no group goes to the run's first."""
        returns = pd.concat([pd.DataFrame(self.returns, columns=list(RETURNS)), *self.row_returns], ignore_index=True)
        returns = returns.reindex(columns=list(RETURNS)).fillna({f"at_{key}": "" for key in PLACED})
        known = pd.concat([returns[["service_id", "service_type"]],
                           self.register.reindex(columns=["service_id", "service_type"])])
        types = known.drop_duplicates("service_id").set_index("service_id")["service_type"]
        findings = pd.DataFrame(self.findings, columns=list(FINDINGS))
        originals = pd.DataFrame(self.originals, columns=list(ORIGINALS))
        group_of = self.run.methodology.group_of
        by_service = originals["service_id"].map(types).map(group_of).fillna("")
        originals["group"] = originals["service_type"].map(group_of).fillna(by_service)
        facts = pd.DataFrame(self.facts, columns=[*FACTS, "service_type"])
        self._split("returns", returns, returns["service_type"])
        self._split("facts", facts[list(FACTS)], facts["service_type"])
        self._split("findings", findings, findings["service_id"].map(types))
        for name, rows, columns in (("ignored", self.ignored, IGNORED), ("accounting", self.accounting, COUNTED),
                                    ("confirmations", self.confirmations, (*CONFIRMATIONS, "service_type"))):
            table = pd.DataFrame(rows, columns=list(columns))
            self._split(name, table, table["service_type"])
        put(originals, self.folder, "originals")
        put(self.register, self.folder, "register")
        nothing = pd.DataFrame(columns=list(TABLES["territory"]))
        put(nothing if territory is None else territory, self.folder, "territory")
        known = {*types.map(group_of), *originals["group"]}
        put_groups(self.folder, {group: group in known for group in self.run.groups}, originals)

    def _split(self, name: str, table: pd.DataFrame, types: pd.Series) -> None:
        groups = types.map(self.run.methodology.group_of).fillna(self.run.groups[0]).to_numpy()
        for group in sorted(set(groups)):
            put(table[groups == group], self.folder, name, group)
