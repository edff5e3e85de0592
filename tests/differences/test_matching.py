"""Matching by keys and the order, biggest first."""

import numpy as np
import pandas as pd

from kpsslib.differences.matching import COLUMNS, as_differences, differs, in_order, matched, relative, together


def test_rows_are_matched_by_their_keys_whatever_their_order():
    before = pd.DataFrame({"key": ["a", "b", "c"], "value": [1.0, 2.0, 3.0]})
    after = pd.DataFrame({"key": ["d", "c", "b"], "value": [4.0, 3.0, 2.5]})
    found = matched(before, after, ["key"]).set_index("key")["state"].to_dict()
    assert found == {"a": "disappeared", "b": "changed", "c": "changed", "d": "appeared"}


def test_the_last_of_rows_with_one_key_holds():
    twice = pd.DataFrame({"key": ["a", "a"], "value": [1.0, 2.0]})
    assert matched(twice, twice, ["key"])["value_before"].tolist() == [2.0]


def test_rounding_is_no_difference_and_a_missing_number_is_not_compared():
    before, after = pd.Series([0.1 + 0.2, 1e9, 0.0, np.nan, 5.0]), pd.Series([0.3, 1e9 + 0.5, 0.0, 1.0, 6.0])
    assert differs(before, after).tolist() == [False, False, False, False, True]


def test_relative_difference_is_of_the_greater_one():
    found = relative(pd.Series([100.0, -1.0, 0.0]), pd.Series([50.0, 1.0, 0.0]))
    assert found[0] == 0.5
    assert found[1] == 2.0
    assert np.isnan(found[2])


def test_what_turned_comes_before_what_moved_and_what_has_no_size_last():
    rows = together([
        as_differences("value", 3, pd.DataFrame({"indicator": ["small", "big", "no set"], "size": [0.5, 9.0, np.nan]})),
        as_differences("position", 1, pd.DataFrame({"indicator": ["turned"], "size": [0.1]})),
        as_differences("flag", 2, pd.DataFrame({"indicator": ["flag"]}))])
    assert in_order(rows)["indicator"].tolist() == ["turned", "flag", "big", "small", "no set"]


def test_without_size_the_greater_relative_change_comes_first():
    rows = as_differences("value", 3, pd.DataFrame({"indicator": ["crowns", "share"], "value_before": [1e6, 10.0],
                                                    "value_after": [1.1e6, 20.0]}))
    assert in_order(rows)["indicator"].tolist() == ["share", "crowns"]


def test_no_differences_are_a_table_of_the_same_columns():
    assert list(together([]).columns) == list(COLUMNS)
    assert in_order(together([])).empty
