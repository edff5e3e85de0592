"""The package as it was when the tests began, projects of their own, and the count of what was injected."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.faults.kit import FAULTS, INJECTING, PROPERTY, Site
from tests.faults.undisturbed import Undisturbed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """A copy of the package: a module edited meanwhile would be a reason to make a page again.

    What injects lies beside it in the system's temporary folder, where a page's input never lies.
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("faults are injected by what Linux offers")
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(ROOT / "kpsslib", folder / "kpsslib")
    shutil.copytree(INJECTING, folder / INJECTING.name)
    return folder


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, package):
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"), package)


@pytest.fixture(scope="session")
def one_group(tmp_path_factory, package):
    return Undisturbed(tmp_path_factory.mktemp("one_group"), package, groups=1)


@pytest.fixture
def injected(record_property):
    """Says which fault a test injects, how often (0 where it came too late), and what it took to refuse or recover."""
    def note(fault: str, count: int = 1, seconds: float | None = None) -> None:
        assert fault in FAULTS
        record_property(PROPERTY, [fault, count, seconds])
    return note


@pytest.fixture
def site(tmp_path, package):
    """A project of its own without pages."""
    made = Site(tmp_path / "site", package)
    yield made
    assert made.orphans() == []
