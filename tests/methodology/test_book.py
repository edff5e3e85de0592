"""The methodology book and its workbook: every page there, every link leads somewhere, text is escaped."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import openpyxl
import pytest

from kpsslib.language import speaking
from kpsslib.methodology import words
from kpsslib.methodology.book import write_book
from kpsslib.methodology.models import Name
from kpsslib.methodology.workbook import write_workbook

LISTS = {"index", "items", "service_types", "working_groups", "sources"}


class Page(HTMLParser):
    """What a test asks of a page: its tags with attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self._open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "script"} & set(self._open):
            self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module", params=["cs", "en"])
def book(request, tmp_path_factory, methodology):
    folder = tmp_path_factory.mktemp("book")
    index = write_book(methodology, folder / request.param, request.param)
    assert index.name == "index.html"
    return request.param, {path.stem: Page(path.read_text("utf-8")) for path in index.parent.glob("*.html")}


def changed(methodology, code, **changes):
    one = methodology.indicators[code].model_copy(update=changes)
    return methodology.model_copy(update={"indicators": {**methodology.indicators, code: one}})


def test_a_page_for_everything(book, methodology):
    assert set(book[1]) == {*methodology.indicators, *LISTS}


def test_pages_are_accessible_and_stand_alone(book):
    language, pages = book
    for name, page in pages.items():
        assert page.all("html") == [{"lang": language}], name
        assert len(page.all("h1")) == 1, name
        assert page.all("a")[0] == {"class": "skip", "href": "#obsah"}
        assert len(page.all("caption")) == len(page.all("table")), name
        assert all(cell.get("scope") in ("row", "col") for cell in page.all("th")), name
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(set(ids)) == len(ids), name
        assert not page.all("link"), name
        assert not any("src" in attributes for _, attributes in page.tags), name


