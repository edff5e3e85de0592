"""The tables of page 01 where there is little to show."""

from __future__ import annotations

import pandas as pd

from kpsslib.cleaning.views import completeness_table, left_out_table
from kpsslib.methodology import load
from kpsslib.workspace import TABLES, conform, project_root


def completeness(*rows):
    return conform("completeness", pd.DataFrame(rows, columns=list(TABLES["completeness"])))


def test_a_type_from_which_nothing_came_has_no_share_of_filled_figures():
    reported = completeness(("PS1", "DS", "residential", 2025, "actual", 3, 24, 90, 120),
                            ("PS1", "SZZ", "residential", 2025, "actual", 0, 4, 0, 0),
                            ("PS1", "DZR", "residential", 2025, "actual", 0, 17, pd.NA, pd.NA))
    table, _caption = completeness_table(reported, load(project_root() / "parameters/methodology"), 2025, "actual")
    assert table.iloc[:, -2].tolist() == ["3 z 24", "0 z 4", "0 z 17"]
    assert table.iloc[:, -1].tolist() == ["75,0\u00a0%", "–", "–"]


def test_where_nothing_was_left_out_the_table_says_so():
    table, _caption = left_out_table(pd.DataFrame(columns=list(TABLES["ignored"])))
    assert table.iloc[0].tolist() == ["nic se nevynechalo", "0"]
