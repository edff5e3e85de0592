"""Indicators x peers -> comparison: where each service stands, good practice and reserves.

For an analyst's own notebook, and not used by page 03: `ranks.could_be_best` (who could be among the best k), values
of unequal variances in `shrinkage`, and part of `frontier`.
"""

from kpsslib.comparison.attention import attention
from kpsslib.comparison.attention_words import attention_label, attention_sentences, group_sentences
from kpsslib.comparison.change import change_label
from kpsslib.comparison.choosing import Choice, choose
from kpsslib.comparison.comparing import compare
from kpsslib.comparison.frontier_sets import frontiers
from kpsslib.comparison.funnel_sets import funnel_data
from kpsslib.comparison.good_practice import dimension_label, good_practice
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.comparison.peers import with_population
from kpsslib.comparison.positions import POSITIONS, position_label, trend_label
from kpsslib.comparison.reserves import all_reserves, headline_indicators, reserves

__all__ = [
    "POSITIONS", "Choice", "all_reserves", "attention", "attention_label", "attention_sentences", "change_label",
    "choose", "compare", "dimension_label", "frontiers", "funnel_data", "good_practice", "group_sentences",
    "headline_indicators", "nearest_peers", "position_label", "reserves", "trend_label",
    "with_population",
]
