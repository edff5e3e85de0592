"""The board of a small made-up project, and a view of it."""

from pathlib import Path

import pytest

from benchmarks.small_project import write_project
from kpsslib.dashboards.board import Board
from kpsslib.language import speak
from kpsslib.workspace import open_run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    write_project(folder, ROOT)
    return folder


@pytest.fixture
def board(project, monkeypatch):
    monkeypatch.chdir(project)
    speak("cs")
    return Board(open_run("parameters/runs/example.yaml"))
