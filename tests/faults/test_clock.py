"""A clock that is wrong: what is made again hangs on contents, and attempts are in the order of their numbers."""

import os
import time
from datetime import UTC, datetime

import pytest

from kpsslib.batch import present
from kpsslib.batch.graph import Node
from kpsslib.batch.runner import BOOK
from kpsslib.methodology import models
from tests.faults.kit import FULL, Site, often

# The coordinator by another clock: so many seconds off, or from a moment on.
CLOCK = """
import datetime, os, time
import pandas, pydantic  # they keep the clock that they know

plain, offset = time.time, float(os.environ["CLOCK_OFFSET"])

class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

time.time = lambda: plain() + offset
datetime.datetime = Datetime
"""
DAY, HOUR = 86_400, 3_600


def until(*moment: int) -> float:
    """How far off a clock is that shows a moment (UTC) in two seconds."""
    return datetime(*moment, tzinfo=UTC).timestamp() - time.time() - 2


OFFSETS = {
    "a day ahead": (lambda: DAY, "UTC"), "a day behind": (lambda: -DAY, "UTC"), "an hour ahead": (lambda: HOUR, "UTC"),
    "an hour behind": (lambda: -HOUR, "Europe/Prague"), "new year": (lambda: until(2027, 1, 1), "UTC"),
    "summer time begins": (lambda: until(2026, 3, 29, 1), "Europe/Prague"),
    "summer time ends": (lambda: until(2026, 10, 25, 1), "Europe/Prague"),
    "1970": (lambda: 1000 - time.time(), "UTC"), "2000": (lambda: until(2000, 2, 29), "Asia/Kathmandu"),
}
CHOSEN = OFFSETS if FULL else ["new year"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, package):
    """A small run that has ended, by the clock as it is."""
    site = Site(tmp_path_factory.mktemp("finished") / "site", package)
    site.pages(rows=2, groups=1)
    assert site.batch().code == 0
    return site


@pytest.fixture
def site(finished, tmp_path):
    copy = finished.copy(tmp_path / "site")
    yield copy
    assert copy.orphans() == []


@pytest.fixture
def clock(monkeypatch):
    """Batches by another clock from now on; returns their environment."""
    def wrong(name: str) -> dict[str, str]:
        offset, zone = OFFSETS[name]
        monkeypatch.setattr("tests.faults.kit.BATCH", CLOCK + "from kpsslib.cli import app; app()")
        return {"CLOCK_OFFSET": str(offset()), "TZ": zone}
    return wrong


def told(one, offset):
    """How far the clock was off when an attempt began, as far as the attempt says."""
    return abs(datetime.fromisoformat(one.started).timestamp() - time.time() - float(offset))


@pytest.mark.parametrize("name", CHOSEN)
def test_a_clock_that_is_wrong(name, site, clock, injected):
    injected("R11")
    wrong = clock(name)
    before = site.attempts()
    assert site.batch(**wrong).code == 0
    assert site.attempts() == before  # nothing has changed
    site.page("02_two", "1 + 1")
    assert site.batch(**wrong).code == 0
    after = site.attempts()
    assert [Node(one.group, one.page) for one in after[len(before):]] == [Node("PS1", "02_two")]
    assert told(after[-1], wrong["CLOCK_OFFSET"]) < 600  # it was another clock
    numbers = [one.number for one in after]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)
    assert after[-1].batch > after[0].batch
    why = site.kpss("why", "02_two", "--run-file", "parameters/runs/small.yaml", **wrong)
    assert "zůstává beze změny" in why.said
    right = {name: value for name, value in wrong.items() if name != "TZ"} | {"CLOCK_OFFSET": "0"}
    assert site.batch(**right).code == 0
    assert site.attempts() == after  # the newest is that of the highest number, whenever it was


@pytest.mark.parametrize("moment", [4_000_000_000, 0][:often(2, 1)])
def test_files_from_another_time(moment, site, injected):
    injected("R11")
    before = site.attempts()
    for path in site.folder.rglob("*"):
        os.utime(path, (moment, moment))
    assert site.batch().code == 0
    assert site.attempts() == before
    path = site.folder / "data" / "2025_actual.csv"
    path.write_text(path.read_text("utf-8") + "0000002\n", "utf-8")
    os.utime(path, (moment, moment))
    tables = site.folder / "outputs/small/tables/PS1/territory.parquet"
    data = tables.read_bytes()
    tables.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))  # of the same size and of the same time
    os.utime(tables, (moment, moment))
    assert site.batch().code == 0
    again = {one.page for one in site.attempts()[len(before):] if one.group == "PS1"}
    assert "01_one" in again
    assert tables.read_bytes() == data


def test_the_book_is_made_again_when_a_review_is_overdue(finished, methodology, monkeypatch):
    """What hangs on the day is a dependency as well."""
    book = next(one for one in finished.attempts() if one.page == BOOK.page)
    assert book.inputs["methodology:overdue"] == present.value_hash(methodology.overdue)

    def on(year: int) -> str:
        class Day(models.date):
            @classmethod
            def today(cls):
                return cls(year, 1, 1)

        monkeypatch.setattr(models, "date", Day)
        return present.value_hash(methodology.overdue)

    assert on(1900) != on(2099)
