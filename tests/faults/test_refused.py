"""Parameters that YAML or Python would change, and folders that cannot be written: one sentence, nothing started."""

import os
import subprocess
from contextlib import nullcontext

import pytest

from kpsslib.cli import main
from kpsslib.locks import only_writer
from kpsslib.workspace import open_run
from tests.batch.conftest import Project

RUN_FILE = "parameters/runs/small.yaml"
PLAIN = """name: small
archive: data
years: [2025]
year: 2025
groups: [PS1]
pages: [01_one]
"""
LAST = len(PLAIN.splitlines()) + 1  # the line that a trap is written into


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in which no process can be started."""
    made = Project(tmp_path)
    made.page("01_one")
    monkeypatch.chdir(tmp_path)

    def started(*_arguments, **_options):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess.Popen, "__init__", started)
    monkeypatch.setattr(os, "fork", started)
    return made


def write(project, text):
    (project.folder / RUN_FILE).write_text(text, "utf-8")


def refused(capsys, project):
    """What is said of a run file that is refused before anything starts."""
    assert main(["batch", RUN_FILE]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert not (project.folder / "outputs").exists()
    return said.err


@pytest.mark.parametrize("text", [
    "00064581", "12E5", "00075370", "01234567", "12:30:45", "12:30", "no", "0o17", "0x1F", "1_000", "2025-01-01", "on",
    "010.5", "1e5", ".5", "+", "CZ051", "=",
])
def test_a_text_is_what_stands_there(text, project, injected):
    injected("R20")
    write(project, PLAIN + f"region: {text}\n")
    assert open_run(RUN_FILE).region == text


def test_a_name_of_digits_keeps_its_noughts(project, injected):
    injected("R20")
    write(project, PLAIN.replace("name: small", "name: 01234567", 1))
    assert open_run(RUN_FILE).name == "01234567"


@pytest.mark.parametrize("line", [
    "cell_seconds: 060", "cell_seconds: 12E5", "cell_seconds: 12:30", "cell_seconds: no", "cell_seconds: 1_000",
    "cell_seconds: 0x3C", "cell_seconds: '60'", "cell_seconds: 60.0", "cell_seconds: true", "cell_seconds: 0",
    "cell_seconds: 2025-01-01", "cell_seconds: .inf", "region: 64581", "region: 1.5",
    "region: true", "region: null", "region: [CZ051]", "allocation: {2026: 12E5}", "allocation: {2026: 01000}",
    "allocation: {2026: .nan}", "allocation: {no: 5}", "allocation: 5", "scenarios: expected", "scenarios: [no]",
    "regoin: CZ051", "Region: CZ051", "ico: 00064581", "2025: 1", "<<: {cell_seconds: 5}",
    "cell_seconds: 99999999999999999999999999", "group: [PS1]", "group: PS0", "round: no",
    "language: CS", "imports: {mapping: a.toml}", "imports: {mapping: 5, sources: [a]}", "memory_mb: 1e3",
])
def test_a_trap_is_refused_with_its_line(line, project, capsys, injected):
    injected("R20")
    write(project, PLAIN + line + "\n")
    said = refused(capsys, project)
    assert f"{RUN_FILE}, řádek {LAST}" in said
    key = line.partition(":")[0]
    assert key in said
    assert len(said.splitlines()) == 1, said


@pytest.mark.parametrize(("old", "new", "line", "words"), [
    ("year: 2025\n", "year: 02025\n", 4, "year"),
    ("year: 2025\n", "year: 2025\nyear: 2024\n", 5, "year"),
    ("year: 2025\n", "year: 2025\nallocation:\n  2026: 1\n  2026: 2\n", 7, "2026"),
    ("years: [2025]", "years: [02025]", 3, "years"),
    ("years: [2025]", "years: []", 3, "years"),
    ("years: [2025]", "years: [2024]", 4, "year"),
    ("groups: [PS1]", "groups: [no]", 5, "groups"),
    ("groups: [PS1]", "groups: PS1", 5, "groups"),
    ("groups: [PS1]", "groups: [PS1, PS1]", 5, "groups"),
    ("pages: [01_one]", "pages: [01]", 6, "pages"),
    ("pages: [01_one]", "pages: [01_one, 01_one]", 6, "pages"),
    ("name: small", "name: ../small", 1, "name"),
    ("name: small", "name: 'small\\n'", 1, "name"),
    ("name: small", "name: ''", 1, "name"),
    ("name: small\n", "", 0, "name"),
    ("year: 2025\n", "", 0, "year"),
    ("pages: [01_one]\n", "", 0, "pages"),
    ("year: 2025\n", "year:\n", 4, "year"),
    ("year: 2025\n", "\tyear: 2025\n", 4, "YAML"),
    ("year: 2025", "year: !!int '02025'", 4, "značky"),
    ("year: 2025", "year: !!python/name:os.fork", 4, "značky"),
    ("year: 2025", "year: &y [*y]", 4, "odkazy"),
    ("year: 2025", "year: 20255", 4, "nejvýše 2100"),
    ("pages: [01_one]", "pages: " + "[" * 5000, 0, "YAML"),
    ("year: 2025\n", "year: 2025\n---\nyear: 2024\n", 5, "YAML"),
])
def test_a_key_that_is_wrong_twice_or_missing_is_refused(old, new, line, words, project, capsys, injected):
    injected("R20")
    write(project, PLAIN.replace(old, new, 1))
    said = refused(capsys, project)
    assert words in said
    if line:
        assert f"{RUN_FILE}, řádek {line}" in said


def in_the_place(folder):
    """A file stands where the folder of outputs should."""
    (folder / "outputs").touch()
    return nullcontext()


def held(folder):
    """Another batch writes the run."""
    (folder / "outputs/small").mkdir(parents=True)
    return only_writer(folder / "outputs/small")


# Of each: the change of the run file, what else is wrong, and the words in Czech and in English.
SPOKEN = {
    "no YAML": ("year: 2025", "year: [2025", None, "není platné YAML", "not valid YAML; check brackets"),
    "no such page": ("[01_one]", "[01_nic]", None, "v notebooks/ neexistuje", "does not exist in notebooks/"),
    "no such group": ("[PS1]", "[PS99]", None, "klíč groups: nalezeno", "key groups: found"),
    "a file in the place of a folder": ("", "", in_the_place, "nelze zapisovat", "cannot be written"),
    "another batch": ("", "", held, "zapisuje jiná dávka", "another batch"),
}


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("name", SPOKEN)
def test_it_is_said_in_the_language_that_is_asked_for(name, language, project, capsys):
    old, new, wrong, czech, english = SPOKEN[name]
    write(project, PLAIN.replace(old, new, 1))
    with wrong(project.folder) if wrong else nullcontext():
        assert main(["batch", RUN_FILE, "--lang", language]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1, said
    assert (czech in said, english in said) == (language == "cs", language == "en"), said
    assert (set("ěščřžýáíéůúťďň") & set(said) != set()) == (language == "cs"), said


@pytest.mark.parametrize(("language", "words"), [("cs", "není mezi skupinami běhu"),
                                                 ("en", "is not among the groups of the run")])
def test_a_group_that_is_not_in_the_run(language, words, project, capsys):
    write(project, PLAIN)
    assert main(["batch", RUN_FILE, "--group", "PS9", "--lang", language]) == 2
    assert capsys.readouterr().err == f"--group: 'PS9' {words} (PS1)\n"
