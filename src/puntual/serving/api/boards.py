"""A day's board: the flights of a timetable, what has become of each, and what is forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from puntual.serving.api.schemas import OfModel
from puntual.types import Probability, Risk

Status = Literal["scheduled", "overdue", "late", "departed", "cancelled"]

LATELY = dt.timedelta(hours=2)


class BoardFlight(msgspec.Struct, frozen=True, kw_only=True):
    """A flight of a board.

    Attributes
    ----------
    airline, destination, operator : as the timetable has them
    scheduled_departure, estimated_departure, actual_departure : local at the origin
    aircraft : tail number, as planned or as it left
    status : ``overdue`` past its time; ``late`` if that is by more than the threshold; else what it says
    delay_minutes : of a flight that has left; negative when early
    delay_probability : null once it is known whether the flight is late
    delayed : whether it is late, or if that is not known, whether `delay_probability` reaches the model's
        decision threshold; null for a cancelled flight
    risk : as in a prediction; null once it is known whether the flight is late
    horizon : what the forecast is made from; null without one
    lead_minutes : from the moment of asking to the scheduled departure; negative after it
    cancellation_probability : null if the model has none, or it is known
    """

    airline: str
    flight_number: str | None
    destination: str
    scheduled_departure: dt.datetime
    operator: str | None
    aircraft: str | None
    status: Status
    estimated_departure: dt.datetime | None
    actual_departure: dt.datetime | None
    delay_minutes: int | None
    delay_probability: Probability | None
    delayed: bool | None
    risk: Risk | None
    horizon: str | None
    lead_minutes: int
    cancellation_probability: Probability | None


class BoardSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The day so far.

    Attributes
    ----------
    flights : of the timetable
    departed, cancelled : so far
    late : that left late, or are late and have not left
    overdue : past their time, late or not, that have not left
    mean_delay_minutes : of those that left; null if none has
    late_last_2_h : share of late flights among those due in the last two hours that left or are late; null
        if there is none
    expected_late : late flights of the whole day: those known, and the sum of the probabilities of the others
    """

    flights: int
    departed: int
    late: int
    cancelled: int
    overdue: int
    mean_delay_minutes: float | None
    late_last_2_h: float | None
    expected_late: float


class Board(OfModel, frozen=True, kw_only=True):
    """The flights of an origin's day, with what has become of each and what is forecast.

    Attributes
    ----------
    origin, date : of the timetable
    as_of : the moment up to which events are known, in UTC
    current : false if the server could not read its store lately
    day : the day so far
    flights : by scheduled departure
    """

    origin: str
    date: dt.date
    as_of: dt.datetime
    current: bool
    day: BoardSummary
    flights: list[BoardFlight]


class BoardDay(msgspec.Struct, frozen=True):
    """An origin's day that has a timetable.

    Attributes
    ----------
    flights : of the timetable
    """

    origin: str
    date: dt.date
    flights: int


class BoardDays(OfModel, frozen=True, kw_only=True):
    """The days of which there is a board.

    Attributes
    ----------
    as_of : the moment up to which events are known, in UTC; null if nothing is known yet
    days : by date and origin
    """

    as_of: dt.datetime | None
    days: list[BoardDay]


class BoardChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What changed on a board since the last event of its stream.

    Attributes
    ----------
    as_of, current, day : as in the board
    flights : those that changed, whole
    """

    as_of: dt.datetime
    current: bool
    day: BoardSummary
    flights: list[BoardFlight]


def summarize(flights: Sequence[BoardFlight]) -> BoardSummary:
    """The day so far, of the flights of a board."""
    departed = [flight for flight in flights if flight.status == "departed"]
    delays = [flight.delay_minutes for flight in departed if flight.delay_minutes is not None]
    late = [flight for flight in flights if is_late(flight)]
    lately = LATELY.total_seconds() / 60
    decided = [
        flight
        for flight in flights
        if flight.status in {"departed", "late"} and 0 <= -flight.lead_minutes <= lately
    ]
    open_probabilities = [flight.delay_probability or 0.0 for flight in flights]
    return BoardSummary(
        flights=len(flights),
        departed=len(departed),
        late=len(late),
        cancelled=sum(flight.status == "cancelled" for flight in flights),
        overdue=sum(flight.status in {"overdue", "late"} for flight in flights),
        mean_delay_minutes=round(sum(delays) / len(delays), 1) if delays else None,
        late_last_2_h=round(sum(map(is_late, decided)) / len(decided), 3) if decided else None,
        expected_late=round(len(late) + sum(open_probabilities), 1),
    )


def is_late(flight: BoardFlight) -> bool:
    """Whether it is known that a flight is late."""
    return flight.status == "late" or (flight.status == "departed" and bool(flight.delayed))
