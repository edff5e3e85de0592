"""Every worked example of the catalogue, through the package and a second time in plain Python."""

import math
from pathlib import Path

import pandas as pd
import pytest

from kpsslib.indicators import evaluate
from kpsslib.methodology import load

CATALOGUE = load(Path(__file__).parents[2] / "parameters" / "methodology").indicators
EXAMPLES = [pytest.param(indicator, example, id=f"{code}-{n}")
            for code, indicator in CATALOGUE.items() for n, example in enumerate(indicator.example, 1)]


def slow(indicator, items, year):
    """Value and flag by eval over floats: nothing shared with the package but the formula's text."""
    old = [e for e in sorted(indicator.earlier, key=lambda e: e.last_year) if year <= e.last_year]
    formula = old[0] if old else indicator
    known = {name: float(value) for name, value in items.items()}
    try:
        top, bottom = (eval(text, {"__builtins__": {}}, known) for text in (formula.numerator, formula.denominator))
    except NameError:
        return math.nan, "missing"
    if bottom <= 0:
        return math.nan, "zero_denominator"
    value = formula.scale * top / bottom
    if bottom < indicator.min_denominator:
        return value, "small_denominator"
    low, high = indicator.valid_range or (-math.inf, math.inf)
    return value, "ok" if low <= value <= high else "out_of_range"


@pytest.mark.parametrize(("indicator", "example"), EXAMPLES)
def test_worked_example(indicator, example):
    year = example.year or 9999
    found = evaluate(indicator, pd.DataFrame([example.items], dtype=float), year).iloc[0]
    expected = math.nan if example.value is None else example.value
    assert found["flag"] == example.flag
    assert found["value"] == pytest.approx(expected, rel=1e-9, nan_ok=True)
    value, flag = slow(indicator, example.items, year)
    assert (value, flag) == (pytest.approx(expected, rel=1e-9, nan_ok=True), example.flag)


@pytest.mark.parametrize("indicator", CATALOGUE.values(), ids=CATALOGUE)
def test_every_indicator_shows_what_happens_when_something_is_missing(indicator):
    assert "missing" in {example.flag for example in indicator.example}
    assert "ok" in {example.flag for example in indicator.example}


def test_the_examples_show_every_flag():
    flags = {example.flag for indicator in CATALOGUE.values() for example in indicator.example}
    assert flags == {"ok", "missing", "zero_denominator", "small_denominator", "out_of_range"}
