"""The hours and days around a flight."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Page, expect

from tests.page.served import ASKED, FLIGHT, Open, Server, shown_chance

HOURS = "#alternatives-hours a"
DAYS = "#alternatives-days a"


def chances(server: Server, moments: list[str]) -> list[float]:
    flights = [FLIGHT | {"scheduled_departure": moment} for moment in moments]
    predictions = httpx.post(f"{server.url}v1/predictions", json={"flights": flights}).json()["predictions"]
    return [prediction["delay_probability"] for prediction in predictions]


def labels(page: Page, links: str) -> list[str]:
    return [link.get_attribute("aria-label") or "" for link in page.locator(links).all()]


def spoken(chance: float) -> str:
    whole = round(chance * 100)
    return "less than 1%" if whole == 0 else "more than 99%" if whole == 100 else f"{whole}%"


def test_tells_the_other_hours_and_days(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    expect(page.locator(HOURS)).to_have_count(24)
    told = labels(page, HOURS)
    hours = [f"{hour:02d}:35" for hour in range(24)]
    of_hours = chances(server, [f"2017-07-14T{hour}:00" for hour in hours])
    assert told == [f"{hour}: {spoken(chance)}" for hour, chance in zip(hours, of_hours, strict=True)]
    expect(page.locator(DAYS)).to_have_count(15)
    told = labels(page, DAYS)
    of_days = chances(server, [f"2017-07-{day:02d}T18:35:00" for day in range(7, 22)])
    assert [label.split(": ")[1] for label in told] == [spoken(chance) for chance in of_days]
    assert re.match(r"Fri,? 7 Jul: ", told[0])
    expect(page.locator(f"{HOURS}[aria-current]")).to_have_text(re.compile("18"))


def test_one_of_them_becomes_the_question(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    shown_chance(page)
    page.get_by_role("link", name="07:35").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#time")).to_have_value("07:35")
    expect(page).to_have_url(server.url + ASKED.replace("18:35", "07:35"))
    expect(page.locator(f"{HOURS}[aria-current]")).to_have_text(re.compile("07"))
    (chance,) = chances(server, ["2017-07-14T07:35:00"])
    expect(page.locator("#probability")).to_have_attribute("value", str(chance))
    page.go_back()
    expect(page.locator("#time")).to_have_value("18:35")


def test_the_answer_stands_without_them(open_page: Open) -> None:
    page = open_page()
    page.route("**/v1/predictions", lambda route: route.abort())
    page.goto(page.url + ASKED)
    shown_chance(page)
    expect(page.locator("#exceedance")).to_be_visible()
    expect(page.locator("#alternatives")).to_be_hidden()


def test_the_link_to_an_answer_can_be_copied(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    shown_chance(page)
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == server.url + ASKED
