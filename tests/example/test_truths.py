"""Every planted truth is in the files: read back from them, and checked against what the rule is about."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from stdnum.cz import dic

from kpsslib.example.truths import Truth, read_truths
from kpsslib.intake.template import IDENTITY_KEYS
from kpsslib.language import NBSP

TRUTHS = read_truths()
FAULTS = {name: truth for name, truth in TRUTHS.items() if truth.kind == "fault"}
COLUMNS = {"residential": 0, "outpatient_field": 1}


def figure(rows, item, form="outpatient_field"):
    return rows[item][COLUMNS[form]]


def sound(region, truth, item, form, year=2025):
    row = int(region.panel.rows(truth.service_id, form)[0])
    return region.panel.values[item][row, list(region.panel.years).index(year)]


def forms_of(region, truth):
    rows = region.panel.rows(truth.service_id)
    return list(region.panel.units.loc[rows, "form"])


@pytest.fixture
def the(returns):
    """The return of a named truth."""
    def find(name):
        truth = TRUTHS[name]
        return returns[truth.file or f"{truth.service_id}.xlsx"]
    return find


def test_every_rule_has_a_planted_case():
    assert {t.rule for t in TRUTHS.values() if t.package == "cleaning"} >= set(range(1, 18))


def test_faults_do_not_ruin_the_region(returns):
    spoiled = [t for t in FAULTS.values() if t.severity == "error"]
    assert len(FAULTS) < 0.2 * len(returns)
    assert len(spoiled) < 0.1 * len(returns)


@pytest.mark.parametrize("name", [n for n, t in FAULTS.items() if t.cells])
def test_raw_cells_hold_what_was_planted(the, name):
    rows = the(name)
    for key, raw in TRUTHS[name].cells.items():
        item, _, form = key.partition(".")
        expected = raw[1] if isinstance(raw, list) else raw
        found = figure(rows, item, form or "residential")
        if isinstance(found, datetime):
            found = found.date()
        assert found == expected


@pytest.mark.parametrize("name", [n for n, t in FAULTS.items() if t.factors])
def test_figures_are_multiplied_before_the_sums(the, region, methodology, name):
    truth, rows = TRUTHS[name], the(name)
    for key, factor in truth.factors.items():
        items = [key] if key in methodology.items else [
            i.code for i in methodology.items.values() if not i.sum_of and i.code in rows
            and (key == "all" or i.unit == "CZK")]
        for item in items:
            for form in forms_of(region, truth):
                if figure(rows, item, form) is not None:
                    expected = round(sound(region, truth, item, form) * factor, 2)
                    assert figure(rows, item, form) == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize("name", [n for n, t in FAULTS.items() if t.values and not t.cells])
def test_figures_are_set(the, region, name):
    for item, value in TRUTHS[name].values.items():
        assert {figure(the(name), item, form) for form in forms_of(region, TRUTHS[name])} == {value}


def test_1_identifiers(the, region):
    assert not dic.is_valid(the("ico_check_digit")["provider_id"][0])
    assert the("service_id_with_a_letter")["service_id"][0] == "65393X7"
    lost = the("ico_lost_zeros")["provider_id"][0]
    assert isinstance(lost, int)
    assert dic.is_valid(f"{lost:08d}")
    assert len(str(lost)) < 8


def test_2_types_and_forms(the, methodology, exports):
    assert the("unknown_type")["service_type"][0] not in methodology.service_types
    rows = the("form_not_allowed")
    assert not set(rows["forms"][0].split(", ")) <= set(methodology.service_types[rows["service_type"][0]].forms)
    early = exports[2024, "final"].query("service_id == '5406176'").iloc[0]
    assert int(methodology.service_types[early["service_type"]].valid_from.year) > 2024


def test_3_a_duplicate_with_other_numbers(returns):
    first, second = returns["9988497.xlsx"], returns["9988497_oprava.xlsx"]
    for key in ("service_id", "year", "round", "forms"):
        assert first[key] == second[key]
    assert first["cost_total"] != second["cost_total"]


def test_4_days_and_beds(the):
    rows = the("too_many_bed_days")
    assert figure(rows, "bed_days", "residential") > figure(rows, "capacity_beds", "residential") * 365
    assert figure(the("too_many_days"), "operating_days") > 366
    rows = the("half_empty_beds")
    assert figure(rows, "bed_days", "residential") < 0.5 * 365 * figure(rows, "capacity_beds", "residential")


def test_5_a_unit_of_the_other_form(the, methodology):
    rows = the("beds_in_the_field")
    assert figure(rows, "capacity_beds") == 12
    assert "outpatient_field" not in methodology.items["capacity_beds"].forms


def test_6_negative_and_zero(the):
    rows = the("negative_cost")
    assert figure(rows, "cost_repairs", "residential") < 0
    parts = ("material", "energy", "repairs", "travel", "services", "depreciation", "other")
    assert figure(rows, "cost_operating", "residential") == sum(figure(rows, f"cost_{p}", "residential") for p in parts)
    rows = the("posts_without_cost")
    assert figure(rows, "cost_total") == 0 < figure(rows, "fte_total")
    numbers = [v for key, row in the("all_zero").items() if key not in IDENTITY_KEYS for v in row[:2]
               if isinstance(v, (int, float))]
    assert len(numbers) > 30
    assert set(numbers) == {0}


def test_7_sums_and_other(the):
    rows = the("sum_does_not_add_up")
    assert abs(figure(rows, "cost_total") - figure(rows, "cost_staff") - figure(rows, "cost_operating")) > 10_000
    rows = the("large_other_costs")
    assert figure(rows, "cost_other") > 0.1 * figure(rows, "cost_total")
    assert rows["cost_other"][2] is None


def test_8_a_loss(the):
    rows = the("large_loss")
    assert figure(rows, "revenue_total") < 0.9 * figure(rows, "cost_total")


def test_9_thousands(the, region):
    truth, rows = TRUTHS["thousands"], the("thousands")
    ratio = sound(region, truth, "cost_total", truth.form) / figure(rows, "cost_total", truth.form)
    assert ratio == pytest.approx(1000, rel=1e-4)


def test_10_growth_and_outlier(the, region, returns):
    truth = TRUTHS["sudden_growth"]
    assert figure(the("sudden_growth"), "clients") > 1.3 * sound(region, truth, "clients", truth.form, 2024)
    rates = {name: figure(rows, "cost_total") / figure(rows, "capacity_contacts") for name, rows in returns.items()
             if rows["service_type"][0] == "TePr"}
    values = np.array(list(rates.values()))
    deviation = 1.4826 * np.median(np.abs(values - np.median(values)))
    assert (rates["0972766.xlsx"] - np.median(values)) / deviation > 3.5


def test_11_hours_and_pay_of_a_post(the, returns):
    rows = the("too_many_hours")
    assert figure(rows, "care_hours") / figure(rows, "fte_direct") > 1900
    rows = the("dear_posts")
    assert figure(rows, "cost_staff") / figure(rows, "fte_total") > 1_150_000


def test_12_opened_in_the_year(the):
    rows = the("opened_in_the_year")
    assert rows["valid_from"][0] == "2025-05-01"
    assert figure(rows, "months_operated", "residential") == 8
    assert figure(rows, "operating_days", "residential") == pytest.approx(245, abs=3)


def test_13_one_house(returns):
    truth = TRUTHS["one_house"]
    one, other = returns[f"{truth.service_id}.xlsx"], returns[f"{truth.partner}.xlsx"]
    assert {one["service_type"][0], other["service_type"][0]} == {"DS", "DZR"}
    for key in ("provider_id", "municipality_code"):
        assert one[key] == other[key]


def test_14_and_15_clients(the):
    rows = the("fewer_clients_than_beds")
    assert figure(rows, "clients", "residential") < 0.3 * figure(rows, "capacity_beds", "residential")
    rows = the("more_degrees_than_clients")
    degrees = [f"clients_degree_{n}" for n in range(5)]
    assert sum(figure(rows, d, "residential") for d in degrees) > figure(rows, "clients", "residential")
    assert {figure(the("no_degrees"), d) for d in degrees} == {None}


def test_16_dates(the):
    rows = the("closed_before_opened")
    assert rows["valid_to"][0] < rows["valid_from"][0]
    assert the("not_entrusted")["entrusted_to"][0] < "2025-01-01"


def test_17_half_filled(the, methodology):
    rows = the("half_filled")
    required = [i for i in methodology.items_of("SASRD", "outpatient_field", "actual") if i.required]
    empty = [i.code for i in required if figure(rows, i.code) is None]
    assert len(empty) > 0.5 * len(required)


def test_what_spreadsheets_and_people_do(the, folder):
    assert figure(the("error_cell"), "training_hours") == "#DIV/0!"
    assert isinstance(figure(the("post_as_date"), "fte_social_workers"), datetime)
    assert the("wrong_year")["year"][0] == 2024
    rows = the("number_as_text")
    text = figure(rows, "cost_material")
    assert float(text.replace(" Kč", "").replace(" ", "").replace(NBSP, "").replace(",", ".")) == 185_400
    assert figure(rows, "cost_operating") > 185_400 + 62_300
    assert (folder / "returns" / TRUTHS["not_a_workbook"].file).read_text("utf-8").startswith("Dobrý den")
    assert (folder / "returns" / TRUTHS["stray_file"].file).exists()


def unit_cost(returns, service_type, form):
    """N01 or N04 of the returns of a type, by service: cost without optional activities over its volume."""
    volume = "bed_days" if form == "residential" else "care_hours"
    table = {}
    for name, rows in returns.items():
        if rows["service_type"][0] == service_type and len(name) == 12 and rows.get(volume, (None,) * 3)[COLUMNS[form]]:
            cost = figure(rows, "cost_total", form) - figure(rows, "cost_optional", form)
            table[name[:7]] = (cost / figure(rows, volume, form), figure(rows, volume, form))
    return pd.DataFrame.from_dict(table, orient="index", columns=["value", "volume"])


@pytest.mark.parametrize("name", [n for n, t in TRUTHS.items() if t.kind == "reserve"])
def test_the_reserve_is_the_planted_amount(returns, name):
    truth = TRUTHS[name]
    table = unit_cost(returns, "DS" if truth.indicator == "N01" else "PeS", truth.form)
    gap = (table["value"] - table["value"].median()) * table["volume"]
    assert gap[truth.service_id] == pytest.approx(truth.amount_czk, rel=0.001)


def yearly(exports, returns, service_type, form):
    """The unit cost of a type's services by year, archive and returns together."""
    volume = "bed_days" if form == "residential" else "care_hours"
    tables = {}
    for year in range(2018, 2025):
        table = exports[year, "final"].query("service_type == @service_type and form == @form").set_index("service_id")
        tables[year] = (table["cost_total"] - table["cost_optional"]) / table[volume]
    return pd.DataFrame(tables | {2025: unit_cost(returns, service_type, form)["value"]})


