"""Indicators of territories: sums of services beside who lives there, and when there is no sum."""

import pandas as pd
import pytest

from kpsslib.indicators import compute
from kpsslib.methodology import load
from kpsslib.workspace import project_root

FULL = load(project_root() / "parameters" / "methodology")
ORPS = ("01", "02", "03")
YEARS = (2024, 2025)
TERRITORY = pd.DataFrame([(code, f"ORP {code}", "CZ", year, item, value, "x") for code in ORPS for year in YEARS
                          for item, value in (("population_65", 2000.0), ("municipalities", 10.0),
                                              ("municipalities_unserved", 3.0))],
                         columns=["orp_code", "orp_name", "region_code", "year", "item", "value", "source"])
SERVICES = pd.DataFrame([("a", "DS", "residential", "01"), ("b", "DZR", "residential", "01"),
                         ("c", "DS", "residential", "02"), ("d", "AD", "residential", "02")],
                        columns=["service_id", "service_type", "form", "orp_code"]).assign(
                            valid_from="2007-01-01", valid_to="")


def beds(**by_service):
    return pd.DataFrame([(service, "residential", year, "actual", "capacity_beds", value, "reported")
                         for service, value in by_service.items() for year in YEARS],
                        columns=["service_id", "form", "year", "round", "item", "value", "status"])


@pytest.fixture
def methodology(make_indicator):
    one = make_indicator(code="D03", level="area", kind="ratio", direction="none", numerator="capacity_beds",
                         denominator="population_65", scale=1000.0, service_types=["DS", "DZR"], forms=["residential"])
    return FULL.model_copy(update={"indicators": {"D03": one}})


def found(facts, methodology, services=SERVICES, year=2025):
    table = compute(facts, services, TERRITORY, methodology)
    return table[table["year"] == year].set_index("unit_id")


def test_beds_of_the_types_are_added_and_a_territory_without_them_has_none(methodology):
    rows = found(beds(a=30.0, b=20.0, c=40.0, d=99.0), methodology)
    assert rows["value"].to_dict() == {"01": 25.0, "02": 20.0, "03": 0.0}
    assert set(rows["flag"]) == {"ok"}


def test_a_service_that_did_not_report_leaves_no_sum(methodology):
    rows = found(beds(a=30.0, c=40.0), methodology)
    assert rows["flag"].to_dict() == {"01": "missing", "02": "ok", "03": "ok"}


def test_a_service_that_left_the_item_empty_leaves_no_sum(methodology):
    rows = found(beds(a=30.0, b=float("nan"), c=40.0), methodology)
    assert rows["flag"].to_dict() == {"01": "missing", "02": "ok", "03": "ok"}


def test_a_service_counts_in_the_years_of_its_validity(methodology):
    services = SERVICES.assign(valid_to=["", "2024-06-30", "", ""])
    facts = beds(a=30.0, b=20.0, c=40.0)
    facts = facts[~((facts["service_id"] == "b") & (facts["year"] == 2025))]
    assert found(facts, methodology, services).loc["01", "value"] == 15.0
    assert found(facts, methodology, services, 2024).loc["01", "value"] == 25.0


def test_an_indicator_of_the_territory_alone_needs_some_service_of_its_types(make_indicator):
    one = make_indicator(code="D04", level="area", kind="proportion", numerator="municipalities_unserved",
                         denominator="municipalities", scale=100.0, service_types=["DS"], forms=["residential"])
    methodology = FULL.model_copy(update={"indicators": {"D04": one}})
    assert found(beds(a=1.0), methodology)["value"].to_dict() == {"01": 30.0, "02": 30.0, "03": 30.0}
    assert compute(beds(d=1.0), SERVICES, TERRITORY, methodology).empty


def test_without_a_territory_there_are_no_rows(methodology):
    assert compute(beds(a=1.0), SERVICES, TERRITORY.iloc[:0], methodology).empty
