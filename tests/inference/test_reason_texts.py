"""Reasons in words: every text of both languages, the points of the reasons, the flight's own values."""

from __future__ import annotations

import datetime as dt
import math
import re
import string
from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.i18n import texts
from puntual.i18n.texts import LANGUAGES, read_messages
from puntual.inference.artifact import Artifact
from puntual.inference.catalogue import CATALOGUE, COUNTED
from puntual.inference.encoder import ENCODED, Encoder, Values
from puntual.inference.operations import OPERATIONS, OPERATIONS_GROUPS
from puntual.inference.predictor import Predictor
from puntual.inference.reason_texts import MIN_POINTS, SUBJECTS, Encoded, ReasonTexts
from puntual.inference.reasons import BASE
from puntual.inference.timetable import NO_COUNTS
from puntual.types import Flight
from tests.features.test_agreement import FLIGHTS
from tests.flights import TABLES as FEW_DAYS

TABLES = msgspec.structs.replace(FEW_DAYS, days_of_year=tuple(range(1, 101)), last_day=dt.date(2017, 4, 10))
MESSAGES = {language: read_messages("reasons", language) for language in LANGUAGES}
GROUPS = {feature.group for feature in CATALOGUE} | {*OPERATIONS_GROUPS.values()}
ENCODER = Encoder(TABLES, ENCODED)
NOON = dt.datetime(2017, 2, 7, 12, 5)
COUNTS = tuple(float(1200 + position) for position in range(len(COUNTED)))


def day_of(**known: float) -> Values:
    """What is known of a day: these values, and nothing else."""
    assert {*known} <= {*OPERATIONS}
    return tuple(known.get(name, math.nan) for name in OPERATIONS)


def tell(
    language: str,
    reasons: dict[str, float],
    counts: Values = NO_COUNTS,
    day: Values | None = None,
    **asked: Any,
) -> list[str]:
    flight = msgspec.convert(
        {"airline": "LAN", "destination": "SCFA", "scheduled_departure": NOON} | asked, Flight
    )
    told = ReasonTexts(language, TABLES, ENCODER).render(
        Encoded(ENCODER.resolve(flight), counts, day), reasons.items()
    )
    return list(told)


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def situations() -> Iterator[dict[str, Any]]:
    """Flights that between them need every text."""
    codes = {"airline": "ZZ", "operator": "QQ", "destination": "YYY", "origin": "XXX"}
    yield from ({name: code} for name, code in codes.items())
    yield {"operator": "LAN"}
    yield {"flight_type": "I"}
    yield from ({"scheduled_departure": dt.datetime(2017, 1, 1) + dt.timedelta(days)} for days in range(365))


def days() -> Iterator[Values]:
    """What is known of a day: nothing, little, and everything."""
    yield day_of(airport_0_minutes_overdue=1)
    yield day_of(airport_0_minutes_overdue=0, aircraft_delay=-2)
    yield day_of(temperature_c=18)
    yield day_of(
        airport_0_minutes_overdue=7,
        airport_late_120=0.24,
        airline_late_1440=0.3,
        destination_late_7_days=0.1,
        inbound_late_240=0.2,
        temperature_c=-3.2,
        wind_kt=12,
        aircraft_delay=40,
    )


def test_both_languages_have_the_same_texts() -> None:
    assert list(MESSAGES["en"]) == list(MESSAGES["es"])
    for key, message in MESSAGES["en"].items():
        assert placeholders(message) == placeholders(MESSAGES["es"][key]), key


