"""The page as a reader sees it: a real Chromium against a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

from puntual.charts import web_charts
from puntual.inference.artifact import Artifact
from tests.cards import full_artifact
from tests.flights import RATES, small_booster
from tests.loadtest.test_report import interval, result_of
from tests.page.served import Open, Server, serving

SATURDAY = 5
"""Only Sky flies on that day, say."""
READY = "main > .view:visible[aria-busy=false]:not(:has(#service-board[data-state=waiting]))"
"""A view that has its first answer; the flight's has none before it is asked."""
EXPECTED = re.compile(r"error: Failed to load resource: (net::ERR_|.* status of (404|422|500|503))")


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    """Airlines differ, and weekdays; the others have one group, and are not offered. A test part is large."""
    made = full_artifact(small_booster())
    weekday = msgspec.structs.replace(RATES[0], dimension="weekday", adjusted=None)
    days = [msgspec.structs.replace(weekday, value=str(day), rate=day / 20) for day in range(1, 8)]
    days[SATURDAY] = msgspec.structs.replace(days[SATURDAY], confounder="airline", confounder_value="SKU")
    rates = [one for one in made.rates if one.dimension != "weekday"]
    leads = tuple(msgspec.structs.replace(one, every=6) for one in made.card.leads)
    card = msgspec.structs.replace(made.card, leads=leads)
    return msgspec.structs.replace(made, rates=(*rates, *days), card=card)


@pytest.fixture(scope="session")
def load_test() -> bytes:
    """The report of a load test."""
    first, last = interval(0, [1.0, 2.0, 40.0], errors={"timeout": 1}), interval(1, [3.0], last=True)
    return msgspec.json.encode(result_of(first, last))


@pytest.fixture(scope="session")
def server(
    artifact: Artifact, load_test: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all modules, with charts as `make` leaves them and a load test."""
    web_charts.main()
    folder = tmp_path_factory.mktemp("page")
    report = folder / "stress.json"
    report.write_bytes(load_test)
    with serving(artifact, folder, "--stress-report", str(report)) as server:
        yield server


class Tabs(dict[str, Page]):
    """A tab for each locale, for all tests of a module: opening one takes longer than most of them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def __missing__(self, locale: str) -> Page:
        context = self._browser.new_context(
            locale=locale,
            timezone_id="America/Santiago",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self[locale] = context.new_page()
        return self[locale]


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def open_page(tabs: Tabs, server: Server) -> Iterator[Open]:
    """Opens the page; at the end, nothing may have gone wrong in it or been fetched from elsewhere."""
    complaints: list[str] = []
    requests: list[str] = []
    used: dict[str, Page] = {}
    url = server.url

    def hear(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text}")

    def suffer(error: Error) -> None:
        complaints.append(str(error))

    def see(request: Request) -> None:
        requests.append(request.url)

    def open_page(
        query: str = "",
        *,
        locale: str = "en-GB",
        width: int = 1280,
        height: int = 900,
        at: str = url,
        dark: bool = False,
        still: bool = True,
        ready: str = "",
    ) -> Page:
        nonlocal url
        url = at
        tab = tabs[locale]
        if locale not in used:
            used[locale] = tab
            tab.on("console", hear)
            tab.on("pageerror", suffer)
            tab.on("request", see)
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(
            color_scheme="dark" if dark else "light", reduced_motion="reduce" if still else "no-preference"
        )
        tab.goto(url + query)
        shown = READY if "view=" in query else "#answer[aria-busy=false]"
        expect(tab.locator(ready or shown)).to_be_visible()
        return tab

    yield open_page
    for tab in used.values():
        tab.context.set_offline(False)
        tab.unroute_all(behavior="ignoreErrors")
        tab.remove_listener("console", hear)
        tab.remove_listener("pageerror", suffer)
        tab.remove_listener("request", see)
        tab.goto("about:blank")
    assert [complaint for complaint in complaints if not EXPECTED.match(complaint)] == []
    assert [address for address in requests if not address.startswith((url, "data:"))] == []
