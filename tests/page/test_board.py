"""The board: a schedule read in the browser, answered, and shown as departures."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import FilePayload, Page, Request, Route, expect

from puntual.batch import predict
from puntual.data import Flights, read_flights
from puntual.data.draft_file import draft_mapping
from puntual.formats.headings import HEADINGS, detect_role
from puntual.inference.artifact import Artifact
from tests import made_up
from tests.data.workbook import Cell, workbook
from tests.flights import TABLES
from tests.page.served import Open, Server, is_wide, lengths, untranslated, with_threshold
from tests.page.test_access import faults

HEADER = "scheduled_departure,airline,origin,destination,flight_number"
ROWS = (
    "2017-07-14T18:35,SKU,SCEL,SCFA,101",
    "2017-07-14T07:05,LAN,SCEL,SAEZ,450",
    "2017-07-14T07:40,SKU,SCEL,SAEZ,802",
    "2017-07-15T12:00,XQ,SCEL,SCFA,7",
)
MAKERS = {"scl": made_up.made_up_scl, "nyc": made_up.made_up_nyc, "mapped": made_up.made_up_mapped}
BOARD = "?view=board"


def text_of(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def give(page: Page, content: str | bytes | Path, name: str = "day.csv") -> None:
    if isinstance(content, Path):
        page.set_input_files("#file", content)
        return
    data = content.encode() if isinstance(content, str) else content
    page.set_input_files("#file", FilePayload(name=name, mimeType="text/csv", buffer=data))


def wait_for_board(page: Page) -> None:
    expect(page.locator("#departures")).to_be_visible(timeout=30_000)
    expect(page.locator("#board-panel")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#board-failure")).to_be_hidden()


def shown(page: Page, part: str = ".to a") -> list[str]:
    return page.locator(f"#sheet .body {part}").all_text_contents()


def total(page: Page, name: str) -> str:
    return page.locator(f"#total-{name}").get_attribute("value") or ""


def taken(page: Page) -> str:
    with page.expect_download() as download:
        page.locator("#download").click()
    return Path(download.value.path()).read_text("utf-8-sig")


def answers_of(artifact: Artifact, flights: Flights) -> str:
    return flights.join_rows(predict(artifact, flights.frame, flights.frame)).write_csv()


def table_of(text: str, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def hold_predictions(page: Page) -> list[Route]:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/predictions", hold)
    return held


@pytest.mark.parametrize("source", MAKERS)
def test_answers_as_predict_does(open_page: Open, artifact: Artifact, tmp_path: Path, source: str) -> None:
    path = MAKERS[source](tmp_path / f"{source}.csv", days=5)
    flights = read_flights(str(path), history=False)
    assert flights.source == source
    page = open_page(BOARD)
    give(page, path)
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text(
        f"{source}.csv: {flights.frame.height} flights from"
    )
    wanted = table_of(answers_of(artifact, flights))
    assert table_of(taken(page)) == wanted
    expected = sum(float(row["delay_probability"]) for row in wanted)
    assert float(total(page, "expected")) == pytest.approx(expected, abs=0.51)
    assert total(page, "warned") == str(sum(row["risk"] != "low" for row in wanted))


class Read(NamedTuple):
    flights: list[dict[str, Any]]
    problems: list[tuple[int, str]]
    duplicates: dict[int, int]


READ = """async ([text]) => {
  const { readSchedule } = await import("/board/schedule.js");
  const { describeProblem } = await import("/board/errors.js");
  const known = await (await fetch("/board/schedules.json")).json();
  const { flights, problems, duplicates } = readSchedule(text, known);
  return {
    flights: flights.map((flight) => ({ ...flight, at: new Date(flight.at).toISOString() })),
    problems: problems.map((one) => [one.row, describeProblem(one).replace(/^Row [\\d,]+: /, "")]),
    duplicates: Object.fromEntries(duplicates),
  };
}"""

TIMES = (
    "2017-01-01 23:30:00|2017-1-1 5:30:00|2017-01-01 23:30|2017-01-01T23:30:00| 2017-01-01 10:00:00|"
    "2017-01-01 23:30:00.5|2017-01-01  23:30:00|2017-02-30 10:00:00|2017-01-01 24:00:00|2017-01-01|"
    "2017-01-01 23:60:00|2017-01-01 23:30:60|17-01-01 10:00:00|02017-01-01 10:00:00|10:00:00||"
    "2017-01-01 23:30:00Z|2017-01-0110:00:00|2017-01-01t10:00|2017-01-01 10:00:00.123456789| |"
    "2016-02-29 00:00:00|1900-02-29 00:00:00|2016-12-31 23:59:60|1949-12-31 10:00:00|NA|"
    "2149-12-31 10:00:00|2150-01-01 10:00:00|01/02/2017 10:00|2017-01-01\xa010:00:00|2017-00-10 10:00:00"
)
STRANGE_TIMES = TIMES.split("|")
STRANGE_CODES = ("LAN", " lan ", "L", "LANLANLAN", "L-N", "", "  ", "NA", "Ñandú", "12")
STRANGE_PLACES = tuple(
    code for code in STRANGE_CODES if code not in ("NA", "12")
)  # airports have 3 or 4 letters
STRANGE_NUMBERS = ("", "226", "226.0", " 940P", "9 40", "NA", "1.0.0")


def scl_rows() -> str:
    lines = ["Fecha-I;Ori-I;Des-I;Emp-I;Vlo-I;TIPOVUELO;Fecha-O"]
    good = "2017-01-01 10:00:00"
    lines += [f"{time};SCEL;SCFA;LAN;{n};N;" for n, time in enumerate(STRANGE_TIMES)]
    lines += [f"{good};{code};SCFA;LAN;{code};N;{good}" for code in STRANGE_PLACES]
    lines += [f"{good};SCEL;SCFA;{code};{code};I;{good}" for code in STRANGE_CODES]
    lines += [f"{good};SCEL;SCFA;SKU;{number};;{good}" for number in STRANGE_NUMBERS]
    lines += [f"{good};SCEL;SCFA;SKU;{kind};{kind};{good}" for kind in ("n", " I ", "X", "")]
    lines += [
        f"{good};SCEL;SCFA;SKU;9;N;{time}"
        for time in (*STRANGE_TIMES, "2017-01-03 10:00:00", "2017-01-03 10:00:01")
    ]
    lines += ["", ";;;;;;", f"{good};SCEL;SCFA;LAN", f"{good};SCEL;SCFA;LAN;1;N;{good};more"]
    return "\n".join(lines + [f"{good};SCEL;SCFA;SKU;{n};N;{good}" for n in range(100)])


def nyc_rows() -> str:
    lines = ["year|month|day|sched_dep_time|carrier|origin|dest|flight|dep_time|dep_delay"]
    clocks = ["517", "0", "2359", "2400", "1275", "-5", "", "NA", "517.0", " 517", "5e2", "5:17", "1e400"]
    lines += [f"2013|1|1|{clock}|UA|EWR|IAH|{n}|517|2" for n, clock in enumerate([*clocks, "５"])]
    days = ["2013.0|1|1", "13|1|1", "2013|13|1", "2013|2|29", "2012|2|29", "2013||1", "2150|1|1"]
    lines += [f"{day}|517|UA|EWR|IAH|1|517|2" for day in days]
    lines += [
        f"2013|1|1|517|{code}|EWR|IAH|{number}|517|2"
        for code in STRANGE_CODES
        for number in STRANGE_NUMBERS[:6]
    ]
    lines += [
        f"2013|1|1|517|UA|EWR|IAH|2|{left}|{late}"
        for left in ("517", "NA", "")
        for late in ("2", "-3", "NA", "", "late", " 4", "2880", "2881", "-2881", "1,5", "inf")
    ]
    return "\n".join(lines + [f"2013|1|1|600|UA|EWR|IAH|{n}|NA|NA" for n in range(100)])


def mapped_rows() -> str:
    lines = [
        "airline,origin,scheduled_departure,destination,operator,flight_type,actual_departure,cancelled,operated_by"
    ]
    good = "2017-01-01T10:00"
    # What becomes of an offset depends on a table of airports' zones, which the page has not.
    times = [time for time in STRANGE_TIMES if not time.endswith("Z")]
    lines += [f"LAN,SCEL,{time},SCFA,,,,,{'AB' if time else ''}" for time in times]
    lines += [
        f"LAN,SCEL,{good},{code},{other},n,,," for code in STRANGE_PLACES for other in STRANGE_CODES[:5]
    ]
    lines += [
        f"SKU,SCEL,{good},SCFA,,X,{time},{told},"
        for told in ("", "TRUE", "1", "no")
        for time in STRANGE_TIMES[:5]
    ]
    lines += [f"SKU,SCEL,{good},SCFA,,N,{time},{told},SK" for told in ("", "True ", "no") for time in times]
    lines += [f"SKU,SCEL,{good},SCFA,,N,,,{code}" for code in STRANGE_CODES]
    lines += ['SKU,SCEL,"2017-01-01\nT10:00",SCFA,,N,,,', 'SKU,SCEL,2017-01-01 11:00,"SC""FA",,N,,,']
    return "\n".join(lines + [f"SKU,SCEL,2017-01-02T{n // 60:02}:{n % 60:02},SCFA,,N,,," for n in range(500)])


def unpaired_rows() -> str:
    lines = [HEADER, '"2017-07-14T18:35,SKU,SCEL,SCFA,1', '2017-07-14T18:35,"SKU"x,SCEL,SCFA,2', *ROWS]
    return "\n".join([*lines, *(f'2017-07-16T10:{n:02},"SKU",SCEL,SCFA,{n}' for n in range(9))])


def repeated_rows() -> str:
    return text_of(*ROWS, "", ROWS[0], ROWS[1] + " ", ROWS[0])


def test_a_time_with_an_offset_is_refused_by_row(open_page: Open) -> None:
    read = Read(**open_page(BOARD).evaluate(READ, [text_of(*ROWS, "2017-07-14T18:35Z,SKU,SCEL,SCFA,9")]))
    (problem,) = read.problems
    assert problem[1] == "scheduled_departure '2017-07-14T18:35Z' is not a time written 2017-01-31T18:05:00"


@pytest.mark.parametrize("rows", [scl_rows, nyc_rows, mapped_rows, unpaired_rows, repeated_rows])
def test_reads_every_row_as_the_sources_do(open_page: Open, tmp_path: Path, rows: Callable[[], str]) -> None:
    page = open_page(BOARD)
    path = tmp_path / "strange.csv"
    for end in ("\n", "\r\n", "\r"):
        path.write_bytes(rows().replace("\n", end).encode())
        wanted = read_flights(str(path), history=False)
        compare(Read(**page.evaluate(READ, [path.read_bytes().decode()])), wanted)


def compare(read: Read, wanted: Flights) -> None:
    quotes = re.compile(r"^(quotes that do not pair).*")
    # The page has no tables of airlines and airports.
    names = re.compile(r"is no (airline|airport) known; wanted: .*")
    remedy = re.compile(r" \(a mapping says another form in .*\)$")
    assert [(row, told) for row, told in map(tuple, read.problems)] == [
        (
            row,
            names.sub(
                "is not a code of 2 to 8 letters and digits", quotes.sub(r"\1", remedy.sub("", reason))
            ),
        )
        for row, reason in wanted.rejected.rows()
    ]
    assert {int(row): first for row, first in read.duplicates.items()} == dict(wanted.duplicates.rows())
    assert len(read.flights) == wanted.frame.height
    columns = ("row", "airline", "origin", "destination", "operator", "flight_number", "flight_type")
    for flight, known in zip(read.flights, wanted.frame.iter_rows(named=True), strict=True):
        own = {**flight, "flight_number": flight["number"], "flight_type": flight["type"]}
        assert {name: own[name] or None for name in columns} == {name: known[name] for name in columns}
        at = dt.datetime.fromisoformat(flight["at"]).replace(tzinfo=None)
        assert abs(at - known["scheduled_departure"]) < dt.timedelta(milliseconds=1)


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_every_separator_and_encoding(open_page: Open, separator: str) -> None:
    rows = [f'{row},"José ""Pepe""{separator} Ñuñoa"' for row in ROWS]
    text = text_of(*rows, header=f"{HEADER},Comandante").replace(",", separator)
    text = text.replace(f'Pepe""{separator}{separator}', f'Pepe""{separator}')
    page = open_page(BOARD)
    for content in (text.encode("utf-8-sig"), text.encode("latin-1"), text.replace("\n", "\r\n").encode()):
        give(page, content)
        wait_for_board(page)
        expect(page.locator("#count")).to_have_text("4 of 4 flights")
        own = table_of(taken(page), separator)
        assert {row["Comandante"] for row in own} == {f'José "Pepe"{separator} Ñuñoa'}
        assert list(own[0])[-4:] == ["delay_probability", "delayed", "risk", "unknown"]
        assert own[3]["unknown"] == "airline"


def test_shows_departures_and_opens_one(open_page: Open, server: Server) -> None:
    page = open_page(BOARD)
    give(page, text_of(*ROWS))
    wait_for_board(page)
    assert shown(page, ".time") == ["07:05", "07:40", "18:35", "12:00"]
    assert shown(page) == ["Buenos Aires", "Buenos Aires", "Antofagasta", "Antofagasta"]
    assert shown(page, ".flight-number") == ["LA 450", "H2 802", "H2 101", "XQ 7"]
    assert shown(page, ".date") == ["14 Jul", "14 Jul", "14 Jul", "15 Jul"]
    expect(page.locator("#sheet .departure").last).to_contain_text("XQ 7 new airline")
    grid = page.get_by_role("grid", name="Departures")
    expect(grid).to_have_attribute("aria-rowcount", "5")
    expect(grid.get_by_role("row").nth(1)).to_have_attribute("aria-rowindex", "2")
    expect(page.locator("#explanation")).to_contain_text(
        "more than 15 minutes. Risk raised from 50.0%, high from"
    )
    page.get_by_role("link", name="Antofagasta, 14 Jul 18:35").click()
    expect(page).to_have_url(f"{server.url}?view=board&sort=time&open=SKU.SCEL.SCFA.2017-07-14T18:35.101")
    opened = page.get_by_role("region", name="Antofagasta, 14 July 2017, 18:35")
    opened.get_by_role("link", name="Ask about this flight alone").click()
    expect(page).to_have_url(f"{server.url}?destination=SCFA&airline=SKU&departure=2017-07-14T18:35")
    expect(page.locator("#answer")).to_have_attribute("data-state", "answered")
    page.go_back()
    expect(page.locator("#count")).to_have_text("4 of 4 flights")
    expect(opened).to_be_visible()
    page.go_back()
    expect(opened).to_be_hidden()
    assert len(shown(page)) == 4


def opened_day() -> str:
    """A day whose flights differ: two airlines, two destinations, and crowded hours."""
    first = dt.datetime(2017, 7, 14, 6)
    times = (first + dt.timedelta(minutes=int(13 * n + (n % 7) ** 2)) for n in range(40))
    return text_of(
        *(
            f"{time:%Y-%m-%dT%H:%M},{('SKU', 'LAN')[n % 2]},SCEL,{('SCFA', 'SAEZ')[n % 3 // 2]},{n}"
            for n, time in enumerate(times)
        ),
        "2017-07-15T10:00,SKU,SCEL,SCFA,99",
    )


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 390), ("es-CL", 1280)])
def test_the_days_of_a_schedule_are_a_calendar(open_page: Open, locale: str, width: int) -> None:
    page = open_page(BOARD, locale=locale, width=width)
    give(page, opened_day())
    wait_for_board(page)
    page.locator("#hours-part").evaluate("part => { part.open = true; }")
    page.locator("#board-calendar-title").click()
    expect(page.locator("#board-calendar table")).to_have_count(1)
    days = page.locator("#board-calendar").get_by_role("button")
    expect(days).to_have_count(2)
    expect(days.last).to_have_accessible_name(re.compile("15 jul.* 1 (flight|vuelo)$", re.IGNORECASE))
    assert not is_wide(page)
    days.last.focus()
    page.keyboard.press("Enter")
    expect(days.last).to_be_focused()
    expect(page).to_have_url(re.compile("day=2017-07-15"))
    expect(page.locator("#total-flights")).to_have_attribute("value", "1")
    page.keyboard.press("Enter")
    expect(page.locator("#total-flights")).to_have_attribute("value", "41")


def test_a_flight_that_is_open_has_the_chance_of_its_row(open_page: Open) -> None:
    """Asked about within its day; what it would be alone is said; address, Escape and focus lead back."""
    page = open_page(BOARD)
    give(page, opened_day())
    wait_for_board(page)
    by_number = {row["flight_number"]: float(row["delay_probability"]) for row in table_of(taken(page))}
    differ = 0
    for place in range(0, 30, 3):
        row = page.locator(f"#sheet .departure[aria-rowindex='{place + 2}']")
        with page.expect_response(re.compile("detail=full")) as answer:
            row.click()
        (prediction,) = answer.value.json()["predictions"]
        number = (row.locator(".flight-number").text_content() or "").split()[-1]
        assert prediction["delay_probability"] == by_number[number]
        assert len(json.loads(answer.value.request.post_data or "")["timetable"]) == 40
        opened = page.locator("#opened")
        expect(opened).to_have_attribute("aria-busy", "false")
        expect(page.locator("#opened-title")).to_be_focused()
        expect(row.get_by_role("link")).to_have_attribute("aria-current", "true")
        share = (row.locator(".share").text_content() or "").replace("\u00a0", "").rstrip("%")
        expect(page.locator("#opened-chance")).to_have_attribute("value", share)
        expect(opened).to_contain_text("with the 39 other departures from Santiago (SCL) on that day.")
        alone = re.search(r"would be ([\d.]+)%", opened.inner_text())
        assert alone
        differ += alone[1] != share
        assert page.locator("#opened-reasons li").count() > 3
        expect(page.locator("#opened-reasons .total")).to_contain_text(f"{by_number[number]:.1%}")
        page.keyboard.press("Escape")
        expect(opened).to_be_hidden()
        expect(row.get_by_role("link")).to_be_focused()
        assert "open=" not in page.url
    assert differ
    row.click()
    address = page.url
    page.goto(address)
    expect(page.locator("#input-summary")).to_have_text(
        re.compile("Drop the schedule of 14 July 2017 here to see the flight at")
    )
    give(page, opened_day())
    wait_for_board(page)
    expect(page.locator("#opened-reasons .total")).to_contain_text(f"{by_number[number]:.1%}")
    give(page, text_of(ROWS[0]))
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text("The flight that was to be opened is not among")


def test_a_flight_asked_alone_says_so_and_offers_its_day(open_page: Open) -> None:
    page = open_page("?destination=SCFA&airline=SKU&departure=2017-07-14T18:35", width=390, height=844)
    expect(page.locator("#alone")).to_contain_text("the other departures of its day are not counted")
    page.get_by_role("link", name="Add the day’s schedule").click()
    expect(page.locator("#input-summary")).to_contain_text("Drop the schedule of 14 July 2017 here")
    give(page, text_of(*ROWS))
    wait_for_board(page)
    opened = page.get_by_role("region", name="Antofagasta, 14 July 2017, 18:35")
    expect(opened).to_contain_text("with the 2 other departures")
    expect(opened).to_have_attribute("aria-busy", "false")
    assert not is_wide(page)
    assert faults(page) == []


def test_sorts_filters_and_searches(open_page: Open, server: Server) -> None:
    page = open_page(BOARD)
    give(page, text_of(*ROWS))
    wait_for_board(page)
    expect(page).to_have_url(f"{server.url}?view=board&sort=time")
    head = page.locator("#sheet .head")
    head.get_by_role("button", name="Chance").click()
    shares = lengths(page, "#sheet .bar", "--to")
    assert shares == sorted(shares, reverse=True)
    expect(head.locator(".chance")).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button", name="Chance").click()
    assert lengths(page, "#sheet .bar", "--to") == sorted(shares)
    expect(page).to_have_url(re.compile("sort=-probability"))
    head.get_by_role("button", name="Destination").click()
    assert shown(page) == ["Antofagasta", "Antofagasta", "Buenos Aires", "Buenos Aires"]
    head.get_by_role("button", name="Flight").click()
    assert shown(page, ".flight-number") == ["LA 450", "H2 802", "H2 101", "XQ 7"]
    page.get_by_label("Day", exact=True).select_option(label="Fri 14 Jul (3)")
    expect(page.locator("#count")).to_have_text("3 of 4 flights")
    assert set(shown(page, ".date")) == {""}
    filters = page.get_by_role("search")
    filters.get_by_label("Destination").select_option(label="Buenos Aires (EZE)")
    filters.get_by_label("Airline").select_option(label="Sky Airline (H2)")
    assert shown(page, ".flight-number") == ["H2 802"]
    expect(page).to_have_url(re.compile("sort=airline&day=2017-07-14&airline=SKU&destination=SAEZ"))
    page.get_by_role("button", name="Show all").click()
    for search, numbers in {
        "ezeiza": ["LA 450", "H2 802"],
        "h2": ["H2 802", "H2 101"],
        "SCFA sky": ["H2 101"],
        "18:": ["H2 101"],
        "80": ["H2 802"],
    }.items():
        page.get_by_role("searchbox").fill(search)
        expect(page.locator("#sheet .departure .flight-number")).to_have_text(numbers)
        expect(page.locator("#count")).to_have_text(f"{len(numbers)} of 4 flights")
    page.get_by_role("searchbox").fill("nowhere")
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#count")).to_have_text("4 of 4 flights")
    page.get_by_label("Only these").check()
    expect(page.locator("#count")).to_have_text(f"{total(page, 'warned')} of 4 flights")
    expect(page).to_have_url(re.compile("warned=1"))


def test_a_desk_warns_from_a_chance_of_its_own(open_page: Open, artifact: Artifact) -> None:
    """What it means is shown as the slider moves, here and on the flights measured; the address keeps it."""
    page = open_page(BOARD)
    give(page, text_of(*ROWS))
    wait_for_board(page)
    chances = [float(row["delay_probability"]) for row in table_of(taken(page))]
    slider, meaning = page.get_by_role("slider", name="Warn from"), page.locator("#warn-meaning")
    expect(page.locator("#total-warned-title")).to_have_text("From 50.0%")
    for percent in (12, 45, 99):
        slider.fill(str(percent))
        warned = sum(chance >= percent / 100 for chance in chances)
        expect(page.locator("#total-warned-title")).to_have_text(f"From {percent}%")
        expect(meaning).to_contain_text(f"From {percent}%: {warned} of 4 flights here.")
        point = artifact.card.operating_points[percent - 1]
        expect(meaning).to_contain_text(
            "No test flight reached it."
            if point.precision is None
            else f"Of the test flights {point.called:.1%} reached it; {point.precision:.1%} of those left "
            f"late, and they were {point.recall:.1%} of all late flights."
        )
        expect(page).to_have_url(re.compile(f"warn={percent}"))
    page.reload()
    give(page, text_of(*ROWS))
    wait_for_board(page)
    expect(slider).to_have_value("99")
    slider.fill("50")
    expect(page).not_to_have_url(re.compile("warn="))


def test_the_csv_has_what_is_shown(open_page: Open) -> None:
    page = open_page(BOARD)
    give(page, text_of(*ROWS, ROWS[1]))
    wait_for_board(page)
    assert len(table_of(taken(page))) == 5
    page.get_by_role("search").get_by_label("Destination").select_option(label="Buenos Aires (EZE)")
    assert [row["flight_number"] for row in table_of(taken(page))] == ["450", "802", "450"]
    page.get_by_role("searchbox").fill("802")
    expect(page.locator("#count")).to_have_text("1 of 4 flights")
    assert [row["flight_number"] for row in table_of(taken(page))] == ["802"]


def test_sums_by_hour_and_an_hour_filters(open_page: Open, server: Server) -> None:
    page = open_page(BOARD)
    give(page, text_of(*ROWS))
    wait_for_board(page)
    chances = [float(row["delay_probability"]) for row in table_of(taken(page))]
    hours = page.locator("#hours .hour")
    expect(hours).to_have_count(24)
    seven = sum(chances[1:3])
    expect(hours.nth(7)).to_have_accessible_name(f"07:00 to 08:00: {seven:.1f} late expected of 2 flights")
    expect(hours.nth(8)).to_be_disabled()
    assert float(total(page, "expected")) == pytest.approx(sum(chances), abs=0.051)
    hours.nth(7).click()
    expect(hours.nth(7)).to_have_attribute("aria-pressed", "true")
    assert shown(page, ".time") == ["07:05", "07:40"]
    expect(page).to_have_url(re.compile("hour=7"))
    assert float(total(page, "expected")) == pytest.approx(seven, abs=0.051)
    expect(hours.nth(18)).to_be_enabled()
    hours.nth(7).click()
    expect(page.locator("#count")).to_have_text("4 of 4 flights")
    assert "hour" not in page.url


def test_the_address_holds_how_it_is_shown_but_not_the_file(open_page: Open) -> None:
    page = open_page(f"{BOARD}&sort=-probability&destination=SCFA&hour=99&day=2031-01-01")
    expect(page.locator("#input-summary")).to_contain_text("Files are never stored. Drop the schedule again")
    give(page, text_of(*ROWS))
    wait_for_board(page)
    assert shown(page) == ["Antofagasta", "Antofagasta"]
    assert "hour" not in page.url
    assert "day" not in page.url
    page.reload()
    expect(page.locator("#input-summary")).to_contain_text("Files are never stored")
    expect(page.locator("#departures")).to_be_hidden()


def test_pasted_rows(open_page: Open) -> None:
    page = open_page(BOARD)
    page.get_by_role("button", name="Paste rows").click()
    expect(page.locator("#pasted")).to_be_focused()
    page.locator("#pasted").fill(text_of(*ROWS).replace(",", "\t"))
    page.get_by_role("button", name="Read these rows").click()
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text(
        "Pasted rows: 4 flights from 14 July 2017 to 15 July 2017."
    )
    paste = """(text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    }"""
    page.evaluate(paste, text_of(ROWS[0]))
    expect(page.locator("#count")).to_have_text("1 of 1 flight")


def test_a_dropped_file(open_page: Open) -> None:
    page = open_page(BOARD)
    data = page.evaluate_handle(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "dropped.csv"));
          return data;
        }""",
        text_of(*ROWS),
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": data})
    expect(page.locator("#board-panel")).to_have_class(re.compile("over"))
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text("dropped.csv: 4 flights")


