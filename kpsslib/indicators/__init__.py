"""Facts x methodology -> indicators: every ratio with its numerator, denominator, interval and flag."""

from kpsslib.indicators.evaluation import FLAGS, evaluate

__all__ = ["FLAGS", "evaluate"]
