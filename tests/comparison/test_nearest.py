"""Nearest peers: by hand, by a slow second implementation, by properties, and saved ones."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpsslib.comparison import compare
from kpsslib.comparison.nearest import nearest, normal_scores
from kpsslib.comparison.nearest_sets import beside_nearest, context, nearest_peers
from kpsslib.language import speak
from kpsslib.workspace import RunError
from tests import oracle_comparison as oracle

WEIGHTS = pd.Series({"size": 2.0, "dependency": 1.0})


def people(values, key="DS"):
    index = pd.MultiIndex.from_product([[f"{i:07}" for i in range(len(values))], ["residential"]],
                                       names=["unit_id", "form"])
    table = pd.DataFrame(values, index=index, columns=["size", "dependency"], dtype=float)
    return table, pd.Series(key, index=index)


def test_distances_are_those_of_the_slow_implementation():
    random = np.random.default_rng(4)
    values = random.normal(size=(12, 2))
    values[3, 1] = values[7, 0] = np.nan  # of the seventh only a third of the weight is known
    table, sets = people(values)
    found = nearest(table, sets, WEIGHTS, 11)
    every = np.array([[oracle.distance(values.tolist(), [2, 1], i, j) if i != j else np.inf for j in range(12)]
                      for i in range(12)])
    largest = every[np.isfinite(every)].max()
    for row in found.itertuples():
        assert row.distance == pytest.approx(every[int(row.unit_id), int(row.peer_id)] / largest)
    assert set(found["unit_id"]) == {f"{i:07}" for i in range(12) if i != 7}
    ordered = found.groupby("unit_id")["distance"].apply(lambda d: d.is_monotonic_increasing)
    assert ordered.all()


def test_three_in_a_row_by_hand():
    """Sizes 10, 20, 30: the middle one is the nearest of both others, who are not each other's."""
    table, sets = people([[10, 5], [20, 5], [30, 5]])
    found = nearest(table, sets, WEIGHTS, 1).set_index("unit_id")
    assert found["peer_id"].to_dict() == {"0000000": "0000001", "0000001": "0000000", "0000002": "0000001"}
    assert found["mutual"].tolist() == [True, True, False]
    assert found["drivers"].tolist() == ["size 1.00"] * 3
    assert found["distance"].tolist() == pytest.approx([0.5] * 3)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
def test_of_two_at_the_same_distance_the_context_decides_and_not_the_id(order):
    """The unit of 20 has one of 10 and one of 30, equally far: the smaller is chosen, whatever it is called."""
    table, sets = people(np.array([[10, 5], [20, 5], [30, 5]])[order])
    size = table["size"].droplevel("form")
    found = nearest(table, sets, WEIGHTS, 1).set_index("unit_id")["peer_id"]
    assert size[found[size.index[size == 20]]].tolist() == [10]


def test_sets_are_never_mixed_and_one_alone_has_nobody():
    table, sets = people(np.arange(12.0).reshape(6, 2))
    sets.iloc[3:5] = "DZR"
    sets.iloc[5] = "CHB"
    found = nearest(table, sets, WEIGHTS, 9)
    assert found.groupby("unit_id").size().tolist() == [2, 2, 2, 1, 1]
    assert "0000005" not in set(found["unit_id"])


def test_a_variable_nobody_has_is_no_lack_of_theirs():
    table, sets = people([[1, np.nan], [2, np.nan], [3, np.nan]])
    found = nearest(table, sets, pd.Series({"size": 1.0, "dependency": 9.0}), 2)
    assert len(found) == 6
    assert (found["known"] == 1).all()


def test_equal_units_are_at_no_distance_and_a_constant_set_has_no_drivers():
    table, sets = people([[5, 5]] * 4)
    found = nearest(table, sets, WEIGHTS, 3)
    assert (found["distance"] == 0).all()
    assert (found["drivers"] == "").all()


rows = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=12, unique=True)


