"""What differs between two runs, worked out by hand."""

import pandas as pd
import pytest

from kpsslib.differences.comparing import compare_runs
from kpsslib.differences.notes import lead, numbers
from kpsslib.differences.sides import open_sides
from kpsslib.differences.summaries import by_indicator, by_service, of_year
from kpsslib.workspace import RunError
from tests.differences.conftest import HOMES, a_run, indicators, table


def compared(runs, before, after, **of_after):
    runs.write("first", before)
    runs.write("second", after, **of_after)
    return compare_runs(*open_sides("first", "second", None))


def of_kind(differences, kind):
    rows = differences.table[differences.table["kind"] == kind]
    return rows.set_index("service_id") if rows["service_id"].is_unique else rows


@pytest.fixture
def corrected():
    """Home 0000001 sends another return: its cost rises from 1000 to 1350, and it turns from better to worse."""
    run = a_run()
    values = run["indicators"]
    run["indicators"] = values.assign(value=values["value"].mask(
        (values["unit_id"] == HOMES[0]) & (values["indicator"] == "N01"), 1350.0))
    beside = run["comparison"]
    own = beside["unit_id"] == HOMES[0]
    run["comparison"] = beside.assign(
        value=beside["value"].mask(own, 1350.0), position=beside["position"].mask(own, "worse"), median=1400.0,
        rank_low=beside["rank_low"].mask(own, 4).mask(beside["unit_id"] == HOMES[1], 1),
        rank_high=beside["rank_high"].mask(own, 7).mask(beside["unit_id"] == HOMES[1], 2))
    run["originals"] = run["originals"].assign(sha256=run["originals"]["sha256"].replace("a0", "b0"))
    run["facts"] = run["facts"].assign(value=run["facts"]["value"].mask(run["facts"]["service_id"] == HOMES[0], 13500))
    return run


def test_the_same_tables_say_that_nothing_changed(runs):
    differences = compared(runs, a_run(), a_run())
    assert differences.table.empty
    assert differences.unchanged == ["PS1"]


def test_a_value_is_measured_by_the_spread_of_its_set(runs, corrected):
    row = of_kind(compared(runs, a_run(), corrected), "value").loc[HOMES[0]]
    assert (row["value_before"], row["value_after"], row["indicator"]) == (1000, 1350, "N01")
    assert row["size"] == pytest.approx(350 / (350 / 1.349))
    assert row["cause"] == "return"


def test_what_turned_stands_first_with_how_far_it_moved_beside_the_median(runs, corrected):
    row = compared(runs, a_run(), corrected).table.iloc[0]
    assert (row["kind"], row["before"], row["after"], row["cause"]) == ("position", "better", "worse", "return")
    assert row["size"] == pytest.approx((350 - 50) / (350 / 1.349))


def test_places_are_measured_by_those_of_the_set_and_moved_since_the_peers_did(runs, corrected):
    places = of_kind(compared(runs, a_run(), corrected), "places")
    own, peer = places.loc[HOMES[0]], places.loc[HOMES[1]]
    assert (own["before"], own["after"], own["cause"]) == ("1–2", "4–7", "return")
    assert own["size"] == pytest.approx((5.5 - 1.5) / (8 / 2 / 1.349))
    assert (peer["before"], peer["after"], peer["cause"]) == ("1–3", "1–2", "peers")


def test_the_figures_of_a_corrected_return_are_told_and_no_others(runs, corrected):
    corrected["facts"] = corrected["facts"].assign(  # another service's figure, without another return
        value=corrected["facts"]["value"].mask(corrected["facts"]["service_id"] == HOMES[5], 1))
    item = of_kind(compared(runs, a_run(), corrected), "item")
    assert item.index.tolist() == [HOMES[0]]
    assert item.loc[HOMES[0], ["indicator", "value_before", "value_after"]].tolist() == ["cost_energy", 10000, 13500]


def test_a_median_of_a_set_is_told_once(runs, corrected):
    median = compared(runs, a_run(), corrected).table.query("kind == 'median'")
    assert len(median) == 1
    assert median.iloc[0][["beside", "value_before", "value_after"]].tolist() == ["DS/residential/beds", 1350, 1400]


def test_services_and_indicators_are_summed_up(runs, corrected):
    differences = compared(runs, a_run(), corrected)
    services = by_service(differences).set_index("service_id")
    assert services.index.tolist() == HOMES[:2]
    assert services.loc[HOMES[0], ["turned", "values", "places", "own", "cause"]].tolist() == [1, 1, 1, True, "return"]
    assert services.loc[HOMES[1], ["turned", "values", "places", "own", "cause"]].tolist() == [0, 0, 1, False, "peers"]
    assert by_indicator(of_year(differences))["indicator"].tolist() == ["N01"]


def test_a_service_of_one_run_is_told_once_and_not_by_its_indicators(runs):
    without = {name: rows[rows.get("unit_id", rows.get("service_id")) != HOMES[3]] for name, rows in a_run().items()}
    differences = compared(runs, a_run(), without)
    assert differences.table.query("service_id == @HOMES[3]", local_dict={"HOMES": HOMES})["kind"].tolist() == [
        "service", "return"]
    assert of_kind(differences, "service").loc[HOMES[3], ["state", "before", "after", "cause"]].tolist() == [
        "disappeared", "2025", "", "return"]


