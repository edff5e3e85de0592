"""Whole runs of small pages: what is published, what is kept aside, what is said."""

import json
from io import StringIO

import nbformat
import pytest
from rich.console import Console

from kpsslib.batch.pages import declared_parameters
from kpsslib.batch.runner import run_batch
from kpsslib.batch.running import Task, run_page
from kpsslib.publishing.results import Imprint
from kpsslib.workspace import RunError

IMPRINT = Imprint(
    run="small", run_file="r.yaml", region="", language="cs", year=2025, round="actual", version="0", data_hash="0",
    data_date="", made="2026-01-01T00:00:00", groups={}, pages={}, group_pages=[], region_pages=[],
)
MISBEHAVE = """
import os, sys
if group == "PS1":
    raise ValueError("hodnota chybí")
if group == "PS2":
    sys.exit(0)
if group == "PS3":
    os.kill(os.getpid(), 9)
if group == "PS4":
    import psutil
    psutil.Process(os.getppid()).kill()
"""
REASONS = {
    "PS1": "buňka 4: ValueError: hodnota chybí",
    "PS2": "sama skončila v buňce 4",
    "PS3": "jádro skončilo v buňce 4",
    "PS4": "náhle skončil",
}


def run(run_file, **options):
    return run_batch(run_file, Console(file=StringIO(), width=200), **options)


def states(result):
    return {(page.group, page.page): page.state for group in result.groups for page in group.pages}


def test_pages_that_do_not_end_fail_alone_and_leave_the_good_ones_as_they_were(project):
    groups = ["PS1", "PS2", "PS3", "PS4", "PS5"]
    project.page("01_one", "from IPython.display import HTML\nHTML('<p>výsledek</p>')")
    project.page("02_two")
    run_file = project.run_file(groups=groups, pages=["01_one", "02_two"], region_pages=["02_two"])
    first = run(run_file)
    assert set(states(first).values()) == {"done"}
    assert first.exit_code == json.loads((project.outputs / "summary.json").read_text("utf-8"))["exit_code"] == 0
    index = (project.outputs / "index.html").read_text("utf-8")
    for group, page in states(first):
        for path in (f"reports/{group}/{page}.html", f"pages/{group}/{page}.ipynb"):
            assert (project.outputs / path).is_file()
            assert f'href="{path}"' in index
    assert 'href="methodology/index.html"' in index
    assert (project.outputs / "methodology" / "index.html").is_file()
    good = {path: path.read_bytes() for path in project.outputs.glob("*/PS[1-4]/*.*")}
    assert len(good) == 4 * 4

    project.page("01_one", MISBEHAVE)
    second = run(run_file)
    expected = {(g, p): s for g in groups[:4] for p, s in (("01_one", "failed"), ("02_two", "skipped"))}
    assert states(second) == expected | {
        ("PS5", "01_one"): "done", ("PS5", "02_two"): "done", ("all", "02_two"): "skipped"}
    assert second.exit_code == 1
    for group in second.groups[:4]:
        assert REASONS[group.group] in group.pages[0].reason
        assert group.pages[0].reason.endswith(f"Stránka je pro analytika uložena v pages/failed/{group.group}/.")
        assert group.pages[0].report
        assert (project.outputs / "pages" / "failed" / group.group / "01_one.ipynb").is_file()
    assert {path: path.read_bytes() for path in good} == good
    assert "Zůstává zpráva z dřívějšího běhu" in (project.outputs / "index.html").read_text("utf-8")
    assert not list(project.outputs.glob(".running-*"))


def test_a_page_without_the_sentinel_fails_gets_a_notice_and_recovers(project):
    project.page("01_one", "print('kpss: 01_one PS2 finished')", finish=False)
    run_file = project.run_file(region_pages=["01_one"])
    result = run(run_file)
    assert states(result) == {("PS1", "01_one"): "failed", ("all", "01_one"): "skipped"}
    report = project.outputs / "reports" / "PS1" / "01_one.html"
    assert "Tato stránka nevznikla" in report.read_text("utf-8")
    assert not (project.outputs / "pages" / "PS1" / "01_one.ipynb").exists()
    project.page("01_one")
    assert run(run_file).exit_code == 0
    assert "nevznikla" not in report.read_text("utf-8")
    assert not (project.outputs / "pages" / "failed" / "PS1" / "01_one.ipynb").exists()


