"""What the command takes, writes and says."""

import re

import openpyxl
import pandas as pd
import pytest

from kpsslib.cli import main
from kpsslib.differences.matching import COLUMNS
from kpsslib.differences.sides import open_sides
from kpsslib.methodology.words import round_name
from kpsslib.workspace import RunError
from tests.differences.conftest import HOMES, a_run
from tests.differences.test_comparing import corrected  # noqa: F401 - a fixture


@pytest.fixture
def written(runs, corrected, capsys):  # noqa: F811
    corrected["services"] = corrected["services"].assign(service_name=corrected["services"]["service_name"].replace(
        "Domov A", "=1+1<script>"))
    runs.write("first", a_run())
    runs.write("second", corrected)
    assert main(["diff", "first", "second"]) == 0
    return runs.root / "outputs" / "diff" / "first-second", capsys.readouterr().out


def test_the_command_says_in_short_what_changed_and_where_the_page_is(written):
    _folder, said = written
    lines = said.splitlines()
    assert lines[0] == ("V roce 2025 má 1 služba z 8 jiné vlastní hodnoty; 1 další se pohnula jen kvůli srovnávaným "
                        "službám.")
    assert "1 zvrat" in said
    assert re.search("postavení: lepší než medián → horší než medián .*změnil se její výkaz", said)
    assert lines[-1].endswith("outputs/diff/first-second/index.html")


def test_the_page_stands_alone_and_everything_in_it_is_escaped(written):
    page = (written[0] / "index.html").read_text("utf-8")
    assert "<script" not in page
    assert "=1+1&lt;script&gt;" in page
    assert not re.search(r'(src|href)="(?!data:|#|differences\.)', page)
    assert re.search('<img alt="[^"]*N01', page)
    assert "1\u00a0350\u00a0Kč" in page
    assert page.index("Od největších změn") < page.index("Služby, které se změnily nejvíce")


def test_the_workbook_holds_text_as_text(written):
    book = openpyxl.load_workbook(written[0] / "differences.xlsx")
    rows = list(book["Rozdíly"].iter_rows())
    identifier = [cell.value for cell in rows[0]].index("identifikátor")
    own = [row for row in rows if row[identifier].value == HOMES[0]]
    assert own[0][0].value == "=1+1<script>"
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}


def test_the_table_holds_every_difference(written):
    table = pd.read_parquet(written[0] / "differences.parquet")
    assert list(table.columns) == list(COLUMNS)
    assert table["service_id"].isin(["", *HOMES]).all()
    assert {"value", "position", "places", "median", "item", "return"} <= set(table["kind"])


def test_the_page_is_written_in_english_where_that_is_asked(runs, corrected, capsys):  # noqa: F811
    runs.write("first", a_run())
    runs.write("second", corrected, round="final")
    assert main(["diff", "first", "second", "--lang", "en"]) == 0
    assert "different rounds of 2025" in capsys.readouterr().out
    page = (runs.root / "outputs" / "diff" / "first-second" / "index.html").read_text("utf-8")
    assert '<html lang="en">' in page


def test_equal_runs_say_so(runs, capsys):
    runs.write("first", a_run())
    runs.write("second", a_run())
    assert main(["diff", "first", "second"]) == 0
    assert "Nic se nezměnilo" in capsys.readouterr().out


def test_a_run_is_named_by_its_folder_wherever_it_lies(runs, tmp_path):
    kept = runs.write("first", a_run()).rename(tmp_path / "kept")
    runs.write("second", a_run())
    before, after = open_sides(str(kept), "outputs/second", None)
    assert (before.label, after.label, before.year, before.round) == ("kept", "second", 2025, "actual")


def test_two_copies_of_one_name_are_told_apart_by_where_they_lie(runs, tmp_path):
    (tmp_path / "backup").mkdir()
    kept = runs.write("second", a_run()).rename(tmp_path / "backup" / "second")
    runs.write("second", a_run())
    assert [side.label for side in open_sides(str(kept), "second", None)] == ["backup_second", "outputs_second"]


