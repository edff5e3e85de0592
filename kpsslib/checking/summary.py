"""The coordinator's summary of a check: one row a file."""

from __future__ import annotations

from pathlib import Path

from kpsslib.checking.checked import Report
from kpsslib.checking.saying import context_sentence, round_of, verdict_word
from kpsslib.language import _


def write_summary(report: Report, sent: dict, path: Path) -> None:
    """Write the summary as a workbook, identifiers as text."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                         "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(_("Check"))
        head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1, "border_color": "#B8C4D0"})
        title = book.add_format({"bold": True, "font_size": 14, "font_color": "#1F4E79"})
        sheet.write_string(0, 0, _("Check of returns"), title)
        sheet.write_string(1, 0, context_sentence(report))
        headers = (_("file"), _("verdict"), _("service"), _("provider"), _("type of service"), _("year"), _("round"),
                   _("errors"), _("questions"), _("warnings"), _("submission"), _("replaces"), _("returned workbook"))
        for column, text in enumerate(headers):
            sheet.write_string(3, column, text, head)
        for row, cells in enumerate(_rows(report, sent), 4):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell) if isinstance(cell, int) else sheet.write_string(row, column, cell)
        sheet.autofilter(3, 0, 3 + max(1, len(report.files)), len(headers) - 1)
        sheet.freeze_panes(4, 1)
        for column, width in enumerate((30, 18, 11, 28, 14, 7, 14, 8, 9, 11, 15, 15, 34)):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


def _rows(report: Report, sent: dict) -> list[tuple]:
    rows = []
    for one in report.files:
        identity = one.taken.read.identity
        workbook = sent[one.taken.name].workbook
        rows.append((one.path.name, verdict_word(one), identity.get("service_id", ""),
                     identity.get("provider_name", ""), identity.get("service_type", ""), identity.get("year", ""),
                     round_of(one), *(one.count(s) for s in ("error", "question", "warning")), one.number,
                     identity.get("replaces", ""), workbook.name if workbook else ""))
    return rows + [(name, why, *[""] * 11) for name, why in report.left_out]
