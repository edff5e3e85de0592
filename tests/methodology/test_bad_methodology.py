"""One fault put into the good methodology, and the sentence it must give."""

import tomllib
from pathlib import Path

import pytest

from kpsslib.language import speak
from kpsslib.methodology import MethodologyError, load

N01, V01, K02 = "indicators/costs/N01.toml", "indicators/outputs/V01.toml", "indicators/quality/K02.toml"
ITEMS, TYPES, GROUPS = "items.toml", "service_types.toml", "working_groups.toml"
FAULTS = tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))


def problems_of(folder) -> list[str]:
    with pytest.raises(MethodologyError) as caught:
        load(folder)
    return caught.value.problems


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_told_with_its_file(folder, fault):
    spoil(folder, FAULTS[fault]["file"], FAULTS[fault]["there"], FAULTS[fault]["instead"])
    told = [problem for problem in problems_of(folder) if FAULTS[fault]["says"] in problem]
    assert told, problems_of(folder)
    assert told[0].startswith(str(folder)), told[0]


def test_the_same_files_give_the_same_object_and_a_changed_one_another(folder):
    good = load(folder)
    assert load(folder) is good
    spoil(folder, N01, "digits = 0", "digits = 1")
    changed = load(folder)
    assert (good.indicators["N01"].digits, changed.indicators["N01"].digits) == (0, 1)
    spoil(folder, N01, "digits = 1", "digits = ")
    assert problems_of(folder) == problems_of(folder) != []
    spoil(folder, N01, "digits = ", "digits = 0")
    assert load(folder) == good
    (folder / "indicators" / "other.txt").write_text("", "utf-8")
    assert problems_of(folder)


def test_a_single_fault_gives_no_follow_up(folder):
    spoil(folder, ITEMS, 'unit = "bed_day"', "unit = 3")
    assert len(problems_of(folder)) == 1
    spoil(folder, TYPES, '[DS]\n', '[DS]\nparagraf = "§ 49"\n')
    assert len(problems_of(folder)) == 2


def test_all_problems_of_all_files_are_told_at_once(folder):
    for file, old, new in [(N01, 'kind = "money"', 'kind = "monney"'), (V01, "scale = 100.0", "scale = 10.0"),
                           (GROUPS, "name.cs", "nme.cs"), (K02, 'sources = ["return"', 'sources = ["x"')]:
        spoil(folder, file, old, new)
    told = problems_of(folder)
    for file in (N01, V01, GROUPS, K02):
        assert any(str(folder / file) in problem for problem in told), told


def test_missing_file_is_told_alone(folder):
    (folder / "items.toml").unlink()
    assert problems_of(folder) == [f"{folder / 'items.toml'}: soubor chybí"]


def test_code_twice(folder):
    (folder / "indicators" / "staff" / "N01.toml").write_text((folder / N01).read_text("utf-8"), "utf-8")
    (problem,) = problems_of(folder)
    assert "kód N01 existuje dvakrát, druhý soubor je" in problem


@pytest.mark.parametrize("name", ["costs/N99.toml.txt", "N99.toml"])
def test_file_in_a_wrong_place_or_with_a_wrong_ending(folder, name):
    (folder / "indicators" / name).write_text((folder / N01).read_text("utf-8"), "utf-8")
    (problem,) = problems_of(folder)
    assert "tento soubor se nečte" in problem


def test_other_encodings(folder):
    path = folder / N01
    text = path.read_text("utf-8")
    path.write_text(text, "utf-8-sig")
    load(folder)
    path.write_text(text, "cp1250")
    assert problems_of(folder) == [f"{path}, řádek 1: text není v UTF-8; uložte soubor v tomto kódování"]


def test_messages_in_english(folder):
    speak("en")
    spoil(folder, N01, 'kind = "money"', 'knd = "money"')
    told = [problem.split(": ", 1)[1] for problem in problems_of(folder)]
    assert told == ["key kind is missing", "unknown key knd; did you mean kind?"]


def test_retired_indicator_may_be_replaced(folder):
    spoil(folder, "indicators/costs/N05.toml", 'status = "published"', 'status = "retired"')
    spoil(folder, N01, "digits = 0", 'digits = 0\nreplaces = "N05"')
    assert load(folder).indicators["N01"].replaces == "N05"


def test_overdue_review_is_no_error(folder):
    spoil(folder, N01, "next_review = 2027-06-30", "next_review = 2020-06-30")
    assert load(folder).indicators["N01"].review_overdue
