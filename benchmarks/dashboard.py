"""How long a changed control takes to show the new figure: `python -m benchmarks.dashboard [--json FILE]`.

Measured in headless Chromium, from the change of a drop-down to the first frame after the new figure stands in the
page: the dashboard's widget, and beside it, in the same run, the same dots, intervals, median and quartiles of the
same table drawn by seaborn and shown through an Output widget. Goal: at most half the time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat

from benchmarks.small_project import write_project

GOAL = 0.5
CHANGES = 15
WARMING = 3
ROOT = Path(__file__).parents[1]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic"]

# The usual way: a drop-down, a seaborn figure, an Output widget. It draws what the dashboard's figure draws.
ALTERNATIVE = '''
import ipywidgets
import matplotlib.pyplot as plt
import seaborn
from IPython.display import display
from kpsslib import drawing
from kpsslib.dashboards.board import Board
from kpsslib.workspace import open_run

board = Board(open_run("parameters/runs/example.yaml"))
group = board.group("PS1")
table = group.compared("N01", "residential")
table = table[table["peers"] == "DZR/residential/beds"].assign(name=lambda rows: rows["unit_id"].map(group.names))
drawing.style()
place = ipywidgets.Output()
year = ipywidgets.Dropdown(options=[str(y) for y in range(2018, 2026)], value="2025", description="Rok")

def draw(change=None):
    rows = table[(table["year"] == int(year.value)) & table["value"].notna()].sort_values("value")
    with place:
        place.clear_output(wait=True)
        figure, axes = plt.subplots(figsize=(8, 0.27 * len(rows) + 1))
        axes.axvspan(rows["q1"].iloc[0], rows["q3"].iloc[0], color=drawing.LIGHT)
        axes.axvline(rows["median"].iloc[0], color=drawing.INK, linestyle="--")
        axes.hlines(rows["name"], rows["low"], rows["high"], color=drawing.GREY)
        colours = {"better": drawing.BLUE, "worse": drawing.ORANGE}
        colours = {position: colours.get(position, drawing.GREY) for position in rows["position"].unique()}
        seaborn.scatterplot(rows, x="value", y="name", hue="position", palette=colours, ax=axes, s=50)
        axes.set(xlabel="Kč za lůžkoden", ylabel="")
        plt.show()

year.observe(draw, "value")
display(year, place)
draw()
'''

# Changes a drop-down in the page and resolves to the milliseconds until the frame after the figure has changed.
WATCH = """([select, figure, code]) => new Promise((resolve, reject) => {
    const control = document.querySelector(select), picture = (node) => node.complete && node.naturalWidth && node.src;
    const state = () => {
        const node = document.querySelector(figure);
        return node && (node.tagName === 'IMG' ? picture(node) : node.dataset.drawn);
    };
    const done = () => resolve(performance.now() - start);
    const before = state(), start = performance.now();
    const look = () => {
        const now = state();
        if (now && now !== before) requestAnimationFrame(() => requestAnimationFrame(done));
        else if (performance.now() - start > 20000) reject(new Error('the figure did not change'));
        else setTimeout(look, 1);
    };
    control.value = code;
    control.dispatchEvent(new Event('change', { bubbles: true }));
    look();
})"""


@contextmanager
def served(command: list[str], folder: Path, port: int):
    """A server on a port while it is needed."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def measure(page, select: str, figure: str) -> float:
    """Median milliseconds from another year to the new figure; the first few changes warm up and do not count."""
    page.wait_for_timeout(1500)
    codes = [str(year) for year in range(2024, 2017, -1)]
    times = [page.evaluate(WATCH, [select, figure, codes[i % len(codes)]]) for i in range(WARMING + CHANGES)]
    return statistics.median(times[WARMING:])


def run(folder: Path) -> dict[str, float]:
    """Both ways in the same browser, on the same made-up run."""
    from playwright.sync_api import sync_playwright

    write_project(folder, ROOT)
    cells = [nbformat.v4.new_code_cell(ALTERNATIVE)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    alternative = folder / "notebooks" / "dashboards" / "output.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), alternative)
    ports = free_port(), free_port()
    ours = [sys.executable, "-m", "kpsslib.dashboards", "--port", str(ports[0])]
    theirs = [sys.executable, "-m", "voila", str(alternative), f"--Voila.port={ports[1]}", "--Voila.port_retries=0",
              "--Voila.ip=127.0.0.1", "--no-browser"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.route(lambda address: not address.startswith("http://127.0.0.1"), lambda route: route.abort())
        with served(ours, folder, ports[0]) as address:
            page.goto(address, timeout=120_000)
            page.select_option(".kb select[name=service_type]", "DZR", timeout=60_000)
            widget = measure(page, ".kb select[name=year]", ".kb[data-drawn]")
        with served(theirs, folder, ports[1]) as address:
            page.goto(address, timeout=120_000)
            page.wait_for_selector(".jp-OutputArea img", timeout=60_000)
            output = measure(page, ".widget-dropdown select", ".jp-OutputArea img")
        browser.close()
    return {"widget_ms": widget, "output_ms": output, "ratio": widget / output, "goal": GOAL}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if shutil.which("chromium") is None:
        print("no Chromium on this machine (Debian: apt-get install chromium)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder))
    print(f"changed control to new figure, median of {CHANGES}")
    print(f"  dashboard's widget            {found['widget_ms']:7.0f} ms")
    print(f"  seaborn through Output widget {found['output_ms']:7.0f} ms")
    print(f"  ratio {found['ratio']:.2f}, goal at most {GOAL}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 0 if found["ratio"] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
