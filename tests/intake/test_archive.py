"""The archive of past years: encodings, delimiters, numbers, addresses, and rows that cannot be used."""

import pandas as pd
import pytest

from kpsslib.intake.formats.text_files import TextFileError, decode, read_table

CZECH = "příliš žluťoučký kůň úpěl ďábelské ódy, PŘÍLIŠ ŽLUŤOUČKÝ KŮŇ ÚPĚL ĎÁBELSKÉ ÓDY"
ROWS = [("0000001", "DS", {"cost_energy": 600_000.5}), ("0064581", "PeS"), ("0000003", "NZDM")]
FACTS = ["service_id", "form", "year", "round", "item", "value", "status", "cell"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso8859-2", "cp852"])
def test_czech_text_is_decoded_by_rule(encoding):
    assert decode(CZECH.encode(encoding)) == CZECH


def test_what_reads_as_no_czech_in_any_code_page_is_refused():
    with pytest.raises(TextFileError) as caught:
        decode("Привет, мир".encode("cp1251"))
    assert caught.value.kind == "unknown_encoding"


def test_cp1250_with_semicolons_and_decimal_commas_equals_utf8_with_commas_and_points(office):
    office.archive("2024_actual.csv", ROWS, encoding="cp1250", sep=";", decimal=",")
    old = office.clean(returns=None)
    office.archive("2024_actual.csv", ROWS)
    new = office.clean(returns=None)
    pd.testing.assert_frame_equal(old.facts[FACTS], new.facts[FACTS])
    pd.testing.assert_frame_equal(old.services, new.services)
    assert old.services["municipality"].tolist() == ["Lhota"] * 3
    assert office.fact(new, "cost_energy", year=2024)["value"] == 600_000.5


def test_cells_are_named_as_a_spreadsheet_shows_them(office):
    path = office.archive("2024_actual.csv", ROWS)
    table = pd.read_csv(path, dtype=str, header=None, keep_default_na=False)
    facts = office.clean(returns=None).facts
    for row in facts[facts["cell"] != ""].itertuples():
        letters = row.cell.rstrip("0123456789")
        column = sum((ord(letter) - 64) * 26 ** i for i, letter in enumerate(reversed(letters))) - 1
        line = int(row.cell[len(letters):]) - 1
        assert table.iat[0, column] == row.item
        assert table.iat[line, 0] == row.service_id
        assert table.iat[line, column] == "" if pd.isna(row.value) else float(table.iat[line, column]) == row.value


def test_zeros_at_the_beginning_stay(office):
    office.archive("2024_actual.csv", ROWS, encoding="cp1250", sep=";", decimal=",")
    cleaned = office.clean(returns=None)
    assert set(cleaned.facts["service_id"]) == {"0000001", "0064581", "0000003"}
    assert set(cleaned.services["provider_id"]) == {"00064581"}
    assert set(cleaned.services["municipality_code"]) == {"500011"}


def test_every_cell_of_the_archive_ends_in_one_class(office):
    path = office.archive("2024_actual.csv", [
        *ROWS, ("12345", "DS"), ("0000004", "DS", {"clients": "mnoho"}),
        ("0000005", "DS", {"joiners": "1 234,5"}), ("0000006", "PeS", {"capacity_beds": 5, "rooms_single": 2}),
        ("0000007", "DS", {"jiný sloupec": "něco"}), ("0000008", "DS", {"bed_days": 20_000})])
    accounting = office.clean(returns=None).accounting
    table = pd.read_csv(path, dtype=str, header=None, keep_default_na=False)
    classes = accounting[["template", "accepted", "converted", "rejected", "ignored"]].sum()
    assert classes.sum() == accounting["cells"].sum() == (table != "").to_numpy().sum()
    assert classes["template"] == table.shape[1]
    assert classes["converted"] == 1
    bad_row = (table.iloc[4] != "").sum()
    assert classes["rejected"] == bad_row + 1 + 1 + 1  # a row without identifier, a word, beds in the field, bed-days
    assert classes["ignored"] == 2  # rooms that are not asked, an unknown column


def test_odd_cells_of_the_archive(office):
    office.archive("2024_actual.csv", [("0000001", "DS", {
        "bed_days": "1,234",
        "joiners": "1 234,50", "leavers": "důvěrné", "complaints": "nevím"})], sep=";", decimal=",")
    cleaned = office.clean(returns=None)
    statuses = {item: office.fact(cleaned, item, year=2024)["status"]
                for item in ("bed_days", "joiners", "leavers", "complaints")}
    assert statuses == {"bed_days": "reported", "joiners": "converted", "leavers": "confidential",
                        "complaints": "missing"}
    assert office.fact(cleaned, "bed_days", year=2024)["value"] == 1.234  # the file's own decimal mark is the comma


def test_a_point_in_a_file_of_decimal_commas_may_be_two_things(office):
    office.archive("2024_actual.csv", [("0000001", "DS", {"clients": "1.234"})], sep=";", decimal=",")
    cleaned = office.clean(returns=None)
    told = office.found(cleaned, "cell", "question")
    assert told["item"].tolist() == ["clients"]
    assert office.fact(cleaned, "clients", year=2024)["status"] == "missing"


@pytest.mark.parametrize(("row", "rule", "column"), [
    (("12345", "DS"), "1", "service_id"),
    (("0000002", "DS", {}, "outpatient_field"), "2", "form"),
])
def test_a_row_that_cannot_be_placed_is_left_out_and_told(office, row, rule, column):
    office.archive("2024_actual.csv", [("0000001", "DS"), row])
    cleaned = office.clean(returns=None)
    assert office.found(cleaned, rule, "error")["cell"].tolist() == [{"service_id": "A3", "form": "C3"}[column]]
    assert set(cleaned.facts["service_id"]) == {"0000001"}


def test_the_same_row_again_is_left_out_and_another_row_of_the_service_is_an_error(office):
    office.archive("2024_actual.csv", [("0000001", "DS"), ("0000001", "DS"), ("0000002", "DS"),
                                       ("0000002", "DS", {"cost_energy": 1})])
    cleaned = office.clean(returns=None)
    assert set(cleaned.facts["service_id"]) == {"0000001"}
    assert cleaned.ignored["reason"].tolist() == ["the same row again"]
    assert office.found(cleaned, "3", "error")["cell"].tolist() == ["A4", "A5"]


@pytest.mark.parametrize(("name", "data", "kind"), [
    ("2024_actual.csv", b"", "an empty file of 0 bytes"),
    ("2024_actual.csv", b"PK\x03\x04 a workbook called csv", "a file that is not text"),
    ("2024_actual.csv", b"name;value\nA;1\n", "a table without the columns service_id, service_type, form"),
    ("2024_actual.csv", b"service_id,service_type,form\n1,2,3,4,5\n", "rows with more cells"),
    ("2024_actual.csv", b"service_id,service_type,form,form\n1,2,3,4\n", "columns that stand there twice: form"),
    ("2024_spring.csv", b"service_id,service_type,form\n", "an archive file named 2024_spring"),
    ("2024_actual.csv", "service_id;service_type;form;Ж\n".encode("cp1251"), "text in an unknown encoding"),
])
def test_a_file_that_is_no_archive_is_quarantined_and_the_rest_goes_on(office, name, data, kind):
    office.archive("2023_actual.csv", ROWS)
    (office.folder / "archive" / name).write_bytes(data)
    cleaned = office.clean(returns=None)
    assert cleaned.originals.set_index("file")["state"].to_dict() == {
        "archive/2023_actual.csv": "accepted", f"archive/{name}": "quarantined"}
    assert office.found(cleaned, "file", "error")["found"].iloc[0].startswith(kind)
    assert len(cleaned.facts) > 100


def test_a_year_the_run_does_not_ask_for_is_left_out(office):
    office.archive("2023_actual.csv", ROWS)
    office.archive("1999_actual.csv", ROWS)
    cleaned = office.clean(returns=None)
    assert cleaned.originals.set_index("file")["state"]["archive/1999_actual.csv"] == "ignored"
    assert set(cleaned.facts["year"]) == {2023}
    assert cleaned.problems.empty


def test_an_archive_of_returns_that_came_as_workbooks_is_left_out_and_the_workbooks_hold(office):
    office.send("0000001", "DS")
    office.archive("2025_actual.csv", [("0000001", "DS"), ("0000002", "DS")])
    office.archive("2025_plan.csv", [("0000001", "DS")])
    cleaned = office.clean()
    states = cleaned.originals.set_index("file")
    left_out = states.loc["archive/2025_actual.csv"]
    assert (left_out["state"], left_out["reason"]) == (
        "ignored", "an archive of a year and round that came as workbooks: the workbooks hold")
    assert states.loc["archive/2025_plan.csv", "state"] == "accepted"
    actual = cleaned.facts[(cleaned.facts["round"] == "actual") & (cleaned.facts["item"] == "cost_total")]
    assert actual["file"].astype("str").tolist() == ["returns/0000001.xlsx"]


def test_a_first_line_that_names_the_delimiter_moves_the_addresses():
    plain = read_table(b"a;b\n1;2\n")
    named = read_table(b"sep=;\na;b\n1;2\n")
    assert plain.table.equals(named.table)
    assert (plain.lines_above, named.lines_above) == (1, 2)


def test_an_archive_without_the_providers_numbers_is_read(office):
    row = office.archive_row("0000001", "DS")
    table = pd.DataFrame([row]).drop(columns="provider_id")
    folder = office.folder / "archive"
    folder.mkdir()
    table.to_csv(folder / "2023_actual.csv", index=False)
    office.send("0000002")
    cleaned = office.clean()
    assert office.found(cleaned, "1").empty
    assert (cleaned.facts["year"] == 2023).any()


@pytest.mark.parametrize(("column", "text"), [("provider_name", "klient 800101/1238"), ("clients", "800101/1238")])
def test_data_of_a_person_keeps_an_archive_out_and_is_never_repeated(office, column, text):
    row = office.archive_row("0000001", "DS") | {column: text}
    folder = office.folder / "archive"
    folder.mkdir()
    pd.DataFrame([row]).to_csv(folder / "2023_actual.csv", index=False)
    office.send("0000002")
    cleaned = office.clean()
    file = cleaned.originals.set_index("file").loc["archive/2023_actual.csv"]
    assert file["state"] == "quarantined"
    assert "data of persons" in file["reason"]
    told = "".join(table.to_csv() for table in cleaned if len(table))
    assert "1238" not in told
