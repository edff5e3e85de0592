"""What is said about a finding of the intake: its rule, how grave it is, and three sentences in the language spoken.

A finding is stored as a code and values, so that the same intake speaks both languages.
"""

from __future__ import annotations

from kpsslib.intake.messages_sheet import SHEET_FINDINGS, SHEET_IGNORED, Message
from kpsslib.intake.returns.numbers import two_readings
from kpsslib.language import _, day, number

_RESAVE = "Open the file in a spreadsheet program, save it as an Excel workbook (.xlsx) and send it again."
_NUMBER = "a number, such as 1 234,50"
_TEMPLATE = "a filled-in template of the return"
_COPY = "Copy the figures into a new template and send it again."
_LEAVE_OUT = "The figure is not used until the sender corrects the cell."

FINDINGS: dict[str, Message] = {
    # the file as a whole: quarantined, nothing in it is used
    "empty_file": Message("file", "error", "an empty file of 0 bytes", _TEMPLATE,
        "If the file lies in OneDrive, download it first; then send it again."),
    "unexpected": Message("file", "error", "a file at which the reading stopped by a fault of this program",
        _TEMPLATE, "Tell whoever looks after the program; the details, without what the file holds, are in kpss.log."),
    "unreadable": Message("file", "error", "a file that cannot be read", _TEMPLATE,
        "Check that the file is still there, that it is not open elsewhere, and the right to read it."),
    "too_large": Message("file", "error", "a file that is too large or unpacks to too much: {size} MB",
        "at most {limit} MB", _COPY),
    "too_many_parts": Message("file", "error", "a workbook made of {parts} parts", "at most {limit} parts", _COPY),
    "too_many_rows": Message("file", "error", "a sheet with more than {limit} filled rows", _TEMPLATE, _COPY),
    "encrypted": Message("file", "error", "a file protected by a password", "a workbook without a password",
        "Save the file without a password and send it again."),
    "strict_ooxml": Message("file", "error", "a workbook in the format Strict Open XML",
        "a workbook in the format .xlsx", _RESAVE),
    "xlsb": Message("file", "error", "a binary Excel workbook (.xlsb)", "a workbook in the format .xlsx", _RESAVE),
    "html_table": Message("file", "error", "a web page saved with the name of a workbook",
        "a workbook in the format .xlsx", _RESAVE),
    "xml_2003": Message("file", "error", "an XML table of Excel 2003", "a workbook in the format .xlsx", _RESAVE),
    "zipped": Message("file", "error", "a compressed folder (.zip) of files", "the workbook itself",
        "Unpack the folder and send each workbook by itself."),
    "nested_archive": Message("file", "error", "a workbook with a compressed file inside", _TEMPLATE, _COPY),
    "unsafe_names": Message("file", "error", "a workbook with parts that point outside of it", _TEMPLATE, _COPY),
    "xml_entities": Message("file", "error", "a workbook with its own XML entities, unlike those of any program",
        _TEMPLATE, _COPY),
    "personal_data": Message("file", "error",
        "data of persons (a birth number or a list of names), not repeated here",
        "a return without data of persons",
        "Delete the data of persons from the file, from all sheets and comments, and send it again."),
    "not_a_workbook": Message("file", "error", "a file that is not a workbook", "a workbook in the format .xlsx",
        _RESAVE),
    "text_document": Message("file", "error", "a text document, such as those of Word (.docx)",
        "a workbook in the format .xlsx", _COPY),
    "pdf_document": Message("file", "error", "a PDF document, in which figures cannot be read safely",
        "a workbook in the format .xlsx", "Send the workbook that it was printed from, or fill in a new template."),
    "empty_return": Message("file", "error", "a return in which no figure is filled in", _TEMPLATE,
        "Check that the file was saved after it was filled in, and send the one with the figures."),
    "not_a_return": Message("file", "error", "a text that is not a return: none of its rows is a row of the template",
        _TEMPLATE, "Copy the figures into the template of the return and send it again."),
    "damaged": Message("file", "error", "a damaged file that cannot be opened", "a workbook in the format .xlsx",
        "Send the file again; if it cannot be opened on your computer either, fill in a new template."),
    "no_sheet": Message("file", "error", "a workbook with the sheets: {sheets}",
        "a sheet named “Výkaz” of the template",
        "Copy the figures into the template of the return and send it again."),
    "wrong_template": Message("file", "error", "version {found} of the template", "version {version}",
        "Download the current template and transfer your figures into it."),
    "wrong_year": Message("file", "error", "a return for the year {found}", "a return for the year {years}",
        "Check the year; if last year's file was sent by mistake, send the right one."),
    "unknown_round": Message("file", "error", "the round {found}", "one of: {rounds}",
        "Correct the round and send the return again."),
    "service_id": Message("1", "error", "the service identifier {found}", "exactly seven digits, with leading zeros",
        "Copy the identifier from the register of providers as text and send the return again."),
    "unknown_type": Message("2", "error", "the type of service “{found}”",
        "one type of Act 108/2006 Sb.: {nearest}", "Correct the type of service and send the return again."),
    "read_as": Message("1", "warning", "“{found}”", "the text {value}", "It was read as {value}; check it."),
    "duplicate": Message("3", "error",
        "another return of the service {found} with other data: {others} (different data: {different})",
        "one return of a service for a year and round", "Say which return holds; until then neither of them is used."),
    # the archive
    "archive_name": Message("file", "error", "an archive file named {found}",
        "a name <year>_<round>.csv, round one of: {rounds}", "Rename the file."),
    "not_text": Message("file", "error", "a file that is not text", "a CSV file",
        "Export the archive as CSV and put it in place again."),
    "unknown_encoding": Message("file", "error", "text in an unknown encoding", "UTF-8 or Windows 1250",
        "Save the file as CSV UTF-8 and put it in place again."),
    "mojibake": Message("file", "error", "Czech letters that were encoded twice, such as “{found}”", "readable text",
        "Save the file anew from the program it comes from, as CSV UTF-8; its letters cannot be restored safely."),
    "lost_letters": Message("file", "error", "letters lost in an earlier conversion, such as “{found}”",
        "readable text", "Send the original file; the lost letters cannot be restored."),
    "zero_bytes": Message("file", "error", "a text file with zero bytes inside", "plain text without zero bytes",
        "Save the file anew from the program it comes from, as CSV UTF-8."),
    "unbalanced_quote": Message("file", "error", "a quotation mark in line {line} that is not closed properly",
        "quotation marks in pairs", "Correct the line or delete the quotation mark; the rest of the file hangs on it."),
    "uneven_rows": Message("file", "error",
        "a text between commas with fewer cells than the header has ({columns}): {rows}",
        "rows as long as the header, so that no decimal comma can have moved a figure",
        "Save the file with semicolons between cells, or as an Excel workbook (.xlsx), and send it again."),
    "ragged_rows": Message("file", "error", "rows with more cells than the header has ({columns}): {rows}",
        "as many cells in each row as in the header",
        "Check the delimiter and the decimal commas and export the file again."),
    "header_only": Message("file", "error", "a table with a header and no row under it", _TEMPLATE,
        "Check that the file was saved whole and send it again."),
    "foreign_letters": Message("file", "error",
        "the word “{found}” in row {row}, written with Cyrillic or Greek letters", "“{meant}” in Latin letters",
        "Retype the word, or put the figures into an unchanged template."),
    "repeated_column": Message("file", "error", "columns that stand there twice: {columns}", "each column once",
        "Remove the columns that do not belong there."),
    "absent_columns": Message("file", "error", "a table without the columns {columns}",
        "columns named as in the archive's description", "Add the columns or correct their names."),
    "duplicate_row": Message("3", "error", "the service {found} stands with different figures in rows {rows}",
        "one row a service and form", "Delete the rows that do not hold; until then none of them is used."),
    # identity
    "ico": Message("1", "error", "the registration number (IČO) {found}", "eight digits with a valid check digit",
        "Correct the IČO by the register of economic subjects."),
    "ico_converted": Message("1", "warning", "the registration number (IČO) {found}", "eight digits as text: {value}",
        "The number was completed to {value}, its check digit holds. Write it as text next time."),
    "form_not_of_type": Message("2", "error", "the form {found}", "a form that the law has for the type {type}",
        "Correct the forms of the service; figures of this form are not used."),
    "form_not_declared": Message("2", "warning", "figures of a form that is not declared in the heading",
        "all forms of the service declared",
        "Add the form to the heading, or clear its column. The figures are used."),
    "form_not_allowed": Message("2", "error", "the figure {found} in a form this type of service does not have",
        "an empty cell", "Move the figure to the right column; here it is not used."),
    "capacity_unit": Message("5", "error", "a capacity of {found} in a unit that is not used for this type and form",
        "the capacity in the unit of the template",
        "Give the capacity in the unit of the template; this figure is not used."),
    "bad_day": Message("16", "error", "the date {found}", "a day such as 1. 5. 2024", "Correct the date."),
    # one cell
    "not_a_number": Message("cell", "error", "“{found}”", _NUMBER,
        "Write a number, or leave the cell empty if you do not know it."),
    "absurd_number": Message("cell", "error", "the number {found}", "a number that a single service can reach",
        _LEAVE_OUT),
    "date_in_number": Message("cell", "error", "the date {found}", _NUMBER,
        "Excel turned {typed} into a date; write {meant}."),
    "time_in_number": Message("cell", "error", "the time {found}", _NUMBER,
        "Write the hours as a number, such as 1,5."),
    "error_cell": Message("cell", "error", "the spreadsheet error {found}", _NUMBER,
        "Correct the formula or write the number."),
    "formula_without_value": Message("cell", "error", "a formula without a result", _NUMBER,
        "Open the workbook in Excel, save it, and send it again."),
    "ambiguous_number": Message("cell", "question", "“{found}”, which is either {small} or {large}", _NUMBER,
        "Write the number without a point or comma between thousands. It is not used until then."),
    "foreign_currency": Message("cell", "error", "the amount “{found}” in a foreign currency", "an amount in crowns",
        "Convert the amount into crowns and write it as a number."),
    "percent_text": Message("cell", "error", "“{found}” in per cent", _NUMBER,
        "Write the number without the sign of per cent, in the unit of the row."),
    "text_number": Message("cell", "warning", "the text “{found}”", "the number {value}",
        "The text was read as the number {value}; check it."),
    "thousands_word": Message("cell", "warning", "the text “{found}”", "the number {value}",
        "The amount was read in thousands as {value}; check it."),
    "hidden_row": Message("cell", "question", "the figure {found} in a hidden row", "figures that can be seen",
        "Unhide the row if the figure holds; it is not used."),
    "hidden_column": Message("cell", "question", "the figure {found} in a hidden column", "figures that can be seen",
        "Unhide the column if the figure holds; it is not used."),
    "struck_through": Message("cell", "question", "the figure {found}, struck through", "figures that hold",
        "Remove the line through the figure if it holds; it is not used."),
    "repeated_row": Message("cell", "warning", "a second row with the code {item}", "each code once",
        "Only the first row is used; delete the second."),
    "missing_row": Message("cell", "error", "no row with the code {item}", "all rows of the template",
        "Put the figures into an unchanged template; this figure is missing."),
    **SHEET_FINDINGS,
}

