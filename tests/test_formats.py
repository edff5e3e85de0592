"""Numbers, money, plurals and sorting as a Czech reader expects them, and tables that cannot be injected."""

from __future__ import annotations

import pandas as pd
import pytest

from kpsslib import drawing, language


@pytest.fixture(autouse=True)
def _czech():
    language.speak("cs")
    yield
    language.speak("cs")


def test_czech_and_english_numbers():
    assert language.number(1234567.891, 2) == "1\u00a0234\u00a0567,89"
    assert language.money(1812.4) == "1\u00a0812\u00a0Kč"
    assert language.percent(0.125) == "12,5\u00a0%"
    language.speak("en")
    assert language.number(1234567.891, 2) == "1,234,567.89"


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_missing_is_a_dash_and_never_zero(missing):
    assert language.number(missing) == language.money(missing) == language.percent(missing) == "–"


def test_a_small_negative_number_is_not_minus_zero():
    assert language.number(-0.4) == "0"


def test_czech_sorting_knows_ch_and_the_letters_with_carons():
    words = ["chata", "cihla", "hrad", "čáp", "cena", "idea", "had", "Šumava", "sova", "Řeka", "ryba", "zub", "žák"]
    assert sorted(words, key=language.sort_key) == [
        "cena", "cihla", "čáp", "had", "hrad", "chata", "idea", "ryba", "Řeka", "sova", "Šumava", "zub", "žák"]


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="'de'"):
        language.speak("de")


def test_table_cells_are_escaped_and_headers_have_scope():
    html = drawing.table_html(pd.DataFrame({"<b>": ["<script>alert(1)</script>"]}), caption="A & B")
    assert "<script>" not in html
    assert '<th scope="col">&lt;b&gt;</th>' in html
    assert "<caption>A &amp; B</caption>" in html


def test_only_a_column_of_numbers_stands_on_the_right_and_missing_is_a_dash():
    html = drawing.table_html(pd.DataFrame({"Kč": ["1 234", None, "−5,2"], "služba": ["3 pokoje", "–", "Domov"],
                                            "soubor": ["3682532.xlsx", "–", "0000012"]}))
    assert '<td class="num">1 234</td><td>3 pokoje</td>' in html
    assert '<td class="num">–</td><td>–</td>' in html
    assert '<td class="num">−5,2</td><td>Domov</td><td>0000012</td>' in html


def test_a_figure_carries_its_alternative_text_and_its_numbers(monkeypatch):
    from matplotlib.figure import Figure

    shown = []
    monkeypatch.setattr(drawing, "display", lambda page: shown.append(page.data))
    drawing.show(Figure(), "Title", 'Median 3, "quoted"', pd.DataFrame({"x": ["1"]}))
    assert 'alt="Median 3, &quot;quoted&quot;"' in shown[0]
    assert "<td" in shown[0]
    assert "Čísla tohoto grafu" in shown[0]
