"""How the dashboards are served: closed to everything a visitor does not need."""

import socket
import subprocess
import sys

from kpsslib.dashboards.serve import configuration, page_texts


def test_the_server_is_closed():
    config = configuration(8866, "cs")
    assert config.Voila.ip == "127.0.0.1"
    assert config.Voila.port_retries == 0
    voila = config.VoilaConfiguration
    assert voila.file_allowlist == []
    assert (voila.allow_template_override, voila.allow_theme_override) == ("NO", "NO")
    assert voila.strip_sources
    assert not voila.show_tracebacks
    assert config.MappingKernelManager.cull_idle_timeout > 0


def test_the_page_around_it_speaks_the_language_of_the_run(board):
    assert page_texts()["loading"] == "Dashboard se připravuje…"


def test_a_taken_port_is_said_and_no_other_is_taken(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run([sys.executable, "-m", "kpsslib.dashboards", "--port", str(port)], cwd=project,
                               capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"port {port} je obsazený" in ended.stderr
    assert "Traceback" not in ended.stderr
