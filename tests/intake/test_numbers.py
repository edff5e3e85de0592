import math
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpsslib.intake.returns.identifiers import day, registration_number, service_identifier
from kpsslib.intake.returns.numbers import read_content, read_text, two_readings


@pytest.mark.parametrize(("text", "value"), [
    ("1\u00a0234,50", 1234.5), ("1\u202f234,50", 1234.5), ("1\u2009234", 1234), ("1 234 567", 1234567),
    ("1.234,50", 1234.5), ("1,234.50", 1234.5), ("1.234.567", 1234567), ("1 234,50 Kč", 1234.5), ("500 CZK", 500),
    ("62 300,-", 62300), ("−5", -5), ("–5", -5), ("(5)", -5), ("0,125", 0.125), ("1,5", 1.5), ("12345,678", 12345.678),
    ("850 tis. Kč", 850_000), ("1\u200b5", 15), ("62 300,- Kč", 62300), ("Kč 5", 5), ("CZK 1 234,50", 1234.5),
    ("'1234", 1234), ("(1 234,50 Kč)", -1234.5), ("1 234-", -1234), ("- 5", -5), ("+5", 5), ("0,-", 0), ("7,--", 7),
    ("1\u2007234\u00a0567,8", 1234567.8), ("15.249999999999998", 15.249999999999998), ("12,50 Kc", 12.5),
])
def test_czech_numbers_as_text_are_converted(text, value):
    reading = read_text(text)
    assert (reading.value, reading.status) == (value, "converted")


@pytest.mark.parametrize("text", ["1,234", "1.234", "12.500", "-1,234"])
def test_two_possible_readings_are_a_question(text):
    reading = read_text(text)
    assert math.isnan(reading.value)
    assert reading.status == "question"


@pytest.mark.parametrize("text", ["abc", "1234¹", "12 %", "12 5", "1e5", "5 EUR", "1:30", "1,2,3", "nan", "inf", "٣"])
def test_what_is_no_number_is_rejected(text):
    assert read_text(text).status == "rejected"


@pytest.mark.parametrize(("text", "why"), [
    ("5 EUR", "foreign_currency"), ("€ 1 234,50", "foreign_currency"), ("100 zł", "foreign_currency"),
    ("1,234 €", "foreign_currency"), ("20 euro", "foreign_currency"), ("5 USD", "foreign_currency"),
    ("12 %", "percent_text"), ("12,5%", "percent_text"), ("12 procent", "percent_text"), ("% 12", "not_a_number"),
    ("1:30", "time_in_number"), ("1234:30", "time_in_number"), ("1:30:00", "time_in_number"),
    ("7:30 hod.", "time_in_number"), ("1234567890123456", "absurd_number"), ("0,12345678901234567", "absurd_number"),
    ("12345678901234,50", "absurd_number"), ("1e308", "not_a_number"), ("inf", "not_a_number"),
    ("europoslanec", "not_a_number"), ("EUR", "not_a_number"), ("1 234 5 Kč", "not_a_number"),
])
def test_why_a_text_is_no_number(text, why):
    reading = read_text(text)
    assert (reading.status, reading.why) == ("rejected", why)
    assert math.isnan(reading.value)


@given(st.decimals(-10**12, 10**12, places=2), st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", ""]),
       st.sampled_from(["", " Kč", "\u00a0CZK"]), st.booleans())
def test_an_amount_in_any_czech_typography_is_that_amount(amount, space, currency, brackets):
    text = f"{abs(amount):,.2f}".replace(",", space).replace(".", ",") + currency
    text = f"({text})" if brackets and amount < 0 else f"−{text}" if amount < 0 else text
    assert read_text(text) == (float(amount), "converted", "text_number")


@pytest.mark.parametrize(("text", "status"), [
    ("netýká se", "not_applicable"), ("Důvěrné", "confidential"), ("0 skutečná", "confirmed_zero"), ("-", "missing"),
    ("neuvedeno", "missing"), ("  ", "missing"), ("", "missing"),
])
def test_words_for_no_number(text, status):
    reading = read_text(text)
    assert reading.status == status
    assert reading.value == 0 if status == "confirmed_zero" else math.isnan(reading.value)


