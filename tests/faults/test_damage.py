"""Files as a power cut or a bad disk leaves them: seen by their hashes, made again, never used."""

from __future__ import annotations

import json

import pytest

from kpsslib.batch.graph import Node
from kpsslib.locks import LOCK, Holder
from kpsslib.publication import PUBLISHING
from tests.faults.kit import FULL, plan, sha256
from tests.faults.undisturbed import check_between, check_end


def flipped(data: bytes) -> bytes:
    """One bit turned in the middle; in the ledger in what a row says, since not every byte of it is used."""
    place = data.find(b"reports/PS1") if data.startswith(b"SQLite") else len(data) // 2
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1:]


DAMAGES = {
    "nothing left": lambda _data: b"",
    "one byte left": lambda data: data[:1],
    "half": lambda data: data[:len(data) // 2],
    "one byte less": lambda data: data[:-1],
    "one bit turned": flipped,
}
STARRED = ("half", "one bit turned")
pytestmark = pytest.mark.parametrize("damage", DAMAGES if FULL else STARRED)


def spoil(path, damage):
    """Damage a file; its hash before."""
    before = sha256(path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert sha256(path) != before
    return before


def made_again(site, one_group):
    """Run the unchanged batch: everything ends as it was. The pages made again."""
    known = {one.number for one in one_group.old.attempts()}
    ended = site.batch()
    assert ended.code == 0, ended.said
    assert site.stands(one_group.before) == one_group.before
    assert site.made() == one_group.before
    return {Node(one.group, one.page) for one in site.attempts() if one.number not in known}, ended.said


def test_the_ledger(damage, one_group, tmp_path, injected):
    injected("R6")
    site = one_group.old.copy(tmp_path / "site")
    spoil(site.outputs / "ledger.sqlite", damage)
    _again, said = made_again(site, one_group)
    aside = list(site.outputs.glob("ledger.damaged-*.sqlite"))
    assert bool(aside) == ("odložena" in said)


def test_the_intake(damage, one_group, tmp_path, injected):
    injected("R6", 2)
    site = one_group.old.copy(tmp_path / "site")
    files = [next(site.outputs.glob(f"intake/*/{name}")) for name in ("originals/all/*.parquet", "groups.json")]
    for path in files:
        before = spoil(path, damage)
        again, _said = made_again(site, one_group)
        assert sha256(path) == before
        assert again == set()


def test_outputs(damage, one_group, tmp_path, injected):
    injected("R6", 3)
    site = one_group.old.copy(tmp_path / "site")
    spoil(site.outputs / "tables/PS1/territory.parquet", damage)
    spoil(site.outputs / "reports/PS1/02_two.html", damage)
    spoil(site.outputs / "pages/all/03_three.ipynb", damage)
    again, _said = made_again(site, one_group)
    assert again == {Node("PS1", "01_one"), Node("PS1", "02_two"), Node("all", "03_three")}


def test_an_interrupted_publication(damage, one_group, tmp_path, injected):
    injected("R6")
    site = one_group.again(tmp_path / "site")
    first = plan("exit", process="batch", event="os.rename", path="/small/pages/PS1/01_one.ipynb")
    assert site.batch(**first).code == 86
    spoil(next((site.outputs / PUBLISHING).glob("*/tables/*/*.parquet")), damage)
    finished = check_between(site, one_group)
    check_end(site, one_group, finished)


def test_the_lock(damage, one_group, tmp_path, injected):
    injected("R6")
    site = one_group.old.copy(tmp_path / "site")
    dead = Holder("analytik", "jinde", 2**22 + 1, "2025-01-01T08:00:00+00:00")
    (site.outputs / LOCK).write_text(json.dumps(dead._asdict()), "utf-8")
    spoil(site.outputs / LOCK, damage)
    again, _said = made_again(site, one_group)
    assert again == set()
