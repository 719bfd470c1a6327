"""Airlines and airports are chosen as people know them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import expect

from puntual.data.airports import describe_airlines, describe_airports
from puntual.inference.artifact import Artifact
from puntual.inference.rates import AirlineRoute
from tests.page.served import ASKED, Open, Server, lengths, serving, shown_chance

FLOWN = {
    ("LAN", "SCFA"): 5000,
    ("LAN", "SAEZ"): 900,
    ("TAM", "SBGR"): 1200,
    ("LXP", "SCFA"): 2000,
    ("XLE", "SEQU"): 1,
    ("SKU", "SCFA"): 3000,
    ("ARG", "SABE"): 700,
    ("SKU", "KJFK"): 30,
}
NAMES = {code: code for code in ("LAN", "TAM", "LXP", "XLE", "SKU", "ARG", "KLM", "CMP")}
AIRPORTS = ("SCEL", "SCFA", "SAEZ", "SABE", "SBGR", "SEQU", "KJFK", "SCQP", "CYYZ", "MPTO", "SCIE", "SCPQ")


@pytest.fixture(scope="module")
def many(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Airlines of one group, a city with two airports, cities that the runways lie outside of."""
    tables = msgspec.structs.replace(
        artifact.tables,
        airlines=describe_airlines(NAMES, NAMES),
        airports=describe_airports(AIRPORTS),
        destinations=AIRPORTS[1:],
    )
    routes = tuple(
        AirlineRoute(
            airline=airline,
            origin="SCEL",
            destination=destination,
            flights=flights,
            delayed=flights // 5,
            hours=(0,) * 7 + (flights,) + (0,) * 16,
        )
        for (airline, destination), flights in FLOWN.items()
    )
    made = msgspec.structs.replace(artifact, tables=tables, airline_routes=routes)
    with serving(made, tmp_path_factory.mktemp("choosing")) as server:
        yield server


def test_a_name_that_several_airlines_have_is_not_taken_for_one(open_page: Open, many: Server) -> None:
    page = open_page(at=many.url)
    airline, options = page.locator("#airline"), page.locator("[role=option]:visible")
    airline.fill("latam")
    expect(options).to_have_count(3)
    expect(options.first).to_contain_text("LATAM Airlines")
    expect(options.first).to_contain_text("5,900 flights")
    height = options.first.evaluate("option => option.offsetHeight")
    assert 30 <= height <= 64
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_contain_text("“latam” can be LATAM Airlines (LA)")
    expect(airline).to_have_value("latam")
    airline.fill("latam")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_be_empty()
    expect(airline).to_have_value("LATAM Express")


def test_airlines_of_the_route_come_first(open_page: Open, many: Server) -> None:
    page = open_page(ASKED, at=many.url)
    options = page.locator("[role=option]:visible")
    page.locator("#airline").click()
    expect(options.first).to_contain_text("5,000 flights on this route")
    expect(options.nth(2)).to_contain_text("2,000 flights on this route")
    expect(options.nth(3)).to_contain_text("did not fly this route")
    expect(page.locator("#latest")).to_have_text(re.compile(r"1 in 10 of these leaves after \d\d:\d\d\."))
    compared = page.locator("#route-airlines li")
    expect(compared).to_have_count(3)
    expect(compared.filter(has_text="LATAM Airlines")).to_contain_text("5,000 flights, 20% late")
    shares = [float(bar) for bar in lengths(page, "#route-airlines .bar", "--to")]
    assert shares == sorted(shares)
    page.locator("#airline").fill("KLM")
    page.keyboard.press("Enter")
    shown_chance(page)
    expect(page.locator("#notes")).not_to_contain_text("did not fly")  # never seen at all, which is said
    page.locator("#airline").fill("aerolineas")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("did not fly from Santiago to Antofagasta")


@pytest.mark.parametrize(
    ("locale", "searches"),
    [
        (
            "en-GB",
            {
                "Temuco": "ZCO",
                "toronto": "YYZ",
                "panama": "PTY",
                "concepcion": "CCP",
                "chiloe": "MHC",
                "antofagsta": "ANF",
                "nueva york": "JFK",
            },
        ),
        ("es-CL", {"Nueva York": "JFK", "Panamá": "PTY", "Concepción": "CCP", "Antofagasat": "ANF"}),
    ],
)
def test_cities_are_found_as_people_say_them(
    open_page: Open, many: Server, locale: str, searches: dict[str, str]
) -> None:
    page = open_page(at=many.url, locale=locale)
    field, options = page.locator("#destination"), page.locator("[role=option]:visible")
    for typed, tile in searches.items():
        field.fill(typed)
        expect(options).to_have_count(1)
        expect(options.locator(".tile")).to_have_text(tile)
    field.fill("buenos aires")
    expect(options.locator(".tile")).to_have_text(["EZE", "AEP"])
    field.fill("concep")
    expect(options.locator(".title")).to_have_text("Concepción")


def test_recent_questions_are_kept_in_the_browser(open_page: Open, many: Server) -> None:
    page = open_page(ASKED, at=many.url)
    shown_chance(page)
    page.goto(many.url)
    recent = page.locator("#recent a").first
    expect(recent).to_have_text("Sky Airline to Antofagasta, 14 Jul, 18:35")
    recent.click()
    shown_chance(page)
    assert page.url == many.url + ASKED
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator("#recent")).to_be_hidden()
    page.goto(many.url)
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#recent")).to_be_hidden()


def test_a_flight_number_fills_in_the_form_and_has_a_record(open_page: Open, server: Server) -> None:
    page = open_page()
    field, record, hint = (page.locator(f"#{name}") for name in ("number", "flight-number", "number-hint"))
    date, time = page.locator("#date"), page.locator("#time")
    date.fill("2017-09-01")
    field.fill("la199")
    page.keyboard.press("Enter")
    shown_chance(page)
    expect(field).to_have_value("LA 199")
    expect(page.locator("#destination-field .tile")).to_have_text("ANF")
    expect(time).to_have_value("18:35")
    for fact in (
        "120 departures; 25% more than 15 minutes late",
        "Median: 2 minutes late; nine in ten: 41 minutes late at most",
        "Mon, Tue, Wed, Thu and Fri 18:35 · Sun 09:10",
        "30 Aug 18 minutes late · 7 Jul 3 minutes early",
        "the data end on 31 August 2017",
    ):
        expect(record).to_contain_text(fact)
    date.fill("2017-09-03")
    expect(time).to_have_value("09:10")
    expect(hint).to_contain_text("If you know it")
    date.fill("2017-09-02")
    expect(hint).to_contain_text("LA 199 did not leave on a Saturday")
    expect(time).to_have_value("18:35")
    page.reload()
    expect(record).to_contain_text("120 departures")
    expect(field).to_have_value("LA 199")
    record.get_by_role("button", name="to Buenos Aires, until 2 March 2017").click()
    expect(page.locator("#destination-field .tile")).to_have_text("EZE")
    expect(record).to_contain_text("8 departures")
    page.locator("#airline").fill("Sky")
    page.keyboard.press("Enter")
    expect(field).to_have_value("")
    expect(record).to_be_hidden()
    field.fill("LA 9999")
    page.keyboard.press("Tab")
    expect(page.locator("#number-error")).to_contain_text("no flight “LA 9999” in the data")
