"""Somebody else's tables through a mapping: small workbooks, each with one thing that goes wrong in reality."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import openpyxl
import pytest

from kpsslib.intake.mapping.file import MappingError
from kpsslib.intake.mapping.grids import GridError, read_grids, same_words
from kpsslib.intake.mapping.reading import read_mapped
from kpsslib.language import speak
from kpsslib.methodology import load

ROOT = Path(__file__).resolve().parents[2]
METHODOLOGY = load(ROOT / "parameters/malopolska/methodology")

MAPPING = """
name.cs = "Zkouška"
name.en = "Trial"
publisher = "úřad"

[services]
sheet = "Domy"
header = "Okres"
header_rows = 2
form = "residential"
region_code = "12"
id_prefix = "T"
missing_marks = ["b.d."]
types_not_filled = ["vyberte"]
subtotal = { column = "type", marks = ["X"] }
columns = { territory = ["Okres"], name = ["Dům"], type = ["Typ"] }

[services.items]
capacity_beds.header = ["Místa", "Počet míst"]
places_free.header = ["Volná celkem"]
wait_days.header = ["Čekání (měsíce)"]
wait_days.scale = 30

[services.types]
"senioři" = "DPS_SEN"
"nemocní" = "DPS_SOM"

[services.abbreviations]
"Dům" = "D."

[services.renamed]
"Dům Nový" = "Dům Starý"

[[services.files]]
match = "a.*"
date = 2024-12-31
year = 2024
round = "actual"
says = "31. prosince 2024"

[[services.files]]
match = "b.*"
date = 2025-12-31
year = 2025
round = "actual"

[territories]
"západní" = "0101"
"východní" = "0102"

[population]
match = "lide.csv"
source = "statistický úřad"
columns = { code = "kod", year = "rok", item = "co", value = "kolik" }
items = { "80+" = "population_80" }
stands_for = { "2025" = 2024 }
"""
HEADER = [["Č.", "Okres", "Dům", "Typ", "Místa", "Volná místa", None, "Čekání (měsíce)"],
          [None, None, None, None, None, "Volná celkem", "z toho ženy", None]]
ROWS = [[1, "západní", "X", "X", 60, 3, 1, "X"],
        [None, None, "Dům U Lípy,  \n Lipová 1", "senioři", 40, 2, 1, 1.5],
        [None, None, None, "nemocní", 20, 1, 0, "b.d."],
        [2, "východní", "X", "X", 30, 0, 0, "X"],
        [None, None, "Dům Starý", "senioři", 30, 0, 0, 0]]
MERGED = ["B5:B7", "C6:C7", "B8:B9", "F3:G3"]


@pytest.fixture(autouse=True)
def _english():
    speak("en")
    yield
    speak("cs")


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, "utf-8")
    return path


def workbook(path: Path, rows: list, *, above: str = "Stav k 31. prosince 2024", header: list = HEADER,
             merged: list[str] = MERGED, sheet: str = "Domy") -> Path:
    """A register as offices make them: a heading, a header of two rows, sub-totals over merged blocks."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in [[above], [], *header, *rows]:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    book.save(path)
    return path


def changed(row: int, column: int, value: object) -> list:
    rows = [list(r) for r in ROWS]
    rows[row][column] = value
    return rows


def problems(mapped) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(p.rule, p.cell): (p.severity, p.found, p.expected) for p in mapped.problems.itertuples()}


def test_rows_become_facts_with_their_cells(tmp_path, mapping):
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS)], METHODOLOGY)
    facts = mapped.facts.set_index("cell")
    assert facts.loc["E6", ["item", "value", "status", "file", "sheet", "year", "round"]].tolist() == [
        "capacity_beds", 40, "reported", "a.xlsx", "Domy", 2024, "actual"]
    assert (facts.loc["F7", "item"], facts.loc["F7", "value"]) == ("places_free", 1)
    assert len(mapped.facts) == 9
    assert len(mapped.problems) == 0


def test_scale_converts_and_marks_of_no_data_are_missing(tmp_path, mapping):
    facts = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS)], METHODOLOGY).facts.set_index("cell")
    assert facts.loc["H6", ["value", "status"]].tolist() == [45, "converted"]
    assert math.isnan(facts.loc["H7", "value"])
    assert facts.loc["H7", "status"] == "missing"
    assert facts.loc["H9", "value"] == 0


