"""What cannot be compared: a reason stands where the number would, and nothing breaks."""

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import attention, attention_sentences, compare, funnel_data
from kpsslib.comparison.change import CHANGES
from kpsslib.comparison.positions import POSITIONS
from kpsslib.indicators import compute

NUMBERS = ["shrunk", "weighted", "median", "q1", "q3", "percentile", "rank_low", "rank_high", "p_adjusted"]


@pytest.fixture
def whole(methodology, make):
    """The comparison, with attention and funnels made of it, which must not break whatever comes."""
    def run(facts, services, methodology=methodology):
        table = compare(compute(facts, services, make.no_territory, methodology), services, methodology, year=2025)
        assert set(table["position"]) <= set(POSITIONS)
        assert set(table["change"]) <= set(CHANGES)
        attention_sentences(attention(table, services, methodology, year=2025), methodology)
        for (code, *_key), rows in table.groupby(["indicator", "peers", "year"], observed=True):
            funnel_data(rows, methodology.indicators[code])
        return table

    return run


def of_year(table, code="N01", year=2025, rule=("type", "group")):
    rows = table[(table["indicator"] == code) & (table["year"] == year) & table["peer_set"].isin(rule)]
    return rows.set_index("unit_id")


def test_a_set_of_one(whole, make):
    services = make.services({"DS": 1})
    table = whole(make.facts(services), services)
    assert set(table["position"]) == {"too_few"}
    assert table[NUMBERS].isna().all(axis=None)
    assert set(table.loc[table["indicator"].isin(["N01", "V01", "N07"]), "change"]) == {"too_short", "no_interval"}


def test_all_values_equal(whole, region):
    items = region.facts.groupby("item")["value"].first()
    table = whole(region.facts.assign(value=region.facts["item"].map(items)), region.services)
    money = of_year(table)
    assert set(money["position"]) == {"no_interval"}
    assert money[["low", "shrunk", "rank_low", "p_adjusted"]].isna().all(axis=None)
    assert set(money["change"]) == {"no_interval"}
    shares = of_year(table, "P06")
    assert shares["shrunk"].to_numpy() == pytest.approx(shares["value"].to_numpy())
    assert set(shares["position"]) == {"indistinct"}
    assert set(shares["change"]) == {"unclear"}


def test_a_missing_year(whole, region):
    table = whole(region.facts[region.facts["year"] != 2024], region.services)
    assert set(of_year(table)["change"]) == {"too_short"}
    assert of_year(table)["p_change"].isna().all()
    assert set(of_year(table, year=2023)["change"]) - {"too_short"}


def test_a_service_s_missing_year_is_its_own(whole, region):
    facts = region.facts[(region.facts["year"] != 2024) | (region.facts["service_id"] != "DS000")]
    change = of_year(whole(facts, region.services))["change"]
    assert change["DS000"] == "too_short"
    assert "too_short" not in set(change.drop("DS000"))


def test_zero_denominators_everywhere(whole, region):
    facts = region.facts.assign(value=region.facts["value"].mask(region.facts["item"].isin(["bed_days", "persons"]), 0))
    table = whole(facts, region.services)
    for code in ("N01", "P06"):
        rows = of_year(table, code)
        assert set(rows["position"]) == {"missing"}
        assert set(rows["change"]) == {"missing"}
        assert rows[["value", "low", "high", *NUMBERS]].isna().all(axis=None)


def test_nobody_and_everybody(whole, region):
    """No complaint anywhere, everybody qualified: no rate differs, and against nil or all nothing is tested."""
    facts = region.facts.assign(value=region.facts["value"].mask(region.facts["item"] == "complaints", 0.0))
    persons = facts[facts["item"] == "persons"].assign(item="persons_qualified")
    facts = pd.concat([facts[facts["item"] != "persons_qualified"], persons])
    table = whole(facts, region.services)
    for code, value in (("K01", 0), ("P06", 100)):
        rows = of_year(table, code)
        assert (rows["value"] == value).all()
        assert rows["p_adjusted"].isna().all()
        assert set(rows["position"]) == {"indistinct"}
        assert rows["shrunk"].to_numpy() == pytest.approx(value)
        assert set(rows["change"]) == {"unclear"}


