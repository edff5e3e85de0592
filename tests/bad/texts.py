"""C01 to C20: returns that come as text."""

from __future__ import annotations

import unicodedata

from tests.bad.kit import OK, QUARANTINE, Desk, fault
from tests.bad.making import czech, row_of, text_of

NAME = "Charita Žďár, šťastný čáp; ňouma „Úsvit“"  # letters that tell the code pages apart


PLAIN = str.maketrans("„“–−\u00a0", '""-- ')  # what old code pages do not have


def text(desk: Desk, *, old: bool = False, **how) -> str:
    """The return as Excel saves it into text: semicolons and decimal commas; `old` without typography."""
    grid = desk.grid(provider_name=NAME, **how)
    if old:
        grid = [[v.translate(PLAIN) if isinstance(v, str) else v for v in row] for row in grid]
    return text_of(grid)


@fault("C01", "Windows 1250, semicolons, decimal commas", OK)
def cp1250(desk: Desk) -> None:
    desk.put(text(desk).encode("cp1250"), "0000001.csv")


@fault("C02", "UTF-8", OK)
def utf8(desk: Desk) -> None:
    desk.put(text(desk).encode("utf-8"), "0000001.csv")


@fault("C03", "UTF-8 with a byte order mark", OK)
def utf8_mark(desk: Desk) -> None:
    desk.put(text(desk).encode("utf-8-sig"), "0000001.csv")


@fault("C04", "UTF-16 with a byte order mark and tabs (Text Unicode)", OK)
def utf16(desk: Desk) -> None:
    """Under the name that Excel itself gives; the same named .csv is among the shapes."""
    desk.put(text_of(desk.grid(), "\t").encode("utf-16"), "0000001.txt")


@fault("C05", "ISO 8859-2", OK)
def latin2(desk: Desk) -> None:
    desk.put(text(desk, old=True).encode("iso8859-2"), "0000001.csv")


@fault("C06", "code page 852 of old accounting", OK)
def cp852(desk: Desk) -> None:
    desk.put(text(desk, old=True).encode("cp852"), "0000001.csv")


@fault("C07", "letters encoded twice (Ĺ˝luĹĄ)", QUARANTINE, "kódován|písmen|znak")
def mojibake(desk: Desk) -> None:
    """The list leaves the class open: no text in it can be trusted, so the whole file is asked for again."""
    twice = text(desk).encode("utf-8").decode("cp1250", errors="ignore")
    desk.put(twice.encode("utf-8"), "0000001.csv")


@fault("C08", "replacement characters already inside", QUARANTINE, "kódován|písmen|znak")
def replacement(desk: Desk) -> None:
    """CHYBA: the whole file is asked for again, so it lies in quarantine."""
    lost = text(desk).encode("ascii", errors="replace").decode().replace("?", "\ufffd")
    desk.put(lost.encode("utf-8"), "0000001.csv")


@fault("C09", "commas between cells and in decimals, unquoted", QUARANTINE, "řádk")
def shifted(desk: Desk) -> None:
    grid = desk.grid(changes={"fte_social_workers": 1.5})
    for row in grid:
        row[:] = [v.replace(",", " ") if isinstance(v, str) else "" if v is None else czech(v) for v in row]
    lines = [",".join(row) for row in grid]
    desk.put("\r\n".join(lines).encode("utf-8"), "0000001.csv")
    desk.put("\r\n".join(line.rstrip(",") for line in lines).encode("utf-8"), "0000002.csv")


@fault("C10", "tabs in a .csv", OK)
def tabs(desk: Desk) -> None:
    desk.put(text_of(desk.grid(), "\t").encode("cp1250"), "0000001.csv")


@fault("C11", "first line sep=;", OK)
def separator(desk: Desk) -> None:
    desk.put(("sep=;\r\n" + text(desk)).encode("cp1250"), "0000001.csv")


@fault("C12", "quotes with a line end inside", OK)
def line_end_inside(desk: Desk) -> None:
    grid = desk.grid(notes={"clients": 'první řádek\ndruhý; "v uvozovkách"'})
    desk.put(text_of(grid).encode("utf-8"), "0000001.csv")


@fault("C13", "unbalanced quote", QUARANTINE, "uvozovk|řádk")
def unbalanced(desk: Desk) -> None:
    desk.put(text(desk).replace(";Kč;", ';"Kč;', 1).encode("utf-8"), "0000001.csv")


@fault("C14", "line ends: CR only, and mixed", OK)
def line_ends(desk: Desk) -> None:
    desk.put(text(desk).replace("\r\n", "\r").encode("utf-8"), "0000001.csv")
    lines = text(desk, service_id="0000002").split("\r\n")
    mixed = "".join(line + ("\n", "\r\n", "\r")[i % 3] for i, line in enumerate(lines) if line)
    desk.put(mixed.encode("cp1250"), "0000002.csv")


@fault("C15", "NUL bytes", QUARANTINE, "text|poškozen")
def nul(desk: Desk) -> None:
    """The list leaves the class open: a text never holds a NUL, so the file was damaged on its way."""
    desk.put(text(desk).encode("cp1250").replace(b"DS", b"D\0S"), "0000001.csv")
    desk.put(text(desk).encode("utf-8").replace(b"1", b"1\0"), "0000002.csv")


@fault("C16", "ragged rows: shorter (harmless) and longer (shifted)", OK)
def ragged(desk: Desk) -> None:
    """A row cut after its last filled cell holds the same; a row longer than the header is shifted, and which of its
    cells is which cannot be known, so the file is asked for again."""
    lines = text(desk).split("\r\n")
    desk.put("\r\n".join(line.rstrip(";") for line in lines).encode("utf-8"), "0000001.csv")
    grid = desk.grid("0000002")
    grid[row_of(grid, "cost_energy")].insert(3, "a")
    grid[row_of(grid, "cost_energy")] += ["b", "c"]
    desk.put(text_of(grid).encode("utf-8"), "0000002.csv", expected=QUARANTINE, says="řádk")


@fault("C17", "header only", QUARANTINE, "šablon|výkaz")
def header_only(desk: Desk) -> None:
    grid = desk.grid()
    desk.put(text_of([grid[row_of(grid, "kód")]]).encode("utf-8"), "0000001.csv")


@fault("C18", "no header", QUARANTINE, "záhlav|hlavičk")
def no_header(desk: Desk) -> None:
    """The list leaves the class open: without the header nobody knows which column is which form."""
    grid = desk.grid()
    del grid[row_of(grid, "kód")]
    desk.put(text_of(grid).encode("utf-8"), "0000001.csv")


@fault("C19", "decomposed letters (macOS)", OK)
def decomposed(desk: Desk) -> None:
    desk.put(unicodedata.normalize("NFD", text(desk)).encode("utf-8"), "0000001.csv")


@fault("C20", "zero-width, soft hyphen and NBSP in the header; a Cyrillic letter in it", OK)
def odd_header(desk: Desk) -> None:
    """Invisible characters are dropped. A letter of another alphabet makes another word: the column is not known."""
    odd = text(desk).replace("Pobytová forma", "Pobyto\u00advá\u00a0for\u200bma\ufeff")
    desk.put(odd.encode("utf-8"), "0000001.csv")
    odd = text(desk, service_id="0000002").replace("Pobytová forma", "P\u043ebytová forma")
    desk.put(odd.encode("utf-8"), "0000002.csv", expected=QUARANTINE, says="azbuk")
