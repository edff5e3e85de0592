"""What a run shows while it goes on: how long what is left will take, and little where a machine looks on."""

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from kpsslib.batch import progress
from kpsslib.batch.graph import Node
from kpsslib.batch.ledger import Attempt
from kpsslib.batch.progress import Display
from kpsslib.publishing.results import PageResult

ONE, TWO, THREE = Node("PS1", "01_one"), Node("PS2", "01_one"), Node("PS1", "02_two")


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    one = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: one.now))
    monkeypatch.delenv("CI", raising=False)
    return one


def earlier(*seconds_of):
    """A ledger with attempts of so many seconds."""
    attempts = [Attempt(n, 1, node.page, node.group, "done", seconds=seconds)
                for n, (node, seconds) in enumerate(seconds_of, 1)]
    return SimpleNamespace(attempts=lambda: iter(attempts))


def left_after(nodes, ledger, events, clock, workers=1):
    """What a terminal says of the time that is left after each event, which comes so many seconds after the last."""
    said = []
    with Display(Console(file=StringIO(), force_terminal=True), len(nodes), {"01_one", "02_two"}) as display:
        display.expect(ledger)

        def coming():
            for seconds, event in events:
                clock.now += seconds
                yield event
                bar = next(task for task in display._bars.tasks if task.description.startswith("Stránky"))
                said.append(bar.description.removeprefix("Stránky").removeprefix(", zbývá asi "))
        display.follow(coming(), nodes, workers)
    return said


def test_the_time_left_is_that_of_the_same_pages_and_what_has_run_is_no_longer_left(clock):
    events = [(0, None), (0, ONE), (20, None), (30, None), (0, PageResult(*ONE, "done", seconds=50.0)), (0, None),
              (0, TWO), (60, None), (0, PageResult(*TWO, "done", seconds=60.0))]
    said = left_after([ONE, TWO], earlier((ONE, 40.0)), events, clock)
    assert said == ["80 s", "80 s", "60 s", "40 s", "50 s", "50 s", "50 s", "5 s", ""]


def test_workers_side_by_side_and_long_times_in_minutes(clock):
    known = earlier((ONE, 600.0), (TWO, 840.0))
    assert left_after([ONE, TWO], known, [(0, None)], clock) == ["24 min"]
    assert left_after([ONE, TWO], known, [(0, None)], clock, workers=2) == ["12 min"]


def test_nobody_knows_how_long_a_page_takes_that_never_ran(clock):
    assert left_after([ONE, THREE], earlier((ONE, 40.0)), [(0, None), (0, ONE)], clock) == ["", ""]


DONE, FAILED = "0:00 [1/3] PS1 01_one: hotovo za 2,0 s", "0:00 [2/3] PS2 01_one: selhala: chyba"


@pytest.mark.parametrize(("ci", "terminal", "lines"), [
    ("", False, [DONE, FAILED]), ("true", False, [FAILED]), ("true", True, [FAILED])])
@pytest.mark.usefixtures("clock")
def test_a_machine_that_looks_on_is_told_only_of_what_failed(ci, terminal, lines, monkeypatch):
    monkeypatch.setenv("CI", ci)
    said = StringIO()
    ended = [PageResult(*ONE, "done", seconds=2.0), PageResult(*TWO, "failed", "chyba"),
             PageResult(*THREE, "done", unchanged=True)]
    with Display(Console(file=said, width=200, force_terminal=terminal), 3, {"01_one", "02_two"}) as display:
        display.follow(ended, [ONE, TWO, THREE], 1)
    assert said.getvalue().splitlines() == lines
