"""What changed in attention, good practice, reserves, problems, completeness and money; what the books say."""

import shutil
import zipfile

import pandas as pd
import pytest

from kpsslib.differences.comparing import compare_runs
from kpsslib.differences.formulas import changed_rules, parts_changed
from kpsslib.differences.lists import (
    amounts,
    attention_changes,
    completeness_changes,
    money_changes,
    practice_changes,
    problem_changes,
    reserve_changes,
)
from kpsslib.differences.sides import open_sides
from kpsslib.methodology import load
from kpsslib.methodology.workbook import write_workbook
from kpsslib.workspace import project_root
from tests.differences.conftest import HOMES, a_run, table


def attention(kind="differs", value=1500.0, shown=True, indicator="N01"):
    return table("attention", service_id=[HOMES[0]], form="residential", year=2025, indicator=indicator, kind=kind,
                 shown=shown, peer_set="type", n_reported=8, value=value, median=1350.0, gap=value - 1350.0,
                 position="worse", p_adjusted=0.01, years_certain=1, years_known=1, trend="stable", change="unclear")


def test_entries_of_attention_appear_change_their_kind_or_their_text():
    methodology = load(project_root() / "parameters" / "methodology")

    def told(before, after):
        return attention_changes(before, after, methodology)[["kind", "state"]].to_numpy().tolist()

    assert told(attention(), attention()) == []
    assert told(attention(), attention("worse_and_worsening")) == [["attention", "changed"]]
    assert told(attention(), attention(shown=False)) == [["attention", "disappeared"]]
    assert told(attention(), attention(value=1600.0)) == [["text", "changed"]]
    assert told(attention(indicator="GONE"), attention(indicator="GONE")) == []


def test_the_text_of_attention_is_told_as_it_was_and_as_it_is():
    row = attention_changes(attention(), attention(value=1600.0),
                            load(project_root() / "parameters" / "methodology")).iloc[0]
    assert "1\u00a0500\u00a0Kč" in row["before"]
    assert "1\u00a0600\u00a0Kč" in row["after"]


def test_who_became_a_candidate_for_good_practice_and_who_is_one_no_more():
    def candidates(*yes):
        return table("good_practice", service_id=HOMES[:3], form="residential", year=2025, dimensions="cost, staff",
                     candidate=list(yes))

    rows = practice_changes(candidates(True, True, False), candidates(True, False, True))
    assert rows[["service_id", "state", "before", "after"]].to_numpy().tolist() == [
        [HOMES[1], "disappeared", "cost, staff", ""], [HOMES[2], "appeared", "", "cost, staff"]]
    assert set(rows["tier"]) == {1}


def test_a_reserve_that_is_certain_no_longer_comes_before_those_of_which_the_amount_moved():
    def reserves(first, certain):
        return table("reserves", indicator="N01", service_id=HOMES[:4], form="residential", year=2025, target="median",
                     amount_czk=[first, 200.0, 300.0, 400.0], certain=[certain, True, True, True])

    moved = reserve_changes(reserves(100.0, True), reserves(235.0, True)).iloc[0]
    assert (moved["tier"], moved["before"]) == (3, "")
    assert moved["size"] == 135 / ((325 - 175) / 1.349)
    turned = reserve_changes(reserves(100.0, True), reserves(100.0, False)).iloc[0]
    assert (turned["tier"], turned["before"], turned["after"]) == (2, "certain", "uncertain")
    assert reserve_changes(reserves(100.0, True), reserves(100.0, True)).empty


def test_a_problem_is_the_same_in_a_file_of_another_name_and_without_a_cell():
    def problem(file, severity="error", cell=None):
        return table("problems", file=[file], rule="5", severity=severity, service_id=HOMES[0], form="residential",
                     item="cost_energy", year=2025, round="actual").assign(cell=cell)

    assert problem_changes(problem("a.xlsx"), problem("b.xlsx")).empty
    row = problem_changes(problem("a.xlsx"), problem("b.xlsx", "warning")).iloc[0]
    assert (row["before"], row["after"], row["indicator"], row["beside"]) == ("error", "warning", "cost_energy", "5")


def test_how_many_services_of_a_type_reported():
    def reported(n):
        return table("completeness", group=["PS1"], service_type="DS", form="residential", year=2025, round="actual",
                     n_reported=n, n_expected=8)

    row = completeness_changes(reported(7), reported(8)).iloc[0]
    assert (row["beside"], row["value_before"], row["value_after"]) == ("DS", 7, 8)