def test_one_group_can_be_run_and_the_index_keeps_the_others(project):
    project.page("01_one")
    run_file = project.run_file(groups=["PS1", "PS2"])
    run(run_file)
    result = run(run_file, groups=["PS2"], language="en")
    assert states(result) == {("PS2", "01_one"): "done"}
    assert result.groups[0].line() == "PS2 Residential services for people with disabilities: 1 page done"
    assert "reports/PS1/01_one.html" in (project.outputs / "index.html").read_text("utf-8")
    report = (project.outputs / "reports" / "PS2" / "01_one.html").read_text("utf-8")
    assert '<html lang="en">' in report
    assert "What does it cost?" in report
    assert "Kolik to stojí?" not in report


@pytest.mark.parametrize(("keys", "words"), [
    ({"pages": ["01_one", "09_missing"]}, ["09_missing", "01_one"]),
    ({"pages": ["../01_one"]}, ["'../01_one'"]),
    ({"pagse": ["01_one"]}, ["pagse", "pages"]),
    ({"year": "2025"}, ["year", '"2025"']),
    ({"groups": ["PS9"]}, ["PS9", "PS1"]),
    ({"archive": "empty"}, ["empty"]),
], ids=["missing page", "path for a page", "unknown key", "ill-typed", "unknown group", "empty folder"])
def test_a_wrong_run_file_is_refused_before_anything_starts(project, keys, words):
    project.page("01_one")
    (project.folder / "empty").mkdir()
    with pytest.raises(RunError) as refused:
        run(project.run_file(**keys))
    assert all(word in "\n".join(refused.value.problems) for word in words)
    assert not project.outputs.exists()


def test_a_page_without_the_needed_parameters_is_refused(project):
    project.page("01_one", parameters="year = 2025")
    with pytest.raises(RunError, match="run_file, group"):
        run(project.run_file())


def test_a_file_that_is_not_a_notebook_is_refused(project):
    (project.folder / "notebooks" / "01_one.ipynb").write_text("nic", "utf-8")
    with pytest.raises(RunError, match=r"notebooks/01_one\.ipynb"):
        run(project.run_file())


def test_only_parameters_that_the_page_declares_are_passed(project):
    path = project.page("01_one", parameters='run_file = "x"\ngroup = "x"\nlanguage: str = "cs"\npeers = 5')
    assert declared_parameters(nbformat.read(path, as_version=4)) == {"run_file", "group", "language", "peers"}
    assert "NameError: name 'year'" in run(project.run_file()).groups[0].pages[0].reason


def test_a_cell_that_takes_too_long_fails_its_page(project):
    path = project.page("01_one", "import time\ntime.sleep(60)")
    task = Task(
        page="01_one", group="PS1", path=path, root=project.folder, folder=project.outputs,
        aside=project.outputs / "aside" / "01_one.ipynb", cell_seconds=3,
        parameters={"run_file": project.run_file()}, imprint=IMPRINT,
    )
    result = run_page(task)
    assert result.state == "failed"
    assert result.reason == "buňka 4 trvala déle než 3 s. Stránka je pro analytika uložena v pages/failed/PS1/."
    assert task.failed.is_file()


def test_identifiers_keep_their_zeros_from_the_run_file_and_unquoted_ones_are_refused(project):
    (project.folder / "0012345").write_text("", "utf-8")
    project.page("01_one", "assert run.register_file == '0012345', run.register_file")
    run_file = project.run_file(register_file="0012345")
    assert "'0012345'" in (project.folder / run_file).read_text("utf-8")
    assert run(run_file).exit_code == 0
    path = project.folder / run_file
    path.write_text(path.read_text("utf-8").replace("'0012345'", "0012345"), "utf-8")
    with pytest.raises(RunError) as refused:
        run(run_file)
    assert "register_file" in refused.value.problems[0]
    assert "5349" in refused.value.problems[0]  # what YAML makes of 0012345: an octal number
