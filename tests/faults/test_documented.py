"""What the README says of exit codes and of the ledger is what the program does."""

from pathlib import Path

import pytest

from kpsslib.batch.ledger import STATES, Ledger
from kpsslib.cli.telling_why import state_label
from kpsslib.publishing.results import GroupResult, PageResult, Quarantined, RunResult
from kpsslib.workspace import RunError, StoppedError

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def table(heading: str) -> dict[str, str]:
    """A table of the README by its first column."""
    rows = README.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {first.strip("` "): rest.strip() for _empty, first, rest, _end in (row.split("|") for row in rows)}


def result(state: str, quarantined: list[Quarantined]) -> RunResult:
    page = PageResult("PS1", "01_one", state, "", 1.0, True, False)
    return RunResult(None, [GroupResult("PS1", "PS1", [page])], quarantined, [])


def test_the_exit_codes():
    bad = [Quarantined("a.xlsx", "", "")]
    codes = table("exit code")
    assert list(codes) == ["0", "1", "2", "3"]
    assert str(result("done", []).exit_code) == next(code for code, words in codes.items() if words == "all done")
    for state in ("failed", "left_out"):
        for quarantined in ([], bad):
            assert "some page failed" in codes[str(result(state, quarantined).exit_code)]
    assert "stop in the middle" in codes[str(StoppedError.exit_code)]
    assert "nothing was started" in codes[str(RunError.exit_code)]
    assert "returns in quarantine" in codes[str(result("done", bad).exit_code)]


def test_the_states_of_the_ledger():
    assert tuple(table("state")) == STATES
    assert len({state_label(state) for state in STATES}) == len(STATES)


def test_what_was_running_is_called_interrupted(tmp_path):
    ledger = Ledger(tmp_path)
    one = ledger.begin("01_one", "PS1")
    assert one.state == "running"
    ledger.interrupt()
    assert [attempt.state for attempt in ledger.attempts()] == ["interrupted"]
    ledger.close()


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_kept_as_it_was_written(state, tmp_path):
    ledger = Ledger(tmp_path)
    written = ledger.end(ledger.begin("01_one", "PS1"), state=state)
    assert list(ledger.attempts()) == [written]
    ledger.close()
