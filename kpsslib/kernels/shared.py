"""One warm process for everything in this process that asks for kernels."""

from __future__ import annotations

import atexit
import os
import threading

from kpsslib.kernels.warm import Warm

_lock = threading.Lock()
_warm: dict[int, Warm] = {}  # by the number of the process: one forked from this one must not use its socket


def shared() -> Warm:
    """The warm process of this process. `shared().start()` lets it import before the first kernel is asked for."""
    with _lock:
        if os.getpid() not in _warm:
            _warm[os.getpid()] = Warm()
            atexit.register(_warm[os.getpid()].stop)
        return _warm[os.getpid()]
