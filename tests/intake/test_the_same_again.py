"""When two files are the same return again: identity and figures agree, names alone may be written in another way."""

import pytest

from kpsslib.checking import check, list_files
from kpsslib.intake.records import differing
from kpsslib.intake.returns.reading import read_return

NAMES = dict(provider_name="Charita Lhota, z. s.", service_name="Domov", municipality="Lhota u Vody", orp_name="Lhotka")
OTHER = [dict(provider_id="25596641"), dict(valid_from="2008-01-01"), dict(valid_to="2030-12-31"),
         dict(entrusted_to="2028-12-31"), dict(municipality_code="500012"), dict(region_code="CZ052"),
         dict(network_tier="rozvojová")]


@pytest.fixture
def read(office, methodology):
    return lambda *given, **how: read_return(office.send(*given, **how).read_bytes(), methodology, [2025])


def test_names_and_what_is_replaced_may_differ(read):
    assert differing(read(), read(**NAMES, replaces="0123456789ab")) == set()


@pytest.mark.parametrize("identity", OTHER, ids=lambda identity: next(iter(identity)))
def test_everything_else_of_the_identity_is_named(read, identity):
    assert differing(read(), read(**identity)) == {("", key) for key in identity}


def test_the_order_of_the_forms_says_nothing_but_the_forms_do(read):
    both = read(kind="PeS", forms="A, T")
    assert differing(both, read(kind="PeS", forms="t,a")) == set()
    assert differing(both, read(kind="PeS", forms="T")) == {("", "forms")}


def test_a_figure_is_named_whether_it_has_a_value_or_not(read):
    sound = read()
    assert differing(sound, read(changes={"joiners": 3})) == {("residential", "joiners")}
    assert differing(sound, read(changes={"joiners": None})) == {("residential", "joiners")}
    assert differing(read(changes={"joiners": None}), read(changes={"joiners": None})) == set()


@pytest.mark.parametrize(("identity", "states", "verdicts"), [
    (NAMES, ["accepted", "ignored"], ["passes", "repeated"]),
    *((identity, ["quarantined"] * 2, ["returned"] * 2) for identity in OTHER[:2])])
def test_intake_and_check_agree(office, monkeypatch, identity, states, verdicts):
    monkeypatch.setattr("kpsslib.methodology.load", lambda _folder: office.methodology)
    office.send(name="a.xlsx")
    office.send(name="b.xlsx", **identity)
    cleaned = office.clean()
    assert sorted(cleaned.originals["state"]) == states
    found = office.found(cleaned, "3")["found"]
    assert all("(different data: 1)" in text for text in found)
    report = check(list_files(["returns"]), None, "en", lambda *_a: None)
    assert sorted(one.verdict for one in report.files) == verdicts
