"""How delays are composed, as the page tells it."""

from __future__ import annotations

import re
from typing import Any

import httpx
from playwright.sync_api import Page, Request, Route, expect

from puntual.charts.charts import FEW_ROWS
from puntual.inference.artifact import Artifact
from puntual.statistics.rates import MIN_GROUP_SIZE
from tests.page.served import Open, Server, is_wide, untranslated

POINTS, MARKS = ".mark-symbol.role-mark path", ".mark-rect.role-mark path"
READY = "#view-delays[aria-busy=false]"


def told(server: Server, path: str) -> Any:
    answer = httpx.get(f"{server.url}v1/{path}")
    answer.raise_for_status()
    return answer.json()


def cells(page: Page, table: str) -> list[list[str]]:
    read = "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    found: list[list[str]] = page.locator(f"#{table} tr").evaluate_all(read)
    return found


def mean_of(one: Any) -> str:
    return f"mean delay {one['mean_delay']:.1f} min"


def few(one: Any) -> str:
    return " · few" if one["small"] else ""


def rates_shown(page: Page) -> list[list[str]]:
    return cells(page, "rates-rows")


def test_the_figures_are_those_of_the_api(open_page: Open, server: Server) -> None:
    page = open_page("?view=delays")
    rates = told(server, "rates?by=airline")
    lead = page.locator("#delays-lead")
    expect(lead).to_contain_text(f"{rates['flights']:,} flights")
    expect(lead).to_contain_text(f"{rates['base_rate']:.1%} left more than {rates['threshold_minutes']} min")
    expect(lead).to_contain_text("from 1 January 2017 to 31 August 2017")
    names = {"SKU": "Sky Airline (H2)", "LAN": "LATAM Airlines (LA)", "ARG": "ARG"}
    assert rates_shown(page) == [
        [
            f"{names[one['value']]}{one['flights']:,} flights · {mean_of(one)}{few(one)}",
            f"{one['rate']:.1%} {within(one['low'], one['high'])}",
            f"{one['adjusted']:.1%} {within(one['adjusted_low'], one['adjusted_high'])}",
        ]
        for one in rates["rates"]
    ]
    expect(page.locator("#rates-rows tr.small")).to_contain_text("ARG")
    expect(page.locator("#rates-rows tr.small")).to_contain_text("too few days for an interval")
    consecutive = f"blocks of {rates['block_days']} consecutive days"
    expect(page.locator("#interval-meaning")).to_contain_text(consecutive)


def within(low: float | None, high: float | None) -> str:
    return "too few days for an interval" if low is None else f"{low:.1%} to {high:.1%}"


def test_month_by_hour_is_told_cell_by_cell(open_page: Open, server: Server) -> None:
    page = open_page("?view=delays")
    (head,) = cells(page, "interactions-head")
    rows = cells(page, "interactions-rows")
    assert head == ["", "00", "07", "18"]
    assert [row[0] for row in rows] == ["January", "February", "July"]
    given = {(one["first_value"], one["second_value"]): one for one in told(server, "crossings")["crossings"]}
    for month, row in zip(("1", "2", "7"), rows, strict=True):
        for hour, shown in zip(("0", "7", "18"), row[1:], strict=True):
            one = given[month, hour]
            assert shown == f"{100 * one['rate']:.0f}{' few' * one['small']}"


def test_the_worst_days_are_listed(open_page: Open, server: Server) -> None:
    page = open_page("?view=delays")
    days = told(server, "days")["days"]
    worst = sorted(days, key=lambda one: -one["late_minutes"])[:FEW_ROWS]
    rows = cells(page, "days-rows")
    assert len(rows) == FEW_ROWS < len(days)
    for (name, share, late), one in zip(rows, worst, strict=True):
        assert f"{int(one['day'][-2:])} " in name
        assert f"{one['flights']} flights · {mean_of(one)}" in name
        assert (share, late) == (f"{one['share']:.1%}", f"{one['rate']:.1%}")
    held = sum(one["share"] for one in worst)
    expect(page.locator("#days-note")).to_contain_text(
        f"20 of {len(days)} days account for {held:.1%} of all"
    )


