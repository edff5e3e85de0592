"""A later submission takes the place of the one it names by the start of its fingerprint; nothing else is replaced."""

import hashlib

import pytest


def number(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def states(cleaned):
    originals = cleaned.originals
    names = originals["file"].str.rpartition("/")[2]
    return {name: (state, reason) for name, state, reason in
            zip(names, originals["state"], originals["reason"], strict=True) if name != "register.csv"}


SUPERSEDED = ("ignored", "replaced by a later submission that names it")


def test_a_submission_replaces_the_one_it_names(office):
    first = office.send(name="a.xlsx")
    second = office.send(name="b.xlsx", changes={"cost_energy": 610_000}, replaces=number(first))
    office.send(name="c.xlsx", changes={"cost_energy": 620_000}, replaces=number(second))
    cleaned = office.clean()
    assert states(cleaned) == {"a.xlsx": SUPERSEDED, "b.xlsx": SUPERSEDED, "c.xlsx": ("accepted", "")}
    assert office.fact(cleaned, "cost_energy")["value"] == 620_000
    assert cleaned.problems.empty


def test_the_name_of_the_file_does_not_decide(office):
    first = office.send(name="z.xlsx")
    office.send(name="a.xlsx", changes={"cost_energy": 610_000}, replaces=number(first))
    assert states(office.clean()) == {"a.xlsx": ("accepted", ""), "z.xlsx": SUPERSEDED}


def test_two_that_replace_the_same_one_contradict_each_other(office):
    first = office.send(name="a.xlsx")
    for name, energy in (("b.xlsx", 610_000), ("c.xlsx", 620_000)):
        office.send(name=name, changes={"cost_energy": energy}, replaces=number(first))
    found = states(office.clean())
    assert found["a.xlsx"] == SUPERSEDED
    assert [found[name][0] for name in ("b.xlsx", "c.xlsx")] == ["quarantined"] * 2


@pytest.mark.parametrize("other", ["000000000000", ""])
def test_without_the_right_number_differing_returns_wait(office, other):
    office.send(name="a.xlsx")
    office.send(name="b.xlsx", changes={"cost_energy": 610_000}, replaces=other)
    assert {state for state, _reason in states(office.clean()).values()} == {"quarantined"}


def test_the_number_of_another_services_return_replaces_nothing(office):
    first = office.send("0000001")
    office.send("0000002", replaces=number(first))
    assert {state for state, _reason in states(office.clean()).values()} == {"accepted"}
