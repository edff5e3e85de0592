"""Which units a frontier can be drawn over: what is wrong with the others, and whether enough are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.technology import Points, unfit


@dataclass(frozen=True)
class Units:
    """The units of a frontier: those kept as points, why the others are not, and why there is no frontier at all."""

    points: Points | None  # of the kept units; None where refused
    kept: pd.Index
    reasons: pd.Series  # a code for each unit asked, "" where it is kept
    ratio: pd.Series  # the plain ratio of outputs to inputs, the best being 1
    refused: str  # a code, "" where the frontier can be drawn
    needed: int  # how many units it needs


def units_of(inputs: pd.DataFrame, outputs: pd.DataFrame) -> Units:
    """The units of both tables (index: unit ids; columns: what goes in and what comes out).

    Left out are units with a missing or negative value or with nothing in or out. The set is refused with fewer than
    max(m s, 3 (m + s)) units: most of them would be on the frontier for lack of others (Cooper, Seiford, Tone 2007).
    It is refused too when an input or output is zero everywhere, or all units are the same.

    Raises ValueError for a unit that is there twice or a table without columns.
    """
    for table in (inputs, outputs):
        if not table.index.is_unique or not table.columns.size:
            raise ValueError("inputs and outputs need columns, and each unit once")
    everyone = inputs.index.union(outputs.index, sort=False)
    taken, given = (table.reindex(everyone).to_numpy(float, na_value=np.nan) for table in (inputs, outputs))
    reasons = unfit(taken, given)
    kept = reasons == ""
    m, s = taken.shape[1], given.shape[1]
    needed = max(m * s, 3 * (m + s))
    taken, given = taken[kept], given[kept]
    refused = _refused(taken, given, needed)
    return Units(None if refused else Points(taken, given), everyone[kept], pd.Series(reasons, index=everyone),
                 pd.Series(_ratio(taken, given), index=everyone[kept]).reindex(everyone), refused, needed)


def _refused(taken: np.ndarray, given: np.ndarray, needed: int) -> str:
    if len(taken) < needed:
        return "too_few"
    both = np.hstack([taken, given])
    if (both == 0).all(axis=0).any():
        return "empty_column"
    return "all_equal" if (both == both[0]).all() else ""


def _ratio(taken: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Outputs in their means to inputs in theirs, each averaged; beside the best one."""
    if not len(taken):
        return np.empty(0)
    parts = []
    for side in (taken, given):
        used = side[:, side.any(axis=0)]
        parts.append((used / used.mean(axis=0)).mean(axis=1) if used.size else np.full(len(side), np.nan))
    ratio = parts[1] / parts[0]
    return ratio / ratio.max()
