"""Which files to check: those named, and those in the folders named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kpsslib.intake.messages import reason
from kpsslib.intake.originals import left_out
from kpsslib.intake.store import Source
from kpsslib.language import _
from kpsslib.workspace import RunError


class Files(NamedTuple):
    """The files to check, and (name, reason) of those in the folders that are no returns."""

    sources: list[Source]
    left_out: list[tuple[str, str]]


def list_files(paths: Iterable[str]) -> Files:
    """The files to check, each once, in the order given; those of a folder by name.

    Raises RunError that names every path which is not there and every folder without a file.
    """
    found: dict[Path, None] = {}
    ignored, problems = [], []
    for path in map(Path, paths):
        if path.is_dir():
            inside = [file for file in sorted(path.iterdir()) if file.is_file()]
            for file in inside:
                if kind := left_out(file):
                    ignored.append((file.name, reason(kind)))
                else:
                    found[file.absolute()] = None
            if not inside:
                problems.append(_("{folder}: the folder is empty", folder=path))
        elif path.exists():
            found[path.absolute()] = None
        else:
            problems.append(_("{file}: there is no such file or folder", file=path))
    if problems:
        raise RunError(problems)
    # The number keeps the names apart: two folders may hold files of one name.
    return Files([Source("returns", path, f"{n:06}/{path.name}") for n, path in enumerate(found)], ignored)
