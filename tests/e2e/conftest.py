"""A served dashboard of a small made-up run and a headless browser that watches what the page does."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.small_project import write_project

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]


class Server:
    """`python -m kpsslib.dashboards` in a project, on a free port, until it is stopped."""

    def __init__(self, project: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        command = [sys.executable, "-m", "kpsslib.dashboards", "--port", str(self.port), *options]
        self.log = project / f"server_{self.port}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=project, stdout=log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self) -> None:
        for _ in range(240):
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text("utf-8"))
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.25)
        raise TimeoutError(self.log.read_text("utf-8"))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    write_project(folder, ROOT)
    return folder


@pytest.fixture(scope="session")
def serve():
    """Serve the dashboard of a project until the tests end."""
    running = []

    def start(folder: Path, *options: str) -> Server:
        running.append(Server(folder, *options))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def server(browser, project, serve):
    return serve(project)


class Visit:
    """A page with what it asked for and complained about."""

    def __init__(self, browser, width: int = 1280, height: int = 900) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address: str):
        self.page.goto(address)
        self.page.wait_for_selector(".kb[data-drawn]", timeout=60_000)
        return self.page

    def choose(self, control: str, code: str) -> None:
        """Choose in a drop-down and wait for the answer."""
        drawn = self.drawn()
        self.page.select_option(f".kb select[name={control}]", code)
        self.wait_after(drawn)

    def drawn(self) -> int:
        return int(self.page.get_attribute(".kb", "data-drawn"))

    def wait_after(self, drawn: int) -> None:
        self.page.wait_for_function("n => Number(document.querySelector('.kb').dataset.drawn) > n", arg=drawn)

    def seen(self) -> dict[str, str]:
        """What the figure, the series and the table say now."""
        return {
            "title": self.page.inner_text(".kb h2"), "figure": self.page.inner_html(".kb-rows"),
            "series": self.page.inner_html(".kb-series"), "table": self.page.inner_text(".kb-table table"),
        }


@pytest.fixture
def visit(browser):
    visits = []

    def make(**size) -> Visit:
        visits.append(Visit(browser, **size))
        return visits[-1]

    yield make
    complaints = [text for one in visits for text in one.complaints]
    foreign = [url for one in visits for url in one.requests
               if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    for one in visits:
        one.page.close()
    assert complaints == []
    assert foreign == []
