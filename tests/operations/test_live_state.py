"""What a live state knows depends on what it was given, not on the order, nor on what it was asked before."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import msgspec
import pytest

from puntual.features import in_model_codes
from puntual.features.moments import scheduled_moments
from puntual.inference.encoder import Encoder, Resolved
from puntual.inference.local_time import EPOCH
from puntual.inference.operations import ANSWERED_WITHIN, OPERATIONS
from puntual.models.boosting import FEATURE_NAMES
from puntual.operations import live_state
from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    Event,
    LogEntry,
    PlannedFlight,
    TimetableChange,
)
from puntual.operations.live_state import LiveState
from puntual.operations.planned import Status
from puntual.types import Flight
from tests.features.test_operations import FLIGHTS_FRAME, TABLES, THRESHOLD, WEATHER_FRAME, log_of

RESOLVE = Encoder(TABLES, tuple(FEATURE_NAMES)).resolve
LOG = log_of(FLIGHTS_FRAME[:300], WEATHER_FRAME[:200])
LAST = max(int(entry.known_at.timestamp() // 60) for entry in LOG) + 60
FLIGHTS = [
    RESOLVE(
        Flight(
            airline=row["airline"],
            origin=row["origin"],
            destination=row["destination"],
            scheduled_departure=row["scheduled_departure"],
            aircraft=row["aircraft"],
        )
    )
    for row in FLIGHTS_FRAME[:300].iter_rows(named=True)
]


def contradictions(seed: int) -> list[LogEntry]:
    """Other outcomes and estimates of the same flights, some at the same moment, and smaller timetables."""
    draw, found = random.Random(seed), []
    for entry in draw.sample(LOG, len(LOG) // 2):
        later = entry.known_at + dt.timedelta(minutes=draw.choice([-30, 0, 0, 30]))
        body: Any = entry.body
        if isinstance(body, TimetableChange):
            body = msgspec.structs.replace(body, flights=body.flights[::2], known_at=later)
        elif isinstance(body, Departure | Cancellation):
            fields = ("origin", "airline", "scheduled_departure", "flight_number", "destination")
            same = {name: getattr(body, name) for name in fields} | {"known_at": later}
            at = body.scheduled_departure + dt.timedelta(minutes=draw.randrange(90))
            body = draw.choice(
                [
                    Departure(**same, actual_departure=at, aircraft=draw.choice([None, "CC-A1", "CC-A2"])),
                    Cancellation(**same),
                    Estimate(**same, estimated_departure=at),
                ]
            )
        found.append(LogEntry(entry.sequence, later, body))
    return found


def known(state: LiveState, flights: list[Resolved], moment: int) -> list[Any]:
    """What a state says, as texts, so that what is missing equals itself."""
    values = [str(state.values(flight, moment)) for flight in flights]
    boards = [state.board(origin, date, moment) for origin, date in state.days()]
    return [values, boards, state.counts, [str(state.counts_of(flight)) for flight in flights]]


def test_the_order_changes_nothing() -> None:
    entries = LOG + contradictions(1)
    expected: list[Any] = []
    for seed in range(4):
        state = LiveState(TABLES, THRESHOLD)
        for entry in random.Random(seed).sample(entries, len(entries)):
            state.apply(entry)
        found = known(state, FLIGHTS, LAST)
        expected = expected or found
        assert found == expected


def test_what_was_asked_before_changes_nothing() -> None:
    draw, entries = random.Random(2), sorted(LOG + contradictions(3), key=lambda one: one.known_at)
    asked, place = LiveState(TABLES, THRESHOLD), 0
    for _ in range(12):
        for entry in entries[place : place + 60]:
            asked.apply(entry)
            moment = int(entry.known_at.timestamp() // 60)
            for flight in draw.sample(FLIGHTS, 3):
                asked.values(flight, moment)
                asked.counts_of(flight)
        place += 60
        fresh = LiveState(TABLES, THRESHOLD)
        for entry in entries[:place]:
            fresh.apply(entry)
        assert known(asked, FLIGHTS[::7], moment) == known(fresh, FLIGHTS[::7], moment)


def test_a_departure_that_is_known_before_it_happens_is_overdue_until_then() -> None:
    asked = FLIGHTS[0]
    row = FLIGHTS_FRAME.row(0, named=True)
    state = LiveState(TABLES, THRESHOLD)
    for entry in LOG:
        if isinstance(entry.body, TimetableChange):
            state.apply(entry)
    due = scheduled_moments(in_model_codes(FLIGHTS_FRAME[:1], TABLES), TABLES).item()
    said = dt.datetime.fromtimestamp(60 * (due - 5), dt.UTC)
    same = {name: row[name] for name in ("origin", "airline", "scheduled_departure", "destination")}
    late = row["scheduled_departure"] + dt.timedelta(minutes=10)
    state.apply(LogEntry(9, said, Departure(**same, actual_departure=late, known_at=said)))
    overdue = OPERATIONS.index("airline_0_minutes_overdue")

    def count(minutes: int) -> float:
        values = state.values(asked, due + minutes)
        assert values is not None
        return values[overdue]

    assert count(-1) + 1 == count(0) == count(9) == count(10) + 1


def test_nothing_is_said_of_a_flight_more_than_a_week_ahead() -> None:
    state = LiveState(TABLES, THRESHOLD)
    for entry in LOG:
        state.apply(entry)
    due = scheduled_moments(in_model_codes(FLIGHTS_FRAME[:300], TABLES), TABLES).tolist()

    def known_before(minutes: int) -> int:
        asked = zip(FLIGHTS, due, strict=True)
        return sum(state.values(flight, moment - minutes) is not None for flight, moment in asked)

    assert known_before(ANSWERED_WITHIN) > 20
    assert known_before(ANSWERED_WITHIN + 1) == 0


def test_a_history_counts_whenever_it_is_sent() -> None:
    """Its timetables first, what became of its flights later; what nothing reads any more is forgotten."""
    moment = LAST - 3 * 1440
    sent = [entry for entry in LOG if entry.known_at.timestamp() // 60 <= moment]
    timetables = [entry for entry in sent if isinstance(entry.body, TimetableChange)]
    happened = [entry for entry in sent if not isinstance(entry.body, TimetableChange)]
    known_as_it_came, sent_later = LiveState(TABLES, THRESHOLD), LiveState(TABLES, THRESHOLD)
    for entry in sent:
        known_as_it_came.apply(entry)
    for some in (timetables, happened[::2], happened[1::2]):
        for entry in some:
            sent_later.apply(entry)
        sent_later.forget(moment)
    flights = [flight for flight in FLIGHTS if known_as_it_came.values(flight, moment) is not None]
    assert len(flights) > 50
    for flight in flights:
        assert str(sent_later.values(flight, moment)) == str(known_as_it_came.values(flight, moment))
    assert sent_later.counts.flights < 2 / 3 * known_as_it_came.counts.flights
    assert {date for _, date in sent_later.days()} == {
        date for _, date in known_as_it_came.days() if date.toordinal() - EPOCH // 1440 >= moment // 1440 - 4
    }


def test_two_flights_of_one_number_and_time_are_told_apart_by_their_destination() -> None:
    """A flight with two stops has a row for each in a timetable, and an event for each."""
    due = dt.datetime(2017, 7, 14, 13)
    known_at = due.replace(tzinfo=dt.UTC)
    planned: dict[str, Any] = {"airline": "LAN", "flight_number": "800", "scheduled_departure": due}
    flights = tuple(PlannedFlight(**planned, destination=code) for code in ("SCFA", "SCTE"))
    day = TimetableChange(origin="SCEL", date=due.date(), flights=flights, known_at=known_at)
    left = due + dt.timedelta(minutes=20)
    same: dict[str, Any] = {**planned, "origin": "SCEL", "known_at": known_at}
    entries: list[Event] = [
        day,
        Departure(**same, destination="SCTE", actual_departure=left),
        Cancellation(**same, destination="SCFA"),
    ]
    state = LiveState(TABLES, THRESHOLD)
    for number, body in enumerate(entries):
        state.apply(LogEntry(number, known_at, body))
    board = state.board("SCEL", due.date(), int(known_at.timestamp() // 60) + 1440)
    assert {flight.destination: flight.status for flight in board} == {
        "SCTE": Status.departed,
        "SCFA": Status.cancelled,
    }


def test_a_departure_that_lies_ahead_is_an_estimate_on_the_board() -> None:
    due = dt.datetime(2017, 7, 14, 13)
    known_at = due.replace(tzinfo=dt.UTC)
    planned: dict[str, Any] = {
        "airline": "LAN",
        "flight_number": "800",
        "destination": "SCFA",
        "scheduled_departure": due,
    }
    day = TimetableChange(
        origin="SCEL", date=due.date(), flights=(PlannedFlight(**planned),), known_at=known_at
    )
    left = due + dt.timedelta(minutes=20)
    state = LiveState(TABLES, THRESHOLD)
    state.apply(LogEntry(1, known_at, day))
    said = Departure(**planned, origin="SCEL", known_at=known_at, actual_departure=left)
    state.apply(LogEntry(2, known_at, said))
    moment = int(known_at.timestamp() // 60) + 4 * 60  # Santiago is 4 hours behind UTC

    def seen(minutes: int) -> tuple[object, ...]:
        (flight,) = state.board("SCEL", due.date(), moment + minutes)
        return flight.status, flight.estimated_departure, flight.actual_departure, flight.delay_minutes

    assert seen(-1) == (Status.scheduled, left, None, None)
    assert seen(1) == (Status.overdue, left, None, None)
    assert seen(16) == (Status.late, left, None, None)
    assert seen(20) == (Status.departed, None, left, 20)


def test_of_events_that_no_timetable_names_the_first_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_state, "MAX_UNKNOWN", 2)
    state = LiveState(TABLES, THRESHOLD)
    entries = ((entry, entry.body) for entry in LOG)
    day, plan = next((entry, body) for entry, body in entries if isinstance(body, TimetableChange))
    flights = {(one.airline, one.scheduled_departure): one for one in plan.flights}
    cancelled = [
        LogEntry(
            sequence=place,
            known_at=day.known_at,
            body=Cancellation(
                origin=plan.origin,
                airline=airline,
                scheduled_departure=due,
                destination=flight.destination,
                flight_number=flight.flight_number,
                known_at=day.known_at,
            ),
        )
        for place, ((airline, due), flight) in zip(range(3), flights.items(), strict=False)
    ]
    for entry in cancelled:
        state.apply(entry)
    assert state.counts.unknown == 2
    state.apply(day)
    assert state.counts.unknown == 0
    board = state.board(plan.origin, plan.date, LAST)
    assert sum(flight.status == Status.cancelled for flight in board) == 2
    assert state.flights(plan.origin, plan.date) == len(board)
