"""Figures of territories (such as inhabitants) from somebody else's long table."""

from __future__ import annotations

import math
from collections import Counter

from kpsslib.intake.mapping.file import Mapping
from kpsslib.intake.mapping.grids import Grid, address, same_words, tidy
from kpsslib.intake.mapping.rows import Findings
from kpsslib.intake.returns.numbers import read_content
from kpsslib.language import _


def read_territory(file: str, grid: Grid, mapping: Mapping, findings: Findings) -> list[dict]:
    """Rows of the table `territory` from a table with one row a territory, year and figure.

    Figures the mapping does not declare are noted as ignored, once each; a code it does not know is a problem.
    """
    table = mapping.population
    header = [same_words(cell) for cell in grid.rows[0]] if grid.rows else []
    columns = {}
    for key in ("code", "year", "item", "value"):
        text = getattr(table.columns, key)
        if same_words(text) not in header:
            findings.problem((file, grid.sheet, "A1"), "import_column", found=", ".join(map(tidy, grid.rows[0] or [])),
                             expected=_("one column “{text}”", text=text), item=key,
                             advice=_("Correct population.columns.{key} in the mapping.", key=key))
            return []
        columns[key] = header.index(same_words(text))
    names = {code: name for name, code in mapping.territories.items()}
    left_out: Counter[str] = Counter()
    found = []
    for line, row in enumerate(grid.rows[1:], 1):
        read = {key: row[column] for key, column in columns.items()}
        code, year, value = tidy(read["code"]), read_content(read["year"]).value, read_content(read["value"]).value
        item = table.items.get(tidy(read["item"]))
        if item is None:
            left_out[tidy(read["item"])] += 1
        elif code not in names or math.isnan(year) or math.isnan(value):
            findings.problem((file, grid.sheet, address(line, 0)), "import_territory",
                             found=" | ".join(tidy(cell) for cell in row if cell is not None),
                             expected=_("a code from territories, a year and a number"),
                             advice=_("Correct the row, or add the code to territories in the mapping."))
        else:
            found.append({"orp_code": code, "orp_name": names[code], "region_code": mapping.services.region_code,
                          "year": int(year), "item": item, "value": value,
                          "source": f"{table.source} ({file}, {address(line, columns['value'])})"})
    for word, n in left_out.items():
        findings.ignore((file, grid.sheet, f"A2:{address(len(grid.rows) - 1, len(header) - 1)}"), f"{word} ({n}×)",
                        _("figure not declared in the mapping"))
    return found


def stand_in(found: list[dict], stands_for: dict[str, int]) -> list[dict]:
    """The rows, and copies of a known year for each year that the mapping lets it stand for."""
    copies = [{**row, "year": int(year),
               "source": _("{source}; the figure of {year}", source=row["source"], year=known)}
              for year, known in stands_for.items() for row in found if row["year"] == known]
    return [*found, *copies]
