"""The attention list: what is on it, in what order, and what it says."""

import re

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import attention, attention_label, attention_sentences, compare, group_sentences
from kpsslib.comparison.attention import KINDS, MOST, MOST_OF_AREA
from kpsslib.comparison.attention_words import gap_text
from kpsslib.language import NBSP, speak
from kpsslib.workspace import TABLES

UNIT = ["service_id", "form"]


@pytest.fixture(autouse=True)
def czech():
    speak("cs")
    yield
    speak("cs")


def row(indicator="N01", **changes):
    """A row of the comparison that differs certainly, beside nine nearest services."""
    fields = dict(
        indicator=indicator, unit_id="DS000", form="residential", year=2025, round="actual", peer_set="nearest",
        peers="nearest/DS000/residential", numerator=1.0, denominator=1.0, value=2092.0, low=2000.0, high=2188.2,
        by_log=True, shrunk=2080.0, n_reported=9, n_expected=9, weighted=np.nan, median=2000.0, q1=1950.0, q3=2050.0,
        percentile=10.0, rank_low=np.nan, rank_high=np.nan, position="worse", p_adjusted=0.01, trend="stable",
        change="unclear", p_change=0.5, method_break=False, flag="ok")
    return fields | changes


def listed(rows, region, methodology):
    table = pd.DataFrame(rows)[list(TABLES["comparison"])]
    return attention(table, region.services, methodology, year=2025)


def years(*adjusted, **changes):
    """The same row in the last years, with these p-values; the newest last."""
    return [row(year=2026 - len(adjusted) + i, p_adjusted=p, position="worse" if p <= 0.05 else "indistinct", **changes)
            for i, p in enumerate(adjusted)]


def test_the_sentence_of_the_issue(region, methodology):
    """92 crowns more than the median of the nine nearest; in two of three years it cannot be told from chance."""
    table = listed(years(0.3, 0.2, 0.01), region, methodology)
    said = attention_sentences(table, methodology).iloc[0]
    assert said == (f"Zkouška: 2{NBSP}092{NBSP}Kč za lůžkoden, o 92{NBSP}Kč víc než medián 9 nejbližších služeb. "
                    "Od náhody to lze odlišit v jednom ze tří posledních let; ve dvou to nelze. "
                    "V delším vývoji není zřetelný posun.")
    assert table.loc[0, ["years_certain", "years_known", "gap"]].tolist() == [1, 3, 92]


@pytest.mark.parametrize(("changes", "kind"), [
    (dict(trend="worsening"), "worse_and_worsening"), (dict(change="worsened", p_change=1e-6), "worse_and_worsening"),
    (dict(trend="improving"), "differs"), (dict(change="worsened", p_change=0.2), "differs"),
    (dict(position="better", value=1900.0, low=1800.0, high=1950.0, trend="improving"), "better_and_improving"),
    (dict(p_adjusted=0.2, position="indistinct", change="worsened", p_change=1e-6), "changed"),
    (dict(p_adjusted=0.2), None), (dict(value=2040.0, low=2010.0, high=2071.0), None),
    (dict(position="context", direction="none"), None), (dict(flag="out_of_range", position="flagged"), None),
    (dict(median=np.nan, q1=np.nan, q3=np.nan, p_adjusted=np.nan, position="too_few"), None)])
def test_what_gets_on_the_list(region, methodology, changes, kind):
    changes.pop("direction", None)
    rows = [row(year=2024, value=2050.0), row(**changes)]
    found = listed(rows, region, methodology)
    assert found["kind"].tolist() == ([kind] if kind else [])


def test_a_context_indicator_is_never_on_it(region, methodology):
    assert listed([row("N07", position="context")], region, methodology).empty


def test_changes_are_adjusted_over_the_service_s_indicators(region, methodology):
    """One change at 2 % of a single indicator counts; among seven it does not."""
    quiet = dict(p_adjusted=0.9, position="indistinct")
    alone = [row(year=2024, **quiet), row(change="rose", p_change=0.02, **quiet)]
    assert listed(alone, region, methodology)["kind"].tolist() == ["changed"]
    more = [row(code, p_change=0.6, **quiet) for code in ("N03", "P06", "K01", "V01", "P03")]
    assert listed(alone + more, region, methodology).empty