def test_every_group_is_drawn_twice(open_page: Open, artifact: Artifact) -> None:
    page = open_page("?view=delays")
    chart = page.get_by_role("img", name="share of late flights by airline")
    expect(chart).to_have_accessible_name(
        re.compile(r"Highest, .*: Sky Airline \(H2\), 30.0%; lowest: LATAM")
    )
    expect(chart.locator(POINTS)).to_have_count(6)
    expect(chart).to_contain_text("Sky Airline (H2)")
    heat = page.get_by_role("img", name="share of late flights by month and hour")
    enough = [one for one in artifact.interactions if not one.small]
    expect(heat.locator(MARKS)).to_have_count(len(enough))
    expect(page.locator(f"#days-chart {MARKS}")).to_have_count(FEW_ROWS)
    expect(page.locator(f"#calendar-chart {MARKS}")).to_have_count(len(artifact.days))


def test_what_is_pointed_at_is_told(open_page: Open) -> None:
    page = open_page("?view=delays")
    first = page.locator(f"#rates-chart {POINTS}").first
    first.hover()
    tooltip = page.locator("#vg-tooltip-element")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("Sky Airline (H2)")
    expect(tooltip).to_contain_text("30.0%")
    first.click()
    said = "Sky Airline (H2): 30.0% of 1,000 flights left late (10.0% to 30.0%). All else being equal, 21.0%"
    expect(page.locator("#rates-summary")).to_contain_text(said)
    page.locator(f"#interactions-chart {MARKS}").last.click()
    expect(page.locator("#interactions-summary")).to_contain_text("suggest 20.0%")


def test_the_address_holds_what_is_chosen(open_page: Open, server: Server) -> None:
    page = open_page("?view=delays")
    page.get_by_label("Late flights by", exact=True).select_option("day of the week")
    page.get_by_label("Order", exact=True).select_option("highest observed rate")
    expect(page).to_have_url(f"{server.url}?view=delays&by=weekday&sort=rate")
    expect(page.locator(READY)).to_be_visible()
    week = ["Sunday", "Saturday", "Friday", "Thursday", "Wednesday", "Tuesday", "Monday"]
    assert [re.match(r"[A-Z][a-z]+day", row[0]).group() for row in rates_shown(page)] == week  # type: ignore[union-attr]
    assert rates_shown(page)[0][2] == "– not defined"
    assert rates_shown(page)[1][2] == "– cannot be separated from Sky Airline (H2)"
    page.locator(f"#rates-chart {POINTS}").nth(1).click()
    expect(page.locator("#rates-summary")).to_contain_text("Saturday: 30.0% of")
    expect(page.locator("#rates-summary")).to_contain_text(
        "cannot be separated from Sky Airline (H2): there are too few"
    )
    labels = page.locator("#rates-chart .role-axis-label text")
    assert [name for name in labels.all_text_contents() if name.endswith("day")] == week
    page.reload()
    expect(page.locator(READY)).to_be_visible()
    expect(page.get_by_label("Late flights by", exact=True)).to_have_value("weekday")
    assert rates_shown(page)[0][0].startswith("Sunday")
    page.get_by_label("Order", exact=True).select_option("natural order")
    expect(page.locator("#rates-rows th").first).to_contain_text("Monday")


def test_orders(open_page: Open) -> None:
    page = open_page("?view=delays&sort=name")
    first = page.locator("#rates-rows th").first
    expect(first).to_contain_text("ARG")
    for order, wanted in (
        ("flights", "LATAM Airlines"),
        ("rate", "Sky Airline"),
        ("adjusted", "Sky Airline"),
    ):
        page.get_by_label("Order", exact=True).select_option(order)
        expect(first).to_contain_text(wanted)
        expect(page.locator("#rates-rows th").last).to_contain_text("ARG")


def test_an_unknown_dimension_is_the_first(open_page: Open) -> None:
    page = open_page("?view=delays&by=constructor&sort=toString")
    expect(page.get_by_label("Late flights by", exact=True)).to_have_value("airline")
    expect(page.get_by_label("Order", exact=True)).to_have_value("")
    expect(page.locator("#by option")).to_have_text(["airline", "day of the week"])


