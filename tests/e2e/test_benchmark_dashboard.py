"""The dashboard in a browser. After each test: no error in the console, no request to a foreign host."""

import shutil
import signal
import urllib.error
import urllib.request

import pytest


@pytest.mark.parametrize(("control", "code"), [
    ("group", "PS3"), ("service_type", "DZR"), ("year", "2021"), ("indicator", "V01"),
])
def test_each_control_changes_title_figure_and_table(visit, server, control, code):
    seen = visit()
    seen.open(server.address)
    before = seen.seen()
    seen.choose(control, code)
    after = seen.seen()
    for part in ("title", "figure", "table"):
        assert after[part] != before[part], part


def test_a_type_with_two_forms_offers_them_and_another_does_not(visit, server):
    seen = visit()
    page = seen.open(server.address)
    assert page.is_hidden(".kb select[name=form]")
    seen.choose("group", "PS3")
    seen.choose("service_type", "OS")
    assert page.is_visible(".kb select[name=form]")
    assert "ambulantní a terénní" in page.inner_text(".kb-subtitle")
    before = seen.seen()
    seen.choose("form", "residential")
    after = seen.seen()
    assert after["figure"] != before["figure"]
    assert after["table"] != before["table"]
    assert "pobytová" in page.inner_text(".kb-subtitle")


def test_a_service_is_chosen_by_the_list_and_by_a_click(visit, server):
    seen = visit()
    page = seen.open(server.address)
    row = page.locator(".kb-row[aria-pressed=false]").nth(3)
    service, name = row.get_attribute("data-service"), row.locator(".kb-name").inner_text()
    before, drawn = seen.seen(), seen.drawn()
    row.click()
    seen.wait_after(drawn)
    assert page.input_value(".kb select[name=service]") == service
    assert page.inner_text(".kb-sentence").startswith(f"{name}: ")
    assert page.get_attribute(f"[data-service='{service}']", "aria-pressed") == "true"
    assert page.inner_text(".kb-table tr.kb-chosen th") == name
    assert seen.seen()["series"] != before["series"]
    other = page.locator(".kb select[name=service] option").nth(0).get_attribute("value")
    seen.choose("service", other)
    assert page.locator(".kb-row[aria-pressed=true]").count() <= 1
    assert not page.inner_text(".kb-sentence").startswith(f"{name}: ")


