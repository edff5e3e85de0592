"""Every fault of the list ends in its class, is told in Czech, loses no cell and harms no other return."""

from __future__ import annotations

import pytest

from tests.bad.corpus import CORPUS, IDS
from tests.bad.kit import FAULTS
from tests.bad.listing import PROPERTY
from tests.bad.trial import try_out


def test_the_list_is_whole():
    assert len(IDS) == 127
    assert sorted(FAULTS) == sorted(IDS)


@pytest.mark.parametrize("one", CORPUS, ids=IDS)
def test_fault(one, tmp_path, record_property):
    outcomes = try_out(one, tmp_path)
    got = dict.fromkeys(each.got for each in outcomes)
    record_property(PROPERTY, [one.id, one.words, one.expected, ", ".join(got)])
    assert [complaint for each in outcomes for complaint in each.complaints] == []
