"""Facts x methodology -> indicators: every ratio with its numerator, denominator, interval and flag."""

from kpsslib.indicators.computing import compute
from kpsslib.indicators.evaluation import FLAGS, evaluate
from kpsslib.indicators.rounds import latest_round
from kpsslib.indicators.wording import unit_names

__all__ = ["FLAGS", "compute", "evaluate", "latest_round", "unit_names"]
