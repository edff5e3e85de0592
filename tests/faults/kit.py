"""What the tests of faults share: how often a fault is injected, and a small project whose batch is a real process."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kpsslib.batch.graph import Node
from kpsslib.batch.ledger import Attempt, Ledger
from kpsslib.publication import settle
from tests.batch.conftest import Project

FULL = os.environ.get("KPSS_FAULTS") == "all"
PROPERTY = "injected"
FAULTS = {
    "R1": "the batch killed at a random moment",
    "R2": "the process of a page killed in a code cell",
    "R3": "a cell or the whole batch over its time",
    "R4": "a page that only seems to come to its end",
    "R5": "the disk full",
    "R6": "a file cut short or with one bit turned",
    "R7": "a crash before any step of a publication",
    "R8": "several batches on one run at once",
    "R9": "batches of several runs, or groups of one, at once",
    "R10": "the lock of one who is dead",
    "R11": "a clock that is wrong",
    "R12": "another order, seed, locale or number of workers",
    "R13": "a page out of memory",
    "R14": "a page that prints without end",
    "R15": "folders that cannot be written, awkward paths",
    "R16": "one bad provider of thirty",
    "R17": "one input, parameter, line or package changed",
    "R18": "the batch that goes on killed, too",
    "R19": "the outputs deleted and made again elsewhere",
    "R20": "parameters that YAML or Python would change",
}
SECONDS = 300  # after which a batch that hangs is called so
INJECT = "KPSS_INJECT"  # see injecting/sitecustomize.py
MARK = "KPSS_TEST_SITE"
INJECTING = Path(__file__).parent / "injecting"
BATCH = "from kpsslib.cli import app; app()"
SAVE = """
import pandas
from kpsslib.workspace import TABLES
rows = {rows}
run.save(territory=pandas.DataFrame({{column: ["1"] * rows for column in TABLES["territory"]}}))
"""
READ = """
import pandas
from kpsslib.workspace import TABLES
territory = run.read("territory")
run.save(accuracy=pandas.DataFrame({column: ["1"] * len(territory) for column in TABLES["accuracy"]}))
territory
"""
LOOK = 'run.read("territory").describe()'


def often(every: int, few: int) -> int:
    """How often a fault is injected: in `make faults`, and in every other run of the tests."""
    return every if FULL else few


class Ended(NamedTuple):
    """How a command ended: its exit code and everything it said."""

    code: int
    said: str


class Site(Project):
    """A project whose batches are processes of their own, with a package that nobody edits meanwhile."""

    def __init__(self, folder: Path, package: Path) -> None:
        if not folder.exists():
            folder.mkdir()
            super().__init__(folder)
        self.folder, self.package = folder, package
        self._said: dict[int, Path] = {}

    def page(self, name: str, *cells: str, **options: object) -> Path:
        """Write a page, twice the same file where it says the same."""
        path = super().page(name, *cells, **options)
        notebook = json.loads(path.read_text("utf-8"))
        for n, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{n}"
        path.write_text(json.dumps(notebook), "utf-8")
        return path

    def pages(self, rows: int, groups: int = 3) -> str:
        """Three pages: one makes a table of so many rows, the next makes another of it, the region looks at all."""
        self.page("01_one", SAVE.format(rows=rows))
        self.page("02_two", READ)
        self.page("03_three", LOOK)
        return self.run_file(groups=[f"PS{n + 1}" for n in range(groups)], pages=["01_one", "02_two"],
                             region_pages=["03_three"])

    def copy(self, folder: Path) -> Site:
        """The same project with its outputs elsewhere."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Site(folder, self.package)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        """Start `kpss` with the arguments in a session of its own."""
        known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "KPSS"))}
        path = [*([str(self.package / INJECTING.name)] if INJECT in environment else []), str(self.package)]
        known |= {"PYTHONPATH": os.pathsep.join(path), MARK: str(self.folder), "COLUMNS": "200", **environment}
        place = self.folder / f"said-{len(self._said)}.txt"
        with place.open("w") as said:
            process = subprocess.Popen([sys.executable, "-c", BATCH, *arguments], cwd=self.folder, env=known,
                                       stdout=said, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True)
        self._said[process.pid] = place
        return process

    def ended(self, process: subprocess.Popen) -> Ended:
        """How a command that was started ended."""
        code = process.wait(SECONDS)
        return Ended(code, self._said[process.pid].read_text("utf-8"))

    def kpss(self, *arguments: str, **environment: str) -> Ended:
        """Run `kpss` with the arguments to its end."""
        return self.ended(self.start(*arguments, **environment))

    def batch(self, *options: str, **environment: str) -> Ended:
        """Run the whole batch."""
        return self.kpss("batch", "parameters/runs/small.yaml", *options, **environment)

    def killed(self, after: float, *options: str) -> bool:
        """Kill the batch so many seconds after its start; whether it was still running."""
        process = self.start("batch", "parameters/runs/small.yaml", *options)
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
        process.kill()
        return process.wait() == -signal.SIGKILL

    def orphans(self, seconds: float = 5) -> list[int]:
        """The processes of this project that still live after so many seconds."""
        end = time.monotonic() + seconds
        while (found := self._processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def _processes(self) -> list[int]:
        mark = f"{MARK}={self.folder}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
        return found

    def attempts(self) -> list[Attempt]:
        """What the ledger says, in order; a ledger that cannot be read is an error."""
        ledger = Ledger(self.outputs)
        assert not ledger.damaged
        try:
            return sorted(ledger.attempts(), key=lambda one: one.number)
        finally:
            ledger.close()

    def made(self) -> dict[Node, dict[str, str]]:
        """The hashes that the ledger has of what each page and group made last, by path."""
        return {Node(one.group, one.page): one.outputs for one in self.attempts() if one.state == "done"}

    def stands(self, paths: dict[Node, dict[str, str]]) -> dict[Node, dict[str, str]]:
        """The hashes of the same files as they are now."""
        return {node: {path: sha256(self.outputs / path) for path in of} for node, of in paths.items()}

    def settle(self) -> None:
        """Open the run as its next reader does."""
        if self.outputs.exists():
            settle(self.outputs)


def plan(do: str, *, process: str, event: str = "", path: str = "/outputs/", nth: int = 1, **more) -> dict[str, str]:
    """The environment in which a step of a command is disturbed; see injecting/sitecustomize.py."""
    told = dict(do=do, process=process, event=event, path=path, nth=nth, **more)
    return {INJECT: json.dumps(told)}


def sha256(path: Path) -> str:
    """A file's hash, "absent" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"


def neither(there: dict[Node, dict], *versions: dict[Node, dict]) -> dict[Node, dict]:
    """What stands and is whole in none of the versions; in the first one a file may be absent."""
    absent = {node: dict.fromkeys(of, "absent") for node, of in there.items()}
    return {node: of for node, of in there.items()
            if not any(of == version.get(node, absent[node]) for version in versions)}


def page_seed(page: str, group: str) -> str:
    """What a page's process has in KPSS_SEED: by it a page knows who it is before its parameters are set."""
    return str(int(hashlib.sha256(f"{page} {group}".encode()).hexdigest()[:8], 16))