def test_without_nearest_peers_the_comparable_set_serves(region, methodology):
    base = row(peer_set="type", peers="DS/residential/beds", n_reported=14, median=1990.0)
    near = row(median=np.nan, q1=np.nan, q3=np.nan, p_adjusted=np.nan, position="too_few", n_reported=3)
    found = listed([near, base], region, methodology)
    assert found["peer_set"].tolist() == ["type"]
    assert "14 služeb téhož druhu a formy" in attention_sentences(found, methodology).iloc[0]
    both = listed([row(), base], region, methodology)
    assert both["peer_set"].tolist() == ["nearest"]


def test_years_before_a_break_are_not_counted(region, methodology):
    rows = years(0.01, 0.01, 0.01)
    rows[1]["method_break"] = True
    found = listed(rows, region, methodology)
    assert found.loc[0, ["years_certain", "years_known"]].tolist() == [2, 2]
    rows[2]["method_break"] = True
    found = listed(rows, region, methodology)
    assert found.loc[0, ["years_certain", "years_known"]].tolist() == [1, 1]
    assert np.isnan(found.loc[0, "previous"])
    assert "dřívější roky nejsou známy" in attention_sentences(found, methodology).iloc[0]


def test_the_other_side_in_an_earlier_year_is_not_the_same(region, methodology):
    rows = years(0.01, 0.01, 0.01)
    rows[0] |= dict(value=1900.0, position="better")
    assert listed(rows, region, methodology).loc[0, ["years_certain", "years_known"]].tolist() == [2, 3]


def test_weight_by_hand(region, methodology):
    """|ln 2092 - ln 2000| over the noise of the interval and the middle half of the peers."""
    found = listed([row()], region, methodology)
    noise = np.log(2188.2 / 2000) / 2 / 1.959964
    spread = np.log(2050 / 1950) / 1.349
    assert found["weight"].iloc[0] == pytest.approx(np.log(2092 / 2000) / np.hypot(noise, spread), rel=1e-6)


@pytest.fixture(scope="module")
def compared(region, methodology):
    return compare(region.indicators, region.services, methodology, year=2025)


def test_the_list_of_the_region_is_short_and_in_order(compared, region, methodology):
    table = attention(compared, region.services, methodology, year=2025)
    shown = table[table["shown"]]
    assert set(table["kind"]) <= set(KINDS)
    assert shown.groupby(UNIT).size().max() <= MOST
    areas = shown["indicator"].map({code: one.area for code, one in methodology.indicators.items()})
    assert shown.groupby([*UNIT, areas]).size().max() <= MOST_OF_AREA
    later = ~table["kind"].isin(KINDS[:2])
    for _, part in table.assign(later=later).groupby(UNIT):
        assert part["later"].is_monotonic_increasing
        for _, same in part.groupby("later"):
            assert same["weight"].is_monotonic_decreasing
    assert (table["p_adjusted"][table["kind"] != "changed"] <= 0.05).all()
    assert not table.duplicated([*UNIT, "indicator"]).any()


def test_of_equal_services_hardly_any_gets_on_the_list(methodology, make):
    """Services that differ by noise only: at most one in twenty rows is on the list."""
    from kpsslib.indicators import compute

    services = make.services({"DS": 30})
    facts = make.facts(services, seed=3)
    usual = facts.groupby(["item", "year"])["value"].transform("median")
    noise = np.exp(np.random.default_rng(5).normal(0, 0.02, len(facts)))
    counts = facts["item"].isin(["persons", "persons_qualified", "complaints", "clients"])
    drawn = np.random.default_rng(6).binomial(60, 0.8, len(facts))
    value = (usual * noise).where(~counts, usual.round())
    value = value.mask(facts["item"] == "persons", 60.0).mask(facts["item"] == "persons_qualified", drawn)
    value = value.mask(facts["item"] == "complaints", np.random.default_rng(7).poisson(4, len(facts)))
    value = value.mask(facts["item"].isin(["operating_days", "capacity_beds"]), usual)
    table = compare(compute(facts.assign(value=value), services, make.no_territory, methodology), services,
                    methodology, year=2025)
    found = attention(table, services, methodology, year=2025)
    rows = table[(table["year"] == 2025) & table["position"].isin(["better", "worse", "indistinct"])]
    assert len(found) <= 0.05 * rows["indicator"].nunique() * 30


