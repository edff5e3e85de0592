"""Which data a run reads: one hash over all its files, and the day the newest of them came."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from kpsslib.intake.store import fingerprint
from kpsslib.intake.taking_in import list_sources
from kpsslib.workspace import Run, project_root


def data_files(run: Run) -> list[Path]:
    """Every file of data that the run names, in the order of their names; raises RunError with all that are missing."""
    return sorted({source.path for source in list_sources(run)})


def data_hash(files: list[Path]) -> str:
    """SHA-256 over the names and contents of the files: the same data, the same hash."""
    root, total = project_root(), hashlib.sha256()
    for path in files:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        total.update(f"{name}\n{fingerprint(path)}\n".encode())
    return total.hexdigest()


def newest_day(files: list[Path]) -> str:
    """The ISO date of the newest file; nothing where there is none."""
    newest = max((path.stat().st_mtime for path in files), default=None)
    return datetime.fromtimestamp(newest).date().isoformat() if newest is not None else ""
