"""The folder of a comparison: the page, a workbook for people and a table for programs."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from kpsslib.differences.comparing import Differences
from kpsslib.differences.page import page_html
from kpsslib.differences.summaries import by_indicator, by_service, of_year
from kpsslib.differences.views import changes_table, indicators_table, services_table
from kpsslib.differences.words import Words
from kpsslib.language import _, speaking
from kpsslib.methodology.workbook import Sheet, write_sheets
from kpsslib.publishing.results import Imprint
from kpsslib.tables import write_table
from kpsslib.workspace import project_root

PAGE, WORKBOOK, TABLE = "index.html", "differences.xlsx", "differences.parquet"
ROWS = 20_000


def write_differences(differences: Differences) -> Path:
    """Write the page, the workbook and the table under outputs/diff/<before>-<after>/; returns the page's path.

    The table has every difference. The workbook has the newest year, its first 20,000 rows: it was chosen over CSV
    because identifiers stay text, decimal commas are those of the reader's program and no text becomes a formula.
    """
    folder = project_root() / "outputs" / "diff" / f"{differences.before.label}-{differences.after.label}"
    folder.mkdir(parents=True, exist_ok=True)
    write_table(differences.table, folder / TABLE)
    _write_workbook(differences, folder / WORKBOOK)
    page = folder / PAGE
    aside = page.with_suffix(".part")
    aside.write_text(page_html(differences, _imprint(differences), [WORKBOOK, TABLE]), "utf-8")
    aside.replace(page)
    return page


def _write_workbook(differences: Differences, path: Path) -> None:
    rows, words = of_year(differences), Words(differences)
    sheets = [_sheet(_("Differences"), changes_table(rows.head(ROWS), words).assign(
                  **{_("identifier"): rows["service_id"].head(ROWS).to_numpy()})),
              _sheet(_("Services"), services_table(by_service(differences), words)),
              _sheet(_("Indicators"), indicators_table(by_indicator(rows), words))]
    aside = path.with_suffix(".part")
    write_sheets(sheets, aside, _("What changed"))
    aside.replace(path)


def _sheet(name: str, table: pd.DataFrame) -> Sheet:
    widths = [40, 40, 26] + [18] * len(table.columns)
    return Sheet(name, list(zip(table.columns, widths, strict=False)), table.to_numpy().tolist())


def _imprint(differences: Differences) -> Imprint:
    before, after = differences.before, differences.after
    of = before if before.year < after.year else after  # whose newest year is that of the page
    groups = after.methodology.working_groups
    names = [f"{side.label} ({_shown(side.folder)})" for side in (before, after)]
    return Imprint(
        run=f"{before.label} → {after.label}", run_file=" → ".join(names), region=after.region or before.region,
        language=speaking(), year=of.year, round=of.round, version=version("kpsslib"),
        data_hash=hashlib.sha256(repr([sorted(side.hashes.items()) for side in (before, after)]).encode()).hexdigest(),
        data_date="", made=datetime.now().isoformat(timespec="seconds"),
        groups={g: str(groups[g].name) for g in differences.groups if g in groups}, pages={}, group_pages=[],
        region_pages=[])


def _shown(folder: Path) -> str:
    """A folder as the project names it; one elsewhere by its own name."""
    folder, root = folder.resolve(), project_root()
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name
