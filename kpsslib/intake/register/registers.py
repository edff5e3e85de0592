"""The register of services (the N of "n of N") and the figures of territories."""

from __future__ import annotations

import pandas as pd

from kpsslib.intake.formats.text_files import TextFileError, read_table
from kpsslib.intake.records import IDENTITY
from kpsslib.intake.returns.type_names import service_type
from kpsslib.intake.store import Source
from kpsslib.language import _
from kpsslib.methodology import Methodology
from kpsslib.workspace import TABLES, RunError, conform

_LETTERS = {"residential": "P", "outpatient_field": "AT"}


def read_register(source: Source, methodology: Methodology) -> pd.DataFrame:
    """The register as one row a service and reporting form, identifiers as text.

    Raises RunError where the file is not a table, a column is missing or a type does not exist.
    """
    table = table_of(source, ("service_id", "service_type", "forms"))
    kinds = table["service_type"].map({t: service_type(t, methodology) for t in table["service_type"].unique()})
    if strange := sorted(set(table["service_type"][kinds == ""])):
        raise RunError([_("{file}: column service_type: found {found}, expected an abbreviation of the methodology's "
                          "service types; correct the rows", file=source.name, found=", ".join(strange))])
    table = table.assign(service_type=kinds).reindex(columns=["service_id", "forms", *IDENTITY], fill_value="")
    by_form = [table[_declares(table, form, methodology)].assign(form=form) for form in _LETTERS]
    return pd.concat(by_form, ignore_index=True).drop(columns="forms").drop_duplicates(["service_id", "form"])


def _declares(table: pd.DataFrame, form: str, methodology: Methodology) -> pd.Series:
    has = {code for code, kind in methodology.service_types.items() if form in kind.reporting_forms}
    letters = table["forms"].str.upper().str.contains(f"[{_LETTERS[form]}]", regex=True)
    return table["service_type"].isin(has) & (letters | (table["forms"] == ""))


def read_territory(source: Source) -> pd.DataFrame:
    """The territories' figures with the fixed columns of the table territory.

    Raises RunError where the file is not a table, a column is missing or a figure is not a number.
    """
    table = table_of(source, tuple(TABLES["territory"]))
    numbers = {c: pd.to_numeric(table[c].str.replace(",", "."), errors="coerce") for c in ("year", "value")}
    for column, values in numbers.items():
        if wrong := table[column][values.isna() & (table[column] != "")].head(3).tolist():
            raise RunError([_("{file}: column {column}: found {found}, expected a number; correct the rows",
                              file=source.name, column=column, found=", ".join(wrong))])
    return conform("territory", table.assign(**numbers))


def table_of(source: Source, needed: tuple[str, ...]) -> pd.DataFrame:
    """A text file's table as texts without spaces around; raises RunError where it is none or a column is missing."""
    try:
        table = read_table(source.path.read_bytes()).table
    except TextFileError as error:
        from kpsslib.intake.messages import sentences

        found, expected, advice = sentences(error.kind, error.values)
        raise RunError([f"{source.name}: {found}; {expected}; {advice}"]) from None
    if absent := [column for column in needed if column not in table]:
        raise RunError([_("{file}: the columns {columns} are missing; add them", file=source.name,
                          columns=", ".join(absent))])
    return table.apply(lambda column: column.str.strip())
