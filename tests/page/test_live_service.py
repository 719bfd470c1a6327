"""The live board in front of the real service: what is sent to it appears on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from puntual.inference.artifact import Artifact
from tests.page.served import Open, Server, serving, wait_for

DATE = "2017-07-14"
LIVE = "?view=board"
PLANNED = [
    {
        "airline": "SKU",
        "destination": "SCFA",
        "flight_number": "101",
        "scheduled_departure": f"{DATE}T07:05:00",
    },
    {
        "airline": "LAN",
        "destination": "SAEZ",
        "flight_number": "450",
        "scheduled_departure": f"{DATE}T07:40:00",
    },
    {
        "airline": "SKU",
        "destination": "SCFA",
        "flight_number": "7",
        "scheduled_departure": f"{DATE}T18:35:00",
    },
]


@pytest.fixture(scope="module")
def server(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with a store, for which it is as late as the last that it was told."""
    folder = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUNTUAL_CLOCK", "events")
        with serving(artifact, folder, "--store", f"sqlite:///{folder / 'store.db'}") as server:
            yield server


def send(server: Server, method: str, path: str, document: object) -> None:
    httpx.request(method, f"{server.url}v1/{path}", json=document).raise_for_status()


def plan(server: Server, date: str = DATE, known: str = "2017-07-13T12:00:00-04:00") -> None:
    flights = [
        one | {"scheduled_departure": one["scheduled_departure"].replace(DATE, date)} for one in PLANNED
    ]
    send(server, "PUT", f"timetables/SCEL/{date}", {"flights": flights, "known_at": known})


def know(server: Server, event: str, place: int, time: str, **more: Any) -> None:
    """An event of the flight at a place of the plan, known at a time of its day."""
    flight = {name: PLANNED[place][name] for name in ("airline", "flight_number", "scheduled_departure")}
    known = {"known_at": f"{DATE}T{time}:00-04:00"}
    send(server, "POST", "events", [{"event": event, "origin": "SCEL"} | flight | known | more])


def statuses(page: Page) -> list[str]:
    return page.locator("#live-sheet .body .status").all_text_contents()


def test_a_day_as_it_happens(open_page: Open, server: Server) -> None:
    page = open_page(LIVE)
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    plan(server)
    expect(page.locator("#live-count")).to_have_text("3 of 3 flights", timeout=15_000)
    expect(page.locator("#live-as-of")).to_have_text("as of 12:00 on 13 July 2017")
    assert statuses(page) == ["Scheduled"] * 3
    shares = page.locator("#live-sheet .body .share")
    expect(shares).to_have_text([re.compile(r"^\d+(\.\d)?%$")] * 3)
    know(server, "departure", 0, "07:31", actual_departure=f"{DATE}T07:30:00")
    status = page.locator("#live-sheet .body .status")
    expect(status).to_have_text(["Left", "Scheduled", "Scheduled"])
    expect(page.locator("#live-as-of")).to_have_text("as of 07:31")
    expect(page.locator("#live-sheet .body .estimate").first).to_have_text("07:30")
    expect(page.locator("#live-words")).to_contain_text(
        "Today 1 of 3 flights has left; 1 of them more than 15 minutes late."
    )
    know(server, "estimate", 1, "07:35", estimated_departure=f"{DATE}T08:20:00")
    expect(page.locator("#live-sheet .body .minutes").nth(1)).to_have_text("+40\u00a0min")
    know(server, "cancellation", 2, "07:50")
    expect(status).to_have_text(["Left", "Overdue", "Cancelled"])
    know(server, "departure", 0, "07:56", actual_departure=f"{DATE}T07:31:00")
    expect(status).to_have_text(["Left", "Late", "Cancelled"])
    expect(page.locator("#live-sheet .body .estimate").first).to_have_text("07:31")
    expect(page.locator("#live-news")).to_contain_text("Late: LA 450 to Buenos Aires, 07:40")


def test_a_service_that_comes_back_has_kept_the_day(open_page: Open, server: Server) -> None:
    plan(server, "2017-07-16", "2017-07-15T12:00:00-04:00")
    wait_for(lambda: "2017-07-16" in httpx.get(f"{server.url}v1/board").text)
    page = open_page(f"{LIVE}&origin=SCEL&date=2017-07-16")
    expect(page.locator("#live-date")).to_have_value("2017-07-16")
    expect(page.locator("#live-count")).to_have_text("3 of 3 flights")
    server.stop()
    expect(page.locator("#live-notice")).to_contain_text("The connection is lost")
    server.start()
    expect(page.locator("#live-notice")).to_be_hidden(timeout=30_000)
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator("#live-count")).to_have_text("3 of 3 flights")
