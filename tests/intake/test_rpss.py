"""The state's register of providers as the register of a run: what is taken, what is told, what is never replaced."""

import csv
import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.open_register import PERSON, address, facility, form, item, write
from kpsslib.cli import main
from kpsslib.intake.register.registers import read_register
from kpsslib.intake.register.rpss import DECLARED, UNPLACED, Reading
from kpsslib.intake.register.rpss_codes import read_codes
from kpsslib.intake.register.rpss_register import build
from kpsslib.intake.register.rpss_words import note_lines
from kpsslib.intake.store import Source
from kpsslib.methodology import load
from kpsslib.workspace import project_root

SAMPLE = Path(__file__).resolve().parents[3] / "shared/real/cz_rpss_sample/rpss_sample.csv"
REGISTER = "data/register/register.csv"


@pytest.fixture
def take(office, capsys):
    """Writes items as rpss.json, takes them in and gives the exit code, what was said, and the rows by service."""

    def taken(items, *arguments, root=None):
        write(office.folder / "rpss.json", items, root)
        code = main(["import", "--register", "rpss.json", "--lang", "en", *arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert "unexpected" not in said.err
        return code, said.out + said.err, table(office.folder / REGISTER)

    return taken


def table(path):
    return {row["service_id"]: row for row in rows(path)}


def rows(path):
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def capacities(office):
    return [tuple(row.values()) for row in rows(office.folder / "data/register/register_capacity.csv")]


def many(n=100):
    return [item(service) for service in range(1, n + 1)]


def test_a_service_becomes_a_row(take, office):
    respite = item(7, druhSocialniSluzby={"id": "DruhSocialniSluzby/8"}, datumPoskytovaniDo="2019-12-31",
                   formy=[form("T", (1, "klient")), form("P", (24, "luzka"))])
    code, said, found = take([respite, item(3)])
    assert code == 0
    assert list(found) == ["0000003", "0000007"]
    assert found["0000007"] == {
        "service_id": "0000007", "provider_id": "00064581", "provider_name": "Charita", "service_name": "Domov U Lípy",
        "service_type": "OS", "forms": "P, T", "municipality_code": "554499", "municipality": "", "orp_code": "",
        "orp_name": "", "region_code": "CZ041", "valid_from": "2007-01-01", "valid_to": "2019-12-31",
        "network_tier": "", "entrusted_from": "", "entrusted_to": ""}
    assert capacities(office) == [("0000003", "P", "beds", "32"), ("0000007", "P", "beds", "24"),
                                  ("0000007", "T", "clients", "1")]
    assert "In the register: 2 services of 1 providers, 1 of them with an end of validity" in said
    assert "register_file: data/register/register.csv" in said


def test_a_run_reads_the_register(take, office):
    take([item(1), item(2, druhSocialniSluzby={"id": "DruhSocialniSluzby/4"}, formy=[form("T", (9, "klient"))])])
    path = office.folder / REGISTER
    read = read_register(Source("register", path, path.name), office.methodology)
    assert read[["service_id", "service_type", "form"]].values.tolist() == [
        ["0000001", "DS", "residential"], ["0000002", "PeS", "outpatient_field"]]


def test_capacity_belongs_to_the_service_however_many_facilities_it_has(take, office):
    places = [facility(f"{floor}. patro", address()) for floor in range(1, 10)]
    code, said, _found = take([item(1, zarizeni=places, formy=[form("P", (95, "luzka"))])])
    assert code == 0
    assert capacities(office) == [("0000001", "P", "beds", "95")]
    assert "1 items, 9 facilities (0 of them without" in said


def test_several_units_and_several_capacities_of_one_unit_are_kept_and_not_summed(take, office):
    forms = [form("A", (5, "klient"), (12, "kontakt"), (5, "klient")),
             form("T", (4, "interv"), (2, "hovor"), (3, "hovor"))]
    _code, said, _found = take([item(1, druhSocialniSluzby={"id": "DruhSocialniSluzby/1"}, formy=forms)])
    assert capacities(office) == [
        ("0000001", "A", "clients", "5"), ("0000001", "A", "contacts", "12"), ("0000001", "T", "calls", "2"),
        ("0000001", "T", "calls", "3"), ("0000001", "T", "interventions", "4")]
    assert "several capacities in one unit; all are kept, none is summed: 1 (first 0000001)" in said


def test_people_and_contacts_come_out_nowhere(take, office, capsys):
    strange = item(2, vedouci=PERSON, druhSocialniSluzby={"id": f"{PERSON}/1", "nazev": PERSON})
    broken = item(PERSON, datumPoskytovaniOd=PERSON, formy=[form(PERSON, (PERSON, PERSON))])
    for items in ([*many(), strange, broken], [strange, broken]):
        _code, said, _found = take(items)
        written = "".join(path.read_text("utf-8") for path in office.folder.rglob("data/**/*") if path.is_file())
        for canary in ("Kanárkov", "kanarkov", "601602603", "Zdislava"):
            assert canary not in said
            assert canary not in written
    damaged = (office.folder / "rpss.json").read_bytes().replace(b'"jmeno": ', b'"jmeno": ,')
    (office.folder / "rpss.json").write_bytes(damaged)
    assert main(["import", "--register", "rpss.json"]) == 2
    assert "poškozený" in (said := capsys.readouterr().err)
    assert "Zdislava" not in said


def test_what_cannot_be_placed_is_left_out_and_told_by_its_reason(take):
    bad = [None, "text", item(2_000_001, identifikator="123"), item(2_000_002, formy=[]),
           item(2_000_003, druhSocialniSluzby={"id": "DruhSocialniSluzby/99"}),
           item(2_000_004, druhSocialniSluzby=None)]
    code, said, found = take([*many(300), *bad])
    assert code == 0
    assert len(found) == 300
    assert "left out, not an item with keys: 2 (first #301)" in said
    assert "left out, no identifier of seven digits: 1 (first #303)" in said
    assert "left out, no form of the service: 1 (first 2000002)" in said
    assert "left out, the type DruhSocialniSluzby/99 is not in the codelist or not in the methodology: 1 " in said
    assert "left out, the type – is not in the codelist" in said


def test_a_strange_item_is_no_crash_and_told_once_a_kind(take):
    lame = [item(n, zarizeni=None, poskytovatel={"ico": "12345678"}, datumPoskytovaniOd="31. 31. 2020",
                 formy=[form("P", (None, "luzka"), (True, "luzka"), (-1, "luzka"), (3, "pokoj")), form("virt"), None])
            for n in range(1, 4)]
    lame += [item(4, zarizeni=[None, facility(place={"obec": [], "kraj": {"id": "Kraj/7"}})], poskytovatel=[])]
    code, said, found = take(lame)
    assert code == 0
    assert [found[f"000000{n}"]["provider_id"] for n in (1, 4)] == ["", ""]
    assert found["0000001"]["valid_from"] == ""
    assert found["0000001"]["forms"] == "P"
    for line in ("the provider's IČO is missing or its check digit does not hold; left empty: 4 (first 0000001)",
                 "the key datumPoskytovaniOd holds no day; left empty: 3 (first 0000001)",
                 "without a whole number or without a known unit, not read (–): 9 (first 0000001)",
                 "not read (TypKapacitySocialniSluzby/pokoj): 3 (first 0000001)",
                 "unknown form FormaSocialniSluzby/virt, not read: 3 (first 0000001)",
                 "unknown form –, not read: 3", "unknown region Kraj/7; left empty: 1 (first 0000004)",
                 "no facility with an address (secret or missing); only the previous register knows the place: 4"):
        assert line in said


def test_names_are_written_in_one_line_of_letters_that_can_be_written(take, office):
    name = "Domov\r\n\u201eU\u00a0lípy\u201c,\ud800 \x00s.\u200br.o.; \"A\""
    (office.folder / "rpss.json").write_text(json.dumps({"polozky": [item(1, poskytovatel={"nazev": name})]}), "utf-8")
    assert main(["import", "--register", "rpss.json"]) == 0
    path = office.folder / REGISTER
    read = read_register(Source("register", path, path.name), office.methodology)
    assert read["provider_name"].tolist() == ['Domov „U lípy“, s.r.o.; "A"']


def test_keys_are_checked_against_the_declared_ones(take):
    assert item(1).keys() == DECLARED
    items = many()
    for one in items[10:30]:
        del one["datumPoskytovaniDo"]
    for one in items[50:]:
        one["novyKlic"] = 1
    code, said, found = take(items, root={"verze": 3})
    assert code == 0
    assert len(found) == 100
    assert "the key datumPoskytovaniDo is missing (expected: identifikator, " in said
    assert "datumPoskytovaniDo): 20 (first 0000011)" in said
    assert "unknown key novyKlic, not read: 50 (first 0000051)" in said
    assert "unknown key verze of the root, not read: 1" in said


def test_the_keys_of_a_naive_application_are_refused(take):
    naive = [{"identifikátor_služby": "0000001", "poskytovatel.název": "Charita"}] * 3
    code, said, found = take(naive)
    assert code == 2
    assert found == {}
    assert "unknown key identifikátor_služby, not read: 3 (first #1)" in said
    assert "3 of 3 items (100.0\u00a0%) cannot be placed" in said


def test_of_two_records_of_a_service_the_one_that_lasts_holds(take, office):
    ended = item(1, datumPoskytovaniDo="2012-06-30", formy=[form("P", (10, "luzka"))])
    for order in ([ended, item(1)], [item(1), ended]):
        _code, said, found = take(order)
        assert found["0000001"]["valid_to"] == ""
        assert capacities(office) == [("0000001", "P", "beds", "32")]
        assert "an identifier more than once; the record that lasts longest holds: 1 (first 0000001)" in said


def test_a_form_that_the_type_does_not_have_is_told(take):
    _code, said, found = take([item(1, formy=[form("P", (3, "luzka")), form("A", (3, "klient"))])])
    assert found["0000001"]["forms"] == "P, A"
    assert "a form that the type does not have in the methodology (DS A): 1 (first 0000001)" in said


PREVIOUS = ("service_id,service_type,municipality_code,municipality,orp_code,orp_name,region_code,network_tier,"
            "entrusted_from,entrusted_to,note\n"
            "0000001,DS,500011,Lhota,5101,Lhota,CZ041,základní,2023-01-01,2026-12-31,kulatý stůl\n"
            "0000002,DS,500011,Lhota,5101,Lhota,CZ041,rozvojová,,,\n")


def test_the_region_keeps_what_the_state_does_not_know(take, office):
    (office.folder / "data/register").mkdir(parents=True)
    (office.folder / REGISTER).write_text(PREVIOUS, "utf-8")
    two = [facility("Cheb", address()), facility("Lhota", address("500011"))]
    code, said, found = take([item(1, zarizeni=two), item(2, zarizeni=[facility("Azyl")]),
                              item(3, zarizeni=[facility("Nový", address("500011"))]), item(4, zarizeni=two)])
    assert code == 0
    town = ("municipality_code", "municipality", "orp_code", "orp_name", "region_code")
    assert [[found[s][key] for key in town] for s in sorted(found)] == [
        ["500011", "Lhota", "5101", "Lhota", "CZ041"]] * 3 + [["554499", "", "", "", "CZ041"]]
    assert found["0000001"]["service_name"] == "Lhota"
    assert (found["0000001"]["network_tier"], found["0000001"]["entrusted_to"]) == ("základní", "2026-12-31")
    assert [found[s]["note"] for s in sorted(found)] == ["kulatý stůl", "", "", ""]
    assert found["0000003"]["network_tier"] == ""
    assert "facilities in several municipalities; that of the previous register or the first holds: 2" in said
    assert (office.folder / "data/register/register.previous.csv").read_text("utf-8") == PREVIOUS


def test_facilities_that_ended_do_not_say_where_a_service_is(take):
    gone = facility("Praha", address("554782", 19), until="2015-01-01")
    _code, said, found = take([item(1, zarizeni=[gone, facility("Cheb", address())]), item(2, zarizeni=[gone])])
    assert (found["0000001"]["region_code"], found["0000001"]["service_name"]) == ("CZ041", "Cheb")
    assert found["0000002"]["municipality_code"] == "554782"
    assert "several municipalities" not in said


def test_one_region_only(take, office):
    items = [item(1), item(2, zarizeni=[facility("Praha", address("554782", 19))]), item(4, zarizeni=[facility()]),
             item(3, zarizeni=[facility("Praha", address("554782", 19)), facility("Cheb", address())])]
    code, said, _found = take(items, "--region", "CZ041")
    found = table(office.folder / "data/register/register_CZ041.csv")
    assert code == 0
    assert {service: row["municipality_code"] for service, row in found.items()} == {
        "0000001": "554499", "0000003": "554499"}
    assert "Left out, in other regions: 1 services" in said
    assert "no facility with an address (secret or missing)" in said
    unknown = address("554499") | {"kraj": None}
    _code, said, _found = take([*items, item(1, zarizeni=[facility(place=unknown)])][1:], "--region", "CZ041")
    assert table(office.folder / "data/register/register_CZ041.csv")["0000001"] == found["0000001"]
    code, said, _found = take(items, "--region", "CZ080")
    assert code == 2
    assert "The register would be empty: 4 items in the file, 3 of them services of other regions" in said
    code, said, _found = take(items, "--region", "51")
    assert code == 2
    assert said.startswith("--region: found 51, expected one of CZ010, CZ020, CZ031, CZ032, CZ041, ")


def test_the_register_of_a_run_and_its_region(take, office):
    (office.folder / "parameters").unlink()
    (office.folder / "parameters/runs").mkdir(parents=True)
    for part in ("methodology", "register.toml", "scenarios"):
        (office.folder / "parameters" / part).symlink_to(Path(__file__).parents[2] / "parameters" / part)
    run = dict(name="kraj", region="karlovarský  kraj", register_file="vstup/registr.csv", years=[2025], year=2025,
               groups=["PS1"], pages=["01_cleaning"])
    (office.folder / "parameters/runs/kraj.yaml").write_text(yaml.safe_dump(run, allow_unicode=True), "utf-8")
    code, said, _found = take([item(1), item(2, zarizeni=[facility("Praha", address("554782", 19))])], "--run", "kraj")
    assert code == 0
    assert list(table(office.folder / "vstup/registr.csv")) == ["0000001"]
    assert "Name it in your run file" not in said
    assert take([item(1)], "--run", "nic")[0] == 2


def test_codelists_beside_the_register_hold(take, office):
    def codelist(name, *entries):
        (office.folder / name).write_text(json.dumps({"polozky": entries}, ensure_ascii=False), "utf-8")

    codelist("druhy-socialni-sluzby.json", {"id": "DruhSocialniSluzby/20", "nazev": {"cs": "azylové domy", "en": None}},
             {"id": "DruhSocialniSluzby/13", "nazev": {"cs": "Domovy se zvláštním  režimem"}})
    codelist("kraje.json", {"id": "Kraj/51", "nazev": {"cs": "Karlovarský kraj"}, "kodNuts3": "CZ099"})
    codelist("obce.json", {"id": "Obec/554499", "nazev": {"cs": "Cheb"}, "kod": "554499"})
    named = item(3, druhSocialniSluzby={"id": "DruhSocialniSluzby/77", "nazev": {"cs": "Raná péče"}},
                 formy=[form("T", (3, "klient"))])
    new = item(4, druhSocialniSluzby={"id": "DruhSocialniSluzby/35", "nazev": "Centrum duševního zdraví"})
    _code, said, found = take([item(1), item(2, druhSocialniSluzby={"id": "DruhSocialniSluzby/20"}), named, new])
    assert [row["service_type"] for row in found.values()] == ["DZR", "AD", "RP", "CDZ"]
    assert (found["0000001"]["municipality"], found["0000001"]["region_code"]) == ("Cheb", "CZ099")
    assert "Without the name of the municipality" not in said
    (office.folder / "obce.json").write_text("[]", "utf-8")
    code, said, _found = take([item(1)])
    assert code == 2
    assert said.startswith("obce.json: not a codelist of the ministry (expected the key polozky with entries that ")


def test_a_register_that_shrank_does_not_replace_a_good_one(take, office):
    assert take(many(100))[0] == 0
    good = (office.folder / REGISTER).read_bytes()
    code, said, found = take([*many(94), item(500)])
    assert code == 2
    assert len(found) == 100
    assert "would lose 6 of 100 services (6.0\u00a0%; first 0000095, 0000096, 0000097, 0000098, 0000099)" in said
    assert "move register.csv elsewhere and run the command again" in said
    assert (office.folder / REGISTER).read_bytes() == good
    code, said, found = take([*many(95), item(500)])
    assert code == 0
    assert len(found) == 96
    assert "- services no longer in the register: 5 (0000096, 0000097, 0000098, 0000099, 0000100)" in said
    assert (office.folder / "data/register/register.previous.csv").read_bytes() == good


@pytest.mark.parametrize(("n_bad", "code"), [(5, 0), (6, 2)])
def test_at_most_5_per_cent_of_the_items_may_have_no_place(take, n_bad, code):
    bad = [item(2_000_000 + n, druhSocialniSluzby={"id": "DruhSocialniSluzby/99"}) for n in range(n_bad)]
    found = take([*many(100 - n_bad), *bad])
    assert found[0] == code
    assert len(found[2]) == (0 if code else 95)
    assert "DruhSocialniSluzby/99" in found[1]


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda data: data[:-200], "damaged or cut off after 99 whole items, near byte"),
    (lambda data: data.replace(b'"polozky"', b'"polozka"'), "the key polozky is missing (found: polozka)"),
    (lambda data: data.replace(b'"polozky": [', b'"polozky": 1, "x": ['), "the key polozky does not hold a list"),
    (lambda data: b'{"polozky": []}', "The register would be empty: 0 items in the file"),
    (lambda data: b"<!doctype html>", "not the register of providers: expected JSON that begins with {"),
    (lambda data: b"PK\x03\x04" + data, "not the register of providers"),
    (lambda data: data.decode().encode("utf-16"), "damaged or cut off after 0 whole items, near byte 0"),
    (lambda data: b"", "not the register of providers"),
])
def test_a_file_that_is_not_a_whole_register_replaces_nothing(take, office, capsys, spoil, words):
    take(many(100))
    good = {path: path.read_bytes() for path in (office.folder / "data/register").iterdir()}
    path = office.folder / "rpss.json"
    path.write_bytes(spoil(path.read_bytes()))
    assert main(["import", "--register", "rpss.json", "--lang", "en"]) == 2
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (office.folder / "data/register").iterdir()} == good


