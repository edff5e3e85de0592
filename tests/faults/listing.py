"""The table of the faults that were injected, at the end of a test run."""

from __future__ import annotations

from collections import Counter

from tests.faults.kit import FAULTS, FULL, PROPERTY


def pytest_terminal_summary(terminalreporter) -> None:
    """A line a fault: its number, what it is, how often it was injected and how often it ended as it must."""
    done, passed = Counter(), Counter()
    for state in ("passed", "failed"):
        for report in terminalreporter.getreports(state):
            for name, (fault, count) in getattr(report, "user_properties", ()):
                if name == PROPERTY and report.when == "call":
                    done[fault] += count
                    passed[fault] += count * report.passed
    if done:
        terminalreporter.section("faults injected" if FULL else "faults injected, a few of each (all: make faults)")
        for fault, what in FAULTS.items():
            if fault in done:
                terminalreporter.write_line(f"{fault:4} {what:52} {done[fault]:4}  passed {passed[fault]:4}")
