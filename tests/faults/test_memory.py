"""Pages that take too much memory or print without end harm nobody but themselves."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from kpsslib.batch.graph import Node

GREEDY = """
import numpy, pyarrow
if group == "PS1":
    many = [0]
    while True: many += many
if group == "PS2":
    numpy.ones(10**9)
if group == "PS3":
    pyarrow.allocate_buffer(10**10)
"""
LINES = 10_000
FLOOD = {
    "PS1": f"for n in range({LINES}): print(f'a{{n:07}}' + 'x' * 192, flush=True)",
    "PS2": "for n in range(50): print(f'b{n:07}' + 'y' * 10**6)",
    "PS3": "import logging, sys\nlogging.basicConfig(stream=sys.stdout, format='%(message)s', level='INFO')\n"
           "for n in range(10**6): logging.info('c%07d', n)",
}
MOST_MB = 300  # of the coordinator


def test_pages_out_of_memory(site, injected):
    injected("R13", 3)
    site.page("01_one", GREEDY)
    site.page("02_two", "1 + 1")
    site.run_file(groups=["PS1", "PS2", "PS3", "PS4"], pages=["01_one", "02_two"], memory_mb=300)
    ended = site.batch()
    assert ended.code == 1
    tried = {Node(one.group, one.page): one for one in site.attempts()}
    for group in ("PS1", "PS2", "PS3"):
        assert tried[Node(group, "01_one")].state == "failed"
        reason = "buňka 4 potřebovala více paměti než 300 MB, které stránka smí použít"
        assert tried[Node(group, "01_one")].error.startswith(reason)
        assert f"{group} 01_one: selhala: {reason}" in ended.said
    assert {node for node, one in tried.items() if one.state == "done" and node.group != "all"} == {
        Node("PS4", "01_one"), *(Node(f"PS{n}", "02_two") for n in range(1, 5))}


@pytest.mark.parametrize("group", FLOOD)
def test_pages_that_print_without_end(group, site, injected):
    injected("R14")
    site.page("01_one", FLOOD[group])
    site.run_file(groups=[group])
    process = site.start("batch", "parameters/runs/small.yaml")
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, high_water_mb(process.pid))
        time.sleep(0.02)
    assert site.ended(process).code == 0
    assert 0 < peak < MOST_MB
    lines = (site.outputs / "batch.log").read_text("utf-8").splitlines()
    n, begins, rest = {"PS1": (LINES, "a", "x" * 192), "PS2": (50, "b", "y" * 10**6), "PS3": (10**6, "c", "")}[group]
    assert [line for line in lines if line[:1] == begins] == [f"{begins}{i:07}{rest}" for i in range(n)]
    assert (site.outputs / "pages" / group / "01_one.ipynb").stat().st_size < 4 * 10**6


def high_water_mb(pid: int) -> float:
    """The most memory that a process has had so far."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
