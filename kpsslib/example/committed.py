"""What of the model region is kept in the repository: a dozen sample returns and the digest of everything.

`python -m kpsslib.example` writes both anew after the generator, the truths or the methodology's items changed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from kpsslib.example import write_example
from kpsslib.intake.template import IDENTITY_COLUMN, KEY_COLUMN, NOTE_COLUMN, SHEET
from kpsslib.methodology import load
from kpsslib.workspace import project_root

DIGEST = "example.sha256"
# Sound and planted ones: homes, home care, the faults that people meet most.
SAMPLE = ("6638621.xlsx", "1465827.xlsx", "6688258.xlsx", "0036696.xlsx", "0283019.xlsx", "1909251.xlsx",
          "3189471.xlsx", "5110216.xlsx", "5555087.xlsx", "5899237.xlsx", "9642900.xlsx", "9988497.xlsx",
          "9988497_oprava.xlsx")


def digest(folder: Path) -> str:
    """SHA-256 over all generated files by name: bytes of CSV and text, keys and values of workbooks.

    Labels and looks of a workbook do not count, so neither a reworded item nor another version of the writing
    library changes the digest.
    """
    whole = hashlib.sha256()
    for path in [folder / "register.csv", folder / "territory.csv", *sorted((folder / "archive").iterdir()),
                 *sorted((folder / "returns").iterdir())]:
        whole.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        content = path.read_bytes()
        whole.update(repr(cells(path)).encode() if content[:2] == b"PK" else content)
    return whole.hexdigest()


def cells(path: Path) -> list[tuple]:
    """The keyed rows of a return: key, values of both forms, note."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    columns = [ord(letter) - ord("A") for letter in (KEY_COLUMN, IDENTITY_COLUMN, "E", NOTE_COLUMN)]
    rows = [tuple(row[c] if c < len(row) else None for c in columns) for row in book[SHEET].iter_rows(values_only=True)]
    book.close()
    return [row for row in rows if row[0] is not None]


def write_committed() -> None:
    """Write the sample returns and the digest into data/example of the project."""
    home = project_root() / "data" / "example"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_example(folder, load(project_root() / "parameters" / "methodology"))
        (home / DIGEST).write_text(digest(folder) + "\n", "ascii")
        shutil.rmtree(home / "sample", ignore_errors=True)
        (home / "sample").mkdir(parents=True)
        for name in SAMPLE:
            shutil.copy(folder / "returns" / name, home / "sample" / name)
