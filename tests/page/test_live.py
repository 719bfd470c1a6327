"""The live board: a day whose rows change as what happens becomes known."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.made_up_board import DATE, Flight, MadeUpBoard, flight, left, serve_board
from tests.page.served import Open, Server, is_wide, lengths, untranslated, wait_for
from tests.page.test_access import faults

FIRST = flight("07:05", 101)
SECOND = flight("07:40", 450, "LAN", "SAEZ", aircraft="CC-BAA", delay_probability=0.61, risk="high")
LATER = flight("18:35", 7, delay_probability=0.45, risk="raised", cancellation_probability=0.04)
LAST = flight("23:50", 9, "LAN", delay_probability=0.3, risk="low")
DAY = (FIRST, SECOND, LATER, LAST)
LIVE = "?view=board"
HEARING = """
  const read = ReadableStreamDefaultReader.prototype.read;
  window.heard = [];
  ReadableStreamDefaultReader.prototype.read = async function () {
    const part = await read.call(this);
    window.heard.push(...(String(part.value).match(/event: /g) ?? []));
    return part;
  };
"""
"""Notes what a page has heard of its service."""

Served = tuple[str, MadeUpBoard]


@pytest.fixture(scope="module")
def served(server: Server) -> Iterator[Served]:
    with serve_board(server.url) as served:
        yield served


@pytest.fixture
def board(served: Served) -> MadeUpBoard:
    """In the morning: one flight has left late, the next is to come."""
    _, board = served
    board.dates, board.current, board.refuses = [DATE], True, False
    board.know("07:30", left(FIRST, 20), *DAY[1:])
    return board


@pytest.fixture
def open_live(open_page: Open, served: Served, board: MadeUpBoard) -> Open:
    url, _ = served

    def open_live(query: str = LIVE, *, shows: str = "#live-day", **options: object) -> Page:
        page = open_page(query, at=url, **options)
        expect(page.locator(shows)).to_be_visible()
        return page

    return open_live


def rows(page: Page, part: str) -> list[str]:
    return [text.strip() for text in page.locator(f"#live-sheet .body {part}").all_text_contents()]


def row(page: Page, number: str) -> str:
    return f"#live-sheet .departure:has-text('{number}')"


def test_shows_what_is_known_of_each_flight(open_live: Open, board: MadeUpBoard) -> None:
    late = LATER | {"status": "late", "delay_probability": None, "risk": None}
    estimated = SECOND | {"estimated_departure": f"{DATE}T10:15:00"}
    cancelled = LAST | {"status": "cancelled", "delay_probability": None, "risk": None}
    board.know("18:52", left(FIRST, 20), estimated, late, cancelled)
    page = open_live()
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator("#live-as-of")).to_have_text("as of 18:52")
    assert rows(page, ".time") == ["07:05", "07:40", "18:35", "23:50"]
    assert rows(page, ".status") == ["Left", "Scheduled", "Late", "Cancelled"]
    assert rows(page, ".estimate") == ["07:25", "10:15", "", ""]
    delays = [text.replace("\u00a0", " ") for text in rows(page, ".minutes")]
    assert delays == ["+20 min", "+2 h 35", "+17 min", ""]
    assert [text.replace("\u00a0", " ") for text in rows(page, ".share")] == ["", "61%", "", ""]
    assert rows(page, ".risk") == ["", "high", "", ""]
    assert rows(page, ".aircraft") == ["", "CC-BAA", "", ""]
    assert lengths(page, "#live-sheet .bar", "--to") == [0, 61, 0, 0]
    grid = page.get_by_role("grid", name="Departures")
    expect(grid.get_by_role("link").nth(1)).to_have_accessible_name(
        re.compile(
            "Buenos Aires, 07:40, LATAM.* LA 450: Scheduled, expected 10:15, .2.h.35,"
            " chance of a delay 61%, high"
        )
    )
    expect(page.locator("#live-words")).to_have_text(
        "Today 1 of 4 flights has left; 1 of them more than 15 minutes late. 1 should have left and has not,"
        " 1 for more than 15 minutes. 1 was cancelled. 2 are still to leave, of which about 1.6 more than 15"
        " minutes late."
    )
    for name, value in {"departed": "1", "late": "1", "coming": "1.6", "cancelled": "1"}.items():
        assert page.locator(f"#live-{name}").get_attribute("value") == value
    hours = page.locator("#live-hours .hour")
    expect(hours.nth(7)).to_have_accessible_name("07:00 to 08:00: 1.6 late expected of 2 flights")
    expect(page.locator("#live-hours .current")).to_have_text(re.compile("18"))


def test_a_change_touches_only_its_row(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live(still=False)
    page.evaluate(
        """() => {
          window.touched = new Set();
          const note = (changes) => {
            for (const { target } of changes) {
              const element = target.nodeType === 1 ? target : target.parentElement;
              window.touched.add(element?.closest(".departure")?.querySelector(".flight-number").textContent);
            }
          };
          const what = { subtree: true, childList: true, characterData: true, attributes: true };
          new MutationObserver(note).observe(document.querySelector("#live-sheet .body"), what);
        }"""
    )
    board.change("07:55", left(SECOND, 10))
    expect(page.locator(row(page, "LA 450"))).to_have_attribute("data-status", "departed")
    expect(page.locator("#live-as-of")).to_have_text("as of 07:55")
    expect(page.locator("#live-words")).to_contain_text("Today 2 of 4 flights have left; 1 of them")
    expect(page.locator("#live-news")).to_have_text("Left: LA 450 to Buenos Aires, 07:40")
    expect(page.locator("#live-changes")).to_have_text("At 07:55: 1 left.")
    assert page.evaluate("[...window.touched]") == ["LA 450"]
    lit = "row => row.getAnimations({ subtree: true }).map((one) => one.effect.getTiming().easing)"
    assert page.locator(row(page, "LA 450")).evaluate(lit) == ["ease-in"] * 3
    assert page.locator(row(page, "H2 7")).evaluate(lit) == []


def test_a_reader_who_wants_no_motion_sees_none(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    board.change("07:55", SECOND | {"status": "overdue"})
    expect(page.locator(row(page, "LA 450"))).to_have_attribute("data-status", "overdue")
    lit = "row => row.getAnimations({ subtree: true }).map((one) => one.effect.getTiming().easing)"
    assert page.locator(row(page, "LA 450")).evaluate(lit) == ["steps(1)"]


def test_only_what_is_notable_is_told(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    board.change("07:35", LATER | {"delay_probability": 0.47})
    expect(page.locator(f"{row(page, 'H2 7')} .share")).to_have_text("47%")
    expect(page.locator("#live-changes")).to_be_empty()
    board.change("07:36", LATER | {"delay_probability": 0.55, "risk": "high"})
    expect(page.locator("#live-news")).to_have_text("More at risk: H2 7 to Antofagasta, 18:35")
    expect(page.locator("#live-changes")).to_have_text("At 07:36: 1 more at risk.")
    board.change("07:37", left(SECOND, 30), LAST | {"status": "cancelled"})
    expect(page.locator("#live-news li")).to_have_text(
        [re.compile("Cancelled: LA 9"), re.compile("Left: LA 450"), re.compile("More at risk: H2 7")]
    )
    expect(page.locator("#live-changes")).to_have_text("At 07:36: 1 more at risk.")  # said a moment ago


def test_sorts_filters_and_hides(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    page.locator("#live-sheet .head").get_by_role("button", name="Risk").click()
    assert rows(page, ".flight-number") == ["LA 450", "H2 7", "LA 9", "H2 101"]
    expect(page).to_have_url(re.compile(rf"view=board&origin=SCEL&date={DATE}&sort=probability$"))
    board.change("07:31", LAST | {"delay_probability": 0.9, "risk": "high"})
    expect(page.locator("#live-sheet .flight-number")).to_have_text(["LA 9", "LA 450", "H2 7", "H2 101"])
    filters = page.get_by_role("search")
    filters.get_by_label("Hide what has left").check()
    expect(page.locator("#live-count")).to_have_text("3 of 4 flights")
    filters.get_by_label("Risk").select_option("high")
    assert rows(page, ".flight-number") == ["LA 9", "LA 450"]
    filters.get_by_label("Airline").select_option(label="LATAM Airlines (LA)")
    filters.get_by_label("Destination").select_option(label="Buenos Aires (EZE)")
    assert rows(page, ".flight-number") == ["LA 450"]
    expect(page).to_have_url(re.compile("airline=LAN&destination=SAEZ&risk=high&left=1"))
    page.reload()
    expect(page.locator("#live-count")).to_have_text("1 of 4 flights")
    board.change("07:45", left(SECOND, 3))
    expect(page.locator("#live-none")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert rows(page, ".flight-number") == ["LA 9", "H2 7", "H2 101", "LA 450"]
    filters.get_by_label("Status").select_option("Left")
    expect(page.locator("#live-count")).to_have_text("2 of 4 flights")
    page.get_by_role("button", name="Show all").click()
    page.locator("#live-hours .hour").nth(18).click()
    assert rows(page, ".flight-number") == ["H2 7"]


def test_the_reader_stays_at_a_flight_that_moves(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live(f"{LIVE}&sort=probability")
    page.locator("#live-sheet .head").get_by_role("button", name="Risk").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    focused = page.locator("#live-sheet .departure:focus-within")
    expect(focused).to_contain_text("H2 7")
    expect(focused).to_have_attribute("aria-rowindex", "3")
    board.change("07:31", LATER | {"delay_probability": 0.95, "risk": "high"})
    expect(focused).to_contain_text("95")
    expect(focused).to_contain_text("H2 7")
    expect(focused).to_have_attribute("aria-rowindex", "2")
    order = page.locator("#live-sheet .departure").evaluate_all("rows => rows.map((row) => row.ariaRowIndex)")
    assert order == ["2", "3", "4", "5"]
    page.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("LA 450")
    page.keyboard.press("Enter")
    expect(page.locator("#live-opened")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#live-opened-title")).to_have_text("Buenos Aires, 14 July 2017, 07:40")


def test_a_lost_connection_is_told_and_comes_back(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    alert = page.locator("#live-notice")
    board.interrupt()
    expect(alert).to_contain_text("The connection is lost")
    expect(alert).to_contain_text("This is what was known at 07:30; what has happened since is not here.")
    expect(page.locator("#live-state")).to_be_empty()
    assert len(rows(page, ".time")) == 4
    assert faults(page) == []
    board.refuses = False
    board.know("07:50", left(FIRST, 20), left(SECOND, 2), LATER, LAST)
    expect(alert).to_be_hidden(timeout=10_000)
    expect(page.locator("#live-state")).to_have_text("Live")
    expect(page.locator("#live-as-of")).to_have_text("as of 07:50")
    expect(page.locator(row(page, "LA 450"))).to_have_attribute("data-status", "departed")
    page.context.set_offline(True)
    expect(alert).to_contain_text("The connection is lost")
    page.context.set_offline(False)
    expect(alert).to_be_hidden()


def test_a_service_that_cannot_be_reached_is_told(
    open_page: Open, served: Served, board: MadeUpBoard
) -> None:
    board.refuses = True
    page = open_page(LIVE, at=served[0])
    expect(page.locator("#live-notice")).to_contain_text("The service does not answer.")
    expect(page.locator("#live-day")).to_be_hidden()
    board.refuses = False
    expect(page.locator("#live-count")).to_have_text("4 of 4 flights", timeout=10_000)
    page.route("**/v1/board/stream*", lambda route: None)  # never answered
    page.reload()
    expect(page.locator("#live-state")).to_have_text("Connecting …")


def test_only_a_service_that_says_nothing_for_long_is_connected_to_again(
    browser: Browser, board: MadeUpBoard, served: Served
) -> None:
    """A night without events is no break: it says now and then that it is alive."""
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.clock.install()
        page.add_init_script(HEARING)
        opened: list[str] = []
        page.on(
            "request", lambda request: opened.append(request.url) if "board/stream" in request.url else None
        )
        page.goto(f"{served[0]}{LIVE}")
        expect(page.locator("#live-state")).to_have_text("Live")
        for beats in range(1, 5):
            page.clock.run_for(30_000)
            board.beat()
            wait_for(partial(page.evaluate, f"heard.length - 1 === {beats}"))
        assert len(opened) == 1
        expect(page.locator("#live-state")).to_have_text("Live")
        page.clock.run_for(44_000)
        assert len(opened) == 1
        page.clock.run_for(2_000)
        wait_for(lambda: len(opened) == 2)
        wait_for(lambda: len(board.listeners) == 1)
        expect(page.locator("#live-notice")).to_be_hidden()


def test_what_is_no_longer_current_is_told(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live(locale="es-CL")
    board.current = False
    board.change("07:30")
    alert = page.locator("#live-notice")
    expect(alert).to_contain_text("Esto ya no está al día")
    expect(alert).to_contain_text(
        "Esto es lo que se sabía a las 07:30. El servicio no puede leer nada más nuevo"
    )
    board.current = True
    board.change("07:33")
    expect(alert).to_be_hidden()


def test_listens_only_while_it_is_seen(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    wait_for(lambda: len(board.listeners) == 1)
    page.get_by_role("link", name="The model").click()
    expect(page.locator("#model-name")).to_be_visible()
    wait_for(lambda: not board.listeners)
    board.change("07:55", left(SECOND, 10))
    page.get_by_role("link", name="The board").click()
    expect(page.locator(row(page, "LA 450"))).to_have_attribute("data-status", "departed")
    expect(page.locator("#live-as-of")).to_have_text("as of 07:55")


def test_the_day_of_today_is_shown_and_another_can_be_chosen(open_live: Open, board: MadeUpBoard) -> None:
    board.dates = ["2017-07-15", DATE]
    page = open_live()
    expect(page.locator("#live-date")).to_have_value(DATE)
    expect(page.locator("#live-origin option")).to_have_text(["Santiago (SCL)"])
    board.dates = [DATE, "2017-07-15"]
    board.flights = []
    page.get_by_label("Day", exact=True).locator("visible=true").select_option("2017-07-15")
    expect(page.locator("#live-empty")).to_have_text("There are no flights on this day.")
    expect(page.locator("#live-day")).to_be_hidden()
    expect(page).to_have_url(re.compile("date=2017-07-15"))
    assert faults(page) == []


def test_a_day_appears_once_there_is_one(open_page: Open, served: Served) -> None:
    url, board = served
    board.dates, board.refuses = [], False
    page = open_page(LIVE, at=url)
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    expect(page.locator("#board-kinds")).to_be_hidden()
    board.dates = [DATE]
    board.know("07:30", *DAY)
    expect(page.locator("#live-count")).to_have_text("4 of 4 flights", timeout=10_000)
    expect(page.get_by_role("button", name="Choose a file")).to_be_hidden()


def test_a_schedule_can_be_given_beside_it(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    page.get_by_role("link", name="A schedule of yours").click()
    expect(page.locator("#live")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?view=board&of=schedule$"))
    rows = "scheduled_departure,airline,origin,destination\n2017-07-14T18:35,SKU,SCEL,SCFA\n"
    page.set_input_files("#file", {"name": "day.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    expect(page.locator("#count")).to_have_text("1 of 1 flight")
    expect(page).to_have_url(re.compile(r"\?view=board&of=schedule&sort=time$"))
    page.get_by_role("link", name="The day, live").click()
    expect(page.locator("#live-day")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"origin=SCEL&date={DATE}&sort=time$"))
    page.go_back()
    expect(page.locator("#count")).to_have_text("1 of 1 flight")


def test_fifteen_hundred_flights(open_live: Open, board: MadeUpBoard) -> None:
    many = [flight(f"{n // 63:02}:{n % 60:02}", n, ("SKU", "LAN")[n % 2]) for n in range(1500)]
    board.know("00:00", *many)
    page = open_live()
    expect(page.locator("#live-count")).to_have_text("1,500 of 1,500 flights")
    shown = page.locator("#live-sheet .departure")
    assert shown.count() < 60
    page.evaluate(
        """() => {
          window.mutations = 0;
          const body = document.querySelector("#live-sheet .body");
          const note = (changes) => (window.mutations += changes.length);
          new MutationObserver(note).observe(body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    changed: list[Flight] = [one | {"delay_probability": 0.21} for one in many]
    board.change("00:01", *changed)
    expect(page.locator("#live-as-of")).to_have_text("as of 00:01")
    expect(page.locator("#live-sheet .share").first).to_have_text("21%")
    assert 0 < page.evaluate("window.mutations") <= 2 * shown.count()
    page.locator("#live-sheet").evaluate("sheet => (sheet.scrollTop = sheet.scrollHeight / 2)")
    expect(shown.nth(10)).to_have_attribute("aria-rowindex", re.compile(r"^7\d\d$"))
    top = page.locator("#live-sheet").evaluate("sheet => sheet.scrollTop")
    board.change("00:02", left(many[0], 1))
    expect(page.locator("#live-as-of")).to_have_text("as of 00:02")
    assert page.locator("#live-sheet").evaluate("sheet => sheet.scrollTop") == top
    shown.nth(10).get_by_role("link").click()
    page.locator("#live-opened-page").click()
    expect(page.locator("#answer")).to_have_attribute("data-state", "answered")
    page.go_back()
    expect(page.locator("#live-opened")).to_be_visible()
    expect(page.locator("#live-sheet [aria-current=true]")).to_be_in_viewport()


def test_follows_the_day_until_the_reader_scrolls(open_live: Open, board: MadeUpBoard) -> None:
    many = [flight(f"{n // 10:02}:{n % 10 * 6:02}", n) for n in range(240)]
    board.know("12:01", *(left(one, 1) for one in many[:115]), *many[115:])
    page = open_live()
    sheet = page.locator("#live-sheet")
    place = """(sheet, flight) => {
      const row = [...sheet.querySelectorAll(".departure")].find((one) => one.textContent.includes(flight));
      return (row.getBoundingClientRect().top - sheet.getBoundingClientRect().top) / row.offsetHeight;
    }"""
    begins = sheet.evaluate(place, "H2 121")
    assert 1 < begins < 5
    board.change("13:01", left(many[118], 2))
    expect(page.locator("#live-as-of")).to_have_text("as of 13:01")
    wait_for(lambda: sheet.evaluate(place, "H2 131") == begins)
    sheet.evaluate("sheet => (sheet.scrollTop -= 100)")
    scrolled = sheet.evaluate(place, "H2 131")
    board.change("14:01", left(many[119], 2))
    expect(page.locator("#live-as-of")).to_have_text("as of 14:01")
    assert sheet.evaluate(place, "H2 131") == scrolled


def test_a_reader_who_listens_is_told_now_and_then(
    browser: Browser, board: MadeUpBoard, served: Served
) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{served[0]}{LIVE}")
        expect(page.locator("#live-day")).to_be_visible()
        said = page.locator("#live-changes")
        board.change("07:31", SECOND | {"status": "overdue"})
        page.clock.run_for(100)
        expect(said).to_have_text("At 07:31: 1 overdue.")
        board.change("07:45", left(SECOND, 5))
        board.change("07:46", LAST | {"status": "cancelled"}, LATER | {"risk": "high"})
        expect(page.locator("#live-as-of")).to_have_text("as of 07:46")
        page.clock.run_for(10_000)
        expect(said).to_have_text("At 07:31: 1 overdue.")
        page.clock.run_for(10_000)
        expect(said).to_have_text("At 07:46: 1 flight cancelled, 1 more at risk and 1 left.")


@pytest.mark.parametrize(
    ("locale", "width", "dark"),
    [("en-GB", 1280, False), ("en-GB", 360, True), ("es-CL", 1280, True), ("es-CL", 360, False)],
    ids=["en-desk-light", "en-phone-dark", "es-desk-dark", "es-phone-light"],
)
def test_can_be_used_by_everyone(
    open_live: Open, board: MadeUpBoard, locale: str, width: int, dark: bool
) -> None:
    overdue = SECOND | {"status": "overdue", "estimated_departure": "2017-07-15T00:20:00"}
    board.know("18:40", left(FIRST, 20), overdue, LATER, LAST | {"status": "cancelled"})
    page = open_live(locale=locale, width=width, dark=dark)
    assert untranslated(page) == []
    assert faults(page) == []
    assert not is_wide(page)
    assert page.locator("#live-sheet").evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    board.interrupt()
    expect(page.locator("#live-notice")).to_be_visible()
    assert faults(page) == []
    assert not is_wide(page)


def test_a_service_without_a_store_is_asked_for_no_board(open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="The board").click()
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    expect(page.locator("#board-kinds")).to_be_hidden()
    assert [url for url in asked if "v1/board" in url or "/live/" in url] == []


def test_a_wall_shows_the_board_alone(open_live: Open, served: Served) -> None:
    url, _ = served
    page = open_live("?view=board", width=1920, height=1080)
    page.get_by_role("link", name="Wall display").click()
    expect(page).to_have_url(f"{url}?view=wall&origin=SCEL&sort=time")
    for part in (".masthead", "footer", "#live-filters", "h1"):
        expect(page.locator(part).first).to_be_hidden()
    assert not is_wide(page)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert faults(page) == []
    page.get_by_role("link", name="Leave the wall display").click()
    expect(page).to_have_url(re.compile(r"\?view=board&origin=SCEL"))
    page.locator("#views [data-view=board]").click()
    expect(page.locator(".masthead")).to_be_visible()


def test_a_wall_turns_to_the_new_day_while_it_hangs(open_live: Open, board: MadeUpBoard) -> None:
    page = open_live()
    page.clock.install()
    page.goto(page.url.replace("view=board", "view=wall"))
    expect(page.locator("#live-date")).to_have_value(DATE)
    following = (dt.date.fromisoformat(DATE) + dt.timedelta(days=1)).isoformat()
    board.dates = [DATE, following]
    board.know("00:05", flight("09:15", 1) | {"scheduled_departure": f"{following}T09:15:00"}, date=following)
    page.clock.fast_forward("01:05")
    expect(page.locator("#live-date")).to_have_value(following)
    expect(page.locator("#live-sheet .body .time")).to_have_text(["09:15"])


def test_a_flight_opens_beside_the_board(open_live: Open, board: MadeUpBoard) -> None:
    """As it is known now, by keyboard; the address keeps it, and what becomes known is shown there too."""
    page = open_live()
    page.locator(f"{row(page, 'LA 450')} a").focus()
    page.keyboard.press("Enter")
    opened = page.locator("#live-opened")
    expect(opened).to_have_attribute("aria-busy", "false")
    expect(page.locator("#live-opened-title")).to_be_focused()
    expect(opened).to_contain_text("Buenos Aires, 14 July 2017, 07:40")
    expect(page.locator("#live-opened-state")).to_have_text("Scheduled")
    expect(page.locator("#live-opened-reasons li").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"view=board&.*open=LAN\.SCEL\.SAEZ\.2017-07-14T07:40\.450$"))
    assert not is_wide(page)
    board.change("07:55", left(SECOND, 10))
    expect(page.locator("#live-opened-state")).to_have_text("Left, 07:50, +10\u00a0min")
    expect(page.locator("#live-opened-answer")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(page.locator(f"{row(page, 'LA 450')} a")).to_be_focused()
    page.goto(f"{page.url}&open=SKU.SCEL.SCFA.2017-07-14T18:35.7")
    expect(opened).to_contain_text("18:35")
    expect(opened).to_have_attribute("aria-busy", "false")
