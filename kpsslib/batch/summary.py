"""summary.json: what a run came to, for programs and for a later run of single groups."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from kpsslib.batch.running import replace_file
from kpsslib.publishing.results import GroupResult, PageResult, RunResult

NAME = "summary.json"


def write_summary(result: RunResult, folder: Path) -> None:
    """Write everything a run came to, with its exit code."""
    replace_file(
        folder / NAME, json.dumps({**asdict(result), "exit_code": result.exit_code}, ensure_ascii=False, indent=1)
    )


def read_summary(folder: Path) -> list[GroupResult]:
    """The groups of the run before this one; none where there was no run, or one of an older shape."""
    try:
        data = json.loads((folder / NAME).read_text("utf-8"))
        return [
            GroupResult(**{**group, "pages": [PageResult(**page) for page in group["pages"]]})
            for group in [*data["groups"], *data["earlier"]]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
