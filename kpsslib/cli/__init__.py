"""The command line, `kpss`: Czech by default, English with `--lang en`; wrong calls end in sentences, not tracebacks.

Exit codes: 0 all done, 1 some page failed (or an unexpected error), 2 wrong call or parameters, 3 done with
quarantined returns, or returns to correct.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import typer

from kpsslib.cli.commands import kpss
from kpsslib.cli.words import WRONG_CALL, in_language, take_language, wrong_call
from kpsslib.language import _, speak


def app() -> None:
    """The command `kpss`; ends the process with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    speak("cs")
    try:
        language, rest = take_language(arguments)
        speak(language or "cs")
        return in_language(kpss)(rest or ["--help"], prog_name="kpss", standalone_mode=False, obj=language) or 0
    except (KeyboardInterrupt, typer.Abort):
        return _complain([_("Stopped. What was finished stays; the batch can be run again.")], 1)
    except WRONG_CALL as error:
        return _complain([wrong_call(error)], 2)
    except Exception as error:
        if problems := getattr(error, "problems", None):
            return _complain(list(problems), getattr(error, "exit_code", 2))
        if getattr(error, "errno", 0) == errno.ENAMETOOLONG:
            return _complain([_("{file}: the name is too long for this computer", file=error.filename)], 2)
        return _complain([_unexpected(error)], 1)


def _complain(problems: list[str], code: int) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return code


def _unexpected(error: Exception) -> str:
    """Write the traceback to the log and say where it is."""
    from kpsslib.workspace import RunError, project_root

    try:
        folder = project_root() / "outputs"
    except RunError:
        folder = Path.cwd()
    log = folder / "kpss.log"
    call = f"{datetime.now().isoformat(timespec='seconds')} kpss {' '.join(sys.argv[1:])}"
    with suppress(OSError):  # a full or read-only disk
        folder.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{call}\n{traceback.format_exc()}\n")
    return _(
        "Something unexpected happened ({error}); the details for whoever repairs it are in {log}.",
        error=f"{type(error).__name__}: {str(error)[:200]}",
        log=os.path.relpath(log),
    )
