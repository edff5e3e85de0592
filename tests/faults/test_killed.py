"""Batches, pages and their restarts, killed: what was finished stays whole, and what was not is made again."""

from __future__ import annotations

import random
import time

import pytest

from kpsslib.batch.graph import Node
from tests.faults.kit import Site, neither, often

OLD, NEW = 3, 4  # rows of the table before and after


class Undisturbed:
    """A project after its first batch (old) and changed after its second (new); how long the second one took."""

    def __init__(self, folder, package) -> None:
        self.old = Site(folder / "old", package)
        self.old.pages(OLD)
        assert self.old.batch().code == 0
        self.before = self.old.made()
        new = self.old.copy(folder / "new")
        new.pages(NEW)
        started = time.monotonic()
        assert new.batch().code == 0
        self.seconds = time.monotonic() - started
        self.after = new.made()
        assert new.stands(self.after) == self.after

    def again(self, folder) -> Site:
        """The project before its second batch."""
        site = self.old.copy(folder)
        site.pages(NEW)
        return site


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, package):
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"), package)


def check_between(site: Site, undisturbed: Undisturbed) -> set[Node]:
    """After a kill: nobody lives, the ledger is readable, every page stands whole. What is finished."""
    assert site.orphans() == []
    known = {one.number for one in undisturbed.old.attempts()}
    finished = {Node(one.group, one.page) for one in site.attempts()
                if one.number not in known and one.state == "done"}
    site.settle()
    assert neither(site.stands(undisturbed.after), undisturbed.before, undisturbed.after) == {}
    return finished


def check_end(site: Site, undisturbed: Undisturbed, finished: set[Node]) -> None:
    """Going on ends as if nothing had happened, and nothing that was finished is made again."""
    before = {one.number for one in site.attempts()}
    ended = site.batch("--resume")
    assert ended.code == 0, ended.said
    assert site.stands(undisturbed.after) == undisturbed.after
    again = [Node(one.group, one.page) for one in site.attempts() if one.number not in before]
    changed = {node for node in undisturbed.after if undisturbed.after[node] != undisturbed.before[node]}
    assert sorted(again) == sorted(changed - finished)


@pytest.mark.parametrize("seed", range(often(50, 5)))
def test_a_batch_killed_at_a_random_moment(seed, undisturbed, tmp_path, injected):
    injected("R1")
    moments = random.Random(seed)
    site = undisturbed.again(tmp_path / "site")
    site.killed(moments.uniform(0, undisturbed.seconds))
    check_end(site, undisturbed, check_between(site, undisturbed))
