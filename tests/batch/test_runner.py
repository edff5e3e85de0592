"""Whole runs of small pages: what is published, what is kept aside, what is said."""

import json
import shutil
from io import StringIO

import pytest
from rich.console import Console

from kpsslib.batch.pages import declared_parameters, read_notebook
from kpsslib.batch.runner import run_batch
from kpsslib.kernels import Warm
from kpsslib.workspace import RunError
from tests.batch.conftest import SAVE

READ = "print(len(run.read('territory')))"
MISBEHAVE = """
import os, sys
if group == "PS1":
    raise ValueError("hodnota chybí")
if group == "PS2":
    sys.exit(0)
if group == "PS3":
    os.kill(os.getpid(), 9)
if group == "PS4":
    os._exit(0)
"""
REASONS = {
    "PS1": "buňka 4: ValueError: hodnota chybí. Stránka je pro analytika uložena v pages/failed/PS1/.",
    "PS2": "stránka sama skončila v buňce 4, dříve než došla do konce. Stránka je pro analytika uložena v "
           "pages/failed/PS2/.",
    "PS3": "proces stránky náhle skončil v buňce 4; možná došla paměť",
    "PS4": "proces stránky náhle skončil v buňce 4; možná došla paměť",
}


def run(run_file, **options):
    return run_batch(run_file, Console(file=StringIO(), width=200), **options)


def states(result):
    return {(page.group, page.page): page.state for group in result.groups for page in group.pages}


def test_pages_that_do_not_end_fail_alone_and_leave_the_good_ones_as_they_were(project):
    groups = ["PS1", "PS2", "PS3", "PS4", "PS5"]
    project.page("01_one", "from IPython.display import HTML\nHTML('<p>výsledek</p>')", SAVE)
    project.page("02_two", READ)
    run_file = project.run_file(groups=groups, pages=["01_one", "02_two"], region_pages=["02_two"])
    first = run(run_file)
    assert set(states(first).values()) == {"done"}
    assert first.exit_code == json.loads((project.outputs / "summary.json").read_text("utf-8"))["exit_code"]
    index = (project.outputs / "index.html").read_text("utf-8")
    for group, page in states(first):
        for path in (f"reports/{group}/{page}.html", f"pages/{group}/{page}.ipynb"):
            assert (project.outputs / path).is_file()
            assert f'href="{path}"' in index
    assert 'href="methodology/index.html"' in index
    assert (project.outputs / "methodology" / "index.html").is_file()
    good = {path: path.read_bytes() for path in project.outputs.glob("*/PS[1-4]/*.*") if "intake" not in path.parts}
    assert len(good) == 4 * 5

    project.page("01_one", MISBEHAVE, SAVE)
    second = run(run_file)
    expected = {(g, p): s for g in groups[:4] for p, s in (("01_one", "failed"), ("02_two", "left_out"))}
    assert states(second) == expected | {
        ("PS5", "01_one"): "done", ("PS5", "02_two"): "done", ("all", "02_two"): "left_out"}
    assert second.exit_code == 1
    for group in second.groups[:4]:
        assert group.pages[0].reason == REASONS[group.group]
        assert group.pages[0].report
    assert sorted(path.parent.name for path in project.outputs.glob("pages/failed/*/01_one.ipynb")) == ["PS1", "PS2"]
    assert {path: path.read_bytes() for path in good} == good
    assert "Zůstává zpráva z dřívějšího běhu" in (project.outputs / "index.html").read_text("utf-8")
    assert not (project.outputs / ".running").exists()


def test_only_what_reads_its_tables_is_left_out_after_a_page_that_failed(project):
    project.page("01_one", "1 / 0", SAVE)
    project.page("02_two", READ)
    project.page("03_three")
    result = run(project.run_file(pages=["01_one", "02_two", "03_three"]))
    assert states(result) == {("PS1", "01_one"): "failed", ("PS1", "02_two"): "left_out", ("PS1", "03_three"): "done"}


def test_a_page_without_the_sentinel_fails_gets_a_notice_and_recovers(project):
    project.page("01_one", SAVE, "print('kpss: 01_one PS2 finished')", finish=False)
    project.page("02_two", READ)
    run_file = project.run_file(region_pages=["02_two"])
    result = run(run_file)
    assert states(result) == {("PS1", "01_one"): "failed", ("all", "02_two"): "left_out"}
    report = project.outputs / "reports" / "PS1" / "01_one.html"
    assert "Tato stránka nevznikla" in report.read_text("utf-8")
    assert not (project.outputs / "pages" / "PS1" / "01_one.ipynb").exists()
    assert not list(project.outputs.glob("tables/*/*"))
    project.page("01_one", SAVE)
    assert set(states(run(run_file)).values()) == {"done"}
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


