"""Beside whom a service is shown, and what deserves its attention."""

import json
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from kpsslib.comparison import attention_sentences, compare, with_population
from kpsslib.dashboards.benchmark import view
from kpsslib.dashboards.board import Board
from kpsslib.dashboards.choice import settle
from kpsslib.dashboards.peers import _members
from kpsslib.workspace import conform, open_run, write_table


@pytest.fixture
def near(board):
    return settle(board, {"service_type": "DZR", "indicator": "N01", "peers": "nearest"})


def test_the_nearest_are_the_service_and_its_peers(board, near):
    made = view(board, near)
    peers = board.group("PS1").nearest
    own = set(peers.loc[(peers["unit_id"] == near.service) & (peers["form"] == near.form), "peer_id"])
    drawn = {row["id"] for row in made["dots"]["rows"]}
    assert len(own) == 9
    assert drawn <= own | {near.service}
    assert len(drawn) + len(made["dots"]["missing"]) == 10
    assert "Vedle nejbližších služeb" in made["notes"][-1]
    json.dumps(made, allow_nan=False)


def test_an_id_may_hold_a_slash():
    nearest = pd.DataFrame({"unit_id": ["1/2024", "2"], "form": "residential", "peer_id": ["7/1", "1/2024"]})
    tables = SimpleNamespace(nearest=nearest, sets=pd.DataFrame({"unit_id": [], "nearest": []}))
    assert _members(tables, "nearest", "nearest/1/2024/residential", "nearest") == ["1/2024", "7/1"]


def test_the_median_is_that_of_the_peers_without_the_service(board, near):
    made = view(board, near)["dots"]
    others = [row["value"] for row in made["rows"] if not row["chosen"]]
    assert made["median"] == pytest.approx(pd.Series(others).median())


def test_only_the_chosen_service_is_judged_among_its_nearest(board, near):
    made = view(board, near)["dots"]
    rows = made["rows"]
    assert made["legend"][-1] == ["level", "nelze odlišit, nebo se neposuzuje"]
    assert {(row["mark"], row["low"]) for row in rows if not row["chosen"]} == {("level", None)}


def test_the_set_can_be_chosen_where_there_is_one(board, near):
    codes = [code for code, _label in view(board, near)["options"]["peers"]]
    assert codes[:2] == ["own", "nearest"]
    assert settle(board, {"peers": "<script>"}, near).peers == "nearest"
    assert settle(board, {"peers": "own"}, near).peers == "own"
    assert settle(board, {}).peers == "own"


def test_attention_is_said_in_the_sentences_of_the_list(board):
    rows = board.group("PS1").attention
    service = rows.loc[rows["form"] == "residential", "service_id"].iloc[0]
    own = rows[(rows["service_id"] == service) & (rows["form"] == "residential")]
    made = view(board, settle(board, {"service": service, "form": "residential"}))
    assert [text for _kind, text in made["attention"]] == attention_sentences(own, board.methodology).tolist()


def test_the_value_drawn_to_the_set_stands_beside_the_value(board, near):
    facts = dict(view(board, near)["facts"])
    assert facts["Stažená k souboru"] != facts["Hodnota"]


def test_a_run_made_before_there_were_lists_is_shown_without_them(project, monkeypatch):
    monkeypatch.chdir(project)
    run = open_run("parameters/runs/example.yaml")
    for table in ("peers", "attention"):
        path = run.folder / "tables" / "PS3" / f"{table}.parquet"
        path.rename(path.with_suffix(".aside"))
    try:
        board = Board(run)
        made = view(board, settle(board, {"group": "PS3"}))
    finally:
        for table in ("peers", "attention"):
            path = run.folder / "tables" / "PS3" / f"{table}.parquet"
            path.with_suffix(".aside").rename(path)
    assert made["attention"] == []
    assert made["dots"]["rows"]


@pytest.fixture
def sized(project, tmp_path, monkeypatch):
    """The board of the same project, each second service in a territory of 30,000 inhabitants, the rest unknown."""
    shutil.copytree(project, tmp_path / "sized")
    monkeypatch.chdir(tmp_path / "sized")
    run = open_run("parameters/runs/example.yaml")
    services, indicators = (run.read(name, "PS1") for name in ("services", "indicators"))
    services = services.assign(orp_code=["0101", "0102"] * (len(services) // 2))
    territory = pd.DataFrame([dict(orp_code="0101", orp_name="", region_code="", year=2024, item="population",
                                   value=30_000.0, source="")])
    table = compare(indicators, with_population(services, territory, year=2025), run.methodology, year=2025)
    for name, made in (("services", services), ("territory", territory), ("comparison", table)):
        write_table(conform(name, made), run.folder / "tables" / "PS1" / f"{name}.parquet")
    return Board(run)


def test_territories_of_a_similar_size_can_be_chosen(sized):
    service = sized.group("PS1").services.query("orp_code == '0101' and service_type == 'DZR'")["service_id"].iloc[0]
    asked = {"service_type": "DZR", "indicator": "N01", "service": service}
    made = view(sized, settle(sized, {**asked, "peers": "size"}))
    assert ["size", "stejný druh a forma v podobně velkých správních obvodech"] in made["options"]["peers"]
    places = sized.group("PS1").services.set_index("service_id")["orp_code"]
    drawn = [row["id"] for row in made["dots"]["rows"]]
    assert set(places[drawn]) == {"0101"}
    assert len(drawn) + len(made["dots"]["missing"]) == (sized.group("PS1").sets["size"].str.startswith("DZR")).sum()
    assert len(drawn) < len(view(sized, settle(sized, asked))["dots"]["rows"])
