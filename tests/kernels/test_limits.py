"""The alarm of a cell's time, and what a process that cannot be had leaves behind."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from kpsslib.kernels import Warm, WarmError
from kpsslib.kernels.cells import CellTimeout, _at_most
from tests.kernels.conftest import in_fork, notebook


def test_an_alarm_that_rings_while_it_is_put_out_does_not_escape(monkeypatch):
    plain, before, rung = signal.setitimer, signal.getsignal(signal.SIGALRM), []

    def ring_first(which, seconds, interval=0.0):
        if not seconds and not rung:
            rung.append(True)
            signal.raise_signal(signal.SIGALRM)
        return plain(which, seconds, interval)

    monkeypatch.setattr(signal, "setitimer", ring_first)
    with pytest.raises(CellTimeout, match="3"), _at_most(3, 60):
        pass
    assert rung
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("raised", [KeyError, None])
def test_after_a_cell_in_time_there_is_no_alarm(raised):
    before = signal.getsignal(signal.SIGALRM)
    try:
        with _at_most(1, 60):
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
            if raised:
                raise raised
    except KeyError:
        assert raised
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.parametrize("place", ["os.pipe", "kpsslib.kernels.warm.send_request", "socket.socketpair"])
def test_a_process_that_cannot_be_had_is_told_and_leaves_nothing_open(place, warm, monkeypatch):
    def refused(*_arguments):
        raise OSError(errno.EMFILE, "Too many open files")

    in_fork(warm, notebook("1"))
    before = open_files()
    with monkeypatch.context() as patch:
        patch.setattr(place, refused)
        with pytest.raises(WarmError, match="Too many open files"):
            warm.fork("kpsslib.kernels.cells:send_cells", (notebook("1"), None))
    assert open_files() == before
    assert in_fork(warm, notebook("1")).whole


def test_a_warm_process_that_cannot_be_started_is_told_and_leaves_nothing_open(tmp_path, monkeypatch):
    before = open_files()
    with pytest.raises(WarmError, match="nowhere"):
        Warm(tmp_path / "nowhere" / "log").fork("kpsslib.kernels.cells:send_cells", None)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(WarmError, match="nowhere"):
        Warm(tmp_path / "log").fork("kpsslib.kernels.cells:send_cells", None)
    assert open_files() == before
    assert Path(tmp_path / "log").exists()
