"""The manifest of a run as a Process Run Crate: which page made which file from what, when, and how it ended.

Process Run Crate 0.5 on RO-Crate 1.1: each attempt at a page is an action with its instrument (the page and the
version of this package), objects (what it read) and results (what it made, with SHA-256).
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from pathlib import Path

from kpsslib.batch import books
from kpsslib.batch.ledger import Attempt, Ledger
from kpsslib.language import _
from kpsslib.publication import replace_file
from kpsslib.publishing.results import Imprint, RunResult
from kpsslib.workspace import ALL

NAME = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CRATE = "https://w3id.org/ro/crate/1.1"
STATUS = {"done": "CompletedActionStatus", "failed": "FailedActionStatus", "interrupted": "FailedActionStatus",
          "running": "ActiveActionStatus"}
_TYPES = {".parquet": "application/vnd.apache.parquet", ".ipynb": "application/x-ipynb+json"}


def write_crate(result: RunResult, ledger: Ledger, folder: Path) -> None:
    """Write the manifest: the newest attempt at every page of the run, and every file that stands."""
    imprint = result.imprint
    tried = [one for group in [*imprint.groups, ALL] for page in [*imprint.pages_of(group), books.PAGE]
             if (one := ledger.last(page, group))]
    standing = [done for one in tried if (done := ledger.last_done(one.page, one.group))]
    graph = {"@context": f"{CRATE}/context", "@graph": list(_entities(imprint, tried, standing))}
    replace_file(folder / NAME, json.dumps(graph, ensure_ascii=False, indent=1))


def _entities(imprint: Imprint, tried: list[Attempt], standing: list[Attempt]) -> Iterator[dict]:
    actions = [_action(one) for one in {one.number: one for one in [*standing, *tried]}.values()]
    files = {path: value for one in standing for path, value in one.outputs.items()}
    read = {entity["@id"] for action in actions for entity in action["object"]} - files.keys()
    yield _typed(NAME, "CreativeWork", about=_id("./"), conformsTo=_id(CRATE))
    yield _typed("./", "Dataset", name=f"{imprint.run} {imprint.year}", conformsTo=_id(PROFILE),
                 description=_("Benchmarking of social services {year}", year=imprint.year), license=_("not licensed"),
                 datePublished=imprint.made, hasPart=[_id(path) for path in sorted(files)],
                 mentions=[_id(action["@id"]) for action in actions])
    yield _typed(PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    yield _typed("#kpsslib", "SoftwareApplication", name="kpsslib", version=imprint.version)
    for page in sorted({one.page for one in tried}):
        yield _typed(f"#page-{page}", "SoftwareApplication", name=imprint.pages.get(page, page),
                     isPartOf=_id("#kpsslib"))
    for path, value in sorted(files.items()):
        yield _typed(path, "File", name=Path(path).name, sha256=value, encodingFormat=_kind(path))
    for name in sorted(read):
        yield _typed(name, "PropertyValue", name=name.removeprefix("#"))
    yield from actions


def _action(one: Attempt) -> dict:
    action = _typed(
        f"#attempt-{one.number}", "CreateAction", name=f"{one.page} {one.group}",
        instrument=_id(f"#page-{one.page}"), startTime=one.started,
        actionStatus=_id(f"http://schema.org/{STATUS[one.state]}"),
        object=[_id(_place(name)) for name in sorted(one.inputs) if not name.startswith(("module:", "package:"))],
        result=[_id(path) for path in sorted(one.outputs)],
    )
    return action | ({"endTime": one.ended} if one.ended else {}) | ({"error": one.error} if one.error else {})


def _place(name: str) -> str:
    """The identifier of something that a page read: a table is a file of the run."""
    kind, _colon, rest = name.partition(":")
    return f"tables/{rest}.parquet" if kind == "table" else f"#{name}"


def _kind(path: str) -> str:
    return _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def _typed(identifier: str, kind: str, /, **properties: object) -> dict:
    return {"@id": identifier, "@type": kind, **properties}


def _id(name: str) -> dict[str, str]:
    return {"@id": name}
