"""The tables of a run that the dashboard shows, read a working group at a time and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpsslib.comparison.peers import members, with_population
from kpsslib.language import _
from kpsslib.workspace import TABLES, Run, RunError, conform


@dataclass(frozen=True)
class GroupTables:
    """One working group: its services, its comparison rows, and what can be chosen.

    `comparison` has numerator, denominator and the service's type beside its own columns; `sets` the key of each
    service's set by peer rule; `offer` one row a service type, form, indicator and year that was compared; `names`
    tells services apart, `providers` who runs them; `nearest` is table `peers`, `attention` what is shown of table
    `attention`: both empty where the run was made before there were any.
    """

    services: pd.DataFrame
    comparison: pd.DataFrame
    sets: pd.DataFrame
    offer: pd.DataFrame
    completeness: pd.DataFrame
    names: dict[str, str]
    providers: dict[str, str]
    places: dict[tuple[str, str], np.ndarray]
    nearest: pd.DataFrame
    attention: pd.DataFrame

    def compared(self, indicator: str, form: str) -> pd.DataFrame:
        """The comparison rows of an indicator and form, all years and peer sets."""
        return self.comparison.take(self.places.get((indicator, form), np.empty(0, int)))

    def registered(self, service_type: str, form: str, year: int | None = None) -> pd.DataFrame:
        """The services of a type and form, one row each; of a year, those that were registered in it."""
        chosen = (self.services["service_type"] == service_type) & (self.services["form"] == form)
        if year is not None:
            chosen &= self.services["valid_from"].fillna("") <= f"{year}-12-31"
            chosen &= self.services["valid_to"].fillna("").replace("", "9999") >= f"{year}-01-01"
        return self.services[chosen].drop_duplicates("service_id", keep="last")


class Board:
    """A run as the dashboard sees it.

    Raises RunError where no group of the run has been compared yet.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.methodology = run.methodology
        self.groups = [g for g in run.groups if self._file(g).exists()]
        self._kept: dict[str, GroupTables] = {}
        if not self.groups:
            raise RunError([_("run {name}: nothing has been compared yet", name=run.name)])

    @property
    def made(self) -> date:
        """The day the newest comparison was made."""
        return date.fromtimestamp(max(self._file(g).stat().st_mtime for g in self.groups))

    def group(self, code: str) -> GroupTables:
        """The tables of a group, read at the first call."""
        if code not in self._kept:
            self._kept[code] = _read(self.run, code)
        return self._kept[code]

    def _file(self, group: str):
        return self.run.folder / "tables" / group / "comparison.parquet"


def _read(run: Run, group: str) -> GroupTables:
    services = run.read("services", group).sort_values("valid_from", na_position="first")
    comparison = run.read("comparison", group)
    newest = services.drop_duplicates("service_id", keep="last").set_index("service_id").fillna("")
    comparison = comparison.assign(service_type=comparison["unit_id"].map(newest["service_type"]))
    comparison = comparison.dropna(subset=["service_type"]).reset_index(drop=True)
    return GroupTables(
        services=services,
        comparison=comparison,
        sets=members(with_population(services, _if_there(run, "territory", group), year=run.year), run.methodology),
        offer=comparison[["service_type", "form", "indicator", "year"]].drop_duplicates(),
        completeness=run.read("completeness", group),
        names=_names(newest.reset_index()),
        providers=newest["provider_name"].to_dict(),
        places=comparison.groupby(["indicator", "form"], sort=False).indices,
        nearest=_if_there(run, "peers", group),
        attention=_if_there(run, "attention", group).query("shown"),
    )


def _if_there(run: Run, table: str, group: str) -> pd.DataFrame:
    """A table of the group; empty where no page has made it yet."""
    try:
        return run.read(table, group)
    except RunError:
        return conform(table, pd.DataFrame(columns=list(TABLES[table])))


def _names(newest: pd.DataFrame) -> dict[str, str]:
    """What each service is called: by its name, and where several of a type share it, by what tells them apart too."""
    names = newest["service_name"].where(newest["service_name"] != "", newest["provider_name"])
    for more in ("municipality", "provider_name", "service_id"):
        same = newest[more].groupby([newest["service_type"], names])
        names = names.mask((same.transform("nunique") > 1) & (newest[more] != ""), names + ", " + newest[more])
    return dict(zip(newest["service_id"], names, strict=True))
