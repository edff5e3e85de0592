"""A start that failed is tried once more, a page that has begun never."""

import pytest
from rich.console import Console

from kpsslib.batch.graph import NOTHING
from kpsslib.batch.ledger import Ledger
from kpsslib.batch.local import Local
from kpsslib.batch.runner import run_batch
from kpsslib.batch.running import Outcome, Task
from tests.batch.conftest import ROOT

SUDDENLY = "proces stránky náhle skončil "


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        said = []
        one = Local(1, tmp_path_factory.mktemp("starts") / "log", said.append)
        yield one
        one.stop()
        assert said == []


@pytest.mark.parametrize(("function", "starts", "reason"), [
    ("second_time", 2, ""),
    ("never", 2, SUDDENLY + "před její první buňkou"),
    ("begins", 1, SUDDENLY + "v buňce 3"),
])
def test_only_a_start_is_tried_again(function, starts, reason, local, tmp_path):
    task = Task("01_one", "PS1", tmp_path, tmp_path, tmp_path, tmp_path / "aside", {}, NOTHING, None,
                function=f"tests.batch.starting:{function}")
    local.start(task)
    ended = None
    while ended is None:
        ended = next((event for event in local.events(1) if isinstance(event[1], Outcome)), None)
    assert ended[2] == starts == len(list(tmp_path.glob("start-*")))
    assert ended[1].reason.startswith(reason)
    assert bool(ended[1].reason) == bool(reason)
    assert local.free == 1


def test_the_ledger_says_that_a_page_which_ends_its_process_was_started_once(project):
    project.page("01_one", "import os\nos._exit(0)")
    run_file = project.run_file()
    result = run_batch(run_file, Console(quiet=True))
    assert result.groups[0].pages[0].reason.startswith(SUDDENLY + "v buňce 4")
    ledger = Ledger(project.outputs, read_only=True)
    assert ledger.last("01_one", "PS1").starts == 1
    ledger.close()
