"""One input, parameter, line or package changed: exactly what depends on it is made again, and `kpss why` says so."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kpsslib.batch.graph import Node
from kpsslib.batch.modules import Sources
from kpsslib.batch.pages import plain_code, read_notebook
from kpsslib.batch.runner import BOOK
from tests.faults.kit import FULL
from tests.faults.region import GROUPS, PAGES, Region, shared

RUN_FILE = "parameters/runs/small.yaml"
CLEANING, INDICATORS, COMPARISON, FINANCING = PAGES
REGION = Node("all", FINANCING)


def of(*pages: str) -> set[Node]:
    """The pages of all groups, with that of the region."""
    return {Node(group, page) for group in GROUPS for page in pages} | ({REGION} if FINANCING in pages else set())


@pytest.fixture(scope="module")
def ready(tmp_path_factory, package):
    """A region whose batch has ended."""
    return shared(tmp_path_factory, package, "whole")


@pytest.fixture
def region(ready, tmp_path):
    copy = ready.copy(tmp_path / "site")
    yield copy
    assert copy.orphans() == []


def again(region: Region, **environment: str) -> set[Node]:
    """The pages that the next batch makes."""
    before = {one.number for one in region.attempts()}
    ended = region.batch(**environment)
    assert ended.code == 3, ended.said
    made = [Node(one.group, one.page) for one in region.attempts() if one.number not in before]
    assert len(made) == len(set(made))
    return set(made)


def why(region: Region, page: str, **environment: str) -> str:
    told = region.kpss("why", page, "--run-file", RUN_FILE, **environment)
    assert told.code == 0, told.said
    return told.said


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def edit_cell(region: Region, group: str, item: str) -> str:
    """One more in one cell of one return of the group that is in use; the return's name."""
    services = pd.read_parquet(region.outputs / "tables" / group / "originals.parquet")
    name = min(services.loc[(services["state"] == "accepted") & (services["group"] == group)
                            & services["file"].str.endswith(".xlsx"), "file"], key=lambda file: Path(file).name)
    path = region.folder / "data" / "returns" / Path(name).name
    sheet = openpyxl.load_workbook(path)["Výkaz"]
    cell = next(row[n] for row in sheet.iter_rows(max_col=5) for n in (3, 4)
                if row[0].value == item and isinstance(row[n].value, int))
    with zipfile.ZipFile(path) as book:
        parts = {one: book.read(one) for one in book.namelist()}
    pattern = rb'(<c r="%s"[^>]*><v>)%d(</v>)' % (cell.coordinate.encode(), cell.value)
    changed = {one: re.sub(pattern, rb"\g<1>%d\g<2>" % (cell.value + 1), data) for one, data in parts.items()}
    assert sum(changed[one] != parts[one] for one in parts) == 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for one, data in changed.items():
            book.writestr(one, data)
    return path.name


def test_nothing_changed_and_nothing_is_tried(region, injected):
    injected("R17")
    for path in region.folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))  # when a file was written says nothing of it
    before = region.attempts()
    for _batch in range(2):
        assert region.batch().code == 3
    assert region.attempts() == before
    assert "zůstává beze změny" in why(region, COMPARISON)


def test_one_cell_of_one_return(region, injected):
    injected("R17")
    name = edit_cell(region, GROUPS[0], "clients")
    assert name in why(region, CLEANING)
    assert again(region) == {Node(GROUPS[0], page) for page in PAGES} | {REGION}
    assert again(region) == set()


ELSEWHERE = [
    pytest.param("allocation", lambda r: r.keys(allocation={2026: 1, 2027: 92_000_000, 2028: 94_000_000}),
                 of(FINANCING), "klíč allocation", id="allocation"),
    pytest.param("scenario", lambda r: edit(r.folder / "parameters/scenarios/expected.toml", "0.050", "0.051"),
                 of(FINANCING), "parameters/scenarios/expected.toml", id="scenario"),
    pytest.param("formula", lambda r: edit(next(r.folder.glob("parameters/methodology/indicators/*/P04.toml")),
                                           'numerator = "', 'numerator = "1 * '),
                 of(INDICATORS, COMPARISON) | {BOOK}, "metodika: indicators", id="formula"),
    pytest.param("threshold", lambda r: edit(r.folder / "parameters/methodology/rules.toml", "other_share = 0.10",
                                             "other_share = 0.11"),
                 of(CLEANING), "parameters/methodology/rules.toml", id="threshold"),
    pytest.param("page", lambda r: edit(r.folder / "notebooks" / f"{FINANCING}.ipynb", "horizon = 3", "horizon = 2"),
                 of(FINANCING), "sama stránka", id="page"),
    pytest.param("key", lambda r: r.keys(cell_seconds=601), set(), "", id="a key of no page"),
]


