"""A flight, as a reader asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, Route, expect

from puntual.data.airports import describe_airports
from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from tests.page.served import (
    ASKED,
    FLIGHT,
    Open,
    Server,
    api_chance,
    flaps,
    is_wide,
    lengths,
    serving,
    shown_chance,
    untranslated,
    with_threshold,
)

RISKS = {"low": "Low risk", "raised": "Raised risk", "high": "High risk"}


def test_asks_by_typing_names(open_page: Open, server: Server, artifact: Artifact) -> None:
    page = open_page()
    expect(page.locator("#origin-field")).to_be_hidden()
    expect(page.locator("#lead")).to_contain_text("from Santiago (SCL)")
    page.get_by_role("combobox", name="To").fill("antofa")
    page.get_by_role("option", name="Antofagasta").click()
    page.get_by_role("combobox", name="Airline").fill("sky air")
    page.get_by_role("option", name="Sky Airline").click()
    page.get_by_label("Date").fill("2017-07-14")
    page.get_by_label("Departure time").fill("18:35")
    expect(page).to_have_url(server.url + ASKED)
    shown_chance(page)
    chance = api_chance(server)
    expect(page.locator("#probability")).to_have_attribute("value", str(chance))
    assert flaps(page, "probability") == f"{round(chance * 100)}"
    assert flaps(page, "base-rate") == f"{round(artifact.training.base_rate * 100)}"
    remark = RISKS[Predictor(artifact).risk_scale.assess(chance)]
    expect(page.locator("#remark")).to_have_text(remark)
    expect(page.locator("#announcement")).to_contain_text(f"{remark}: {round(chance * 100)}%.")
    expect(page).to_have_title(re.compile("Sky Airline to Antofagasta, 14 Jul 18:35"))


@pytest.mark.parametrize(
    ("probability", "english", "spanish"),
    [
        (0.0002, "less than 0.1%", "menos de 0,1\u00a0%"),
        (0.0344, "3.4%", "3,4\u00a0%"),
        (0.312, "31%", "31\u00a0%"),
    ],
)
def test_how_likely_a_cancellation_is(
    open_page: Open, artifact: Artifact, probability: float, english: str, spanish: str
) -> None:
    assert artifact.card.cancellation is not None
    usual = artifact.card.cancellation.learned_base_rate
    for locale, wanted in (
        ("en-GB", f"The chance that it is cancelled is {english}. The usual share is {usual:.1%}."),
        (
            "es-CL",
            f"La probabilidad de que se cancele es de {spanish}. Lo habitual es 2,0\u00a0%.",
        ),
    ):
        page = open_page(locale=locale)
        answer_with(page, cancellation_probability=probability)
        page.goto(page.url + ASKED)
        expect(page.locator("#cancellation")).to_have_text(wanted)


def test_a_model_that_knows_no_cancellations_says_nothing_of_them(open_page: Open) -> None:
    page = open_page()
    answer_with(page, cancellation_probability=None)
    page.goto(page.url + ASKED)
    shown_chance(page)
    expect(page.locator("#cancellation")).to_be_hidden()


def test_what_the_model_is_known_to_be_wrong_about_stands_in_the_answer(open_page: Open) -> None:
    season = [{"group": "season", "points": 0.02, "log_odds": 0.1}]
    page = open_page(ASKED)
    notes = page.locator("#notes")
    expect(notes).to_contain_text(
        "For Sky Airline the model was too high: of 300 test flights it predicted 35% late; "
        "19% were (95% interval: 15% to 23%)."
    )
    answer_with(page, reasons=season, words=["The time of year raises it by 2 points"])
    page.goto(page.url.replace("SKU", "LAN"))
    expect(notes).to_contain_text("read from one year of flights, 1 January 2017 to 31 August 2017")
    expect(notes).not_to_contain_text("the model was too")
    answer_with(page, reasons=[season[0] | {"points": 0.001}], words=["Everything else raises it"])
    page.reload()
    expect(notes).to_contain_text("Based on the schedule only")
    expect(notes).not_to_contain_text("one year")


def answer_with(page: Page, **fields: object) -> None:
    """As a service answers whose model says something else; None: leaves it out."""

    def answer(route: Route) -> None:
        document = route.fetch().json()
        for one in document["predictions"]:
            kept = {**one, **fields}
            one.clear()
            one.update({name: value for name, value in kept.items() if value is not None})
        route.fulfill(json=document)

    page.route("**/v1/predictions*", answer)


def test_keyboard_alone(open_page: Open, server: Server) -> None:
    page = open_page("?departure=2017-07-14T17:35")
    destination, airline = page.locator("#destination"), page.locator("#airline")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.press("Tab")
    expect(destination).to_be_focused()
    assert page.locator(".cell").nth(2).evaluate("cell => getComputedStyle(cell).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    expect(destination).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(destination).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("e")
    page.keyboard.press("ArrowDown")
    active = destination.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}.active")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("scfa")
    page.keyboard.press("Enter")
    expect(destination).to_have_value("Antofagasta")
    expect(destination).to_have_accessible_description(re.compile("ANF"))
    page.keyboard.press("Tab")
    page.keyboard.type("H2")
    page.keyboard.press("Tab")
    expect(airline).to_have_value("Sky Airline")
    for _ in range(5):
        if page.locator("#time").evaluate("time => time === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.url + ASKED)
    expect(page.locator("#probability")).to_have_attribute("value", str(api_chance(server)))


def test_phone_never_scrolls_sideways(open_page: Open, server: Server) -> None:
    page = open_page(width=360, height=740)
    for query in ("", ASKED, ASKED.replace("SKU", "XQ").replace("2017", "2031")):
        page.goto(server.url + query)
        expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
        page.locator("#ask").click()
        assert not is_wide(page)
        page.locator("#airline").click()
        expect(page.locator("#airline-list")).to_be_visible()
        assert not is_wide(page)


def test_unknown_airline_is_answered_and_told(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    page.locator("#airline").fill("xq")
    page.get_by_role("option", name="Check with this code").click()
    expect(page.locator("#notes")).to_contain_text("never seen the airline XQ")
    expect(page.locator("#airline")).to_have_accessible_description(re.compile("Not known to the model"))
    assert shown_chance(page) == api_chance(server, airline="XQ")


def test_nonsense_is_told_at_its_field(open_page: Open) -> None:
    page = open_page(ASKED)
    page.locator("#airline").fill("Blorp Airways")
    expect(page.locator("#list-status")).to_contain_text("Nothing by that name")
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_contain_text("No airline “Blorp Airways” here")
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    page.locator("#airline").fill("LATAM")
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_be_empty()
    shown_chance(page)


def test_empty_form_says_what_is_missing(open_page: Open) -> None:
    page = open_page()
    page.locator("#date").fill("")
    page.get_by_role("button", name="Check").click()
    for name in ("destination", "airline", "date"):
        expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{name}-error")).not_to_be_empty()
    expect(page.locator("#destination")).to_be_focused()
    expect(page.locator("#time-error")).to_be_empty()


def test_server_down_and_back(open_page: Open, artifact: Artifact, tmp_path: Path) -> None:
    with serving(artifact, tmp_path) as server:
        page = open_page(ASKED, at=server.url)
        server.stop()
        page.locator("#time").fill("07:00")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        assert flaps(page, "probability") == ""
        server.start()
        page.get_by_role("button", name="Try again").click()
        assert shown_chance(page) == api_chance(server, scheduled_departure="2017-07-14T07:00:00")
        expect(page.get_by_role("alert")).to_be_hidden()


def test_knowledge_that_cannot_be_had_is_asked_for_again(open_page: Open) -> None:
    page = open_page()
    page.route("**/v1/model", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.locator("#destination")).to_be_disabled()
    page.unroute("**/v1/model")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#destination")).to_be_enabled()


def test_refusal_is_shown_at_its_field(open_page: Open) -> None:
    page = open_page()

    def spoil(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        body["flights"][0]["airline"] = "X"
        route.continue_(post_data=json.dumps(body))

    page.route("**/v1/predictions?*", spoil)
    page.goto(page.url + ASKED)
    expect(page.get_by_role("alert")).to_contain_text("The server cannot answer this")
    expect(page.locator("#airline-error")).not_to_be_empty()
    expect(page.locator("#airline-error")).not_to_contain_text("$.flights")
    expect(page.locator("#airline")).to_have_attribute("aria-invalid", "true")


def test_every_failure_says_what_to_do(open_page: Open) -> None:
    page = open_page(ASKED)
    statuses = [503, 500, 200]

    def fail(route: Route) -> None:
        route.fulfill(status=statuses[0], body="<oops>")

    page.route("**/v1/predictions?*", fail)
    for words in ("not ready", "something unexpected", "something unexpected"):
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
        statuses.pop(0)
    page.unroute("**/v1/predictions?*")
    page.get_by_role("button", name="Try again").click()
    shown_chance(page)


def test_wait_shows_itself(open_page: Open) -> None:
    page = open_page(ASKED)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/predictions?*", hold)
    page.locator("#time").fill("07:00")
    expect(page.locator("#remark")).to_have_text("Checking …")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    shown_chance(page)
    expect(page.locator("#remark")).to_have_text(re.compile("risk$"))


def test_reload_keeps_the_question(open_page: Open) -> None:
    page = open_page(ASKED)
    before = shown_chance(page)
    page.reload()
    expect(page.locator("#destination")).to_have_value("Antofagasta")
    expect(page.locator("#airline")).to_have_value("Sky Airline")
    expect(page.locator("#date")).to_have_value("2017-07-14")
    expect(page.locator("#time")).to_have_value("18:35")
    assert shown_chance(page) == before


def explained(server: Server, language: str) -> dict[str, Any]:
    query = f"?detail=full&language={language}"
    response = httpx.post(f"{server.url}v1/predictions{query}", json={"flights": [FLIGHT]})
    answer: dict[str, Any] = response.json()["predictions"][0]
    return answer


def test_tells_how_late_it_may_be(open_page: Open, server: Server) -> None:
    page = open_page()
    expect(page.locator("#exceedance")).to_be_hidden()
    page.goto(server.url + ASKED)
    answer = explained(server, "en")
    chances = [rung["probability"] for rung in answer["ladder"]]
    shares = ["less than 1%" if chance < 0.005 else f"{round(chance * 100)}%" for chance in chances]
    minutes = [f"more than {rung['minutes']} min" for rung in answer["ladder"]]
    said = [f"{over} {share}" for over, share in zip(minutes, shares, strict=True)]
    expect(page.locator("#exceedance li")).to_have_text(said)
    expect(page.locator("#exceedance .decides")).to_contain_text("more than 15 min")
    assert lengths(page, "#exceedance .bar", "--to") == pytest.approx(
        [rung["probability"] * 100 for rung in answer["ladder"]]
    )
    expected = round(answer["delay_minutes"]["expected"])
    expect(page.locator("#delay")).to_contain_text(f"leaves {expected} minutes late")


def test_tells_how_often_such_an_answer_came_true(open_page: Open, artifact: Artifact) -> None:
    page = open_page(ASKED)
    chance = shown_chance(page)
    bins = artifact.card.without_timetable.bins
    told = next((one for one in bins if chance <= one.most), bins[-1])
    expect(page.locator("#reliability")).to_have_text(
        f"Of {told.flights:,} test flights given a chance of {told.least:.1%} to"
        f" {told.most:.1%}, "
        f"{told.rate:.1%} left late (95% interval: {told.low:.1%} to {told.high:.1%})."
    )


def test_the_reasons_lead_from_the_usual_to_the_answer(open_page: Open, server: Server) -> None:
    page, answer = open_page(ASKED), explained(server, "en")
    shown_chance(page)
    usual, *told, total = page.locator("#reasons li").all_text_contents()
    assert (usual, total) == ("Usual: 19.0%", f"This flight: {answer['delay_probability']:.1%}")
    assert told == answer["words"]
    starts, ends = (lengths(page, "#reasons .bar", name) for name in ("--from", "--to"))
    kinds = page.locator("#reasons li").evaluate_all("lines => lines.map(line => line.className)")
    reached = ends[0]
    for start, end, kind in zip(starts[1:-1], ends[1:-1], kinds[1:-1], strict=True):
        before, after = (end, start) if kind == "fewer" else (start, end)
        assert before == pytest.approx(reached, abs=0.2)
        reached = after
    assert reached == pytest.approx(ends[-1], abs=0.2)


def test_speaks_the_readers_language(open_page: Open, server: Server) -> None:
    page = open_page(ASKED, locale="es-CL")
    shown_chance(page)
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", name="Por qué")).to_be_visible()
    answer = explained(server, "es")
    assert page.locator("#reasons li").all_text_contents()[1:-1] == answer["words"]
    chance = f"{answer['delay_probability']:.1%}".replace(".", ",").replace("%", "\u00a0%")
    expect(page.locator("#reasons li").last).to_contain_text(chance)
    assert untranslated(page) == []


def test_follows_the_reader_to_the_dark(open_page: Open) -> None:
    page = open_page(ASKED, dark=True)
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert background == "rgb(11, 14, 17)"


@pytest.mark.parametrize("still", [True, False])
def test_moves_only_where_wanted(open_page: Open, still: bool) -> None:
    page = open_page(ASKED, still=still)
    shown_chance(page)
    movement = page.locator("#probability .flap").last.evaluate(
        "flap => getComputedStyle(flap).animationName"
    )
    assert movement == ("none" if still else "turn")


@pytest.mark.parametrize("above", [0.0, 0.0004, -0.0004])
def test_near_the_cut_a_decimal_tells_which_side_it_is_on(
    open_page: Open, server: Server, above: float
) -> None:
    cut = round(api_chance(server) + above, 4)
    page = open_page()
    with_threshold(page, cut)
    page.goto(page.url + ASKED)
    chance = shown_chance(page)
    shown = flaps(page, "probability")
    wanted = page.locator("#decision-threshold-label").text_content() or ""
    least = float(wanted.removeprefix("raised from ").removesuffix("%"))
    assert abs(float(shown) - 100 * chance) <= 0.5
    assert abs(least - 100 * cut) <= 0.05
    assert (float(shown) >= least) == (chance >= cut) == (above <= 0)
    remark = RISKS["raised" if above <= 0 else "low"]
    expect(page.locator("#remark")).to_have_text(remark)
    expect(page.locator("#announcement")).to_contain_text(f"{remark}: {shown}%.")
    expect(page.locator("#exceedance .decides .share")).to_have_text(f"{shown}%")


@pytest.mark.parametrize(
    ("day", "language", "notes"),
    [
        ("2017-09-10", "en", ["read from one year of flights"]),
        ("2017-10-20", "en", ["has seen no flight around 20 October of any year"]),
        ("2017-10-20", "es", ["no ha visto vuelos en torno al 20 de octubre de ningún año"]),
        ("2026-07-14", "en", ["the model learned from left on 31 August 2017"]),
        ("1999-11-01", "es", ["1 de noviembre de ningún año", "salió el 1 de enero de 2017"]),
    ],
)
def test_a_date_far_from_what_was_learned_is_remarked(
    open_page: Open, day: str, language: str, notes: list[str]
) -> None:
    page = open_page(ASKED.replace("2017-07-14", day) + f"&lang={language}")
    shown_chance(page)
    written = page.locator("#notes li").all_text_contents()[1:]  # the first is of the airline
    assert len(written) == len(notes) + 1  # the last says what the answer is made from
    for note, wanted in zip(written, notes, strict=False):
        assert wanted in note


@pytest.fixture(scope="module")
def two_origins(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    tables = msgspec.structs.replace(
        artifact.tables,
        airports=describe_airports(["SCEL", "SCFA", "SAEZ", "KJFK", "KLGA"]),
        destinations=("KJFK", "KLGA", "SAEZ", "SCFA"),
        origins=("KJFK", "SCEL"),
    )
    folder = tmp_path_factory.mktemp("origins")
    with serving(msgspec.structs.replace(artifact, tables=tables), folder) as server:
        yield server


def test_asks_for_the_origin_where_the_model_knows_several(open_page: Open, two_origins: Server) -> None:
    page = open_page(ASKED, at=two_origins.url)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#origin-error")).not_to_be_empty()
    page.locator("#origin").fill("new york")
    page.keyboard.press("Enter")
    expect(page.locator("#origin")).to_have_value("New York")
    assert shown_chance(page) == api_chance(two_origins, origin="KJFK")
    assert "origin=KJFK" in page.url


@pytest.mark.parametrize(("locale", "shown"), [("en-GB", "New York"), ("es-CL", "Nueva York")])
def test_a_city_is_found_in_either_language_and_shown_in_the_readers(
    open_page: Open, two_origins: Server, locale: str, shown: str
) -> None:
    page = open_page(at=two_origins.url, locale=locale)
    field = page.locator("#destination")
    options = page.locator("[role=option]:visible")
    for typed in ("nueva york", "new york"):
        field.fill(typed)
        expect(options).to_have_count(2)
        expect(options.first).to_contain_text(shown)
        expect(options.first).to_contain_text("JFK")
    field.fill("buenos aires")
    expect(options.first).to_contain_text("EZE")


def test_a_busy_server_is_asked_again_by_itself(open_page: Open, server: Server) -> None:
    """What the model knows, and the flight: each is refused once, with the seconds to wait."""
    page = open_page()
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        path = route.request.url.partition("?")[0]
        if path in refused:
            route.continue_()
            return
        refused.append(path)
        route.fulfill(status=503, headers={"retry-after": "3"}, json={"detail": "too much to do"})

    page.route(re.compile("v1/(model|predictions.detail)"), refuse_once)
    page.goto(server.url + ASKED)
    expect(page.locator("#remark")).to_have_text("In line behind other requests: about 2 seconds …")
    assert shown_chance(page) == api_chance(server)
    assert len(refused) == 2
