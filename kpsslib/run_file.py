"""Reading a run file: YAML without its traps, and the line of each key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import yaml


class RunFile(NamedTuple):
    """What a run file holds, and the line of each key of its first level, from 1."""

    data: object
    lines: dict[str, int]


class _Plain(yaml.SafeLoader):
    """Numbers are what looks like a plain number; everything else is the text that stands there.

    YAML 1.1 reads 00075370 as an octal number, 12E5 as a float, 12:30 as minutes and `no` as false.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the loader fills its own

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        """A node; none that stands elsewhere: a few lines of such would be a billion values."""
        if self.check_event(yaml.AliasEvent):
            raise NotPlainError(problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+", list("-+0123456789")),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _whole_number(_loader: _Plain, node: yaml.ScalarNode) -> int:
    """A number; one of thousands of digits is none."""
    try:
        return int(node.value)
    except ValueError:
        raise yaml.MarkedYAMLError(problem_mark=node.start_mark) from None


_Plain.add_constructor("tag:yaml.org,2002:int", _whole_number)


class TwiceError(yaml.MarkedYAMLError):
    """A key stands twice in a run file; `key` is which."""

    def __init__(self, key: str, mark: yaml.Mark) -> None:
        super().__init__(problem_mark=mark)
        self.key = key


class NotPlainError(yaml.MarkedYAMLError):
    """A tag (!!int) or an alias (*name) in a run file, by which a value is not what stands there."""


def read_run_file(path: Path) -> RunFile:
    """Read a run file; raises OSError, UnicodeDecodeError, yaml.YAMLError (TwiceError and NotPlainError among them)."""
    loader = _Plain(path.read_text("utf-8"))
    try:
        node = loader.get_single_node()
        _check(node, loader)
        lines = {key.value: key.start_mark.line + 1 for key, _value in node.value} \
            if isinstance(node, yaml.MappingNode) else {}
        return RunFile(loader.construct_document(node) if node is not None else None, lines)
    except RecursionError:
        raise yaml.YAMLError from None
    finally:
        loader.dispose()


def _check(node: yaml.Node | None, loader: _Plain) -> None:
    """Refuse what YAML does without a word: the last of two equal keys wins, a tag changes a value."""
    if node is None:
        return
    implied = (node.style is None, True) if isinstance(node, yaml.ScalarNode) else True
    if node.tag != loader.resolve(type(node), node.value, implied):
        raise NotPlainError(problem_mark=node.start_mark)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotPlainError(problem_mark=key.start_mark)
            if key.value in seen:
                raise TwiceError(key.value, key.start_mark)
            seen.add(key.value)
            _check(key, loader)
            _check(value, loader)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            _check(one, loader)
