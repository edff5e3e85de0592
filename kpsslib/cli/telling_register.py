"""What `kpss import --register` prints: how far it is, what came in, what was left out, what changed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kpsslib.batch.registering import Progress as Follow
from kpsslib.batch.registering import Registered, import_register
from kpsslib.intake.register.rpss_codes import CODELISTS
from kpsslib.intake.register.rpss_replacing import SHOWN, capacity_file, previous_file
from kpsslib.intake.register.rpss_words import note_lines
from kpsslib.language import _, number
from kpsslib.workspace import project_root

SHOWN_TYPES = 12


def read_and_tell(source: str, run: str, region: str, language: str | None, console: Console) -> None:
    """Take the register in, with a bar on a terminal, and say what came of it."""
    with _following(console) as follow:
        done = import_register(source, run, region, language, follow)
    for line in (*_size(done), *_left_out(done), *_changes(done), *_place(done)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _following(console: Console) -> Iterator[Follow]:
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = TextColumn("{task.description}"), BarColumn(bar_width=24), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task(_("Reading the register of providers"), total=None)
        yield lambda done, total: bar.update(line, completed=done, total=total)


def _size(done: Registered) -> list[str]:
    rows = done.register.rows.values()
    types = Counter(row["service_type"] for row in rows).most_common()
    regions = Counter(row["region_code"] or "–" for row in rows)
    shown = ", ".join(f"{kind} {number(n)}" for kind, n in types[:SHOWN_TYPES])
    return [
        _("In the file: {items} items, {facilities} facilities ({without} of them without the code of their address)",
          items=number(done.counts.items), facilities=number(done.counts.facilities),
          without=number(done.counts.without_address)),
        _("In the register: {services} services of {providers} providers, {ended} of them with an end of validity",
          services=number(len(rows)), providers=number(len({row["provider_id"] for row in rows} - {""})),
          ended=number(sum(bool(row["valid_to"]) for row in rows))),
        _("by type: {counts}", counts=shown + (", …" if types[SHOWN_TYPES:] else "")),
        _("by region: {counts}", counts=", ".join(f"{code} {number(n)}" for code, n in sorted(regions.items()))),
    ]


def _left_out(done: Registered) -> list[str]:
    lines = [_("Statutory bodies, heads of facilities and contacts were not read: personal data.")]
    if done.register.elsewhere:
        lines.append(_("Left out, in other regions: {n} services", n=number(done.register.elsewhere)))
    nameless = sum(bool(row["municipality_code"] and not row["municipality"]) for row in done.register.rows.values())
    if nameless:
        lines.append(_("Without the name of the municipality: {n} services; put the ministry's codelist {codelist} "
                       "beside the register file", n=number(nameless), codelist=CODELISTS[2]))
    return lines + [f"- {line}" for line in note_lines(done.notes)]


def _changes(done: Registered) -> list[str]:
    if not done.previous.rows:
        return []
    found = done.differences
    changes = (
        (_("new services"), found.new),
        (_("ended services"), found.ended),
        (_("services no longer in the register"), found.gone),
        (_("services with another capacity"), found.capacity),
    )
    lines = [_("Against the previous register:")]
    for words, services in changes:
        first = f" ({', '.join(services[:SHOWN])}{', …' if services[SHOWN:] else ''})" if services else ""
        lines.append(f"- {words}: {number(len(services))}{first}")
    return lines


def _place(done: Registered) -> list[str]:
    here = os.path.relpath(done.path)
    if not done.changed:
        return [_("Nothing changed in {file}.", file=here)]
    lines = [_("Written: {file} and {capacities}", file=here, capacities=capacity_file(done.path).name)]
    if done.previous.rows:
        lines.append(_("The previous register: {file}", file=previous_file(done.path).name))
    if not done.named_in_run:
        line = f"register_file: {done.path.relative_to(project_root())}"
        lines.append(_("Name it in your run file: {line}", line=line))
    return lines