def test_keyboard_alone(open_page: Open) -> None:
    page = open_page("?view=delays")
    page.locator("#by").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("by=weekday"))
    page.keyboard.press("Tab")
    expect(page.locator("#sort")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#rates-table")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#interactions-scroll")).to_be_focused()


def test_phone_never_scrolls_sideways(open_page: Open) -> None:
    page = open_page("?view=delays", width=360, height=740)
    for details in page.locator("#view-delays summary").all():
        details.click()
    expect(page.locator("#days-table")).to_be_visible()
    assert not is_wide(page)
    drawn = page.locator(".chart svg").evaluate_all("all => all.map((one) => one.clientWidth)")
    assert max(drawn) <= 360


def test_colours_follow_the_page(open_page: Open) -> None:
    page = open_page("?view=delays")
    axis = page.locator("#interactions-chart .role-axis-label text").first
    light = axis.get_attribute("fill")
    page.emulate_media(color_scheme="dark")
    expect(axis).not_to_have_attribute("fill", light or "")


def test_speaks_spanish(open_page: Open) -> None:
    page = open_page("?view=delays&by=weekday&sort=rate", locale="es-CL")
    expect(page.locator("#delays-lead")).to_contain_text("del 1 de enero de 2017 al 31 de agosto de 2017")
    expect(page.get_by_label("Vuelos atrasados por", exact=True)).to_have_value("weekday")
    assert rates_shown(page)[0][0].startswith("domingo1.000 vuelos")
    assert rates_shown(page)[1][2] == "– no se puede separar de Sky Airline (H2)"
    chart = page.get_by_role("img", name="proporción de vuelos atrasados por día de la semana")
    expect(chart).to_contain_text("domingo")
    expect(chart).to_contain_text("proporción de vuelos atrasados")
    first = page.locator(f"#days-chart {MARKS}").first
    expect(first).to_have_attribute("aria-label", re.compile(r": \d+,\d+\s?%"))
    assert untranslated(page) == []


def test_groups_that_say_little_are_counted_as_the_model_counts_them(open_page: Open) -> None:
    page = open_page("?view=delays")
    for place in (page.locator(".board .aside").last, page.locator("#interactions-title + .note")):
        expect(place).to_contain_text(f"fewer than {MIN_GROUP_SIZE} flights")


def test_without_charts_the_tables_tell_all(open_page: Open) -> None:
    page = open_page()
    page.route("**/vendor/*", lambda route: route.fulfill(status=404, body="{}"))
    page.get_by_role("link", name="Delays").click()
    expect(page.locator(READY)).to_be_visible()
    expect(page.locator("#no-charts")).to_contain_text("This installation has no charts")
    for table in ("rates-table", "interactions-table", "days-table"):
        expect(page.locator(f"#{table}")).to_be_visible()
    expect(page.locator("#rates-chart")).to_be_hidden()
    page.get_by_label("Order", exact=True).select_option("by name")
    expect(page.locator("#rates-rows th").first).to_contain_text("ARG")


def test_figures_that_cannot_be_had_are_asked_for_again(open_page: Open) -> None:
    page = open_page()
    page.route("**/v1/days", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("link", name="Delays").click()
    expect(page.get_by_role("alert")).to_contain_text("The figures cannot be loaded")
    expect(page.locator("#delays-content")).to_be_hidden()
    page.unroute("**/v1/days")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#rates-chart svg")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_wait_shows_itself(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/rates", hold)
    page.get_by_role("link", name="Delays").click()
    expect(page.locator("#delays-lead")).to_have_text("Loading the figures …")
    expect(page.locator("#view-delays")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.locator(READY)).to_be_visible()


def test_charts_are_fetched_when_first_shown(open_page: Open) -> None:
    fetched: list[str] = []

    def see(request: Request) -> None:
        fetched.append(request.url)

    page = open_page()
    page.on("request", see)
    page.reload()
    expect(page.locator("#answer[aria-busy=false]")).to_be_visible()
    page.remove_listener("request", see)
    assert fetched
    assert not [address for address in fetched if "vendor" in address or "delays" in address]
