"""Every text a user reads has Czech words: the messages in the code against the catalogues in kpsslib/locale/cs."""

from __future__ import annotations

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po

from kpsslib.methodology import load

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "kpsslib"
_IN_TEMPLATE = re.compile(r"""\b_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


class Call(NamedTuple):
    """One `_()` or `plural()` in the code."""

    where: str
    msgids: tuple[str | None, ...]
    given: frozenset[str] | None
    in_function: bool


@cache
def calls() -> list[Call]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "language.py":
            found += _calls(ast.parse(path.read_text("utf-8")), path.relative_to(ROOT), in_function=False)
    return found


def _calls(tree: ast.AST, path: Path, *, in_function: bool) -> list[Call]:
    found = []
    for node in ast.iter_child_nodes(tree):
        inside = in_function or isinstance(node, (ast.FunctionDef, ast.Lambda))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "plural"):
            texts = node.args[:1] if node.func.id == "_" else node.args[:2]
            names = {"n"} if node.func.id == "plural" else set()
            known = all(keyword.arg for keyword in node.keywords)
            found.append(Call(f"{path}:{node.lineno}",
                              tuple(text.value if isinstance(text, ast.Constant) else None for text in texts),
                              frozenset(names | {k.arg for k in node.keywords}) if known else None, inside))
        found += _calls(node, path, in_function=inside)
    return found


@cache
def held_elsewhere() -> set[str]:
    """Messages that stand in a table or a template and are translated through a variable."""
    from typer.main import get_command

    from kpsslib.cli.commands import kpss
    from kpsslib.intake.messages import FINDINGS, IGNORED

    held = set(IGNORED.values())
    for message in FINDINGS.values():
        held |= {message.found, message.expected, message.advice}
    held |= {item.unit for item in load(ROOT / "parameters/methodology").items.values() if item.source == "return"}
    group = get_command(kpss)
    for command in [group, *group.commands.values()]:
        held |= {command.help, command.epilog, *(getattr(p, "help", None) for p in command.params)}
    for path in PACKAGE.rglob("*.j2"):
        held |= {a or b for a, b in _IN_TEMPLATE.findall(path.read_text("utf-8"))}
    return {text for text in held if text}


@cache
def catalogue() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Each message with the file and the translations it has there."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for path in sorted((PACKAGE / "locale" / "cs").glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="cs"):
            if message.id:
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                for msgid in ids:
                    found.setdefault(msgid, []).append((path.name, texts))
    return found


def used() -> set[str]:
    return {msgid for call in calls() for msgid in call.msgids if msgid} | held_elsewhere()


def names(text: str) -> set[str]:
    return {name for _text, name, _format, _conversion in Formatter().parse(text) if name}


def test_every_message_has_a_czech_translation():
    lacking = sorted(msgid for msgid in used() if not any(all(texts) for _file, texts in catalogue().get(msgid, [])))
    assert lacking == []


def test_no_catalogue_holds_a_message_that_is_no_longer_used():
    assert sorted((entry[0][0], msgid) for msgid, entry in catalogue().items() if msgid not in used()) == []


def test_a_message_is_translated_in_one_way():
    assert [msgid for msgid, entry in catalogue().items() if len({texts for _file, texts in entry}) > 1] == []


def test_a_message_in_plural_is_translated_in_three_forms():
    lacking = [call.where for call in calls() if len(call.msgids) == 2
               and any(len(texts) != 3 for _file, texts in catalogue().get(call.msgids[0], []))]
    assert lacking == []


def test_translations_have_the_same_blanks_to_fill():
    different = []
    for msgid, entry in catalogue().items():
        for file, texts in entry:
            for text in texts:
                optional = {"n"} if len(texts) > 1 else set()
                if names(text) - optional != names(msgid) - optional:
                    different.append((file, msgid, text))
    assert different == []


def test_every_blank_of_a_message_is_filled_where_it_is_used():
    """A call without values gives the message with its blanks, to be filled for many rows at once."""
    lacking = [(call.where, msgid) for call in calls() for msgid in call.msgids
               if msgid and call.given and not names(msgid) <= call.given]
    assert lacking == []


def test_messages_are_translated_when_they_are_said_and_never_when_a_module_is_imported():
    assert [call.where for call in calls() if not call.in_function] == []


@pytest.mark.parametrize("msgid", ["Skip to content"])
def test_messages_in_templates_are_found(msgid):
    assert msgid in held_elsewhere()
