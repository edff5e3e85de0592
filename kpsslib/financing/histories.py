"""Yearly histories with gaps: where each row begins and ends, its mean slope, years ahead of its last known value."""

from __future__ import annotations

import numpy as np


def ends(history: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Column of the first and of the last known value of each row, and how many are known."""
    known = ~np.isnan(history)
    return known.argmax(axis=1), history.shape[1] - 1 - known[:, ::-1].argmax(axis=1), known.sum(axis=1)


def slope(history: np.ndarray) -> np.ndarray:
    """Mean change a year between the first and the last known value of each row; 0 where only one is known."""
    first, last, _n = ends(history)
    return (at(history, last) - at(history, first)) / np.maximum(last - first, 1)


def at(history: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The value of each row in its own column."""
    return history[np.arange(len(history)), column]


def ahead(history: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """Years from each row's last known value to each of the steps after the last column."""
    return (history.shape[1] - 1 - last)[:, None] + np.arange(1, steps + 1)
