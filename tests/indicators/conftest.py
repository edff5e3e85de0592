"""Small methodology objects for the tests of this folder."""

from datetime import date

import pytest

from kpsslib.methodology import Indicator


def indicator(**changes) -> Indicator:
    """A complete indicator, changed where the test needs it."""
    fields = dict(
        code="T01", area="costs", name=dict(cs="zkouška", en="test"), unit="CZK", unit_label=dict(cs="Kč", en="CZK"),
        direction="lower", kind="money", numerator="cost - optional", denominator="days", sources=["return"],
        status="published", author="PS1", next_review=date(2030, 1, 1), why=dict(cs="a", en="a"),
        caveats=dict(cs="a", en="a"), example=[dict(items={}, flag="missing"), dict(items={}, flag="missing")],
    )
    return Indicator.model_validate(fields | changes)


@pytest.fixture
def make_indicator():
    return indicator
