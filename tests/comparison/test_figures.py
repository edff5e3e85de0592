"""Figures and lists of page 03: what they draw is what the tables say, in both languages, and bad sets are told."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import Choice, attention, choose, compare, figures, frontiers, lists, reserves, views
from kpsslib.comparison.nearest import nearest
from kpsslib.indicators import compute
from kpsslib.language import NBSP, speak


@pytest.fixture(autouse=True)
def czech():
    speak("cs")
    yield
    speak("cs")
    plt.close("all")


@pytest.fixture(scope="module")
def peers(region):
    units = region.services.set_index(["service_id", "form"]).rename_axis(["unit_id", "form"])
    context = pd.DataFrame({"size": np.arange(len(units), dtype=float)}, index=units.index)
    return nearest(context, units["service_type"], pd.Series({"size": 1.0}), 6)


@pytest.fixture(scope="module")
def table(region, methodology, peers):
    return compare(region.indicators, region.services, methodology, year=2025, peers=peers)


@pytest.fixture(scope="module")
def choice(table, region, methodology):
    return choose(table, region.services, methodology, year=2025)


@pytest.fixture(scope="module")
def found(table, region, methodology, peers):
    return reserves(table, region.facts, region.services, methodology, year=2025, peers=peers)


def test_bars_hold_the_places_possible(table, region, methodology, choice):
    figure, title, _alt, numbers, meaning = figures.caterpillar(table, region.services, methodology, choice)
    rows = views.chosen_set(table, region.services, methodology, choice)
    bars = figure.axes[0].patches
    assert len(bars) == len(numbers) == rows["rank_low"].notna().sum() == 14
    ends = sorted((bar.get_x() + 0.25, bar.get_x() + bar.get_width() - 0.25) for bar in bars)
    assert ends == sorted(zip(rows["rank_low"], rows["rank_high"], strict=True))
    assert title.endswith(": možná místa")
    assert "žebříček" in meaning


def test_places_are_not_drawn_where_there_is_no_better_direction(table, region, methodology):
    context = Choice("N07", "DS", "residential", 2025)
    figure, _title, alt, numbers, _meaning = figures.caterpillar(table, region.services, methodology, context)
    figure.draw_without_rendering()
    assert alt.startswith("Pořadí nelze určit: ukazatel nemá lepší směr")
    assert numbers.empty


@pytest.mark.parametrize("indicator", ["N01", "P06", "K01", "V01"])
def test_the_funnel_counts_what_it_draws(table, region, methodology, indicator):
    chosen = Choice(indicator, "DS", "residential", 2025)
    figure, title, alt, numbers, meaning = figures.funnel(table, region.services, methodology, chosen)
    figure.draw_without_rendering()
    drawn = sum(len(dots.get_offsets()) for dots in figure.axes[0].collections)
    assert drawn == len(numbers) == 14
    inside = (numbers["kde stojí"] == "v mezích").sum()
    assert f"z toho v mezích {inside}" in alt
    assert title.endswith(": podle velikosti")
    assert "otázka pro službu, ne výrok" in meaning


def test_a_set_under_ten_has_no_dashed_limits_and_says_why(table, region, methodology):
    small = Choice("P06", "OA", "outpatient_field", 2025)
    figure, _title, alt, numbers, _meaning = figures.funnel(table, region.services, methodology, small)
    assert alt.endswith("Čárkované meze chybějí: pod 10 služeb nelze říci, nakolik se liší nad rámec náhody.")
    assert not any("rozptylem" in name for name in numbers)
    assert all(line.get_linestyle() == "-" for line in figure.axes[0].lines)


def test_a_set_too_small_has_no_funnel_and_no_places(methodology, make):
    services = make.services({"DS": 3})
    few = compare(compute(make.facts(services), services, make.no_territory, methodology), services, methodology,
                  year=2025)
    chosen = choose(few, services, methodology, year=2025)
    for draw, said in ((figures.funnel, "Trychtýř nelze nakreslit: na srovnání je málo služeb."),
                       (figures.caterpillar, "Pořadí nelze určit: na srovnání je málo služeb.")):
        figure, _title, alt, *_rest = draw(few, services, methodology, chosen)
        figure.draw_without_rendering()
        assert alt == said


@pytest.mark.parametrize("target", ["median", "best_quartile", "nearest"])
def test_the_waterfall_is_of_the_largest_certain_reserve_and_adds_up(found, region, methodology, choice, target):
    figure, title, alt, numbers, _meaning = figures.waterfall(found, region.services, methodology, choice, target)
    figure.draw_without_rendering()
    rows = views.chosen_reserves(found, region.services, choice, target)
    sure = rows[rows["certain"]] if rows["certain"].any() else rows
    largest = sure.loc[sure["amount_czk"].idxmax()]
    assert title.startswith(region.services.set_index("service_id")["service_name"][largest["service_id"]])
    plain = numbers["částka"].str.replace(f"[{NBSP}Kč]", "", regex=True)
    crowns = plain.str.replace("\N{MINUS SIGN}", "-").astype(float)
    assert crowns.iloc[:-1].sum() == pytest.approx(crowns.iloc[-1], abs=len(crowns))
    assert crowns.iloc[-1] == pytest.approx(largest["value"] * largest["volume"], abs=1)
    bars = figure.axes[0].patches
    assert [bar.get_height() * 1e6 for bar in bars] == pytest.approx(crowns.abs().tolist(), abs=1)
    assert "víc než cíl" in alt


def test_no_reserve_is_said(found, region, methodology, choice):
    figure, _title, alt, *_rest = figures.waterfall(found.iloc[:0], region.services, methodology, choice, "median")
    figure.draw_without_rendering()
    assert alt == "Žádná služba nemá rezervu, cílem je medián."


def test_nearest_peers_say_what_makes_the_distance(peers, table, region, methodology, choice):
    shown, _caption, first = lists.peers_table(peers, table, region.services, methodology, choice)
    assert len(shown) == 14 * 6
    assert first == 6
    assert set(shown["čím se vzdálenost tvoří"]) == {f"velikost 100{NBSP}%"}
    assert set(shown["vzájemně"]) == {"ano", "ne"}


def test_the_value_of_a_nearest_peer_is_that_of_its_form(peers, table, region, methodology, choice):
    now = table[(table["indicator"] == choice.indicator) & (table["year"] == choice.year)]
    other = now.assign(form="field", value=now["value"] + 1e6)  # every service is asked in this form too
    both = lists.peers_table(peers, pd.concat([other, table, other]), region.services, methodology, choice)[0]
    pd.testing.assert_frame_equal(both, lists.peers_table(peers, table, region.services, methodology, choice)[0])


def test_attention_and_the_frontier_are_in_sentences(table, region, methodology, choice):
    rows = attention(table, region.services, methodology, year=2025)
    shown, _caption, _first = lists.attention_table(rows, region.services, methodology)
    assert len(shown) == rows["shown"].sum()
    assert shown.groupby("služba").size().max() <= 5
    assert shown["co říkají čísla"].str.endswith(".").all()
    frontier = frontiers(region.facts, region.services, methodology, year=2025)
    shown, caption, _first = lists.frontier_table(frontier, region.services, methodology, choice)
    assert len(shown) == 14
    assert "otázka a ne výrok" in caption


def test_empty_tables_are_no_trouble(table, peers, region, methodology):
    nothing = Choice("", "", "", 1999)
    rows = attention(table.iloc[:0], region.services, methodology, year=1999)
    frontier = frontiers(region.facts, region.services, methodology, year=1999)
    assert lists.attention_table(rows, region.services, methodology)[0].empty
    assert lists.group_table(rows, region.services, methodology)[0].empty
    assert lists.frontier_table(frontier, region.services, methodology, nothing)[0].empty
    assert lists.peers_table(peers.iloc[:0], table, region.services, methodology, nothing)[0].empty


def test_every_figure_has_its_sentence_in_both_languages(table, found, region, methodology, choice):
    said = {}
    for language in ("cs", "en"):
        speak(language)
        drawn = [draw(table, region.services, methodology, choice) for draw in
                 (figures.ordered_dots, figures.caterpillar, figures.funnel, figures.small_multiples)]
        drawn.append(figures.waterfall(found, region.services, methodology, choice, "median"))
        said[language] = [text for _figure, title, alt, _numbers, meaning in drawn for text in (title, alt, meaning)]
    assert all(said["cs"])
    assert all(said["en"])
    assert not set(said["cs"]) & set(said["en"])
