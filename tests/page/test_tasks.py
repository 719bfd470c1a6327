"""What people come for, from the first view to the end, by keyboard alone, in both languages."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import FileChooser, FilePayload, Locator, Page, expect

from tests.page.served import Open
from tests.page.test_board import opened_day
from tests.page.test_compare import AFTER, BEFORE, HEADER

MAX_STOPS = 45
"""Presses of Tab until what is wanted has the focus: nobody looks for it longer."""
RISKIEST = 10

LANGUAGES = pytest.mark.parametrize("locale", ["en-GB", "es-CL"])


@pytest.fixture
def start(open_page: Open) -> Open:
    """Opens the page, in which dialogs for files are answered by the test."""

    def start(query: str = "", **options: Any) -> Page:
        page = open_page(query, **options)
        page.on("filechooser", _leave_to_the_test)
        return page

    return start


def _leave_to_the_test(_: FileChooser) -> None:
    """Playwright catches dialogs while somebody listens, and takes a moment to begin."""


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached within {MAX_STOPS} stops")


def press(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def give(page: Page, button: Locator, name: str, data: bytes) -> None:
    """Choose a file in the dialog that a button opens."""
    reach(page, button)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(FilePayload(name=name, mimeType="text/csv", buffer=data))


def write(page: Page, wanted: Locator, text: str) -> None:
    reach(page, wanted)
    page.keyboard.type(text)


@LANGUAGES
def test_a_desk_finds_the_riskiest_of_a_day_and_why(start: Open, locale: str) -> None:
    page = start(locale=locale)
    press(page, page.locator("#views a[data-view=board]"))
    expect(page.locator("#view-board[aria-busy=false]")).to_be_visible()
    with page.expect_response("**/v1/predictions*") as answer:
        give(page, page.locator("#choose"), "day.csv", opened_day().encode())
    chances = sorted((one["delay_probability"] for one in answer.value.json()["predictions"]), reverse=True)
    first = page.locator("#sheet .departure[aria-rowindex='2']")
    expect(first).to_be_visible()
    press(page, page.locator("#sheet .head [data-sort=probability]"))
    expect(page).to_have_url(re.compile("sort=probability"))
    shown = page.locator("#sheet .departure .share")
    riskiest = [_share(text) for text in shown.all_text_contents()[:RISKIEST]]
    assert riskiest == pytest.approx([100 * one for one in chances[:RISKIEST]], abs=0.5)
    reach(page, first.get_by_role("link"))
    page.keyboard.press("Enter")
    expect(page.locator("#opened[aria-busy=false]")).to_be_visible()
    expect(page.locator("#opened-title")).to_be_focused()
    assert page.locator("#opened-reasons li").count() > 3
    page.keyboard.press("Escape")
    expect(first.get_by_role("link")).to_be_focused()


@LANGUAGES
def test_a_desk_compares_a_retiming(start: Open, locale: str) -> None:
    page = start(locale=locale)
    press(page, page.locator("#views a[data-view=compare]"))
    expect(page.locator("#view-compare[aria-busy=false]")).to_be_visible()
    for side, rows in (("before", BEFORE), ("after", AFTER)):
        data = "\n".join((HEADER, *rows)).encode()
        give(page, page.locator(f"#choose-{side}"), f"{side}.csv", data)
        expect(page.locator(f"#plan-{side}")).to_contain_text(f"{side}.csv")
    expect(page.locator("#compared")).to_be_visible()
    retimed = page.locator("#changes tr").filter(has_text="450")
    expect(retimed).to_contain_text("07:05")
    expect(retimed).to_contain_text("19:05")


@LANGUAGES
def test_a_traveller_asks_how_likely_with_whom_else_and_when_else(start: Open, locale: str) -> None:
    page = start("?departure=2017-07-14T18:35", locale=locale)
    write(page, page.locator("#destination"), "Antofagasta")
    write(page, page.locator("#airline"), "Sky")
    press(page, page.locator("#ask"))
    expect(page.locator("#answer[data-state=answered]")).to_be_visible()
    expect(page.locator("#frequency")).to_contain_text(re.compile(r"\d"))
    with_whom_else = page.locator("#route-airlines-list a").first
    expect(with_whom_else).to_be_visible()
    (other,) = parse_qs(urlsplit(with_whom_else.get_attribute("href") or "").query)["airline"]
    press(page, with_whom_else)
    expect(page.locator("#answer[data-state=answered]")).to_be_visible()
    expect(page).to_have_url(re.compile(f"airline={other}"))
    press(page, page.get_by_role("link", name="07:35"))
    expect(page.locator("#time")).to_have_value("07:35")
    expect(page).to_have_url(re.compile("departure=2017-07-14T07:35"))
    expect(page.locator("#answer[data-state=answered]")).to_be_visible()


def _share(text: str) -> float:
    return float(text.replace("\u00a0", "").rstrip("%").replace(",", "."))
