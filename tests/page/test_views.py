"""The views of the page: which is shown, and how one gets from one to another."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from puntual.inference.artifact import Artifact
from tests.page.served import ASKED, Open, Server, shown_chance


def test_the_address_holds_the_view(open_page: Open, artifact: Artifact) -> None:
    page = open_page(ASKED)
    chance = shown_chance(page)
    page.get_by_role("link", name="The model").click()
    expect(page.get_by_role("heading", name="Where the number comes from")).to_be_visible()
    expect(page.locator("#model-name")).to_have_text(artifact.name)
    expect(page.locator("#question")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?view=model$"))
    expect(page).to_have_title("The model · Puntual")
    expect(page.get_by_role("link", name="The model")).to_have_attribute("aria-current", "page")
    page.reload()
    expect(page.locator("#model-name")).to_have_text(artifact.name)
    page.go_back()
    assert shown_chance(page) == chance
    page.go_forward()
    expect(page.locator("#model-name")).to_be_visible()


def test_a_link_leads_back_to_where_one_was(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    chance = shown_chance(page)
    page.get_by_role("link", name="The model").click()
    expect(page.locator("#model-name")).to_be_visible()
    page.get_by_role("link", name="A flight").click()
    expect(page).to_have_url(server.url + ASKED)
    assert shown_chance(page) == chance


def test_an_unknown_view_is_that_of_a_flight(open_page: Open) -> None:
    page = open_page("?view=toString", ready="#answer[aria-busy=false]")
    expect(page.locator("#question")).to_be_visible()


def test_a_view_that_cannot_be_had_is_asked_for_again(open_page: Open) -> None:
    page = open_page()
    page.route("**/model/model.html", lambda route: route.abort())
    page.get_by_role("link", name="The model").click()
    expect(page.locator("#view-failure")).to_contain_text("cannot be loaded")
    page.unroute("**/model/model.html")
    page.get_by_role("link", name="The model").click()
    expect(page.locator("#model-name")).to_be_visible()
    expect(page.locator("#view-failure")).to_be_hidden()


def test_the_other_language_is_a_link_away(open_page: Open) -> None:
    page = open_page(ASKED)
    chance = shown_chance(page)
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("heading", name="Por qué")).to_be_visible()
    assert shown_chance(page) == chance
    page.get_by_role("link", name="El modelo").click()
    expect(page.get_by_role("heading", name="De dónde viene el número")).to_be_visible()
    assert "lang=es" in page.url
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Where the number comes from")).to_be_visible()
