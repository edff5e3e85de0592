"""The project that the benchmark of the batch runs: a representative page under several names, for all groups."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
GROUPS = [f"PS{n}" for n in range(1, 9)]
RUN_FILE = "parameters/runs/bench.yaml"
PARAMETERS = f'run_file = "{RUN_FILE}"\ngroup = "PS1"\nyear = 2025\nlanguage = "cs"'
OPEN = ("from kpsslib.workspace import open_run\n"
        "run = open_run(run_file, group=group, year=year, language=language)")
# Between the parameters and the sentinel: ten cells that import, reckon with 10,000 rows, and draw twice.
CELLS = [
    """
import numpy as np
import pandas as pd
import seaborn
import matplotlib.pyplot as plt
from kpsslib import drawing
from kpsslib.language import number
""",
    OPEN + "\ndrawing.style()",
    """
rng = np.random.default_rng([*f"{NAME} {group}".encode()])
rows = pd.DataFrame({"service": np.arange(10_000) // 8, "year": 2018 + np.arange(10_000) % 8})
rows["kind"] = pd.Series(np.array(["DS", "DZR", "DOZP", "CHB", "PeS"])[rows["service"] % 5])
rows["cost"] = 1_800 * np.exp(rng.normal(0, 0.2, 10_000)) * 1.04 ** (rows["year"] - 2018)
rows["days"] = rng.integers(4_000, 30_000, 10_000)
""",
    "rows.describe()",
    """
totals = rows.assign(money=rows["cost"] * rows["days"]).groupby(["kind", "year"])[["money", "days"]].sum()
unit_cost = (totals["money"] / totals["days"]).unstack("year")
""",
    """
drawing.table(unit_cost.round().map(number).reset_index(), "Kč za lůžkoden")
""",
    """
figure, axes = plt.subplots(figsize=(8, 4))
seaborn.boxplot(rows[rows["year"] == year], x="cost", y="kind", ax=axes, color=drawing.SKY)
drawing.show(figure, "Kde leží služby", "Krabice nákladů podle druhu", unit_cost.round(1).reset_index())
""",
    """
before = rows.rename(columns={"cost": "previous"}).assign(year=rows["year"] + 1)
change = rows.merge(before[["service", "year", "previous"]], on=["service", "year"])
change = change.assign(change=100 * (change["cost"] / change["previous"] - 1))
""",
    """
figure, axes = plt.subplots(figsize=(8, 4))
seaborn.lineplot(rows.groupby(["kind", "year"], as_index=False)["cost"].median(), x="year", y="cost", hue="kind",
                 ax=axes)
drawing.show(figure, "Jak se náklady mění", "Čára mediánu každého druhu po letech")
""",
    """
largest = change[change["year"] == year].nlargest(40, "change").round(1).astype({"service": str})
drawing.table(largest.map(str), "Největší změny", first=20)
""",
]


def write_project(folder: Path, runs: int, cells: list[str] | None = None) -> None:
    """A project whose run has `runs` pages (a multiple of 8: so many for each group) of the cells, CELLS if none."""
    shutil.copytree(ROOT / "parameters" / "methodology", folder / "parameters" / "methodology")
    for name in ("parameters/runs", "notebooks", "data"):
        (folder / name).mkdir()
    names = [f"{n:02}_page" for n in range(1, runs // len(GROUPS) + 1)]
    run = {"name": "bench", "archive": "data", "years": [2025], "year": 2025, "groups": GROUPS, "pages": names}
    (folder / RUN_FILE).write_text(yaml.safe_dump(run), "utf-8")
    (folder / "data" / "2025_actual.csv").write_text("service_id\n0000001\n", "utf-8")
    for name in names:
        nbformat.write(_page(name, CELLS if cells is None else cells), folder / "notebooks" / f"{name}.ipynb")


def _page(name: str, cells: list[str]) -> NotebookNode:
    """A page with a heading in both languages, its parameters, the cells and the sentinel."""
    new = nbformat.v4
    heading = [new.new_markdown_cell(f"# {words} {name}\n\n{question}", metadata={"tags": [tag]})
               for tag, words, question in (("cs", "Stránka", "Kolik to stojí?"), ("en", "Page", "What does it cost?"))]
    sources = [source.replace("{NAME}", name).strip() for source in cells]
    code = [new.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            *map(new.new_code_cell, [*sources, f'run.finish("{name}")'])]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new.new_notebook(cells=[*heading, *code], metadata=kernel)
