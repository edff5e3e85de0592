"""The widget's Python side: it answers what exists, and says what is missing."""

import pytest

from kpsslib.dashboards import show_benchmark
from kpsslib.dashboards.widget import BenchmarkWidget, missing_message


def test_an_answer_carries_the_number_of_its_question(board):
    widget = BenchmarkWidget(board)
    widget.asked = {"service_type": "DZR", "n": 1}
    assert widget.view["answers"] == 1
    assert widget.view["choice"]["service_type"] == "DZR"
    widget.asked = {"service_type": "<script>", "n": 2}
    assert widget.view["answers"] == 2
    assert widget.view["choice"]["service_type"] == "DZR"
    widget.asked = {"n": {"any": "thing"}}
    assert widget.view["answers"] == 0


def test_words_and_colours_are_sent_once(board):
    widget = BenchmarkWidget(board)
    assert widget.texts["heading"] == "Srovnání sociálních služeb"
    assert widget.texts["region"] == "Zkušební kraj"
    assert widget.palette["better"] != widget.palette["worse"]


def test_without_a_run_there_is_a_message_and_no_traceback(project, monkeypatch, capsys):
    shown = []
    monkeypatch.chdir(project)
    monkeypatch.setattr("kpsslib.dashboards.widget.display", shown.append)
    show_benchmark("parameters/runs/nowhere.yaml", "cs")
    text = shown[0].data
    assert "Zatím není co ukázat" in text
    assert "soubor běhu neexistuje" in text
    assert "kpss batch parameters/runs/nowhere.yaml" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_server_s_run_goes_before_the_page_s(project, monkeypatch, language):
    shown = []
    monkeypatch.chdir(project)
    monkeypatch.setattr("kpsslib.dashboards.widget.display", shown.append)
    monkeypatch.setenv("KPSS_RUN_FILE", "parameters/runs/example.yaml")
    monkeypatch.setenv("KPSS_LANGUAGE", language)
    show_benchmark("parameters/runs/nowhere.yaml", "cs")
    assert shown[0].texts["language"] == language


def test_what_a_message_quotes_is_escaped():
    assert "<script>" not in missing_message("<script>", ["<script>"])
