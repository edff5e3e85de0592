"""Cells run in a forked process give what an ordinary kernel gives."""

from __future__ import annotations

import os
import shutil

import nbformat
import pytest

from tests.kernels.awkward import CELLS
from tests.kernels.conftest import ROOT, by_kernel, in_fork, notebook, plain

PAGES = ["01_cleaning", "02_indicators", "03_comparison", "04_financing"]


@pytest.fixture(scope="module")
def ran(warm, tmp_path_factory):
    """Every awkward cell by an ordinary kernel and in a fork, what they made of widgets last."""
    folder = tmp_path_factory.mktemp("awkward")
    environment = os.environ | {"PWD": str(folder)}
    environment.pop("PYTEST_CURRENT_TEST", None)  # a kernel that finds it does not take what is printed below Python
    page = lambda: notebook(*CELLS.values(), tags=("raises-exception",))  # noqa: E731
    ordinary = by_kernel(page(), folder, env=environment)
    forked = in_fork(warm, page(), cwd=folder, env=environment)
    assert forked.whole
    return plain(ordinary), plain(forked.notebook)


@pytest.mark.parametrize("name", [*CELLS, "state of widgets"])
def test_an_awkward_cell_gives_the_same(ran, name):
    place = [*CELLS, "state of widgets"].index(name)
    ordinary, forked = ran[0][place], ran[1][place]
    assert forked == ordinary


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The model region with its tables, which the pages may write over."""
    if not (ROOT / "data/example/returns").is_dir() or not (ROOT / "outputs/example/tables/PS1").is_dir():
        pytest.skip("the model region has not been made and run here: make demo")
    folder = tmp_path_factory.mktemp("project")
    for name in ("parameters", "data"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    for name in ("tables/PS1", "intake", "originals"):
        shutil.copytree(ROOT / "outputs/example" / name, folder / "outputs/example" / name)
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_a_page_gives_the_same(warm, project, name):
    read = lambda: nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)  # noqa: E731
    forked = in_fork(warm, read(), cwd=project)
    assert forked.whole
    ordinary = by_kernel(read(), project)
    for of_fork, of_kernel in zip(plain(forked.notebook), plain(ordinary), strict=True):
        assert of_fork == of_kernel
    assert forked.notebook.metadata.language_info == ordinary.metadata.language_info
