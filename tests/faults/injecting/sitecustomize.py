"""Python imports this first in every process of a project under test: it injects one fault at one step.

KPSS_INJECT says (JSON) what to do ("exit": end the process at once; "fill": fill the disk that holds `filler`), in
which processes (`process`: one of their arguments), before which step (`event` and a part of its `path`), at
which occurrence (`nth`, counted in each process) and, for whoever counts, where the number of steps goes (`count`).
"""

import atexit
import json
import os
import sqlite3
import sys
from pathlib import Path

STEPS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "fsync", "commit")
PLAN = json.loads(os.environ.get("KPSS_INJECT", "{}"))
seen = [0]


def step(event, path):
    """A step that changes something on the disk is about to be taken."""
    if event not in (PLAN["event"] or STEPS) or PLAN["path"] not in str(path):
        return
    seen[0] += 1
    if seen[0] == PLAN["nth"]:
        os._exit(86) if PLAN["do"] == "exit" else fill()


def fill():
    """Take all the room that the disk has."""
    handle = os.open(PLAN["filler"], os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        while os.write(handle, bytes(4096)):
            pass
    except OSError:
        os.close(handle)


def audit(event, arguments):
    """Most steps are told by Python itself."""
    if event == "open":
        if isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            step(event, arguments[0])
    elif event in STEPS:
        step(event, arguments[1] if event == "os.rename" else arguments[0])


def connect(*arguments, **options):
    """A connection whose commits are steps."""
    base = plain_connect(*arguments, **options)
    base.set_trace_callback(lambda said: said == "COMMIT" and step("commit", "/outputs/ledger.sqlite"))
    return base


def fsync(file):
    """The step, then what it is."""
    step("fsync", Path(f"/proc/self/fd/{file}").readlink())
    plain_fsync(file)


if PLAN and PLAN["process"] in sys.orig_argv[1:]:
    plain_connect, sqlite3.connect = sqlite3.connect, connect
    plain_fsync, os.fsync = os.fsync, fsync
    sys.addaudithook(audit)
    if PLAN.get("count"):
        atexit.register(lambda: Path(PLAN["count"]).write_text(str(seen[0])))