def test_merged_cells_give_their_value_to_the_whole_block(tmp_path, mapping):
    services = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS)], METHODOLOGY).services
    assert services["provider_name"].tolist() == ["Dům U Lípy, Lipová 1"] * 2 + ["Dům Starý"]
    assert services["service_name"].tolist() == ["D. U Lípy (DPS_SEN)", "D. U Lípy (DPS_SOM)", "D. Starý"]
    assert services["orp_code"].tolist() == ["0101", "0101", "0102"]
    assert services["service_type"].tolist() == ["DPS_SEN", "DPS_SOM", "DPS_SEN"]
    assert services["capacity"].tolist() == [40, 20, 30]
    assert services["provider_id"].nunique() == 2
    assert services["service_id"].is_unique


def test_blank_cells_are_carried_down_only_where_declared(tmp_path, mapping):
    path = workbook(tmp_path / "a.xlsx", ROWS, merged=[])
    refused = read_mapped(mapping, [path], METHODOLOGY)
    assert problems(refused)["import_identity", "B6"][1:] == ("a blank cell", "Okres")
    assert "the row does not say whom it is about" in set(refused.ignored["reason"])
    mapping.write_text(MAPPING.replace("[services]\n", '[services]\ncarried_down = ["territory", "name"]\n'), "utf-8")
    assert read_mapped(mapping, [path], METHODOLOGY).services["capacity"].sum() == 90


def test_subtotals_are_left_out_noted_and_checked(tmp_path, mapping):
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", changed(0, 4, 61))], METHODOLOGY)
    totals = mapped.totals.set_index("item").loc["capacity_beds"]
    assert (totals["rows"], totals["rows_sum"], totals["subtotals"], totals["subtotals_sum"]) == (3, 90, 2, 91)
    assert problems(mapped) == {("import_total", "E5"): ("warning", "61", "60")}
    reasons = mapped.ignored.set_index("cell")["reason"]
    assert reasons["A5:H5"] == "sub-total of the rows below it"
    assert set(reasons) == {"sub-total of the rows below it", "stands above the table",
                            "column not declared in the mapping"}
    assert reasons["A3"] == reasons["G4"] == "column not declared in the mapping"


def test_a_renamed_column_is_found_by_any_declared_spelling_and_wherever_it_stands(tmp_path, mapping):
    header = [[*HEADER[0][:4], "POČET  míst*", *HEADER[0][5:]], HEADER[1]]
    moved = [[row[7], *row[:7]] for row in [*header, *ROWS]]
    path = workbook(tmp_path / "a.xlsx", moved[2:], header=moved[:2], merged=["C5:C7", "D6:D7", "C8:C9"])
    mapped = read_mapped(mapping, [path], METHODOLOGY)
    assert mapped.facts.set_index("cell").loc["F6", "value"] == 40
    assert len(mapped.problems) == 0


def test_a_missing_column_names_the_nearest_header(tmp_path, mapping):
    header = [[*HEADER[0][:4], "Mista licence", *HEADER[0][5:]], [*HEADER[1][:5], "Volna celkm", *HEADER[1][6:]]]
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS, header=header)], METHODOLOGY)
    missing = mapped.problems.set_index("item")
    assert missing.loc["places_free", "found"] == "no such column; the nearest is “Volna celkm”"
    assert missing.loc["places_free", "expected"] == "one column “Volná celkem”"
    assert missing.loc["capacity_beds", "sheet"] == "Domy"
    assert set(mapped.facts["item"]) == {"wait_days"}


def test_without_its_header_or_identity_the_sheet_gives_no_rows(tmp_path, mapping):
    header = [["Č.", "Kraj", *HEADER[0][2:]], HEADER[1]]
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS, header=header)], METHODOLOGY)
    assert problems(mapped) == {("import_header", ""): ("error", "Stav k 31. prosince 2024", "a cell “Okres”")}
    assert len(mapped.facts) == len(mapped.services) == len(mapped.totals) == 0


