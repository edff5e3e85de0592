"""How sure a reserve is: the noise of the value and the uncertainty of the target it is set against.

With x the value, T the target, s the noise of the value on the logarithmic scale (from its own interval), q1, m and q3
the quartiles of the n values of the set, all logarithms natural:

    sigma = ln(q3 / q1) / 1.349            spread of the set
    e = c sigma / sqrt(n)                  error of the target: c = 1.2533 for a median, 1.3626 for a quartile
    r = sqrt(s^2 + e^2)
    low = (x exp(-1.96 r) - T') volume     high = (x exp(1.96 r) - T) volume

T' = T for a median. The better quartile of values that are noisy lies lower than the better quartile of the services
behind them: among equal ones it would be only the luck of a quarter. So for it T' is the quartile freed of the noise,

    T' = m exp(-ln(m / q1) sqrt(max(0, 1 - s^2 / sigma^2))),

the same distance from the median, but only of that part of the spread that is not noise. Source of e: the asymptotic
error of a quantile of a normal sample, sqrt(p (1 - p) / n) / phi(z_p); of a median as in the notches of McGill, Tukey
and Larsen (1978), The American Statistician 32, 12-16.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.indicators.intervals import Z

_ERROR = {"median": 1.2533, "nearest": 1.2533, "best_quartile": 1.3626}
_QUARTILES_APART = 1.349


def amount_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Low and high in CZK, by the equations above; NaN where the value has no interval.

    table needs target, target_value, value, low, high (of the value), q1, median, q3, n_reported and volume.
    """
    known = table[["value", "low", "high", "q1", "median", "q3"]].where(table["low"] > 0)
    spread = np.log(known["q3"] / known["q1"]) / _QUARTILES_APART
    noise = np.log(known["high"] / known["low"]) / (2 * Z)
    error = table["target"].map(_ERROR) * spread / np.sqrt(table["n_reported"].astype(float))
    factor = np.exp(Z * np.sqrt(noise**2 + error**2))
    real = np.sqrt((1 - (noise / spread.where(spread > 0)) ** 2).clip(lower=0).fillna(0.0))
    freed = known["median"] * (known["q1"] / known["median"]) ** real
    goal = freed.where(table["target"] == "best_quartile", table["target_value"])
    return pd.DataFrame({"low": (known["value"] / factor - goal) * table["volume"],
                         "high": (known["value"] * factor - table["target_value"]) * table["volume"]})
