"""This year's figures written as next year's archive: what is read again is what the run had."""

import pandas as pd
import pytest
import yaml

from kpsslib.cleaning import clean, write_archive
from kpsslib.cli import main
from kpsslib.intake import take_in
from kpsslib.intake.archive import read_archive
from kpsslib.intake.records import IDENTITY
from kpsslib.workspace import RunError

KEYS = ["service_id", "form", "item"]


@pytest.fixture
def finished(office):
    """A run whose groups have their tables: returns of three types, every kind of status, and an older plan."""
    office.send("0000001", "DS", provider_id="00064581", changes={"cost_energy": 600_000.55, "joiners": 0},
                overrides={("revenue_gifts", "residential"): "důvěrné", ("leavers", "residential"): "skutečná nula",
                           ("applicants_waiting", "residential"): "netýká se",
                           ("cost_travel", "residential"): "50 000 Kč"})
    office.send("0064581", "PeS", service_name='Pečovatelská služba "U Řeky", Lhota', changes={"care_hours": 0.1 + 0.2})
    office.send("0000003", "OS")
    office.archive("2025_plan.csv", [("0000001", "DS"), ("0000009", "DS")])
    run = office.run(round="plan")  # the newest round is found in the tables
    take_in(run)
    for group in run.groups:
        of_group = run.model_copy(update={"group": group})
        cleaned = clean(of_group)
        of_group.save(facts=cleaned.facts, services=cleaned.services)
    return run


def test_what_is_written_is_read_again_the_same(finished):
    path = write_archive(finished)
    assert path == finished.path("archive") / "2025_actual.csv"
    assert [p.name for p in path.parent.iterdir() if p.suffix != ".csv"] == []
    read = read_archive(path.read_bytes(), path.stem, finished.methodology, [2025])
    assert len(read.findings) == 0
    assert len(read.ignored) == 0
    again = read.facts.merge(read.returns[["return_no", "service_id", "form"]], on="return_no")
    before = finished.read("facts")
    before = before[(before["year"] == 2025) & (before["round"] == "actual") & ~before["item"].str.startswith("items_")]
    assert {"reported", "missing", "converted", "not_applicable", "confidential", "confirmed_zero"} == {
        *before["status"]}
    columns = [*KEYS, "value", "status"]
    before = before[columns].assign(status=before["status"].replace({"converted": "reported"}))
    pd.testing.assert_frame_equal(
        again[columns].astype(dict.fromkeys([*KEYS, "status"], "str")).sort_values(KEYS, ignore_index=True),
        before.astype(dict.fromkeys([*KEYS, "status"], "str")).sort_values(KEYS, ignore_index=True), check_exact=True)


def test_who_reported_is_read_again_the_same(finished):
    path = write_archive(finished, "elsewhere/deep")
    assert path == finished.path("elsewhere/deep") / "2025_actual.csv"
    returns = read_archive(path.read_bytes(), path.stem, finished.methodology, [2025]).returns
    keys = ["service_id", "form"]
    services = finished.read("services")
    services = services[services["service_id"] != "0000009"]  # it has only planned
    pd.testing.assert_frame_equal(returns[[*keys, *IDENTITY]].sort_values(keys, ignore_index=True).astype("str"),
                                  services[[*keys, *IDENTITY]].sort_values(keys, ignore_index=True).astype("str"))
    assert set(returns["service_id"]) == {"0000001", "0064581", "0000003"}
    assert set(returns["provider_id"]) == {"00064581"}


def test_the_file_is_plain_text_as_in_the_archive(finished, office):
    header, *rows = write_archive(finished).read_bytes().decode("utf-8").splitlines()
    example = (office.folder / "archive" / "2025_plan.csv").read_text("utf-8").splitlines()[0].split(",")
    assert header.startswith("service_id,provider_id,provider_name,service_name,service_type,form,municipality_code,")
    assert set(example) <= set(header.split(","))
    row = dict(zip(header.split(","), next(r for r in rows if r.startswith("0000001")).split(","), strict=True))
    assert {key: row[key] for key in ("cost_energy", "cost_travel", "revenue_gifts", "applicants_waiting", "leavers",
                                      "joiners", "care_hours")} == {
        "cost_energy": "600000.55", "cost_travel": "50000", "revenue_gifts": "důvěrné",
        "applicants_waiting": "netýká se", "leavers": "skutečná nula", "joiners": "0", "care_hours": ""}


def test_a_file_that_exists_is_refused_and_stays(finished):
    path = write_archive(finished)
    path.write_text("mine", "utf-8")
    with pytest.raises(RunError, match=r"2025_actual\.csv: the file exists already"):
        write_archive(finished)
    assert path.read_text("utf-8") == "mine"


def test_nothing_to_write_or_nowhere_is_a_sentence(finished, office):
    with pytest.raises(RunError, match="no figures of the year 2024"):
        write_archive(finished.model_copy(update={"year": 2024}))
    with pytest.raises(RunError, match="set archive in the run file, or give --folder"):
        write_archive(finished.model_copy(update={"archive": None}))
    with pytest.raises(RunError, match="table facts of group PS1"):
        write_archive(office.run(name="other"))


def test_the_command(finished, office, capsys):
    run_file = office.folder / "run.yaml"
    run_file.write_text(yaml.safe_dump(finished.model_dump(include={
        "name", "returns", "archive", "years", "year", "groups", "pages"})), "utf-8")
    assert main(["archive", str(run_file), "--folder", "new"]) == 0
    assert "new/2025_actual.csv" in capsys.readouterr().out
    assert main(["archive", str(run_file), "--folder", "new"]) == 2
    assert "soubor už existuje a nepřepisuje se" in capsys.readouterr().err
    run_file.write_text(run_file.read_text("utf-8").replace("name: test", "name: empty"), "utf-8")
    assert main(["archive", str(run_file), "--lang", "en"]) == 2
    assert "run the page that makes it first" in capsys.readouterr().err
