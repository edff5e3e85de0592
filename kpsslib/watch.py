"""What a page reads while a batch runs it, noted with the hash of what was read.

A batch gives a page a folder aside in its environment: there the tables go that it saves, and there `inputs.json` says
what it read, so that the next batch knows what it depends on. A page run by hand has no such folder: nothing is noted
and its tables go to their place.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
from pathlib import Path

from pydantic import BaseModel

ASIDE, INTAKE = "KPSS_ASIDE", "KPSS_INTAKE"
NOTES = "inputs.json"
CHANGED = "changed while it was read"
FILES = "files"  # below the folder aside: what will be published, at its path below the run's folder
# Folders of a project that are no input of a page, or are noted as such in another way.
_NO_INPUT = (".venv", ".git")
# Folders of the system and of programs; what a page reads elsewhere outside the project counts as its input.
_SYSTEM = tuple(f"{str(folder).rstrip(os.sep)}{os.sep}" for folder in (
    "/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/run", "/var", tempfile.gettempdir(), sys.prefix,
    sys.base_prefix, *Path.home().glob(".*")))

_noted: dict[str, str] = {}
_values: dict[str, object] = {}
_paths: dict[Path, tuple] = {}  # with what the system said of it when it was read
_root: Path | None = None
_left_out: tuple[str, ...] = ()  # folders of the project that are no input, each with a slash behind it
_hooked: set[object] = set()


def aside() -> Path | None:
    """The folder aside of the page that is being run by a batch; None where there is no batch."""
    folder = os.environ.get(ASIDE)
    return Path(folder) if folder else None


def start(root: Path, outputs: Path, models: dict[str, type[BaseModel]]) -> None:
    """Note from now on: files read of the project at `root` and elsewhere but for `outputs`, fields read of the models.

    The fields of a model are noted as "<name of the model>:<field>". Does nothing where there is no batch.
    """
    global _root, _left_out
    if aside() is None or _root is not None:
        return
    for name, model in models.items():
        if model not in _hooked:
            _hooked.add(model)
            _note_fields(model, name)
    if "files" not in _hooked:
        _hooked.add("files")
        sys.addaudithook(_note_path)
    package = Path(__file__).parent  # wherever it lies: its modules are followed by their imports
    left_out = (*(root / name for name in _NO_INPUT), package, outputs)
    _root, _left_out = root, tuple(f"{folder}{os.sep}" for folder in left_out)


def note(name: str, content_hash: str) -> None:
    """Note something read under its name; the first hash holds."""
    if _root is not None:
        _noted.setdefault(name, content_hash)


def write() -> None:
    """Write what was noted beside the page's outputs."""
    folder = aside()
    if folder is None:
        return
    # Copies: a thread of the page may go on reading.
    noted = dict(_noted) | {name: value_hash(value) for name, value in list(_values.items())}
    for module in list(sys.modules.values()):  # those that lie beside the pages may have come from compiled files
        file = str(getattr(module, "__file__", None))
        if file.endswith(".py") and _is_input(file + os.sep):
            _note_path("open", (file, "r", 0))
    noted |= {f"file:{_name(path)}": path_hash(path) if _state(path) == state else CHANGED
              for path, state in list(_paths.items())}
    (folder / NOTES).write_text(json.dumps(dict(sorted(noted.items())), ensure_ascii=False), "utf-8")


def value_hash(value: object) -> str:
    """A hash of a value of the run file or of a part of the methodology."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


def path_hash(path: Path) -> str:
    """SHA-256 of a file, or of the names in a folder; "absent" where there is none."""
    try:
        if path.is_dir():
            names = sorted({one.name for one in path.iterdir()} - {"__pycache__"})
            return hashlib.sha256("\n".join(names).encode()).hexdigest()
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "absent"


def _note_fields(model: type[BaseModel], name: str) -> None:
    fields, plain = frozenset(model.model_fields), model.__getattribute__

    def noting(self: BaseModel, field: str) -> object:
        value = plain(self, field)
        if field in fields and _root is not None:
            _values.setdefault(f"{name}:{field}", value)
        return value

    model.__getattribute__ = noting


def _note_path(event: str, arguments: tuple) -> None:
    """An audit hook: a file opened for reading or a folder listed that is an input."""
    if _root is None or event not in ("open", "os.listdir", "os.scandir"):
        return
    name = arguments[0]
    if not isinstance(name, str | os.PathLike) or (event == "open" and _writes(arguments)):
        return
    place = os.path.abspath(name)  # noqa: PTH100
    if _is_input(place + os.sep) and (path := Path(place)) not in _paths:
        _paths[path] = ()  # listing a folder comes here again
        _paths[path] = _state(path)


def _is_input(place: str) -> bool:
    """Whether a path, with a slash behind it, is of the project or elsewhere but in the system.

    Compared as text: a page has 3,000 modules, and as Paths they took a third of its time.
    """
    root = str(_root) + os.sep
    if place == root or place.startswith(_left_out) or f"{os.sep}__pycache__{os.sep}" in place:
        return False
    return place.startswith(root) or not place.startswith(_SYSTEM)


def _state(path: Path) -> tuple:
    try:
        found = path.stat()
    except OSError:
        return ()
    # A folder also changes when compiled modules are put into it: its names say whether others were.
    if stat.S_ISDIR(found.st_mode):
        return (path_hash(path),)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _name(path: Path) -> str:
    """The path below the project's root; whole where it is elsewhere."""
    return path.relative_to(_root).as_posix() if path.is_relative_to(_root) else path.as_posix()


def _writes(arguments: tuple) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return not mode.startswith(("r", "U")) or "+" in mode
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
