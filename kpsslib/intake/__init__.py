"""Intake: the return's template, and everything that comes, read cell by cell with nothing lost and nothing guessed."""

from __future__ import annotations

from importlib import import_module

_WHERE = {"take_in": "taking_in", "read_mapped": "mapping.reading"}
__all__ = sorted(_WHERE)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Load a verb when it is first asked for: reading workbooks needs libraries that other packages do not."""
    if name in _WHERE:
        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
