"""N01 to N26: numbers and units."""

from __future__ import annotations

from datetime import date, time, timedelta

from tests.bad.kit import CONVERTED, ERROR, OK, QUESTION, Desk, fault
from tests.bad.making import edited, with_cell

ENERGY, SUMS = "cost_energy", ("cost_operating", "cost_total", "revenue_total")  # 600 000 Kč in a sound return


def last_year(desk: Desk) -> None:
    """The figures of two services of the year before, in the archive."""
    desk.office.archive("2024_actual.csv", [("0000001", "DS"), ("0000002", "DS")])


def amounts(desk: Desk) -> dict[str, float]:
    """The amounts in crowns of a sound return; the sums are not among them."""
    items = desk.office.methodology.items
    return {item: value for (item, _form), value in desk.office.figures("DS").items() if items[item].unit == "CZK"}


def styled(desk: Desk, item: str, number_format: str, value: object = None, number: str = "0000001", **how) -> bytes:
    """A return in which the cell of an item has another number format, and another value where one is given."""
    def change(_book, sheet) -> None:
        cell = next(row[3] for row in sheet.iter_rows() if row[0].value == item)
        cell.number_format = number_format
        if value is not None:
            cell.value = value
    return edited(desk.sound(number, **how), change)


@fault("N01", "1 234,50 with a no-break space", CONVERTED, "600.000")
def no_break(desk: Desk) -> None:
    desk.cell(ENERGY, "600\u00a0000,00")


@fault("N02", "narrow no-break space", CONVERTED, "600.000")
def narrow(desk: Desk) -> None:
    desk.cell(ENERGY, "600\u202f000,00")


@fault("N03", "thin and plain space", CONVERTED, "600.000")
def thin(desk: Desk) -> None:
    desk.cell(ENERGY, "600\u2009000")
    desk.cell(ENERGY, " 600 000,0 ")


@fault("N04", "1.234,50", CONVERTED, "600.000")
def points(desk: Desk) -> None:
    desk.cell(ENERGY, "600.000,00")
    desk.cell("cost_wages", "6.000.000,00", says="6.000.000")


@fault("N05", "1,234.50", CONVERTED, "600.000")
def commas(desk: Desk) -> None:
    desk.cell(ENERGY, "600,000.00")


@fault("N06", "1,234 and 1.234: a thousand or a decimal mark", QUESTION, "buď|nebo")
def ambiguous(desk: Desk) -> None:
    desk.cell(ENERGY, "600,000")
    desk.cell(ENERGY, "600.000")
    for text in ("1.234 Kč", "\u22121.234", "(1,234)", "1,234 tis.", "1.234,-", "'1.234", "1,234-", "1.\u200b234"):
        desk.cell(ENERGY, text)
    desk.cell("care_hours", "9.000", kind="PeS", form="outpatient_field")


@fault("N07", "Kč, CZK and ,- after the number", CONVERTED, "600.000")
def currency(desk: Desk) -> None:
    for text in ("600 000,00 Kč", "600000 CZK", "600 000,-", "600 000,– Kč"):
        desk.cell(ENERGY, text)


@fault("N08", "minus signs: U+2212, dash, brackets", QUESTION, "záporn|nula nebo více|refundac|vratk")
def minus(desk: Desk) -> None:
    """Read as negative; a negative cost then waits for its provider as in N18."""
    for text in ("\u22125 000", "–5 000", "(5 000)"):
        desk.cell(ENERGY, text, but=SUMS)


@fault("N09", "12 % where a number of persons belongs", ERROR, "12 %")
def per_cent(desk: Desk) -> None:
    """No figure of the return is a share: neither is read as 12 or 0.12. Where a format shows 0.12 as 12 %, the
    provider may say that 0.12 is meant."""
    desk.cell("joiners", "12 %")
    desk.put(styled(desk, "joiners", "0 %", 0.12, "0000002"), expected=QUESTION, at="joiners", says="%")


@fault("N10", "number stored as text", CONVERTED, "600.000")
def as_text(desk: Desk) -> None:
    desk.cell(ENERGY, "600000")


@fault("N11", "apostrophe before the number", CONVERTED, "600.000")
def apostrophe(desk: Desk) -> None:
    """Excel's own apostrophe is a style and the cell a text; some programs leave the sign in the text itself."""
    def quote(_book, sheet) -> None:
        cell = next(row[3] for row in sheet.iter_rows() if row[0].value == ENERGY)
        cell.value, cell.quotePrefix = "600000", True
    desk.put(edited(desk.sound(), quote), at=ENERGY)
    desk.cell(ENERGY, "'600000")


@fault("N12", "1,5 typed as 1.5, which became the first of May", ERROR, r"Excel.*1\.5.*datum.*1,5")
def may_day(desk: Desk) -> None:
    desk.cell("fte_social_workers", date(2025, 5, 1))
    desk.cell("fte_social_workers", date(1987, 5, 1), says="datum")
    desk.cell("fte_social_workers", "1.5.2025", says=r"1\.5\.2025")


