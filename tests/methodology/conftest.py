"""The methodology as it is committed, and a copy of it that a test may spoil."""

import shutil
from pathlib import Path

import pytest

from kpsslib.language import speak
from kpsslib.methodology import load

FOLDER = Path(__file__).parents[2] / "parameters" / "methodology"


@pytest.fixture(scope="session")
def methodology():
    return load(FOLDER)


@pytest.fixture
def folder(tmp_path):
    """A good methodology folder for one fault to be put in."""
    return Path(shutil.copytree(FOLDER, tmp_path / "methodology"))


@pytest.fixture(autouse=True)
def _in_czech():
    speak("cs")
    yield
    speak("cs")
