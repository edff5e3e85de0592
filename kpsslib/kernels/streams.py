"""What a cell prints: by Python, by libraries below it and by the programs that it starts."""

from __future__ import annotations

import codecs
import io
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from kpsslib.kernels.fresh import c_library
from kpsslib.language import _, number

MOST = 1_000_000  # characters of printed text that a cell keeps in the notebook


class CellStream(io.TextIOBase):
    """Standard output or standard error of a page: text is kept until it is flushed and then sent, as a kernel does.

    What others write to the file descriptor goes to a file, not to a pipe: it needs no thread that reads it, cannot
    block, and has its place before what Python prints later.
    """

    encoding, errors = "UTF-8", "strict"

    def __init__(self, name: str, file: int, printed: Printed) -> None:
        self.name, self._file, self._printed = name, file, printed
        self._kept: list[str] = []
        self._owner = os.getpid()
        self._original = os.dup(file)
        self._below = tempfile.TemporaryFile(mode="a+b", buffering=0)  # noqa: SIM115
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        os.dup2(self._below.fileno(), file)

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def isatty(self) -> bool:
        """It is no terminal."""
        return False

    def fileno(self) -> int:
        """The descriptor that was there before, as a kernel answers."""
        return self._original

    def write(self, text: str) -> int:
        """Keep the text until it is flushed."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:  # a process forked by the page: its memory is not ours
            os.write(self._file, text.encode(errors="replace"))
            return len(text)
        with self._printed.lock:
            self._take_below()
            self._kept.append(self._printed.room_for(text))
        return len(text)

    def flush(self) -> None:
        """Send what is kept."""
        if os.getpid() == self._owner:
            with self._printed.lock:
                self._take_below()
                text, self._kept = "".join(self._kept), []
            if text:
                self._printed.send(self.name, text)

    def give_back(self) -> None:
        """Let the descriptor be what it was before."""
        os.dup2(self._original, self._file)
        os.close(self._original)
        self._below.close()

    def _take_below(self) -> None:
        size = os.fstat(self._below.fileno()).st_size
        while self._read < size and (data := os.pread(self._below.fileno(), 1 << 20, self._read)):
            self._read += len(data)
            self._kept.append(self._printed.room_for(self._decoder.decode(data)))
        self._read = min(self._read, size)  # somebody has cut the file


class Printed:
    """Both streams of a page; of a cell that prints too much the notebook keeps the beginning, the log everything."""

    def __init__(self, send: Callable[[str, str], None], log: Path | None) -> None:
        """`send` gets the name of a stream and its text."""
        self.send, self.lock = send, threading.RLock()
        self._log = log
        self._spill: TextIO | None = None
        self._text: list[str] = []
        self._size = 0
        self.out, self.err = CellStream("stdout", 1, self), CellStream("stderr", 2, self)

    def begin(self) -> None:
        """A new cell prints."""
        self._text, self._size = [], 0

    def end(self) -> None:
        """The cell has ended: send what it printed and say how much of it is not here."""
        c_library.fflush(None)
        self.out.flush()
        self.err.flush()
        if self._size > MOST:
            self.send("stderr", self._cut())
        if self._spill:
            self._spill.close()
            self._spill = None

    def give_back(self) -> None:
        """Let this process print where it printed before; what nobody has flushed yet is lost with the page."""
        sys.stdout, sys.stderr, sys.displayhook = sys.__stdout__, sys.__stderr__, sys.__displayhook__
        self.out.give_back()
        self.err.give_back()

    def room_for(self, text: str) -> str:
        """As much of the text as still fits into the cell; all of it goes to the log once something does not."""
        room = max(0, MOST - self._size)
        self._size += len(text)
        if self._log and self._spill is None:
            self._text.append(text)
            if self._size > MOST:
                self._spill = self._log.open("a", encoding="utf-8", errors="replace")
                self._spill.writelines(self._text)
                self._text = []
        elif self._spill:
            self._spill.write(text)
        return text if len(text) <= room else text[:room]

    def _cut(self) -> str:
        counts = dict(all=number(self._size), kept=number(MOST))
        if self._log:
            said = _("The cell printed {all} characters; the first {kept} are here, all of them in {log}.",
                     log=self._log.name, **counts)
        else:
            said = _("The cell printed {all} characters; the first {kept} are here.", **counts)
        return f"\n{said}\n"
