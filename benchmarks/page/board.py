"""The board: a schedule dropped until it can be scrolled, and its frames while it is used."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator

from playwright.sync_api import Browser, FilePayload, Page

from benchmarks.page.figures import Figure
from deploy.stress.flights import Catalogue, read_catalogue

ROWS = 10_000
DROPPED_MS = 2000
FRAME_MS = 50
MAX_ROUNDS = 5

WATCH = """() => {
  window.watched = { gaps: [] };
  let last = performance.now();
  const look = (now) => { window.watched.gaps.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);
}"""
FORGET = "() => { window.watched.gaps = []; }"
SCROLL = """async (steps) => {
  const sheet = document.getElementById("sheet");
  const frame = () => new Promise(requestAnimationFrame);
  for (let step = 1; step <= steps; step += 1) {
    sheet.scrollTop = (sheet.scrollHeight * ((step * 37) % steps)) / steps; // far jumps
    await frame();
    sheet.scrollTop += 240; // and near ones
    await frame();
  }
}"""


def measure(browser: Browser, url: str, rounds: int) -> Iterator[Figure]:
    """Each round has a browser's context of its own; the idle page is what the machine does by itself."""
    found: dict[str, list[float]] = {}
    for _ in range(min(rounds, MAX_ROUNDS)):
        with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
            for name, value in _round(context.new_page(), url).items():
                found.setdefault(name, []).append(value)
    yield Figure(f"{ROWS:,} rows dropped until they can be scrolled", found.pop("dropped"), DROPPED_MS)
    for name, values in found.items():
        yield Figure(f"longest frame: {name}", values, FRAME_MS)


def _round(page: Page, url: str) -> dict[str, float]:
    schedule = FilePayload(name="day.csv", mimeType="text/csv", buffer=_schedule(read_catalogue(url)))
    page.goto(f"{url}/?view=board")
    page.wait_for_selector("#formats-list li", state="attached")
    page.evaluate(WATCH)
    begun = time.perf_counter()
    page.set_input_files("#file", schedule)
    page.wait_for_selector("#sheet .departure")
    measured = {"dropped": 1000 * (time.perf_counter() - begun)}
    acts = {"idle": _idle, "scroll": _scroll, "sort": _sort, "filter": _filter, "search": _search}
    for name, act in acts.items():
        page.wait_for_timeout(300)
        page.evaluate(FORGET)
        act(page)
        page.wait_for_timeout(300)
        measured[name] = float(page.evaluate("Math.max(...window.watched.gaps)"))
    return measured


def _idle(page: Page) -> None:
    """What the machine does by itself, to hold the rest against."""
    page.wait_for_timeout(2000)


def _scroll(page: Page) -> None:
    page.evaluate(SCROLL, 120)


def _sort(page: Page) -> None:
    for by in ("probability", "airline", "destination", "time", "time"):
        page.click(f"#sheet [data-sort={by}]")
        page.wait_for_timeout(150)


def _filter(page: Page) -> None:
    for field in ("filter-day", "filter-airline", "filter-destination"):
        for index in (1, 2, 0):
            page.select_option(f"#{field}", index=index)
            page.wait_for_timeout(150)
    for _ in range(2):
        page.click("#filter-warned")
        page.wait_for_timeout(150)
        page.click("#hours .hour:nth-child(9)")
        page.wait_for_timeout(150)


def _search(page: Page) -> None:
    for word in ("lima", "la 1", "18:", "xyz"):
        page.fill("#search", "")
        page.type("#search", word, delay=40)
        page.wait_for_timeout(200)


def _schedule(catalogue: Catalogue) -> bytes:
    """A CSV of made-up flights in Puntual's own columns, a month's worth."""
    chance = random.Random(1)
    first = dt.datetime.fromisoformat(catalogue.first)
    lines = ["scheduled_departure,airline,origin,destination,flight_number"]
    for number in range(ROWS):
        moment = first + dt.timedelta(minutes=chance.randrange(30 * 24 * 60))
        lists = (catalogue.airlines, catalogue.origins, catalogue.destinations)
        codes = ",".join(chance.choice(codes) for codes in lists)
        lines.append(f"{moment:%Y-%m-%dT%H:%M},{codes},{number}")
    return "\n".join(lines).encode()
