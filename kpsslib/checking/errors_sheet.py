"""The sheet "Chyby" of a returned workbook: what was found, and yellow cells for the provider's answers."""

from __future__ import annotations

from kpsslib.checking.package import MAIN, escape
from kpsslib.checking.points import Point, key_of, severity_name
from kpsslib.checking.styles import Styles
from kpsslib.intake.records import Confirmation
from kpsslib.intake.template import CONFIRMED
from kpsslib.language import _

COLOURS = {"error": ("FBD5CF", "A52A15"), "question": ("FFE3A3", "7A4A00"), "warning": ("D3E6F5", "0B5C94")}
_YELLOW = "FFF8DC"
WIDTHS = (2, 5, 15, 9, 8, 25, 31, 26, 37, 15, 16, 12)
HEADER_ROW = 9
_BLUE, _GREY = "1F4E79", "8A949C"


def column_labels() -> list[str]:
    """The headers of the list, A to L; answers are found by the last three."""
    return [_("key"), _("no."), _("gravity"), _("sheet"), _("cell"), _("item"), _("found"), _("expected"),
            _("what to do"), _("answer"), _("who"), _("when")]


class ErrorsSheet:
    """The sheet as XML, with looks added to the workbook's styles."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.rows: list[str] = []
        self.merged: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.answers: list[int] = []
        self.looks = self._looks()
        self.row = 0

    def _looks(self) -> dict[str, int]:
        add = self.styles.cell
        looks = {
            "title": add(size=16, bold=True, colour=_BLUE, wrap=False), "text": add(size=11),
            "header": add(size=11, bold=True, colour="FFFFFF", fill=_BLUE, line=True),
            "key": add(size=6, colour=_GREY, wrap=False), "cell": add(size=11, line=True),
            "link": add(size=11, line=True, colour="0B5C94", underline=True),
            "answer": add(size=11, line=True, fill=_YELLOW, unlocked=True),
            "section": add(size=12, bold=True, colour=_BLUE, wrap=False),
        }
        return looks | {severity: add(size=11, line=True, bold=True, fill=fill, colour=colour)
                        for severity, (fill, colour) in COLOURS.items()}

    def head(self, title: str, lines: list[str], legend: dict[str, str]) -> None:
        """The title, sentences one under another, and the legend of colours and signs."""
        self._row([(2, title, "title")], height=26)
        for line in lines:
            self._across(line, "text", 32 if len(line) > 150 else 17)
        for severity, words in legend.items():
            self._across(words, severity, 17)
        while self.row < HEADER_ROW - 1:
            self._row([])
        self._row([(n, label, "key" if n == 1 else "header") for n, label in enumerate(column_labels(), 1)], height=18)

    def point(self, point: Point, shown: str) -> None:
        """One problem; `shown` is what is written as its number."""
        answered = point.severity == "question" and not point.key.endswith("|")  # of a value that is known
        cells = [(1, point.key, "key"), (2, shown, "cell"), (3, f"{point.sign} {severity_name(point.severity)}",
                 point.severity), (4, point.sheet, "cell"), (5, point.cell, "link" if point.cell else "cell"),
                 (6, point.label, "cell"), (7, point.found, "cell"), (8, point.expected, "cell"),
                 (9, point.advice, "cell")]
        cells += [(column, "", "answer" if answered else "cell") for column in (10, 11, 12)]
        self._row(cells, height=15 * max(1, *(_lines(text, WIDTHS[n - 1]) for n, text, _s in cells if n > 1)))
        if point.cell:
            self.links.append((f"E{self.row}", "'{}'!{}".format(point.sheet.replace("'", "''"), point.cell)))
        if answered:
            self.answers.append(self.row)

    def confirmed(self, answers: list[tuple[Confirmation, str]]) -> None:
        """Answers given before, each with what it is about: they have to stay in the workbook to hold."""
        if answers:
            self._row([])
            self._row([(2, _("Answers given before; leave them here, they hold as long as the figures do"), "section")])
        for answer, label in answers:
            self._row([(1, key_of(answer), "key"), (2, "✓", "cell"), *((n, "", "cell") for n in (3, 4, 5)),
                       (6, label, "cell"), (7, answer.value, "cell"), (8, "", "cell"), (9, "", "cell"),
                       (10, answer.answer, "answer"), (11, answer.who, "answer"), (12, answer.day, "answer")])
            self.answers.append(self.row)

    def _across(self, text: str, look: str, height: float) -> None:
        self._row([(n, text if n == 2 else "", look) for n in range(2, 10)], height=height)
        self.merged.append(f"B{self.row}:I{self.row}")

    def _row(self, cells: list[tuple[int, str, str]], height: float = 15) -> None:
        self.row += 1
        inside = "".join(
            f'<c r="{chr(64 + n)}{self.row}" s="{self.looks[look]}"' + (
                f' t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>' if text else "/>")
            for n, text, look in cells)
        self.rows.append(f'<row r="{self.row}" ht="{min(height, 400)}" customHeight="1">{inside}</row>')

    def xml(self) -> bytes:
        """The part of the sheet."""
        cols = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
                       for n, width in enumerate(WIDTHS, 1))
        merged = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
        links = "".join(f'<hyperlink ref="{cell}" location="{escape(target, quoted=True)}"/>'
                        for cell, target in self.links)
        asked = " ".join(f"J{row}" for row in self.answers)
        prompt = escape(_("Choose “{word}” if the figure holds, or write in your own words why it is so.",
                          word=CONFIRMED), quoted=True)
        choice = (
            f'<dataValidations count="1"><dataValidation type="list" allowBlank="1" showInputMessage="1" '
            f'showErrorMessage="0" promptTitle="{escape(_("answer"), quoted=True)}" prompt="{prompt}" sqref="{asked}">'
            f'<formula1>"{CONFIRMED}"</formula1></dataValidation></dataValidations>' if asked else "")
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<worksheet xmlns="{MAIN}"><sheetPr><tabColor rgb="FFA52A15"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"><pane ySplit="{HEADER_ROW}" '
            f'topLeftCell="A{HEADER_ROW + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{cols}</cols><sheetData>{"".join(self.rows)}</sheetData>'
            '<sheetProtection sheet="1" objects="1" scenarios="1" formatColumns="0" formatRows="0"/>'
            f'<mergeCells count="{len(self.merged)}">{merged}</mergeCells>{choice}'
            + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
            + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        ).encode()


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of a width."""
    return sum(1 + int(len(line) / (width * 1.06)) for line in text.split("\n"))
