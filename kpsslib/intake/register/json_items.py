"""A large JSON file item by item: never more of it in memory than a block and one item.

The standard library's decoder reads the values, so that each is what `json.load` would give; only the frame around
them is followed here. That needs no further package and is as quick as one written in C (`benchmarks/register.py`).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

BLOCK = 1 << 20
LONGEST = 16 << 20  # characters; an item of the register has about 15 thousand
_SPACE = re.compile(r"[ \t\n\r]*")


class JsonError(ValueError):
    """The text is not the JSON that was expected: `kind` ("damaged", "not_an_object", "not_a_list"), after how many
    whole items, and near which byte. It never holds a piece of the text, which may be personal data.
    """

    def __init__(self, kind: str, items: int, byte: int) -> None:
        self.kind, self.items, self.byte = kind, items, byte
        super().__init__(kind)


class JsonItems:
    """The items of the list under one key of the root object: `for item in JsonItems(file, "polozky")`.

    `keys` are the keys of the root in their order (complete when the iteration ends), `n` how many items were read,
    `n_bytes` how much of the file. Raises JsonError.
    """

    def __init__(self, file: BinaryIO, key: str) -> None:
        self._file, self._key = file, key
        self._decode = json.JSONDecoder().raw_decode
        self._letters = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._passed = "", 0, 0
        self.keys: list[str] = []
        self.n = self.n_bytes = 0

    def __iter__(self) -> Iterator[object]:
        if self._next() != "{":
            raise self._fault("not_an_object")
        self._at += 1
        more = self._next() != "}"
        self._at += not more
        while more:
            name = self._value()
            if not isinstance(name, str):
                raise self._fault("damaged")
            self.keys.append(name)
            self._one_of(":")
            if name == self._key:
                yield from self._items()
            else:
                self._value()
            more = self._one_of(",}") == ","
        if self._next():
            raise self._fault("damaged")

    def _items(self) -> Iterator[object]:
        if self._next() != "[":
            raise self._fault("not_a_list")
        self._at += 1
        more = self._next() != "]"
        self._at += not more
        while more:
            item = self._value()
            self.n += 1
            yield item
            more = self._one_of(",]") == ","

    def _value(self) -> object:
        """The next value, whatever it is; more is read until it is whole."""
        while True:
            self._next()
            place = self._at
            try:
                value, end = self._decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                place = getattr(error, "pos", place)
                end = -1
            # A number may go on in the next block: "3", "3e+" and "3e+20" all begin with one.
            if 0 <= end < len(self._text) - 2:
                self._at = end
                return value
            if not self._more():
                if end < 0:
                    raise self._fault("damaged", place)
                self._at = end
                return value

    def _next(self) -> str:
        """The next character that is no space, "" at the end of the file."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _one_of(self, expected: str) -> str:
        found = self._next()
        if not found or found not in expected:
            raise self._fault("damaged")
        self._at += 1
        return found

    def _more(self) -> bool:
        """Read on, as much again as waits unread; False at the end of the file or where an item is endless."""
        waiting = len(self._text) - self._at
        if waiting > LONGEST:
            return False
        block = self._file.read(max(BLOCK, waiting))
        try:
            letters = self._letters.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise JsonError("damaged", self.n, self.n_bytes + error.start) from None
        if not block:
            return False
        self.n_bytes += len(block)
        self._passed += len(self._text[:self._at].encode())
        self._text, self._at = self._text[self._at:] + letters, 0
        return True

    def _fault(self, kind: str, place: int | None = None) -> JsonError:
        before = self._text[:self._at if place is None else place]
        return JsonError(kind, self.n, self._passed + len(before.encode()))
