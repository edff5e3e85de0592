"""What is planted in the model region, read from `data/example/truths.toml`: the analysis must find it again."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kpsslib.workspace import project_root

Raw = str | int | float | date | list[str]


class Truth(BaseModel):
    """One planted truth: whose work it is to find it, what was done and what must come out.

    Attributes:
        package: the package that must find it.
        kind: how it is planted; "fault" touches only the return, the others the figures or the register.
        what: the truth in a sentence.
        rule, severity, item: the data-quality rule (number) that must fire, how heavily, and at which item.
        outcome: what becomes of the cell or file.
        indicator, amount_czk, tolerance, margin, share, until: what the analysis must find of an amount or position.
        register_says, values, factors, cells, as_number, blank: the change itself. The first alters the register,
            `values` sets figures and `factors` multiplies them before sums ("money" is every amount in crowns),
            `cells` sets raw cells after sums (a list is formula and result), `blank` empties cells ("all", or items).
        file, text: a file of this name stands in the folder of returns, instead of or beside the return.
        year_sent: the return is that of this earlier year.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: Literal["cleaning", "comparison", "financing", "funding", "network", "publishing"]
    kind: Literal["fault", "reserve", "good_practice", "one_year", "improving", "dominant", "cliff", "surplus",
                  "same_house", "shortage"] = "fault"
    what: str
    service_id: Annotated[str, Field(pattern=r"^\d{7}$")] | None = None
    form: Literal["residential", "outpatient_field"] | None = None
    year: int = 2025
    from_year: int = 2018
    rule: int | None = Field(None, ge=1, le=17)
    severity: Literal["error", "warning", "question"] | None = None
    item: str | None = None
    outcome: Literal["quarantined", "flagged", "converted", "missing", "ignored", "not_applicable",
                     "confidential"] | None = None
    indicator: str | None = None
    amount_czk: float | None = None
    tolerance: float | None = None
    margin: float | None = None
    share: float | None = None
    until: int | None = None
    partner: str | None = None
    register_says: dict[str, str] = {}
    values: dict[str, float] = {}
    factors: dict[str, float] = {}
    cells: dict[str, Raw] = {}
    as_number: list[str] = []
    blank: list[str] = []
    file: str | None = None
    text: str | None = None
    year_sent: int | None = None


def read_truths(path: Path | None = None) -> dict[str, Truth]:
    """The planted truths by name; a pydantic ValidationError names the key that is wrong."""
    path = path or project_root() / "data" / "example" / "truths.toml"
    return {name: Truth.model_validate(entry) for name, entry in tomllib.loads(path.read_text("utf-8")).items()}
