"""Crashes between any two steps on the disk, and a disk that is full: the old version or the new one, never a mix."""

from __future__ import annotations

import random

import pytest

from tests.faults.kit import FULL, often, plan
from tests.faults.undisturbed import Undisturbed, check_between, check_end

PARTS = often(16, 2)


@pytest.fixture(scope="module")
def one_group(tmp_path_factory, package):
    return Undisturbed(tmp_path_factory.mktemp("one_group"), package, groups=1)


@pytest.fixture(scope="module")
def steps(one_group, tmp_path_factory):
    """How many steps on the disk the second batch takes."""
    folder = tmp_path_factory.mktemp("steps")
    site = one_group.again(folder / "site")
    count = folder / "count.txt"
    assert site.batch("--workers", "1", **plan("exit", process="batch", nth=0, count=str(count))).code == 0
    return int(count.read_text())


@pytest.mark.parametrize("part", range(PARTS))
def test_a_crash_before_any_step(part, one_group, steps, tmp_path, injected):
    numbers = range(1, steps + 1) if FULL else random.Random(7).sample(range(1, steps + 1), 6)
    mine = numbers[part::PARTS]
    injected("R7", len(mine))
    for number in mine:
        site = one_group.again(tmp_path / f"site-{number}")
        assert site.batch("--workers", "1", **plan("exit", process="batch", nth=number)).code == 86
        check_end(site, one_group, check_between(site, one_group))
