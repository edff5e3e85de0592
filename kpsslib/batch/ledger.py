"""The ledger of a run: what was tried, how it ended, what it read and made. SQLite; one row an attempt.

What it says is true or it says nothing: an attempt is written when it starts, so that a batch that was killed leaves
it as running and the next one calls it interrupted; every row carries a hash of itself, and one that does not match is
as if it were not there. Attempts are in the order of their numbers, never of the clock.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

NAME = "ledger.sqlite"
STATES = ("running", "done", "failed", "left_out", "interrupted")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, page TEXT NOT NULL, "group" TEXT NOT NULL,
    state TEXT NOT NULL, "key" TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL, seconds REAL NOT NULL,
    peak_mb REAL NOT NULL, starts INTEGER NOT NULL, error TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL,
    counts TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY AUTOINCREMENT, groups TEXT NOT NULL)
"""
_JSON = ("inputs", "outputs", "counts")
# Errors that say nothing of what the file holds.
_NOT_ITS_FAULT = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_PERM")


class DiskError(Exception):
    """The ledger cannot be read or written: it is damaged, the disk is full, or the folder is read-only."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at one page for one group.

    Attributes:
        number: of the attempt, rising; batch: number of the first attempt of its batch.
        state: one of STATES.
        key: hash of `inputs`.
        started, ended: ISO, UTC; by the clock of the computer, which may be wrong.
        seconds, peak_mb: how long the page took, and the most memory its process had.
        starts: how often its process was started; 2 where the first start failed.
        error: why it did not come to its end, in words.
        inputs: what it depends on: hash by name ("table:PS1/facts", "module:kpsslib/tables.py", ...).
        outputs: what it made: SHA-256 by path below the run's folder.
        counts: what the group's returns came to, where the page has counted (see `counting`).
    """

    number: int
    batch: int
    page: str
    group: str
    state: str
    key: str = ""
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    starts: int = 1
    error: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    counts: dict = field(default_factory=dict)


COLUMNS = tuple(one.name for one in fields(Attempt))


class Ledger:
    """An open ledger; `damaged` says that an older one could not be read and was put aside.

    Every change is one transaction, on the disk when the method returns. Raises DiskError where it cannot be.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = folder / NAME
        self.damaged = False
        self.batch = 0
        with _disk():
            if not read_only and self.path.exists() and not _is_sound(self.path):
                _put_aside(self.path)
                self.damaged = True
            self._base = _connect(self.path, read_only=read_only)
            if not read_only:
                self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def interrupt(self) -> None:
        """Call what still runs interrupted; for the one who holds the run's lock, so that nothing can be running."""
        for one in self.attempts():
            if one.state == "running":
                self._write(replace(one, state="interrupted"))

    def ask(self, groups: Sequence[str]) -> None:
        """Note that a batch begins, and for which groups."""
        with _disk(), self._base:
            self._base.execute("INSERT INTO batches (groups) VALUES (?)", [json.dumps(list(groups))])

    def asked(self) -> list[str]:
        """The groups that the last batch was for; none where nobody knows, which is all."""
        with suppress(sqlite3.DatabaseError, ValueError):
            row = self._base.execute("SELECT groups FROM batches ORDER BY number DESC LIMIT 1").fetchone()
            return [str(group) for group in json.loads(row["groups"])] if row else []
        return []

    def begin(self, page: str, group: str, state: str = "running", error: str = "") -> Attempt:
        """A new attempt: running, or left out for a reason."""
        one = Attempt(0, self.batch, page, group, state, started=_now(), error=error)
        with _disk(), self._base:
            names = ", ".join(f'"{name}"' for name in COLUMNS if name != "number")
            marks = ", ".join("?" * len(COLUMNS))
            row = [value for name, value in _row(one).items() if name != "number"]
            insert = f"INSERT INTO attempts ({names}, digest) VALUES ({marks})"
            number = self._base.execute(insert, [*row, ""]).lastrowid
            self.batch = self.batch or number
            one = replace(one, number=number, batch=self.batch)
            self._update(one)
        return one

    def end(self, attempt: Attempt, **outcome: object) -> Attempt:
        """How an attempt ended: the fields of Attempt that are known now, the state among them."""
        one = replace(attempt, ended=_now(), **outcome)
        self._write(replace(one, key=key_of(one.inputs) if one.inputs else ""))
        return one

    def attempts(self, page: str = "", group: str = "") -> Iterator[Attempt]:
        """The attempts that can be believed, newest first; of one page and group where named."""
        where = [f'"{name}" = ?' for name, value in (("page", page), ("group", group)) if value]
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        try:
            rows = self._base.execute(f"SELECT * FROM attempts{condition} ORDER BY number DESC",
                                      [value for value in (page, group) if value]).fetchall()
        except sqlite3.DatabaseError:
            return
        for row in rows:
            data = dict(row)
            if data.pop("digest") == _digest(data):
                yield Attempt(**{**data, **{name: json.loads(data[name]) for name in _JSON}})

    def last(self, page: str, group: str) -> Attempt | None:
        """The newest attempt at a page for a group that was not left out."""
        return next((one for one in self.attempts(page, group) if one.state != "left_out"), None)

    def last_done(self, page: str, group: str) -> Attempt | None:
        """The newest attempt that came to its end, whatever came after it."""
        return next((one for one in self.attempts(page, group) if one.state == "done"), None)

    def _write(self, one: Attempt) -> None:
        with _disk(), self._base:
            self._update(one)

    def _update(self, one: Attempt) -> None:
        row = _row(one)
        names = ", ".join(f'"{name}" = ?' for name in (*row, "digest"))
        self._base.execute(f"UPDATE attempts SET {names} WHERE number = ?", [*row.values(), _digest(row), one.number])


def key_of(inputs: dict[str, str]) -> str:
    """One hash of everything that a page depends on."""
    return hashlib.sha256("\n".join(f"{name}={inputs[name]}" for name in sorted(inputs)).encode()).hexdigest()


def _row(one: Attempt) -> dict[str, object]:
    data = asdict(one)
    return data | {name: json.dumps(data[name], ensure_ascii=False, sort_keys=True) for name in _JSON}


def _digest(row: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps([row[name] for name in COLUMNS], ensure_ascii=False).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # Who only reads may write, too: what a crash left half written in the file must be taken back before it is read.
    address = f"{path.absolute().as_uri()}?mode={'rw' if read_only else 'rwc'}"
    base = sqlite3.connect(address, uri=True, timeout=5)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA synchronous = FULL")
    return base


def _is_sound(path: Path) -> bool:
    try:
        with closing(_connect(path, read_only=False)) as base:
            found = base.execute("PRAGMA quick_check").fetchone()[0]
            columns = [row["name"] for row in base.execute("PRAGMA table_info(attempts)")]
        return found == "ok" and (not columns or columns == [*COLUMNS, "digest"])
    except (sqlite3.DatabaseError, TypeError) as error:
        if getattr(error, "sqlite_errorname", "").startswith(_NOT_ITS_FAULT):
            raise
        return False


def _put_aside(path: Path) -> None:
    """Keep a ledger that cannot be read beside the new one, with its journal."""
    number = 1 + sum(1 for _one in path.parent.glob(f"{path.stem}.damaged-*"))
    path.replace(path.with_name(f"{path.stem}.damaged-{number}{path.suffix}"))
    for beside in ("-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + beside).unlink()


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        raise DiskError(str(error)) from error
