"""The frontier: what the best services of a set, or mixes of them, show to be possible."""

from kpsslib.comparison.frontier.bootstrap import bootstrap
from kpsslib.comparison.frontier.efficiency import Frontier, efficiency, scale, super_efficiency
from kpsslib.comparison.frontier.free_disposal import free_disposal, order_m
from kpsslib.comparison.frontier.malmquist import malmquist
from kpsslib.comparison.frontier.technology import ORIENTATIONS, RETURNS, FrontierError
from kpsslib.comparison.frontier.wording import Likeness, all_most_like, most_like, reason_text, said, sentence

__all__ = [
    "ORIENTATIONS", "RETURNS", "Frontier", "FrontierError", "Likeness", "all_most_like", "bootstrap", "efficiency",
    "free_disposal", "malmquist", "most_like", "order_m", "reason_text", "said", "scale", "sentence",
    "super_efficiency",
]