def test_an_unknown_type_names_cell_and_nearest_and_leaves_the_row_out(tmp_path, mapping):
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", changed(2, 3, "nemocnice"))], METHODOLOGY)
    assert problems(mapped)["import_type", "D7"] == ("error", "nemocnice", "nemocní")
    assert "unknown type of service" in set(mapped.ignored["reason"])
    assert len(mapped.services) == 2


def test_a_type_not_filled_in_is_taken_from_other_dates_of_the_same_provider(tmp_path, mapping):
    first = workbook(tmp_path / "a.xlsx", changed(4, 3, "vyberte"))
    mapped = read_mapped(mapping, [first, workbook(tmp_path / "b.xlsx", ROWS)], METHODOLOGY)
    assert problems(mapped)["import_type", "D9"] == ("warning", "vyberte", "DPS_SEN")
    assert mapped.services["service_id"].nunique() == 3
    alone = read_mapped(mapping, [first], METHODOLOGY)
    assert problems(alone)["import_type", "D9"][0] == "error"


def test_an_unknown_territory_names_cell_and_nearest(tmp_path, mapping):
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", changed(3, 1, "vychodny"))], METHODOLOGY)
    assert problems(mapped) == {("import_territory", "B9"): ("error", "vychodny", "východní")}
    assert len(mapped.services) == 2


def test_text_in_a_number_is_missing_and_told(tmp_path, mapping):
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", changed(1, 4, "asi 40"))], METHODOLOGY)
    assert problems(mapped)["import_number", "E6"] == ("error", "asi 40", "a number")
    assert mapped.facts.set_index("cell").loc["E6", "status"] == "missing"


def test_the_heading_must_name_the_day(tmp_path, mapping):
    path = workbook(tmp_path / "a.xlsx", ROWS, above="Stav k 31. ledna 2024")
    mapped = read_mapped(mapping, [path], METHODOLOGY)
    assert problems(mapped) == {
        ("import_date", "A1"): ("error", "Stav k 31. ledna 2024", "a heading with the words “31. prosince 2024”")}


def test_identifiers_stay_the_same_over_spelling_and_declared_renaming(tmp_path, mapping):
    later = [list(row) for row in ROWS]
    later[1][2] = "  dům „U LÍPY“, Lipová 1 "
    later[4][2] = "Dům Nový"
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS), workbook(tmp_path / "b.xlsx", later)],
                         METHODOLOGY)
    assert len(mapped.services) == 3
    assert mapped.services["valid_from"].tolist() == mapped.services["valid_to"].tolist() == [""] * 3
    assert len(mapped.problems) == 0


def test_homes_of_the_same_name_are_told_apart_by_their_street(tmp_path, mapping):
    rows = [[1, "západní", "Dům Péče, Dlouhá 1, Lhota", "senioři", 1, 0, 0, 0],
            [2, "západní", "Dům Péče, Krátká 2, Lhota", "senioři", 2, 0, 0, 0]]
    services = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", rows, merged=[])], METHODOLOGY).services
    assert services["service_name"].tolist() == ["D. Péče, Dlouhá 1", "D. Péče, Krátká 2"]
    assert services["provider_name"].tolist() == ["Dům Péče, Dlouhá 1, Lhota", "Dům Péče, Krátká 2, Lhota"]


def test_what_could_not_be_linked_is_asked(tmp_path, mapping):
    later = changed(4, 2, "Dům Jiný")
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", ROWS), workbook(tmp_path / "b.xlsx", later)],
                         METHODOLOGY)
    asked = mapped.problems[mapped.problems["rule"] == "import_link"]
    assert set(asked["severity"]) == {"question"}
    assert asked["found"].tolist() == ["“Dům Starý”, senioři, only at 2024-12-31",
                                       "“Dům Jiný”, senioři, only at 2025-12-31"]
    assert "Dům Jiný" in asked["advice"].iloc[0]
    dates = mapped.services.set_index("provider_name")[["valid_from", "valid_to"]]
    assert dates.loc["Dům Starý"].tolist() == ["", "2024-12-31"]
    assert dates.loc["Dům Jiný"].tolist() == ["2025-01-01", ""]


def test_a_second_row_of_a_service_is_left_out_and_told(tmp_path, mapping):
    rows = [*ROWS, [None, "východní", "dům starý", "senioři", 5, 0, 0, 0]]
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", rows)], METHODOLOGY)
    assert problems(mapped)["import_double", "C10"][1] == "dům starý"
    assert mapped.services["capacity"].tolist() == [40, 20, 30]


