"""Why a page would be made again, in words: what has changed, by its name in the project."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from kpsslib.batch.why import Reasons, Why
from kpsslib.language import _, plural
from kpsslib.publishing.layout import moment

MOST = 8
# Of each kind of thing that a page depends on: its words, and what stands behind the colon of its name.
KINDS: dict[str, Callable[[str], str]] = {
    "table": lambda rest: _("table {name}", name=rest),
    "intake": lambda rest: _("the returns of {group} as they were taken in", group=rest),
    "returns": lambda _rest: _("the files that are taken in"),
    "file": lambda rest: _("file {name}", name=rest),
    "key": lambda rest: _("key {name} of the run file", name=rest),
    "methodology": lambda rest: _("methodology: {part}", part=rest),
    "parameter": lambda rest: _("parameter {name}", name=rest),
    "page": lambda _rest: _("the page itself"),
    "imprint": lambda _rest: _("header and footer of the report"),
    "module": lambda rest: _("program: {file}", file=rest),
    "package": lambda rest: _("package {name}", name=rest),
    "python": lambda _rest: _("Python itself"),
}


def tell_why(page: str, reasons: Reasons, console: Console) -> None:
    """Print a sentence for each group, and what came since the last batch."""
    for one in reasons.of_groups:
        console.print(f"{one.group} {page}: {_sentence(one)}", markup=False, highlight=False, soft_wrap=True)
    if reasons.files:
        files = _listed(reasons.files)
        console.print(_("Came, changed or went since, so that the batch will read it and make what depends on it: "
                        "{files}.", files=files), markup=False, highlight=False, soft_wrap=True)


def _sentence(one: Why) -> str:
    if one.last is None:
        return _("will be made: it was never tried.")
    if one.last.state != "done":
        return _("will be made: the last attempt ended as {state}. {error}", state=state_label(one.last.state),
                 error=one.last.error).rstrip()
    parts = []
    if one.changed:
        parts.append(_("since {moment} there changed: {what}", moment=moment(one.last.ended),
                       what=_listed([_words(name) for name in one.changed])))
    if one.spoiled:
        parts.append(_("its outputs are not as it made them: {files}", files=_listed(one.spoiled)))
    if parts:
        return _("will be made: {reasons}.", reasons="; ".join(parts))
    if one.waits:
        return _("depends on what these pages will make: {pages}.", pages=_listed(one.waits))
    return _("stands as it would be made again, since {moment}.", moment=moment(one.last.ended))


def state_label(state: str) -> str:
    """The word for a state of the ledger."""
    return {"running": _("running"), "done": _("done"), "failed": _("failed"), "left_out": _("left out"),
            "interrupted": _("interrupted")}[state]


def _words(name: str) -> str:
    kind, _colon, rest = name.partition(":")
    return KINDS[kind](rest)


def _listed(names: list[str]) -> str:
    more = len(names) - MOST
    shown = ", ".join(names[:MOST])
    return shown if more <= 0 else plural("{names} and {n} more", "{names} and {n} more", more, names=shown)
