"""Reports and the index: one language, no code, nothing from the net, everything escaped."""

import pickle
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from nbformat import v4

from kpsslib.language import speak, speaking
from kpsslib.publishing.index import index_html, next_steps
from kpsslib.publishing.report import missing_html, page_title, prepare, report_html
from kpsslib.publishing.results import GroupResult, Imprint, PageResult, Quarantined, RunResult

IMPRINT = Imprint(
    run="example", run_file="parameters/runs/example.yaml", region="Modelový kraj", language="cs", year=2025,
    round="actual", version="0.1.0", data_hash="abcdef0123456789abcdef", data_date="2026-03-31",
    made="2026-04-01T09:30:00", groups={"PS1": "Pobytové služby pro seniory", "PS2": "Druhá"},
    pages={"01_one": "Čištění", "02_two": "Ukazatele"}, group_pages=["01_one", "02_two"], region_pages=["02_two"],
)


@pytest.fixture(autouse=True)
def czech():
    speak("cs")


def text(source, *tags):
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


@pytest.fixture
def notebook():
    def stream(name, words):
        return v4.new_output("stream", name=name, text=words)

    table = v4.new_output("display_data", {"text/html": "<p>tabulka</p>", "text/plain": "<HTML object>"})
    shown = [table, stream("stdout", "poznámka\n"), stream("stderr", "a warning")]
    return v4.new_notebook(cells=[
        text("# 01 Čištění\n\nOtázka?", "cs"),
        text("# 01 Cleaning\n\nQuestion?", "en"),
        text("## Parametry", "cs", "analyst"),
        v4.new_code_cell("year = 1", metadata={"tags": ["parameters"]}),
        v4.new_code_cell("secret_code()", outputs=shown),
        v4.new_code_cell("run.finish()", outputs=[stream("stdout", "kpss: 01_one PS1 finished\n")]),
    ])


def result(**changes):
    pages = [
        PageResult("PS1", "01_one", "done", report=True),
        PageResult("PS1", "02_two", "failed", "buňka 3: <b>chyba</b>"),
    ]
    group = GroupResult("PS1", "Pobytové služby pro seniory", pages, 31, 36, 12, 20, 2)
    bad = Quarantined("<x>.xlsx", "není to sešit", "Pošlete sešit <znovu>.")
    run = RunResult(IMPRINT, [group], [bad], methodology="methodology/index.html")
    return replace(run, **changes)


def test_a_report_is_in_one_language_without_code_and_prints(notebook):
    html = report_html(notebook, "01_one", "PS1", IMPRINT)
    assert '<html lang="cs">' in html
    for shown in ("Otázka?", "<p>tabulka</p>", "poznámka", "Modelový kraj", "Pobytové služby pro seniory",
                  "31. března 2026", "abcdef0123456789", "parameters/runs/example.yaml", "kpsslib 0.1.0"):
        assert shown in html
    for hidden in ("Question?", "secret_code", "finish", "year = 1", "a warning", "Parametry", "HTML object"):
        assert hidden not in html
    assert len(re.findall("<h1", html)) == 1


def test_the_same_page_in_english(notebook):
    html = report_html(notebook, "01_one", "PS1", replace(IMPRINT, language="en"))
    assert '<html lang="en">' in html
    assert "Question?" in html
    assert "Skip to content" in html
    assert "Otázka?" not in html


@pytest.mark.parametrize("make", [
    lambda notebook: report_html(notebook, "01_one", "PS1", IMPRINT),
    lambda notebook: missing_html("důvod", "01_one", "PS1", IMPRINT),
    lambda notebook: index_html(result()),
], ids=["report", "notice", "index"])
def test_nothing_is_loaded_from_elsewhere(notebook, make):
    html = make(notebook)
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", html) == []
    assert "<script" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_a_report_leads_to_the_other_pages_of_its_group_and_to_the_index(notebook):
    html = report_html(notebook, "01_one", "PS1", IMPRINT)
    assert 'href="../../index.html"' in html
    assert 'href="02_two.html"' in html
    assert 'href="01_one.html" aria-current="page"' in html
    region = report_html(notebook, "02_two", "all", IMPRINT)
    assert "celý kraj" in region
    assert 'href="01_one.html"' not in region


def test_the_title_is_the_heading_of_the_language_without_its_number(notebook):
    assert page_title(notebook, "cs") == "Čištění"
    assert page_title(notebook, "en") == "Cleaning"
    assert page_title(v4.new_notebook(), "cs") == ""


def test_what_is_prepared_is_all_that_a_report_needs_and_changes_none(notebook):
    prepare()
    assert speaking() == "cs"
    assert "Čištění" in report_html(notebook, "01_one", "PS1", IMPRINT)
    in_turn = """
import pickle, sys
from kpsslib.publishing.report import page_title, prepare, report_html
assert not {"nbconvert", "nbformat"} & set(sys.modules)
prepare()
before = set(sys.modules)
html = report_html(*pickle.load(sys.stdin.buffer))
assert set(sys.modules) == before, set(sys.modules) - before
sys.stdout.buffer.write(html.encode())
"""
    given = pickle.dumps((notebook, "01_one", "PS1", IMPRINT))
    done = subprocess.run([sys.executable, "-c", in_turn], input=given, stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode() == report_html(notebook, "01_one", "PS1", IMPRINT)


def test_the_index_says_what_there_is_and_what_to_do():
    html = index_html(result())
    for shown in ("31 z 36 výkazů", 'href="reports/PS1/01_one.html"', 'href="pages/PS1/01_one.ipynb"', "selhala",
                  'href="methodology/index.html"', "&lt;x&gt;.xlsx", "není to sešit", "co udělat",
                  "Pošlete sešit &lt;znovu&gt;.", "&lt;b&gt;chyba"):
        assert shown in html
    assert 'href="reports/PS1/02_two.html"' not in html


def test_what_to_do_follows_what_happened():
    assert "Opravte stránky" in next_steps(result())[0]
    done = GroupResult("PS1", "x", [PageResult("PS1", "01_one", "done")], 36, 36)
    assert len(next_steps(result(groups=[done], quarantined=[]))) == 1


@pytest.mark.parametrize(("numbers", "line"), [
    ((4, 31, 36, 12, 20), "4 stránky hotovy, 31 z 36 výkazů, 12 chyb, 20 upozornění"),
    ((1, 1, 1, 1, 1), "1 stránka hotova, 1 z 1 výkazu, 1 chyba, 1 upozornění"),
    ((5, 2, 2, 2, 2), "5 stránek hotovo, 2 z 2 výkazů, 2 chyby, 2 upozornění"),
])
def test_a_group_in_one_line_with_the_right_plurals(numbers, line):
    n_pages, *counts = numbers
    pages = [PageResult("PS1", f"0{n}_x", "done") for n in range(n_pages)]
    assert GroupResult("PS1", "Senioři", pages, *counts).line() == f"PS1 Senioři: {line}"


def test_a_group_with_failures_names_the_pages():
    assert result().groups[0].line() == (
        "PS1 Pobytové služby pro seniory: 1 stránka hotova, 1 stránka selhala (02_two), 31 z 36 výkazů, 12 chyb, "
        "20 upozornění")


def test_exit_codes():
    good = GroupResult("PS1", "x", [PageResult("PS1", "01_one", "done")])
    assert RunResult(IMPRINT, [good]).exit_code == 0
    assert RunResult(IMPRINT, [good], [Quarantined("a", "b")]).exit_code == 3
    assert result().exit_code == 1
