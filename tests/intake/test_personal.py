"""Data of persons: birth numbers are found with their check, and what only looks like one is left in peace."""

from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cz import bankaccount, rc

from kpsslib.intake.formats.cells import Cell, gather
from kpsslib.intake.formats.personal import has_birth_number
from kpsslib.intake.returns.reading import read_return

DAYS = st.dates(date(1954, 1, 1), date(2025, 12, 31))


def birth_number(day: date, woman: bool, serial: int, more: int = 0) -> str:
    """A ten-digit number whose last digit makes it divisible by 11; "" where that takes two digits."""
    nine = f"{day:%y}{day.month + 50 * woman + more:02}{day:%d}{serial:03}"
    check = next((digit for digit in range(10) if int(nine + str(digit)) % 11 == 0), None)
    return "" if check is None else nine + str(check)


@given(DAYS, st.booleans(), st.integers(0, 999), st.sampled_from(["{}", "rč {}", "{} Brno", "a;{};b", "CZ{}", "{}."]),
       st.sampled_from(["", "/", " / "]))
def test_every_birth_number_is_found(day, woman, serial, around, slash):
    number = birth_number(day, woman, serial)
    written = f"{number[:6]}{slash}{number[6:]}"
    if number and not bankaccount.is_valid(f"{number[:6]}/{number[6:]}"):
        assert rc.is_valid(number)
        assert has_birth_number(around.format(written))


@given(st.integers(0, 10**10 - 1))
def test_ten_digits_are_one_only_where_date_and_check_hold(number):
    text = f"{number:010}"
    assert not has_birth_number(text) or rc.is_valid(text)


@given(DAYS, st.integers(0, 999), st.integers(1, 9))
def test_a_wrong_check_digit_is_none(day, serial, wrong):
    number = birth_number(day, False, serial)
    if number:
        bad = number[:9] + str((int(number[9]) + wrong) % 10)
        assert not has_birth_number(bad) or int(bad) // 10 % 11 == 10


def test_numbers_of_every_age():
    assert has_birth_number("450712/123")  # nine digits till 1953, with a slash only
    assert not has_birth_number("450712123")
    assert not has_birth_number("540712/123")
    assert has_birth_number(birth_number(date(2012, 3, 4), True, 120, more=20))
    assert has_birth_number(birth_number(date(2012, 3, 4), False, 121, more=20))
    assert not has_birth_number(birth_number(date(1990, 3, 4), False, 121, more=20))
    assert not has_birth_number(birth_number(date(2099, 3, 4), False, 123).replace("99", "45", 1))


@given(st.integers(0, 99_999_999))
def test_registration_numbers_and_service_identifiers_are_none(number):
    assert not has_birth_number(f"IČO {number:08}, služba {number % 10**7:07}")


@given(st.integers(100_000_000, 999_999_999), st.sampled_from(["", "+420", "+420 ", "00420", "420", "tel. "]))
def test_phone_numbers_are_none(number, before):
    plain = f"{number}"
    assert not has_birth_number(before + plain)
    assert not has_birth_number(f"{before}{plain[:3]} {plain[3:6]} {plain[6:]}")


@given(st.integers(0, 999_999), st.integers(10, 10**10 - 1), st.sampled_from(["0100", "0300", "0800", "2010", "6210"]))
def test_bank_accounts_are_none(prefix, root, bank):
    if bankaccount.is_valid(f"{prefix}-{root}/{bank}"):
        assert not has_birth_number(f"účet {prefix}-{root}/{bank}")
    if bankaccount.is_valid(f"{root}/{bank}"):
        assert not has_birth_number(f"účet {root}/{bank}")


@pytest.mark.parametrize("text", ["710319/0800", "19-2000145399/0800", "2000145399/0800", "CZ6508000000192000145399",
                                  "1234567890123", "7103192745.5", "12.7103192745", "7103,192745"])
def test_other_long_numbers_are_none(text):
    assert not has_birth_number(text)


def sheet(*columns):
    rows = [[Cell(n, c, content) for c, content in enumerate(row, 1) if content is not None]
            for n, row in enumerate(zip(*columns, strict=True), 1)]
    return gather("List1", rows)


@pytest.mark.parametrize(("columns", "found"), [
    ([["Jméno a příjmení", "Jana Nováková", "Ing. Petr Svoboda, Ph.D."]], "A3"),
    ([["Příjmení", "Nováková", "Svoboda"], ["Jméno", "Jana", "Petr"]], "A3"),
    ([["č.", 1, 2], ["Klient:", "Jana Nováková", "NOVÁK Jan"]], "B3"),
    ([["Datum narození", date(1950, 1, 2), "3. 4. 1951"]], "A3"),
    ([["Rodné číslo", "neuvedeno", "7103192745"]], "A3"),
    ([["Kontakt", None, None], ["Jméno a příjmení", "Jana Nováková", None]], ""),
    ([["Klienti", "Klienti celkem", "Senioři bez příspěvku"]], ""),
    ([["Název", "Domov Radost", "Charita Lhota"]], ""),
    ([["Klienti", 12, 15]], ""),
    ([["Číslo", 7103192745, 1]], "A2"),
    ([["Číslo", 7103192746, 777123456]], ""),
])
def test_lists_of_people(columns, found):
    assert sheet(*columns).personal == found


def test_a_list_counts_only_right_under_its_heading():
    names = [Cell(1, 1, "Jméno a příjmení"), Cell(2, 1, "Jana Nováková"), Cell(200, 1, "Petr Svoboda")]
    assert gather("List1", [[cell] for cell in names]).personal == ""


@pytest.mark.parametrize("where", ["note", "other sheet", "hidden sheet", "comment"])
def test_a_return_with_a_birth_number_is_quarantined_and_its_content_is_nowhere(office, where):
    path = office.send(notes={"clients": "klientka 710319/2745"} if where == "note" else {})
    book = openpyxl.load_workbook(path, data_only=True)
    if "sheet" in where:
        book.create_sheet("Seznam")["B3"] = "710319/2745"
        book["Seznam"].sheet_state = "hidden" if where == "hidden sheet" else "visible"
    if where == "comment":
        book["Výkaz"]["D30"].comment = openpyxl.comments.Comment("viz 710319/2745", "x")
    book.save(path)
    read = read_return(path.read_bytes(), office.methodology, [2025])
    assert read.quarantine.kind == "personal_data"
    assert read.quarantine.cell
    assert "710319" not in repr(read)


def test_the_template_itself_holds_no_data_of_persons(office):
    for kind in office.methodology.service_types:
        read = read_return(office.send(kind=kind).read_bytes(), office.methodology, [2025])
        assert read.quarantine is None


def test_numbers_of_figures_are_never_birth_numbers(office):
    path = office.send(overrides={("cost_wages", "residential"): 7_103_192_745})
    assert read_return(path.read_bytes(), office.methodology, [2025]).quarantine is None


def test_the_day_of_birth_must_have_come():
    tomorrow = date.today() + timedelta(days=1)
    assert not any(has_birth_number(birth_number(tomorrow, False, serial) or "0") for serial in range(100))
