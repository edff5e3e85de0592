"""The manifest of a run, read by somebody else's reader of such crates."""

import hashlib

import pytest
from rich.console import Console
from rocrate.rocrate import ROCrate

from kpsslib.batch.crate import PROFILE
from kpsslib.batch.runner import run_batch
from tests.batch.conftest import SAVE


@pytest.fixture
def crate(project):
    project.page("01_one", SAVE)
    project.page("02_two", "print(len(run.read('territory')))\n1 / 0")
    run_batch(project.run_file(pages=["01_one", "02_two"]), Console(quiet=True))
    return ROCrate(project.outputs), project.outputs


def test_it_is_a_process_run_crate_whose_files_are_there_with_their_hashes(crate):
    opened, folder = crate
    assert opened.root_dataset["conformsTo"].id == PROFILE
    files = [one for one in opened.get_entities() if one.type == "File"]
    assert {one.id for one in files} >= {"tables/PS1/territory.parquet", "reports/PS1/01_one.html",
                                         "pages/PS1/01_one.ipynb", "methodology/index.html"}
    for one in files:
        assert hashlib.sha256((folder / one.id).read_bytes()).hexdigest() == one["sha256"]


def test_each_attempt_is_an_action_that_says_from_what_and_how_it_ended(crate):
    opened, _folder = crate
    actions = {one["name"]: one for one in opened.get_entities() if one.type == "CreateAction"}
    assert set(actions) == {"01_one PS1", "02_two PS1", "methodology.book all"}
    done, failed = actions["01_one PS1"], actions["02_two PS1"]
    assert "CompletedActionStatus" in str(done["actionStatus"])
    assert {one.id for one in done["result"]} == {"tables/PS1/territory.parquet", "reports/PS1/01_one.html",
                                                  "pages/PS1/01_one.ipynb"}
    assert done["startTime"] <= done["endTime"]
    assert "FailedActionStatus" in str(failed["actionStatus"])
    assert "ZeroDivisionError" in failed["error"]
    assert "result" not in failed or not failed["result"]


def test_everything_that_is_named_is_described(crate):
    opened, _folder = crate
    known = {one.id for one in opened.get_entities()}
    for one in opened.get_entities():
        if one.type == "CreateAction":
            assert {named if isinstance(named, str) else named.id for named in one["object"]} <= known
            assert one["instrument"].id in known
