"""Figures in another unit: a ratio to last year or to the others near 1000, 100 or 12, or one part of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def near_factor(ratio: np.ndarray, spreads: Mapping[int, float]) -> np.ndarray:
    """The factor that each ratio is near: 1000, 1/1000, ...; NaN where it is near none.

    Args:
        ratio: figures against what they should be like.
        spreads: factor -> how many times larger or smaller the ratio may be and still count as near.
    """
    found = np.full(np.shape(ratio), np.nan)
    for size, spread in spreads.items():
        for factor in (size, 1 / size):
            found = np.where(near(ratio, factor, spread), factor, found)
    return found


def is_factor(found: np.ndarray, size: int) -> np.ndarray:
    """Whether what `near_factor` has found is a factor or its inverse."""
    return (found == size) | (found == 1 / size)


def near(ratio: np.ndarray, target: float, spread: float) -> np.ndarray:
    """Whether ratios lie within target / spread and target x spread; false where there is none."""
    return (ratio >= target / spread) & (ratio <= target * spread)
