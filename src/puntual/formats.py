"""Which columns of a source tell a flight, as plain data: for the sources, and for the page."""

from __future__ import annotations

import msgspec


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a file's header that a source reads; a blank name: it has none.

    Attributes
    ----------
    scheduled_departure : the columns that tell it together
    form : how times are written, in the directives of ``strptime``; blank: ISO 8601, which the page reads
        without an offset only; ``numbers``: numbers of year, month, day and time of the day (HHMM), in a
        column each
    operator : who flies it, where that is published as planned
    actual_departure, delay : when it left, or how many minutes later than scheduled
    departure : columns all of which are blank where a flight has not left
    cancelled : holds ``true`` or ``1`` where a flight was cancelled
    codes : other columns that have to hold a code, or nothing
    missing : cells that mean nothing
    """

    source: str
    scheduled_departure: tuple[str, ...]
    form: str = ""
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
    form="%Y-%m-%d %H:%M:%S",
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
    form="numbers",
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
"""In the order in which a file is tried."""

YEARS = (1950, 2149)
"""First and last year of a scheduled departure; others are mistakes of the source."""

LARGEST_DELAY_HOURS = 48
"""Actual times further than this from the scheduled one, before or after, are mistakes of the source; the
longest delay of the New York flights is 21.7 hours."""

CANCELLED = ("true", "1")
"""What a column ``cancelled`` holds where it is so; in any case."""

SEPARATORS = ",;\t|"
"""Between the cells of a CSV file; the one that the header has most of."""

CODE = "^[A-Z0-9]{2,8}$"
"""What an airline's or airport's code looks like."""
