"""The model region: every planted truth that cleaning is responsible for is found again, and little else."""

import pytest

from kpsslib.cleaning import clean
from kpsslib.example import write_example
from kpsslib.example.truths import read_truths
from kpsslib.language import speak
from kpsslib.methodology import load
from kpsslib.workspace import Run, conform, project_root

ROOT = project_root()
GROUPS = [f"PS{number}" for number in range(1, 9)]
TRUTHS = {name: truth for name, truth in read_truths(ROOT / "data/example/truths.toml").items()
          if truth.package == "cleaning"}


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region")
    methodology = load(ROOT / "parameters/methodology")
    write_example(folder / "data", methodology)
    (folder / "parameters").symlink_to(ROOT / "parameters", target_is_directory=True)
    data = folder / "data"
    run = Run(name="test", returns=str(data / "returns"), archive=str(data / "archive"), year=2025, groups=GROUPS,
              register_file=str(data / "register.csv"), territory=str(data / "territory.csv"),
              years=list(range(2018, 2026)), pages=["01_cleaning"])
    run.__dict__["methodology"] = methodology
    speak("cs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return clean(run)


def of_file(cleaned, truth):
    files = cleaned.originals["file"].str.rpartition("/")[2]
    wanted = {truth.file} if truth.file else {f"{truth.service_id}.xlsx"}
    return cleaned.originals[files.isin(wanted)]


GRAVE = {name: truth for name, truth in TRUTHS.items() if truth.severity}


@pytest.mark.parametrize("truth", GRAVE.values(), ids=GRAVE)
def test_a_planted_fault_is_told(cleaned, truth):
    problems = cleaned.problems
    told = problems[(problems["service_id"] == truth.service_id) & (problems["severity"] == truth.severity)]
    told = told[told["year"].isna() | (told["year"] == truth.year) | (truth.year_sent is not None)]
    if truth.rule:
        told = told[told["rule"] == str(truth.rule)]
    if truth.item:
        told = told[told["item"] == truth.item]
    assert len(told) >= 1
    assert told["cell"].ne("").all() or truth.text


@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_what_becomes_of_it(cleaned, truth):
    facts = cleaned.facts
    own = facts[(facts["service_id"] == truth.service_id) & (facts["year"] == truth.year)]
    actual = own[own["round"] == "actual"]
    states = of_file(cleaned, truth)["state"].tolist()
    if truth.outcome in ("quarantined", "ignored"):
        assert states == [truth.outcome]
        assert actual.empty
    elif truth.item and truth.outcome in ("missing", "not_applicable", "confidential", "converted"):
        assert truth.outcome in actual[actual["item"] == truth.item]["status"].tolist()
    elif truth.service_id and not truth.file:
        assert states
        assert "ignored" not in states


def test_what_an_error_or_a_question_doubts_is_not_used(cleaned):
    grave = cleaned.problems[cleaned.problems["severity"].isin(["error", "question"])]
    facts = cleaned.facts.assign(file=cleaned.facts["file"].astype("str"))
    doubted = grave.drop(columns="value").merge(facts, on=["file", "sheet", "cell", "item", "form"])
    assert len(doubted) > 5
    assert doubted["value"].isna().all()


def test_sound_returns_are_not_accused(cleaned):
    planted = {truth.service_id for truth in read_truths(ROOT / "data/example/truths.toml").values()}
    planted |= {truth.partner for truth in TRUTHS.values()}
    graver = cleaned.problems[cleaned.problems["severity"] != "warning"]
    assert set(graver["service_id"]) <= planted
    # Warnings of missing figures (17) and of a part of a year (12) are true of the others too.
    rest = cleaned.problems[~cleaned.problems["rule"].isin(["12", "17"])]
    rest = rest[~rest["service_id"].isin(planted)]
    returns = cleaned.facts.drop_duplicates(["service_id", "form", "year", "round"])
    assert len(rest) < 0.06 * len(returns)


def test_every_cell_of_every_file_is_accounted_for(cleaned):
    classes = cleaned.accounting[["template", "accepted", "converted", "rejected", "ignored"]]
    assert (classes.sum(axis=1) == cleaned.accounting["cells"]).all()
    accepted = set(cleaned.originals["file"][cleaned.originals["state"] == "accepted"])
    assert set(cleaned.accounting["file"]) == accepted


def test_tables_have_their_fixed_columns_and_unique_keys(cleaned):
    for name in ("services", "facts", "problems", "ignored", "originals", "completeness", "territory",
                 "confirmations"):
        table = getattr(cleaned, name)
        assert list(conform(name, table)) == list(table)
    assert not cleaned.facts.duplicated(["service_id", "form", "year", "round", "item"]).any()
    assert not cleaned.services.duplicated(["service_id", "form"]).any()
    assert set(cleaned.facts["service_id"]) <= set(cleaned.services["service_id"])
    assert cleaned.services["service_id"].str.fullmatch(r"\d{7}").all()
    provider = cleaned.services["provider_id"]
    assert provider.str.fullmatch(r"\d{8}").all()
    assert provider.str.startswith("0").any()
