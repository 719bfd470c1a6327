"""The views of the page: which is shown, and how one gets from one to another."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from puntual.inference.artifact import Artifact
from tests.page.served import ASKED, Open, Server, shown_chance, untranslated


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


def test_the_other_language_keeps_what_is_there(open_page: Open) -> None:
    page = open_page(ASKED)
    chance = shown_chance(page)
    page.evaluate("window.isSamePage = true")
    switch = page.locator("#other-language")
    page.locator("#airline").fill("nobody")
    switch.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Saldrá a tiempo?")
    expect(switch).to_be_focused()
    expect(switch).to_have_text("English")
    expect(page.locator("#airline")).to_have_value("nobody")
    expect(page.locator("#airline-error")).to_contain_text("No hay una aerolínea “nobody”")
    expect(page.locator("#airline")).to_have_attribute("placeholder", re.compile("código"))
    expect(page.locator("#date-hint")).to_have_text("viernes 14 de julio de 2017")
    assert untranslated(page) == []
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Will it leave on time?")
    page.go_back()
    assert shown_chance(page) == chance
    expect(page.locator("#airline")).to_have_value("Sky Airline")
    expect(page.locator("#date-hint")).to_have_text("Friday, 14 July 2017")
    page.get_by_role("link", name="Español").click()
    assert shown_chance(page) == chance
    expect(page.locator("#reasons")).to_contain_text(f"{100 * chance:.1f}".replace(".", ",") + "\u00a0%")
    page.get_by_role("link", name="El modelo").click()
    expect(page.get_by_role("heading", name="De dónde viene el número")).to_be_visible()
    assert "lang=es" in page.url
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Where the number comes from")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="De dónde viene el número")).to_be_visible()
    assert page.evaluate("window.isSamePage")


def test_a_schedule_stays_open_in_the_other_language(open_page: Open) -> None:
    page = open_page("?view=board")
    page.get_by_role("button", name="Try a sample day").click()
    expect(page.locator("#count")).to_contain_text("flights")
    shown = page.locator("#total-flights").text_content() or ""
    page.locator("#other-language").click()
    expect(page.locator("#count")).to_contain_text("vuelos")
    expect(page.locator("#total-flights")).to_have_text(shown)
    expect(page.locator("#view-board")).to_contain_text("Día de ejemplo")
    assert untranslated(page) == []


def test_back_leads_to_the_question_before_it_was_changed(open_page: Open) -> None:
    page = open_page(ASKED)
    shown_chance(page)
    page.locator("#time").fill("07:00")
    page.locator("#time").fill("07:15")
    expect(page).to_have_url(re.compile("T07:15$"))
    page.go_back()
    expect(page.locator("#time")).to_have_value("18:35")
    expect(page).to_have_url(re.compile("T18:35$"))
    page.locator("#alternatives-hours a").nth(6).click()
    expect(page.locator("#time")).to_have_value("06:35")
    expect(page.locator("#alternatives-hours a").nth(6)).to_be_focused()
    labels = page.locator("#alternatives-days .label").all_text_contents()
    assert labels[7] == "Fri 14"
    assert len({*labels}) == 15
