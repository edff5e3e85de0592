"""Figures of comparison; each function returns what `drawing.show` takes."""

from kpsslib.comparison.figures_dots import caterpillar, ordered_dots
from kpsslib.comparison.figures_funnel import funnel
from kpsslib.comparison.figures_waterfall import waterfall
from kpsslib.comparison.figures_years import small_multiples

__all__ = ["caterpillar", "funnel", "ordered_dots", "small_multiples", "waterfall"]