def test_places_without_names_are_told_by_coordinates_and_what_holds_of_all_rows_is_declared(tmp_path, mapping):
    columns = 'columns = { territory = ["Okres"], name = ["Dům"], type = ["Typ"] }'
    by_place = MAPPING.replace(columns, """decimal_mark = "."
columns = { latitude = ["lat"], longitude = ["lon"] }
same = { territory = "západní", type = "senioři" }""").replace('header = "Okres"\nheader_rows = 2', 'header = "lat"')
    mapping.write_text(by_place.replace('subtotal = { column = "type", marks = ["X"] }\n', ""), "utf-8")
    path = tmp_path / "b.csv"
    path.write_text("lat,lon,Místa,Volná celkem,Čekání (měsíce)\n49.10001,-17.2,10.125,,0\n49.10002,-17.2,7,1,1\n"
                    "49.10001,17.2,8,1,1\n,17.3,9,1,1\n", "utf-8")
    mapped = read_mapped(mapping, [path], METHODOLOGY)
    assert mapped.services["service_name"].tolist() == ["49.1000° N 17.2000° W", "49.1000° N 17.2000° E"]
    assert set(mapped.services["orp_name"]) == {"západní"}
    assert set(mapped.services["service_type"]) == {"DPS_SEN"}
    facts = mapped.facts.set_index("cell")
    assert facts.loc["C2", ["value", "status"]].tolist() == [10.125, "reported"]
    assert facts.loc["D2", "status"] == "missing"
    assert {key: found[0] for key, found in problems(mapped).items()} == {
        ("import_identity", "A5"): "error", ("import_double", "A3"): "error"}


def test_csv_is_read_like_a_sheet(tmp_path, mapping):
    lines = [HEADER[0], HEADER[1], *ROWS]
    text = "\n".join(";".join("" if cell is None else str(cell).replace("\n", " ").replace(".", ",") for cell in line)
                     for line in lines)
    (tmp_path / "b.csv").write_bytes(text.encode("cp1250"))
    mapping.write_text(MAPPING.replace("[services]\n", '[services]\ncarried_down = ["territory", "name"]\n'), "utf-8")
    facts = read_mapped(mapping, [tmp_path / "b.csv"], METHODOLOGY).facts.set_index("cell")
    assert facts.loc["E4", "value"] == 40
    assert facts.loc["H4", "value"] == 45


def test_territory_keeps_leading_zeros_and_lets_a_year_stand_for_another(tmp_path, mapping):
    (tmp_path / "lide.csv").write_text("kod,rok,co,kolik\n0101,2024,80+,5000\n0102,2024,80+,800\n0101,2024,65+,9\n"
                                       "0999,2024,80+,7\n", "utf-8")
    mapped = read_mapped(mapping, [tmp_path / "lide.csv"], METHODOLOGY)
    territory = mapped.territory.set_index(["orp_code", "year"])
    assert territory.loc[("0101", 2024), "value"] == territory.loc[("0101", 2025), "value"] == 5000
    assert territory.loc[("0102", 2025), "source"] == "statistický úřad (lide.csv, D3); the figure of 2024"
    assert len(territory) == 4
    assert mapped.ignored["content"].tolist() == ["65+ (1×)"]
    assert problems(mapped)["import_territory", "A5"][1] == "0999 | 2024 | 80+ | 7"


@pytest.mark.parametrize(("name", "content", "found"), [
    ("a.xlsx", b"PK\x03\x04 broken", "the file cannot be opened as a table"),
    ("a.xls", b"\xd0\xcf\x11\xe0 broken", "the file cannot be opened as a table"),
    ("a.csv", b"\x00\x01", "the file is not a table"),
    ("a.csv", b"", "the file is not a table"),
    ("c.csv", b"x;y", "a file the mapping does not know"),
])
def test_a_file_that_cannot_be_used_is_told(tmp_path, mapping, name, content, found):
    (tmp_path / name).write_bytes(content)
    mapped = read_mapped(mapping, [tmp_path / name, tmp_path / "none*.xlsx"], METHODOLOGY)
    assert mapped.problems["rule"].tolist() == ["import_file", "import_file"]
    assert set(mapped.problems["file"]) == {name, str(tmp_path / "none*.xlsx")}
    assert mapped.problems.set_index("file").loc[name, "found"].startswith(found)


