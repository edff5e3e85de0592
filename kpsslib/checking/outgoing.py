"""The folder that what goes back is written into: nothing in it that somebody else put there is overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kpsslib.intake.originals import sha256


class Outgoing:
    """Gives names that are free and remembers what was written.

    A file that stands in the folder may be replaced only where it is, byte for byte, what an earlier check wrote, and
    none of the files checked now: a returned workbook that came back corrected looks like one of ours.
    """

    def __init__(self, folder: Path, record: Path, inputs: Iterable[Path]) -> None:
        """Prepare a folder; `record` keeps the fingerprints of all that was written, `inputs` are the files checked."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.record = folder, record
        self.inputs = {_place(path) for path in inputs if path.exists()}
        self.ours = set(record.read_text("utf-8").split()) if record.exists() else set()
        self.names: set[str] = set()

    def is_free(self, name: str) -> bool:
        """Whether a file of this name may be written."""
        path = self.folder / name
        if name.casefold() in self.names:
            return False
        return not path.exists() or (
            path.is_file() and _place(path) not in self.inputs and sha256(path.read_bytes()) in self.ours)

    def wrote(self, path: Path) -> None:
        """Note a file that was written: its name is taken now, and a later check may replace it."""
        self.names.add(path.name.casefold())
        fingerprint = sha256(path.read_bytes())
        if fingerprint not in self.ours:
            self.ours.add(fingerprint)
            self.record.parent.mkdir(parents=True, exist_ok=True)
            with self.record.open("a", encoding="utf-8") as file:
                file.write(f"{fingerprint}\n")


def _place(path: Path) -> tuple[int, int]:
    """What a file is to the system, whatever it is called."""
    there = path.stat()
    return there.st_dev, there.st_ino
