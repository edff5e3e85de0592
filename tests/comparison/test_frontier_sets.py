"""The frontier of each comparable set: what goes in, who is refused and why, and what is said."""

import json

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.frontier import efficiency
from kpsslib.comparison.frontier_sets import PROGRAMS, frontier_reason, frontier_sentence, frontiers
from kpsslib.comparison.lists import frontier_table
from kpsslib.comparison.reserves import frontier_reserves
from kpsslib.language import NBSP, speak
from kpsslib.tables import TABLES

DEGREES = [f"clients_degree_{n}" for n in range(5)]
WEIGHTS = np.array([0.6, 0.8, 1.0, 1.2, 1.4])  # of P03


@pytest.fixture(scope="module")
def services(make):
    return make.services({"DS": 14, "OA": 12, "CHB": 4})


@pytest.fixture(scope="module")
def facts(make, services):
    """Returns with degrees of dependency and as many costs as posts and hours explain."""
    facts = make.facts(services, seed=4)
    rng = np.random.default_rng(9)
    homes = facts[(facts["item"] == "clients") & (facts["form"] == "residential")]
    shares = [homes.assign(item=item, value=np.round(homes["value"] * rng.uniform(0.1, 0.3, len(homes))))
              for item in DEGREES]
    facts = pd.concat([facts, *shares], ignore_index=True)
    hours = facts["item"] == "care_hours"
    facts.loc[hours, "value"] *= rng.uniform(0.8, 1.2, hours.sum())
    return facts


@pytest.fixture(scope="module")
def found(facts, services, methodology):
    return frontiers(facts, services, methodology, year=2025)


def changed(facts, item, value, service="OA000"):
    table = facts.copy()
    table.loc[(table["item"] == item) & (table["service_id"] == service), "value"] = value
    return table


def test_a_row_for_each_return_of_the_year(found, services):
    assert list(found) == list(TABLES["frontier"])
    assert sorted(found["service_id"]) == sorted(services["service_id"])
    assert set(found["year"]) == {2025}


def test_scores_are_those_of_inputs_and_outputs_made_by_hand(found, facts):
    now = facts[(facts["year"] == 2025) & facts["service_id"].str.startswith("DS")]
    wide = now.pivot(index="service_id", columns="item", values="value")
    weighted = wide["bed_days"] * (wide[DEGREES].to_numpy() @ WEIGHTS) / wide[DEGREES].sum(axis=1)
    by_hand = efficiency(wide[["fte_total", "cost_operating"]], weighted.to_frame("out")).units
    homes = found[found["service_type"] == "DS"].set_index("service_id")
    assert homes["score"].to_dict() == pytest.approx(by_hand["score"].to_dict())
    assert homes["ratio"].to_dict() == pytest.approx(by_hand["ratio"].to_dict())
    assert set(homes["frontier"]) == {"homes"}
    assert set(homes["n"]) == {14}
    assert set(homes["needed"]) == {9}


def test_the_interval_holds_the_corrected_score_under_the_score(found):
    scored = found[found["low"].notna()]
    assert len(scored) >= 20
    assert (scored["low"] <= scored["corrected"]).all()
    assert (scored["corrected"] <= scored["high"]).all()
    assert (scored["high"] <= scored["score"] + 1e-9).all()


def test_a_small_set_is_refused_with_its_reason_beside_the_ratio(found, methodology, services):
    small = found[found["service_type"] == "CHB"]
    assert set(small["reason"]) == {"too_few"}
    assert small[["score", "low", "high"]].isna().all().all()
    assert small["ratio"].notna().all()
    names = dict(zip(services["service_id"], services["service_name"], strict=True))
    text = frontier_sentence(small.to_dict("records")[0], names, methodology)
    assert text == f"Službu CHB{NBSP}0 nelze změřit: na tolik vstupů a výstupů je služeb málo, potřeba je aspoň 9." \
        or "potřeba je aspoň 9" in text


def test_sentences_tell_posts_and_name_the_peer(found, methodology, services):
    speak("en")
    names = dict(zip(services["service_id"], services["service_name"], strict=True))
    worst = found[found["service_type"] == "DS"].sort_values("score").iloc[0]
    text = frontier_sentence(worst, names, methodology)
    less = json.loads(worst["less"])
    assert names[worst["peer_id"]] in text
    assert f"{less['fte_total']:,.1f} fewer full-time posts" in text
    best = found[found["efficient"]].iloc[0]
    assert "stands on the frontier" in frontier_sentence(best, names, methodology)
    assert best["peer_id"] == ""
    speak("cs")


def test_the_interval_stands_beside_the_score_it_is_of(found, services, methodology):
    choice = Choice("N01", "DS", "residential", 2025)
    shown = frontier_table(found, services, methodology, choice)[0]
    texts = shown["po opravě na malý soubor (interval 95 %)"]
    numbers = texts.str.extractall(r"(\d+)")[0].astype(int).unstack()
    assert len(numbers) == len(shown)
    assert (numbers[1] <= numbers[0]).all()
    assert (numbers[0] <= numbers[2]).all()
    assert numbers[0].tolist() == [round(100 * x) for x in found["corrected"][numbers.index]]


