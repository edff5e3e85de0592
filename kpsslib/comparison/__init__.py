"""Indicators x peers -> comparison: where each service stands, good practice and reserves."""

from kpsslib.comparison.choosing import Choice, choose
from kpsslib.comparison.comparing import compare
from kpsslib.comparison.good_practice import dimension_label, good_practice
from kpsslib.comparison.positions import POSITIONS, position_label, trend_label
from kpsslib.comparison.reserves import headline_indicators, reserves

__all__ = [
    "POSITIONS", "Choice", "choose", "compare", "dimension_label", "good_practice", "headline_indicators",
    "position_label", "reserves", "trend_label",
]