def test_amounts_of_outlook_and_gap_are_compared_by_scenario_and_year():
    outlook = table("outlook", level=["group"], unit_id="PS1", scenario="expected", year=2026, item="cost_total",
                    mid=100.0)
    gap = table("gap", level=["group"], unit_id="PS1", scenario="expected", year=2026, cost=100.0, need=40.0,
                allocation=30.0, gap=10.0)
    rows = money_changes(amounts(outlook, gap), amounts(outlook.assign(mid=110.0), gap.assign(gap=20.0)))
    assert sorted(rows[["indicator", "value_before", "value_after"]].to_numpy().tolist()) == [
        ["cost_total", 100, 110], ["gap", 10, 20]]
    assert amounts(None, None).empty


def test_a_changed_formula_is_told_from_the_books_and_is_the_cause(runs):
    methodology = load(project_root() / "parameters" / "methodology")
    other = methodology.model_copy(update={"indicators": {
        **methodology.indicators,
        "N01": methodology.indicators["N01"].model_copy(update={"numerator": "cost_total"})}})
    run = a_run()
    run["indicators"] = run["indicators"].assign(value=run["indicators"]["value"] + 1)
    for name, tables, book in (("first", a_run(), methodology), ("second", run, other)):
        write_workbook(book, runs.write(name, tables) / "methodology" / "methodology.xlsx", "cs")
    sides = open_sides("first", "second", None)
    rules = changed_rules(*sides)
    assert list(rules) == ["N01"]
    assert [part for part, _before, _after in parts_changed(*rules["N01"])] == ["Vzorec"]
    values = compare_runs(*sides).table.query("kind == 'value'")
    assert values.groupby("indicator")["cause"].unique().map(list).to_dict() == {"N01": ["method"], "V01": ["unknown"]}


def test_books_in_two_languages_or_none_say_nothing_of_formulas(runs):
    methodology = load(project_root() / "parameters" / "methodology")
    first, second = runs.write("first", a_run()), runs.write("second", a_run())
    sides = open_sides("first", "second", None)
    assert changed_rules(*sides) is None
    for folder, language in ((first, "cs"), (second, "en")):
        write_workbook(methodology, folder / "methodology" / "methodology.xlsx", language)
    assert changed_rules(*sides) is None
    write_workbook(methodology, second / "methodology" / "methodology.xlsx", "cs")
    assert changed_rules(*sides) == {}


def test_a_damaged_book_says_nothing_of_formulas(runs):
    for name in ("first", "second"):
        book = runs.write(name, a_run()) / "methodology" / "methodology.xlsx"
        book.parent.mkdir()
        book.write_bytes(b"no workbook")
    assert changed_rules(*open_sides("first", "second", None)) is None


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("damage", [
    lambda inside: inside.replace(b"<", b"<<", 1), lambda inside: inside[:len(inside) // 2], lambda _inside: b"",
    lambda inside: inside[:inside.index(b"<si>" if b"<si>" in inside else b"<sheetData>")] + inside[-30:],
], ids=["flipped", "cut", "empty", "without rows"])
def test_a_book_of_which_a_part_is_damaged_says_nothing_of_formulas(runs, part, damage):
    book = runs.write("first", a_run()) / "methodology" / "methodology.xlsx"
    write_workbook(load(project_root() / "parameters" / "methodology"), book, "cs")
    shutil.copytree(book.parents[1], book.parents[2] / "second")
    with zipfile.ZipFile(book) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(book, "w") as damaged:
        for name, inside in parts.items():
            damaged.writestr(name, damage(inside) if name == part else inside)
    assert changed_rules(*open_sides("first", "second", None)) is None


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_flipped_byte_in_a_book_says_nothing_of_formulas(runs, part):
    book = runs.write("first", a_run()) / "methodology" / "methodology.xlsx"
    write_workbook(load(project_root() / "parameters" / "methodology"), book, "cs")
    shutil.copytree(book.parents[1], book.parents[2] / "second")
    data = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as whole:
        info = whole.getinfo(part)
    data[info.header_offset + 30 + len(part) + info.compress_size - 20] ^= 0xFF  # so late that it opens
    book.write_bytes(data)
    assert changed_rules(*open_sides("first", "second", None)) is None


def test_empty_lists_have_no_differences():
    empty = {name: table(name).head(0) for name in ("good_practice", "reserves", "problems", "completeness")}
    for name, compare in (("good_practice", practice_changes), ("reserves", reserve_changes),
                          ("problems", problem_changes), ("completeness", completeness_changes)):
        assert isinstance(found := compare(empty[name], empty[name]), pd.DataFrame)
        assert found.empty
