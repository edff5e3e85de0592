"""How the benchmarks tell a figure: beside its alternative, their ratio and its goal; on request as JSON."""

from __future__ import annotations

import json
from pathlib import Path


def figure(name: str, value: float, alternative: float | None = None, goal: str | None = None,
           met: bool | None = None) -> dict:
    """One figure of a benchmark; `met` says whether it reaches its goal."""
    return {"name": name, "value": round(value, 2),
            "alternative": None if alternative is None else round(alternative, 2),
            "ratio": round(value / alternative, 2) if alternative else None, "goal": goal,
            "met": None if met is None or goal is None else "met" if met else "NOT met"}


def tell(figures: list[dict], file: Path | None) -> None:
    """Print every figure on a line of its own, and write them to a file where one is asked for."""
    for one in figures:
        told = {key: "–" if value is None else value for key, value in one.items()}
        print("{name:<58} {value:>12} | against {alternative:>12} | ratio {ratio:>7} | goal {goal:<20} | {met}".format(
            **told))
    if file:
        file.write_text(json.dumps(figures, indent=1), "utf-8")
