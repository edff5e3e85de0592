"""Batches, pages and their restarts, killed: what was finished stays whole, and what was not is made again."""

from __future__ import annotations

import json
import random
import shutil

import pytest

from kpsslib.batch.graph import Node
from tests.batch.conftest import PARAMETERS
from tests.faults.kit import FULL, LOOK, READ, SAVE, Site, often, page_seed
from tests.faults.region import GROUPS as REGION_GROUPS
from tests.faults.region import PAGES, Region
from tests.faults.undisturbed import NEW, OLD, check_between, check_end


@pytest.mark.parametrize("seed", range(often(50, 5)))
def test_a_batch_killed_at_a_random_moment(seed, undisturbed, tmp_path, injected):
    moments = random.Random(seed)
    site = undisturbed.again(tmp_path / "site")
    injected("R1", int(site.killed(moments.uniform(0, undisturbed.seconds))))
    check_end(site, undisturbed, check_between(site, undisturbed))


@pytest.mark.parametrize("seed", range(often(10, 2)))
def test_a_batch_that_goes_on_is_killed_too(seed, undisturbed, tmp_path, injected):
    moments = random.Random(1000 + seed)
    site = undisturbed.again(tmp_path / "site")
    finished, kills = set(), 0
    for options in ((), ("--resume",), ("--resume",))[:often(3, 2)]:
        kills += site.killed(moments.uniform(0.3, 1) * undisturbed.seconds, *options)
        finished |= check_between(site, undisturbed)
    injected("R18", int(kills > 1))
    check_end(site, undisturbed, finished)


# The first cell of a page: its process is killed when the cell begins that has the number of its group.
KILLED = """
import itertools, os
number = {numbers}.get(os.environ["KPSS_SEED"])
begun = itertools.count(2)
get_ipython().events.register("pre_run_cell", lambda _: number == next(begun) and os.kill(os.getpid(), 9))
number == 1 and os.kill(os.getpid(), 9)
"""
CELLS = {"01_one": SAVE.format(rows=OLD), "02_two": READ, "03_three": LOOK}  # five code cells each, with the usual ones
GROUPS = {f"PS{n}": n for n in range(1, 6)}


@pytest.fixture(scope="module")
def three_pages(tmp_path_factory, package):
    """Three pages for six groups, made once."""
    site = Site(tmp_path_factory.mktemp("three") / "site", package)
    for name, cell in CELLS.items():
        site.page(name, cell)
    site.run_file(groups=[*GROUPS, "PS6"], pages=[*CELLS])
    assert site.batch().code == 0
    return site


@pytest.mark.parametrize("page", [*CELLS][:often(3, 1)])
def test_a_page_whose_process_is_killed_in_a_cell(page, three_pages, tmp_path, injected):
    injected("R2", len(GROUPS))
    site = three_pages.copy(tmp_path / "site")
    before = site.made()
    numbers = {page_seed(page, group): n for group, n in GROUPS.items()}
    site.page(page, CELLS[page], parameters=f"{PARAMETERS}\n{KILLED.format(numbers=numbers)}")
    ended = site.batch()
    assert ended.code == 1
    tried = {Node(one.group, one.page): one for one in site.attempts()}
    states = {node: one.state for node, one in tried.items()}
    waiting = {"02_two", "03_three"} if page == "01_one" else set()
    assert states == {node: "failed" if node.page == page and node.group in GROUPS else
                      "left_out" if node.page in waiting and node.group in GROUPS else "done" for node in before}
    for group, n in GROUPS.items():
        reason = f"proces stránky náhle skončil v buňce {n}; možná došla paměť"
        assert tried[Node(group, page)].error == reason
        assert f"{group} {page}: selhala: {reason}" in ended.said
    stands = {node: of for node, of in before.items() if node.group in GROUPS}
    assert site.stands(stands) == stands
    assert site.orphans() == []


@pytest.fixture(scope="module")
def region(tmp_path_factory, package):
    """Two groups of the model region with the pages of the house, made once."""
    site = Region(tmp_path_factory.mktemp("region") / "site", package)
    assert site.batch().code in (0, 3)
    return site


