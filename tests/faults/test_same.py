"""The same inputs are the same outputs: whatever the order, the seed, the locale and the workers, and elsewhere."""

import random
import shutil

import pytest

from tests.faults.kit import FULL, sha256
from tests.faults.region import GROUPS, Region, shared

# In all other runs of the tests only one group of the region.
SOME = {} if FULL else {"groups": GROUPS[:1], "region_pages": []}
CODE = 3 if FULL else 0  # the returns that are quarantined belong to the other group
SEEDS = [("0", 1), ("1", 4), ("random", 1), ("random", 4)]
WAYS = [(seed, locale, order, workers) for seed, workers in SEEDS for locale in ("C", "cs_CZ.UTF-8")
        for order in ("sorted", "shuffled")]


def outputs(region: Region) -> dict[str, str]:
    """The hash of every table, report and executed page, and of the methodology book."""
    return {path.relative_to(region.outputs).as_posix(): sha256(path)
            for folder in ("tables", "reports", "pages", "methodology") for path in (region.outputs / folder).rglob("*")
            if path.is_file()}


@pytest.fixture(scope="module")
def first(tmp_path_factory, package):
    """A region whose batch has ended, and its outputs."""
    made = shared(tmp_path_factory, package, "same", **SOME)
    found = outputs(made)
    assert len(found) > 50
    return made, found


def shuffle(region: Region) -> None:
    """The inputs written anew in another order; their times stay, since they say when a return came."""
    for folder in ("returns", "archive"):
        place, aside = region.folder / "data" / folder, region.folder / "aside"
        place.rename(aside)
        place.mkdir()
        files = sorted(aside.iterdir())
        random.Random(1).shuffle(files)
        for file in files:
            shutil.copy2(file, place)
        shutil.rmtree(aside)


def differing(found: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(path for path in {*found, *other} if found.get(path) != other.get(path))


@pytest.mark.parametrize(("seed", "locale", "order", "workers"), WAYS if FULL else [WAYS[7]])
def test_the_same_in_every_order(seed, locale, order, workers, first, tmp_path, injected):
    injected("R12")
    one, expected = first
    region = one.copy(tmp_path / "site")
    shutil.rmtree(region.outputs)
    if order == "shuffled":
        shuffle(region)
    ended = region.batch("--workers", str(workers), PYTHONHASHSEED=seed, LANG=locale, LC_ALL=locale)
    assert ended.code == CODE, ended.said
    assert differing(outputs(region), expected) == []
    assert region.orphans() == []


def test_made_again_from_the_inputs_elsewhere(first, tmp_path, injected):
    injected("R19")
    one, expected = first
    folder = tmp_path / "Jiný počítač" / "hlouběji"
    folder.parent.mkdir()
    region = one.copy(folder)
    shutil.rmtree(region.outputs)
    ended = region.batch(HOME=str(tmp_path), TZ="America/New_York", USER="nekdo", LOGNAME="nekdo", COLUMNS="80")
    assert ended.code == CODE, ended.said
    assert differing(outputs(region), expected) == []
    again = region.made()
    assert again.keys() == one.made().keys()
    assert region.stands(one.made()) == one.made() == again
    texts = [path.read_text("utf-8") for path in region.outputs.glob("*/*/*.*") if path.suffix in (".html", ".ipynb")]
    assert len(texts) >= 8
    assert not [text for text in texts if str(one.folder) in text or str(region.folder) in text]
    assert region.orphans() == []
