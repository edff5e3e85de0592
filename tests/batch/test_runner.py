"""Whole runs of small pages: what is published, what is kept aside, what is said."""

import json
from io import StringIO

import pytest
from rich.console import Console

from kpsslib.batch.runner import run_batch
from kpsslib.workspace import RunError


def run(run_file, **options):
    return run_batch(run_file, Console(file=StringIO(), width=200), **options)


def states(result):
    return {(page.group, page.page): page.state for group in result.groups for page in group.pages}


def test_every_page_of_every_group_is_published_and_the_index_links_it(project):
    project.page("01_one", "from IPython.display import HTML\nHTML('<p>výsledek</p>')")
    project.page("02_two")
    result = run(project.run_file(groups=["PS1", "PS2"], pages=["01_one", "02_two"], region_pages=["02_two"]))
    assert set(states(result).values()) == {"done"}
    assert result.exit_code == 0
    index = (project.outputs / "index.html").read_text("utf-8")
    for group, page in [("PS1", "01_one"), ("PS2", "02_two"), ("all", "02_two")]:
        for path in (f"reports/{group}/{page}.html", f"pages/{group}/{page}.ipynb"):
            assert (project.outputs / path).is_file()
            assert f'href="{path}"' in index
    assert json.loads((project.outputs / "summary.json").read_text("utf-8"))["exit_code"] == 0
    assert not list(project.outputs.glob(".running-*"))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["raise ValueError('hodnota chybí')"], "ValueError: hodnota chybí"),
        (["import sys\nsys.exit(0)"], "sama skončila"),
        (["import os\nos.kill(os.getpid(), 9)"], "jádro skončilo v buňce 4"),
    ],
    ids=["error", "exit", "killed kernel"],
)
def test_a_page_that_does_not_end_fails_alone_and_leaves_the_good_one_as_it_was(project, cells, words):
    project.page("01_one")
    project.page("02_two")
    run_file = project.run_file(groups=["PS1", "PS2"], pages=["01_one", "02_two"])
    run(run_file)
    good = {path: path.read_bytes() for path in project.outputs.glob("*/PS1/01_one.*")}
    assert len(good) == 2
    project.page("01_one", f"if group == 'PS1':\n    {cells[0].replace(chr(10), chr(10) + '    ')}")
    result = run(run_file)
    assert states(result) == {
        ("PS1", "01_one"): "failed",
        ("PS1", "02_two"): "skipped",
        ("PS2", "01_one"): "done",
        ("PS2", "02_two"): "done",
    }
    assert result.exit_code == 1
    assert words in result.groups[0].pages[0].reason
    assert {path: path.read_bytes() for path in good} == good
    assert (project.outputs / "pages" / "failed" / "PS1" / "01_one.ipynb").is_file()
    assert "Zůstává zpráva z dřívějšího běhu" in (project.outputs / "index.html").read_text("utf-8")


def test_a_page_without_the_sentinel_is_not_successful_and_gets_a_notice(project):
    project.page("01_one", finish=False)
    result = run(project.run_file(region_pages=["01_one"]))
    assert states(result) == {("PS1", "01_one"): "failed", ("all", "01_one"): "skipped"}
    notice = (project.outputs / "reports" / "PS1" / "01_one.html").read_text("utf-8")
    assert "Tato stránka nevznikla" in notice
    assert not (project.outputs / "pages" / "PS1" / "01_one.ipynb").exists()


def test_the_sentinel_of_another_group_does_not_count(project):
    project.page("01_one", "print('kpss: 01_one PS2 finished')", finish=False)
    assert run(project.run_file()).exit_code == 1


def test_a_worker_that_is_killed_fails_only_its_page(project):
    project.page("01_one", "import os, psutil\nif group == 'PS1':\n    psutil.Process(os.getppid()).kill()")
    result = run(project.run_file(groups=["PS1", "PS2"]), workers=1)
    assert states(result) == {("PS1", "01_one"): "failed", ("PS2", "01_one"): "done"}
    assert "proces" in result.groups[0].pages[0].reason


def test_a_failed_page_that_recovers_leaves_no_failed_copy(project):
    project.page("01_one", "1 / 0")
    assert run(project.run_file()).exit_code == 1
    project.page("01_one")
    assert run(project.run_file()).exit_code == 0
    assert not (project.outputs / "pages" / "failed" / "PS1" / "01_one.ipynb").exists()


def test_one_group_can_be_run_and_the_index_keeps_the_others(project):
    project.page("01_one")
    run_file = project.run_file(groups=["PS1", "PS2"])
    run(run_file)
    result = run(run_file, groups=["PS2"])
    assert states(result) == {("PS2", "01_one"): "done"}
    assert "reports/PS1/01_one.html" in (project.outputs / "index.html").read_text("utf-8")


def test_english_is_one_switch_away(project):
    project.page("01_one")
    result = run(project.run_file(), language="en")
    assert result.groups[0].line() == "PS1 Residential services for the elderly: 1 page done"
    report = (project.outputs / "reports" / "PS1" / "01_one.html").read_text("utf-8")
    assert '<html lang="en">' in report
    assert "What does it cost?" in report
    assert "Kolik to stojí?" not in report


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"pages": ["01_one", "09_missing"]}, ["09_missing", "01_one"]),
        ({"pages": ["../01_one"]}, ["'../01_one'"]),
        ({"pagse": ["01_one"]}, ["pagse", "pages"]),
        ({"year": "2025"}, ["year", "'2025'"]),
        ({"groups": ["PS9"]}, ["PS9", "PS1"]),
    ],
    ids=["missing page", "path for a page", "unknown key", "ill-typed", "unknown group"],
)
def test_a_wrong_run_file_is_refused_before_anything_starts(project, keys, words):
    project.page("01_one")
    with pytest.raises(RunError) as refused:
        run(project.run_file(**keys))
    assert all(word in "\n".join(refused.value.problems) for word in words)
    assert not project.outputs.exists()


def test_a_page_without_the_needed_parameters_is_refused(project):
    project.page("01_one", parameters="year = 2025")
    with pytest.raises(RunError, match="run_file, group"):
        run(project.run_file())


def test_only_parameters_that_the_page_declares_are_passed(project):
    project.page(
        "01_one",
        "assert 'passed' not in dir()",
        parameters=('run_file = "x"\ngroup = "x"\nyear: int = 1\nlanguage = "cs"\npeers = 5'),
    )
    assert run(project.run_file()).exit_code == 0
