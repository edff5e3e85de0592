"""The archive of earlier years: one wide text file a year and round, one row a service and form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from kpsslib.intake.formats.personal import has_birth_number
from kpsslib.intake.formats.text_files import TextFileError, TextTable, read_table
from kpsslib.intake.records import FACTS, FINDINGS, IDENTITY, IGNORED, PLACED, RETURNS, Tables, accounting_row
from kpsslib.intake.returns.identity import check, fault_of
from kpsslib.intake.returns.numbers import read_text
from kpsslib.intake.returns.type_names import nearest_types, service_type
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import ROUNDS

_NAME = re.compile(r"(\d{4})_(\w+)", re.ASCII)
_NEEDED = ("service_id", "service_type", "form")


def read_archive(data: bytes, stem: str, methodology: Methodology, years: Collection[int]) -> Tables:
    """Read one file of the archive; cells are named as a spreadsheet would show them ("E12").

    Args:
        data: the file's bytes.
        stem: the file's name without its ending, `<year>_<round>`.
        methodology: the items each type reports.
        years: the years of the run.

    Raises TextFileError where the file as a whole cannot be used; a row or a cell that cannot is a finding.
    """
    match = _NAME.fullmatch(stem)
    if not match or match[2] not in ROUNDS:
        raise TextFileError("archive_name", found=stem, rounds=", ".join(ROUNDS))
    if int(match[1]) not in years:
        raise TextFileError("archive_year", found=match[1], years=", ".join(map(str, sorted(years))))
    text = read_table(data)
    if absent := [name for name in _NEEDED if name not in text.table]:
        raise TextFileError("absent_columns", columns=", ".join(absent))
    if any(_has_personal(text.table[name], name in methodology.items) for name in text.table):
        raise TextFileError("personal_data")
    return _Archive(text, int(match[1]), match[2], methodology).tables()


def _has_personal(texts: pd.Series, figures: bool) -> bool:
    """Whether a birth number stands in a column; a plain number among figures is a figure."""
    pattern = r"[0-9]{6}[ \u00a0]?/[ \u00a0]?[0-9]{3,4}" if figures else r"[0-9]{6}"
    return any(map(has_birth_number, texts[texts.str.contains(pattern)].unique()))


class _Archive:
    """One file: its rows are checked first, then the figures of all rows are read together."""

    def __init__(self, text: TextTable, year: int, round: str, methodology: Methodology) -> None:
        self.table, self.above, self.decimal = text
        self.year, self.round, self.methodology = year, round, methodology
        self.letters = {name: get_column_letter(i + 1) for i, name in enumerate(self.table.columns)}
        self.findings: list[dict] = []
        self.ignored: list[dict] = []

    def tables(self) -> Tables:
        """Everything the file says; `return_no` counts its rows from 0."""
        returns = self._returns()
        again, several = self._repeated(returns)
        returns["usable"] &= ~(again | several)
        items = [c for c in self.table if c in self.methodology.items]
        cells = self.table[items].to_numpy(dtype=object)
        filled = cells != ""
        asked = self._asked(returns, items)
        counted = {"accepted": self._identity_cells().sum(axis=1)}
        facts, classes = self._facts(returns, items, cells, asked)
        counted |= classes
        self._leftovers(returns, items, cells, filled & ~asked, counted)
        usable = returns["usable"].to_numpy()
        filled_cells = (self.table != "").to_numpy().sum(axis=1)
        counted = {name: np.where(usable, counts, 0) for name, counts in counted.items()}
        counted["ignored"] = np.where(again, filled_cells, counted["ignored"])
        counted["rejected"] = np.where(usable | again, counted["rejected"], filled_cells)
        return Tables(
            returns[usable].reindex(columns=[c for c in RETURNS if c not in ("file", "sheet", "received_at")]),
            facts, pd.DataFrame(self.findings, columns=[c for c in FINDINGS if c != "file"]),
            pd.DataFrame(self.ignored, columns=[c for c in IGNORED if c != "file"]),
            self._accounting(returns["service_type"], counted),
        )

    def _returns(self) -> pd.DataFrame:
        """One row a row of the file: the identity checked, and whether the row can be used."""
        returns = pd.DataFrame({"return_no": np.arange(len(self.table), dtype="int64"), "year": self.year,
                                "round": self.round, "form": self.table["form"].str.strip()})
        for key in ("service_id", *IDENTITY):
            texts = self.table[key].str.strip() if key in self.table else pd.Series("", index=self.table.index)
            if key == "service_type":
                returns[key] = texts.map({t: service_type(t, self.methodology) for t in texts.unique()})
            else:
                self._checked(returns, key, texts)
            if key in PLACED:
                returns[f"at_{key}"] = self._addresses(key) if key in self.table else ""
        reporting = {code: kind.reporting_forms for code, kind in self.methodology.service_types.items()}
        usable = []
        for row in returns[["service_id", "service_type", "form"]].itertuples():
            fault = ("service_id" if not row.service_id else "unknown_type" if not row.service_type
                     else "form_not_of_type" if row.form not in reporting[row.service_type] else "")
            usable.append(not fault)
            if fault:
                self._tell_row(row, fault)
        return returns.assign(usable=usable)

    def _repeated(self, returns: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a service and form that the file holds more than once: the same again, or with other figures."""
        usable = returns["usable"].to_numpy()
        again = self.table.duplicated().to_numpy() & usable
        keys = (returns["service_id"] + " " + returns["form"]).where(usable & ~again)
        several = keys.duplicated(keep=False).to_numpy() & usable & ~again
        for at in np.flatnonzero(again):
            self._ignore(returns, at, "service_id", "same_row_again", int((self.table.iloc[at] != "").sum()))
        for at in np.flatnonzero(several):
            others = np.flatnonzero((keys == keys.iloc[at]).to_numpy()) + self.above + 1
            self._tell(at, "service_id", "duplicate_row", values={
                "found": returns["service_id"].iloc[at], "rows": ", ".join(map(str, others))})
        return again, several

    def _checked(self, returns: pd.DataFrame, key: str, texts: pd.Series) -> None:
        if key not in self.table:  # nothing is said where nothing is asked
            returns[key] = ""
            return
        known = {text: check(key, text) for text in texts.unique()}
        returns[key] = texts.map({text: found.text for text, found in known.items()})
        faults = {text: fault_of(key, found.status, text) for text, found in known.items()}
        for at in np.flatnonzero(texts.map(faults).to_numpy() != ""):
            text = texts.iloc[at]
            self._tell(at, key, faults[text], item=key, values={"found": text, "value": known[text].text})

    def _tell_row(self, row, fault: str) -> None:
        key = {"service_id": "service_id", "unknown_type": "service_type"}.get(fault, "form")
        found = self.table[key].iloc[row.Index]
        values = {"found": found, "type": row.service_type}
        if fault == "unknown_type":
            values["nearest"] = nearest_types(found, self.methodology)
        self._tell(row.Index, key, fault, values=values)

    def _tell(self, at: int, key: str, kind: str, *, item: str = "", form: str = "", values: dict) -> None:
        row = self.table.iloc[at]
        self.findings.append(dict(sheet="", cell=f"{self.letters[key]}{at + self.above + 1}", kind=kind,
                                  service_id=row["service_id"].strip(), form=form or row["form"], item=item,
                                  year=self.year, round=self.round, values=values))

    def _ignore(self, returns: pd.DataFrame, at: int, key: str, kind: str, cells: int = 1) -> None:
        self.ignored.append(dict(sheet="", cell=f"{self.letters[key]}{at + self.above + 1}", kind=kind, cells=cells,
                                 content=self.table[key].iloc[at], service_type=returns["service_type"].iloc[at]))

    def _addresses(self, key: str) -> np.ndarray:
        return np.array([f"{self.letters[key]}{i + self.above + 1}" for i in range(len(self.table))], dtype=object)

    def _asked(self, returns: pd.DataFrame, items: list[str]) -> np.ndarray:
        """Row by item: whether the row's type reports the item in the row's form and in this round."""
        known = {}
        for code, kind in self.methodology.service_types.items():
            for form in kind.reporting_forms:
                wanted = {item.code for item in self.methodology.items_of(code, form, self.round)}
                known[code, form] = [item in wanted for item in items]
        nothing = [False] * len(items)
        pairs = zip(returns["service_type"], returns["form"], strict=True)
        asked = np.array([known.get(pair, nothing) for pair in pairs], dtype=bool).reshape(len(returns), len(items))
        return asked & returns["usable"].to_numpy()[:, None]

    def _facts(self, returns: pd.DataFrame, items: list[str], cells: np.ndarray, asked: np.ndarray) -> tuple:
        rows, columns = np.nonzero(asked)
        values, statuses, whys = self._figures(pd.Series(cells[rows, columns], dtype="str"))
        letters = np.array([self.letters[i] for i in items] or [""], dtype=object)
        addresses = pd.Series(letters[columns], dtype="str") + pd.Series(rows + self.above + 1).astype("str")
        usable = statuses.replace({"question": "rejected"})
        facts = pd.DataFrame({"return_no": rows, "item": pd.Categorical.from_codes(columns, items), "value": values,
                              "status": usable, "cell": addresses, "note": ""}, columns=list(FACTS))
        for at in np.flatnonzero(statuses.isin(["rejected", "question", "converted"]).to_numpy()):
            self._tell(rows[at], items[columns[at]], whys[at], item=items[columns[at]],
                       values={"found": cells[rows[at], columns[at]], "value": values[at]})
        bad = statuses.isin(["rejected", "question"]).to_numpy()
        filled = cells[rows, columns] != ""
        classes = {name: np.bincount(rows[mask], minlength=len(returns)) for name, mask in (
            ("rejected", bad), ("converted", (statuses == "converted").to_numpy()),
            ("figures", filled & ~bad & (statuses != "converted").to_numpy()))}
        return facts, classes

    def _figures(self, texts: pd.Series) -> tuple[np.ndarray, pd.Series, dict[int, str]]:
        """Values, statuses and reasons of cells: the file's own form of numbers at once, every other one by itself."""
        plain = texts.str.fullmatch(r"-?[0-9]{1,13}(" + re.escape(self.decimal) + r"[0-9]+)?")
        values = pd.to_numeric(texts.where(plain, "").str.replace(",", "."), errors="coerce").to_numpy(float, copy=True)
        statuses = pd.Series(np.where(plain, "reported", "missing"), dtype="str")
        odd = np.flatnonzero(~plain.to_numpy() & (texts != "").to_numpy())
        known = {text: read_text(text) for text in texts.iloc[odd].unique()}
        whys = {}
        for at in odd:
            reading = known[texts.iat[at]]
            values[at], statuses.iat[at], whys[int(at)] = reading.value, reading.status, reading.why
        return values, statuses, whys

    def _identity_cells(self) -> np.ndarray:
        names = [c for c in self.table if c in ("service_id", "form", *IDENTITY)]
        return (self.table[names] != "").to_numpy()

    def _leftovers(self, returns: pd.DataFrame, items: list[str], cells: np.ndarray, extra: np.ndarray,
                   counted: dict[str, np.ndarray]) -> None:
        """Filled cells that nobody asked for: a wrong capacity unit is an error, the rest is left out."""
        n = len(returns)
        capacity = np.array([self.methodology.items[i].section == "capacity" for i in items], dtype=bool)
        extra = extra & returns["usable"].to_numpy()[:, None]
        for at, column in zip(*np.nonzero(extra & capacity), strict=True):
            self._tell(at, items[column], "capacity_unit", item=items[column], values={"found": cells[at, column]})
        for at, column in zip(*np.nonzero(extra & ~capacity), strict=True):
            self._ignore(returns, at, items[column], "not_asked")
        strange = [c for c in self.table if c not in ("service_id", "form", *IDENTITY, *items)]
        unknown = (self.table[strange] != "").to_numpy().reshape(n, len(strange))
        for column, name in enumerate(strange):
            self.ignored.append(dict(sheet="", cell=f"{self.letters[name]}{self.above}", content=name,
                                     kind="unknown_column", cells=int(unknown[:, column].sum()), service_type=""))
        counted["accepted"] = counted["accepted"] + counted.pop("figures")
        counted["rejected"] = counted["rejected"] + (extra & capacity).sum(axis=1)
        counted["ignored"] = (extra & ~capacity).sum(axis=1) + unknown.sum(axis=1)

    def _accounting(self, types: pd.Series, counted: dict[str, np.ndarray]) -> pd.DataFrame:
        by_type = pd.DataFrame(counted).groupby(types.to_numpy()).sum()
        rows = [accounting_row("", code, Counter(counts)) for code, counts in by_type.to_dict("index").items()]
        printed = Counter(template=sum(bool(name) for name in self.table.columns) + self.above - 1)
        return pd.DataFrame([accounting_row("", "", printed), *rows])
