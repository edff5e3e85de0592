"""What page 04 shows: sentences, tables and figures in both languages."""

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from kpsslib import drawing
from kpsslib.financing import (
    checks,
    cliffs,
    figures,
    figures_proof,
    gap,
    held_out,
    outlook,
    price_volume,
    tables,
    words,
    words_proof,
)
from kpsslib.language import speak

mpl.use("agg")


@pytest.fixture(params=["cs", "en"])
def language(request):
    speak(request.param)
    yield request.param
    speak("cs")


@pytest.fixture(scope="module")
def sums(forecasts):
    return outlook(forecasts, "region")


@pytest.fixture(scope="module")
def missing(sums):
    return gap(sums, {2026: 500e6, 2027: 520e6, 2028: 800e6})


@pytest.fixture(scope="module")
def proof(facts, services, scenarios, forecasts):
    return held_out(facts, services, scenarios, forecasts, "region")


def test_the_answer_names_need_allocation_and_gap(missing, scenarios, language):
    told = words.answers(missing, "region", scenarios)
    assert len(told) == 3
    begins = {"cs": "očekávaný vývoj, 2028: potřeba dotace je", "en": "expected development, 2028: the need"}
    assert told[0].startswith(begins[language])
    assert {"cs": "800,0\u00a0mil.\u00a0Kč; zbývá", "en": "800.0\u00a0million\u00a0CZK; "}[language] in told[0]


def test_without_an_allocation_the_answer_says_where_to_look(forecasts, scenarios):
    told = words.answers(gap(outlook(forecasts, "group"), {2028: 1e9}), "group", scenarios)
    assert "říká stránka kraje" in told[0]


def test_a_missing_amount_is_told_as_missing_with_its_interval_in_order(missing, scenarios):
    row = missing[(missing["level"] == "region") & (missing["scenario"] == "tight")].assign(year=2028)
    told = words.answers(row.tail(1).assign(gap=10e6, low=-5e6, high=25e6), "region", scenarios)
    assert "chybí 10,0\u00a0mil.\u00a0Kč (interval \u22125,0\u00a0mil.\u00a0Kč až 25,0\u00a0mil.\u00a0Kč)" in told[0]


def test_notes_count_what_a_reader_must_know(forecasts):
    told = words.notes(forecasts, cliffs(forecasts))
    assert told[0] == "Počet služeb: 23, počet peněžních řad: 139."
    assert "1 služba přijde ve výhledu o peníze z projektu ESF." in told
    assert any(note.startswith("1 panel") for note in told)


def test_tables_have_a_row_for_each_thing(forecasts, services, sums, missing, scenarios, run, language):
    assert len(tables.scenario_table(scenarios, [2026, 2028])[0]) == 7
    assert len(tables.gap_table(missing, "region", scenarios)[0]) == 9
    by_item, _caption = tables.items_table(sums, forecasts, "region", run.methodology)
    assert len(by_item) == 7 + 3
    assert by_item.columns[5].endswith("(MAPE)")
    assert by_item.iloc[0, 5].endswith("\u00a0%")
    assert by_item.iloc[0, 6].replace(".", ",").startswith("0,")
    endings, _caption = tables.cliffs_table(cliffs(forecasts), services, run.methodology)
    assert endings.iloc[0, 0] == "Domov 0000020 (0000020)"
    assert len(tables.cliffs_table(cliffs(forecasts).head(0), services, run.methodology)[0]) == 1


def test_figures_come_with_title_alternative_text_numbers_and_meaning(forecasts, sums, missing, proof, scenarios, run,
                                                              language):
    shown = [figures.fan(sums, missing, "region", scenarios), figures.funding(sums, "region", run.methodology),
             figures_proof.backtest_errors(forecasts.accuracy), figures_proof.held_out(proof, "region"),
             figures.price_volume(price_volume(forecasts), scenarios)]
    for figure, title, alt, numbers, meaning in shown:
        figure.savefig(io.BytesIO(), format="png")
        assert title
        assert alt
        assert meaning.endswith(".")
        assert len(numbers)
        assert not numbers.isna().any(axis=None)


