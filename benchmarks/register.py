"""How fast the state's register of providers is taken in: `python -m benchmarks.register [--json FILE]`.

A made-up register of about 100 MB (6,700 services, 20,100 facilities) is read twice in processes of their own:
`kpss import --register` with everything it does, and beside it only `json.load` of the same file.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from time import perf_counter

from benchmarks.open_register import address, facility, item, write
from benchmarks.telling import figure, tell

ROOT = Path(__file__).resolve().parents[1]
SERVICES = 6_700
MOST_MEGABYTES, MOST_TIMES = 150, 3


def main() -> None:
    """Measure both ways and print every figure with its alternative and goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure:
        print(json.dumps(_measure(WAYS[chosen.measure])))
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "parameters").symlink_to(ROOT / "parameters", target_is_directory=True)
        n_bytes = write(Path(folder, "rpss.json"), map(_service, range(SERVICES))).stat().st_size
        figures = _compare(n_bytes / 1e6, *(_in_own_process(way, folder) for way in WAYS))
    tell(figures, chosen.json)


def _service(n: int) -> dict:
    """A service with three facilities and as much text as makes the file as large as the real one."""
    places = [facility(f"Domov {n}/{floor}", address(ruian=11_000_000 + 3 * n + floor)) for floor in range(3)]
    documents = [{"popis": "Poskytování sociálních služeb podle zákona č. 108/2006 Sb. ", "priloha": {
        "url": f"https://example.cz/documents/{n}/{k}"}, "platnostOd": "2020-01-01"} for k in range(63)]
    return item(n, zarizeni=places, doplnkoveUdaje={"realizacePoskytovani": documents})


def _import() -> None:
    from kpsslib.cli import main as kpss

    if kpss(["import", "--register", "rpss.json", "--lang", "en"]):
        raise SystemExit(1)


def _load() -> None:
    with Path("rpss.json").open("rb") as file:
        json.load(file)


WAYS = {"import": _import, "json.load": _load}


def _measure(way: Callable[[], None]) -> dict:
    import kpsslib.batch.registering
    import kpsslib.cli.telling_register  # noqa: F401 – what importing takes is not counted

    before, begin = _peak(), perf_counter()
    with redirect_stdout(io.StringIO()):
        way()
    return {"seconds": perf_counter() - begin, "megabytes": _peak() - before}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_own_process(way: str, folder: str) -> dict:
    run = subprocess.run([sys.executable, "-m", "benchmarks.register", "--measure", way], cwd=folder, check=True,
                         capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return json.loads(run.stdout.splitlines()[-1])


def _compare(megabytes: float, ours: dict, whole: dict) -> list[dict]:
    ratio = ours["seconds"] / whole["seconds"]
    return [
        figure(f"register of {megabytes:.0f} MB taken in, s", ours["seconds"], whole["seconds"],
                f"at most {MOST_TIMES} times", ratio <= MOST_TIMES),
        figure("  MB a second", megabytes / ours["seconds"], megabytes / whole["seconds"]),
        figure("  peak memory above importing, MB", ours["megabytes"], whole["megabytes"],
                f"at most {MOST_MEGABYTES}", ours["megabytes"] <= MOST_MEGABYTES),
    ]


if __name__ == "__main__":
    main()
