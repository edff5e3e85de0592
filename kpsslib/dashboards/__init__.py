"""Dashboards: what a run came to, in a browser, served by Voilà."""

from __future__ import annotations


def show_benchmark(run_file: str, language: str = "cs") -> None:
    """Display the benchmark dashboard of a run; see `kpsslib.dashboards.widget`."""
    from kpsslib.dashboards.widget import show_benchmark as show

    show(run_file, language)
