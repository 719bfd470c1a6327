"""The page, served to a real Chromium by a real server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from puntual.inference.artifact import Artifact, write_artifact
from tests.ports import free_port

WEB = Path(str(files("puntual.serving"))) / "web"
STYLES = ("theme.css", "style.css", "controls.css", "question.css", "answer.css", "detail.css", "print.css")
OWN = ("index.html", *STYLES, "favicon.svg", "messages/en.json", "messages/es.json")
COMMAND = (sys.executable, "-m", "puntual", "serve")
START_SECONDS = 60
ASKED = "?destination=SCFA&airline=SKU&departure=2017-07-14T18:35"
FLIGHT = {"destination": "SCFA", "airline": "SKU", "scheduled_departure": "2017-07-14T18:35:00"}

Open = Callable[..., Page]


class Server:
    """`puntual serve` in a process of its own, on a port that stays the same when it comes back."""

    def __init__(self, model: Path, *options: str) -> None:
        self._model, self._options = model, options
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self.log = model.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*COMMAND, "--model", str(self._model), "--port", self._port, *self._options]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}readyz").status_code == 200:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        pytest.fail(f"puntual serve did not start: {self.log.read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None


@contextlib.contextmanager
def serving(artifact: Artifact, folder: Path, *options: str) -> Iterator[Server]:
    model = folder / "page.puntual"
    write_artifact(artifact, model)
    server = Server(model, *options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wait_for(holds: Callable[[], bool]) -> None:
    """Until something holds, which the page does not show."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def api_chance(server: Server, **changes: str) -> float:
    response = httpx.post(f"{server.url}v1/predictions", json={"flights": [FLIGHT | changes]})
    response.raise_for_status()
    return float(response.json()["predictions"][0]["delay_probability"])


def shown_chance(page: Page) -> float:
    expect(page.locator("#answer")).to_have_attribute("data-state", "answered")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    return float(page.locator("#probability").get_attribute("value") or "nan")


def with_threshold(page: Page, cut: float) -> None:
    """As a server would answer that was given another threshold."""

    def describe(route: Route) -> None:
        model = route.fetch().json()
        raised = {"risk": "raised", "cut": cut, "called": 0.3, "precision": 0.25, "recall": 0.6}
        route.fulfill(json=model | {"cut": cut, "risk_levels": [raised, raised | {"risk": "high", "cut": 1}]})

    def answer(route: Route) -> None:
        document = route.fetch().json()
        for one in document["predictions"]:
            one["delayed"] = one["delay_probability"] >= cut
            one["risk"] = "raised" if one["delayed"] else "low"
        route.fulfill(json=document)

    page.route("**/v1/model", describe)
    page.route("**/v1/predictions*", answer)


def flaps(page: Page, figure: str) -> str:
    return "".join(page.locator(f"#{figure} .flap").all_text_contents())


def is_wide(page: Page) -> bool:
    """Whether it would have to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def untranslated(page: Page) -> list[str]:
    """Keys of texts that are shown in place of the texts."""
    keys = json.loads((WEB / "messages/en.json").read_text("utf-8"))
    shown = page.inner_text("body")
    return [key for key in keys if key in shown]


def lengths(page: Page, bars: str, name: str) -> list[float]:
    read = "(bars, name) => bars.map((bar) => parseFloat(bar.style.getPropertyValue(name)))"
    found: list[float] = page.locator(bars).evaluate_all(read, name)
    return found
