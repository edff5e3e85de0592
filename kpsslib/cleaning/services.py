"""The services of a group: one row a service and form, from the register and the newest return."""

from __future__ import annotations

import pandas as pd

from kpsslib.cleaning.wide import Wide
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import ROUNDS


def services(wide: Wide, register: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """The table services: who is registered or has reported.

    The register is authoritative where it knows the service; otherwise the newest return is. The capacity is the
    newest reported one in the unit of the type and form, NaN where none was reported.
    """
    returns = wide.returns.assign(capacity=wide["capacity"], vintage=wide.returns["round"].map(ROUNDS.index))
    returns = returns.sort_values(["year", "vintage"])
    newest = returns.drop_duplicates(["service_id", "form"], keep="last")
    capacity = returns.dropna(subset="capacity").drop_duplicates(["service_id", "form"], keep="last")
    listed = [c for c in register if c in newest] if len(register.columns) else newest.columns.drop("capacity")
    known = pd.concat([register, newest[listed]])
    known = known.drop_duplicates(["service_id", "form"]).merge(
        capacity[["service_id", "form", "capacity"]], on=["service_id", "form"], how="left")
    units = [methodology.service_types[kind].capacity_units.get(form, "")
             for kind, form in zip(known["service_type"], known["form"], strict=True)]
    known = known.assign(group=known["service_type"].map(methodology.group_of), capacity_unit=units)
    return known.sort_values(["service_type", "service_id", "form"], ignore_index=True)
