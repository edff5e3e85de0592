"""Start the dashboards: `python -m kpsslib.dashboards [--run FILE] [--port N] [--lang cs|en]`."""

from __future__ import annotations

import argparse
import socket
import sys

from kpsslib.dashboards.serve import serve
from kpsslib.language import LANGUAGES, _, speak
from kpsslib.workspace import RunError


def main() -> int:
    """Read the command line and serve; 1 where the port is taken or the project is not whole."""
    parser = argparse.ArgumentParser(prog="python -m kpsslib.dashboards")
    parser.add_argument("--run", metavar="FILE")
    parser.add_argument("--port", type=int, default=8866)
    parser.add_argument("--lang", choices=LANGUAGES, default="cs")
    options = parser.parse_args()
    speak(options.lang)
    if _taken(options.port):
        print(_("port {port} is taken; stop what runs there or choose another with --port", port=options.port),
              file=sys.stderr)
        return 1
    try:
        serve(options.run, options.port, options.lang)
    except (RunError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
