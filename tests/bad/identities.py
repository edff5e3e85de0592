"""I01 to I18: identifiers, dates and categories."""

from __future__ import annotations

from datetime import date

from tests.bad.kit import CONVERTED, ERROR, IGNORED, OK, QUARANTINE, QUESTION, Desk, fault
from tests.bad.making import edited

OTHER_ICO = "00006947"  # its check digit holds


@fault("I01", "registration number (IČO) that lost its zeros", CONVERTED, "00064581")
def lost_zeros(desk: Desk) -> None:
    """Padded only where the check digit then holds."""
    desk.cell("provider_id", 64581)
    desk.cell("provider_id", "64581")
    desk.cell("provider_id", 64582, expected=ERROR, says="kontrolní")


@fault("I02", "registration number with a wrong check digit", ERROR, "kontrolní číslic")
def check_digit(desk: Desk) -> None:
    desk.cell("provider_id", "12345678")


@fault("I03", "CZ before it, spaces in it", CONVERTED, "00064581")
def spaced(desk: Desk) -> None:
    for text in ("CZ00064581", "000 64 581", " 00064581 ", "cz 000\u00a064581"):
        desk.cell("provider_id", text)


@fault("I04", "registration number as a number with a decimal point", CONVERTED, "00064581")
def decimal(desk: Desk) -> None:
    desk.cell("provider_id", 64581.0)
    desk.cell("provider_id", "64581.0")


@fault("I05", "identifier turned into 1,23457E+11", QUARANTINE, r"1[,.]23457E\+11")
def rounded(desk: Desk) -> None:
    """CHYBA: digits were lost for good. A return of nobody knows whom is not used, so it lies in quarantine."""
    desk.cell("service_id", "1,23457E+11")
    desk.cell("service_id", 123457000000, says="123457000000")
    desk.cell("provider_id", "1,23457E+11", expected=ERROR, says="1,23457E")


@fault("I06", "identifier as the text 12345678E0", ERROR, "E0")
def exponent(desk: Desk) -> None:
    """The list leaves the class open: not an identifier, and not turned into one."""
    desk.cell("provider_id", "64581E0")
    desk.cell("service_id", "0000001E0", expected=QUARANTINE)


@fault("I07", "return of one provider with the IČO of another", QUESTION, OTHER_ICO)
def another_provider(desk: Desk) -> None:
    """Not the one of the register: nothing is used until its sender says that the service changed hands. Whose it is
    by the register is not told."""
    desk.parameters["register_file"] = desk.office.register(("0000001", "DS", {}), ("9999999", "DS", {}))
    desk.cell("provider_id", OTHER_ICO)


@fault("I08", "the same service twice, identical", IGNORED, "týž|stejn")
def identical(desk: Desk) -> None:
    data = desk.sound()
    desk.put(data, "0000001 a.xlsx", expected=OK, says="")
    desk.put(data, "0000001 b.xlsx")
    desk.put(desk.sound(provider_name="Charita 2"), "0000001 c.xlsx")


@fault("I09", "the same service twice with other figures", QUARANTINE, "jin(ý|á|é|ými) ")
def different(desk: Desk) -> None:
    desk.put(desk.sound(), "0000001 a.xlsx")
    desk.put(desk.sound(changes={"clients": 41}), "0000001 b.xlsx")


@fault("I10", "the same service split by municipality", QUARANTINE, "jin(ý|á|é|ými) ")
def split(desk: Desk) -> None:
    """The list leaves the class open: parts cannot be told from two versions, so their sender says what they are."""
    desk.put(desk.sound(municipality="Horní"), "0000001 Horní.xlsx")
    desk.put(desk.sound(municipality="Dolní", changes={"clients": 38}), "0000001 Dolní.xlsx")


@fault("I11", "wrong year", QUARANTINE, "rok 2031")
def wrong_year(desk: Desk) -> None:
    desk.cell("year", 2031)


