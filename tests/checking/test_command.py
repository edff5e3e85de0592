"""`kpss check`: the printed report, exit codes, both languages."""

import openpyxl
import pytest

from kpsslib.cli import main


@pytest.fixture(autouse=True)
def _methodology(office, monkeypatch):
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)


def call(capsys, *arguments):
    code = main(["check", *arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.out, said.err


def test_a_sound_return_passes(office, capsys):
    code, out, err = call(capsys, str(office.send()))
    assert (code, err) == (0, "")
    assert "0000001.xlsx  DS Služba (0000001), 2025, skutečnost\n  projde\n" in out
    assert "projde 1, k opravě 0, nelze přečíst 0" in out
    assert "na loňský rok a podobné služby se nehledělo" in out
    assert (office.folder / "outputs" / "check" / "0000001_zprava.html").exists()


@pytest.mark.parametrize(("language", "words"), [
    ("cs", ["vraťte k opravě (2 chyby)", "list Výkaz", "✗ Chyba 1 D31 a D33: energie a cestovné a pohonné hmoty",
            "nalezeno: „nevíme“", "co udělat: Napište číslo"]),
    ("en", ["to be corrected (2 errors)", "sheet Výkaz", "✗ Error 1 D31 and D33: energy and travel and fuel",
            "found: “nevíme”", "what to do: Write a number"]),
])
def test_the_same_of_several_cells_is_told_once(office, capsys, language, words):
    path = office.send(overrides={(item, "residential"): "nevíme" for item in ("cost_energy", "cost_travel")})
    code, out, _err = call(capsys, str(path), "--lang", language)
    assert code == 3
    assert [word for word in words if word not in out] == []


def test_a_folder_ends_in_a_table_and_a_summary(office, capsys):
    for n in range(5):
        office.send(f"000000{n}", changes={"joiners": -n})
    (office.returns / "broken.xlsx").write_bytes(b"")
    code, out, _err = call(capsys, str(office.returns), "--out", "zpet")
    assert code == 3
    assert "Kontrola výkazů" in out
    assert "projde 1, k opravě 4, nelze přečíst 1" in out
    sheet = openpyxl.load_workbook(office.folder / "zpet" / "prehled.xlsx").active
    rows = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert rows["0000001.xlsx"][1:3] == ("vraťte k opravě", "0000001")
    assert rows["broken.xlsx"][1] == "nelze přečíst"


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "chybí FILE_OR_FOLDER..."), (["nikde.xlsx"], "nikde.xlsx: takový soubor ani složka neexistuje"),
    (["returns", "--run", "nic.yaml"], "nic.yaml: soubor běhu neexistuje")])
def test_a_wrong_call_is_2(office, capsys, arguments, words):
    office.send()
    code, _out, err = call(capsys, *arguments)
    assert code == 2
    assert words in err
