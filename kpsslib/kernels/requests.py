"""What the two ends of a warm process say to each other: requests with their two files, and what became of a child."""

from __future__ import annotations

import os
import pickle
import socket
import struct
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[1]
_LENGTH = struct.Struct("!Q")
_NUMBER = struct.Struct("!i")
STALE = 0  # instead of a process number: a module has changed since it was imported


class Request(NamedTuple):
    """A function "package.module:name" to call in a fresh child, and what that child gets.

    The argument stays pickled until it is in the child: what it brings along must not stay behind in the parent.
    """

    function: str
    argument: bytes
    folder: str
    environment: dict[str, str]
    memory_mb: int | None = None


def send_request(link: socket.socket, request: Request, files: tuple[int, int]) -> None:
    """Send a request with the child's connection and the pipe for what becomes of it."""
    data = pickle.dumps(tuple(request))
    socket.send_fds(link, [_LENGTH.pack(len(data))], files)
    link.sendall(data)


def receive_request(link: socket.socket) -> tuple[Request, list[int]] | None:
    """The next request with its files; None where the other end has gone."""
    head, files, _flags, _address = socket.recv_fds(link, _LENGTH.size, 2)
    for file in files:
        os.set_inheritable(file, False)
    head += _exactly(link, _LENGTH.size - len(head)) if head else b""
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = _exactly(link, length)
    return (Request(*pickle.loads(data)), files) if len(data) == length else None


def tell(file: int, number: int) -> None:
    """Write a number to a pipe: the child's process number, then its exit code."""
    os.write(file, _NUMBER.pack(number))


def told(file: int) -> int | None:
    """The next number from a pipe; None where nobody writes to it any more."""
    data = os.read(file, _NUMBER.size)  # four bytes are written at once and therefore read at once
    return _NUMBER.unpack(data)[0] if data else None


def module_files() -> dict[str, tuple[int, int]]:
    """The package's files with time and size: where they differ, what was imported is old."""
    found: dict[str, tuple[int, int]] = {}
    folders = [str(PACKAGE)]
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.name.endswith((".py", ".po", ".j2", ".css", ".js")):
                state = entry.stat()
                found[entry.path] = state.st_mtime_ns, state.st_size
            elif entry.is_dir() and entry.name != "__pycache__":
                folders.append(entry.path)
    return found


def _exactly(link: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length and (more := link.recv(min(length - len(data), 1 << 20))):
        data += more
    return bytes(data)
