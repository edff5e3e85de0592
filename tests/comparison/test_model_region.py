"""What is planted in the model region for comparison is found again, on its figures before they become workbooks."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kpsslib.comparison import compare, good_practice, reserves
from kpsslib.comparison.decomposition import PARTS, waterfall
from kpsslib.comparison.frontier_sets import frontier_sentence, frontiers
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.comparison.reserves import frontier_reserves
from kpsslib.example import SEED
from kpsslib.example.making import make_region
from kpsslib.example.region import territory
from kpsslib.example.truths import read_truths
from kpsslib.indicators import compute
from kpsslib.methodology import load
from kpsslib.workspace import project_root

TRUTHS = {name: truth for name, truth in read_truths().items() if truth.package == "comparison"}


@pytest.fixture(scope="module")
def found():
    """The tables of the groups in which something is planted."""
    methodology = load(project_root() / "parameters" / "methodology")
    made = make_region(methodology, 1, SEED)
    services = made.panel.units.assign(
        group=made.panel.units["service_type"].map(methodology.group_of),
        capacity_unit=[methodology.service_types[kind].capacity_units[form] for kind, form
                       in made.panel.units[["service_type", "form"]].itertuples(index=False)])
    services = services[services["group"].isin(["PS1", "PS3"])]
    facts = facts_of(made, set(services["service_id"]))
    places = territory(made.panel.years, SEED)
    table = compute(facts, services, places, methodology)
    peers = nearest_peers(SimpleNamespace(methodology=methodology, peers_file=None), facts, services, places, year=2025)
    compared = compare(table, services, methodology, year=2025, peers=peers)
    frontier = frontiers(facts, services, methodology, year=2025)
    return SimpleNamespace(
        frontier=frontier,
        at_frontier=frontier_reserves(frontier, compared, facts, services, methodology, year=2025),
        methodology=methodology, services=services, indicators=table, comparison=compared,
        good=good_practice(compared, services, methodology, year=2025).set_index(["service_id", "form"]),
        reserves=reserves(compared, facts, services, methodology, year=2025, peers=peers))


def facts_of(made, wanted) -> pd.DataFrame:
    """The figures that came, as facts of the actual round."""
    units = made.panel.units[["service_id", "form"]]
    parts = []
    for item, values in made.panel.values.items():
        row, year = np.nonzero(made.came & ~np.isnan(values))
        parts.append(units.iloc[row].assign(item=item, year=made.panel.years[year], value=values[row, year]))
    facts = pd.concat(parts, ignore_index=True).assign(round="actual", status="reported")
    return facts[facts["service_id"].isin(wanted)]


def planted(kind):
    names = [name for name, truth in TRUTHS.items() if truth.kind == kind]
    assert names
    return pytest.mark.parametrize("truth", [TRUTHS[name] for name in names], ids=names)


@planted("reserve")
def test_a_planted_reserve_is_found_and_certain(found, truth):
    rows = found.reserves[(found.reserves["service_id"] == truth.service_id) & (found.reserves["target"] == "median")]
    row = rows[rows["indicator"] == truth.indicator].iloc[0]
    assert row["amount_czk"] == pytest.approx(truth.amount_czk, rel=truth.tolerance)
    assert row["low"] > 0
    assert row["certain"]
    assert row["staffing_part"] == rows.set_index("indicator").loc[
        truth.indicator, PARTS].max()
    if truth.indicator == "N04":  # too few hours for its posts
        assert row["hours_part"] == pytest.approx(row["staffing_part"], rel=0.05)


@planted("reserve")
def test_a_planted_reserve_is_found_beside_the_nearest_peers_and_the_frontier_too(found, truth):
    for table, target in ((found.reserves, "nearest"), (found.at_frontier, "frontier")):
        rows = table[(table["service_id"] == truth.service_id) & (table["indicator"] == truth.indicator)]
        assert (rows.set_index("target").loc[target, "amount_czk"]) > 0.3 * truth.amount_czk
    assert not found.at_frontier["certain"].any()


@planted("good_practice")
def test_a_planted_holder_of_good_practice_has_no_certain_reserve(found, truth):
    rows = found.reserves[(found.reserves["service_id"] == truth.service_id) & found.reserves["certain"]]
    assert rows.empty


def test_every_frontier_stands_beside_the_plain_ratio_or_says_why_not(found):
    table = found.frontier
    assert set(table.loc[table["score"].isna(), "reason"]) <= {"too_few", "missing"}
    assert table.loc[table["n"] < table["needed"], "score"].isna().all()
    scored = table[table["score"].notna()]
    assert scored["ratio"].between(0, 1).all()
    assert {"DS", "DZR", "OA", "PeS"} <= set(scored["service_type"])
    assert (scored["low"] <= scored["corrected"]).all()
    assert (scored["corrected"] <= scored["score"] + 1e-9).all()
    names = dict(zip(found.services["service_id"], found.services["service_name"], strict=True))
    texts = [frontier_sentence(row, names, found.methodology) for row in table.to_dict("records")]
    assert any("úvazku méně" in text for text in texts)
    assert all(text.endswith(".") for text in texts)


@planted("good_practice")
def test_a_planted_holder_of_good_practice_is_a_candidate(found, truth):
    row = found.good.loc[(truth.service_id, truth.form)]
    assert row["candidate"]
    assert row["years_held"] == 3
    assert row["dimensions"] == "cost, performance, quality, staff"


@planted("one_year")
def test_one_good_year_is_no_good_practice(found, truth):
    row = found.good.loc[(truth.service_id, truth.form)]
    assert (row["candidate"], row["years_held"]) == (False, 1)
    assert row["blocked_by"]


@planted("improving")
def test_a_steady_improvement_is_a_trend(found, truth):
    rows = found.comparison[(found.comparison["unit_id"] == truth.service_id) & (found.comparison["peer_set"] == "type")
                            & (found.comparison["indicator"] == truth.indicator)].set_index("year")
    assert rows.loc[2025, "trend"] == "improving"
    assert (rows.loc[2018, "position"], rows.loc[2025, "position"]) == ("worse", "better")


def test_candidates_are_few(found):
    assert 2 <= found.good["candidate"].sum() <= 0.15 * len(found.good)


def test_reserves_add_up_to_the_crown(found):
    for table in (found.reserves, found.at_frontier):
        known = table[table["price_part"].notna()]
        assert len(known) > 0.9 * len(table)
        assert (known[PARTS].sum(axis=1) - known["amount_czk"]).abs().max() < 1e-6
        assert known.loc[known["form"] == "outpatient_field", [*PARTS, "hours_part"]].notna().all().all()
        steps = [waterfall(row) for row in known.to_dict("records")]
        assert max(abs(step["end"].iloc[-2] - step["end"].iloc[-1]) for step in steps) < 1e-5
