"""A history as what happened, and when it became known."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np

from puntual.data.zones import airport_zones
from puntual.features import in_model_codes
from puntual.features.moments import scheduled_moments
from puntual.features.operations import History
from puntual.inference.encoder import Encoder
from puntual.models.boosting import FEATURE_NAMES
from puntual.operations.events import Cancellation, Departure, LogEntry
from puntual.operations.live_state import LiveState
from puntual.operations.timeline import known_at, outcomes, timetables
from puntual.types import Flight
from tests.features.test_operations import AIRPORTS, FLIGHTS_FRAME, TABLES, THRESHOLD, asked, differing
from tests.operations.rows import ZONES, row


def test_a_departure_becomes_known_when_it_leaves_and_a_cancellation_when_it_is_said() -> None:
    cancelled = {"cancelled": True, "cancelled_at": dt.datetime(2013, 11, 1, 8)}
    rows = [
        row("2013-11-01 12:00", 25, aircraft="N1"),
        row("2013-11-01 12:10", None, **cancelled),
        row("2013-11-01 12:20", None, cancelled=True),
        row("2013-11-01 12:30"),
    ]
    said = [(type(event), known_at(event).strftime("%H:%M")) for event in outcomes(rows, ZONES)]
    assert said == [(Cancellation, "12:00"), (Cancellation, "16:20"), (Departure, "16:25")]
    left = outcomes(rows, ZONES)[-1]
    assert isinstance(left, Departure)
    assert left.aircraft == "N1"
    assert left.actual_departure.isoformat() == "2013-11-01T12:25:00-04:00"


def test_a_delay_is_time_that_passed_whatever_the_clocks_do() -> None:
    (left,) = outcomes([row("2013-11-03 01:30", 45)], ZONES)
    assert known_at(left).isoformat() == "2013-11-03T06:15:00+00:00"
    (skipped,) = outcomes([row("2013-03-10 01:30", 45)], ZONES)
    assert known_at(skipped).isoformat() == "2013-03-10T07:15:00+00:00"


def test_an_airport_whose_zone_is_not_known_counts_as_in_utc() -> None:
    (left,) = outcomes([row("2013-11-01 12:00", 5, origin="XQZ")], ZONES)
    assert known_at(left).isoformat() == "2013-11-01T12:05:00+00:00"


def test_a_timetable_holds_every_flight_of_the_local_day_and_is_known_the_day_before() -> None:
    rows = [
        row("2013-11-02 00:00", 5),
        row("2013-11-02 23:59", None, cancelled=True),
        row("2013-11-03 00:00", 5),
        row("2013-11-02 10:00", 5, origin="SCL", aircraft="CC-BAA"),
    ]
    days = timetables(rows, ZONES)
    assert [(day.origin, str(day.date), len(day.flights)) for day in days] == [
        ("JFK", "2013-11-02", 2),
        ("SCL", "2013-11-02", 1),
        ("JFK", "2013-11-03", 1),
    ]
    assert [day.known_at.isoformat() for day in days if day.known_at] == [
        "2013-11-01T00:00:00-04:00",
        "2013-11-01T00:00:00-03:00",
        "2013-11-02T00:00:00-04:00",
    ]
    assert days[1].flights[0].aircraft == "CC-BAA"


def test_the_order_of_the_flights_changes_nothing() -> None:
    draw = random.Random(1)
    times = [
        f"2013-11-0{draw.randint(1, 3)} {draw.randint(0, 23):02}:{draw.randint(0, 59):02}" for _ in range(60)
    ]
    rows = [row(time, draw.randint(-9, 200), flight_number=str(number)) for number, time in enumerate(times)]
    shuffled = random.Random(2).sample(rows, len(rows))
    assert {str(event) for event in outcomes(rows, ZONES)} == {str(one) for one in outcomes(shuffled, ZONES)}
    for one, other in zip(timetables(rows, ZONES), timetables(shuffled, ZONES), strict=True):
        assert (one.origin, one.date) == (other.origin, other.date)
        assert set(one.flights) == set(other.flights)


def test_a_service_that_is_sent_a_history_knows_what_the_frame_knows() -> None:
    rows = list(FLIGHTS_FRAME.iter_rows(named=True))
    zones = airport_zones(AIRPORTS)
    entries = [(known_at(event), event) for event in outcomes(rows, zones)]
    frame, leads = asked(1, 500)
    moments = scheduled_moments(in_model_codes(frame, TABLES), TABLES) - leads
    order = np.argsort(moments, kind="stable")
    frame, leads, moments = frame[order], leads[order], moments[order]
    state, encoder = LiveState(TABLES, THRESHOLD), Encoder(TABLES, tuple(FEATURE_NAMES))
    for number, change in enumerate(timetables(rows, zones)):
        assert change.known_at is not None
        state.apply(LogEntry(number, change.known_at, change))
    found, place = [], 0
    for planned, moment in zip(frame.iter_rows(named=True), moments.tolist(), strict=True):
        while place < len(entries) and entries[place][0].timestamp() <= moment * 60:
            state.apply(LogEntry(10_000 + place, *entries[place]))
            place += 1
        fields = ("airline", "destination", "origin", "scheduled_departure", "aircraft")
        found.append(
            state.values(encoder.resolve(Flight(**{name: planned[name] for name in fields})), moment)
        )
    answered = np.array([values is not None for values in found])
    assert answered.mean() > 0.9
    expected = History(FLIGHTS_FRAME, TABLES, THRESHOLD).values(frame, leads)
    known = np.array([values for values in found if values is not None])
    assert differing(known, expected[answered]) == []
