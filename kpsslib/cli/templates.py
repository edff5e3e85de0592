"""The command `kpss template`: what was written, and what could not be put into it."""

from __future__ import annotations

import os

from rich.console import Console

from kpsslib.cleaning.blank_returns import Written
from kpsslib.language import _, plural


def tell_template(written: Written, year: int, console: Console) -> None:
    """Say where the template is."""
    for line in _lines(written, year):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(written: Written, year: int) -> list[str]:
    file, types = os.path.relpath(written.path), ", ".join(written.types)
    lines = [_("Template written: {file} ({types})", file=file, types=types)]
    if written.last_year:
        lines.append(plural("{n} figure of {year} stands beside", "{n} figures of {year} stand beside",
                            written.last_year, year=year - 1))
    elif written.last_year == 0:
        lines.append(_("The run has no figures of the service for {year}: the template is without last year.",
                       year=year - 1))
    return lines