def test_another_sheet_is_ignored_and_a_missing_one_told(tmp_path, mapping):
    path = workbook(tmp_path / "b.xlsx", ROWS)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Poznámky").append(["x"])
    book.save(path)
    mapped = read_mapped(mapping, [path], METHODOLOGY)
    assert mapped.ignored.iloc[0][["sheet", "reason"]].tolist() == ["Poznámky", "sheet not declared in the mapping"]
    book["Domy"].title = "Jiné"
    book.save(path)
    found = problems(read_mapped(mapping, [path], METHODOLOGY))
    assert found["import_sheet", ""] == ("error", "Jiné, Poznámky", "Domy")


@pytest.mark.parametrize(("old", "new", "said"), [
    ("header_rows = 2", "heder_rows = 2", "unknown key services.heder_rows; did you mean header_rows?"),
    ('name = ["Dům"]', 'nme = ["Dům"]', "unknown key services.columns.nme; did you mean name?"),
    ('publisher = "úřad"', "", "key publisher is missing"),
    (', type = ["Typ"] }', " }", "key services.columns: type must be told once"),
    ('name = ["Dům"]', 'latitude = ["Šířka"]', "key services.columns: name must be told once"),
    ("[services.items]", '[services.same]\ntype = "senioři"\n[services.items]', "type must be told once"),
    ("header_rows = 2", 'header_rows = "2"', "a whole number"),
    ("capacity_beds", "capacity_bed", "services.items: capacity_bed is not in the methodology; did you mean"),
    ('"DPS_SEN"', '"DPS_SNE"', "key services.types: DPS_SNE is not in the methodology; did you mean DPS_SEN?"),
    ("[services]", "[services", "expected key = value"),
])
def test_a_wrong_mapping_names_file_key_and_nearest(mapping, old, new, said):
    mapping.write_text(MAPPING.replace(old, new), "utf-8")
    with pytest.raises(MappingError) as refused:
        read_mapped(mapping, [], METHODOLOGY)
    assert any(str(mapping) in problem and said in problem for problem in refused.value.problems)


def test_all_faults_of_a_mapping_are_told_at_once(mapping):
    mapping.write_text(MAPPING.replace("header_rows", "rows_of_header").replace("publisher", "publishr"), "utf-8")
    with pytest.raises(MappingError) as refused:
        read_mapped(mapping, [], METHODOLOGY)
    assert len(refused.value.problems) == 3


def test_a_mapping_that_is_not_there(tmp_path):
    with pytest.raises(MappingError, match="the file is missing"):
        read_mapped(tmp_path / "none.toml", [], METHODOLOGY)


def test_messages_are_czech_too(tmp_path, mapping):
    speak("cs")
    mapped = read_mapped(mapping, [workbook(tmp_path / "a.xlsx", changed(1, 4, "asi 40"))], METHODOLOGY)
    assert mapped.problems["expected"].tolist()[0] == "číslo"
    assert "mezisoučet řádků pod ním" in set(mapped.ignored["reason"])


def test_words_are_compared_by_letters_and_digits():
    assert same_words("Dom ''Diana'', ul. Wąska 2*") == same_words(" DOM „DIANA”\n ul. Wąska 2 ")
    assert same_words("Dom 1") != same_words("Dom 11")


def test_a_password_or_html_is_no_table():
    with pytest.raises(GridError):
        read_grids(b"PK\x03\x04")


def test_the_shipped_mapping_is_complete():
    mapping = tomllib.loads((ROOT / "parameters/malopolska/mapping.toml").read_text("utf-8"))
    assert set(mapping["services"]["types"].values()) == set(METHODOLOGY.service_types)
    assert set(mapping["services"]["items"]) == {i.code for i in METHODOLOGY.items.values() if i.source == "return"}
    assert len(mapping["territories"]) == len(set(mapping["territories"].values())) == 22
    assert all(len(code) == 12 and code.startswith("0") for code in mapping["territories"].values())
