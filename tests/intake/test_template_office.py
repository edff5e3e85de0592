"""The template in LibreOffice: opens, computes the same, and its sums hold when cells are cut and pasted."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from kpsslib.intake import template
from kpsslib.intake.writing.checks_sheet import states
from kpsslib.language import speak
from kpsslib.methodology import load
from kpsslib.workspace import project_root
from tests.conftest import COST, FIGURES, IDENTITY, REVENUE

MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub CutAndPaste(source, target, from, onto, number)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  book = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  sheet = book.Sheets.getByIndex(0)
  sheet.unprotect("")
  sheet.moveRange(sheet.getCellRangeByName(onto).getCellAddress(), sheet.getCellRangeByName(from).getRangeAddress())
  sheet.getCellRangeByName(from).setValue(CDbl(number))
  book.calculateAll()
  Dim how(0) As New com.sun.star.beans.PropertyValue
  how(0).Name = "FilterName"
  how(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL(target, how())
  book.close(True)
End Sub
</script:module>
"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Module1"/></library:library>
"""


class Office:
    """LibreOffice without a window, with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = folder / "made"

    def convert(self, kind: str, *paths: Path) -> list[Path]:
        """Convert files to a format; each result bears the name of its source."""
        self._run("--convert-to", kind, "--outdir", str(self.made), *map(str, paths))
        return [self.made / f"{path.stem}.{kind}" for path in paths]

    def recalculated(self, *paths: Path) -> list[openpyxl.Workbook]:
        """Workbooks with every formula computed anew: the results are taken out first."""
        bare = [self.folder / f"bare_{path.name}" for path in paths]
        for path, target in zip(paths, bare, strict=True):
            openpyxl.load_workbook(path).save(target)
        return [openpyxl.load_workbook(path, data_only=True) for path in self.convert("xlsx", *bare)]

    def cut_and_paste(self, path: Path, cut: str, onto: str, number: float) -> openpyxl.Workbook:
        """Cut a cell, paste it over another, type a number where it was."""
        basic = self.folder / "profile" / "user" / "basic" / "Standard"
        if not basic.exists():
            self.convert("csv", path)  # the first start makes the profile
        (basic / "Module1.xba").write_text(MACRO, "utf-8")
        (basic / "script.xlb").write_text(LIBRARY, "utf-8")
        target = self.made / f"moved_{path.name}"
        target.unlink(missing_ok=True)
        arguments = ",".join(f'"{text}"' for text in (path.as_uri(), target.as_uri(), cut, onto, number))
        self._run("--norestore", f"macro:///Standard.Module1.CutAndPaste({arguments})")
        return openpyxl.load_workbook(target, data_only=True)

    def _run(self, *arguments: str) -> None:
        profile = f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"
        subprocess.run(["soffice", profile, "--headless", *arguments], check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def calc(tmp_path_factory):
    if not shutil.which("soffice"):
        message = "no LibreOffice here; on Debian: apt-get install libreoffice-calc-nogui"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def known():
    speak("cs")
    return load(project_root() / "parameters" / "methodology")


def sound(known, kind):
    """Figures of a type that no check minds."""
    figures = {}
    for form in known.service_types[kind].reporting_forms:
        for item in known.items_of(kind, form):
            if not item.sum_of:
                figures[item.code, form] = FIGURES.get(item.code, 0)
        figures["revenue_grant", form] = COST - REVENUE
    return figures


CASES = {kind: (kind, {}, {}) for kind in ("DS", "OS", "KC")} | {
    "Lůžkodny a lůžka": ("DS", {("bed_days", "residential"): 10_951}, {}),
    "Výnosy a náklady": ("DS", {("cost_energy", "residential"): 2_600_000}, {}),
    "Ostatní náklady": ("DS", {("cost_other", "residential"): 1_400_000}, {}),
    "Osobní náklady na úvazek": ("DS", {("cost_wages", "residential"): 6_000}, {}),
    "Provozní dny": ("DS", {("operating_days", "residential"): 366}, {}),
    "z toho s předepsanou kvalifikací": ("DS", {("persons_qualified", "residential"): 15}, {}),
    "Klienti podle stupně": ("DS", {("clients_degree_4", "residential"): 30}, {}),
    "Hodiny přímé péče": ("OA", {("care_hours", "outpatient_field"): 15_201}, {}),
    "IČO: poslední číslice": ("DS", {}, {"provider_id": "00064582"}),
    "IČO: počet číslic": ("DS", {}, {"provider_id": "64581"}),
    "Identifikátor služby": ("DS", {}, {"service_id": "000001"}),
    "empty part": ("DS", {("cost_levies", "residential"): None}, {}),
    "a word": ("DS", {("cost_levies", "residential"): "důvěrné"}, {}),
    "a word for nothing": ("DS", {("cost_levies", "residential"): "netýká se"}, {}),
}


@pytest.fixture(scope="module")
def paths(calc, known):
    """A return a case: sound figures of a type, but for some."""
    found = {}
    for n, (name, (kind, changes, identity)) in enumerate(CASES.items()):
        found[name] = calc.folder / f"{n}.xlsx"
        who = IDENTITY | {"service_id": "0000001", "service_type": kind,
                          "forms": ", ".join(known.service_types[kind].forms)} | identity
        template.write_return(found[name], who, sound(known, kind), known, overrides=changes)
    return found


@pytest.fixture(scope="module")
def books(calc, paths):
    """The returns with every formula computed anew by LibreOffice."""
    return dict(zip(paths, calc.recalculated(*paths.values()), strict=True))


def rows_of(book):
    return {row[0].value: row for row in book[template.SHEET].iter_rows() if row[0].value}


def checks_of(book):
    """What each check says, by the first words of its label."""
    return {row[0].value: row[1].value for row in book[template.CHECKS_SHEET].iter_rows(min_row=5)}


def sheet_as_it_stands(path):
    return {cell.coordinate: cell.value for row in
            openpyxl.load_workbook(path, data_only=True)[template.SHEET].iter_rows(min_row=2) for cell in row
            if cell.value not in (None, "")}


@pytest.mark.parametrize("kind", ["DS", "OS", "KC"])
def test_calc_opens_it_and_computes_the_same_sums(paths, books, kind):
    computed, written = books[kind][template.SHEET], sheet_as_it_stands(paths[kind])
    assert {c: computed[c].value for c in written} == pytest.approx(written)


def test_it_prints(calc, paths, known):
    blank = calc.folder / "PS3.xlsx"
    template.write_template(blank, template.Filling({"year": 2025, "round": "actual"}, "PS3"), known,
                            types=known.working_groups["PS3"].service_types)
    for printed in calc.convert("pdf", paths["OS"], blank):
        data = printed.read_bytes()
        assert data.startswith(b"%PDF")
        assert 2 <= len(re.findall(rb"/Type ?/Page\b", data)) <= 6


@pytest.mark.parametrize("kind", ["DS", "OS", "KC"])
def test_every_check_of_a_sound_return_holds(books, kind):
    assert set(checks_of(books[kind]).values()) == {states()["sound"]}
    assert books[kind][template.SHEET]["F1"].value == "Kontrola: vše v pořádku"


@pytest.mark.parametrize("label", [name for name, (_kind, *changes) in CASES.items()
                                   if any(changes) and not name.startswith(("a word", "empty"))])
def test_a_check_minds_what_it_is_for(books, label):
    said = checks_of(books[label])
    minded = [what for what, state in said.items() if state == states()["look"]]
    assert any(what.startswith(label) for what in minded), minded


def test_an_empty_part_leaves_the_sum_empty_and_the_checks_waiting(books):
    rows = rows_of(books["empty part"])
    assert [rows[code][3].value for code in ("cost_staff", "cost_total")] == [None, None]
    waiting = [what for what, state in checks_of(books["empty part"]).items() if state == states()["incomplete"]]
    assert waiting[0].startswith("Vyplněné povinné údaje")
    assert any(what.startswith("Výnosy a náklady") for what in waiting)


def test_a_confidential_part_makes_the_sum_confidential_and_what_does_not_apply_adds_nothing(books):
    rows = rows_of(books["a word"])
    assert [rows[code][3].value for code in ("cost_staff", "cost_total")] == ["důvěrné", "důvěrné"]
    staff = FIGURES["cost_wages"] + FIGURES["cost_agreements"]
    assert rows_of(books["a word for nothing"])["cost_staff"][3].value == staff
    assert checks_of(books["a word"])["Výnosy a náklady, rozdíl nejvýše 10\u00a0%"] == states()["not_judged"]


def test_a_sum_holds_what_stands_in_its_rows_after_cut_and_paste(calc, paths):
    path = paths["DS"]
    row = rows_of(openpyxl.load_workbook(path))["cost_wages"][3].row
    book = calc.cut_and_paste(path, f"D{row}", f"D{row + 1}", 5)
    rows = rows_of(book)
    assert rows["cost_levies"][3].value == FIGURES["cost_wages"]
    parts = [rows[code][3].value for code in ("cost_wages", "cost_levies", "cost_agreements")]
    assert rows["cost_staff"][3].value == sum(parts) == 5 + FIGURES["cost_wages"] + FIGURES["cost_agreements"]
    assert "#" not in "".join(str(state) for state in checks_of(book).values())


def test_a_plain_reference_would_not(calc):
    """What the sums guard against: here the number typed anew is left out, and the one moved counts twice."""
    book = openpyxl.Workbook()
    for row, content in enumerate((1, 2, 3, "=D1+D2+D3"), 1):
        book.active.cell(row, 4, content)
    path = calc.folder / "plain.xlsx"
    book.save(path)
    sheet = calc.cut_and_paste(path, "D1", "D2", 5).active
    assert [sheet.cell(row, 4).value for row in (1, 2, 3)] == [5, 1, 3]
    assert sheet["D4"].value == 1 + 1 + 3
