"""What page 03 shows: the choice, tables of ready text, figures with their sentences."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kpsslib.comparison import Choice, choose, compare, figures, good_practice, reserves, views
from kpsslib.indicators import compute
from kpsslib.language import NBSP, speak
from kpsslib.workspace import RunError


@pytest.fixture(autouse=True)
def czech():
    speak("cs")
    yield
    speak("cs")
    plt.close("all")


@pytest.fixture(scope="module")
def table(region, methodology):
    return compare(region.indicators, region.services, methodology, year=2025)


@pytest.fixture(scope="module")
def choice(table, region, methodology):
    return choose(table, region.services, methodology, year=2025)


def test_the_largest_type_and_its_cost_by_output_come_first(choice):
    assert choice == Choice("N01", "DS", "residential", 2025)


def test_what_is_asked_for_is_chosen_and_what_is_not_there_is_not(table, region, methodology):
    def ask(**asked):
        return choose(table, region.services, methodology, year=2025, **asked)

    assert ask(service_type="OA") == Choice("N03", "OA", "outpatient_field", 2025)
    assert ask(indicator="K01") == Choice("K01", "DS", "residential", 2025)
    assert ask(indicator="X99", service_type="XX") == Choice("N01", "DS", "residential", 2025)
    assert ask(service_type="OA", indicator="N01").indicator == "N03"


def test_a_year_without_values_has_nothing_to_show_and_nothing_breaks(table, region, methodology):
    empty = choose(table, region.services, methodology, year=1999)
    assert empty == Choice("", "", "", 1999)
    for draw in (figures.ordered_dots, figures.caterpillar, figures.funnel, figures.small_multiples):
        figure, title, alt, *_numbers = draw(table, region.services, methodology, empty)
        figure.draw_without_rendering()
        assert "1999" in title
        assert alt
    shown, caption = views.comparison_table(table, region.services, methodology, empty)
    assert shown.empty
    assert "1999" in caption
    found = reserves(table, region.facts, region.services, methodology, year=1999)
    assert views.reserves_table(found, region.services, methodology, empty, "median")[0].empty


def test_the_table_names_every_service_the_best_first(table, region, methodology, choice):
    shown, caption = views.comparison_table(table, region.services, methodology, choice)
    assert list(shown) == ["služba", "hodnota (Kč za lůžkoden)", "interval 95 %", "stažená k souboru", "percentil",
                           "pořadí", "postavení", "od loňska", "vývoj"]
    assert len(shown) == 14
    assert shown["percentil"].tolist()[::13] == ["100", "0"]
    assert set(shown["postavení"]) == {"lepší než medián", "horší než medián", "nelze odlišit od mediánu"}
    assert f"Medián 2{NBSP}231 Kč za lůžkoden" in caption
    assert "14 z 14 služeb souboru domovy pro seniory, pobytová, lůžka" in caption


def test_a_widened_set_is_said(table, region, methodology):
    small = choose(table, region.services, methodology, year=2025, service_type="DZR")
    _shown, caption = views.comparison_table(table, region.services, methodology, small)
    assert "17 z 17 služeb souboru Pobytové služby pro seniory" in caption
    assert "Samotný druh má málo služeb" in caption


def test_too_few_services_are_said(methodology, make):
    services = make.services({"DS": 3})
    table = compute(make.facts(services), services, make.no_territory, methodology)
    table = compare(table, services, methodology, year=2025)
    small = choose(table, services, methodology, year=2025)
    figure, _title, alt, numbers, _meaning = figures.ordered_dots(table, services, methodology, small)
    figure.draw_without_rendering()
    assert alt == "Na srovnání je málo služeb: hodnot je 3, potřeba je alespoň 5."
    assert set(numbers["postavení"]) == {"málo srovnatelných služeb"}


def test_the_sentence_of_the_dots_is_made_from_the_numbers(table, region, methodology, choice):
    _figure, title, alt, *_numbers = figures.ordered_dots(table, region.services, methodology, choice)
    rows = table[(table["indicator"] == "N01") & (table["year"] == 2025) & (table["peer_set"] == "type")]
    better, worse = (int((rows["position"] == word).sum()) for word in ("better", "worse"))
    assert title == "N01 zkouška – domovy pro seniory, pobytová forma, 2025"
    assert alt.endswith(f"Lepších než medián: {better}, horších: {worse}.")


def test_colour_only_where_the_interval_leaves_the_median_out(table, region, methodology, choice):
    figure, *_ = figures.ordered_dots(table, region.services, methodology, choice)
    rows = views.chosen_set(table, region.services, methodology, choice)
    drawn = {tuple(round(part, 3) for part in dots.get_facecolor()[0][:3]): len(dots.get_offsets())
             for dots in figure.axes[0].collections if len(dots.get_offsets()) and hasattr(dots, "get_sizes")
             and len(dots.get_sizes())}
    counts = rows["position"].value_counts()
    assert sorted(drawn.values()) == sorted(counts[["better", "worse", "indistinct"]])
    assert len(drawn) == 3


def test_small_multiples_have_a_panel_a_service_and_a_row_for_the_median(table, region, methodology, choice):
    figure, title, _alt, numbers, _meaning = figures.small_multiples(table, region.services, methodology, choice)
    figure.draw_without_rendering()
    assert title.endswith("vývoj v letech")
    assert sum(axes.axison for axes in figure.axes) == 14
    assert list(numbers) == ["služba", *(str(year) for year in range(2018, 2026)), "změna za rok"]
    assert numbers["služba"].iloc[-1] == "medián souboru"


def test_good_practice_and_reserves_in_words(table, region, methodology, choice):
    candidates = good_practice(table, region.services, methodology, year=2025)
    shown, caption = views.good_practice_table(candidates, region.services)
    assert len(shown) == 26
    assert "kandidát" in caption
    found = reserves(table, region.facts, region.services, methodology, year=2025)
    shown, caption = views.reserves_table(found, region.services, methodology, choice, "best_quartile")
    assert set(shown["jistá"]) <= {"ano", "ne"}
    rows = found[(found["indicator"] == "N01") & (found["target"] == "best_quartile")
                 & found["service_id"].isin(region.services.query("service_type == 'DS'")["service_id"])]
    plain = shown["rezerva"].str.replace(NBSP, "").astype(float)
    assert plain.tolist() == (rows["amount_czk"] / 1000).round().tolist()
    assert shown["interval 95 %"].str.contains(" až ").all()
    assert not shown["interval 95 %"].str.contains("Kč").any()
    assert "v tis. Kč" in caption
    assert "lepší kvartil" in caption


def test_what_a_reserve_lacks_is_told_where_it_would_stand(table, region, methodology, choice):
    found = reserves(table, region.facts, region.services, methodology, year=2025)
    bare = found.assign(low=np.nan, high=np.nan, reason="no_interval, no_parts")
    shown, caption = views.reserves_table(bare, region.services, methodology, choice, "median")
    assert set(shown["interval 95 %"]) == {"nelze říci, jak je jistá"}
    assert caption.endswith("Bez částí: náklad nelze rozdělit.")


def test_an_unknown_target_is_refused_in_words(table, region, methodology, choice):
    found = reserves(table, region.facts, region.services, methodology, year=2025)
    with pytest.raises(RunError, match=r"target.*'mean'.*median, best_quartile"):
        views.reserves_table(found, region.services, methodology, choice, "mean")


def test_the_rules_of_peers_are_those_of_the_methodology(methodology):
    shown, _caption = views.peer_rules(methodology)
    assert shown["co je stejné"].iloc[0] == "druh, forma, jednotka kapacity"
    assert shown["je-li jich méně"].tolist() == [
        str(methodology.peers["group"].name), *["nesrovnává se"] * 3, str(methodology.peers["group"].name)]


def test_everything_is_in_english_too(table, region, methodology, choice):
    speak("en")
    shown, caption = views.comparison_table(table, region.services, methodology, choice)
    assert "service" in shown
    assert caption.startswith("N01 test – homes for the elderly")
