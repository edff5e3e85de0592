"""Random numbers of the model region: a stream a purpose, so that a new purpose leaves the others as they were."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The random numbers of one purpose, always the same for the same seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def spread(rng: np.random.Generator, deviation: float, shape: tuple[int, ...]) -> np.ndarray:
    """Factors around 1 with a relative standard deviation, none further than 2.2 deviations off."""
    return np.exp(deviation * np.clip(rng.standard_normal(shape), -2.2, 2.2))
