"""What the committed methodology holds: the types of the act, the groups, the headings, the catalogue."""

from collections import Counter
from pathlib import Path

import pytest

from kpsslib.methodology.models import FORMS, SECTIONS
from kpsslib.methodology.units import units

AREAS = {"costs": "N", "staff": "P", "outputs": "V", "availability": "D", "funding": "F", "quality": "K", "data": "Q"}
FOLDER = Path(__file__).parents[2] / "parameters" / "methodology" / "indicators"


def test_types_of_the_act(methodology):
    """1 type of counselling, 14 of care and 18 of prevention (slovnik.mpsv.cz), and the mental health centre."""
    families = Counter(t.family for code, t in methodology.service_types.items() if code != "CDZ")
    assert families == {"poradenství": 1, "péče": 14, "prevence": 18}
    assert len({t.paragraph for t in methodology.service_types.values()}) == len(methodology.service_types) == 34


def test_forms_agree_with_the_published_count(methodology):
    """19 types may be field services, 5 of them only field, 10 field and outpatient, 4 all three."""
    forms = [frozenset(t.forms) for code, t in methodology.service_types.items() if code != "CDZ"]
    assert len(forms) == 33
    assert sum("T" in f for f in forms) == 19
    assert forms.count(frozenset("T")) == 5
    assert forms.count(frozenset("AT")) == 10
    assert forms.count(frozenset("PAT")) == 4


def test_each_type_stands_in_one_of_eight_groups(methodology):
    assert list(methodology.working_groups) == [f"PS{n}" for n in range(1, 9)]
    assert set(methodology.group_of) == set(methodology.service_types)


def test_every_type_reports_its_capacity_in_its_unit(methodology):
    for code, kind in methodology.service_types.items():
        for form, unit in kind.capacity_units.items():
            asked = {i.code for i in methodology.items_of(code, form) if i.code.startswith("capacity_")}
            assert asked == {f"capacity_{unit}"}, (code, form)


def test_the_seven_headings_all_have_items(methodology):
    assert tuple(dict.fromkeys(i.section for i in methodology.items.values() if i.source == "return")) == SECTIONS


def test_sum_rules_cover_the_whole_tree(methodology):
    """Every cost, revenue and post is a part of exactly one sum, up to the three totals."""
    parts = Counter(part for item in methodology.items.values() for part in item.sum_of)
    trees = [c for c, i in methodology.items.items()
             if c.startswith(("cost_", "revenue_", "fte_")) and i.source == "return" and i.part_of is None]
    assert {c for c in trees if parts[c] == 0} == {"cost_total", "revenue_total", "fte_total"}
    assert max(parts.values()) == 1


def test_staff_positions_follow_the_state_reporting_system(methodology):
    """1 = 1.1 + 1.2 + 1.3 + 1.4 + 1.5 + 1.6, 1.2 = 1.2.1 + … + 1.2.4, 2 = 2.1 + 2.2 + 2.3 (help.socpos.mpsv.cz)."""
    number = {c: str(i.name.cs).split()[0] for c, i in methodology.items.items() if c.startswith("fte_")}
    for sum_row, children in (("1", ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]), ("2", ["2.1", "2.2", "2.3"]),
                              ("1.2", ["1.2.1", "1.2.2", "1.2.3", "1.2.4"])):
        (code,) = [c for c, n in number.items() if n == sum_row]
        assert [number[part] for part in methodology.items[code].sum_of] == children


def test_catalogue_is_whole(methodology):
    codes = set(methodology.indicators)
    last = {"N": 10, "P": 8, "V": 6, "D": 4, "F": 16, "K": 5, "Q": 1}
    plain = {f"{letter}{n:02}" for letter in last for n in range(1, last[letter] + 1)}
    assert plain - codes == {"N06"}, "N06 is two: per contact and per intervention"
    assert {"N06K", "N06I", "N09E", "D03S", "K01O"} <= codes
    assert len(codes) > 50


def test_areas_and_letters_agree(methodology):
    for indicator in methodology.indicators.values():
        assert AREAS[indicator.area] == indicator.code[0]


def test_direction_none_is_never_a_dimension(methodology):
    for indicator in methodology.indicators.values():
        assert indicator.dimension is None or indicator.direction in ("higher", "lower"), indicator.code
    assert {i.dimension for i in methodology.indicators.values()} == {"cost", "performance", "staff", "quality", None}


def test_good_practice_has_two_dimensions_everywhere(methodology):
    """The rule asks for two of four dimensions, so every type and form needs at least two that are collected."""
    for code, kind in methodology.service_types.items():
        for form in kind.reporting_forms:
            held = {i.dimension for i in methodology.indicators_of(code, form)} - {None}
            assert len(held) >= 2, (code, form, held)


def test_money_is_in_crowns_and_intervals_are_of_counts(methodology):
    """Wilson and Poisson intervals are for counts of people, events or things; money and amounts of time have none."""
    countable = {"person", "complaint", "measure", "application", "room", "municipality", "item"}
    for indicator in methodology.indicators.values():
        named = {methodology.items[c].unit for side in indicator.formula(9999)[:2] for c in side.items}
        assert (indicator.kind == "money") == ("CZK" in indicator.unit), indicator.code
        assert indicator.kind not in ("proportion", "rate") or named <= countable, indicator.code


def test_shares_of_sources_add_up_to_revenues(methodology):
    """F01 to F09 hold every revenue item exactly once."""
    parts = Counter(item for n in range(1, 10) for item in methodology.indicators[f"F{n:02}"].formula(9999)[0].items)
    assert parts == Counter(methodology.items["revenue_total"].sum_of)


def test_concentration_of_nine_equal_sources(methodology):
    """Herfindahl-Hirschman index of n equal sources is 1 / n."""
    top, bottom, _ = methodology.indicators["F13"].formula(9999)
    sources = dict.fromkeys(top.items, 1000.0) | {"revenue_total": 9000.0}
    assert top.compute_one(sources) / bottom.compute_one(sources) == pytest.approx(1 / 9)


def test_case_mix_weights_have_no_effect_on_average_clients(methodology):
    """P03 equals P02 where all clients have the second degree; heavier clients lower it, lighter ones raise it."""
    def adjusted(degree):
        clients = {f"clients_degree_{n}": 50.0 * (n == degree) for n in range(5)}
        top, bottom, _ = methodology.indicators["P03"].formula(9999)
        return top.compute_one(clients | staff) / bottom.compute_one(clients | staff)
    staff = {"fte_direct": 30.0, "capacity_beds": 60.0}
    assert adjusted(2) == pytest.approx(0.5)
    assert [adjusted(n) for n in range(5)] == sorted((adjusted(n) for n in range(5)), reverse=True)


def test_files_are_short_and_bilingual(methodology):
    for indicator in methodology.indicators.values():
        path = FOLDER / indicator.area / f"{indicator.code}.toml"
        assert len(path.read_text("utf-8").splitlines()) <= 40, indicator.code
        for text in (indicator.name, indicator.why, indicator.caveats):
            assert text.cs != text.en, indicator.code


def test_every_item_is_for_some_form_and_in_a_known_unit(methodology):
    for item in methodology.items.values():
        assert set(item.forms) <= set(FORMS)
        units.Unit(item.unit)
