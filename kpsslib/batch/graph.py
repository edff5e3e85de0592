"""Which page waits for which: it names what it reads, `run.read("facts")`, and what it makes, `run.save(facts=x)`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from kpsslib.language import _
from kpsslib.workspace import ALL, RunError


class Named(NamedTuple):
    """The tables that a page names in its code."""

    reads: frozenset[str]
    writes: frozenset[str]


NOTHING = Named(frozenset(), frozenset())


class Node(NamedTuple):
    """A page for a group."""

    group: str
    page: str


def named_tables(source: str) -> Named:
    """The tables that a page's code reads and writes: text constants beside `run.read`, names given to `run.save`."""
    reads: set[str] = set()
    writes: set[str] = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if _is_of_run(call.func, "save"):
            writes |= {one.arg for one in call.keywords if one.arg}
        if any(_is_of_run(part, "read") for part in (call.func, *call.args)):
            texts = (part.value for argument in call.args for part in ast.walk(argument)
                     if isinstance(part, ast.Constant))
            reads |= {text for text in texts if isinstance(text, str)}
    return Named(frozenset(reads), frozenset(writes))


def waits_for(nodes: Iterable[Node], tables: dict[str, Named]) -> dict[Node, list[Node]]:
    """For each page and group, those that must have ended before: they write a table that it reads.

    A page for "all" reads the tables of every group. Raises RunError where two pages write one table, or pages wait
    for each other.
    """
    nodes = list(nodes)
    writers = _writers({node.page for node in nodes}, tables)
    found = {}
    for node in nodes:
        needed = {writers[table] for table in tables[node.page].reads if table in writers} - {node.page}
        found[node] = [one for one in nodes if one.page in needed and one != node
                       and (one.group == node.group or (node.group == ALL and one.group != ALL))]
    _refuse_circles(found)
    return found


def _writers(pages: set[str], tables: dict[str, Named]) -> dict[str, str]:
    writers: dict[str, str] = {}
    problems = []
    for page in sorted(pages):
        for table in sorted(tables[page].writes):
            if other := writers.get(table):
                problems.append(_("pages: {first} and {second} both write the table {table}; one page makes one table",
                                  first=other, second=page, table=table))
            writers[table] = page
    if problems:
        raise RunError(problems)
    return writers


def _refuse_circles(waiting: dict[Node, list[Node]]) -> None:
    left = dict(waiting)
    while free := [node for node, needed in left.items() if not any(one in left for one in needed)]:
        for node in free:
            del left[node]
    if left:
        pages = ", ".join(sorted({node.page for node in left}))
        raise RunError([_("pages: {pages} wait for each other's tables; none could be the first", pages=pages)])


def _is_of_run(part: ast.expr, name: str) -> bool:
    return (isinstance(part, ast.Attribute) and part.attr == name
            and isinstance(part.value, ast.Name) and part.value.id == "run")
