"""Files and folders: what is judged beside what, versions of one return, and nothing of another provider."""

import zipfile

import pytest

from kpsslib.checking import check, judging, list_files, write_back
from kpsslib.intake import take_in
from kpsslib.workspace import RunError


@pytest.fixture(autouse=True)
def _methodology(office, monkeypatch):
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)


def check_files(office, *paths, run=None):
    return check(list_files([str(path) for path in paths]), run, "en", lambda *_a: None)


def verdicts(report):
    return {one.path.name: one.verdict for one in report.files}


def test_a_bad_file_never_stops_the_others(office):
    office.send("0000001")
    office.send("0000002", changes={"joiners": -2})
    (office.returns / "broken.xlsx").write_bytes(b"PK\x03\x04")
    (office.returns / "~$lock.xlsx").write_bytes(b"")
    (office.returns / "letter.pdf").write_bytes(b"%PDF")
    report = check_files(office, office.returns)
    assert verdicts(report) == {"0000001.xlsx": "passes", "0000002.xlsx": "returned", "broken.xlsx": "unreadable"}
    assert [name for name, _why in report.left_out] == ["letter.pdf", "~$lock.xlsx"]
    assert report.exit_code == 3
    sent = write_back(report, office.folder / "out").files
    assert len({one.note for one in sent.values()}) == 3


def test_each_group_is_judged_once(office, monkeypatch):
    for n in range(6):
        office.send(f"000000{n}", "DS" if n % 2 else "NDC")
    judged = []
    whole = judging.clean_group
    monkeypatch.setattr(judging, "clean_group", lambda run, intake, group, limits: judged.append(
        (group, len(intake.returns))) or whole(run, intake, group, limits))
    check_files(office, office.returns)
    assert sorted(judged)[0][0] != sorted(judged)[-1][0]
    assert len(judged) == len({group for group, _n in judged}) == 2


def test_last_year_is_looked_at_with_a_run_only(office):
    office.archive("2024_actual.csv", [("0000001", "DS", {"clients": 400})])
    path = office.send("0000001")
    run = office.run(groups=["PS1"], archive="archive")
    alone, beside = check_files(office, path), check_files(office, path, run=run)
    assert [p.item for p in alone.files[0].points] == []
    assert "clients" in [p.item for p in beside.files[0].points]


def test_a_checked_file_stands_in_the_place_of_the_one_taken_in(office):
    office.send("0000001", changes={"joiners": -2})
    run = office.run(groups=["PS1"])
    take_in(run)
    other = office.folder / "corrected.xlsx"
    office.send("0000001", name="corrected.xlsx").rename(other)
    report = check_files(office, other, run=run)
    assert verdicts(report) == {"corrected.xlsx": "passes"}
    since = report.files[0].since
    assert [(c.label, c.before, c.now) for c in since.changes] == [("joiners in the year", "−2", "2")]
    assert [p.item for p in since.corrected] == ["joiners"]


def test_versions_of_one_return(office):
    first = office.send("0000001", name="a.xlsx", changes={"joiners": -2})
    number = check_files(office, first).files[0].number
    office.send("0000001", name="b.xlsx", replaces=number)
    office.send("0000002", name="c.xlsx")
    office.send("0000002", name="d.xlsx", provider_name="Charita sv. Anny")
    office.send("0000003", name="e.xlsx")
    office.send("0000003", name="f.xlsx", changes={"joiners": 3})
    report = check_files(office, office.returns)
    assert verdicts(report) == {"a.xlsx": "superseded", "b.xlsx": "passes", "c.xlsx": "passes", "d.xlsx": "repeated",
                                "e.xlsx": "returned", "f.xlsx": "returned"}
    assert report.files[1].since.number == number
    assert [p.rule for p in report.files[4].points] == ["3"]


def test_nothing_of_another_provider_goes_back(office):
    for n in range(8):
        office.send(f"000000{n}", name=f"canary_{n}.xlsx", provider_name=f"Canary{n} z. s.",
                    service_name=f"Nest{n}", municipality=f"Cagetown{n}", provider_id="00064581",
                    changes={"cost_wages": 6_000_000 + n * 131_071, "revenue_grant": 8_000_000 + n * 131_071})
    run = office.run(groups=["PS1"])
    own = office.send("0000003", name="own.xlsx", changes={"cost_wages": 6_000, "cost_levies": 2_000, "clients": 1_000})
    (office.returns / "canary_3.xlsx").unlink()
    moved = own.rename(office.folder / "own.xlsx")
    report = check_files(office, moved, run=run)
    one = report.files[0]
    assert one.points
    sent = write_back(report, office.folder / "out").files[one.taken.name]
    with zipfile.ZipFile(sent.workbook) as archive:
        texts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    texts += [sent.note.read_text("utf-8"), sent.note.with_suffix(".txt").read_text("utf-8")]
    others = [n for n in range(8) if n != 3]
    secrets = [f"{word}{n}" for n in others for word in ("Canary", "canary_", "Nest", "Cagetown", "000000")]
    values = [f"{6_000_000 + n * 131_071:,}".replace(",", mark) for n in others if n for mark in ("", ",", "\u00a0")]
    assert [secret for secret in (*secrets, *values) for text in texts if secret in text] == []


def test_paths_that_are_not_there_are_all_named(office):
    (office.folder / "empty").mkdir()
    with pytest.raises(RunError) as caught:
        list_files(["nowhere.xlsx", "empty"])
    assert caught.value.problems == ["nowhere.xlsx: there is no such file or folder", "empty: the folder is empty"]
