"""How far a ratio lies from those of the others: a robust z-score of its logarithm."""

from __future__ import annotations

import numpy as np


def robust_z(ratios: np.ndarray) -> np.ndarray:
    """The score (ln r - median) / scale of each ratio r; NaN where r is not above zero, or where there is no scale.

    The scale is 1.4826 MAD (the median absolute deviation from the median); where that is 0, the interquartile range
    / 1.349; where that is 0 too, the mean absolute deviation x 1.2533. All three are the standard deviation of a
    normal distribution. Where every ratio is the same there is no verdict.

    Source: Iglewicz, B., Hoaglin, D. C. (1993). How to Detect and Handle Outliers. ASQC Quality Press; the fallbacks
    as in national statistical offices' ratio edits.
    """
    logs = np.log(ratios, where=ratios > 0, out=np.full(len(ratios), np.nan))
    known = logs[~np.isnan(logs)]
    scale = log_scale(known)
    return (logs - np.median(known)) / scale if scale > 0 else np.full(len(ratios), np.nan)


def log_scale(logs: np.ndarray) -> float:
    """The scale of known logarithms; 0 where there is none."""
    if not len(logs):
        return 0.0
    off = np.abs(logs - np.median(logs))
    lower, upper = np.percentile(logs, [25, 75])
    for scale in (1.4826 * np.median(off), (upper - lower) / 1.349, 1.2533 * off.mean()):
        if scale > 1e-12:  # equal ratios differ by rounding in the last place
            return float(scale)
    return 0.0
