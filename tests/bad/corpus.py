"""All 127 faults, in the order of the list."""

from __future__ import annotations

from tests.bad import figures, files, hostile, identities, layout, texts  # noqa: F401  (each registers its own)
from tests.bad.kit import FAULTS

WHOLE = {"F": 24, "C": 20, "N": 26, "I": 18, "L": 29, "X": 10}  # how many the list has of each
IDS = [f"{letter}{number:02}" for letter, count in WHOLE.items() for number in range(1, count + 1)]
CORPUS = [FAULTS[number] for number in IDS]
