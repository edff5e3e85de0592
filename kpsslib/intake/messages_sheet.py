"""What is said about the sheet of a return and how its cells look; joined to the other findings in `messages`."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """The rule ("1" to "17", "cell" or "file"), the severity, and what was found, expected, and is to be done."""

    rule: str
    severity: str
    found: str
    expected: str
    advice: str


_NUMBER = "a number, such as 1 234,50"
_ANEW = "Put the figures into an unchanged template and send it again."
_SEEN = "figures that can be seen"
_OWN_FIGURES = "a return of one service with nothing behind its cells"
_AS_TYPED = "a typed number"

SHEET_FINDINGS: dict[str, Message] = {
    # the sheet as a whole: quarantined
    "two_returns": Message("file", "error", "more than one return with different data: {sheets}",
        "one return in a file", "Delete the one that does not hold and send the file again."),
    "transposed": Message("file", "error", "a table turned around: what belongs into column A stands in a row",
        "an item in each row, as in the template", _ANEW),
    "no_header": Message("file", "error", "no header of the columns; the sheet begins with: {found}",
        "a row with the words: {labels}", _ANEW),
    # its columns
    "column_renamed": Message("cell", "error", "a column headed “{found}”", "the header “{label}”",
        "Give the column its name back; its figures are not used until then."),
    "column_missing": Message("cell", "error", "no column headed “{label}”", "all columns of the template", _ANEW),
    "column_twice": Message("cell", "error", "the header “{label}” more than once: {cells}", "each column once",
        "Delete the column that does not hold; the figures of both are not used until then."),
    "title_year": Message("file", "question", "the title “{found}”", "a title that names the year {year}",
        "Check whether the return is for the year {year}, and correct the title or the year."),
    # its rows
    "repeated_code": Message("cell", "question", "different figures of one item: {found} in the cells {cells}",
        "one figure of each item", "Delete the row that does not hold; until then none of the figures is used."),
    "swapped_label": Message("cell", "error", "the name “{found}” beside the code {item}", "the name “{label}”",
        "Put the codes and names of the rows back in order; the figure is not used until then."),
    "changed_unit": Message("cell", "question", "the unit “{unit}” beside the figure {found}",
        "the unit of the template", "Give the figure in the unit of the template and restore the unit."),
    "merged_figures": Message("cell", "error", "the figure {found} in merged cells {area}", "a figure in each cell",
        "Split the merged cells and write a figure into each of them."),
    # how a figure looks
    "footnote": Message("cell", "error", "“{found}”, part of it raised, lowered or struck through", _NUMBER,
        "Write the number alone; put a footnote into the note."),
    "percent_format": Message("cell", "question", "the number {value}, which the cell shows as {shown} %",
        "a number in the unit of the row", "Write the number without a percent format, in the unit of the row."),
    "scaled_format": Message("cell", "question", "the number {value}, which the cell shows as {shown}",
        "a cell that shows what it holds",
        "Check which of them is right, and set the format of the cell back to a plain number."),
    "white_text": Message("cell", "question", "the figure {found}, written so that it cannot be seen", _SEEN,
        "Give the cell its look back if the figure holds; it is not used."),
    "comment_on_figure": Message("cell", "warning", "the figure {found} with the comment “{comment}”",
        "remarks in the column of notes",
        "The figure is used and the comment joined to the note; check that it holds."),
    "coloured_figure": Message("cell", "warning", "the figure {found} in a cell of another colour",
        "remarks in the column of notes", "The figure is used. If the colour means something, write it into the note."),
    "volatile_formula": Message("cell", "warning", "the figure {found} by a formula that changes by itself", _AS_TYPED,
        "The figure is used as it was saved; write it as a number."),
    "linked_formula": Message("cell", "warning", "the figure {found} by a formula that reads another file", _AS_TYPED,
        "The figure is used as it was saved; write it as a number."),
    "sum_computed": Message("cell", "warning", "a sum whose formula has no result", "a sum saved with its result",
        "The sum was computed from its parts; open and save the file in a spreadsheet program next time."),
    "invisible_letters": Message("cell", "warning", "“{found}” with letters that cannot be seen", "“{value}”",
        "The text was read without them; retype it next time."),
    "answer_unsigned": Message("cell", "warning", "the answer “{found}” without a name or a day",
        "who answers and when, such as Jana Nová, 5. 2. 2026",
        "Add the name and the day; until then it does not hold."),
    # what the file carries beside its cells
    "macros": Message("file", "question", "macros in the workbook", "a workbook without macros",
        "The macros were not run. Save the file as an Excel workbook (.xlsx) and check the figures."),
    "external_links": Message("file", "warning", "links to other files", _OWN_FIGURES,
        "The links were not followed. Replace them by numbers next time."),
    "pivot_cache": Message("file", "warning", "a pivot table, which may hold rows of others", _OWN_FIGURES,
        "Nothing of it was read. Delete the pivot table next time."),
    "embedded": Message("file", "warning", "other documents inside the workbook", _OWN_FIGURES,
        "Nothing of them was read. Send them by themselves next time."),
}

SHEET_IGNORED: dict[str, str] = {
    "copy_of_return": "the same return again on another sheet, or one that nobody filled in",
    "hidden_sheet": "a hidden sheet",
    "white_text": "written so that it cannot be seen",
    "custom_properties": "properties of the document, which are not read",
    "pictures": "pictures, which are not read",
}