def test_every_link_leads_to_a_page_and_a_place(book):
    pages = book[1]
    places = {name: {attributes.get("id") for _, attributes in page.tags} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.all("a"):
            file, _, place = link["href"].partition("#")
            target = file.removesuffix(".html") or name
            assert target in pages, (name, link)
            assert not place or place in places[target], (name, link)


def test_index_lists_every_indicator_in_its_area_without_script(book, methodology):
    page = book[1]["index"]
    links = {link["href"] for link in page.all("a")}
    assert {f"{code}.html" for code in methodology.indicators} <= links
    assert "hidden" in next(attributes for _, attributes in page.tags if attributes.get("id") == "search")


def test_page_of_an_indicator_in_czech(methodology, tmp_path):
    write_book(methodology, tmp_path, "cs")
    text = Page((tmp_path / "V01.html").read_text("utf-8")).words
    for part in ("V01 obložnost", "Vyšší hodnota je lepší.", "100 × lůžkodny kapacita v lůžkách × provozní dny",
                 "Bez vlastního intervalu: poměr úplných množství", "lůžkodny 19 710", "90,0", "chybí údaj",
                 "nulový jmenovatel", "mimo platné rozpětí", "Více lůžkodnů, než je možné.", "0 – 100",
                 "Rozměr dobré praxe výkon",
                 "výkaz služby za rok", "PS4 – Denní a aktivizační služby", "PS3 – Terénní péče", "30. června 2027"):
        assert part in text, part
    assert "po termínu" not in text


def test_page_of_an_indicator_in_english(methodology, tmp_path):
    write_book(methodology, tmp_path, "en")
    text = Page((tmp_path / "V01.html").read_text("utf-8")).words
    for part in ("V01 occupancy", "A higher value is better.", "bed-days capacity in beds × days of operation",
                 "More bed-days than possible.", "30 June 2027"):
        assert part in text, part
    assert not re.findall(r"\S*[ěščřžůťďň]\S*", text)


def test_earlier_formula_is_shown_with_its_last_year(methodology, tmp_path):
    write_book(methodology, tmp_path, "cs")
    text = Page((tmp_path / "N02.html").read_text("utf-8")).words
    assert "do roku 2019 včetně" in text
    assert "30,4375 ×" in text
    assert "3 (2019)" in text


def test_overdue_review_is_marked_in_the_book_and_the_workbook(methodology, tmp_path):
    late = changed(methodology, "N01", next_review=date.today() - timedelta(days=1))
    write_book(late, tmp_path, "cs")
    assert "revize po termínu" in Page((tmp_path / "N01.html").read_text("utf-8")).words
    assert Page((tmp_path / "index.html").read_text("utf-8")).words.count("revize po termínu") == 1
    sheet = openpyxl.load_workbook(write_workbook(late, tmp_path / "m.xlsx", "cs"))["Ukazatele"]
    assert next(row[17].value for row in sheet.iter_rows() if row[0].value == "N01") == "zveřejněno; revize po termínu"


def test_text_of_the_files_is_escaped(methodology, tmp_path):
    evil = '<script>alert("x")</script>'
    spoilt = changed(methodology, "N01", name=Name(cs=evil, en=evil), why=Name(cs=f"{evil} viz V04", en=evil))
    write_book(spoilt, tmp_path, "cs")
    for name in ("N01", "index", "N02"):
        html = (tmp_path / f"{name}.html").read_text("utf-8")
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
    assert '<a href="V04.html">V04</a>' in (tmp_path / "N01.html").read_text("utf-8")


def test_language_spoken_before_is_spoken_after(methodology, tmp_path):
    write_book(methodology, tmp_path, "en")
    write_workbook(methodology, tmp_path / "m.xlsx", "en")
    assert speaking() == "cs"


def test_writing_twice_gives_the_same(methodology, tmp_path):
    first = write_book(methodology, tmp_path / "a").parent
    second = write_book(methodology, tmp_path / "b").parent
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_workbook(methodology, tmp_path):
    book = openpyxl.load_workbook(write_workbook(methodology, tmp_path / "folder" / "metodika.xlsx", "cs"))
    assert book.sheetnames == ["Ukazatele", "Údaje", "Druhy služeb", "Pracovní skupiny", "Zdroje"]
    for sheet, n in zip(book, (methodology.indicators, methodology.items, methodology.service_types,
                               methodology.working_groups, methodology.sources), strict=True):
        assert sheet.max_row == len(n) + 1
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["B2"].alignment.wrap_text
    rows = {row[0]: row for row in book["Ukazatele"].iter_rows(min_row=2, values_only=True)}
    assert rows["N01"][3] == "(náklady celkem − z toho fakultativní činnosti) ÷ lůžkodny"
    assert rows["N03"][3].endswith("÷ pracovníci v přímé péči celkem")
    assert rows["N01"][14].splitlines()[0] == (
        "1: náklady celkem = 18\u00a0250\u00a0000, z toho fakultativní činnosti = 250\u00a0000, "
        "lůžkodny = 10\u00a0000 → 1\u00a0800")
    assert rows["N01"][20].date() == date(2027, 6, 30)


def test_text_that_begins_with_equals_stays_text(methodology, tmp_path):
    text = '=HYPERLINK("http://example.invalid")'
    path = write_workbook(changed(methodology, "N01", name=Name(cs=text, en=text)), tmp_path / "m.xlsx")
    cells = [row[1] for row in openpyxl.load_workbook(path)["Ukazatele"].iter_rows(min_row=2) if row[0].value == "N01"]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s")]


@pytest.mark.parametrize(("text", "cs", "en"), [
    ("CZK", "Kč", "CZK"), ("CZK / bed_day", "Kč na lůžkoden", "CZK per bed-day"), ("bed", "lůžka", "beds"),
    ("hour / FTE", "hodiny na úvazek", "hours per full-time post"), ("km", "km", "km"),
    ("CZK / km", "Kč / km", "CZK / km"),
    ("person / application", "osoby na žádost", "persons per application"),
])
def test_units_in_words(text, cs, en):
    assert words.unit(text) == cs
    with words.speaking_as("en"):
        assert words.unit(text) == en


def test_formula_in_words(methodology):
    said = words.formula("revenue_esf * revenue_esf + 0.5 * (fte_direct - clients) / 2", methodology)
    assert said == "projekty ESF a individuální projekty² + 0,5 × (pracovníci v přímé péči celkem − klienti) ÷ 2"
    assert words.formula("revenue_own * revenue_own_x", _with(methodology, "revenue_own_x")) == (
        "vlastní zdroje organizace × vlastní zdroje organizace")


def _with(methodology, code):
    return methodology.model_copy(update={"items": {**methodology.items, code: methodology.items["revenue_own"]}})