def test_services_stand_by_their_need_which_adds_up_to_that_of_the_region(forecasts, services, sums, run):
    shown, caption = tables.services_table(forecasts, services, run.methodology)
    assert len(shown) == 23
    need = shown["potřeba dotace 2028"].map(plain)
    assert need.is_monotonic_decreasing
    row = sums[(sums["level"] == "region") & (sums["scenario"] == "expected") & (sums["year"] == 2028)]
    for total, texts in (("need", need), ("cost_total", shown["náklady 2028"].map(plain))):
        assert texts.sum() == pytest.approx(row.loc[row["item"] == total, "mid"].item(), abs=23)
    assert shown["chyba nákladů (MAPE)"].str.endswith("%").all()
    assert "od největší potřeby" in caption


def plain(text):
    return float(text.removesuffix("Kč").replace("\u00a0", "").replace("\u2212", "-"))


def test_a_long_table_shows_its_first_rows_and_folds_the_whole(monkeypatch):
    shown = []
    monkeypatch.setattr(drawing, "display", lambda html: shown.append(html.data))
    numbers = pd.DataFrame({"služba": [f"Domov {n}" for n in range(30)]})
    drawing.table(numbers, "Služby", first=20)
    drawing.table(numbers, "Služby", first=30)
    top, folded = shown[0].split("<details>")
    assert "<caption>Služby: prvních 20 z 30</caption>" in top
    assert (top.count("<td>"), folded.count("<td>"), shown[1].count("<td>")) == (20, 30, 30)
    assert "details" not in shown[1]


def test_how_to_read_tells_the_level_and_that_scenarios_are_not_verified(forecasts, scenarios):
    told = words.how_to_read(forecasts, scenarios)
    assert any("80\u00a0%" in line for line in told)
    assert any("nejdřív na chybu v procentech" in line for line in told)
    assert sum(line.endswith("(neověřeno)") for line in told) == 3
    assert not any("neučí" in line for line in told)


def test_years_not_learned_from_are_told_with_their_reason(forecasts, scenarios):
    reference = scenarios.reference.model_copy(update={"without_years": {"2021": "epidemie"}})
    told = words.how_to_read(forecasts, scenarios._replace(reference=reference))
    assert "Z těchto let se předpověď neučí a nepočítá je ani do chyb: 2021 (epidemie)." in told


def test_the_proof_is_told_with_what_it_does_not_mean(forecasts, facts, proof, scenarios):
    told = words_proof.held_out(proof, "region", forecasts)
    assert told[0].startswith("Předpovědi z let 2022 až 2024, které znaly jen tehdejší údaje: ze součtů druhů (36)")
    assert told[0].endswith("může vyjít hůř.")
    assert words_proof.held_out(proof.head(0), "region", forecasts) == [
        "Minulých let je málo na to, aby se na nich předpovědi vyzkoušely."]
    told = words_proof.sums_checked(checks(forecasts, "region"), forecasts)
    assert "(podle struktury)" in told[0]
    assert "(je jich 23)" in told[0]
    assert "nelze prověřit" in words_proof.sums_checked(checks(forecasts, "region").head(0), forecasts)[0]
    told = words_proof.price_volume(price_volume(forecasts), facts, forecasts, scenarios)
    assert len(told) == 1  # posts are not among these facts
    assert "z toho ceny a platy" in told[0]
    posts = facts[facts["item"] == "cost_staff"].assign(item="fte_total", value=20.0)
    told = words_proof.price_volume(price_volume(forecasts), pd.concat([facts, posts]), forecasts, scenarios)
    assert told[1].startswith("Úvazky a platy: v roce 2025 celkem 460,0 úvazku")
    assert "očekávaný vývoj předpokládá 4,5\u00a0%" in told[1]


def test_parts_of_the_change_stand_by_item_and_add_up(forecasts, run):
    shown, caption = tables.price_volume_table(price_volume(forecasts), run.methodology)
    assert len(shown) == 4
    parts = shown.iloc[:, 1:7].map(plain)
    np.testing.assert_allclose(parts.iloc[:, :5].sum(axis=1), parts.iloc[:, 5], atol=3)
    np.testing.assert_allclose(parts.iloc[:3].sum(), parts.iloc[3], atol=3)
    assert "kolik jsou ceny" in caption
