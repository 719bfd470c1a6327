"""What goes in and out: flights, predictions, and the instants at which a value becomes known."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Literal

import msgspec

Minutes = Annotated[float, "min"]
Kilometres = Annotated[float, "km"]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
Code = Annotated[str, msgspec.Meta(min_length=2, max_length=8)]


class KnownAt(enum.IntEnum):
    """When a value becomes known, earliest first; a horizon may use what is known at it or before.

    Examples
    --------
    >>> KnownAt.SCHEDULE < KnownAt.DEPARTURE
    True
    >>> str(KnownAt.SCHEDULE)
    'schedule'
    """

    SCHEDULE = 0
    DEPARTURE = 1

    def __str__(self) -> str:
        return self.name.lower()


class Flight(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """One scheduled departure that is asked about.

    Attributes
    ----------
    airline, operator : IATA or ICAO code; the operator is who flies it, where that differs and is known
    origin, destination : IATA or ICAO code; the origin may be left out where the model knows only one
    scheduled_departure : local at the origin; with an offset it is converted
    flight_number : as published, with or without letters
    flight_type : ``N`` domestic, ``I`` international; left out: told from the countries of the airports
    """

    airline: Code
    destination: Code
    scheduled_departure: dt.datetime
    origin: Code | None = None
    operator: Code | None = None
    flight_number: str | int | None = None
    flight_type: Literal["N", "I"] | None = None


class Prediction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer for one flight.

    Attributes
    ----------
    delay_probability : of leaving more than the model's threshold late, rounded to four decimals
    delayed : whether that reaches the model's cut
    horizon : how long before departure the answer holds: ``schedule``
    unknown : the fields whose value the model never saw
    """

    delay_probability: Probability
    delayed: bool
    horizon: str = "schedule"
    unknown: tuple[str, ...] = ()