def test_two_copies_that_lie_alike_are_told_apart_by_their_order(runs, tmp_path, monkeypatch):
    for clone in ("one", "other"):
        (tmp_path / clone / "outputs").mkdir(parents=True)
        runs.write("example", a_run()).rename(tmp_path / clone / "outputs" / "example")
    monkeypatch.chdir(tmp_path / "one" / "outputs")
    monkeypatch.setattr("kpsslib.differences.sides.project_root", lambda: tmp_path)
    sides = open_sides("example", str(tmp_path / "other" / "outputs" / "example"), None)
    assert [side.label for side in sides] == ["outputs_example_1", "outputs_example_2"]


@pytest.mark.parametrize(("first", "second", "told"), [
    ((2024, "final"), (2025, "actual"), (2024, "final")), ((2025, "actual"), (2024, "final"), (2024, "final")),
    ((2025, "actual"), (2025, "final"), (2025, "final"))])
def test_the_footer_tells_year_and_round_of_one_run(runs, first, second, told):
    for name, (year, vintage) in (("first", first), ("second", second)):
        runs.write(name, a_run(), year=year, round=vintage)
    assert main(["diff", "first", "second"]) == 0
    page = (runs.root / "outputs" / "diff" / "first-second" / "index.html").read_text("utf-8")
    assert f"<dd>{told[0]}, {round_name(told[1])}</dd>" in page


def test_services_of_two_forms_are_told_apart(runs):
    def asked_twice(value):
        run = a_run()
        field = run["indicators"].query("indicator == 'V01'").assign(form="outpatient_field", value=value)
        return {**run, "indicators": pd.concat([run["indicators"], field])}

    folder = runs.root / "outputs" / "diff" / "first-second"
    runs.write("first", asked_twice(90.0))
    runs.write("second", asked_twice(91.0))
    assert main(["diff", "first", "second"]) == 0
    assert "ambulantní a terénní" in (folder / "index.html").read_text("utf-8")
    rows = pd.read_excel(folder / "differences.xlsx", dtype="str")
    assert set(rows["forma"]) == {"ambulantní a terénní"}


def test_without_a_summary_year_and_round_are_those_of_the_indicators(runs):
    folder = runs.write("first", a_run())
    (folder / "summary.json").write_text("{", "utf-8")
    runs.write("second", a_run())
    before, _after = open_sides("first", "second", None)
    assert (before.year, before.round) == (2025, "actual")


@pytest.mark.parametrize(("before", "after", "said"), [
    ("nowhere", "second", "nowhere: takový soubor běhu"),
    ("second", "second", "jsou jedna složka"),
    ("second", "./outputs/second", "jsou jedna složka"),
    ("gone.yaml", "second", "gone.yaml"),
    ("second", "empty", "chybí summary.json i ukazatele"),
    ("second", "damaged", "tabulku nelze přečíst"),
    ("second", "unsaid", "tabulku nelze přečíst"),
    ("second", "", "RUN_B"),
])
def test_a_wrong_call_is_a_sentence_and_writes_nothing(runs, capsys, before, after, said):
    runs.write("second", a_run())
    (runs.root / "outputs" / "empty" / "tables" / "PS1").mkdir(parents=True)
    damaged = runs.write("damaged", a_run())
    unsaid = runs.write("unsaid", a_run())
    (unsaid / "summary.json").unlink()
    for folder in (damaged, unsaid):
        (folder / "tables" / "PS1" / "indicators.parquet").write_bytes(b"PAR1 cut")
    assert main(["diff", before, *filter(None, [after])]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert not (runs.root / "outputs" / "diff").exists()


def test_every_wrong_side_is_told_at_once(runs):
    with pytest.raises(RunError) as told:
        open_sides("one", "two", "cs")
    assert len(told.value.problems) == 2