@pytest.mark.parametrize(("name", "change", "pages", "told"), ELSEWHERE if FULL else ELSEWHERE[::3])
def test_a_parameter(name, change, pages, told, region, injected):
    injected("R17")
    change(region)
    for page in PAGES:
        said = why(region, page)
        assert [Node(*line.split(":")[0].split(" ")) for line in said.splitlines() if told and told in line] == [
            node for node in (Node(group, page) for group in [*GROUPS, "all"]) if node in pages], said
    assert again(region) == pages
    assert again(region) == set()


LINES = [("financing/cliffs.py", of(FINANCING)), ("comparison/ranks.py", of(COMPARISON)),
         ("cleaning/views.py", of(CLEANING)), ("publishing/templates/style.css", of(*PAGES) | {BOOK}),
         ("locale/cs/comparison.po", of(COMPARISON)), ("dashboards/__init__.py", set()), ("cli/telling.py", set())]


@pytest.mark.parametrize(("file", "pages"), LINES if FULL else LINES[:1])
def test_a_line_of_a_module(file, pages, region, package, tmp_path, injected):
    injected("R17")
    region.package = tmp_path / "package"
    shutil.copytree(package, region.package)
    path = region.package / "kpsslib" / file
    empty = "/* nic */" if path.suffix == ".css" else "# nic"
    path.write_text(path.read_text("utf-8") + f"\n{empty}\n", "utf-8")
    for page in {node.page for node in pages - {BOOK}}:
        assert f"program: kpsslib/{file}" in why(region, page)
    assert again(region) == pages
    assert again(region) == set()


PACKAGES = [("xlrd", of(CLEANING)), ("scipy", of(*PAGES)), ("voila", set())]


@pytest.mark.parametrize(("name", "pages"), PACKAGES if FULL else PACKAGES[:1])
def test_the_version_of_a_package(name, pages, region, tmp_path, injected):
    injected("R17")
    made = tmp_path / "installed" / f"{name}-99.9.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.9\n", "utf-8")
    environment = {"PYTHONPATH": os.pathsep.join([str(region.package), str(made.parent)])}
    for page in {node.page for node in pages}:
        assert f"balíček {name}" in why(region, page, **environment)
    assert again(region, **environment) == pages
    assert again(region, **environment) == set()


LOADED = """
import json, sys
code, place = sys.argv[1:]
exec(compile(open(code, encoding="utf-8").read(), code, "exec"))
files = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "kpsslib"]
open(place, "w", encoding="utf-8").write(json.dumps(files))
"""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_depends_on_every_module_that_it_loads(page, region, tmp_path):
    code = plain_code(read_notebook(region.folder / "notebooks" / f"{page}.ipynb"))
    script, found = tmp_path / "page.py", tmp_path / "found.json"
    code = code.replace("parameters/runs/example.yaml", RUN_FILE).replace('"PS1"', f'"{GROUPS[0]}"')
    script.write_text(code, "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KPSS")}
    subprocess.run([sys.executable, "-c", LOADED, script, found], cwd=region.folder, check=True, capture_output=True,
                   env=environment | {"PYTHONPATH": str(region.package), "MPLBACKEND": "agg"})
    home = region.package / "kpsslib"
    loaded = {f"module:kpsslib/{Path(file).relative_to(home).as_posix()}"
              for file in json.loads(found.read_text("utf-8"))}
    assert len(loaded) > 20
    assert loaded <= set(Sources().of_page(code)[0])


@pytest.mark.parametrize(("source", "reached"), [
    ("import kpsslib.cleaning", True), ("import kpsslib.cleaning.views", True), ("from kpsslib import cleaning", True),
    ("from kpsslib.cleaning import *", True), ("from kpsslib.cleaning import clean, write_archive as write", True),
    ("x = 1; from kpsslib.cleaning import write_archive", True), ("from kpsslib.cleaning import clean", False),
    ("from kpsslib.cleaning.views import problems_table", False), ("", False),
])
def test_a_verb_that_is_loaded_late_is_reached_by_those_who_can_ask_for_it(source, reached):
    assert ("module:kpsslib/cleaning/archiving.py" in Sources().of_page(source)[0]) == reached