@pytest.mark.parametrize(("content", "status", "why"), [
    (3, "reported", ""), (0, "reported", ""), (2.5, "reported", ""), (None, "missing", ""),
    (True, "rejected", "not_a_number"), (date(2025, 5, 1), "rejected", "date_in_number"),
    (time(1, 30), "rejected", "time_in_number"), (1e308, "rejected", "absurd_number"),
    (math.inf, "rejected", "absurd_number"), (math.nan, "rejected", "absurd_number"),
])
def test_cells_of_a_workbook(content, status, why):
    reading = read_content(content)
    assert (reading.status, reading.why) == (status, why)


# The check digit of an IČO by its definition: weights 8 to 2, (11 - sum mod 11) mod 10.
def slow_check(seven: str) -> int:
    return (11 - sum(int(d) * w for d, w in zip(seven, range(8, 1, -1), strict=True)) % 11) % 10


@pytest.mark.parametrize("seven", ["0006458", "2512389", "0000000"[:-1] + "1", "7063455", "4512345"])
def test_check_digit_by_its_definition(seven):
    good = seven + str(slow_check(seven))
    bad = seven + str((slow_check(seven) + 1) % 10)
    assert registration_number(good) == (good, "reported")
    assert registration_number(bad).status == "rejected"


def test_lost_zeros_come_back_only_where_the_check_digit_holds():
    assert registration_number(64581) == ("00064581", "converted")
    assert registration_number("64581") == ("00064581", "converted")
    assert registration_number(64581.0) == ("00064581", "converted")
    for text in ("CZ25123891", "251 23 891", "251\u00a023\u00a0891", "IČO: 25123891", "IČ 25123891", "25123891.0",
                 "DIČ CZ25123891", 25123891.0):
        assert registration_number(text) == ("25123891", "converted")
    for wrong in ("25123891E0", "2,5123891E+07", "CZ", "IČO", "25123891,5", "7103192745"):
        assert registration_number(wrong).status == "rejected"
    assert registration_number(64582).status == "rejected"
    assert registration_number("").status == "rejected"
    assert registration_number(0).status == "rejected"
    assert registration_number("123456789").status == "rejected"


def test_a_service_identifier_is_never_padded():
    assert service_identifier("0123456") == ("0123456", "reported")
    assert service_identifier(1234567) == ("1234567", "converted")
    for wrong in ("123456", 123456, "12345678", "65393X7", "1,23457E+11", None):
        assert service_identifier(wrong).status == "rejected"


def test_days_as_text_and_as_dates():
    assert day("2025-04-30") == ("2025-04-30", "reported")
    assert day(date(2025, 4, 30)) == ("2025-04-30", "converted")
    assert day("30. 4. 2025") == ("2025-04-30", "converted")
    assert day("1.5.2020 0:00:00") == day("2020-05-01 00:00:00") == ("2020-05-01", "converted")
    assert day("") == ("", "reported")
    for wrong in ("31.4.2025", "2025-02-30", "duben", "2025", "1/5/2025", "5.13.2025", "1.5.20", "2020-05-01 12:00"):
        assert day(wrong).status == "rejected"


@pytest.mark.parametrize(("text", "readings"), [
    ("1.234 Kč", (1.234, 1234)), ("\u22121,234", (-1.234, -1234)), ("(1,234)", (-1.234, -1234)),
    ("1,234 tis.", (1234, 1_234_000)), ("1.234,-", (1.234, 1234)), ("'1.234", (1.234, 1234)),
    ("1.\u200b234", (1.234, 1234)), ("6,000", (6, 6000)),
])
def test_both_readings_of_a_dressed_number(text, readings):
    assert read_text(text).why == "ambiguous_number"
    assert two_readings(text) == pytest.approx(readings)


def test_letters_that_nobody_sees_are_left_out_but_none_that_turns_the_digits_around():
    assert {read_text(f"12{letter}34").value for letter in "\u00ad\u200b\u180e\u2061\ufeff"} == {1234}
    assert {read_text(f"{letter}1234").status for letter in "\u200f\u202d\u202e\u2067"} == {"rejected"}
