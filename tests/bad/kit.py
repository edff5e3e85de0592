"""The faults by their numbers, and the desk at which a generator makes its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bad import making
from tests.conftest import Office

OK, CONVERTED, QUESTION, ERROR, QUARANTINE = "OK", "OPRAVA", "DOTAZ", "CHYBA", "KARANTÉNA"
IGNORED = "ignored"  # by-products of the system, and copies of what came already


class Fault(NamedTuple):
    """One input of the list.

    Attributes:
        id: its number in the list.
        words: what the input is.
        expected: the class a file of it ends in.
        says: a regular expression that the Czech message must hold, "" where nothing is to be said.
        build: makes the files; its docstring says what was decided where the list leaves it open.
    """

    id: str
    words: str
    expected: str
    says: str
    build: Callable[[Desk], object]


class Sent(NamedTuple):
    """A file of a fault and what is expected of it.

    `at` is the code or key of the row whose cell must be named, "" where there is none; `but` are items that rightly
    differ from those of a sound return.
    """

    name: str
    expected: str
    says: str
    at: str
    but: tuple[str, ...]
    kind: str
    form: str


FAULTS: dict[str, Fault] = {}


def fault(id: str, words: str, expected: str, says: str = "") -> Callable:
    """Register a generator."""
    def register(build: Callable[[Desk], object]) -> Callable[[Desk], object]:
        assert id not in FAULTS, id
        FAULTS[id] = Fault(id, words, expected, says, build)
        return build
    return register


class Desk:
    """Makes the files of one fault and puts them into the folder of returns of a small office."""

    def __init__(self, folder: Path, methodology, one: Fault) -> None:
        self.office, self.fault = Office(folder, methodology), one
        self.sent: dict[str, Sent] = {}
        self.parameters: dict = {}
        self.secrets: list[str] = []  # found nowhere but in the kept originals
        self.own: list[str] = []  # found in rows of its own service only
        self.during: Callable[[Path], None] | None = None

    def sound(self, service_id: str = "0000001", kind: str = "DS", **how) -> bytes:
        """A return without a fault, but for what is asked for (see `Office.send`)."""
        path = self.office.send(service_id, kind, name="sound.part", **how)
        data = path.read_bytes()
        path.unlink()
        return data

    def put(self, data: bytes, name: str = "", *, expected: str = "", says: str | None = None, at: str = "",
            but: tuple[str, ...] = (), kind: str = "DS", form: str = "residential") -> Path:
        """Put a file into the folder; it is expected to end as its fault does, unless said otherwise."""
        path = self.office.returns / (name or f"{len(self.sent) + 1:07}.xlsx")
        path.write_bytes(data)
        one = self.fault
        self.sent[path.name] = Sent(path.name, expected or one.expected, one.says if says is None else says, at, but,
                                    kind, form)
        return path

    def cell(self, item: str, content: object, *, form: str = "residential", **expectation) -> Path:
        """A return of its own in which one figure (or value of the identity) stands as given."""
        number = f"{len(self.sent) + 1:07}"
        kind = expectation.get("kind", "DS")
        cell = (item, form) if item in self.office.methodology.items else item
        data = self.sound(number, kind, overrides={cell: content})
        return self.put(data, **{"at": item, "form": form, **expectation})

    def grid(self, service_id: str = "0000001", kind: str = "DS", **how) -> list[list]:
        """The return as rows of values."""
        return making.grid_of(self.sound(service_id, kind, **how))
