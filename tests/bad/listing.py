"""The list of the faults at the end of a test run, with the class each ended in."""

from __future__ import annotations

PROPERTY = "fault"
ORDER = "FCNILX"  # the chapters of the list


def pytest_terminal_summary(terminalreporter) -> None:
    """A line a fault: its number, the input, the class expected and the classes its files ended in."""
    states = ("passed", "failed")
    reports = [report for state in states for report in terminalreporter.getreports(state) if report.when == "call"]
    rows = {tuple(row) for report in reports for name, row in report.user_properties if name == PROPERTY}
    if rows:
        terminalreporter.section(f"{len(rows)} bad inputs and how each ended")
        for number, words, expected, got in sorted(rows, key=lambda row: (ORDER.index(row[0][0]), row[0])):
            terminalreporter.write_line(f"{number}  {words:70.70}  {expected:10}  {got}")
