"""The numeric methods of cleaning against published figures, a slow second way, and by their properties."""

import csv
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from kpsslib.cleaning.levels import robust_z
from kpsslib.cleaning.localisation import Edit, localise
from kpsslib.cleaning.unit_errors import near, near_factor
from kpsslib.cleaning.year_on_year import year_on_year
from kpsslib.methodology.thresholds import read_thresholds
from kpsslib.workspace import project_root

LIMITS = read_thresholds(project_root() / "parameters" / "methodology" / "rules.toml").change

# 22 made services; E, quartiles and bounds computed with HBmethod of the R package univOutl 0.5.0 (U .5, A .05, C 4).
PAIRS = """120 126 0.024349180391153198, 95 99 -0.0536781560422547, 410 433 0.16624022321831639,
33 35 0.07272115423911228, 58 60 -0.09917184628925149, 76 79 -0.07057369560354151, 210 221 0.06603046752759868,
145 151 -0.07490552859143539, 88 131 4.816554207371716, 19 20 0.02093361960897066, 305 318 -0.08730202853478754,
66 69 -0.018057877962866196, 52 54 -0.06556714968056038, 130 98 -4.444886107587319, 47 49 -0.034740259740260404,
280 296 0.15461260163881677, 99 104 0.027037461870098894, 71 75 0.07117437096880987, 160 167 -0.049243296615811054,
40 90 10.886192292163159, 0 12 nan, 55 nan nan"""
PREVIOUS, CURRENT, SCORES = np.array([[float(x) for x in one.split()] for one in PAIRS.split(",")]).T


def limits(u, a):
    """The project's thresholds of change against the year before, but for the weight of size and the least width."""
    return LIMITS.model_copy(update={"u": u, "a": a})


