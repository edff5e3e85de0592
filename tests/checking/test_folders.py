"""A folder on the command line is the one seen from where the caller stands; without it the project's own is used."""

import pytest
import yaml

from kpsslib.cli import main


@pytest.fixture
def below(office, monkeypatch):
    """A folder inside the project in which the caller stands; a run with the tables of one return lies beside."""
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)
    office.send()
    office.archive("2024_actual.csv", [("0000001", "DS")])
    run = office.run(groups=["PS1"])
    fields = {"name", "returns", "archive", "years", "year", "groups", "pages"}
    (office.folder / "run.yaml").write_text(yaml.safe_dump(run.model_dump(include=fields)), "utf-8")
    of_group = run.model_copy(update={"group": "PS1"})
    cleaned = office.clean(groups=["PS1"])
    of_group.save(facts=cleaned.facts, services=cleaned.services)
    (office.folder / "below").mkdir()
    monkeypatch.chdir(office.folder / "below")
    return office.folder / "below"


CALLS = {
    "check": (["check", "../returns/0000001.xlsx"], "--out", "outputs/check/prehled.xlsx"),
    "template": (["template", "--year", "2026", "--group", "PS1", "--run", "run.yaml"], "--out",
                 "outputs/templates/2026-PS1.xlsx"),
    "archive": (["archive", "run.yaml"], "--folder", "archive/2025_actual.csv"),
}


@pytest.mark.parametrize("command", CALLS)
def test_a_folder_is_seen_from_where_the_caller_stands(below, office, command, capsys):
    words, option, place = CALLS[command]
    name = place.rpartition("/")[2]
    assert main([*words, option, "new"]) == 0
    assert [path.name for path in (below / "new").iterdir() if path.name == name] == [name]
    assert main([*words, option, str(office.folder / "other")]) == 0
    assert (office.folder / "other" / name).is_file()
    assert main(words) == 0
    assert (office.folder / place).is_file()
    assert main([command, "--help"]) == 0
    assert "od složky, kde jste" in " ".join(capsys.readouterr().out.split())
