"""The page as a reader sees it: a real Chromium against a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

from puntual.inference.artifact import Artifact
from tests.cards import full_artifact
from tests.flights import small_booster
from tests.page.served import (
    Open,
    Server,
    serving,
)


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    return full_artifact(small_booster())


@pytest.fixture(scope="module")
def server(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(artifact, tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all tests: opening one takes longer than most of them."""
    context = browser.new_context(locale="en-GB", timezone_id="America/Santiago")
    yield context.new_page()
    context.close()


@pytest.fixture
def open_page(tab: Page, server: Server) -> Iterator[Open]:
    """Opens the page; at the end, nothing may have gone wrong in it or been fetched from elsewhere."""
    complaints: list[str] = []
    requests: list[str] = []
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
        width: int = 1280,
        height: int = 900,
        at: str = url,
        dark: bool = False,
        still: bool = True,
        ready: str = "",
    ) -> Page:
        nonlocal url
        url = at
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(
            color_scheme="dark" if dark else "light", reduced_motion="reduce" if still else "no-preference"
        )
        tab.goto(url + query)
        later = "main > .view:visible[aria-busy=false]"
        expect(
            tab.locator(ready or (later if "view=" in query else "#answer[aria-busy=false]"))
        ).to_be_visible()
        return tab

    tab.on("console", hear)
    tab.on("pageerror", suffer)
    tab.on("request", see)
    yield open_page
    tab.unroute_all(behavior="ignoreErrors")
    tab.remove_listener("console", hear)
    tab.remove_listener("pageerror", suffer)
    tab.remove_listener("request", see)
    tab.goto("about:blank")
    expected = re.compile(r"error: Failed to load resource: (net::ERR_|.* status of (422|500|503))")
    assert [complaint for complaint in complaints if not expected.match(complaint)] == []
    assert [address for address in requests if not address.startswith((url, "data:"))] == []
