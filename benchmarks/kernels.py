"""What a warm kernel is worth to who waits for it: `python -m benchmarks.kernels [--views N] [--json FILE]`.

In one session and in turns: an ordinary kernel and a warm one started by the same program, until each answers; and
the dashboard of one and the same run, served by `python -m kpsslib.dashboards` and by plain `voila` (its own template,
the ordinary kernel), in headless Chromium with an empty cache each time, from the request to the first frame with the
figure. Then the kernel's own memory (PSS), first while nobody else looks, then beside three more: what kernels share
counts in parts, to the warm process too. Plain Voilà's third-party hosts fail at once here, which favours it.
Goals: 0.4 of the time to an answer, half the memory, 0.6 of the time to the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import AsyncKernelManager

from benchmarks.dashboard import CHROMIUM, ROOT, free_port, served
from benchmarks.small_project import write_project
from benchmarks.telling import figure, tell

READY, MEMORY, VISIBLE = 0.4, 0.5, 0.6
STARTS = 7
VIEWERS = 4
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"

# Resolves to the milliseconds from the request to the frame after the figure stands in the page.
SEEN = """() => new Promise((resolve) => {
    const look = () => document.querySelector('.kb[data-drawn]')
        ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))) : setTimeout(look, 2);
    look();
})"""


async def seconds_to_answer(name: str) -> float:
    """From asking for a kernel to its first answer."""
    manager = AsyncKernelManager(kernel_name=name)
    started = time.perf_counter()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.kernel_info(reply=True, timeout=60)
    seconds = time.perf_counter() - started
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    return seconds


async def answers() -> dict[str, float]:
    """Median seconds to an answer by kernel; the first start, which waits for the warm process, does not count."""
    found = {"python3": [], "kpss": []}
    for _ in range(STARTS + 1):
        for name, seconds in found.items():
            seconds.append(await seconds_to_answer(name))
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}


def kernels_of(server: psutil.Process) -> list[psutil.Process]:
    """The server's kernels: ordinary ones, or children of the warm process, which bear that one's command."""
    found = []
    for process in server.children(recursive=True):
        with suppress(psutil.Error):  # one that has just ended
            command, above = process.cmdline(), process.parent().cmdline()
            if "ipykernel_launcher" in command or (command == above and not process.children()):
                found.append(process)
    return found


def look(browser, address: str, server: psutil.Process, viewers: int = 1) -> tuple[float, float]:
    """Seconds to the figure in an empty browser, and a kernel's PSS in MB; of several viewers the last and the mean.

    At the end the kernels are gone.
    """
    pages = [new_page(browser, address) for _ in range(viewers)]
    for page in pages:
        page.goto(address, wait_until="commit", timeout=120_000)
        seconds = page.evaluate(SEEN) / 1000
    pages[-1].wait_for_timeout(500)
    memory = statistics.fmean(kernel.memory_full_info().pss / 2**20 for kernel in kernels_of(server))
    for page in pages:
        page.goto("about:blank")  # leaving the page ends its kernel
    until = time.monotonic() + 20
    while kernels_of(server) and time.monotonic() < until:
        time.sleep(0.1)
    for page in pages:
        page.context.close()
    return seconds, memory


def new_page(browser, address: str):
    """A page with an empty cache, and with the cookie that lets it end its kernel: plain Voilà gives none."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "_xsrf", "value": "6b707373", "url": address}])
    return context.new_page()


def views(folder: Path, times: int) -> dict[str, dict[str, float]]:
    """The dashboard's first view both ways in turns: median seconds, and a kernel's PSS alone and beside others."""
    from playwright.sync_api import sync_playwright

    ports = {"ours": free_port(), "plain": free_port()}
    page = write_plain_page(folder)
    commands = {
        "ours": [sys.executable, "-m", "kpsslib.dashboards", "--port", str(ports["ours"])],
        "plain": [sys.executable, "-m", "voila", str(page), f"--Voila.port={ports['plain']}", "--no-browser",
                  "--Voila.port_retries=0", "--Voila.ip=127.0.0.1"],
    }
    found = {way: {"seconds": [], "alone": [], "together": []} for way in ports}
    with (sync_playwright() as driver, served(commands["ours"], folder, ports["ours"]) as ours,
          served(commands["plain"], folder, ports["plain"]) as plain):
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, ALONE])
        both = [("ours", ours, listening(ports["ours"])), ("plain", plain, listening(ports["plain"]))]
        for turn in range(times + 1):
            for way, address, server in both:
                seconds, memory = look(browser, address, server)
                if turn:  # the first view of a server also reads its templates
                    found[way]["seconds"].append(seconds)
                    found[way]["alone"].append(memory)
        for way, address, server in both:
            found[way]["together"].append(look(browser, address, server, VIEWERS)[1])
        browser.close()
    return {way: {name: statistics.median(all_) for name, all_ in seen.items()} for way, seen in found.items()}


def write_plain_page(folder: Path) -> Path:
    """The dashboard's page beside itself, asking for the ordinary kernel."""
    path = folder / "notebooks" / "dashboards" / "benchmark.ipynb"
    page = nbformat.read(path, 4)
    page.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(page, path.with_name("plain.ipynb"))
    return path.with_name("plain.ipynb")


def listening(port: int) -> psutil.Process:
    """The process below this one that serves the port."""
    alive = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return next(one for one in alive if str(port) in " ".join(one.cmdline()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels")
    parser.add_argument("--views", type=int, default=5, help="how many first views of each kind count")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if shutil.which("chromium") is None:
        print("no Chromium on this machine (Debian: apt-get install chromium)", file=sys.stderr)
        return 2
    seconds = asyncio.run(answers())
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), ROOT)
        seen = views(Path(folder), options.views)
    figures = compared(seconds, seen)
    tell(figures, options.json)
    return 0 if all(one["met"] == "met" for one in figures) else 1


def compared(answered: dict[str, float], seen: dict[str, dict[str, float]]) -> list[dict]:
    """Each figure beside that of the ordinary way."""
    ours, plain = seen["ours"], seen["plain"]
    return [
        one("a warm kernel answers (s)", answered["kpss"], answered["python3"], READY),
        one("its PSS after the first view, one viewer (MB)", ours["alone"], plain["alone"], MEMORY),
        one(f"its PSS after the first view, {VIEWERS} viewers (MB)", ours["together"], plain["together"], MEMORY),
        one("the dashboard's figure is visible (s)", ours["seconds"], plain["seconds"], VISIBLE),
    ]


def one(name: str, value: float, alternative: float, most: float) -> dict:
    return figure(name, value, alternative, f"at most {most}", value / alternative <= most)


if __name__ == "__main__":
    sys.exit(main())