def test_an_indicator_without_direction(whole, region):
    rows = of_year(whole(region.facts, region.services), "N07")
    assert set(rows["position"]) == {"context"}
    assert rows[["percentile", "rank_low", "rank_high"]].isna().all(axis=None)
    assert rows["shrunk"].notna().all()
    assert not set(rows["change"]) & {"improved", "worsened"}


@pytest.mark.parametrize("nothing", [None, "", np.nan])
def test_a_service_in_no_group(whole, region, nothing):
    """Three small services without a group are not compared with each other, nor with anybody else's group."""
    services = region.services.assign(group=region.services["group"].where(
        region.services["service_type"] != "DZR", nothing))
    table = whole(region.facts, services)
    rows = of_year(table).loc[["DZR000", "DZR001", "DZR002"]]
    assert set(rows["position"]) == {"too_few"}
    assert set(rows["peers"]) == {"DZR/residential/beds"}
    assert rows[NUMBERS].isna().all(axis=None)
    assert set(of_year(table).drop(rows.index)["n_reported"]) == {14}


def test_a_service_in_no_territory_shares_it_with_nobody(whole, region):
    services = region.services.assign(orp_code=None)
    assert "territory" not in set(whole(region.facts, services)["peer_set"])


@pytest.fixture
def changed(region):
    """DS000 counted clients until 2022 and beds since; the register has a row for each."""
    own = region.services["service_id"] == "DS000"
    before = region.services[own].assign(capacity_unit="clients", valid_to="2022-12-31")
    after = region.services[own].assign(valid_from="2023-01-01")
    return pd.concat([before, after, region.services[~own]], ignore_index=True)


def test_a_changed_capacity_unit(whole, region, changed):
    table = whole(region.facts, changed)
    own = table[(table["indicator"] == "N01") & (table["unit_id"] == "DS000")]
    own = own[own["peer_set"].isin(["type", "group"])].set_index("year").sort_index()
    assert own.index.tolist() == list(range(2018, 2026))
    assert (own.loc[:2022, "position"] == "too_few").all()
    assert own.loc[:2022, "peers"].str.endswith("clients").all()
    assert (own.loc[2023:, "peers"] == "DS/residential/beds").all()
    assert own.loc[2023, "change"] in ("too_short", "break")
    assert set(own.loc[2024:, "change"]) <= {"improved", "worsened", "unclear"}
    assert set(own["trend"]) == {"too_short"}  # three years in the new unit
    others = table[(table["indicator"] == "N01") & (table["peers"] == "DS/residential/beds")]
    assert others.groupby("year")["n_reported"].first().tolist() == [13] * 5 + [14] * 3
    assert others.groupby("year")["n_expected"].first().tolist() == [13] * 5 + [14] * 3


def test_a_changed_unit_within_a_rule_that_does_not_ask_for_it_is_a_break(whole, region, changed, methodology):
    rules = {code: rule.model_copy(update={"same": [one for one in rule.same if one != "capacity_unit"]})
             for code, rule in methodology.peers.items()}
    table = whole(region.facts, changed, methodology.model_copy(update={"peers": rules}))
    own = of_year(table, year=2023).loc["DS000"]
    assert (own["change"], own["method_break"]) == ("break", True)
    assert not of_year(table, year=2023).drop("DS000")["method_break"].any()
    assert of_year(table).loc["DS000", "trend"] == "too_short"


def test_a_changed_formula_is_a_break_for_all(whole, region, make, methodology):
    earlier = [dict(last_year=2021, numerator="cost_total", denominator="bed_days", why=dict(cs="a", en="a"))]
    one = make.indicator("N01", forms=["residential"], earlier=earlier)
    table = whole(region.facts, region.services, methodology.model_copy(update={"indicators": {"N01": one}}))
    assert of_year(table, year=2022)["method_break"].all()
    assert set(of_year(table, year=2022)["change"]) == {"break"}
    assert not table.loc[table["year"] != 2022, "method_break"].any()
    assert set(of_year(table)["trend"]) == {"too_short"}
    assert of_year(table)["low"].notna().all()


def test_the_same_register_row_twice_is_no_change(whole, region):
    doubled = pd.concat([region.services, region.services.iloc[:1]], ignore_index=True)
    table = whole(region.facts, doubled)
    assert not table["method_break"].any()
    assert not table.duplicated(["indicator", "unit_id", "form", "year", "peer_set"]).any()