@pytest.mark.parametrize("language", ["cs", "en"])
def test_sentences_are_neutral_and_whole(compared, region, methodology, language):
    speak(language)
    table = attention(compared, region.services, methodology, year=2025)
    said = attention_sentences(table, methodology)
    assert said.index.equals(table.index)
    for sentence in said:
        assert sentence.endswith(".")
        assert not re.search(r"nejhorší|nejlepší|worst|best|\bnan\b|–|\d \d|\{|  ", sentence)
        assert re.match(r"[^:]+: [−\d]", sentence)
    groups = group_sentences(table, region.services, methodology)
    assert set(groups) <= {"PS1", "PS3"}
    together = " ".join(sentence for sentences in groups.values() for sentence in sentences)
    assert not any(name in together for name in region.services["service_id"])


def test_groups_are_counted(region, methodology):
    rows = [row(unit_id=f"DS00{i}", peers=f"nearest/DS00{i}/residential") for i in range(4)]
    rows[0] |= dict(value=1900.0, low=1850.0, high=1951.0, position="better", trend="improving")
    rows[1] |= dict(trend="worsening")
    rows.append(row("N03", unit_id="OA000", form="outpatient_field"))
    table = listed(rows, region, methodology)
    assert group_sentences(table, region.services, methodology) == {"PS1": [
        "Zkouška: od srovnatelných služeb se liší 4 služby (výš 3, níž 1). Z toho zhoršení: 1, zlepšení: 1."]}


@pytest.mark.parametrize(("n", "words"), [(2, "se liší 2 služby"), (4, "se liší 4 služby"), (5, "se liší 5 služeb")])
def test_plurals_are_czech(region, methodology, n, words):
    rows = [row(unit_id=f"DS00{i}", peers=f"nearest/DS00{i}/residential") for i in range(n)]
    assert words in group_sentences(listed(rows, region, methodology), region.services, methodology)["PS1"][0]


def test_gaps_in_the_unit(make):
    money, percent = make.indicator("X"), make.indicator(
        "X", kind="ratio", unit="percent", unit_label=dict(cs="% úvazků", en="% of posts"), digits=1)
    plain = make.indicator("X", kind="ratio", unit="FTE / bed", unit_label=dict(cs="úvazků na lůžko", en="FTE per bed"),
                           digits=2)
    assert gap_text(-1234.4, money) == f"1{NBSP}234{NBSP}Kč"
    assert gap_text(4.46, percent) == "4,5 procentního bodu"
    assert gap_text(0.004, plain) == "0,004"
    assert gap_text(0.0, plain) == "0,00"


def test_kinds_have_words():
    assert len({attention_label(kind) for kind in KINDS}) == len(KINDS)


def test_another_currency_changes_no_list(compared, region, methodology):
    money = compared["indicator"].isin(["N01", "N03"])
    columns = ["value", "low", "high", "median", "q1", "q3"]
    other = compared.assign(**{c: compared[c].where(~money, compared[c] / 25) for c in columns})
    one, two = (attention(table, region.services, methodology, year=2025) for table in (compared, other))
    pd.testing.assert_frame_equal(one[["service_id", "indicator", "kind", "weight", "shown"]],
                                  two[["service_id", "indicator", "kind", "weight", "shown"]])


def test_nothing_in_nothing_out(compared, region, methodology):
    empty = attention(compared.iloc[:0], region.services, methodology, year=2025)
    assert empty.empty
    assert attention_sentences(empty, methodology).empty
    assert group_sentences(empty, region.services, methodology) == {}
    assert attention(compared, region.services, methodology, year=1990).empty
