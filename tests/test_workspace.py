"""Runs: what is refused before anything starts, and tables that keep their columns and leading zeros."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from kpsslib.language import speak
from kpsslib.workspace import TABLES, Run, RunError, conform, open_run, project_root, write_table

GOOD = yaml.safe_load((project_root() / "parameters/runs/example.yaml").read_text("utf-8"))


@pytest.fixture(autouse=True)
def english():
    speak("en")
    yield
    speak("cs")


def run_file(tmp_path, **changes):
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({**GOOD, "language": "en", **changes}), "utf-8")
    return str(path)


def problems_of(*args, **kwargs):
    with pytest.raises(RunError) as caught:
        open_run(*args, **kwargs)
    return caught.value.problems


def test_the_example_run_opens_and_the_page_parameters_lie_over_it(tmp_path):
    run = open_run(run_file(tmp_path), group="PS3", year=2024)
    assert (run.group, run.year, run.name) == ("PS3", 2024, "example")
    assert run.folder == project_root() / "outputs" / "example"


@pytest.mark.parametrize(("changes", "expected"), [
    ({"yeer": 2025}, "unknown key yeer; did you mean year?"),
    ({"name": 64581}, "key name: found 64581"),
    ({"groups": ["PS1", "PS9"]}, "key groups: found 'PS9', expected one of PS1, PS2"),
    ({"year": 2031}, "key year: found 2031, expected one of 2018"),
    ({"round": "skutečnost"}, "key round: found 'skutečnost', expected one of plan"),
    ({"years": "2018-2025"}, 'key years: found "2018-2025", expected a list'),
    ({"pages": []}, "key pages: found []"),
    ({"year": None}, "key year: found nothing, expected a whole number"),
    ({"scenarios": ["expcted"]}, "key scenarios: found 'expcted', expected one of expected, growth, tight"),
])
def test_a_wrong_key_or_value_is_named_with_what_was_expected(tmp_path, changes, expected):
    found = problems_of(run_file(tmp_path, **changes))
    assert len(found) == 1
    assert expected in found[0]
    assert "run.yaml" in found[0]


def test_all_problems_are_told_at_once(tmp_path):
    assert len(problems_of(run_file(tmp_path, yeer=1, year=2031.5, groups=[1]))) == 3


@pytest.mark.parametrize(("text", "expected"), [
    (None, "the run file does not exist; there are: –"),
    ("name: [a\n b: c", "run.yaml, line 2, column 3: not valid YAML; check brackets"),
    ("- 1", "expected keys and values such as year: 2025, found [1]"),
    ("", "found nothing"),
])
def test_a_run_file_that_is_none(tmp_path, text, expected):
    path = tmp_path / "run.yaml"
    if text is not None:
        path.write_text(text, "utf-8")
    assert expected in problems_of(str(path))[0]


def test_messages_are_czech_by_default(tmp_path):
    speak("cs")
    assert "neexistuje" in problems_of(str(tmp_path / "none.yaml"))[0]


def test_a_missing_table_names_the_file_that_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "path", staticmethod(lambda relative: tmp_path / relative))
    run = Run(**{**GOOD, "language": "en"}, group="PS1")
    with pytest.raises(RunError, match=r"table facts of group PS1 is not there.*facts\.parquet"):
        run.read("facts")


def test_tables_of_all_groups_are_read_one_under_another_and_identifiers_stay_text(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "path", staticmethod(lambda relative: tmp_path / relative))
    good = {**GOOD, "groups": ["PS1", "PS2"]}
    for group, service in (("PS1", "0012345"), ("PS2", "0054321")):
        row = {c: {"str": "x", "int": 2025, "float": 1.0, "bool": True}[t] for c, t in TABLES["facts"].items()}
        Run(**good, group=group).save(facts=pd.DataFrame([{**row, "service_id": service}]))
    assert Run(**good).read("facts")["service_id"].tolist() == ["0012345", "0054321"]
    with pytest.raises(RunError, match="group PS3 is not there"):
        Run(**{**good, "language": "en", "groups": ["PS1", "PS2", "PS3"]}).read("facts")


def test_a_table_without_a_column_is_refused():
    with pytest.raises(KeyError, match="low, high"):
        conform("outlook", pd.DataFrame(columns=["level", "unit_id", "scenario", "year", "item", "mid"]))


def test_a_write_that_fails_leaves_the_old_table_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "facts.parquet"
    write_table(pd.DataFrame({"a": [1]}), path)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_table(pd.DataFrame({"a": [2]}), path)
    assert [p.name for p in tmp_path.iterdir()] == ["facts.parquet"]
    monkeypatch.undo()
    assert pd.read_parquet(path)["a"].tolist() == [1]