def test_a_made_up_day(open_page: Open, artifact: Artifact) -> None:
    page = open_page(BOARD)
    page.get_by_role("button", name="Try a sample day").click()
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text("Sample day: 20 flights on")
    expect(page.locator("#input-summary")).to_contain_text("Made up: as many flights as on an average day")
    expect(page.locator("#input-summary")).not_to_contain_text("more than a year away")
    first = table_of(taken(page))
    flown = {(one.airline, one.origin, one.destination) for one in artifact.airline_routes}
    assert {(row["airline"], row["origin"], row["destination"]) for row in first} <= flown
    assert {row["scheduled_departure"][11:13] for row in first} == {"07", "18"}
    assert all("2017-08-25" <= row["scheduled_departure"][:10] <= "2017-08-31" for row in first)
    assert page.locator("#sheet .airline", has_text="new").count() == 0
    page.get_by_role("button", name="Try a sample day").click()
    wait_for_board(page)
    assert table_of(taken(page)) == first


def test_arrivals_are_refused_by_name_and_new_routes_marked(open_page: Open) -> None:
    page = open_page(BOARD)
    header = "scheduled_departure,airline,origin,destination,flight_number"
    rows = (
        "2017-07-14T18:35,SKU,SCEL,SCFA,1",
        "2017-07-14T18:40,LAN,SPJC,SCEL,2",
        "2017-07-14T18:45,LA,SCL,SCL,3",
        "2017-07-14T18:50,H2,SCL,EZE,4",
    )
    give(page, "\n".join((header, *rows)))
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text(
        "2 rows are no departures from Santiago (SCL) and are left out,"
        " such as row 3 (SPJC to SCEL) and row 4 (SCL to SCL)."
    )
    assert total(page, "flights") == "2"
    assert [row["flight_number"] for row in table_of(taken(page))] == ["1", "4"]
    expect(page.locator("#sheet .airline", has_text="airline new on this route")).to_have_count(1)
    give(page, "\n".join((header, rows[1])))
    expect(page.locator("#board-failure-remedy")).to_contain_text("row 2 from SPJC to SCEL")