def test_hidiroglou_berthelot_as_r():
    found = year_on_year(PREVIOUS, CURRENT, limits(0.5, 0.05))
    assert found.usual == pytest.approx(1.04772727273, rel=1e-9)
    assert found.quartiles == pytest.approx((-0.06681878616131, 0.00143787082305, 0.07156106678639), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((-0.271588757114, 0.281930654676), abs=1e-9)
    assert found.score[:20] == pytest.approx(SCORES[:20], abs=1e-9)
    assert np.flatnonzero(found.beyond).tolist() == [8, 13, 19]
    assert np.flatnonzero(found.excluded).tolist() == [20, 21]
    assert np.isnan(found.score[20:]).all()


def test_hidiroglou_berthelot_on_the_reference_file():
    folder = Path("/work/shared/reference/ref/edit")
    if not folder.is_dir():
        pytest.skip("the reference file is not on this machine")
    given, wanted = (list(csv.DictReader((folder / f"hb_{name}.csv").read_text().splitlines()))
                     for name in ("input", "expected"))
    pairs = np.array([[float(row["prev"] or "nan"), float(row["cur"] or "nan")] for row in given])
    found = year_on_year(*pairs.T, limits(0.5, 0.05))
    assert found.score == pytest.approx([float(row["E"] or "nan") for row in wanted], abs=1e-9, nan_ok=True)
    assert found.beyond.tolist() == [row["out"] == "1" for row in wanted]


def test_nine_pairs_are_too_few_and_ten_are_not():
    assert math.isnan(year_on_year(PREVIOUS[:9], CURRENT[:9], limits(0.5, 0.05)).high)
    assert not math.isnan(year_on_year(PREVIOUS[:10], CURRENT[:10], limits(0.5, 0.05)).high)
    more = LIMITS.model_copy(update={"pairs": 11})
    assert math.isnan(year_on_year(PREVIOUS[:10], CURRENT[:10], more).high)


def test_where_many_changed_alike_the_tails_are_wider():
    """Six of twenty ratios are equal, so the 10th and 90th percentile are taken: by hand, places 1.9 and 17.1."""
    previous = np.full(20, 100.0)
    current = np.array([100.0] * 6 + [97, 96, 95, 94, 93, 92, 91, 101, 102, 103, 104, 105, 106, 107])
    found = year_on_year(previous, current, limits(0, 0))
    ordered = sorted(found.score)
    assert found.quartiles[0] == pytest.approx(0.1 * ordered[1] + 0.9 * ordered[2])
    assert found.quartiles[2] == pytest.approx(0.9 * ordered[17] + 0.1 * ordered[18])


def test_the_unit_of_money_does_not_matter_without_the_weight_of_size():
    crowns = year_on_year(PREVIOUS, CURRENT, limits(0, 0.05))
    thousands = year_on_year(PREVIOUS / 1000, CURRENT / 1000, limits(0, 0.05))
    assert thousands.score == pytest.approx(crowns.score, nan_ok=True)
    assert (thousands.beyond == crowns.beyond).all()


def test_robust_z_by_hand_and_its_fallbacks():
    # ln r = -2 .. 2: the median is 0, the MAD 1.
    assert robust_z(np.exp([-2.0, -1, 0, 1, 2])) == pytest.approx(np.array([-2, -1, 0, 1, 2]) / 1.4826)
    # Four of seven equal: MAD 0, the quartiles (type 7, places 1.5 and 4.5) are 0 and 0.5.
    assert robust_z(np.exp([0.0, 0, 0, 0, 1, 1, 3]))[-1] == pytest.approx(3 / (0.5 + 0.5) * 1.349)
    # Seven of eight equal: the quartiles are 0 too, the mean absolute deviation is 1/8.
    assert robust_z(np.exp([0.0] * 7 + [1]))[-1] == pytest.approx(8 / 1.2533)
    assert np.isnan(robust_z(np.full(6, 0.1) * 3)).all()
    assert np.isnan(robust_z(np.array([1.0, 2, 4, 0, -1, math.nan]))[3:]).all()
    assert len(robust_z(np.array([]))) == 0


def test_a_factor_is_near_within_its_spread_only():
    spreads = {1000: 3, 100: 2, 12: 1.3}
    ratios = np.array([1, 1000, 0.001, 1 / 2999, 3001, 100, 0.01, 12, 1 / 12, 9.3, 9.2, math.nan])
    nan = math.nan
    wanted = [nan, 1000, 0.001, 0.001, nan, 100, 0.01, 12, 1 / 12, 12, nan, nan]
    assert near_factor(ratios, spreads) == pytest.approx(wanted, nan_ok=True)
    assert near(np.array([0.4, 0.6, 1.9]), 1, 2).tolist() == [False, True, True]


# de Waal, Pannekoek and Scholtus (2011): turnover T, profit P, costs C, employees N. Of the second record the book
# names C alone; T = 325 satisfies its edits too.
TURNOVER = [Edit({"T": 1, "P": -1, "C": -1}, 0, 0), Edit({"P": 1, "T": -0.5}, high=0), Edit({"P": 1, "T": 0.1}, 0),
            Edit({"T": 1}, 0), Edit({"T": 1, "N": -550}, high=0)]


@pytest.mark.parametrize(("figures", "wanted"), [
    ((100, 40_000, 60_000, 5), [{"P", "C"}, {"T", "N"}]), ((755, 125, 200, 5), [{"C"}, {"T"}]),
    ((100, 40_000, 60_000, 500), [{"T"}]), ((300, 100, 200, 5), None),
])
def test_the_fewest_figures_of_the_textbook(figures, wanted):
    found = localise(dict(zip("TPCN", figures, strict=True)), TURNOVER, {})
    assert [set(one) for one in found] == ([] if wanted is None else [set(map(frozenset, wanted))])


def test_a_missing_figure_is_free_and_parts_that_share_nothing_are_apart():
    record = {"T": 100, "P": math.nan, "C": 40, "beds": 10, "days": 9_000, "x": 1}
    edits = [Edit({"T": 1, "P": -1, "C": -1}, 0, 0), Edit({"T": 1, "C": -1}, high=0),
             Edit({"days": 1, "beds": -366}, high=0), Edit({"x": 1}, 0)]
    assert [set(one) for one in localise(record, edits, {})] == [
        {frozenset("T"), frozenset("C")}, {frozenset({"beds"}), frozenset({"days"})}]
    assert localise(record, edits, {"beds": 2, "C": 2}) == [[frozenset("T")], [frozenset({"days"})]]


def test_ten_crowns_in_ten_millions_are_seen():
    edits = [Edit({"sum": 1, "a": -1, "b": -1}, -2, 2)]
    found = localise({"sum": 10_000_010, "a": 6_000_000, "b": 4_000_000}, edits, {"sum": 0.3})
    assert found == [[frozenset({"sum"})]]


def by_all_subsets(record, edits, weights):
    """Every subset by growing weight: is there a linear solution with only its figures free?"""
    items = sorted(record)
    table = [[edit.terms.get(item, 0) for item in items] for edit in edits]
    rows = table + [[-c for c in row] for row in table]
    limits = [edit.high for edit in edits] + [-edit.low for edit in edits]
    kept = [i for i, limit in enumerate(limits) if math.isfinite(limit)]
    best, found = math.inf, []
    subsets = [set(chosen) for size in range(len(items) + 1) for chosen in combinations(items, size)]
    for chosen in sorted(subsets, key=lambda chosen: sum(weights.get(item, 1) for item in chosen)):
        weight = sum(weights.get(item, 1) for item in chosen)
        if weight > best + 1e-9:
            break
        free = [(None, None) if item in chosen else (record[item], record[item]) for item in items]
        if linprog([0] * len(items), [rows[i] for i in kept], [limits[i] for i in kept], bounds=free).success:
            best, found = weight, [*found, frozenset(chosen)]
    return set(found)


@pytest.mark.parametrize("seed", range(25))
def test_small_records_as_by_all_subsets(seed):
    draw = np.random.default_rng(seed)
    record = dict(zip("abcdef", map(float, draw.integers(0, 30, 6)), strict=True))
    edits = [Edit({"a": 1, "b": -1, "c": -1}, 0, 0), Edit({"d": 1, "a": -1, "e": -1}, -1, 1),
             Edit({"e": 1, "f": -float(draw.integers(1, 4))}, high=0), *(Edit({item: 1}, 0) for item in record)]
    weights = {"a": 0.7, "d": float(draw.choice([0.3, 1, 1.5]))}
    found = localise(record, edits, weights) or [[frozenset()]]
    assert len(found) == 1
    assert set(found[0]) == by_all_subsets(record, edits, weights)
