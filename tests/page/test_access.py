"""Every view, in both languages, light and dark, wide and narrow: nothing that axe-core calls serious."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.served import ASKED, WEB, Open, is_wide, untranslated

VIEWS = re.findall(r'data-view="(\w+)" data-message="view\.', (WEB / "index.html").read_text("utf-8"))
FLIGHT_STATES = {"answered": ASKED, "failed": ASKED, "unresolved": ASKED.replace("SKU", "?")}
BAD = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical, with where."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {', '.join(str(node['target']) for node in fault['nodes'])}"
        for fault in found
        if fault["impact"] in BAD
    ]


def test_what_is_wrong_is_found(open_page: Open) -> None:
    page = open_page()
    page.locator("#lead").evaluate("lead => { lead.style.color = '#ccc'; }")
    assert [fault.partition(" ")[0] for fault in faults(page)] == ["color-contrast"]


def query(view: str, language: str, more: str = "") -> str:
    return f"?lang={language}" + ("" if view == "flight" else f"&view={view}") + more


# Every two of language, width and shade meet.
@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [("en", 1280, False), ("en", 360, True), ("es", 1280, True), ("es", 360, False)],
    ids=["en-desk-light", "en-phone-dark", "es-desk-dark", "es-phone-light"],
)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_can_be_used_by_everyone(
    open_page: Open, view: str, language: str, width: int, dark: bool
) -> None:
    page = open_page(query(view, language), width=width, dark=dark)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert untranslated(page) == []
    assert faults(page) == []
    assert not is_wide(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)], ids=["desk-dark", "phone-light"])
@pytest.mark.parametrize("state", FLIGHT_STATES)
def test_an_answer_can_be_used_by_everyone(open_page: Open, state: str, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    if state == "failed":
        page.route("**/v1/predictions?*", lambda route: route.abort())
    page.goto(page.url + FLIGHT_STATES[state])
    expect(page.locator("#answer[aria-busy=false]")).to_be_visible()
    wanted = "waiting" if state == "unresolved" else state
    expect(page.locator("#answer")).to_have_attribute("data-state", wanted)
    assert faults(page) == []


def test_a_list_can_be_used_by_everyone(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("combobox", name="To").fill("an")
    expect(page.get_by_role("option").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    assert faults(page) == []


def test_a_view_that_cannot_be_had_can_be_used_by_everyone(open_page: Open) -> None:
    page = open_page()
    page.route("**/service/service.html", lambda route: route.abort())
    page.get_by_role("link", name="The service").click()
    expect(page.locator("#view-failure")).to_contain_text("cannot be loaded")
    assert faults(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_at_twice_its_size_loses_nothing(open_page: Open, view: str) -> None:
    """As a browser of 1280 × 900 shows it at 200 %."""
    page = open_page(query(view, "en"))
    whole = controls(page)
    page.set_viewport_size({"width": 640, "height": 450})
    assert not is_wide(page)
    assert controls(page) == whole
    assert cut_off(page) == []


def controls(page: Page) -> list[str]:
    """What can be used or read as a heading, by its role and name; figures may change meanwhile."""
    tree = page.locator("main").aria_snapshot()
    return re.findall(
        r"- ((?:heading|button|textbox|combobox|checkbox|link) .*?)(?::| \[.*)?$", tree, re.MULTILINE
    )


def cut_off(page: Page) -> list[str]:
    """Texts of which a part lies outside their box and cannot be scrolled to."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) => {
          const style = getComputedStyle(one);
          const seen = one.checkVisibility() && one.clientWidth > 1 && style.overflowX !== "visible";
          const scrolls = ["auto", "scroll"].includes(style.overflowX) || one.matches("input, select");
          return seen && !scrolls && one.scrollWidth > one.clientWidth + 1;
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def test_every_view_is_in_the_navigation() -> None:
    known = re.search(r"const VIEWS = \{(.*?)\n\};", (WEB / "views.js").read_text("utf-8"), re.DOTALL)
    assert known
    assert ["flight", *re.findall(r"^  (\w+):", known[1], re.MULTILINE)] == VIEWS
    for language in ("en", "es"):
        texts = json.loads((WEB / f"messages/{language}.json").read_text("utf-8"))
        assert {f"view.{view}" for view in VIEWS} <= set(texts)
    assert all((WEB / view / f"{view}.html").is_file() for view in VIEWS[1:])
