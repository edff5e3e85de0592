"""Tables that someone else designed, read by their mapping and put beside the other returns of a run."""

from __future__ import annotations

import pandas as pd

from kpsslib.intake.collecting import Collection
from kpsslib.intake.mapping.reading import read_mapped
from kpsslib.intake.originals import keep
from kpsslib.intake.records import COUNTED, FACTS, FINDINGS, IDENTITY, PLACED, Finding, Read, Tables, Taken, received
from kpsslib.intake.store import Source, put
from kpsslib.workspace import Run

_KEY = ["service_id", "form", "year", "round"]


def add_imports(run: Run, sources: list[Source], collection: Collection) -> pd.DataFrame:
    """Read the run's imports into the collection; returns the territories' figures they hold.

    The mapping finds its own problems; they are stored in words and told with their service's group, or with the
    run's first.
    """
    for source in sources:
        data = source.path.read_bytes()
        fingerprint = keep(data, source.path.suffix, run.folder / "originals")
        one = Taken(source.name, fingerprint, len(data), received(source.path), Read())
        collection.add_original(one, "accepted", Finding(""))
    patterns = [str(run.path(pattern)) for pattern in run.imports.sources]
    mapped = read_mapped(run.path(run.imports.mapping), patterns, run.methodology)
    returns = mapped.facts.drop_duplicates(_KEY)[[*_KEY, "file", "sheet", "received_at"]].reset_index(drop=True)
    returns["return_no"] = returns.index
    facts = mapped.facts.merge(returns[[*_KEY, "return_no"]], on=_KEY).assign(note="")
    identity = mapped.services[["service_id", "form", *IDENTITY]]
    returns = returns.merge(identity, on=["service_id", "form"], how="left")
    returns = returns.assign(**{f"at_{key}": "" for key in PLACED})
    ignored = mapped.ignored.rename(columns={"reason": "kind"}).assign(cells=1, service_type="")
    nothing = pd.DataFrame(columns=list(FINDINGS)), pd.DataFrame(columns=list(COUNTED))
    collection.add_rows(Tables(returns, facts[list(FACTS)], nothing[0], ignored, nothing[1]))
    groups = mapped.services.drop_duplicates("service_id").set_index("service_id")["group"]
    groups = mapped.problems["service_id"].map(groups).fillna(run.groups[0])
    for group in sorted(set(groups)):
        put(mapped.problems[groups == group], collection.folder, "told", group)
    return mapped.territory
