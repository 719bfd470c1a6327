"""The report as a reader sees it: a real Chromium, on a desk and on a phone, and nothing else is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from puntual.exploration.study import Study
from puntual.reports.folder import write_folder
from tests.browser import SIZES, opened, see_every_chart


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    for language in ("en", "es"):
        write_folder(study, made / language, language)
    return made


@pytest.fixture(scope="module", params=SIZES, ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Page]:
    """The report, read to its end; what a test changes in it, it changes back."""
    language, width = request.param
    with opened(browser, folder / language / "index.html", width) as page:
        see_every_chart(page)
        yield page


def test_it_answers_to_a_pointer(page: Page) -> None:
    assert page.locator(".chart > svg").count() == 0
    page.locator("#rates_airline .vega-embed path[aria-roledescription=point]").first.hover(force=True)
    expect(page.locator("#vg-tooltip-element")).to_contain_text("%")
    for chart in page.locator(".chart").all():
        assert len(chart.get_attribute("aria-label") or "") > 20


def test_the_table_sorts_and_filters(page: Page) -> None:
    rows = page.locator("#rates tbody tr:visible")
    expect(rows).to_have_count(5)
    page.locator("#by").select_option("destination")
    expect(rows).to_have_count(6)
    page.locator("#filter").fill("LIMA")
    expect(rows).to_have_count(1)
    page.locator("#filter").fill("")
    flights = page.locator("#rates th button[data-key=flights]")
    for order, sign in (("descending", -1), ("ascending", 1)):
        flights.click()
        expect(page.locator("#rates th[aria-sort]").nth(2)).to_have_attribute("aria-sort", order)
        counts = [int(row.locator("td").nth(2).get_attribute("data-sort") or 0) for row in rows.all()]
        assert counts == sorted(counts, key=lambda count: sign * count)


def test_charts_keep_their_size_on_a_phone_and_the_page_does_not_move(page: Page) -> None:
    wide = "all => all.map((one) => one.getBoundingClientRect().width)"
    widths = page.locator(".chart svg").evaluate_all(wide)
    assert min(widths) > 500
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_follows_the_readers_scheme(page: Page) -> None:
    for scheme, paper in {"dark": "rgb(20, 24, 29)", "light": "rgb(255, 255, 255)"}.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.locator("body")).to_have_css("background-color", paper)
        expect(page.locator(".chart svg").first).to_be_visible()


def test_a_finding_leads_to_its_chart(page: Page) -> None:
    page.locator(".findings a", has_text="TAM").first.click()
    expect(page.locator("#rates_airline")).to_be_in_viewport()


def test_it_is_there_without_scripts_and_prints(browser: Browser, folder: Path, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "es" / "index.html").as_uri())
    pictures = page.locator(".chart > svg")
    assert pictures.count() == page.locator("figure").count() > 10
    page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert (tmp_path / "report.pdf").stat().st_size > 50_000
    context.close()