@settings(max_examples=60, deadline=None)
@given(rows, st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_units_of_measure_and_order_do_not_matter(values, factor, random):
    table, sets = people([[round(a, 2), round(b, 2)] for a, b in values])
    first = nearest(table, sets, WEIGHTS, 4)
    scaled = nearest(np.arcsinh(table) * factor, sets, WEIGHTS, 4)  # ranks stay, whatever the unit
    assert first["peer_id"].tolist() == scaled["peer_id"].tolist()
    order = list(range(len(table)))
    random.shuffle(order)
    mixed = nearest(table.iloc[order], sets.iloc[order], WEIGHTS, 4)
    pd.testing.assert_frame_equal(first, mixed.sort_values(["unit_id", "place"], ignore_index=True))


def test_normal_scores_are_cut_and_one_value_is_in_the_middle():
    assert normal_scores(np.array([np.nan, 8.0])).tolist()[1] == 0
    many = normal_scores(np.arange(2000.0))
    assert many.max() == 3
    assert many == pytest.approx(-many[::-1])


TERRITORY = pd.DataFrame([dict(orp_code=f"0{i}", orp_name=f"ORP {i}", region_code="CZ01", year=year, item=item,
                               value=value * (i + 1) + year - 2025, source="made up")
                          for i in range(3) for year in (2024, 2025)
                          for item, value in (("population", 20_000.0), ("population_80", 1_000.0 - 100 * i))])


@pytest.fixture(scope="module")
def services(region):
    return region.services.assign(capacity=20.0 + 3 * region.services.index)


@pytest.fixture(scope="module")
def run_of(methodology):
    return lambda peers_file=None: SimpleNamespace(methodology=methodology, peers_file=peers_file, path=Path)


@pytest.fixture(scope="module")
def peers(region, services, run_of):
    return nearest_peers(run_of(), region.facts, services, TERRITORY, year=2025)


def test_a_group_without_services_has_no_peers(region, services, run_of):
    assert nearest_peers(run_of(), region.facts, services.iloc[:0], TERRITORY, year=2025).empty


def test_a_page_may_weigh_the_context_otherwise(region, services, run_of, peers):
    told = nearest_peers(run_of(), region.facts, services, TERRITORY, year=2025, weights={"urbanity": 1e6})
    place = services.set_index("service_id")["orp_code"]
    apart, before = (table["unit_id"].map(place) != table["peer_id"].map(place) for table in (told, peers))
    assert apart.sum() < before.sum()
    assert told.loc[apart, "drivers"].str.startswith("urbanity 1.00").all()
    assert peers.loc[before, "drivers"].str.contains("size").any()
    agreed = {"size": 2.0, "urbanity": 1.0}
    assert nearest_peers(run_of(), region.facts, services, TERRITORY, year=2025, weights=agreed).equals(peers)


@pytest.mark.parametrize(("weights", "said"), [
    ({"sise": 2}, "'sise'.*size, urbanity"), ({"size": 0}, r"weights\.size.*0.*větší než nula"),
    ({"size": "2"}, r"weights\.size"), ({"size": float("nan")}, r"weights\.size"), ({"size": True}, r"weights\.size")])
def test_a_weight_that_cannot_be_is_refused_in_words(region, services, run_of, weights, said):
    with pytest.raises(RunError, match=said):
        nearest_peers(run_of(), region.facts, services, TERRITORY, year=2025, weights=weights)


def test_context_is_of_the_last_years_and_of_the_territory(region, services, methodology):
    known = context(region.facts, services, TERRITORY, methodology, year=2025)
    assert known["size"].tolist() == services["capacity"].tolist()
    assert known["urbanity"].tolist() == [20_000.0 * (int(code) + 1) for code in services["orp_code"]]
    assert known["ageing"].to_numpy() == pytest.approx([(1_000 - 100 * int(c)) / 20_000 for c in services["orp_code"]])
    assert known["dependency"].isna().all()


def test_a_row_stands_beside_the_median_of_its_peers_without_itself(region, services, methodology, peers):
    table = compare(region.indicators, services, methodology, year=2025, peers=peers)
    near = table[(table["peer_set"] == "nearest") & (table["indicator"] == "N01") & (table["year"] == 2025)]
    base = table[table["peer_set"].isin(["type", "group"]) & (table["indicator"] == "N01") & (table["year"] == 2025)]
    values = base.set_index("unit_id")["value"]
    for row in near.itertuples():
        others = peers.loc[(peers["unit_id"] == row.unit_id) & (peers["form"] == row.form), "peer_id"]
        known = values.reindex(others).dropna()
        assert row.unit_id not in set(others)
        assert row.n_reported == len(known)
        if len(known) >= 5:
            assert (row.median, row.q1, row.q3) == pytest.approx(
                (known.median(), known.quantile(0.25), known.quantile(0.75)))
    assert len(near)


def test_the_same_peers_serve_all_years(region, services, methodology, peers):
    table = compare(region.indicators, services, methodology, year=2025, peers=peers)
    near = table[table["peer_set"] == "nearest"]
    assert near.groupby("unit_id")["peers"].nunique().max() == 1
    assert near["year"].nunique() == table["year"].nunique()


def test_a_small_type_chooses_from_its_working_group(region, services, peers):
    """Of 3 homes with a special regime each has 2 like it, so it chooses among the 17 homes of the group."""
    kind = services.set_index("service_id")["service_type"]
    of_dzr = peers[peers["unit_id"].map(kind) == "DZR"]
    assert set(of_dzr["chosen_from"]) == {"group"}
    assert (of_dzr.groupby("unit_id").size() == 9).all()
    assert set(of_dzr["peer_id"].map(kind)) == {"DS", "DZR"}
    assert set(peers.loc[peers["unit_id"].map(kind) == "DS", "chosen_from"]) == {"nearest"}
    assert set(peers.loc[peers["unit_id"].map(kind) == "DS", "peer_id"].map(kind)) == {"DS"}


def test_without_peers_nothing_is_added(region, services, methodology):
    plain = compare(region.indicators, services, methodology, year=2025)
    assert "nearest" not in set(plain["peer_set"])
    assert list(beside_nearest(plain, None, methodology)) == []


def test_agreed_peers_of_the_file_hold(region, services, run_of, peers, tmp_path):
    form = "residential"
    some = services.loc[services["form"] == form, "service_id"].unique()[:3]
    lines = ["service_id,form,peer_id", f"{some[0]},{form},{some[1]}", f"{some[0]},{form},{some[2]}",
             f"{some[1]},{form},{some[0]}"]
    (tmp_path / "peers.csv").write_text("\n".join(lines), "utf-8")
    found = nearest_peers(run_of(peers_file=str(tmp_path / "peers.csv")), region.facts, services,
                          TERRITORY, year=2025)
    own = found[(found["unit_id"] == some[0]) & (found["form"] == form)]
    assert own["peer_id"].tolist() == [some[1], some[2]]
    assert own["mutual"].tolist() == [True, False]
    others = [~t["unit_id"].isin(some[:2]) for t in (found, peers)]
    pd.testing.assert_frame_equal(found[others[0]].reset_index(drop=True), peers[others[1]].reset_index(drop=True))


def test_unknown_services_of_the_file_are_named(region, services, run_of, tmp_path):
    (tmp_path / "peers.csv").write_text("service_id,form,peer_id\n9999999,residential,9999998\n", "utf-8")
    speak("en")
    with pytest.raises(RunError, match="unknown services 9999998"):
        nearest_peers(run_of(peers_file=str(tmp_path / "peers.csv")), region.facts, services, TERRITORY,
                      year=2025)
    speak("cs")


@pytest.mark.parametrize("file", ["peers.parquet", "peers.csv", "."])
def test_the_peers_of_a_run_are_frozen_by_its_own_table(region, services, run_of, peers, tmp_path, file):
    """Next year the services have other capacities, and the same peers."""
    (tmp_path / "PS1").mkdir()
    mixed = peers.sample(frac=1, random_state=1)
    mixed.to_parquet(tmp_path / "peers.parquet", index=False)
    mixed.to_parquet(tmp_path / "PS1" / "peers.parquet", index=False)
    mixed.to_csv(tmp_path / "peers.csv", index=False)
    later = services.assign(capacity=services["capacity"].to_numpy()[::-1])
    run = run_of(peers_file=str(tmp_path / file))
    run.group = "PS1"
    found = nearest_peers(run, region.facts, later, TERRITORY, year=2025)
    kept = ["unit_id", "form", "place", "peer_id", "peer_form", "mutual"]
    first, second = (one[kept].sort_values(kept[:3], ignore_index=True) for one in (peers, found))
    pd.testing.assert_frame_equal(first[kept[:-1]], second[kept[:-1]], check_dtype=False)
    of_type = first["unit_id"].str.startswith("OA")  # mutual of a widened set is told within that set
    assert first.loc[of_type, "mutual"].tolist() == second.loc[of_type, "mutual"].tolist()
    assert set(found["chosen_from"]) == {"file"}
    moved = nearest_peers(run_of(), region.facts, later, TERRITORY, year=2025)
    assert moved["peer_id"].tolist() != found["peer_id"].tolist()


def test_a_folder_of_tables_without_the_group_is_named(region, services, run_of, tmp_path):
    run = run_of(peers_file=str(tmp_path))
    run.group = "PS1"
    speak("en")
    with pytest.raises(RunError, match=r"peers_file.*PS1.peers\.parquet.*does not exist"):
        nearest_peers(run, region.facts, services, TERRITORY, year=2025)
    speak("cs")
