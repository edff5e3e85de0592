"""What page 02 shows, and the words for codes."""

import pandas as pd
import pytest

from kpsslib.indicators import views
from kpsslib.indicators.wording import interval_text, service_names, short_labels, unit_names, value_text
from kpsslib.language import NBSP, speak
from kpsslib.methodology import load
from kpsslib.workspace import project_root

FULL = load(project_root() / "parameters" / "methodology")


@pytest.fixture(autouse=True)
def czech():
    speak("cs")


def table(**changes):
    rows = [("N01", f"{i:07d}", "residential", 2025, "actual", 1800.0 * i, i, 1800.0, flag)
            for i, flag in enumerate(["ok", "ok", "ok", "missing", "out_of_range"], start=1)]
    found = pd.DataFrame(rows, columns=["indicator", "unit_id", "form", "year", "round", "numerator", "denominator",
                                        "value", "flag"])
    found["value"] = found["value"].mask(found["flag"] == "missing")
    return found.assign(low=float("nan"), high=float("nan"), **changes)


def services(*names):
    return pd.DataFrame({"service_id": [f"{i:07d}" for i in range(1, len(names) + 1)], "service_name": names})


def test_flags_are_counted_in_the_round_of_the_year():
    both = pd.concat([table(), table(round="plan"), table(year=2024, round="final")])
    counts = views.flag_counts(both, 2025, "actual")
    assert counts.loc["N01"].to_dict() == {"ok": 3, "missing": 1, "zero_denominator": 0, "small_denominator": 0,
                                           "out_of_range": 1}
    shown, _caption = views.flag_table(counts, FULL)
    assert shown.iloc[0].to_dict()["podíl spočítaných"] == f"60{NBSP}%"


def test_the_figure_says_what_is_missing_most():
    figure, title, alt, numbers = views.flag_figure(views.flag_counts(table(), 2025, "actual"), FULL)
    figure.draw_without_rendering()
    assert alt == f"Z 5 hodnot je spočítáno 60{NBSP}%; nejvíce jich chybí u ukazatele N01 náklad na lůžkoden."
    assert title
    assert len(numbers) == 1


def test_no_values_at_all_are_no_crash():
    nothing = table().iloc[:0]
    figure, _title, alt, _numbers = views.flag_figure(views.flag_counts(nothing, 2025, "actual"), FULL)
    figure.draw_without_rendering()
    assert alt.startswith("Z 0 hodnot")
    assert views.first_indicator(nothing, FULL, 2025) == ""
    shown, caption = views.value_table(nothing, {}, FULL, "", 2025)
    assert shown.empty
    assert "2025" in caption
    assert views.how_to_read(FULL, "") == ""


def test_the_first_indicator_is_the_one_asked_for_or_the_first_with_values():
    assert views.first_indicator(table(), FULL, 2025, "N01") == "N01"
    assert views.first_indicator(table(), FULL, 2025, "K01") == "N01"
    assert views.first_indicator(table(), FULL, 2024, "N01") == ""


def test_values_are_ready_text_in_czech_order():
    names = service_names(services("Zahrada", "Čapí hnízdo", "Chalupa", "Cesta", "Hrad"))
    shown, caption = views.value_table(table(), names, FULL, "N01", 2025)
    assert shown["služba"].tolist() == ["Cesta", "Čapí hnízdo", "Hrad", "Chalupa", "Zahrada"]
    assert shown["hodnota (Kč za lůžkoden)"].tolist()[0] == "–"
    assert shown["poznámka"].tolist()[0] == "chybí údaj"
    assert shown["čitatel"].tolist()[-1] == f"1{NBSP}800"
    assert caption == "N01 náklad na lůžkoden, 2025"


def test_how_to_read_comes_from_the_methodology_and_is_escaped(make_indicator):
    said = views.how_to_read(FULL, "N01")
    assert "(náklady celkem \u2212 z toho fakultativní činnosti) ÷ lůžkodny" in said
    assert "nižší je lepší" in said
    odd = make_indicator(code="X01", numerator="cost_total", denominator="bed_days", why=dict(cs="<b>a</b>", en="a"))
    known = FULL.model_copy(update={"indicators": {"X01": odd}})
    assert "&lt;b&gt;a&lt;/b&gt;" in views.how_to_read(known, "X01")


def test_names_tell_services_apart():
    assert service_names(services("Domov", "Domov", "", "Zámek")) == {
        "0000001": "Domov (0000001)", "0000002": "Domov (0000002)", "0000003": "(0000003)", "0000004": "Zámek"}
    territory = pd.DataFrame({"orp_code": ["5201"], "orp_name": ["Broumov"]})
    assert unit_names(services("Domov"), territory) == {"5201": "Broumov", "0000001": "Domov"}


@pytest.mark.parametrize(("names", "short"), [
    (["Domov pro seniory Alej", "Domov pro seniory Bříza"], ["Alej", "Bříza"]),
    (["Domov", "Domov Alej"], ["Domov", "Domov Alej"]),
    (["Domov pro seniory Na Konci Velmi Dlouhé Ulice"], ["Domov pro seniory N…"]),
    ([], []),
])
def test_labels_of_figures_leave_out_what_is_shared(names, short):
    assert short_labels(names, 20) == short


def test_numbers_have_the_decimals_of_their_indicator():
    assert value_text(1234.5, FULL.indicators["N01"]) in (f"1{NBSP}234", f"1{NBSP}235")
    assert value_text(float("nan"), FULL.indicators["N01"]) == "–"
    assert interval_text(float("nan"), 2.0, FULL.indicators["N01"]) == "–"
    assert interval_text(1.0, 2.0, FULL.indicators["N01"]) == "1–2"