def test_each_bad_row_is_told(open_page: Open) -> None:
    page = open_page(BOARD)
    bad = (
        "14/07/2017 18:35,SKU,SCEL,SCFA,1",
        "2017-07-14T18:35,,SCEL,SCFA,2",
        "2017-07-14T18:35,SKU,SCEL,Antofagasta,3",
        "1017-07-14T18:35,SKU,SCEL,SCFA,4",
        "2017-07-14T18:35,SKU,SCEL",
    )
    give(page, text_of(*bad[:2], "", *ROWS, *bad[2:], ROWS[0]))
    wait_for_board(page)
    expect(page.get_by_role("heading", name="5 rows that cannot be read")).to_be_visible()
    expect(page.locator("#problems-list li")).to_have_text(
        [
            "Row 2: scheduled_departure '14/07/2017 18:35' is not a time written 2017-01-31T18:05:00",
            "Row 3: airline is missing",
            "Row 9: destination 'Antofagasta' is not a code of 2 to 8 letters and digits",
            "Row 10: scheduled_departure '1017-07-14T18:35' is not of a year from 1950 to 2149",
            "Row 11: 3 fields instead of 5",
        ]
    )
    expect(page.locator("#input-summary")).to_contain_text("1 row repeats an earlier one.")
    expect(page.locator("#input-summary")).to_contain_text("5 of 10 rows cannot be read and are left out")
    assert len(table_of(taken(page))) == 5


