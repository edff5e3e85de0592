"""The dashboards' kernels: warm, one a viewer, gone with the page and with the server."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from kpsslib.kernels import Warm

pytestmark = pytest.mark.skipif(not Warm.possible(), reason="this system cannot fork processes")


class Viewer:
    """Loads the dashboard as a browser does, keeps its cookies and knows its kernel."""

    def __init__(self, address):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies)).open
        with self._open(address, timeout=120) as answer:
            self.page = answer.read().decode()
        self.kernel = re.search(r'dataset\.kernelId = "([0-9a-f-]+)"', self.page)[1]

    def leave(self):
        """What the browser sends when the page is closed."""
        token = next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")
        data = urllib.parse.urlencode({"_xsrf": token}).encode()
        with self._open(f"{self.address}voila/api/shutdown/{self.kernel}", data, timeout=30) as answer:
            return answer.status


@pytest.fixture
def server(project, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "kpsslib.dashboards", "--port", str(port)], cwd=project,
                                   stdout=log, stderr=subprocess.STDOUT)
    wait_for(lambda: listens(port))
    yield psutil.Process(process.pid), f"http://127.0.0.1:{port}/"
    process.terminate()
    process.wait(30)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it has not come in time"
        time.sleep(0.1)
    return found


def kernels(server):
    """The children of the server's warm processes."""
    return {child.pid for warm in server.children() for child in warm.children()}


def ended(pids):
    return all(not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE for pid in pids)


def test_the_warm_process_is_there_before_the_first_visitor(server):
    process, _address = server
    commands = wait_for(lambda: [" ".join(child.cmdline()) for child in process.children()])
    assert "kpsslib.kernels.serving" in commands[0]
    assert kernels(process) == set()


def test_two_viewers_at_once_have_a_kernel_each_and_it_ends_with_the_page(server):
    process, address = server
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(Viewer, [address] * 2)
    assert first.kernel != second.kernel
    assert "application/vnd.jupyter.widget-view+json" in first.page
    assert len(kernels(process)) == 2
    assert first.leave() == 204
    wait_for(lambda: len(kernels(process)) == 1)
    assert second.leave() == 204
    wait_for(lambda: not kernels(process))


def test_a_kernel_that_died_is_started_again(server):
    process, address = server
    Viewer(address)
    (old,) = kernels(process)
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: kernels(process) - {old})


def test_nothing_outlives_the_server(server):
    process, address = server
    Viewer(address)
    below = [child.pid for child in process.children(recursive=True)]
    assert len(below) == 2
    process.kill()
    wait_for(lambda: ended(below), 10)
