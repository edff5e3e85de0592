"""What changed between two years: the unit beside the frontier, and the frontier itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.measuring import measure
from kpsslib.comparison.frontier.technology import Points, Technology
from kpsslib.comparison.frontier.units import units_of

PARTS = ("effch", "techch", "pech", "sech", "tfpch")
Year = tuple[pd.DataFrame, pd.DataFrame]


def malmquist(first: Year, second: Year, *, orientation: str = "input") -> pd.DataFrame:
    """Change of productivity from the first year to the second, in parts that multiply; above 1 is better.

    A row a unit: effch, nearer to the frontier (constant returns); techch, how the frontier moved at the unit;
    pech and sech, effch under variable returns and by size; tfpch = effch techch, effch = pech sech; reason. With
    E_t(u) the efficiency (0..1) of the unit as it was in year u beside the frontier of year t,

        effch = E_2(2) / E_1(1),   techch = sqrt(E_1(2) / E_2(2)  E_1(1) / E_2(1))

    Only units known in both years enter, so that the two frontiers are of the same units; the others have the reason
    of the year that lacks them ("missing", ...). Money must be in prices of one year.

    Source: Färe, Grosskopf, Norris, Zhang (1994); Coelli (1996).

    Args:
        first: inputs and outputs of the first year, as in `efficiency`.
        second: the same of the second year.
        orientation: "input" or "output"; matters for pech and sech only.
    """
    years = [units_of(*year) for year in (first, second)]
    everyone = years[0].reasons.index.union(years[1].reasons.index, sort=False)
    reasons = [year.reasons.reindex(everyone, fill_value="missing") for year in years]
    reason = reasons[0].where(reasons[0] != "", reasons[1])
    both = everyone[reason == ""]
    # the gate holds for the units of both years
    years = [units_of(*(table.reindex(both) for table in year)) for year in (first, second)]
    table = pd.DataFrame(np.nan, index=everyone, columns=list(PARTS))
    table["reason"] = reason.replace("", years[0].refused or years[1].refused)
    if years[0].points and years[1].points:
        found = changes(years[0].points, years[1].points, orientation)
        parts = np.column_stack([found[part] for part in PARTS])
        known = np.isfinite(parts).all(axis=1)
        table.loc[both[known], list(PARTS)] = parts[known]
        table.loc[both[~known], "reason"] = "infeasible"
    return table


def changes(first: Points, second: Points, orientation: str) -> dict[str, np.ndarray]:
    """The parts of `malmquist` for the same units in two years."""
    def efficiency(returns: str, reference: Points, points: Points) -> np.ndarray:
        score = measure(Technology(reference, returns, orientation), points).score
        return score if orientation == "input" else 1 / score

    own = efficiency("crs", first, first), efficiency("crs", second, second)
    effch = own[1] / own[0]
    pech = efficiency("vrs", second, second) / efficiency("vrs", first, first)
    techch = np.sqrt(efficiency("crs", first, second) / own[1] * own[0] / efficiency("crs", second, first))
    return {"effch": effch, "techch": techch, "pech": pech, "sech": effch / pech, "tfpch": effch * techch}
