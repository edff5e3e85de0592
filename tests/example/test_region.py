"""The model region is the same every time, adds up, and looks like a region."""

import filecmp
import math
import re
from itertools import pairwise

import numpy as np
import pytest
from stdnum.cz import dic

from kpsslib.example import SEED, write_example
from kpsslib.example.committed import DIGEST, SAMPLE, cells, digest
from kpsslib.example.draws import stream
from kpsslib.example.making import make_region
from kpsslib.example.region import districts, municipalities, territory
from kpsslib.example.register import check_digit, register
from kpsslib.example.writing import clear
from kpsslib.language import speak
from kpsslib.workspace import project_root

HOME = project_root() / "data" / "example"


def relative(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_same_bytes_every_time_whatever_language_is_spoken(folder, methodology, tmp_path):
    speak("en")
    try:
        write_example(tmp_path, methodology)
    finally:
        speak("cs")
    names = relative(folder)
    assert relative(tmp_path) == names
    assert filecmp.cmpfiles(folder, tmp_path, names, shallow=False) == (names, [], [])


def test_the_generator_gives_the_committed_digest(folder):
    committed = (HOME / DIGEST).read_text("ascii").strip()
    assert digest(folder) == committed, "if this is meant: python -m kpsslib.example writes the digest anew"


def test_the_committed_sample_is_what_the_generator_writes(folder):
    assert sorted(p.name for p in (HOME / "sample").iterdir()) == sorted(SAMPLE)
    assert sum(p.stat().st_size for p in (HOME / "sample").iterdir()) < 1_000_000
    for name in SAMPLE:
        kept, made = HOME / "sample" / name, folder / "returns" / name
        if kept.read_bytes()[:2] == b"PK":
            assert cells(kept) == cells(made)
        else:
            assert kept.read_bytes() == made.read_bytes()


def test_writing_again_removes_only_what_it_wrote(tmp_path):
    clear(tmp_path)
    for name in ("9999999.xlsx", "moje poznámky.txt"):
        (tmp_path / "returns" / name).write_text("x", "utf-8")
    clear(tmp_path)
    assert relative(tmp_path) == ["returns/moje poznámky.txt"]


def test_the_summary_counts_what_is_there(summary_and_folder):
    summary, folder = summary_and_folder
    assert summary.services == 260
    assert summary.returns == len(list((folder / "returns").iterdir()))
    assert summary.csv_files == len(list(folder.rglob("*.csv"))) == 32
    assert summary.bytes == sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def test_a_scale_below_one_is_refused_in_czech(methodology, tmp_path):
    with pytest.raises(ValueError, match=r"měřítko: nalezeno 0, očekává se celé číslo"):
        write_example(tmp_path, methodology, 0)


def test_every_type_and_group_and_form_is_there(region, methodology):
    table = region.register
    assert set(table["service_type"]) == set(methodology.service_types)
    assert {methodology.group_of[t] for t in table["service_type"]} == set(methodology.working_groups)
    counts = table["service_type"].value_counts()
    assert counts[["DS", "DZR", "PeS", "OSP", "OA", "SASRD"]].min() >= 12
    for forms, code in zip(table["forms"], table["service_type"], strict=True):
        assert set(forms.split(", ")) <= set(methodology.service_types[code].forms)


def test_identifiers_are_unique_text_with_leading_zeros(region):
    table = region.register
    assert table["service_id"].is_unique
    assert table["service_id"].map(lambda text: bool(re.fullmatch(r"\d{7}", text))).all()
    assert table["service_id"].str.startswith("0").sum() > 10
    assert table["provider_id"].str.len().eq(8).all()
    assert table["provider_id"].str.startswith("0").sum() > 40
    assert 60 < table["provider_id"].nunique() < 150
    assert table.groupby("provider_id")["provider_name"].nunique().max() == 1


@pytest.mark.parametrize(("body", "digit"), [("4866581", "9"), ("0027533", "6"), ("7501119", "1"), ("1234567", "9")])
def test_check_digits_of_known_registration_numbers(body, digit):
    assert check_digit(body) == digit
    assert dic.calc_check_digit_legal(body) == digit


def test_check_digits_hold_for_every_provider(region):
    assert all(dic.calc_check_digit_legal(number[:7]) == number[7] for number in region.register["provider_id"])


def test_a_larger_region_keeps_the_services_of_the_smaller_and_repeats_no_identifier(region, methodology):
    larger = make_region(methodology, 3, SEED)
    assert larger.register["service_id"].is_unique
    assert set(region.register["service_id"]) <= set(larger.register["service_id"])
    assert len(larger.register) == 3 * len(region.register)


def test_identifiers_of_26_regions_are_unique_too(methodology):
    table = register(methodology, np.arange(2018, 2026), 26, SEED)
    assert len(table) == 6760
    assert table["service_id"].is_unique
    assert table.groupby("provider_id")["provider_name"].nunique().max() == 1


def test_another_seed_makes_another_region_with_the_same_truths(region, methodology):
    other = make_region(methodology, 1, SEED + 1)
    assert not np.array_equal(other.panel.values["cost_total"], region.panel.values["cost_total"], equal_nan=True)
    assert other.planted == region.planted


def test_streams_of_purposes_are_apart():
    assert stream(1, "costs").random() == stream(1, "costs").random()
    assert stream(1, "costs").random() != stream(1, "posts").random()


def test_every_item_asked_has_figures_and_none_is_asked_of_nobody(region, methodology):
    items = [i for i in methodology.items.values() if i.source == "return"]
    assert [i.code for i in items if np.isnan(region.panel.values[i.code]).all()] == []
    for unit in range(0, len(region.panel.units), 7):
        service, form = region.panel.units.loc[unit, ["service_type", "form"]]
        asked = {i.code for i in methodology.items_of(service, form) if i.required}
        given = {code for code, figures in region.panel.values.items() if not np.isnan(figures[unit, -1])}
        if region.panel.months[unit, -1] > 0:
            assert asked <= given


def test_sums_add_up_exactly_in_the_panel(region, methodology):
    values = region.panel.values
    for item in methodology.items.values():
        if item.sum_of and item.code in values:
            parts = sum(np.nan_to_num(values[part]) for part in item.sum_of)
            there = ~np.isnan(values[item.code])
            assert np.array_equal(np.round(values[item.code][there], 2), np.round(parts[there], 2)), item.code


def test_sums_add_up_exactly_in_the_exports(exports, methodology):
    for (year, name), table in exports.items():
        for item in methodology.items.values():
            if item.sum_of and item.code in table:
                parts = table[item.sum_of].fillna(0).sum(axis=1)
                asked = table[item.code].notna()
                assert (table[item.code] - parts)[asked].abs().max() < 0.005, (year, name, item.code)


def test_sums_add_up_in_the_sound_returns(returns, region, methodology):
    faulty = {t.service_id for t in region.truths}
    sums = [i for i in methodology.items.values() if i.sum_of]
    for name, rows in returns.items():
        if name[:7] in faulty:
            continue
        for item in sums:
            for column in (0, 1):
                total = rows.get(item.code, (None, None))[column]
                if total is not None:
                    parts = math.fsum(rows[p][column] or 0 for p in item.sum_of if p in rows)
                    assert total == pytest.approx(parts, abs=0.005), (name, item.code)


def test_parts_never_exceed_the_whole(region):
    v = region.panel.values
    pairs = (("cost_optional", "cost_total"), ("cost_overhead_staff", "cost_staff"), ("persons_qualified", "persons"),
             ("complaints_justified", "complaints"), ("survey_satisfied", "survey_respondents"),
             ("clients_anonymous", "clients"), ("hours_used", "hours_offered"),
             ("inspection_points", "inspection_points_possible"))
    for part, whole in pairs:
        assert not (v[part] > v[whole]).any(), part
    degrees = sum(np.nan_to_num(v[f"clients_degree_{n}"]) for n in range(5))
    assert not (degrees > v["clients"]).any()
    assert not (v["bed_days"] > v["capacity_beds"] * v["operating_days"]).any()
    beds = v["rooms_single"] + 2 * v["rooms_double"] + 3 * v["rooms_larger"]
    assert np.array_equal(beds, v["capacity_beds"], equal_nan=True)


def per(region, top, bottom, service_type, form="residential"):
    rows = region.panel.units["service_type"].eq(service_type) & region.panel.units["form"].eq(form)
    year = list(region.panel.years).index(2023)
    return (region.panel.values[top] / region.panel.values[bottom])[rows.to_numpy(), year]


@pytest.mark.parametrize(("service_type", "low", "high"), [("DS", 45, 65), ("DZR", 50, 75), ("DOZP", 60, 95)])
def test_a_bed_costs_what_it_usually_does(region, service_type, low, high):
    month = per(region, "cost_total", "capacity_beds", service_type) / 12 / 1000
    assert low < np.nanmedian(month) < high
    assert 0.05 < np.nanstd(np.log(month)) < 0.16


def test_shares_are_in_the_usual_ranges(region):
    assert 0.93 < np.nanmedian(per(region, "bed_days", "capacity_beds", "DS") / 365) < 0.985
    assert 0.60 < np.nanmedian(per(region, "bed_days", "capacity_beds", "OS") / 365) < 0.85
    assert 0.60 < np.nanmedian(per(region, "cost_staff", "cost_total", "DS")) < 0.75
    assert 0.75 < np.nanmedian(per(region, "cost_staff", "cost_total", "PeS", "outpatient_field")) < 0.90
    assert 0.55 < np.nanmedian(per(region, "fte_direct", "fte_total", "DZR")) < 0.80
    assert 0.20 < np.nanmedian(per(region, "revenue_grant", "revenue_total", "DS")) < 0.35
    assert 0.50 < np.nanmedian(per(region, "revenue_grant", "revenue_total", "NZDM", "outpatient_field")) < 0.75


def test_revenue_stays_within_a_few_per_cent_of_cost(region):
    v, units = region.panel.values, region.panel.units
    result = v["revenue_total"] / v["cost_total"] - 1
    surplus = next(t.service_id for t in region.truths if t.kind == "surplus")
    assert np.nanmax(np.abs(result[units["service_id"].ne(surplus).to_numpy()])) < 0.04


def test_prices_and_the_epidemic_leave_their_trace(region):
    v = region.panel.values
    energy, occupancy = np.nansum(v["cost_energy"], axis=0), np.nansum(v["bed_days"], axis=0)
    assert energy[4] / energy[3] > 1.3  # 2022 against 2021
    assert occupancy[2] < 0.985 * occupancy[1]
    assert occupancy[3] < occupancy[5]
    pay = np.nansum(v["cost_staff"], axis=0) / np.nansum(v["fte_total"], axis=0)
    assert (pay[-1] / pay[0]) ** (1 / 7) == pytest.approx(1.06, abs=0.005)


def test_services_open_and_close_and_some_returns_never_come(region):
    months, came = region.panel.months, region.came
    assert ((months > 0) & (months < 12)).any(axis=0).sum() >= 5
    services = region.panel.units["service_id"]
    in_operation, sent = services[months[:, -1] > 0].nunique(), services[came[:, -1]].nunique()
    assert 240 <= in_operation <= 260
    assert 0.12 < 1 - sent / in_operation < 0.17
    assert not (came & (months == 0)).any()


def test_rounds_revise_a_little_and_ask_what_they_may(exports, methodology):
    assert {(y, r) for y, r in exports} == (
        {(y, r) for y in range(2018, 2025) for r in ("plan", "adjusted", "actual", "final")}
        | {(2025, "plan"), (2025, "adjusted")})
    keys, off = ["service_id", "form"], {}
    final = exports[2023, "final"].set_index(keys)["cost_total"]
    for name in ("plan", "adjusted", "actual"):
        table = exports[2023, name].set_index(keys)["cost_total"]
        off[name] = (table.reindex(final.index) / final - 1).abs().median()
        allowed = {i.code for i in methodology.items.values() if i.source == "return" and name in i.rounds}
        assert set(exports[2023, name].columns[16:]) == allowed
    assert all(before > after for before, after in pairwise((off["plan"], off["adjusted"], off["actual"], 0)))
    assert 0.02 < off["plan"] < 0.05
    assert off["actual"] < 0.004


def test_old_exports_have_the_old_systems_form(folder):
    old, new = (folder / "archive" / f"{year}_final.csv" for year in (2021, 2022))
    assert "Břízky" in old.read_bytes().decode("cp1250")
    with pytest.raises(UnicodeDecodeError):
        old.read_bytes().decode("utf-8")
    assert re.search(r";\d+,\d+;", old.read_bytes().decode("cp1250"))
    assert re.search(r",\d+\.\d+,", new.read_text("utf-8"))


def test_some_cells_are_empty_and_none_of_them_is_part_of_a_sum(returns, methodology):
    parts = {p for i in methodology.items.values() for p in i.sum_of}
    empty = [(name, key) for name, rows in returns.items() for key, (home, field, _note) in rows.items()
             if key in methodology.items and home is None and field is None]
    required = [(name, key) for name, key in empty if methodology.items[key].required and key not in parts]
    assert len({name for name, _key in required}) > 15


def test_the_territory_is_whole(region):
    table = territory(region.panel.years, SEED)
    wide = table.pivot(index=["orp_code", "year"], columns="item", values="value")
    assert len(wide) == 15 * 8
    assert not wide.isna().any().any()
    assert (wide["population_80"] < wide["population_65"]).all()
    assert (wide["population_65"] < wide["population"]).all()
    assert (wide["population_reached"] <= wide["population"]).all()
    assert (wide["municipalities_unserved"] <= wide["municipalities"]).all()
    total = wide["municipalities"].xs(2025, level="year").sum()
    assert total == len(municipalities()) == districts()["municipalities"].sum()
    assert set(region.register["municipality_code"]) <= set(municipalities()["municipality_code"])
    assert municipalities()["municipality"].is_unique
