"""The model region: an invented region made from a seed, with planted truths; the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kpsslib.language import _
from kpsslib.methodology import Methodology

SEED = 2007
FIRST_YEAR, LAST_YEAR = 2018, 2025


class Summary(NamedTuple):
    """What was written: counts, and the size of all files in bytes."""

    services: int
    returns: int
    csv_files: int
    bytes: int


def write_example(folder: Path, methodology: Methodology, scale: int = 1, *, seed: int = SEED,
                  progress: Callable[[int, int, str], None] | None = None) -> Summary:
    """Write the model region into a folder such as `data/example`.

    Args:
        folder: gets returns/, archive/, register.csv and territory.csv; what an earlier call wrote is replaced.
        methodology: types, items and their rounds.
        scale: how many times as many services as the model region has (1: about 260; 26: as 14 regions).
        seed: another seed makes another region with the same planted truths.
        progress: called with files done, files in all, and what is being written.

    Raises ValueError where the scale is below 1.
    """
    from kpsslib.example.making import make_region
    from kpsslib.example.writing import clear

    if scale < 1:
        raise ValueError(_("scale: found {found}, expected a whole number from 1 up", found=scale))
    folder = Path(folder)
    clear(folder)
    return make_region(methodology, scale, seed).write(folder, methodology, progress or (lambda *_: None))
