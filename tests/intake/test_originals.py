"""Files that must not be opened, told before anything of them is: by content, size, and what their archive holds."""

import io
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kpsslib.intake.formats.workbook import open_workbook
from kpsslib.intake.messages import sentences
from kpsslib.intake.originals import MAX_ENTRIES, container_fault

TEXT = '<?xml version="1.0" encoding="UTF-8"?><root/>'
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'


def archive(*more, main="xl/workbook.xml", content=TEXT):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(main, content)
        for name, inside in more:
            file.writestr(name, inside)
    return out.getvalue()


def sheet_of(*more, mimetype="application/vnd.oasis.opendocument.spreadsheet"):
    return archive(("mimetype", mimetype), *more, main="content.xml")


def comment(size):
    return f'<?xml version="1.0"?><!--{" " * size}--><!DOCTYPE x><x/>'


@pytest.mark.parametrize(("data", "kind"), [
    (b"", "empty_file"),
    (b"\0" * 5000, "empty_file"),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptionInfo".encode("utf-16-le"), "encrypted"),
    (b"<html><body><table><tr><td>1", "html_table"),
    (b"\xef\xbb\xbf  <!DOCTYPE html>\r\n<html>", "html_table"),
    ("\ufeff<html><table>".encode("utf-16-le"), "html_table"),
    (b"<meta charset=utf-8><table>", "html_table"),
    (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook", "html_table"),
    (b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml_2003"),
    (b"%PDF-1.7\n", "pdf_document"),
    (b"{\\rtf1", "text_document"),
    (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "text_document"),
    (b"\x89PNG\r\n\x1a\n", "not_a_workbook"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "not_a_workbook"),
    (b"Rar!\x1a\x07", "not_a_workbook"),
    (archive(main="word/document.xml"), "text_document"),
    (archive(main="vykazy/vykaz.XLSX"), "zipped"),
    (archive(main="xl/workbook.bin"), "xlsb"),
    (archive(content='<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'), "strict_ooxml"),
    (sheet_of(mimetype="application/vnd.oasis.opendocument.text"), "text_document"),
    (sheet_of(mimetype="application/vnd.oasis.opendocument.graphics"), "not_a_workbook"),
    (sheet_of(("META-INF/manifest.xml", "<manifest:encryption-data/>")), "encrypted"),
    (archive(("../../etc/passwd", "x")), "unsafe_names"),
    (archive(("/etc/passwd", "x")), "unsafe_names"),
    (archive(("..\\evil.xml", TEXT)), "unsafe_names"),
    (archive(("C:/evil.xml", TEXT)), "unsafe_names"),
    (archive(("xl/data.bin", archive())), "nested_archive"),
    (archive(("xl/sharedStrings.xml", DOCTYPE)), "xml_entities"),
    (archive(("xl/_rels/workbook.xml.rels", DOCTYPE)), "xml_entities"),
    (archive(("xl/styles.xml", DOCTYPE.replace("1.0\"", '1.0" encoding="UTF-16"').encode("utf-16"))), "xml_entities"),
    (archive(("xl/styles.xml", comment(20_000) + "")), "xml_entities"),
    (sheet_of(("styles.xml", DOCTYPE)), "xml_entities"),
    (archive(("xl/media.bin", b"\0" * 6_000_000)), "too_large"),
    (archive(*((f"xl/{n}.bin", "") for n in range(MAX_ENTRIES))), "too_many_parts"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_must_not_be_opened(data, kind):
    fault = container_fault(data)
    assert fault.kind == kind
    assert all(sentences(kind, fault.values or {}))
    assert open_workbook(data) == fault


@pytest.mark.parametrize("data", [
    archive(), sheet_of(), archive(("xl/embeddings/sheet.xlsx", archive())), b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    archive(("xl/styles.xml", "<x")), "kód;Ukazatel".encode("cp1250"), archive(("xl/media/a.png", b"\x89PNG")),
])
def test_what_may_be_opened(data):
    assert container_fault(data) is None


@pytest.mark.parametrize("cut", [0.5, 0.9, -1])
def test_a_cut_archive_is_damaged(office, cut):
    data = office.send().read_bytes()
    assert container_fault(data[:cut if cut < 0 else int(len(data) * cut)]).kind == "damaged"


def test_a_flipped_byte_is_damaged_and_never_another_number(office):
    data = office.send().read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        info = file.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    assert open_workbook(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1:]).kind == "damaged"


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_that_cannot_be_unpacked_is_damaged_however_it_is_packed(packed):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as file:
        file.writestr("xl/workbook.xml", TEXT)
    data = bytearray(out.getvalue())
    data[30 + len("xl/workbook.xml") + 9] ^= 0xFF  # in what is packed, behind the part's own header and that of LZMA
    assert container_fault(bytes(data)).kind == "damaged"


def test_the_message_of_a_large_file_names_its_size_and_the_limit():
    fault = container_fault(archive(("xl/media.bin", b"\0" * 6_000_000)))
    assert fault.values["size"] == 6.0
    assert fault.values["limit"] < 2
    assert "6" in sentences("too_large", fault.values)[0]
    assert sentences("too_large", container_fault(b"a" * 60_000_000).values)[0].endswith("60 MB")


def lying(packed_size=1000):
    """An archive that unpacks to 200 MB and says 1000 bytes, in both of its headers."""
    data = bytearray(archive(("xl/sharedStrings.xml", b" " * 200_000_000)))
    for mark, offset, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = data.rindex(mark)
        assert data[at + name_at:].startswith(b"xl/sharedStrings.xml")
        data[at + offset:at + offset + 4] = struct.pack("<I", packed_size)
    return bytes(data)


def test_an_archive_that_lies_about_its_size_gives_nothing():
    data = lying()
    with zipfile.ZipFile(io.BytesIO(data)) as file, pytest.raises(zipfile.BadZipFile):
        file.read("xl/sharedStrings.xml")


def spreadsheet(rows):
    """An .ods with a sheet of these rows."""
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                     for name in ("office", "table", "text"))
    content = (f'<?xml version="1.0"?><office:document-content{spaces}><office:body><office:spreadsheet>'
               f'<table:table table:name="List1">{rows}</table:table></office:spreadsheet></office:body>'
               '</office:document-content>')
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
    return out.getvalue()


def ods_rows(n):
    """So many rows with a number each, which pack no better than twentyfold."""
    return "".join(f'<table:table-row><table:table-cell office:value-type="float" office:value="{i * 7919 % 999983}"/>'
                   "</table:table-row>" for i in range(n))


def many_columns():
    """As many columns as cells in a row, each of its own kind."""
    digits = random.Random(1)
    columns = "".join(f'<table:table-column table:default-cell-style-name="c{digits.randrange(10**6)}"/>'
                      for _n in range(16_000))
    cells = "".join(f'<table:table-cell office:value-type="float" office:value="{digits.randrange(10**6)}"/>'
                    for _n in range(16_000))
    return columns + f"<table:table-row>{cells}</table:table-row>" * 15


def repeated_cells():
    return ('<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float"'
            ' office:value="1" table:number-columns-repeated="16000"/></table:table-row>')


# Reads the return named, in a process of its own with 10 s of the processor for it, and prints the finding's kind and
# the peak of its memory in MB.
CHILD = """
import resource, sys, time
from pathlib import Path
from kpsslib.intake.returns.reading import read_return
from kpsslib.methodology import load
from kpsslib.workspace import project_root
methodology = load(project_root() / "parameters" / "methodology")
most = int(time.process_time()) + 10
resource.setrlimit(resource.RLIMIT_CPU, (most, most))
found = read_return(Path(sys.argv[1]).read_bytes(), methodology, [2025])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(found.quarantine.kind, int(peak.split()[1]) // 1000)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize(("make", "kinds"), [
    (lambda: archive(("xl/sharedStrings.xml", b" " * 400_000_000)), ["too_large"]),
    (lying, ["damaged", "too_large"]),
    (lambda: b"kod;a;b\n" * 7_500_000, ["too_large"]),
    (lambda: b"service_id;a;b;c\n" + b"1;2;3;4\n" * 500_000, ["too_many_rows"]),
    (lambda: b"service_id;a;b;c\n" + b";;;\n" * 1_000_000 + b"1;2;3;4\n", ["no_header"]),
    (lambda: spreadsheet(ods_rows(300_000)), ["too_many_rows"]),
    (lambda: spreadsheet(repeated_cells()), ["too_many_rows"]),
    (lambda: spreadsheet(many_columns()), ["no_sheet"]),
    (lambda: sheet_of(("Pictures/1.bin", b"\0" * 400_000_000)), ["too_large"]),
    (lambda: archive(*((f"xl/{n}.bin", "") for n in range(60_000))), ["too_many_parts"]),
    (lambda: sheet_of(*((f"Pictures/{n}.png", "") for n in range(60_000))), ["too_many_parts"]),
], ids=["bomb", "lying bomb", "60 MB", "500 000 rows", "rows to the last one", "300 000 rows of .ods",
        "cells of .ods without end", "columns of .ods", "bomb of .ods", "60 000 parts", "60 000 parts of .ods"])
def test_what_breaks_a_limit_is_refused_in_little_time_and_memory(tmp_path, make, kinds):
    path = tmp_path / "vykaz.xlsx"
    path.write_bytes(make())
    done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
    kind, memory = done.stdout.split()
    assert kind in kinds
    assert int(memory) < 500
