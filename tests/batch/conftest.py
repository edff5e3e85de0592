"""A small project of its own with pages made on the spot."""

import shutil
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PARAMETERS = 'run_file = "parameters/runs/small.yaml"\ngroup = "PS1"\nyear = 2025\nlanguage = "cs"'
OPEN = "from kpsslib.workspace import open_run\nrun = open_run(run_file, group=group, year=year, language=language)"
# A table of one row, in which the number of the group stands.
SAVE = """
import pandas
from kpsslib.workspace import TABLES
run.save(territory=pandas.DataFrame({column: [group[2:]] for column in TABLES["territory"]}))
"""


class Project:
    """The folder of a project with a run file and pages that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "parameters" / "methodology", folder / "parameters" / "methodology")
        (folder / "notebooks").mkdir()
        (folder / "parameters" / "runs").mkdir()
        (folder / "data").mkdir()
        (folder / "data" / "2025_actual.csv").write_text("service_id\n0000001\n", "utf-8")

    def page(self, name: str, *cells: str, parameters: str = PARAMETERS, finish: bool = True) -> Path:
        """Write a page: heading in two languages, parameters, the cells, and the sentinel unless told not to."""
        new = nbformat.v4
        tagged = lambda text, tag: new.new_markdown_cell(text, metadata={"tags": [tag]})  # noqa: E731
        codes = [OPEN, *cells, *([f'run.finish("{name}")'] if finish else [])]
        notebook = new.new_notebook(
            cells=[
                tagged(f"# Stránka {name}\n\nKolik to stojí?", "cs"),
                tagged(f"# Page {name}\n\nWhat does it cost?", "en"),
                new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
                *map(new.new_code_cell, codes),
            ]
        )
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.folder / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def run_file(self, **keys: object) -> str:
        """Write the run file and return its name."""
        data = {"name": "small", "archive": "data", "years": [2025], "year": 2025, "groups": ["PS1"]}
        data |= {"pages": ["01_one"], **keys}
        path = self.folder / "parameters" / "runs" / "small.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        return "parameters/runs/small.yaml"

    @property
    def outputs(self) -> Path:
        """Where the run writes."""
        return self.folder / "outputs" / "small"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)
