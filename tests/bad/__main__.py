"""`python -m tests.bad [ID...]`: every fault of the list with its class as expected and as it came out."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bad.corpus import CORPUS
from tests.bad.trial import try_out


def main(wanted: list[str]) -> int:
    """Print a line a file of each fault; return how many are not as expected."""
    failed = 0
    for one in CORPUS:
        if wanted and one.id not in wanted:
            continue
        with TemporaryDirectory() as folder:
            try:
                outcomes = try_out(one, Path(folder))
            except Exception as error:  # what nobody may ever see is worth a line of its own
                print(f"{one.id:4}{one.words:60.60} {one.expected:10} {type(error).__name__}: {str(error)[:150]}")
                failed += 1
                continue
        for n, each in enumerate(outcomes):
            print(f"{one.id if not n else '':4}{one.words if not n else '':60.60} {each.sent.expected:10} {each.got:10}"
                  f" {each.message[:150]}")
            for complaint in each.complaints:
                print(f"     !! {complaint}")
            failed += bool(each.complaints)
    print(f"{failed} not as expected")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
