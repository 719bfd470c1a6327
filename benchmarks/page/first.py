"""The view of a flight: until it can be used, and from a change of the form to its answer."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from benchmarks.page.figures import Figure
from deploy.stress.flights import read_catalogue

USABLE_MS = 500
ANSWER_MS = 100

_WHEN_USABLE = """
window.usableAfter = new Promise((resolve) => {
  new MutationObserver((_, observer) => {
    if (!document.querySelector("#page:not([hidden]) #fields:enabled")) return;
    observer.disconnect();
    resolve(performance.now());
  }).observe(document, { subtree: true, childList: true, attributes: true });
});
"""
"""Milliseconds from the start of the navigation until the form is there and enabled."""

_WHEN_ANSWERED = """time => new Promise((resolve) => {
  const answer = document.getElementById("answer");
  const field = document.getElementById("time");
  const begun = performance.now();
  let asked = false;
  new MutationObserver((_, observer) => {
    asked ||= answer.ariaBusy === "true";
    if (!asked || answer.ariaBusy === "true" || answer.dataset.state !== "answered") return;
    observer.disconnect();
    resolve(performance.now() - begun);
  }).observe(answer, { attributes: true });
  field.value = time;
  field.dispatchEvent(new Event("input", { bubbles: true }));
})"""
"""Milliseconds from the change until another answer is shown."""


def measure(browser: Browser, url: str, rounds: int) -> Iterator[Figure]:
    """Each round of the first view has a browser's context, and with it a cache, of its own."""
    yield Figure("first view usable, cold", [_usable(browser, url) for _ in range(rounds)], USABLE_MS)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/{_question(url)}")
        page.wait_for_selector("#answer[data-state=answered][aria-busy=false]")
        times = [_answered(page, f"{5 + at // 4:02}:{at % 4 * 15 + 7:02}") for at in range(rounds)]
    yield Figure("answer to a changed form", times, ANSWER_MS)


def _usable(browser: Browser, url: str) -> float:
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(_WHEN_USABLE)
        page.goto(url)
        return float(page.evaluate("window.usableAfter"))


def _answered(page: Page, time: str) -> float:
    return float(page.evaluate(_WHEN_ANSWERED, time))


def _question(url: str) -> str:
    """A flight that the model knows."""
    catalogue = read_catalogue(url)
    fields = {
        "destination": catalogue.destinations[0],
        "airline": catalogue.airlines[0],
        "departure": f"{catalogue.first[:10]}T18:35",
    }
    if len(catalogue.origins) > 1:
        fields["origin"] = catalogue.origins[0]
    return "?" + urlencode(fields, safe=":")
