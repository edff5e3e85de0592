"""Checking: the way back to the provider, before anything is taken in: report, returned workbook, note, differences."""

from __future__ import annotations

from importlib import import_module

_WHERE = {"check": "checked", "write_back": "writing", "list_files": "files"}
__all__ = sorted(_WHERE)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Load a verb when it is first asked for: reading workbooks needs libraries that other packages do not."""
    if name in _WHERE:
        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
