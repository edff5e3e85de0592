"""A batch that nobody disturbs, beside which one is laid that was killed, crashed or ran out of room."""

from __future__ import annotations

import json
import time
from pathlib import Path

from kpsslib.batch.graph import Node
from tests.faults.kit import Site, neither

OLD, NEW = 3, 4  # rows of the table before and after


class Undisturbed:
    """A project after its first batch (old) and changed after its second (new); how long the second one took."""

    def __init__(self, folder: Path, package: Path, groups: int = 3) -> None:
        self._groups = groups
        self.old = Site(folder / "old", package)
        self.old.pages(OLD, groups)
        assert self.old.batch().code == 0
        self.before = self.old.made()
        new = self.again(folder / "new")
        started = time.monotonic()
        assert new.batch().code == 0
        self.seconds = time.monotonic() - started
        self.after = new.made()
        assert new.stands(self.after) == self.after

    def again(self, folder: Path) -> Site:
        """The project before its second batch; new are a page and a file to take in."""
        site = self.old.copy(folder)
        site.pages(NEW, self._groups)
        (site.folder / "data" / "2025_actual.csv").write_text("service_id\n0000001\n0000002\n", "utf-8")
        return site


def check_between(site: Site, undisturbed: Undisturbed) -> set[Node]:
    """After a kill: nobody lives, the ledger is readable, every file is whole and every page of one version.

    Returns what is finished.
    """
    assert site.orphans() == []
    known = {one.number for one in undisturbed.old.attempts()}
    finished = {Node(one.group, one.page) for one in site.attempts()
                if one.number not in known and one.state == "done"}
    site.settle()
    for name in ("summary.json", "ro-crate-metadata.json"):
        json.loads((site.outputs / name).read_text("utf-8"))
    assert (site.outputs / "index.html").read_text("utf-8").rstrip().endswith("</html>")
    mixed = neither(site.stands(undisturbed.after), undisturbed.before, undisturbed.after)
    assert mixed == {}, mixed
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
