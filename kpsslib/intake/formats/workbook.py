"""Opens the file of a return safely, whatever its format, or says why it cannot be used."""

from __future__ import annotations

import io
from collections.abc import Callable
from zipfile import ZipFile

from kpsslib.intake.formats.cells import Book, TooManyRowsError
from kpsslib.intake.formats.text_files import TextFileError
from kpsslib.intake.originals import MAX_ROWS, OLE2, ZIP, container_fault
from kpsslib.intake.records import Finding

Log = Callable[[Exception], None]


def unlogged(_error: Exception) -> None:
    """For those who look at a file without a run that has a log."""


def open_workbook(data: bytes, log: Log = unlogged) -> Book | Finding:
    """The sheets of a file with the results of their formulas; a finding where it cannot be read.

    The format is told by the content, never by the name. Nothing is unpacked before sizes are judged, macros are never
    run, entities are refused. `log` takes the error that a damaged file, or a fault of a reader, gave rise to.
    """
    if fault := container_fault(data):
        return fault
    try:
        return _reader(data)(data)
    except TextFileError as error:
        return Finding(error.kind, values=error.values)
    except TooManyRowsError:
        return Finding("too_many_rows", values={"limit": MAX_ROWS})
    except Exception as error:  # the libraries of formats raise errors of many kinds on damaged or hostile files
        log(error)
        return Finding("damaged")


def _reader(data: bytes) -> Callable[[bytes], Book]:
    """The reader of the file's format; each is loaded when it is first needed."""
    if data.startswith(OLE2):
        from kpsslib.intake.formats.xls import read_xls

        return read_xls
    if not data.startswith(ZIP):
        from kpsslib.intake.formats.text_return import read_text_return

        return read_text_return
    with ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            from kpsslib.intake.formats.ods import read_ods

            return read_ods
    from kpsslib.intake.formats.xlsx import read_xlsx

    return read_xlsx
