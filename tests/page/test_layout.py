"""Nothing jumps while a view comes in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.page.served import ASKED, Server

MAX_SHIFT = 0.05
"""Of the viewport, in all: half of what https://web.dev/articles/cls calls good."""
OBSERVE = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
READY = {
    "service": "#service-figures .flap:not(:text('–'))",
    "delays": "#view-delays[aria-busy=false] #rates-table tbody tr",
    "board": "#view-board[aria-busy=false]",
    "model": "#model-metrics tr",
    "flight": "#answer[aria-busy=false]",
}


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_while_a_view_comes_in(browser: Browser, server: Server, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="en-GB")
    page.add_init_script(OBSERVE)
    shifts = {}
    for view, ready in READY.items():
        page.goto(server.url + (ASKED if view == "flight" else f"?view={view}"))
        expect(page.locator(ready).first).to_be_attached()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shifts[view] = page.evaluate("shifted")
    page.evaluate("document.querySelector('.board').style.marginTop = '300px'")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert page.evaluate("shifted") > MAX_SHIFT  # a jump is seen
    page.close()
    assert {view: shift for view, shift in shifts.items() if shift > MAX_SHIFT} == {}
