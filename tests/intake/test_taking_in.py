"""Folders as they are: empty, missing, with strangers and duplicates; read once, by one process at a time."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kpsslib.checking import check, list_files
from kpsslib.cleaning import trace
from kpsslib.intake import take_in, worker
from kpsslib.language import speak
from kpsslib.workspace import RunError


def states(cleaned):
    return {file.rpartition("/")[2]: state
            for file, state in zip(cleaned.originals["file"], cleaned.originals["state"], strict=True)}


@pytest.mark.parametrize(("language", "words"), [
    ("cs", "složka výkazy je prázdná"), ("en", "the folder výkazy is empty")])
def test_an_empty_folder(office, language, words):
    (office.folder / "výkazy").mkdir()
    speak(language)
    with pytest.raises(RunError) as caught:
        office.clean(returns="výkazy")
    assert words in caught.value.problems[0]


@pytest.mark.parametrize(("language", "words"), [
    ("cs", ["složka nikde neexistuje", "soubor register.csv neexistuje"]),
    ("en", ["the folder nikde does not exist", "the file register.csv does not exist"])])
def test_everything_that_is_missing_is_told_at_once(office, language, words):
    speak(language)
    with pytest.raises(RunError) as caught:
        office.clean(returns="nikde", register_file="register.csv")
    assert len(caught.value.problems) == 2
    assert all(part in said for part, said in zip(words, caught.value.problems, strict=True))


def test_a_run_that_names_nothing(office):
    with pytest.raises(RunError, match="names nothing to read"):
        office.clean(returns=None)


def test_strangers_are_listed_and_the_rest_goes_on(office):
    office.send("0000001")
    for name, data in {"~$0000001.xlsx": b"lock", ".DS_Store": b"x", "Thumbs.db": b"x", "dopis.txt": b"Dobry den",
                       "0000002.xlsx": b"", "0000003.xlsx": b"text", "0000004.xls": b"\xd0\xcf\x11\xe0"}.items():
        (office.returns / name).write_bytes(data)
    cleaned = office.clean()
    assert states(cleaned) == {
        "0000001.xlsx": "accepted", "~$0000001.xlsx": "ignored", ".DS_Store": "ignored", "Thumbs.db": "ignored",
        "dopis.txt": "ignored", "0000002.xlsx": "quarantined", "0000003.xlsx": "quarantined",
        "0000004.xls": "quarantined"}
    assert len(office.found(cleaned, "file", "error")) == 3
    assert set(cleaned.facts["service_id"]) == {"0000001"}


@pytest.fixture
def locked(monkeypatch):
    """Files that Excel holds open, by name."""
    names, real = set(), Path.read_bytes

    def reading(path):
        if path.name in names:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", reading)
    return names


def test_files_that_cannot_be_read_are_told_one_by_one_and_the_rest_goes_on(office, locked):
    locked |= {"0000002.xlsx", "0000003.xlsx", "0000004.txt", "~$0000001.xlsx", "2024_final.csv"}
    office.send("0000001")
    for name in locked - {"2024_final.csv"}:
        (office.returns / name).write_bytes(b"x")
    office.archive("2023_final.csv", [("0000001", "DS")])
    office.archive("2024_final.csv", [("0000001", "DS")])
    cleaned = office.clean()
    assert states(cleaned) == {
        "0000001.xlsx": "accepted", "~$0000001.xlsx": "ignored", "2023_final.csv": "accepted",
        **dict.fromkeys(["0000002.xlsx", "0000003.xlsx", "0000004.txt", "2024_final.csv"], "quarantined")}
    assert set(office.found(cleaned, "file", "error")["found"]) == {"a file that cannot be read"}
    assert set(cleaned.facts["year"]) == {2023, 2025}


def test_a_letter_that_cannot_be_read_does_not_stop_a_check(office, locked):
    office.send("0000001")
    (office.returns / "letter.txt").write_bytes(b"x")
    locked.add("letter.txt")
    report = check(list_files([str(office.returns)]), None, "en", lambda *_done: None)
    assert [(one.path.name, one.verdict) for one in report.files] == [
        ("0000001.xlsx", "passes"), ("letter.txt", "unreadable")]


@pytest.mark.parametrize("language", ["cs", "en"])
def test_no_sentence_is_left_half_said(office, language):
    office.send("0000001", overrides={("joiners", "residential"): "nevím", "provider_id": "12345678"})
    office.send("0000002", overrides={"service_type": "SOCREHAB"})
    (office.returns / "0000003.xlsx").write_bytes(b"text")
    speak(language)
    problems = office.clean().problems
    said = problems[["found", "expected", "advice"]].to_numpy().ravel()
    assert len(problems) == 4
    assert all(text and "{" not in text and "Error" not in text and "Traceback" not in text for text in said)
    assert ("výkaz" in " ".join(said)) == (language == "cs")


def test_the_same_file_again_is_left_out(office):
    path = office.send("0000001")
    shutil.copy(path, office.returns / "0000001 kopie.xlsx")
    cleaned = office.clean()
    assert sorted(states(cleaned).values()) == ["accepted", "ignored"]
    assert cleaned.problems.empty


def test_the_same_figures_in_another_file_are_left_out(office):
    office.send("0000001")
    office.send("0000001", name="0000001 znovu.xlsx", provider_name="Charita Lhota")
    cleaned = office.clean()
    assert states(cleaned) == {"0000001 znovu.xlsx": "accepted", "0000001.xlsx": "ignored"}
    assert "same return again" in cleaned.originals.set_index("state")["reason"]["ignored"]


def test_of_two_different_returns_none_is_chosen(office):
    office.send("0000001")
    office.send("0000001", name="0000001 oprava.xlsx", changes={"cost_energy": 1})
    office.send("0000002")
    cleaned = office.clean()
    assert states(cleaned) == {"0000001.xlsx": "quarantined", "0000001 oprava.xlsx": "quarantined",
                               "0000002.xlsx": "accepted"}
    told = office.found(cleaned, "3", "error")
    assert len(told) == 2
    assert "0000001 oprava.xlsx" in told.set_index("file")["found"]["returns/0000001.xlsx"]
    assert set(cleaned.facts["service_id"]) == {"0000002"}


def test_unchanged_inputs_are_not_read_again_and_changed_ones_are(office, monkeypatch):
    reads = []
    real = worker.read_return
    monkeypatch.setattr(worker, "read_return", lambda *given: reads.append(1) or real(*given))
    office.send("0000001")
    take_in(office.run())
    take_in(office.run())
    assert len(reads) == 1
    office.send("0000001", changes={"clients": 41})
    assert office.fact(office.clean(), "clients")["value"] == 41
    assert len(reads) == 2


def test_progress_is_told_to_the_end(office):
    office.send("0000001")
    office.send("0000002")
    told = []
    take_in(office.run(), progress=lambda done, total, what: told.append((done, total)))
    assert told[-1] == (2, 2)
    assert [done for done, _total in told] == sorted(done for done, _total in told)


def test_two_at_the_same_time_read_once(office, monkeypatch):
    from kpsslib.intake import taking_in

    built = []
    real = taking_in._read_all
    monkeypatch.setattr(taking_in, "_read_all", lambda *given: built.append(1) or real(*given))
    office.send("0000001")
    threads = [threading.Thread(target=take_in, args=(office.run(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert not office.clean().facts.empty


def test_many_returns_are_read_by_two_processes_to_the_same_result(office, monkeypatch):
    for number in range(1, 7):
        office.send(f"000000{number}", changes={"clients": 40 + number})
    alone = office.clean()
    shutil.rmtree(office.folder / "outputs")
    monkeypatch.setattr(worker, "ENOUGH", 2)
    assert office.clean().facts.equals(alone.facts)
    shutil.rmtree(office.folder / "outputs")
    monkeypatch.setattr(sys, "executable", shutil.which("false"))  # a helper that dies at once
    assert office.clean().facts.equals(alone.facts)


def test_a_worker_needs_nothing_of_the_program_that_starts_it():
    said = subprocess.run([sys.executable, "-c", "import kpsslib.intake.worker"], capture_output=True, check=True)
    assert said.stderr == b""


def test_what_a_reader_of_its_own_process_says_is_in_the_log(office, monkeypatch, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(worker, "ENOUGH", 2)
    monkeypatch.setattr(sys, "executable", str(program))
    office.send("0000001")
    office.send("0000002")
    assert len(office.clean().services) == 2
    assert "no such module" in (office.folder / "outputs/test/kpss.log").read_text("utf-8")


def test_where_a_damaged_file_stopped_its_reader_is_in_the_log(office):
    import zipfile

    with zipfile.ZipFile(office.send("0000001"), "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet>a secret of the file")
    office.send("0000002")
    cleaned = office.clean()
    assert "damaged" in cleaned.originals.set_index("file").loc["returns/0000001.xlsx", "reason"]
    log = (office.folder / "outputs/test/kpss.log").read_text("utf-8")
    assert cleaned.originals.set_index("file").loc["returns/0000001.xlsx", "sha256"] in log
    assert "xlsx.py" in log
    assert "secret" not in log


def test_n_of_n_from_the_register(office):
    office.send("0000001")
    office.send("0000002", changes=dict.fromkeys((item for item, _form in office.figures("DS")), None),
                overrides={("joiners", "residential"): "nezjištěno"})
    register = office.register(("0000001", "DS", {}), ("0000002", "DS", {}), ("0000003", "DS", {}),
                               ("0000004", "DS", {"valid_to": "2024-12-31"}),
                               ("0000005", "DS", {"valid_from": "2026-01-01"}))
    table = office.clean(register_file=register).completeness.iloc[0]
    assert (table["n_reported"], table["n_expected"]) == (1, 3)
    asked = sum(i.required for i in office.methodology.items_of("DS", "residential", "actual"))
    assert table["items_required"] == 2 * asked
    assert table["items_filled"] == asked


def test_filled_and_required_items_are_facts(office):
    office.send(changes={"joiners": None, "bed_days": 20_000})
    cleaned = office.clean()
    asked = sum(i.required for i in office.methodology.items_of("DS", "residential", "actual"))
    assert office.fact(cleaned, "items_required")["value"] == asked
    assert office.fact(cleaned, "items_filled")["value"] == asked - 2


def test_the_way_back_to_the_cell(office):
    office.archive("2024_actual.csv", [("0000001", "DS")])
    path = office.send("0000001")
    way = trace(office.run(), "0000001", "cost_total", 2025)
    assert way["file"].tolist() == ["returns/0000001.xlsx"]
    assert way["cell"].iloc[0].startswith("D")
    kept = office.folder / "outputs/test/originals" / f"{way['sha256'].iloc[0]}.xlsx"
    assert kept.read_bytes() == path.read_bytes()
    assert len(trace(office.run(), "0000001", ["cost_total", "clients"], 2024)) == 2
    assert trace(office.run(), "9999999", "cost_total", 2025).empty


@pytest.mark.parametrize(("text", "words"), [
    ("a,b\n1,2\n", "the columns service_id, service_type, forms are missing"),
    ("service_id,service_type,forms\n0000001,XY,P\n", "found XY"),
    ("", "an empty file"),
])
def test_a_register_that_cannot_be_used(office, text, words):
    office.send("0000001")
    (office.folder / "register.csv").write_text(text, "utf-8")
    with pytest.raises(RunError) as caught:
        office.clean(register_file="register.csv")
    assert words in caught.value.problems[0]
    assert caught.value.problems[0].startswith("register.csv")


def test_a_fault_of_the_program_stops_at_its_file_and_quotes_nothing(office, monkeypatch):
    office.send("0000001")
    office.send("0000002")
    real, quoted = worker.read_return, "a secret of the file"

    def failing(data, *given):
        if data == (office.returns / "0000001.xlsx").read_bytes():
            raise KeyError(quoted)
        return real(data, *given)

    monkeypatch.setattr(worker, "read_return", failing)
    cleaned = office.clean()
    assert cleaned.originals.set_index("service_id")["state"].get("0000002") == "accepted"
    assert "fault of this program" in cleaned.originals.set_index("file").loc["returns/0000001.xlsx", "reason"]
    log = next((office.folder / "outputs").rglob("kpss.log")).read_text("utf-8")
    assert "KeyError" in log
    assert "failing" in log
    assert "secret" not in log
