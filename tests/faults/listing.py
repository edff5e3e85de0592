"""The table of the faults that were injected, at the end of a test run."""

from __future__ import annotations

from collections import Counter

from tests.faults.kit import FAULTS, FULL, PROPERTY


def pytest_terminal_summary(terminalreporter) -> None:
    """A line a fault: its number, what it is, how often it was injected, how often it ended as it must, how long."""
    done, passed, longest = Counter(), Counter(), {}
    for state in ("passed", "failed"):
        for report in terminalreporter.getreports(state):
            for fault, count, seconds in (told for name, told in getattr(report, "user_properties", ())
                                          if name == PROPERTY and report.when == "call"):
                done[fault] += count
                passed[fault] += count * report.passed
                if seconds is not None:
                    longest[fault] = max(seconds, longest.get(fault, 0))
    if done:
        terminalreporter.section("faults injected" if FULL else "faults injected, a few of each (all: make faults)")
        for fault, what in FAULTS.items():
            if fault in done:
                took = f"  in {longest[fault]:.1f} s at most" if fault in longest else ""
                terminalreporter.write_line(f"{fault:4} {what:52} {done[fault]:4}  passed {passed[fault]:4}{took}")
