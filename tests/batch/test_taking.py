"""Taking the returns in, in a process of its own, which is gone afterwards however it ended."""

import os

import pytest

from kpsslib.batch.taking import take_in_aside
from kpsslib.intake.taking_in import known_intake
from kpsslib.kernels import Warm
from kpsslib.workspace import RunError, open_run


class Breaking:
    """A warm process whose child's connection breaks; what is done to the child."""

    def __init__(self, error):
        self.done, self._error = [], error
        self.connection = self

    def fork(self, *_arguments, **_options):
        return self

    def recv(self):
        raise self._error

    def kill(self):
        self.done.append("kill")

    def wait(self, _seconds):
        self.done.append("wait")

    def close(self):
        self.done.append("close")


@pytest.mark.parametrize("error", [EOFError(), ConnectionResetError()])
def test_a_process_that_goes_suddenly_is_told_in_a_sentence(error, project):
    warm = Breaking(error)
    with pytest.raises(RunError, match="náhle skončilo"):
        take_in_aside(open_run(project.run_file()), warm, lambda *_done: None)
    assert warm.done == ["kill", "wait", "close"]


def test_nothing_stays_open_and_who_looks_on_may_stop_it(project):
    run = open_run(project.run_file())
    warm = Warm(project.folder / "log")

    def stopped(*_done):
        raise KeyboardInterrupt

    try:
        child = warm.fork("kpsslib.kernels.cells:send_cells", None)  # the warm process is there
        child.wait()
        child.connection.close()
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        with pytest.raises(KeyboardInterrupt):
            take_in_aside(run, warm, stopped)
        key = take_in_aside(run, warm, lambda *_done: None)
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
        assert key == known_intake(run)
    finally:
        warm.stop()