REGISTER = """service_id,provider_id,provider_name,service_name,service_type,forms,municipality_code,municipality,\
orp_code,orp_name,region_code,valid_from,valid_to,network_tier,entrusted_from,entrusted_to
0000001,00064581,Charita,Domov,DS,P,500011,Lhota,5101,Lhota,CZ051,2007-01-01,,základní,2020-01-01,2027-12-31
"""


@pytest.mark.parametrize(("language", "words"), [
    ("cs", "groups: PS2 nemá žádnou službu"), ("en", "groups: PS2 has no service")])
def test_a_group_without_services_is_refused_before_any_page(project, language, words):
    project.page("01_one")
    (project.folder / "register.csv").write_text(REGISTER, "utf-8")
    run_file = project.run_file(groups=["PS1", "PS2"], register_file="register.csv")
    with pytest.raises(RunError, match=words) as refused:
        run(run_file, language=language)
    assert len(refused.value.problems) == 1
    assert not (project.outputs / "reports").exists()
    assert set(states(run(run_file, groups=["PS1"]))) == {("PS1", "01_one")}


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
    assert declared_parameters(read_notebook(path)) == {"run_file", "group", "language", "peers"}
    assert "NameError: name 'year'" in run(project.run_file()).groups[0].pages[0].reason


@pytest.mark.parametrize("forks", [True, False], ids=["forked", "ordinary kernel"])
def test_a_cell_that_takes_too_long_fails_its_page(project, monkeypatch, forks):
    monkeypatch.setattr(Warm, "possible", staticmethod(lambda: forks))
    project.page("01_one", "import time\ntime.sleep(60)")
    project.page("02_two", SAVE)
    result = run(project.run_file(cell_seconds=15, pages=["01_one", "02_two"]))
    assert states(result) == {("PS1", "01_one"): "failed", ("PS1", "02_two"): "done"}
    assert result.groups[0].pages[0].reason == (
        "buňka 4 trvala déle než 15 s. Stránka je pro analytika uložena v pages/failed/PS1/.")
    assert (project.outputs / "pages/failed/PS1/01_one.ipynb").is_file()


def test_an_ordinary_kernel_makes_the_same_tables_and_says_that_it_is_slower(project, monkeypatch):
    project.page("01_one", SAVE)
    run_file = project.run_file()
    assert states(run(run_file)) == {("PS1", "01_one"): "done"}
    table = (project.outputs / "tables/PS1/territory.parquet").read_bytes()
    shutil.rmtree(project.outputs)
    monkeypatch.setattr(Warm, "possible", staticmethod(lambda: False))
    said = StringIO()
    assert states(run_batch(run_file, Console(file=said, width=200))) == {("PS1", "01_one"): "done"}
    assert "každá stránka dostane obyčejné jádro" in said.getvalue()
    assert (project.outputs / "tables/PS1/territory.parquet").read_bytes() == table


def test_the_time_of_the_whole_batch(project):
    project.page("01_one", "import time\ntime.sleep(60)", SAVE)
    project.page("02_two", READ)
    result = run(project.run_file(batch_seconds=12, pages=["01_one", "02_two"]))
    assert states(result) == {("PS1", "01_one"): "failed", ("PS1", "02_two"): "left_out"}
    assert [page.reason for page in result.groups[0].pages] == [
        "čas celé dávky, 12 s, vypršel; spusťte ji znovu a bude pokračovat", "stránka 01_one této skupiny selhala"]


def test_identifiers_keep_their_zeros_quoted_or_not(project):
    project.page("01_one", "assert run.region == '0012345', run.region")
    run_file = project.run_file(region="0012345")
    assert set(states(run(run_file)).values()) == {"done"}
    path = project.folder / run_file
    path.write_text(path.read_text("utf-8").replace("'0012345'", "0012345"), "utf-8")
    assert [page.unchanged for page in run(run_file).groups[0].pages] == [True]


def test_resume_goes_on_with_the_groups_of_the_last_batch(project):
    project.page("01_one")
    run_file = project.run_file(groups=["PS1", "PS2"])
    assert states(run(run_file, groups=["PS2"])) == {("PS2", "01_one"): "done"}
    project.page("01_one", "1 + 1")
    assert states(run(run_file, resume=True)) == {("PS2", "01_one"): "done"}
    shutil.rmtree(project.outputs)
    assert states(run(run_file, resume=True)) == {("PS1", "01_one"): "done", ("PS2", "01_one"): "done"}