def test_an_indicator_of_one_run_is_told_once(runs):
    run = a_run()
    run["indicators"] = run["indicators"].query("indicator == 'N01'")
    rows = compared(runs, a_run(), run).table
    assert rows[["kind", "state", "indicator"]].to_numpy().tolist() == [["indicator", "disappeared", "V01"]]


def test_a_flag_comes_before_values(runs):
    run = a_run()
    values = run["indicators"]
    own = (values["unit_id"] == HOMES[2]) & (values["indicator"] == "V01")
    run["indicators"] = values.assign(flag=values["flag"].mask(own, "missing"), value=values["value"].mask(own).mask(
        values["unit_id"] == HOMES[6], 95.0))
    kinds = compared(runs, a_run(), run).table["kind"].tolist()
    assert kinds == ["flag", "value", "value"]


def test_values_of_different_rounds_are_matched_and_the_round_is_the_cause(runs):
    run = a_run()
    run["indicators"] = indicators(round="final").assign(
        value=lambda rows: rows["value"].mask(rows["unit_id"] == HOMES[4], 1.0))
    rows = of_kind(compared(runs, a_run(), run, round="final"), "value")
    assert rows["service_id"].tolist() == [HOMES[4]] * 2
    assert set(rows["round_before"]) == {"actual"}
    assert set(rows["round_after"]) == {"final"}
    assert set(rows["cause"]) == {"round"}


def test_earlier_years_changed_by_an_archive_say_so(runs):
    def with_archive(sha, value):
        run = a_run()
        earlier = indicators(2024, "final").assign(value=lambda rows: rows["value"].mask(
            rows["unit_id"] == HOMES[0], value))
        archive = table("originals", file=["data/2024_final.csv"], sha256=[sha], state="accepted", year=2024,
                        round="final")
        return {**run, "indicators": pd.concat([run["indicators"], earlier]),
                "originals": pd.concat([run["originals"], archive])}

    differences = compared(runs, with_archive("x", 1.0), with_archive("y", 2.0))
    assert differences.table[["year", "cause"]].drop_duplicates().to_numpy().tolist() == [[2024, "archive"]]
    assert of_year(differences).empty


def test_a_table_that_one_run_lacks_is_told_and_the_rest_is_compared(runs, corrected):
    del corrected["comparison"]
    differences = compared(runs, a_run(), corrected)
    assert differences.absent == {"comparison": ["PS1"]}
    assert of_kind(differences, "value").loc[HOMES[0], "value_after"] == 1350


def test_runs_without_a_common_group_are_refused(runs):
    runs.write("first", a_run(), group="PS1")
    runs.write("second", a_run(), group="PS2")
    with pytest.raises(RunError, match="žádnou společnou pracovní skupinu"):
        compare_runs(*open_sides("first", "second", None))


def test_a_column_that_an_older_run_did_not_have_is_no_difference(runs):
    folder = runs.write("first", a_run())
    path = folder / "tables" / "PS1" / "comparison.parquet"
    pd.read_parquet(path).drop(columns=["by_log", "p_adjusted"]).to_parquet(path)
    runs.write("second", a_run())
    assert compare_runs(*open_sides("first", "second", None)).table.empty


def test_who_leaves_good_practice_since_own_values_changed_or_only_since_those_of_the_peers_did(runs, corrected):
    def with_candidates(run, candidates):
        return {**run, "good_practice": table("good_practice", service_id=candidates, form="residential", year=2025,
                                              dimensions="cost", candidate=True)}

    del corrected["originals"]
    practice = of_kind(compared(runs, with_candidates(a_run(), HOMES[:2]), with_candidates(corrected, HOMES[4:5])),
                       "practice")
    assert practice["cause"].to_dict() == {HOMES[0]: "own", HOMES[1]: "peers", HOMES[4]: "peers"}


def test_a_service_of_which_only_a_question_was_confirmed_has_not_moved(runs, corrected):
    def asked(run, services):
        return {**run, "problems": table("problems", file="a.xlsx", rule="10", severity="question", form="residential",
                                         service_id=services, item="cost_energy", year=2025, round="actual")}

    differences = compared(runs, asked(a_run(), HOMES[4:6]), asked(corrected, HOMES[5:6]))
    assert of_kind(differences, "problem").index.tolist() == [HOMES[4]]
    assert by_service(differences)["service_id"].tolist() == HOMES[:2]
    assert lead(differences).endswith("1 další se pohnula jen kvůli srovnávaným službám.")


def test_of_so_many_services_are_those_in_force_in_the_year_and_those_that_changed(runs, corrected):
    ended = dict.fromkeys(HOMES[6:], "2024-12-31") | {HOMES[0]: "2023-12-31"}
    for run in (before := a_run()), corrected:
        services = run["services"]
        run["services"] = services.assign(valid_from="2020-01-01", valid_to=services["service_id"].map(ended))
    assert lead(compared(runs, before, corrected)).startswith("V roce 2025 má 1 služba z 6 jiné vlastní hodnoty")


def test_a_flag_of_another_reason_makes_no_value_count_newly(runs):
    def flagged(*flags):
        values = a_run()["indicators"]
        told = dict(zip(HOMES, flags, strict=False))
        return {**a_run(), "indicators": values.assign(flag=values["unit_id"].map(told).fillna("ok").where(
            values["indicator"] == "V01", "ok"))}

    differences = compared(runs, flagged("missing", "ok", "missing"), flagged("zero_denominator", "missing", "ok"))
    assert len(of_kind(differences, "flag")) == 3
    assert ("2", "hodnoty nově platí, nebo už ne") in numbers(of_year(differences))
