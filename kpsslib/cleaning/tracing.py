"""The way back from a figure to the cell of the original it was read from."""

from __future__ import annotations

import pandas as pd

from kpsslib.cleaning.cleaned import clean
from kpsslib.workspace import Run


def trace(run: Run, service_id: str, item: str | list[str], year: int) -> pd.DataFrame:
    """Where the figures of a service in a year come from.

    Args:
        run: the run; its group is chosen by the service, so any will do.
        service_id: seven digits as text.
        item: the code of an item, or several.
        year: the year of the figures.

    Returns the rows of facts, all rounds, with `sha256` of the kept original; no rows where nothing was reported.
    """
    items = [item] if isinstance(item, str) else list(item)
    for group in run.groups:
        cleaned = _tables(run, group)
        facts = cleaned[0]
        rows = facts[(facts["service_id"] == service_id) & (facts["year"] == year) & facts["item"].isin(items)]
        if len(rows):
            kept = cleaned[1].drop_duplicates("file").set_index("file")["sha256"]
            return rows.assign(sha256=rows["file"].astype("str").map(kept)).reset_index(drop=True)
    return facts.head(0).assign(sha256=pd.Series(dtype="str"))


def _tables(run: Run, group: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facts and originals of a group: as its page has saved them, or cleaned now where it has not run."""
    if all((run.folder / "tables" / group / f"{name}.parquet").exists() for name in ("facts", "originals")):
        return run.read("facts", group), run.read("originals", group)
    cleaned = clean(run.model_copy(update={"group": group}))
    return cleaned.facts, cleaned.originals
