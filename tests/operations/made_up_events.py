"""Events for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from puntual.operations.events import Cancellation, Departure, Observation, PlannedFlight, TimetableChange

MOMENT = dt.datetime(2017, 1, 1, 12, tzinfo=dt.UTC)
LOCAL = dt.datetime(2017, 1, 1, 9)


def minutes(count: int) -> dt.datetime:
    return MOMENT + dt.timedelta(minutes=count)


def flight(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "origin": "SCL",
        "airline": "LA",
        "flight_number": str(number),
        "scheduled_departure": LOCAL,
        "known_at": MOMENT,
    } | changes


def departure(number: int, late: int = 0, **changes: Any) -> Departure:
    return Departure(**flight(number, **changes), actual_departure=LOCAL + dt.timedelta(minutes=late))


def cancellation(number: int, **changes: Any) -> Cancellation:
    return Cancellation(**flight(number, **changes))


def observation(wind_kt: float | None = None, **changes: Any) -> Observation:
    return Observation(airport="SCL", observed_at=MOMENT, wind_kt=wind_kt, **{"known_at": MOMENT} | changes)


def timetable(*numbers: int, **changes: Any) -> TimetableChange:
    flights = tuple(
        PlannedFlight(airline="LA", destination="PMC", flight_number=str(number), scheduled_departure=LOCAL)
        for number in numbers
    )
    said: dict[str, Any] = {"origin": "SCL", "date": LOCAL.date(), "flights": flights, "known_at": MOMENT}
    return TimetableChange(**said | changes)