@pytest.mark.parametrize(("name", "service_type"), [("good_home", "DS"), ("good_home_care", "PeS")])
def test_good_practice_is_cheaper_than_the_better_quarter_in_every_year(exports, returns, name, service_type):
    truth = TRUTHS[name]
    table = yearly(exports, returns, service_type, truth.form)
    assert (table.loc[truth.service_id] < table.quantile(0.25)).all()


def test_good_practice_is_good_in_staff_performance_and_quality_too(returns):
    rows = returns[f"{TRUTHS['good_home'].service_id}.xlsx"]
    value = {item: figure(rows, item, "residential") for item in rows if item not in IDENTITY_KEYS}
    assert value["persons_qualified"] == value["persons"]
    assert value["leavers"] < 0.06 * value["persons"]
    assert value["bed_days"] / value["capacity_beds"] / 365 > 0.98
    assert value["complaints"] == 0
    assert value["survey_satisfied"] / value["survey_respondents"] > 0.95
    assert value["fte_direct"] / value["fte_total"] > 0.72


def test_one_good_year_is_only_one(exports, returns):
    truth = TRUTHS["one_good_year"]
    table = yearly(exports, returns, "DZR", truth.form)
    better = table.loc[truth.service_id] < table.quantile(0.25)
    assert better[2025]
    assert not better[[2022, 2023, 2024]].any()