def test_every_group_has_its_words() -> None:
    assert set(SUBJECTS) == GROUPS


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_or_unused(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()

    class Seen(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.add(key)
            return super().__getitem__(key)

    monkeypatch.setattr(texts, "read_messages", lambda part, language: Seen(MESSAGES[language]))
    for asked, counts in product(situations(), (NO_COUNTS, COUNTS)):
        tell(language, dict.fromkeys(SUBJECTS, 0.02) | {"hour": 0.01, BASE: -0.03}, counts, **asked)
        tell(language, {"hour": 0.0}, counts, **asked)
    for day in days():
        tell(language, dict.fromkeys(SUBJECTS, 0.02), day=day)
    assert used == set(MESSAGES[language])


@given(st.lists(st.floats(-1, 1), min_size=len(SUBJECTS), max_size=len(SUBJECTS)), st.sampled_from(LANGUAGES))
def test_the_points_told_are_those_of_the_reasons(points: list[float], language: str) -> None:
    reasons = dict(zip(SUBJECTS, points, strict=True))
    told = tell(language, reasons)
    unsaid = reasons.pop("holiday")  # the nearest one is five weeks away
    large = sorted((one for one in reasons.values() if abs(one) >= MIN_POINTS), key=abs, reverse=True)
    small = [unsaid, *(one for one in reasons.values() if abs(one) < MIN_POINTS)]
    wanted = [*large, *([math.fsum(small)] if small else [])]
    assert [signed(sentence) for sentence in told] == [round(one * 100, 1) for one in wanted]


def signed(sentence: str) -> float:
    """The points that a sentence tells, read as a person would."""
    if sentence.endswith(("changes nothing", "no cambia nada")):
        return 0.0
    found = re.fullmatch(r".* (raises it by|lowers it by|suma|resta) ([\d,.]+) \w+", sentence)
    assert found, sentence
    verb, number = found.groups()
    decimal = number.replace(",", ".") if verb in {"suma", "resta"} else number
    return float(decimal) if verb in {"raises it by", "suma"} else -float(decimal)


@pytest.mark.parametrize(
    ("day", "is_said"),
    [(dt.datetime(2017, 5, 8), True), (dt.datetime(2017, 5, 9), False), (dt.datetime(2017, 3, 1), False)],
)
def test_what_is_no_reason_is_told_with_the_rest(day: dt.datetime, is_said: bool) -> None:
    told = tell("en", {"airline": 0.02, "holiday": 0.05, BASE: -0.04}, scheduled_departure=day)
    rest = -4.0 if is_said else 1.0
    assert [signed(sentence) for sentence in told] == [*([5.0] if is_said else []), 2.0, rest]
    assert told[-1].startswith("Everything else")
    assert any("public holiday" in sentence for sentence in told) == is_said


def test_small_reasons_are_told_together() -> None:
    reasons = {"hour": 0.045, "airline": -0.021, "weekday": 0.0049, "base": -0.003, "origin": 0.0}
    assert tell("es", reasons) == [
        "La hora (12:05) suma 4,5 puntos",
        "La aerolínea (LATAM Airlines) resta 2,1 puntos",
        "Todo lo demás suma 0,2 puntos",
    ]
    assert tell("en", {"hour": 0.01}) == ["The hour (12:05) raises it by 1 point"]
    assert tell("en", {"hour": -0.12, "base": 0.0004}) == [
        "The hour (12:05) lowers it by 12 points",
        "Everything else changes nothing",
    ]


@pytest.mark.parametrize(
    ("group", "asked", "en", "es"),
    [
        ("airline", {"airline": "la"}, "The airline (LATAM Airlines)", "La aerolínea (LATAM Airlines)"),
        (
            "airline",
            {"airline": "zz"},
            "An airline that the model never saw (ZZ)",
            "Una aerolínea que el modelo nunca vio (ZZ)",
        ),
        ("operator", {}, "Not knowing who operates it", "No saber quién lo opera"),
        ("destination", {"destination": "ANF"}, "The destination (Antofagasta)", "El destino (Antofagasta)"),
        ("flight_type", {"destination": "SAEZ"}, "An international flight", "Un vuelo internacional"),
        (
            "flight_type",
            {"destination": "XYZ"},
            "Not knowing whether it flies abroad",
            "No saber si vuela al extranjero",
        ),
        ("weekday", {}, "Leaving on a Tuesday", "Salir un martes"),
        (
            "season",
            {},
            "The time of year (7 February, high season)",
            "La época del año (7 de febrero, temporada alta)",
        ),
        (
            "season",
            {"scheduled_departure": dt.datetime(2017, 4, 2)},
            "The time of year (2 April)",
            "La época del año (2 de abril)",
        ),
        (
            "season",
            {"scheduled_departure": dt.datetime(2017, 5, 2)},
            "A date outside the months the model learned from (2 May)",
            "Una fecha fuera de los meses con datos (2 de mayo)",
        ),
        (
            "holiday",
            {"scheduled_departure": dt.datetime(2017, 9, 15)},
            "Leaving 3 days before a public holiday",
            "Salir 3 días antes de un feriado",
        ),
        (
            "holiday",
            {"scheduled_departure": dt.datetime(2017, 1, 1)},
            "Leaving on a public holiday",
            "Salir en un feriado",
        ),
        (
            "holiday",
            {"origin": "XYZ"},
            "Not knowing the public holidays there",
            "No conocer los feriados del lugar",
        ),
        ("congestion", {}, "Not knowing the day's timetable", "No conocer el itinerario del día"),
    ],
)
def test_they_name_the_flights_own_value(group: str, asked: dict[str, Any], en: str, es: str) -> None:
    assert tell("en", {group: 0.2}, **asked) == [f"{en} raises it by 20 points"]
    assert tell("es", {group: -0.2}, **asked) == [f"{es} resta 20 puntos"]


@pytest.mark.parametrize(
    ("group", "known", "en", "es"),
    [
        (
            "day_so_far",
            {"airport_late_120": 0.236},
            "The airport today (24% of the departures of the last two hours late)",
            "El aeropuerto hoy (24\u00a0% de las salidas de las últimas dos horas con atraso)",
        ),
        (
            "day_so_far",
            {"airport_late_60": 0.5},
            "Not knowing how the last two hours went",
            "No saber cómo fueron las últimas dos horas",
        ),
        (
            "overdue",
            {"airport_0_minutes_overdue": 1},
            "What is overdue now (1 departure)",
            "Lo que debió salir y no ha salido (1 vuelo)",
        ),
        (
            "overdue",
            {"airport_0_minutes_overdue": 0},
            "What is overdue now (0 departures)",
            "Lo que debió salir y no ha salido (0 vuelos)",
        ),
        (
            "airline_today",
            {"airline_late_1440": 0.3},
            "The airline today (LATAM Airlines, 30% late in the last 24 hours)",
            "La aerolínea hoy (LATAM Airlines, 30\u00a0% con atraso en las últimas 24 horas)",
        ),
        (
            "destination_lately",
            {},
            "Not knowing how flights to Antofagasta did lately",
            "No saber cómo les fue últimamente a los vuelos a Antofagasta",
        ),
        (
            "weather",
            {"temperature_c": -3.6, "wind_kt": 7.0},
            "The weather (\u22124\u00a0°C, wind 7\u00a0kt)",
            "El tiempo (\u22124\u00a0°C, viento 7\u00a0kt)",
        ),
        ("weather", {"temperature_c": 3.0}, "Not knowing the weather", "No conocer el tiempo"),
        (
            "aircraft",
            {"aircraft_delay": 1234.0},
            "The aircraft (its last departure was 1,234 minutes late)",
            "El avión (su última salida fue con 1.234 minutos de atraso)",
        ),
        (
            "aircraft",
            {"aircraft_delay": 0.0},
            "The aircraft (its last departure was not late)",
            "El avión (su última salida fue sin atraso)",
        ),
        ("lead_time", {}, "How long it is until the departure", "Lo que falta para la salida"),
    ],
)
def test_they_name_what_is_known_of_the_day(group: str, known: dict[str, float], en: str, es: str) -> None:
    assert tell("en", {group: 0.2}, day=day_of(**known)) == [f"{en} raises it by 20 points"]
    assert tell("es", {group: -0.2}, day=day_of(**known)) == [f"{es} resta 20 puntos"]


def test_counts_are_written_as_the_language_writes_them() -> None:
    (english,), (spanish,) = (tell(language, {"congestion": 0.1}, COUNTS) for language in LANGUAGES)
    assert "1,200 that day, 2,403 within" in english
    assert "1.200 ese día, 2.403 a una" in spanish


@given(st.lists(FLIGHTS, min_size=1, max_size=5), st.booleans())
def test_they_change_nothing_else(small_artifact: Artifact, flights: list[Flight], known: bool) -> None:
    predictor = Predictor(small_artifact)
    plain = predictor.explain(flights, complete_days=known)
    told = predictor.explain(flights, complete_days=known, language="es")
    assert all(one.words is msgspec.UNSET for one in plain)
    assert [msgspec.structs.replace(one, words=msgspec.UNSET) for one in told] == plain
    for one in told:
        assert isinstance(one.words, tuple)
        assert 1 <= len(one.words) <= len(one.reasons)


def test_no_text_is_read_where_no_words_are_asked_for(small_artifact: Artifact) -> None:
    flight = Flight(airline="LAN", destination="SCFA", scheduled_departure=NOON)
    read_messages.cache_clear()
    predictor = Predictor(small_artifact)
    predictor.predict([flight])
    predictor.explain([flight])
    assert read_messages.cache_info().currsize == 0
    predictor.explain([flight], language="en")
    assert read_messages.cache_info().currsize == 1