@fault("I12", "last year's file sent again", QUARANTINE, "rok 2024.*loňsk")
def last_year_again(desk: Desk) -> None:
    """The list leaves the class open: as any other year that is not asked for."""
    desk.put(desk.sound(year=2024))


@fault("I13", "years mixed in one return", QUARANTINE, "2024/2025|2024 a 2025")
def mixed_years(desk: Desk) -> None:
    """The list leaves the class open: which year the figures are of is for the sender to say."""
    desk.cell("year", "2024/2025")
    desk.cell("year", "2024 a 2025")


@fault("I14", "second round of the same year; a correction that names what it replaces", OK)
def second_round(desk: Desk) -> None:
    from hashlib import sha256

    desk.put(desk.sound(), "0000001 skutečnost.xlsx")
    desk.put(desk.sound(round="final"), "0000001 upřesnění.xlsx")
    first = desk.sound("0000002", changes={"clients": 41})
    desk.put(first, "0000002.xlsx", expected=IGNORED, says="nahra")
    again = desk.sound("0000002", replaces=sha256(first).hexdigest()[:12])
    desk.put(again, "0000002 oprava.xlsx")


@fault("I15", "dates as text, a day that is not, day and month swapped, the epoch of 1904", CONVERTED)
def dates(desk: Desk) -> None:
    """1/5/2020 may be a day of January or of May: it is not guessed."""
    desk.cell("entrusted_from", "1. 1. 2020", at="")
    desk.cell("entrusted_from", date(2020, 1, 1), at="")

    def epoch(book, sheet) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904
        book.epoch = CALENDAR_MAC_1904
        cell = next(row[3] for row in sheet.iter_rows() if row[0].value == "entrusted_from")
        cell.value, cell.number_format = date(2020, 1, 1), "d. m. yyyy"
    desk.put(edited(desk.sound("0000003"), epoch))
    desk.cell("entrusted_to", "31.4.2027", expected=ERROR, says=r"31\.4\.2027")
    desk.cell("entrusted_from", "1/5/2020", expected=ERROR, says="1/5/2020")


@fault("I16", "type of service spelled in six ways", CONVERTED)
def spellings(desk: Desk) -> None:
    """Abbreviation, full name, its singular start and paragraph name one type. PS is no abbreviation of the catalogue
    (PeS, PSB, PPS are): it is asked for."""
    for text in ("§ 40", "§40", "Pečovatelská  služba", "pečovatelská sl.", "pes", "PES "):
        desk.cell("service_type", text, at="", kind="PeS")
    desk.cell("service_type", "PS", expected=QUARANTINE, says="PS", kind="PeS")


@fault("I17", "municipalities of one name, or renamed", OK)
def municipalities(desk: Desk) -> None:
    """The list leaves the class open: the code decides, the name is kept as it was sent."""
    desk.put(desk.sound(municipality="Lhota", municipality_code="500012"))
    desk.put(desk.sound("0000002", municipality="Gottwaldov", municipality_code="585068"))


@fault("I18", "birth numbers or clients' names in the sheet", QUARANTINE, "osobní")
def personal(desk: Desk) -> None:
    """What was found is never repeated."""
    desk.secrets += ["8001011238", "800101/1238", "7551011237", "Novotná", "Kadlecová", "Pospíšilová"]
    desk.put(desk.sound(notes={"clients": "klient 800101/1238"}))

    def people(book, sheet) -> None:
        other = book.create_sheet("Klienti")
        for row in (("příjmení", "jméno", "datum narození"), ("Novotná", "Jana", date(1941, 2, 3)),
                    ("Kadlecová", "Eva", date(1938, 5, 6)), ("Pospíšilová", "Marie", date(1940, 7, 8))):
            other.append(row)
    desk.put(edited(desk.sound("0000002"), people))

    def number(book, sheet) -> None:
        sheet["H12"] = 8001011238
    desk.put(edited(desk.sound("0000003"), number))