@pytest.mark.skipif(not FULL, reason="every cell of the pages of the house: make faults")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_house_whose_process_is_killed_in_a_cell(page, region, tmp_path, injected):
    """In every second cell for one group, in those between for the other; everything before them stands as it was."""
    before = region.made()
    notebook = json.loads((region.folder / "notebooks" / f"{page}.ipynb").read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    n_cells = len(code) + 1  # with the parameters that the batch gives
    injected("R2", n_cells)
    first = next(cell for cell in code if "parameters" in cell["metadata"].get("tags", []))
    plain = "".join(first["source"])
    for n in range(1, n_cells + 1, len(REGION_GROUPS)):
        site = region.copy(tmp_path / f"site-{n}")
        killed = {group: n + i for i, group in enumerate(REGION_GROUPS) if n + i <= n_cells}
        numbers = {page_seed(page, group): number for group, number in killed.items()}
        first["source"] = f"{plain}\n{KILLED.format(numbers=numbers)}"
        (site.folder / "notebooks" / f"{page}.ipynb").write_text(json.dumps(notebook), "utf-8")
        assert site.batch().code == 1
        tried = {Node(one.group, one.page): one for one in site.attempts()}
        for group, number in killed.items():
            assert tried[Node(group, page)].error == f"proces stránky náhle skončil v buňce {number}; možná došla paměť"
        old = {node: of for node, of in before.items() if node.page != page or node.group in killed}
        assert site.stands(old) == old
        shutil.rmtree(site.folder)


# Cells that take too long, one a group; some of them do not let themselves be stopped.
LONG = {
    "PS1": "time.sleep(600)",
    "PS2": "while True: pass",
    "PS3": "while True:\n        try: time.sleep(1)\n        except Exception: pass",
    "PS4": "while True:\n        try: time.sleep(1)\n        except BaseException: pass",
    "PS5": "subprocess.run(['sleep', '600'])",
    "PS6": "threading.Lock().acquire(timeout=600); threading.Event().wait(600)",
    "PS7": "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM}); time.sleep(600)",
    "PS8": "os.fork() or time.sleep(600); os.wait()",
}


def test_a_cell_over_its_time(site, injected):
    injected("R3", len(LONG))
    site.page("01_one", SAVE.format(rows=OLD))
    site.page("02_two", READ)
    site.page("03_three", "1 + 1")
    site.run_file(groups=[*LONG], pages=[*CELLS])
    assert site.batch("--workers", "8").code == 0
    before = site.made()
    site.run_file(groups=[*LONG], pages=[*CELLS], cell_seconds=5)
    cases = "".join(f"if group == '{group}':\n    {code}\n" for group, code in LONG.items())
    site.page("01_one", f"import os, signal, subprocess, threading, time\n{cases}", SAVE.format(rows=OLD))
    ended = site.batch("--workers", "8")
    assert ended.code == 1
    tried = {Node(one.group, one.page): one for one in site.attempts()}
    for group in LONG:
        assert tried[Node(group, "01_one")].state == "failed"
        assert tried[Node(group, "01_one")].error.startswith("buňka 4 trvala déle než 5 s")
        assert tried[Node(group, "02_two")].state == "left_out"
        assert tried[Node(group, "03_three")].state == "done"
    assert site.stands(before) == before
    assert site.orphans() == []


@pytest.mark.parametrize("workers", ["2", "1"][:often(2, 1)])
def test_the_batch_over_its_time(workers, site, injected):
    injected("R3")
    site.page("01_one", SAVE.format(rows=OLD))
    site.page("02_two", READ)
    site.run_file(groups=["PS1", "PS2"], pages=["01_one", "02_two"])
    assert site.batch().code == 0
    before = site.made()
    site.page("01_one", "import time\nif group == 'PS2': time.sleep(600)", SAVE.format(rows=NEW))
    assert site.batch("--group", "PS1").code == 0  # so that only the one that takes too long races the time
    site.run_file(groups=["PS1", "PS2"], pages=["01_one", "02_two"], batch_seconds=25)
    ended = site.batch("--workers", workers)
    assert ended.code == 1
    assert "čas celé dávky, 25 s, vypršel" in ended.said
    states = {(one.group, one.page): one.state for one in site.attempts()}
    assert states["PS2", "01_one"] == "failed"
    assert states["PS2", "02_two"] == "left_out"
    assert states["PS1", "01_one"] == states["PS1", "02_two"] == "done"
    old = {node: of for node, of in before.items() if node.group == "PS2"}
    assert site.stands(old) == old
    assert site.orphans() == []