def test_improving_falls_against_the_median_every_year(exports, returns):
    table = yearly(exports, returns, "DZR", "residential")
    level = (table.loc[TRUTHS["improving"].service_id] / table.median()).to_numpy()
    assert (np.diff(level) < 0).all()
    assert level[0] == pytest.approx(1.25, abs=0.02)
    assert level[-1] == pytest.approx(0.82, abs=0.02)


def test_the_cliff_the_surplus_and_the_dominant_one(returns):
    truth = TRUTHS["esf_cliff"]
    rows = returns[f"{truth.service_id}.xlsx"]
    assert figure(rows, "revenue_esf") / figure(rows, "revenue_total") == pytest.approx(truth.share, abs=0.001)
    assert figure(rows, "esf_until") == truth.until
    truth = TRUTHS["surplus"]
    rows = returns[f"{truth.service_id}.xlsx"]
    assert figure(rows, "revenue_total") - figure(rows, "cost_total") == pytest.approx(truth.amount_czk, abs=1)
    costs = {name: figure(rows, "cost_total", "residential") for name, rows in returns.items()
             if rows["service_type"][0] == "TSt"}
    assert costs[f"{TRUTHS['dominant'].service_id}.xlsx"] / sum(costs.values()) > 0.75


def test_a_mistyped_truth_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="amont_czk"):
        Truth(package="comparison", what="x", amont_czk=1)
