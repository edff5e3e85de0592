"""The frontier: what the best services of a set, or mixes of them, show to be possible.

Page 03 uses efficiency, bootstrap and the words. The others are for an analyst's own notebook, who asks whether size
costs efficiency (scale), who is unlike all others (super_efficiency), whether mixes matter (free_disposal), how much a
few best services draw the frontier (order_m), and what has moved between two years (malmquist).
"""

from kpsslib.comparison.frontier.bootstrap import bootstrap
from kpsslib.comparison.frontier.efficiency import Frontier, efficiency, scale, super_efficiency
from kpsslib.comparison.frontier.free_disposal import free_disposal, order_m
from kpsslib.comparison.frontier.malmquist import malmquist
from kpsslib.comparison.frontier.technology import ORIENTATIONS, RETURNS, FrontierError
from kpsslib.comparison.frontier.wording import Likeness, all_most_like, reason_text, said

__all__ = [
    "ORIENTATIONS", "RETURNS", "Frontier", "FrontierError", "Likeness", "all_most_like", "bootstrap", "efficiency",
    "free_disposal", "malmquist", "order_m", "reason_text", "said", "scale", "super_efficiency",
]