def test_it_is_the_same_in_any_order_and_in_any_currency(found, facts, services, methodology):
    mixed = facts.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(frontiers(mixed, services.iloc[::-1], methodology, year=2025), found)
    euro = facts.assign(value=facts["value"].where(~facts["item"].str.startswith("cost"), facts["value"] / 25))
    other = frontiers(euro, services, methodology, year=2025)
    same = ["score", "ratio", "corrected", "low", "high"]
    assert other[same].to_numpy() == pytest.approx(found[same].to_numpy(), rel=1e-6, nan_ok=True)
    assert other["peer_id"].tolist() == found["peer_id"].tolist()


def test_a_service_that_nobody_learns_from_changes_no_other(found, facts, services, methodology):
    wasteful = changed(changed(facts, "fte_total", 900.0), "cost_operating", 9e8)
    other = frontiers(wasteful, services, methodology, year=2025)
    before = found[(found["service_type"] == "OA") & ~found["service_id"].eq("OA000")]
    if not found.set_index("service_id").loc["OA000", "efficient"]:
        after = other[(other["service_type"] == "OA") & ~other["service_id"].eq("OA000")]
        assert after["score"].tolist() == pytest.approx(before["score"].tolist())


def test_reserves_at_the_frontier_are_value_times_what_is_not_needed(found, facts, services, methodology, make):
    from kpsslib.comparison import compare
    from kpsslib.comparison.decomposition import PARTS
    from kpsslib.indicators import compute
    table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
    rows = frontier_reserves(found, table, facts, services, methodology, year=2025)
    scores = found.set_index("service_id")["corrected"]  # the one that the interval is of
    assert len(rows)
    assert not set(rows["service_id"]) & set(found.loc[found["score"] > 1 - 1e-8, "service_id"])
    uncorrected = found.assign(corrected=np.nan, low=np.nan, high=np.nan)
    plain = frontier_reserves(uncorrected, table, facts, services, methodology, year=2025)
    assert (plain["target_value"] / plain["value"]).tolist() == pytest.approx(
        found.set_index("service_id")["score"][plain["service_id"]].tolist())
    assert plain[["low", "high"]].isna().all().all()
    assert set(rows["indicator"]) == {"N01"}  # N03 is divided by posts, which are an input
    assert not rows["certain"].any()
    for row in rows.itertuples():
        assert row.amount_czk == pytest.approx(row.value * (1 - scores[row.service_id]) * row.volume)
        assert row.low < row.amount_czk < row.high
        assert row.price_part == pytest.approx(0, abs=1e-6)
    assert (rows[PARTS].sum(axis=1) - rows["amount_czk"]).abs().max() < 1e-6
    assert frontier_reserves(found, table, facts, services, methodology, year=1999).empty


@pytest.mark.parametrize(("item", "value", "reason"), [
    ("fte_total", np.nan, "missing"), ("cost_operating", -5.0, "negative"), ("care_hours", 0.0, "no_outputs")])
def test_a_service_that_cannot_be_measured_says_why_and_spoils_no_other(facts, services, methodology, item, value,
                                                                        reason):
    table = frontiers(changed(facts, item, value), services, methodology, year=2025).set_index("service_id")
    assert table.loc["OA000", "reason"] == reason
    assert np.isnan(table.loc["OA000", "score"])
    others = table[(table["service_type"] == "OA") & (table.index != "OA000")]
    assert others["score"].notna().all()
    assert set(others["n"]) == {11}


def test_all_equal_a_set_of_one_another_year_and_no_agreement(facts, services, methodology, make):
    same = facts.copy()
    same["value"] = same.groupby(["form", "year", "item"])["value"].transform("first")
    table = frontiers(same, services, methodology, year=2025)
    assert set(table.loc[table["service_type"] == "OA", "reason"]) == {"all_equal"}
    one = frontiers(facts[facts["service_id"] == "DS000"], services, methodology, year=2025)
    assert one["reason"].tolist() == ["too_few"]
    assert frontiers(facts, services, methodology, year=1999).empty
    silent = frontiers(facts, services, methodology.model_copy(update={"frontier": {}}), year=2025)
    assert set(silent["reason"]) == {"not_agreed"}
    names = dict(zip(services["service_id"], services["service_name"], strict=True))
    assert "nejsou dohodnuty" in frontier_sentence(silent.to_dict("records")[0], names, methodology)


def test_a_set_too_large_for_an_interval_says_so(facts, services, methodology, monkeypatch):
    monkeypatch.setattr("kpsslib.comparison.frontier_sets.PROGRAMS", 13 * 200)
    table = frontiers(facts, services, methodology, year=2025).set_index("service_type")
    assert table.loc["DS", ["low", "high", "corrected"]].isna().all().all()
    assert set(table.loc["DS", "interval_reason"]) == {"too_many"}
    assert table.loc["DS", "score"].notna().all()
    assert table.loc["OA", "low"].notna().all()
    assert "250" in frontier_reason("too_many", 9) or PROGRAMS == 50_000
