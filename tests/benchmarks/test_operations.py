"""The made-up day of a network."""

from __future__ import annotations

import datetime as dt

from benchmarks.operations.million import draw_day
from puntual.operations.events import LogEntry, TimetableChange
from puntual.operations.live_state import LiveState
from puntual.operations.planned import Status
from tests.flights import TABLES

DAY = dt.date(2026, 1, 10)


def test_each_flight_of_a_day_has_its_events_in_their_order() -> None:
    events = [*draw_day(DAY, events=6_000, flights=300)]
    assert events == [*draw_day(DAY, events=6_000, flights=300)]
    moments = [event.known_at for event in events if event.known_at is not None]
    assert len(moments) == len(events)
    assert moments == sorted(moments)
    state = LiveState(TABLES, 15)
    for number, (moment, event) in enumerate(zip(moments, events, strict=True)):
        assert state.apply(LogEntry(number, moment, event))
    end = int(moments[-1].timestamp() // 60) + 2 * 1440
    origins = [event.origin for event in events if isinstance(event, TimetableChange)]
    flights = [flight for origin in origins for flight in state.board(origin, DAY, end)]
    assert len(flights) == 300
    assert {flight.status for flight in flights} == {Status.departed, Status.cancelled}