IGNORED: dict[str, str] = {
    "junk": "a by-product of the system, not a return",
    "stray": "not a spreadsheet by its name",
    "same_bytes": "the same file again",
    "same_figures": "the same return again under another name",
    "superseded": "replaced by a later submission that names it",
    "archive_year": "a year that the run does not ask for",
    "archive_of_workbooks": "an archive of a year and round that came as workbooks: the workbooks hold",
    "other_sheet": "another sheet than the return",
    "outside": "outside the cells of the template",
    "unknown_code": "a row with a code that the methodology does not have",
    "unknown_column": "a column that the methodology does not have",
    "repeated_row": "a second row with the same code",
    "same_row_again": "the same row again",
    "not_asked": "a figure that is not asked of this type and form",
    "not_in_round": "a figure that is not asked in this round",
    "hidden_row": "a hidden row",
    "hidden_column": "a hidden column",
    "struck_through": "struck through",
    **SHEET_IGNORED,
}


def sentences(kind: str, values: dict) -> tuple[str, str, str]:
    """What was found, what was expected and what to do, in the language spoken."""
    filled = {key: number(v, 0 if v == round(v) else 2) if isinstance(v, float) and v == v else
              day(v) if isinstance(v, str) else v for key, v in values.items()}
    filled = {"found": "–", "item": "", "value": "", **filled}
    if kind == "date_in_number":
        filled |= {"typed": str(filled["meant"]).replace(",", ".")}
    if kind == "ambiguous_number":
        small, large = two_readings(str(filled["found"]))
        digits = next((n for n in range(3) if round(small, n) == small), 3)
        filled |= {"small": number(small, digits), "large": number(large)}
    message = FINDINGS[kind]
    return _(message.found, **filled), _(message.expected, **filled), _(message.advice, **filled)


def reason(kind: str) -> str:
    """Why something is not used, in the language spoken; a reason that is a sentence already stays as it is."""
    return _(IGNORED[kind]) if kind in IGNORED else kind