def test_the_whole_way_by_keyboard(visit, server):
    seen = visit()
    page = seen.open(server.address)
    focused = lambda: page.evaluate("document.activeElement.name || document.activeElement.className")  # noqa: E731
    stops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        stops.append(focused())
    assert stops[:4] == ["group", "service_type", "year", "indicator"]
    rows = [stop for stop in stops if "kb-row" in stop]
    assert len(rows) == 1, "the rows of the figure are one tab stop"

    page.focus(".kb select[name=service_type]")
    drawn = seen.drawn()
    page.keyboard.press("ArrowDown")
    seen.wait_after(drawn)
    assert "domovy se zvláštním režimem" in page.inner_text(".kb h2")
    assert focused() == "service_type", "the focus stays where it was"

    page.focus(".kb-definition summary")
    page.keyboard.press("Enter")
    assert page.is_visible(".kb-terms")

    page.locator(".kb-row[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.is_visible(".kb-tip")
    assert "Kč za lůžkoden" in page.inner_text(".kb-tip")
    page.keyboard.press("Escape")
    assert page.is_hidden(".kb-tip")
    service = page.evaluate("document.activeElement.dataset.service")
    drawn = seen.drawn()
    page.keyboard.press("Enter")
    seen.wait_after(drawn)
    assert page.input_value(".kb select[name=service]") == service
    assert page.evaluate("document.activeElement.dataset.service") == service

    page.focus(".kb-stage")
    before = page.inner_text(".kb-readout")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(".kb-readout") != before
    assert page.inner_text(".kb-readout").startswith("2024: ")


def test_the_definition_is_one_click_away(visit, server):
    page = visit().open(server.address)
    assert page.is_hidden(".kb-terms")
    page.click("text=Jak se počítá a co znamená")
    text = page.inner_text(".kb-terms")
    for part in ("(náklady celkem − ", "÷ lůžkodny", "nižší je lepší", "K čemu je", "Na co dát pozor"):
        assert part in text


def test_details_on_hover(visit, server):
    page = visit().open(server.address)
    page.hover(".kb-row >> nth=0")
    assert "pořadí 1." in page.inner_text(".kb-tip")


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_cut_and_the_page_does_not_scroll_sideways(visit, server, width):
    seen = visit(width=width, height=800)
    page = seen.open(server.address)
    for kind in ("DS", "DZR", "SZZ"):
        seen.choose("service_type", kind)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate("""width => [...document.querySelectorAll('.kb *')].filter(node => {
            const box = node.getBoundingClientRect();
            return box.width && box.right > width + 1 && !node.closest('.kb-scroll, svg, .kb-hidden');
        }).map(node => node.className || node.tagName)""", width)
        assert outside == []
    names = page.evaluate("""() => [...document.querySelectorAll('.kb-name')].filter(
        node => node.scrollWidth > node.clientWidth + 1).length""")
    assert names == 0


def test_the_figure_reads_well_without_eyes(visit, server):
    page = visit().open(server.address)
    assert page.evaluate("document.documentElement.lang") == "cs"
    assert page.get_attribute(".kb-series", "role") == "img"
    title = page.evaluate("document.querySelector('.kb-series title').textContent")
    assert title.startswith("Vývoj v letech")
    label = page.get_attribute(".kb-row >> nth=0", "aria-label")
    assert "Kč za lůžkoden" in label
    unnamed = page.evaluate("""() => [...document.querySelectorAll('.kb select, .kb button')].filter(
        node => !(node.labels?.length || node.getAttribute('aria-label'))).length""")
    assert unnamed == 0
    assert page.evaluate("[...document.querySelectorAll('.kb table')].every(t => t.caption && t.tHead)")
    assert page.get_attribute(".kb [role=status]", "role") == "status"


def test_a_change_is_announced(visit, server):
    seen = visit()
    page = seen.open(server.address)
    seen.choose("year", "2020")
    said = page.inner_text(".kb [role=status]")
    assert said.startswith("Náklad na lůžkoden: domovy pro seniory, 2020. Domov seniorů")


def test_a_server_that_does_not_answer_is_said(visit, server):
    seen = visit()
    seen.page.clock.install()
    page = seen.open(server.address)
    server.process.send_signal(signal.SIGSTOP)
    try:
        page.select_option(".kb select[name=year]", "2019")
        page.clock.fast_forward(9000)
        page.wait_for_selector(".kb-lost", state="visible")
        assert "Server neodpovídá" in page.inner_text(".kb-lost")
    finally:
        server.process.send_signal(signal.SIGCONT)
    page.wait_for_selector(".kb-lost", state="hidden")
    assert page.inner_text(".kb h2").endswith("2019")


@pytest.mark.parametrize("path", [
    "voila/files/benchmark.ipynb", "voila/files/../../parameters/runs/example.yaml", "voila/api/contents",
    "voila/files/outputs/example/tables/PS1/services.parquet", "voila/static/../../../../etc/passwd",
])
def test_files_are_not_served(server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.address + path, timeout=30)
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_the_address_cannot_choose_another_template(server):
    with urllib.request.urlopen(f"{server.address}?template=lab&theme=dark", timeout=60) as answer:
        text = answer.read().decode()
    assert "kpss-page" in text
    assert "jsdelivr" not in text
    assert "show_benchmark" not in text


def test_without_a_run_the_page_says_how_to_make_one(visit, serve, project, tmp_path):
    shutil.copytree(project / "parameters", tmp_path / "parameters")
    shutil.copytree(project / "notebooks", tmp_path / "notebooks")
    page = visit().page
    page.goto(serve(tmp_path).address)
    page.wait_for_selector(".kpss-missing", state="visible")
    text = page.inner_text(".kpss-missing")
    assert "Zatím není co ukázat" in text
    assert "kpss batch parameters/runs/example.yaml" in text
    assert "Traceback" not in page.content()


def test_a_page_that_breaks_says_so_in_czech_and_shows_no_traceback(visit, serve, project, tmp_path):
    shutil.copytree(project / "parameters", tmp_path / "parameters")
    shutil.copytree(project / "notebooks", tmp_path / "notebooks")
    page_file = tmp_path / "notebooks" / "dashboards" / "benchmark.ipynb"
    broken = page_file.read_text("utf-8").replace("show_benchmark(run_file", "1 / 0, show(run_file")
    page_file.write_text(broken, "utf-8")
    page = visit().page
    page.goto(serve(tmp_path).address)
    page.wait_for_selector(".kpss-error[role=alert]", state="visible")
    assert "Dashboard se nepodařilo připravit" in page.inner_text("main")
    assert "ZeroDivisionError" not in page.content()
    assert "There was an error" not in page.content()