@fault("N13", "hours as 1:30 and [h]:mm", ERROR, "čas|hodin|:")
def hours(desk: Desk) -> None:
    """Not converted: whether 1:30 are hours of a day or of a year cannot be seen."""
    desk.cell("training_hours", "1234:30")
    desk.put(styled(desk, "training_hours", "h:mm", time(1, 30), "0000002"), at="training_hours")
    desk.put(styled(desk, "training_hours", "[h]:mm", timedelta(hours=300), "0000003"), at="training_hours")


@fault("N14", "the whole return in thousands", QUESTION, "tisíc")
def thousands(desk: Desk) -> None:
    last_year(desk)
    small = {item: value / 1000 for item, value in amounts(desk).items()}
    desk.put(desk.sound(changes=small), at="cost_total", but=tuple(small))


@fault("N15", "one cell in thousands", QUESTION, "tisíc|1.000")
def one_thousand(desk: Desk) -> None:
    """A thousandth of the year before."""
    last_year(desk)
    desk.put(desk.sound(changes={"cost_wages": 6_000, "cost_overhead_staff": 900}), at="cost_wages",
             but=("cost_overhead_staff", "cost_staff", "cost_total", "revenue_total"))


@fault("N16", "monthly instead of yearly", QUESTION, "měsí")
def monthly(desk: Desk) -> None:
    """A twelfth of the year before: all amounts of a return, or its bed-days."""
    last_year(desk)
    small = {item: round(value / 12, 2) for item, value in amounts(desk).items()}
    desk.put(desk.sound(changes=small), at="cost_total", but=tuple(small))
    desk.put(desk.sound("0000002", changes={"bed_days": 833}), at="bed_days")


@fault("N17", "euro", ERROR, "EUR|€|eur|měn")
def euro(desk: Desk) -> None:
    desk.cell(ENERGY, "24 000 EUR")
    desk.cell(ENERGY, "24 000,00 €")
    desk.put(styled(desk, ENERGY, "#,##0.00 [$€-1]", 24_000, "0000003"), at=ENERGY, but=SUMS)


@fault("N18", "negative cost (a refund)", QUESTION, "záporn|nula nebo více|refundac|vratk")
def refund(desk: Desk) -> None:
    desk.cell(ENERGY, -5_000, but=SUMS)


@fault("N19", "negative clients", ERROR, "nula nebo více|záporn")
def negative_clients(desk: Desk) -> None:
    desk.cell("clients", -40, but=("clients_degree_0", "clients_degree_1"))


@fault("N20", "costs with 0 clients", OK)
def no_clients(desk: Desk) -> None:
    """The list leaves the class open: a year without clients is possible, so the figure holds and a warning is given;
    what is divided by it has no value."""
    degrees = {f"clients_degree_{i}": 0 for i in range(5)}
    data = desk.sound(changes={"clients": 0, "clients_anonymous": 0, **degrees})
    desk.put(data, says="klient", but=("clients", *degrees))


@fault("N21", "blank, 0, -, x, neuvedeno, viz příloha", OK)
def no_number(desk: Desk) -> None:
    """Only the 0 is a figure; the others say that there is none, each with its own status or the warning of rule 17."""
    for content in (None, "-", "x", "neuvedeno", "viz příloha", 0):
        desk.cell("joiners", content, at="", but=("joiners",), says="" if content == 0 else "chybí")


@fault("N22", "zeros in every cell", QUESTION, "samé nuly|všech.* 0|nul")
def zeros(desk: Desk) -> None:
    keys = {item for item, _form in desk.office.figures("DS")}
    desk.put(desk.sound(changes=dict.fromkeys(keys, 0)), but=tuple(desk.office.methodology.items))


@fault("N23", "a raised footnote: 1234 and a small 1", ERROR, "pozn|index")
def footnote(desk: Desk) -> None:
    runs = ('<si><r><t>4</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>')
    data = desk.cell("clients", "40").read_bytes()
    desk.sent.clear()
    desk.put(with_cell(data, "clients", 't="inlineStr"|' + runs.replace("si>", "is>")), at="clients")
    desk.cell("clients", "40¹", says="40¹")


@fault("N24", "rounded on the screen, and shown in millions", OK)
def displayed(desk: Desk) -> None:
    """What is stored holds where the format only rounds. A format that hides thousands shows other figures than it
    stores, and which of them is meant is for the provider to say."""
    desk.put(styled(desk, "fte_health", "0", 2.0))
    desk.put(styled(desk, ENERGY, "0.0,,", None, "0000002"), expected=QUESTION, says="tisíc|milion|formát", at=ENERGY)


@fault("N25", "1e308, infinity, more than 15 digits", ERROR, "")
def absurd(desk: Desk) -> None:
    desk.cell(ENERGY, 1e308, but=SUMS)
    desk.cell(ENERGY, "inf", but=SUMS)
    data = desk.sound("0000003")
    desk.put(with_cell(data, ENERGY, "|<v>123456789012345678901</v>"), at=ENERGY, but=SUMS)


@fault("N26", "parts that do not make the total: both numbers are told", ERROR, "")
def parts(desk: Desk) -> None:
    desk.cell("rooms", 25, says="25.*20|20.*25")
    desk.put(desk.sound("0000002", changes={"persons_qualified": 20}), at="persons_qualified", says="20.*14|14.*20")