OWN = {
    "spanish": (
        "Vuelo;Aerolínea;Origen;Destino;Fecha;Hora;Puerta",
        "101;H2;SCL;ANF;14-07-2017;18:35;7|450;LA;SCL;EZE;14-07-2017;7:05;|802;H2;SCL;EZE;15-07-2017;07:40;12",
    ),
    "slashes": (
        "Flight No,Airline Code,From,To,Scheduled Departure",
        "LA 45,LA,SCL,EZE,14/07/2017 7:05|H2 1,H2,SCL,ANF,14/07/2017 18:35|H2 8,SKU,SCL,ANF,1/8/2017 9:40",
    ),
    "months first": (
        "carrier,origin,dest,date,sched dep time,act dep time",
        "LA,SCL,ANF,07/14/2017,0705,0720|H2,SCL,ANF,07/14/2017,2350,5|LA,SCL,ANF,07/15/2017,1200,NA",
    ),
    "designators": (
        "Flight,Origin,Destination,STD",
        "LA 450,SCL,EZE,2017-07-14 07:05|H2101,SCL,ANF,2017-07-14 18:35",
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_columns_of_ones_own_are_guessed_as_check_does(open_page: Open, tmp_path: Path, name: str) -> None:
    header, rows = OWN[name]
    path = tmp_path / "own.csv"
    path.write_text("\n".join([header, *rows.split("|")]) + "\n", "utf-8")
    draft = draft_mapping(str(path))
    assert not isinstance(draft, str)
    wanted = read_flights(str(path), source=draft.mapping, history=False).frame
    page = open_page(BOARD)
    give(page, path)
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text("Read from the columns")
    with page.expect_request("**/v1/predictions") as request:
        give(page, path)
    asked = request.value.post_data_json["flights"]  # type: ignore[index]
    assert [one["scheduled_departure"] for one in asked] == [
        f"{at:%Y-%m-%dT%H:%M:%S}.000" for at in wanted["scheduled_departure"]
    ]
    tables = (TABLES.airlines, TABLES.airports)
    codes = {
        code: known.code for table in tables for known in table for code in (known.code, known.iata) if code
    }
    for field in ("airline", "origin", "destination"):
        assert [codes[one[field]] for one in asked] == [codes[code] for code in wanted[field]]


def test_headings_say_the_same_to_the_page_as_to_check(open_page: Open) -> None:
    page = open_page(BOARD)
    headings = [word for words in HEADINGS.values() for word in words]
    headings += [
        "Fecha programada (local)",
        "Compañía",
        "Verspätung [min]",
        "Gate",
        "CRSDepTime",
        "N° de vuelo",
        "",
        "STD UTC",
    ]
    found = page.evaluate(
        """async (headings) => {
          const { detectRole } = await import("/board/columns.js");
          const known = await (await fetch("/board/schedules.json")).json();
          return headings.map((heading) => detectRole(heading, known));
        }""",
        headings,
    )
    assert found == [detect_role(heading) or "" for heading in headings]


def test_columns_are_corrected_and_remembered(open_page: Open) -> None:
    """By names of airlines and cities too; what cannot be guessed is asked for."""
    page = open_page(BOARD)
    rows = (
        "Vuelo;Cía. que opera;Hacia;Día;Sale;Salió\n"
        "101;Sky Airline;Antofagasta;14-07-2017;18:35;19:20\n"
        "802;Sky Airline;Antofagasta;14-07-2017;23:50;00:01\n"
        "450;LAN;SAEZ;15-07-2017;07:05;07:00\n"
    )
    give(page, rows, "plan.csv")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Say below which of them holds what")
    form = page.locator("#columns-form")
    expect(form.get_by_label("departure date or date and time")).to_be_focused()
    for label, column in {
        "departure date or": "Día",
        "departure time": "Sale",
        "airline": "Cía. que opera",
        "destination": "Hacia",
        "flight number": "Vuelo",
        "actual departure": "Salió",
    }.items():
        form.get_by_label(label).select_option(column)
    form.get_by_role("button", name="Read with these columns").click()
    wait_for_board(page)
    assert shown(page) == ["Antofagasta", "Antofagasta", "Buenos Aires"]
    assert shown(page, ".outcome") == ["+45\u00a0min", "+11\u00a0min", "−5\u00a0min"]
    own = table_of(taken(page), ";")
    assert [row["Salió"] for row in own] == ["19:20", "00:01", "07:00"]
    expected = sum(float(row["delay_probability"]) for row in own)
    expect(page.locator("#outcome")).to_have_text(
        f"Of 3 flights whose departure the file has, {expected:.1f} were expected late and 1 left late."
    )
    page.reload()
    give(page, rows, "plan.csv")
    wait_for_board(page)
    assert shown(page, ".flight-number") == ["H2 101", "H2 802", "LA 450"]
    page.locator("#columns summary").click()
    expect(form.get_by_label("departure time")).to_have_value("Sale")


PLAN: list[list[Cell]] = [
    ["Plan of the week"],
    ["Vuelo", "Aerolínea", "Destino", "Fecha", "Hora"],
    [101, "H2", "ANF", dt.datetime(2017, 7, 14), dt.time(18, 35)],
    [450, "LA", "EZE", dt.datetime(2017, 7, 14), dt.time(7, 5)],
    [7, "LA", "nowhere at all", dt.datetime(2017, 7, 14), dt.time(7, 5)],
]


def test_the_server_reads_a_workbook_and_keeps_nothing(open_page: Open, server: Server) -> None:
    folder = server.log.parent
    before = {path.name for path in folder.iterdir()}
    page = open_page(BOARD)
    expect(page.locator("#workbooks-privacy")).to_contain_text("is sent to the server whole")
    give(page, workbook({"Plan": PLAN}), "plan.xlsx")
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text(
        "The server read this spreadsheet and kept nothing of it."
    )
    assert shown(page, ".flight-number") == ["LA 450", "H2 101"]
    expect(page.locator("#problems-list li")).to_have_text(
        ["Row 5: Destino 'nowhere at all' is not a code of 2 to 8 letters and digits"]
    )
    assert [row["Hora"] for row in table_of(taken(page))] == ["18:35:00", "07:05:00"]
    assert {path.name for path in folder.iterdir()} == before
    large = workbook({"Plan": PLAN}) + bytes(2 * 2**20)
    give(page, large, "large.xls")
    expect(page.get_by_role("alert")).to_contain_text(
        "larger than the 2.0 MiB of a spreadsheet that this server reads"
    )


def test_a_server_that_reads_no_workbooks_says_so(open_page: Open) -> None:
    page = open_page(BOARD)

    def without(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | {"workbooks": False})

    page.route("**/board/schedules.json", without)
    page.reload()
    give(page, workbook({"Plan": PLAN}), "plan.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("this server does not read those. Save it as CSV")
    expect(page.locator("#workbooks-privacy")).to_be_hidden()


def test_a_header_in_other_capitals_is_the_same_header(open_page: Open, tmp_path: Path) -> None:
    page = open_page(BOARD)
    page.wait_for_selector("#formats-list li", state="attached")
    path = MAKERS["scl"](tmp_path / "scl.csv", days=2)
    header, _, rows = path.read_text("utf-8").partition("\n")
    found = [page.evaluate(READ, [f"{names}\n{rows}"]) for names in (header, header.upper(), header.lower())]
    assert found[0]["flights"]
    assert found[0] == found[1] == found[2]


def test_a_template_is_a_schedule_that_the_page_reads(open_page: Open) -> None:
    page = open_page(BOARD)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download a template").click()
    assert download.value.suggested_filename == "schedule.csv"
    give(page, Path(download.value.path()).read_bytes(), "template.csv")
    wait_for_board(page)
    expect(page.locator("#count")).to_have_text("3 of 3 flights")


FILES = {
    "parquet": (b"PAR1\x15\x04", "Parquet file, which this page does not read.*puntual predict"),
    "gzip": (b"\x1f\x8b\x08\0", "packed file. Unpack it"),
    "zip": (b"PK\x03\x04", "packed file. Unpack it"),
    "xlsx": (b"PK\x03\x04......xl/worksheets/sheet1.xml", "finds no table in this spreadsheet"),
    "xls": (b"\xd0\xcf\x11\xe0", "finds no table in this spreadsheet"),
    "puntual": (b"PK\x03\x04......[Content_Types].xml", "packed file. Unpack it"),
    "pdf": (b"%PDF-1.7", "no CSV file"),
    "json": (b'{"flights": []}', "no CSV file"),
    "html": (b" <!doctype html>", "no CSV file"),
    "binary": (b"a,b\n\0\0", "no CSV file"),
    "utf-16": ("a,b\n1,2".encode("utf-16"), "UTF-16"),
    "empty": (b"", "It is empty"),
    "blank": (b" \n\n", "It is empty"),
    "header": (b"a,b\n", "a header and no rows"),
    "several lines": (b'a,"b\nc",d\n1,2,3', "runs over several lines"),
    "one column": (b"flights\n1\n", "one column, .flights."),
    "twice": (b"a,a\n1,2\n", "column .a. is in the header twice"),
    "missing one": (
        b"Fecha-I,Ori-I,Emp-I\n2017-01-01,SCEL,LAN\n",
        "column Des-I is missing. Wanted: Fecha-I, Emp-I, Ori-I,? and Des-I",
    ),
    "missing several": (
        b"year,month,origin\n1,2,3\n",
        "columns day, sched_dep_time, carrier,? and dest are missing",
    ),
    "unknown": (b"a,b,c,d,e,f\n1,2,3,4,5,6\n", "The columns are a, b, c, d, e, ….*Say below which"),
    "mostly bad": (
        text_of(ROWS[0], "tomorrow,SKU,SCEL,SCFA,1", ",SKU,SCEL,SCFA,1").encode(),
        "2 of 3 rows cannot be read.*Row 3: scheduled_departure 'tomorrow' is not a time",
    ),
}


def test_files_that_are_no_schedule_are_told(open_page: Open) -> None:
    page = open_page(BOARD)
    alert = page.get_by_role("alert")
    for content, told in FILES.values():
        give(page, content)
        expect(alert).to_contain_text("This cannot be read as a schedule")
        expect(alert).to_contain_text(re.compile(told))
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    give(page, text_of(*ROWS))
    wait_for_board(page)


def ten_thousand() -> str:
    first = dt.datetime(2017, 7, 1)
    times = (first + dt.timedelta(minutes=4 * n) for n in range(10_000))
    return text_of(
        *(
            f"{time:%Y-%m-%dT%H:%M},{('SKU', 'LAN')[n % 2]},SCEL,{('SCFA', 'SAEZ')[n % 3 // 2]},{n}"
            for n, time in enumerate(times)
        )
    )


def test_ten_thousand_rows(open_page: Open) -> None:
    page = open_page(BOARD)
    asked: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if "predictions" in request.url and request.post_data_json:
            asked.append(request.post_data_json)

    page.on("request", note)
    give(page, ten_thousand())
    wait_for_board(page)
    (question,) = asked
    assert question["timetable"] == "request"
    assert len(question["flights"]) == 10_000
    assert set(question["flights"][0]) == {"airline", "origin", "destination", "scheduled_departure"}
    expect(page.locator("#count")).to_have_text("10,000 of 10,000 flights")
    rows = page.locator("#sheet .departure")
    assert rows.count() < 60
    page.locator("#sheet").evaluate("sheet => (sheet.scrollTop = sheet.scrollHeight)")
    expect(rows.last).to_have_attribute("aria-rowindex", "10001")
    expect(rows.last).to_contain_text("9999")
    assert rows.count() < 60
    indices = rows.evaluate_all("rows => rows.map((row) => row.ariaRowIndex)")
    assert indices == sorted(indices, key=int)


def test_more_flights_than_a_request_takes_go_in_whole_days(open_page: Open) -> None:
    page = open_page(BOARD)
    asked: list[list[str]] = []

    def fewer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | {"max_flights": 900})

    def note(request: Request) -> None:
        if "predictions" in request.url and request.post_data_json:
            flights = request.post_data_json["flights"]
            asked.append(sorted({flight["scheduled_departure"][:10] for flight in flights}))

    page.route("**/board/schedules.json", fewer)
    page.reload()
    page.on("request", note)
    give(page, ten_thousand())
    wait_for_board(page)
    days = [day for part in asked for day in part]
    assert len(days) == len(set(days)) == 28
    assert max(map(len, asked)) == 2
    assert len(table_of(taken(page))) == 10_000


def test_a_day_too_large_is_told(open_page: Open) -> None:
    page = open_page(BOARD)
    rows = [f"2017-07-14T10:00,SKU,SCEL,SCFA,{n}" for n in range(10_001)]
    give(page, text_of(*rows))
    expect(page.get_by_role("alert")).to_contain_text(
        "10,001 flights on 14 July 2017, and the server takes up to 10,000"
    )


def test_keyboard_alone(open_page: Open, server: Server) -> None:
    page = open_page(BOARD)
    give(page, ten_thousand())
    wait_for_board(page)
    page.locator("#sheet .head").get_by_role("button", name="Chance").focus()
    page.keyboard.press("Tab")
    focused = page.locator("#sheet .departure:focus-within")
    expect(focused).to_have_attribute("aria-rowindex", "2")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-rowindex", "3")
    page.keyboard.press("End")
    expect(focused).to_have_attribute("aria-rowindex", "10001")
    expect(focused).to_be_in_viewport()
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowUp")
    expect(focused).to_be_in_viewport()
    page.locator("#sheet").evaluate("sheet => (sheet.scrollTop = 0)")
    assert focused.count() == 1
    page.keyboard.press("Home")
    expect(focused).to_have_attribute("aria-rowindex", "2")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=probability"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#opened-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(focused).to_have_attribute("aria-rowindex", "2")


def test_taken_away_with_nothing_that_a_spreadsheet_would_run(open_page: Open) -> None:
    page = open_page(BOARD)
    remarks = ('"=HYPERLINK(""http://x"")"', "@sum", "+1 234", "-5", "-", "--", "+1.5", "plain")
    rows = [f"2017-07-14T10:0{n},SKU,SCEL,SCFA,{n},{remark}" for n, remark in enumerate(remarks)]
    give(page, text_of(*rows, header=f"{HEADER},=remark"))
    wait_for_board(page)
    told = [row["'=remark"] for row in table_of(taken(page))]
    assert told == ['\'=HYPERLINK("http://x")', "'@sum", "'+1 234", "-5", "-", "--", "+1.5", "plain"]


def test_a_server_that_is_down(open_page: Open) -> None:
    page = open_page(BOARD)
    expect(page.locator("#formats-list li")).to_have_count(3)
    give(page, text_of(ROWS[0]))
    wait_for_board(page)
    page.context.set_offline(True)
    give(page, text_of(*ROWS))
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.get_by_role("alert")).to_contain_text("The schedule is still here")
    assert len(table_of(taken(page))) == 1
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    wait_for_board(page)
    expect(page.locator("#count")).to_have_text("4 of 4 flights")


def test_a_server_that_is_slow_or_busy(open_page: Open) -> None:
    page = open_page(BOARD)
    held = hold_predictions(page)
    give(page, text_of(*ROWS))
    expect(page.locator("#wait")).to_have_text("Checking 4 flights …")
    expect(page.locator("#board-panel")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#board-status")).to_have_text("Checking 4 flights …")
    busy = {"detail": "too much to do", "title": "Busy"}
    held.pop().fulfill(status=503, headers={"retry-after": "2"}, json=busy)
    expect(page.locator("#wait")).to_have_text("In line behind other requests: about 2 seconds …")
    expect(page.locator("#wait")).to_have_text("In line behind other requests: about 1 second …")
    while not held:  # it is asked again by itself
        page.wait_for_timeout(20)
    held.pop().fulfill(status=503, json=busy)
    expect(page.get_by_role("alert")).to_contain_text("The server is not ready")
    expect(page.get_by_role("alert")).to_contain_text("It may still be starting.")
    expect(page.locator("#wait")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#wait")).to_be_visible()
    held.pop().continue_()
    wait_for_board(page)


def test_the_last_file_counts(open_page: Open) -> None:
    page = open_page(BOARD)
    hold_predictions(page)
    give(page, text_of(*ROWS))
    expect(page.locator("#wait")).to_be_visible()
    page.unroute("**/v1/predictions")
    give(page, text_of(ROWS[0]))
    wait_for_board(page)
    expect(page.locator("#count")).to_have_text("1 of 1 flight")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("locale", ["en-GB", "es-CL"])
def test_the_first_departure_is_on_the_first_screen(
    open_page: Open, locale: str, width: int, height: int
) -> None:
    page = open_page(BOARD, locale=locale, width=width, height=height)
    give(page, opened_day())
    wait_for_board(page)
    row = page.locator("#sheet .departure").first
    expect(row).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0
    head = page.locator("#sheet .head .chance")
    expect(head).to_have_text("Chance" if locale == "en-GB" else "Probabilidad")
    sign = "%" if locale == "en-GB" else "\u00a0%"
    texts = [*shown(page, ".share"), page.locator("#total-warned-title").text_content() or ""]
    assert texts
    assert all(re.search(rf"\d{sign}$", text) for text in texts)


def test_phone_never_scrolls_sideways(open_page: Open) -> None:
    page = open_page(BOARD, width=360, height=740)
    page.locator("#formats summary").click()
    assert not is_wide(page)
    give(page, text_of(*ROWS, "x" * 90 + ",SKU,SCEL,SCFA,1"))
    wait_for_board(page)
    assert not is_wide(page)
    assert page.locator("#sheet").evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")


def test_paper_has_every_row_and_nothing_to_press(open_page: Open) -> None:
    flights = 300
    page = open_page(BOARD)
    give(page, "\n".join(ten_thousand().splitlines()[: 1 + flights]))
    wait_for_board(page)
    rows = page.locator("#sheet .departure")
    assert rows.count() < 60
    pages = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    assert flights / 60 < pages < flights / 15
    assert rows.count() < 60

    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(rows).to_have_count(flights)
    tops = rows.evaluate_all("rows => rows.map((row) => row.getBoundingClientRect().top)")
    assert all(later - sooner > 10 for sooner, later in itertools.pairwise(tops))
    for pressed in ("#download", "#choose", "#filters-part", "#views", "footer"):
        expect(page.locator(pressed)).to_be_hidden()
    expect(page.locator(".board.panel")).to_have_css("background-color", "rgb(255, 255, 255)")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert rows.count() < 60


def test_speaks_spanish(open_page: Open) -> None:
    page = open_page(BOARD, locale="es-CL")
    give(page, text_of(*ROWS, ",SKU,SCEL,SCFA,1"))
    wait_for_board(page)
    expect(page.locator("#input-summary")).to_contain_text(
        "day.csv: 4 vuelos del 14 de julio de 2017 al 15 de"
    )
    expect(page.locator("#problems-list li")).to_have_text("Fila 6: falta scheduled_departure")
    expect(page.get_by_role("grid", name="Salidas")).to_be_visible()
    assert untranslated(page) == []


def test_nothing_of_a_schedule_stays_on_the_server(open_page: Open, server: Server) -> None:
    folder = server.log.parent
    before = {path.name for path in folder.iterdir()}
    page = open_page(BOARD)
    give(page, text_of(*ROWS, "2017-07-14T18:35,QXQ,SCEL,QQQQ,99"), "confidential.csv")
    wait_for_board(page)
    assert {path.name for path in folder.iterdir()} == before
    assert not re.search("QXQ|QQQQ|confidential", server.log.read_text())


def test_a_row_shows_on_which_side_of_the_cut_it_is(open_page: Open) -> None:
    """The cut is one flight's own chance, so that whole numbers would tell several on either side alike."""
    rows = text_of(
        *(f"2017-07-14T{hour:02}:35,{('SKU', 'LAN')[hour % 2]},SCEL,SCFA,{hour}" for hour in range(6, 22))
    )
    page = open_page(BOARD)
    give(page, rows)
    wait_for_board(page)
    chances = sorted(float(row["delay_probability"]) for row in table_of(taken(page)))
    cut = min(chance for chance in chances if chance > chances[0])
    with_threshold(page, cut)
    page.reload()
    give(page, rows)
    wait_for_board(page)
    late, rest = (
        [float(share.rstrip("%")) for share in shown(page, f"{kind} .share")]
        for kind in ("[data-risk=raised]", "[data-risk=low]")
    )
    assert late
    assert rest
    assert max(rest) < round(100 * cut, 1) <= min(late)


def test_dates_far_from_what_was_learned_are_counted(open_page: Open) -> None:
    page = open_page(BOARD)
    years_later = [row.replace("2017-07", "2026-11") for row in ROWS[:3]]
    give(page, text_of(*years_later, ROWS[3]))
    wait_for_board(page)
    status = page.locator("#board-status")
    expect(status).to_contain_text("3 flights are more than a year away from those the model learned from")
    expect(status).to_contain_text("(1 January 2017 to 31 August 2017)")
    expect(status).to_contain_text("3 flights are at a time of the year at which the model has seen none")
    assert {row["unknown"] for row in table_of(taken(page))} == {"season date", "airline"}
    give(page, text_of(*ROWS))
    wait_for_board(page)
    expect(status).not_to_contain_text("more than a year")
