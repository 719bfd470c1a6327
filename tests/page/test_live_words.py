"""A day so far in words, in both languages: numbers, plurals and times as they are said."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.served import ASKED, Open

DESCRIBE = """async ([sum, about]) => {
  const { describeDay } = await import("/live/words.js");
  const none = { departed: 0, lateDeparted: 0, overdue: 0, late: 0, cancelled: 0, expected: 0, coming: 0 };
  const summary = { mean_delay_minutes: null, late_last_2_h: null, ...about.summary };
  const asOf = about.asOf && { day: about.asOf.slice(0, 10), time: about.asOf.slice(11) };
  return describeDay({ ...none, ...sum }, { date: "2017-07-14", minutes: 15, ...about, summary, asOf });
}"""
MORNING = {"flights": 930, "departed": 212, "lateDeparted": 38, "late": 4, "overdue": 3, "cancelled": 2}
ALONE = {"flights": 2, "departed": 1, "coming": 0.34}
OVER = {"flights": 930, "departed": 925, "lateDeparted": 1, "cancelled": 1, "late": 4, "coming": 4}

DAYS: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "morning": (
        MORNING | {"coming": 96.2},
        {"asOf": "2017-07-14T14:05", "summary": {"late_last_2_h": 0.184}},
        """
        Today 212 of 930 flights have left; 38 of them more than 15 minutes late. Of the flights of the
        last two hours, 18% left late or are late. 7 should have left and have not, 4 of them for more
        than 15 minutes. 2 were cancelled. 716 are still to leave, of which about 96 more than 15
        minutes late.
        """,
        """
        Hoy han salido 212 de 930 vuelos; 38 con más de 15 minutos de atraso. De los vuelos de las
        últimas dos horas, el 18 % salió o va con atraso. 7 ya debieron salir y no lo han hecho, 4 desde
        hace más de 15 minutos. Se cancelaron 2. Faltan 716 por salir, de los que unos 96 saldrían con
        más de 15 minutos de atraso.
        """,
    ),
    "first": (
        ALONE,
        {"asOf": "2017-07-14T05:40"},
        """
        Today 1 of 2 flights has left; none more than 15 minutes late. 1 is still to leave; late flights
        to expect: 0.3.
        """,
        """
        Hoy ha salido 1 de 2 vuelos; ninguno con más de 15 minutos de atraso. Falta 1 por salir; atrasos
        esperados: 0,3.
        """,
    ),
    "none": (
        {"flights": 1, "coming": 0.2},
        {"asOf": "2017-07-14T01:05"},
        """
        Today has 1 flight; none has left yet. 1 is still to leave; late flights to expect: 0.2.
        """,
        """
        Hoy hay 1 vuelo; aún no sale ninguno. Falta 1 por salir; atrasos esperados: 0,2.
        """,
    ),
    "before": (
        {"flights": 930, "coming": 180.4},
        {"asOf": "2017-07-13T22:00"},
        """
        14 July has 930 flights in the timetable. 930 are still to leave, of which about 180 more than
        15 minutes late.
        """,
        """
        El 14 de julio tiene 930 vuelos en el itinerario. Faltan 930 por salir, de los que unos 180
        saldrían con más de 15 minutos de atraso.
        """,
    ),
    "unheard": (
        {"flights": 930, "coming": 180.4},
        {"asOf": None},
        """
        14 July has 930 flights in the timetable. 930 are still to leave, of which about 180 more than
        15 minutes late.
        """,
        """
        El 14 de julio tiene 930 vuelos en el itinerario. Faltan 930 por salir, de los que unos 180
        saldrían con más de 15 minutos de atraso.
        """,
    ),
    "after": (
        OVER,
        {"asOf": "2017-07-15T03:00", "summary": {"mean_delay_minutes": 1.2}},
        """
        On 14 July, 925 of 930 flights left; 1 of them more than 15 minutes late. Their mean delay is 1
        minute. 1 was cancelled. Of 4, nothing was heard.
        """,
        """
        El 14 de julio salieron 925 de 930 vuelos; 1 con más de 15 minutos de atraso. El atraso medio es
        de 1 minuto. Se canceló 1. De 4 no hubo noticias.
        """,
    ),
}


@pytest.mark.parametrize("day", DAYS)
def test_the_day_so_far(open_page: Open, day: str) -> None:
    sums, about, english, spanish = DAYS[day]
    for locale, wanted in (("en-GB", english), ("es-CL", spanish)):
        page = open_page("?view=board", locale=locale)
        said = page.evaluate(DESCRIBE, [sums, about]).replace("\u00a0", " ")
        assert said == " ".join(wanted.split())


MOMENTS = """async () => {
  const { wallClock } = await import("/dates.js");
  const { describeMoment, formatDelay, formatDuration } = await import("/times.js");
  const santiago = wallClock("2017-07-14T05:05:00Z", "America/Santiago");
  const moments = [santiago, wallClock("2017-07-14T14:05:00"), wallClock("2017-07-13T23:59:30Z")];
  const said = moments.map((one) => describeMoment(one, "2017-07-14"));
  const lengths = [0, 45, 130, 180, 4560, 2880].map(formatDuration);
  return [...said, ...lengths, ...[17, -3, 0, 634, null].map(formatDelay)];
}"""


def test_moments_and_stretches_of_time(open_page: Open) -> None:
    told = {
        locale: [text.replace("\u00a0", " ") for text in open_page(locale=locale).evaluate(MOMENTS)]
        for locale in ("en-GB", "es-CL")
    }
    lengths = ["0 min", "45 min", "2 h 10 min", "3 h", "3 d 4 h", "2 d"]
    delays = ["+17 min", "−3 min", "0 min", "+10 h 34", ""]
    assert told["en-GB"] == ["at 01:05", "at 14:05", "at 23:59 on 13 July 2017", *lengths, *delays]
    assert told["es-CL"] == [
        "a la 01:05",
        "a las 14:05",
        "a las 23:59 del 13 de julio de 2017",
        *lengths,
        *delays,
    ]


def answer_with(page: Page, **known: object) -> None:
    """As a service that knows the day answers."""

    def answer(route: Route) -> None:
        document = route.fetch().json()
        for one in document["predictions"]:
            one.update({"horizon": "operations", **known})
        route.fulfill(json=document)

    page.route("**/v1/predictions*", answer)


KNOWN = {
    "2017-07-14T20:25:00Z": (
        130,
        "Made with what was known at 16:25, 2 h 10 min before departure.",
        "Hecho con lo que se sabía a las 16:25, 2 h 10 min antes de la salida.",
    ),
    "2017-07-12T05:35:00Z": (
        3660,
        "Made with what was known at 01:35 on 12 July 2017, 2 d 13 h before departure.",
        "Hecho con lo que se sabía a la 01:35 del 12 de julio de 2017, 2 d 13 h antes de la salida.",
    ),
    "2017-07-14T22:40:00Z": (
        -5,
        "Made with what was known at 18:40, 5 min after the scheduled departure.",
        "Hecho con lo que se sabía a las 18:40, 5 min después de la hora programada.",
    ),
}


@pytest.mark.parametrize("as_of", KNOWN)
def test_an_answer_says_what_it_knew_and_when(open_page: Open, as_of: str) -> None:
    lead, english, spanish = KNOWN[as_of]
    for locale, wanted in (("en-GB", english), ("es-CL", spanish)):
        page = open_page(locale=locale)
        answer_with(page, as_of=as_of, lead_minutes=lead)
        page.goto(page.url + ASKED)
        expect(page.locator("#notes li").last).to_have_text(wanted)


def test_an_answer_says_how_likely_a_cancellation_is(open_page: Open) -> None:
    page = open_page()
    answer_with(page, as_of="2017-07-14T20:25:00Z", lead_minutes=130, cancellation_probability=0.0213)
    page.goto(page.url + ASKED)
    said = "The chance that it is cancelled is 2.1%. The usual share is 2.0%."
    expect(page.locator("#cancellation")).to_have_text(said)
