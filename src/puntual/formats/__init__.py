"""The columns and values of each source's files, as plain data for both the sources and the page."""

from __future__ import annotations

import msgspec


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that a source reads; an empty name means that it has no such column.

    Attributes
    ----------
    scheduled_departure : the columns that together hold it
    time_format : of the times, for ``strptime``; empty: ISO 8601, which the page reads only without an
        offset; ``numbers``: year, month, day and time of day (HHMM) as numbers in a column each
    operator : who is going to fly, if published as planned
    actual_departure, delay : when the flight left, or how many minutes after schedule
    departure : columns that are all blank if a flight has not left
    cancelled : holds ``true`` or ``1`` for a cancelled flight
    codes : further columns that must hold a code, or be blank
    missing : cells that count as blank
    """

    source: str
    scheduled_departure: tuple[str, ...]
    time_format: str = msgspec.field(default="", name="form")
    airline: str
    origin: str
    destination: str
    flight_number: str
    flight_type: str = ""
    operator: str = ""
    actual_departure: str = ""
    delay: str = ""
    departure: tuple[str, ...]
    cancelled: str = ""
    codes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


SCL = Header(
    source="scl",
    scheduled_departure=("Fecha-I",),
    time_format="%Y-%m-%d %H:%M:%S",
    airline="Emp-I",
    origin="Ori-I",
    destination="Des-I",
    flight_number="Vlo-I",
    flight_type="TIPOVUELO",
    actual_departure="Fecha-O",
    departure=("Fecha-O",),
)
NYC = Header(
    source="nyc",
    scheduled_departure=("year", "month", "day", "sched_dep_time"),
    time_format="numbers",
    airline="carrier",
    origin="origin",
    destination="dest",
    flight_number="flight",
    delay="dep_delay",
    departure=("dep_time", "dep_delay"),
    missing=("NA",),
)
MAPPED = Header(
    source="mapped",
    scheduled_departure=("scheduled_departure",),
    airline="airline",
    origin="origin",
    destination="destination",
    flight_number="flight_number",
    flight_type="flight_type",
    operator="operator",
    actual_departure="actual_departure",
    departure=("actual_departure",),
    cancelled="cancelled",
    codes=("operated_by", "operated_origin", "operated_destination"),
)

HEADERS = (SCL, NYC, MAPPED)
"""In the order in which a file's header is compared with them."""

YEARS = (1950, 2149)
"""First and last plausible year of a scheduled departure."""

LARGEST_DELAY_HOURS = 48
"""Actual times further than this from the scheduled one, before or after, are mistakes of the source; the
longest delay of the New York flights is 21.7 hours."""

CANCELLED = ("true", "1")
"""What a column ``cancelled`` holds for a cancelled flight, in any case."""

SEPARATORS = ",;\t|"
"""Possible separators of a CSV file, which uses the most frequent one of its header."""

CODE = "^[A-Z0-9]{2,8}$"
"""The pattern of an airline's or airport's code."""
