"""The verbs of the frontier: second implementations, properties, bad input, and what they say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from kpsslib.comparison import frontier
from kpsslib.comparison.frontier.bootstrap import pseudo_distances, replicated
from kpsslib.comparison.frontier.technology import Points, Technology
from kpsslib.language import NBSP, speak
from tests.comparison import oracle_frontier as oracle

CORE = settings(max_examples=25, deadline=None)
RETURNS, ORIENTATIONS = frontier.RETURNS, frontier.ORIENTATIONS


def region(seed=1, n=30, inputs=("fte_total", "cost_total"), outputs=("bed_days",)):
    """Homes with posts and costs in proportion to their bed-days, give or take a quarter."""
    random = np.random.default_rng(seed)
    size = random.uniform(10, 60, n)
    units = [f"{i:03d}" for i in range(n)]
    level = dict(fte_total=1.0, cost_total=700_000.0, bed_days=400.0, clients=1.3)

    def table(columns):
        return pd.DataFrame({c: size * level[c] * random.uniform(0.75, 1.25, n) for c in columns}, index=units)
    return table(inputs), table(outputs)


@st.composite
def sets(draw):
    """A small region with ties now and then, and returns and orientation."""
    inputs, outputs = region(draw(st.integers(0, 10_000)), n=draw(st.integers(12, 18)))
    if draw(st.booleans()):
        inputs, outputs = inputs.round(-1) + 10, outputs.round(-3) + 1000
    return inputs, outputs, dict(returns=draw(st.sampled_from(RETURNS)),
                                 orientation=draw(st.sampled_from(ORIENTATIONS)))


def same(one, other, **tolerance):
    assert_allclose(one.to_numpy(float), other.to_numpy(float), atol=1e-8, rtol=1e-8, **tolerance)


@CORE
@given(sets(), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_units_of_measure_change_no_score_and_no_target(one, currency, days):
    inputs, outputs, how = one
    before = frontier.efficiency(inputs, outputs, **how)
    scaled = inputs.assign(cost_total=inputs["cost_total"] * currency)
    after = frontier.efficiency(scaled, outputs * days, **how)
    same(before.units["score"], after.units["score"])
    same(before.units["ratio"], after.units["ratio"])
    means = [pd.concat(tables, axis=1).mean() for tables in ((inputs, outputs), (scaled, outputs * days))]
    same((before.slacks / means[0]).sum(axis=1), (after.slacks / means[1]).sum(axis=1))


@CORE
@given(sets(), st.randoms(use_true_random=False))
def test_order_of_units_changes_nothing(one, random):
    inputs, outputs, how = one
    before = frontier.efficiency(inputs, outputs, **how)
    order = list(inputs.index)
    random.shuffle(order)
    after = frontier.efficiency(inputs.loc[order], outputs, **how)
    assert list(after.units.index) == order
    same(before.units["score"], after.units["score"].loc[inputs.index])
    assert (before.units["efficient"] == after.units["efficient"].loc[inputs.index]).all()


@CORE
@given(sets(), st.floats(1, 3))
def test_a_dominated_unit_changes_nobody_else(one, worse):
    inputs, outputs, how = one
    inputs.loc["new"], outputs.loc["new"] = inputs.iloc[0] * worse, outputs.iloc[0] / worse
    alone = frontier.efficiency(inputs.drop("new"), outputs.drop("new"), **how)
    joined = frontier.efficiency(inputs, outputs, **how)
    same(alone.units["score"], joined.units["score"].drop("new"))
    for verb in (frontier.free_disposal, frontier.super_efficiency):
        if worse > 1:
            scores = [verb(*tables, orientation=how["orientation"])["score"] for tables in
                      ((inputs.drop("new"), outputs.drop("new")), (inputs, outputs))]
            same(scores[0], scores[1].drop("new"))


@CORE
@given(sets())
def test_doubled_units_get_the_same_and_no_more_than_one_beside_each_other(one):
    inputs, outputs, how = one
    twice = [pd.concat([table, table.set_axis("again " + table.index)]) for table in (inputs, outputs)]
    before, after = frontier.efficiency(inputs, outputs, **how), frontier.efficiency(*twice, **how)
    same(before.units["score"], after.units["score"].iloc[:len(inputs)])
    same(before.units["score"], after.units["score"].iloc[len(inputs):])
    beyond = frontier.super_efficiency(*twice, **how)
    best = np.abs(beyond["score"] - 1) < 1e-8
    assert_allclose(beyond.loc[best, "super_score"], 1, atol=1e-8)


@CORE
@given(sets(), st.floats(1.01, 2))
def test_more_input_or_less_output_never_helps_and_never_harms_the_others(one, worse):
    inputs, outputs, how = one
    before = frontier.efficiency(inputs, outputs, **how).units["score"]
    sign = 1 if how["orientation"] == "input" else -1
    for changed in ((inputs.copy(), outputs), (inputs, outputs.copy())):
        if changed[0] is not inputs:
            changed[0].iloc[0, 1] *= worse
        else:
            changed[1].iloc[0, 0] /= worse
        after = frontier.efficiency(*changed, **how).units["score"]
        assert sign * (after.iloc[0] - before.iloc[0]) < 1e-9
        assert (sign * (after - before).iloc[1:] > -1e-9).all()


@CORE
@given(sets())
def test_wider_sets_of_possibilities_give_lower_scores(one):
    inputs, outputs, how = one
    sign = 1 if how["orientation"] == "input" else -1
    crs, vrs, drs, irs = (sign * frontier.efficiency(inputs, outputs, returns=returns,
                                                     orientation=how["orientation"]).units["score"]
                          for returns in RETURNS)
    fdh = sign * frontier.free_disposal(inputs, outputs, orientation=how["orientation"])["score"]
    few, many = (sign * frontier.order_m(inputs, outputs, orientation=how["orientation"], m=m)["score"]
                 for m in (20, 100_000))
    for narrow, wide in ((crs, drs), (crs, irs), (drs, vrs), (irs, vrs), (vrs, fdh), (fdh, few)):
        assert (narrow <= wide + 1e-9).all()
    assert_allclose(np.minimum(np.abs(drs - vrs), np.abs(irs - vrs)), 0, atol=1e-8)
    assert_allclose(many, fdh, atol=1e-3)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_scale_efficiency_and_returns(orientation):
    inputs, outputs = region(4)
    found = frontier.scale(inputs, outputs, orientation=orientation)
    assert found["scale"].between(0, 1 + 1e-9).all()
    assert set(found["returns"]) == {"crs", "irs", "drs"}
    same(found["scale"], found["crs"] / found["vrs"] if orientation == "input" else found["vrs"] / found["crs"])
    drs, irs = (frontier.efficiency(inputs, outputs, returns=word, orientation=orientation).units["score"]
                for word in ("drs", "irs"))
    assert_allclose(drs[found["returns"] == "drs"], found["vrs"][found["returns"] == "drs"])
    assert_allclose(irs[found["returns"] == "irs"], found["vrs"][found["returns"] == "irs"])
    assert_allclose(found["scale"][found["returns"] == "crs"], 1)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_free_disposal_and_order_m_are_those_of_the_loops(orientation):
    for seed in range(4):
        inputs, outputs = region(seed, n=15, outputs=("bed_days", "clients"))
        if seed % 2:
            inputs, outputs = inputs.round(-1) + 10, outputs.round(-2) + 10
        x, y = inputs.to_numpy(), outputs.to_numpy()
        found = frontier.free_disposal(inputs, outputs, orientation=orientation)
        assert_allclose(found["score"], [oracle.free_disposal(x, y, o, orientation) for o in range(15)])
        for m in (1, 2, 3):
            found = frontier.order_m(inputs, outputs, orientation=orientation, m=m)["score"]
            assert_allclose(found, [oracle.order_m(x, y, o, orientation, m) for o in range(15)])


def test_free_disposal_names_the_real_unit():
    inputs, outputs = region(2)
    found = frontier.free_disposal(inputs, outputs)
    peers = found["peer"]
    assert (outputs.loc[peers].to_numpy() >= outputs.to_numpy()).all()
    assert_allclose((inputs.loc[peers].to_numpy() / inputs).max(axis=1), found["score"])
    assert (peers[found["score"] == 1] == peers.index[found["score"] == 1]).all()


def test_order_m_needs_somebody_drawn():
    with pytest.raises(ValueError, match="at least 1"):
        frontier.order_m(*region(), m=0)


def test_a_score_of_order_m_that_is_not_finite_is_not_given():
    inputs, outputs = region(3)
    inputs.iloc[4, 0], outputs.iloc[4, 0] = 0, outputs["bed_days"].min() / 2
    found = frontier.order_m(inputs, outputs)
    assert found["reason"].iloc[4] == "infeasible"
    assert found["score"].isna().sum() == 1


def test_malmquist_is_that_of_the_four_distances():
    first, second = region(5, n=12), region(6, n=12)
    found = frontier.malmquist(first, second)
    arrays = [[table.to_numpy() for table in year] for year in (first, second)]
    expected = [oracle.malmquist(*arrays, o) for o in range(12)]
    assert_allclose(found[["effch", "techch", "pech", "sech", "tfpch"]], expected, rtol=1e-7)
    assert (found["reason"] == "").all()
    output = frontier.malmquist(first, second, orientation="output")
    same(output[["effch", "techch", "tfpch"]], found[["effch", "techch", "tfpch"]])


def test_malmquist_of_units_that_come_and_go():
    (inputs, outputs), later = region(5), region(6)
    left, came = inputs.index[0], inputs.index[1]
    second = later[0].drop(left), later[1].drop(left)
    first = inputs.drop(came), outputs.drop(came)
    found = frontier.malmquist(first, second)
    assert found.loc[[left, came], "reason"].tolist() == ["missing", "missing"]
    kept = inputs.index.drop([left, came])
    balanced = frontier.malmquist(*([table.loc[kept] for table in year] for year in ((inputs, outputs), later)))
    same(found["tfpch"].loc[kept], balanced["tfpch"].loc[kept])
    dearer = frontier.malmquist((inputs, outputs), (inputs * 1.1, outputs))
    assert_allclose(dearer[["effch", "techch", "tfpch"]], [[1, 1 / 1.1, 1 / 1.1]] * len(inputs))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("returns", ["crs", "vrs"])
def test_replicates_are_the_programs_of_pseudo_samples(returns, orientation):
    inputs, outputs = (table.to_numpy() for table in region(7, n=12))
    technology = Technology(Points(inputs, outputs), returns, orientation)
    score = oracle.scores(inputs, outputs, returns, orientation)
    distance = 1 / score if orientation == "input" else score
    star = replicated(technology, distance, 4, np.random.default_rng(3))
    drawn = pseudo_distances(distance, 4, np.random.default_rng(3))
    for one, found in zip(drawn, star, strict=True):
        pseudo = inputs, outputs
        if orientation == "input":
            pseudo = inputs * (one / distance)[:, None], outputs
        else:
            pseudo = inputs, outputs * (distance / one)[:, None]
        expected = [oracle.super_score(np.vstack([pseudo[0], inputs[o]]), np.vstack([pseudo[1], outputs[o]]), 12,
                                       returns, orientation) for o in range(12)]
        assert_allclose(1 / found if orientation == "input" else found, expected, rtol=1e-7)


def test_pseudo_distances_are_at_least_one_and_keep_their_spread():
    random = np.random.default_rng(1)
    distance = np.append(np.ones(20), 1 + random.exponential(0.3, 60))
    drawn = pseudo_distances(distance, 4000, random)
    assert drawn.min() >= 1
    mirrored = np.concatenate([distance, 2 - distance])
    assert ((drawn - 1) ** 2).mean() == pytest.approx(((mirrored - 1) ** 2).mean(), rel=0.02)
    assert drawn.mean() == pytest.approx(distance.mean(), rel=0.02)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_bootstrap_corrects_downwards_and_is_repeatable(orientation):
    inputs, outputs = region(8, n=40)
    found = frontier.bootstrap(inputs, outputs, orientation=orientation, replicates=200)
    again = frontier.bootstrap(inputs, outputs, orientation=orientation, replicates=200)
    other = frontier.bootstrap(inputs, outputs, orientation=orientation, replicates=200, seed=5)
    pd.testing.assert_frame_equal(found, again)
    assert not np.allclose(found["corrected"], other["corrected"])
    sign = 1 if orientation == "input" else -1
    assert (sign * found["bias"] > 0).all()
    assert_allclose(found["score"] - found["bias"], found["corrected"])
    assert (found["low"] < found["high"]).all()
    assert found["corrected"].between(found["low"], found["high"]).mean() > 0.9
    certain = found["bias"].abs() > 3 ** 0.5 * found["sd"]
    assert (found["shown"] == found["corrected"].where(certain, found["score"])).all()


def test_the_bootstrap_refuses_where_nearly_all_are_efficient():
    inputs = pd.DataFrame({"x": np.arange(1.0, 13)})
    outputs = pd.DataFrame({"y": np.sqrt(inputs["x"])})
    found = frontier.bootstrap(inputs, outputs)
    assert set(found["reason"]) == {"few_inefficient"}
    assert found.drop(columns="reason").isna().all(axis=None)


VERBS = [frontier.efficiency, frontier.scale, frontier.super_efficiency, frontier.free_disposal, frontier.order_m,
         frontier.bootstrap]


def scores_and_reasons(verb, inputs, outputs):
    found = verb(inputs, outputs)
    table = found.units if verb is frontier.efficiency else found
    return table["crs" if verb is frontier.scale else "score"], table["reason"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("spoil", ["too_few", "one", "all_equal", "empty_column", "none"])
def test_sets_without_a_frontier_have_a_reason_and_no_score(verb, spoil):
    inputs, outputs = region(9)
    if spoil == "too_few":
        inputs, outputs = inputs.iloc[:8], outputs.iloc[:8]
    if spoil == "one":
        inputs, outputs = inputs.iloc[:1], outputs.iloc[:1]
    if spoil == "none":
        inputs, outputs = inputs.iloc[:0], outputs.iloc[:0]
    if spoil == "all_equal":
        inputs, outputs = inputs * 0 + 3, outputs * 0 + 2
    if spoil == "empty_column":
        inputs = inputs.assign(fte_total=0)
    score, reason = scores_and_reasons(verb, inputs, outputs)
    assert score.isna().all()
    assert set(reason) == ({"too_few"} if spoil == "one" else set() if spoil == "none" else {spoil})


@pytest.mark.parametrize("verb", VERBS)
def test_units_that_cannot_be_measured_have_a_reason_and_the_others_do_not_notice(verb):
    inputs, outputs = region(10)
    bad = inputs.copy(), outputs.copy()
    bad[0].loc["missing"], bad[1].loc["missing"] = [np.nan, 1], [1]
    bad[0].loc["infinite"], bad[1].loc["infinite"] = [np.inf, 1], [1]
    bad[0].loc["negative"], bad[1].loc["negative"] = [1, -5], [1]
    bad[0].loc["no_inputs"], bad[1].loc["no_inputs"] = [0, 0], [1]
    bad[0].loc["no_outputs"], bad[1].loc["no_outputs"] = [1, 1], [0]
    bad[0].loc["one side"] = [1, 1]
    score, reason = scores_and_reasons(verb, *bad)
    spoiled = ["missing", "infinite", "negative", "no_inputs", "no_outputs", "one side"]
    assert reason[spoiled].tolist() == ["missing", "missing", "negative", "no_inputs", "no_outputs", "missing"]
    assert score[spoiled].isna().all()
    same(score[inputs.index], scores_and_reasons(verb, inputs, outputs)[0])


def test_the_gate_is_that_of_the_rule_of_thumb():
    inputs, outputs = region(n=9)
    assert frontier.efficiency(inputs, outputs).reason == ""
    refused = frontier.efficiency(inputs.iloc[:8], outputs.iloc[:8])
    assert (refused.reason, refused.needed) == ("too_few", 9)
    assert refused.units["ratio"].max() == 1
    assert refused.units["ratio"].notna().all()
    wide = pd.DataFrame(np.ones((5, 7)), columns=list("abcdefg"))
    assert frontier.efficiency(wide, wide).needed == 49


def test_the_plain_ratio_stands_beside_the_score():
    inputs, outputs = region(3, inputs=("fte_total",))
    found = frontier.efficiency(inputs, outputs, returns="crs").units
    plain = outputs["bed_days"] / inputs["fte_total"]
    same(found["ratio"], plain / plain.max())
    # with one input and one output constant returns are the plain ratio
    same(found["ratio"], found["score"])


def test_tables_that_cannot_be_read_are_errors():
    inputs, outputs = region()
    with pytest.raises(ValueError, match="each unit once"):
        frontier.efficiency(pd.concat([inputs, inputs]), outputs)
    with pytest.raises(ValueError, match="need columns"):
        frontier.efficiency(inputs, outputs[[]])
    with pytest.raises(ValueError, match="expected one of"):
        frontier.free_disposal(inputs, outputs, orientation="both")


def test_whole_numbers_and_missing_marks_of_pandas_are_read():
    inputs, outputs = region(3)
    whole = inputs.round().astype("Int64")
    whole.iloc[2, 0] = pd.NA
    found = frontier.efficiency(whole, outputs.round().astype("int64"))
    assert found.units["reason"].iloc[2] == "missing"
    assert found.units["score"].isna().sum() == 1


def test_inputs_are_left_as_they_were():
    inputs, outputs = region()
    before = inputs.copy(), outputs.copy()
    for verb in VERBS:
        verb(inputs, outputs)
    pd.testing.assert_frame_equal(inputs, before[0])
    pd.testing.assert_frame_equal(outputs, before[1])


def test_targets_weights_and_slacks_agree():
    inputs, outputs = region(12)
    found = frontier.efficiency(inputs, outputs)
    weights = found.peers.pivot(index="unit", columns="peer", values="weight").fillna(0)
    assert_allclose(weights.sum(axis=1), 1)
    both = pd.concat([inputs, outputs], axis=1)
    assert_allclose((weights @ both.loc[weights.columns]).loc[inputs.index], found.targets, rtol=1e-9)
    same(inputs.mul(found.units["score"], axis=0) - found.slacks[inputs.columns], found.targets[inputs.columns])
    assert found.units.loc[weights.columns, "efficient"].all()
    again = frontier.efficiency(found.targets[inputs.columns], found.targets[outputs.columns])
    assert_allclose(again.units["score"], 1)
    assert (again.slacks.to_numpy() <= 1e-6 * both.mean().to_numpy()).all()


@pytest.fixture
def homes():
    """The service 'mine' that Háj beats by itself; 'lone' that only a mix beats."""
    inputs, outputs = region(1, n=12, inputs=("fte_total",))
    inputs["fte_total"], outputs["bed_days"] = outputs["bed_days"] / 100, outputs["bed_days"]
    inputs.loc["haj"], outputs.loc["haj"] = [20.0], [10_000.0]
    inputs.loc["big"], outputs.loc["big"] = [40.0], [16_000.0]
    inputs.loc["mine"], outputs.loc["mine"] = [21.6], [10_000.0]
    inputs.loc["lone"], outputs.loc["lone"] = [33.0], [13_000.0]
    names = {unit: f"Domov {unit}" for unit in inputs.index} | {"haj": "Domov Háj"}
    return frontier.efficiency(inputs, outputs), names


def sentence(found, unit, names, items):
    like = frontier.all_most_like(found, [unit])[unit]
    return frontier.said(like, names[unit], names, items, more_first=found.orientation == "output")


def test_the_frontier_service_most_like_you(homes, methodology):
    found, names = homes
    one = frontier.all_most_like(found, ["mine"])["mine"]
    assert (one.peer, one.alone) == ("haj", True)
    assert one.less == {"fte_total": pytest.approx(1.6)}
    speak("en")
    try:
        assert sentence(found, "mine", names, methodology.items) == (
            "The frontier service most like you is Domov Háj: it does at least the same with 1.6 fewer full-time "
            "posts.")
    finally:
        speak("cs")
    assert sentence(found, "mine", names, methodology.items) == (
        "Z hranice je nejpodobnější služba Domov Háj: zvládá aspoň totéž a má o 1,6 úvazku méně.")


def test_a_mix_is_called_a_mix(homes, methodology):
    found, names = homes
    one = frontier.all_most_like(found, ["lone"])["lone"]
    assert not one.alone
    assert one.peers == {"haj": pytest.approx(0.5), "big": pytest.approx(0.5)}
    assert one.less == {"fte_total": pytest.approx(3.0)}
    said = sentence(found, "lone", names, methodology.items)
    assert f"směs služeb Domov Háj (50{NBSP}%) a Domov big (50{NBSP}%)" in said or \
        f"směs služeb Domov big (50{NBSP}%) a Domov Háj (50{NBSP}%)" in said
    assert "o 3,0 úvazku méně" in said


def test_on_the_frontier_and_without_a_score(homes, methodology):
    found, names = homes
    assert frontier.all_most_like(found, ["haj"]) == {"haj": None}
    assert "Domov Háj stojí na hranici" in sentence(found, "haj", names, methodology.items)
    refused = frontier.efficiency(found.inputs.iloc[:4], found.outputs.iloc[:4])
    unit = refused.units.index[0]
    assert frontier.all_most_like(refused, [unit]) == {unit: None}


def test_money_and_outputs_in_words(methodology):
    inputs, outputs = region(1)
    names = {unit: unit for unit in inputs.index}
    found = frontier.efficiency(inputs, outputs)
    said = [sentence(found, unit, names, methodology.items) for unit in inputs.index]
    assert any(f"000{NBSP}Kč méně (náklady celkem)" in text for text in said)
    found = frontier.efficiency(inputs, outputs, orientation="output")
    said = [sentence(found, unit, names, methodology.items) for unit in inputs.index]
    assert any("s nejvýše stejnými prostředky dává o " in text and "více (lůžkodny" in text for text in said)
    assert any(" by dala o " in text for text in said)
    own = frontier.efficiency(inputs.set_axis(["posts", "eligible costs"], axis=1), outputs)
    said = [sentence(own, unit, names, methodology.items) for unit in inputs.index]
    assert any("méně (eligible costs)" in text for text in said)


@pytest.mark.parametrize("reason", ["missing", "negative", "no_inputs", "no_outputs", "too_few", "all_equal",
                                    "empty_column", "infeasible", "few_inefficient", "not_solved"])
def test_every_reason_has_its_words(reason):
    assert frontier.reason_text(reason, 15)
