"""How fast views of the page are, in a real Chromium: `python -m benchmarks.page board --model MODEL`.

A view's measurement is a function of `VIEWS`: a page opened at the server's address -> what was measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from tests.browser import FLAGS, find_chromium

ROUNDS = 5
BOARD_ROWS = 10_000
START_SECONDS = 30

WATCH = """() => {
  window.watched = { gaps: [], tasks: [] };
  let last = performance.now();
  const look = (now) => { window.watched.gaps.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.watched.tasks.push(task.duration);
  }).observe({ type: "longtask" });
}"""
FORGET = "() => { window.watched.gaps = []; window.watched.tasks = []; }"
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


def board(page: Page, url: str) -> dict[str, Any]:
    """Drop a schedule of 10,000 rows, scroll it, sort it, filter it, search it."""
    known = _known(url)
    schedule = FilePayload(name="day.csv", mimeType="text/csv", buffer=_schedule(known, BOARD_ROWS))
    page.goto(f"{url}/?view=board")
    page.wait_for_selector("#forms-list li", state="attached")
    page.evaluate(WATCH)
    begun = time.perf_counter()
    page.set_input_files("#file", schedule)
    page.wait_for_selector("#sheet tbody tr")
    dropped = time.perf_counter() - begun
    loading = page.evaluate("() => Math.max(0, ...window.watched.tasks)")
    measured = {"drop_s": dropped, "longest_task_while_loading_ms": loading}
    acts = {"idle": _idle, "scroll": _scroll, "sort": _sort, "filter": _filter, "search": _search}
    for name, act in acts.items():
        page.wait_for_timeout(300)
        page.evaluate(FORGET)
        act(page)
        page.wait_for_timeout(300)
        measured |= {f"{name}_{key}": value for key, value in page.evaluate(GAPS).items()}
    return measured


GAPS = """() => ({
  longest_frame_ms: Math.max(...window.watched.gaps),
  frames: window.watched.gaps.length,
  frames_over_50_ms: window.watched.gaps.filter((gap) => gap > 50).length,
  long_tasks: window.watched.tasks.length,
})"""


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


def _known(url: str) -> dict[str, Any]:
    def get(path: str) -> Any:
        with urllib.request.urlopen(f"{url}/{path}", timeout=10) as answer:
            return json.load(answer)

    return {name: get(f"v1/{name}") for name in ("airlines", "destinations", "model")}


def _schedule(known: dict[str, Any], rows: int) -> bytes:
    """A CSV of made-up flights in Puntual's own columns, a month's worth."""
    chance = random.Random(1)
    first = dt.datetime.fromisoformat(known["model"]["training"]["first"])
    lines = ["scheduled_departure,airline,origin,destination,flight_number"]
    for number in range(rows):
        moment = first + dt.timedelta(minutes=chance.randrange(30 * 24 * 60))
        codes = [chance.choice(known[name])["code"] for name in ("airlines", "destinations")]
        origin = chance.choice(known["model"]["origins"])["code"]
        lines.append(f"{moment:%Y-%m-%dT%H:%M},{codes[0]},{origin},{codes[1]},{number}")
    return "\n".join(lines).encode()


VIEWS: dict[str, Callable[[Page, str], dict[str, Any]]] = {"board": board}


@contextmanager
def _serving(model: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "puntual", "serve", "--model", model, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    try:
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def measure(browser: Browser, view: str, url: str, rounds: int) -> dict[str, dict[str, float]]:
    """Median and worst of some rounds, each in a browser context of its own, so that nothing is cached."""
    told: dict[str, list[float]] = {}
    for _ in range(rounds):
        with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
            for name, value in VIEWS[view](context.new_page(), url).items():
                told.setdefault(name, []).append(value)
    return {
        name: {"median": round(statistics.median(values), 3), "worst": round(max(values), 3)}
        for name, values in told.items()
    }


def main() -> None:
    """Measure a view and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("view", choices=VIEWS)
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    with _serving(asked.model) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        told = {"view": asked.view, "browser": browser.version, "rounds": asked.rounds}
        print(json.dumps(told | measure(browser, asked.view, url, asked.rounds), indent=2))


if __name__ == "__main__":
    main()