def test_what_changed_is_told_and_nothing_is_rewritten_where_nothing_did(take, office):
    take(many(100))
    kept = (office.folder / REGISTER).stat().st_mtime_ns
    code, said, _found = take(many(100)[::-1])
    assert code == 0
    assert "Nothing changed in data/register/register.csv." in said
    assert (office.folder / REGISTER).stat().st_mtime_ns == kept
    items = many(101)
    items[4]["datumPoskytovaniDo"] = "2026-01-31"
    items[8]["formy"] = [form("P", (33, "luzka"))]
    _code, said, _found = take(items)
    for line in ("- new services: 1 (0000101)", "- ended services: 1 (0000005)",
                 "- services no longer in the register: 0\n", "- services with another capacity: 1 (0000009)"):
        assert line in said


def paths_of(value, here=()):
    """Every place in a JSON value, as the keys and positions that lead to it."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, inner in entries for path in paths_of(inner, (*here, key)))]


@cache
def known():
    return read_codes(Path(__file__).parent), load(project_root() / "parameters/methodology")


JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9), lambda inner:
                    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "nazev", "cs"]), inner))


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(paths_of(item(1))), junk=JUNK)
def test_junk_anywhere_in_an_item_is_no_crash_and_keeps_the_other_items(place, junk):
    spoilt = json.loads(json.dumps({"item": item(1)}))
    at = spoilt
    for key in (steps := ("item", *place))[:-1]:
        at = at[key]
    at[steps[-1]] = junk
    reading = Reading()
    register = build(reading.services([spoilt["item"], item(2)]), *known(), reading.notes, previous={})
    assert "0000002" in register.rows
    assert len(register.rows) + reading.notes.total([*UNPLACED, "duplicate"]) == 2
    assert all(isinstance(value, str) for row in register.rows.values() for value in row.values())
    assert note_lines(reading.notes) is not None


@pytest.mark.parametrize(("arguments", "words"), [
    (["--register", "nikde.json"], "nikde.json: nelze přečíst"), (["--register", "."], "nelze přečíst"),
    (["--register", "a.json", "b.xlsx", "--mapping", "m.toml"], "přebývají argumenty: b.xlsx, m.toml"),
    (["--mapping", "m.toml", "--run", "x"], "chybí SOURCE"), (["a.xlsx", "--mapping", "m.toml"], "chybí --run"),
])
def test_wrong_calls_end_in_a_sentence(office, capsys, arguments, words):
    assert main(["import", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_codes_that_are_known_are_types_of_the_methodology(methodology, tmp_path):
    codes = read_codes(tmp_path)
    assert {codes.type_of(code, "", methodology) for code in codes.types} <= set(methodology.service_types)
    assert len(codes.types) == 21
    assert len(codes.regions) == len(codes.region_names) == 14
    assert codes.region_of("KRAJ VYSOČINA") == "CZ063"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real rows is not on this machine")
def test_real_rows_count_the_capacity_of_a_service_once(methodology, tmp_path):
    with SAMPLE.open(encoding="utf-8") as file:
        real = list(csv.DictReader(file))
    items = {}
    for row in real:
        number = int(row["sluzba_id"].removeprefix("mpsv-"))
        one = items.setdefault(number, item(number, zarizeni=[], formy=[], druhSocialniSluzby={"id": row["druh_kod"]}))
        one["zarizeni"].append(facility(row["nazev_zarizeni"], address(row["kod_obce"])))
        entry = form(row["forma"], (int(row["kapacita_pocet"]), row["kapacita_typ"]))
        if entry not in one["formy"]:
            one["formy"].append(entry)
        one["poskytovatel"]["ico"] = row["ico"]
    reading = Reading()
    found = {service.service_id: service for service in reading.services(items.values())}
    assert dict(reading.notes) == {}
    assert {s: [c[1:] for c in service.capacities] for s, service in found.items()} == {
        "0007583": [("beds", 20)], "0004429": [("beds", 24), ("clients", 1)],
        "0003443": [("clients", 12), ("clients", 8)], "0000034": [("beds", 31)],
        "0000691": [("clients", 18)], "0003575": [("clients", 3)]}
    codes = read_codes(tmp_path)
    for row in real:
        assert codes.type_of(row["druh_kod"], "", methodology) == codes.type_of("", row["druh"], methodology) != ""
