"""Flight numbers: where each goes, when, and how late it was, among the flights that a model learned from."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from puntual.inference.tables import Tables

AIRLINE_LENGTHS = (0, 2, 3)
"""Of the code before a number: none, IATA's, ICAO's."""
_BETWEEN = re.compile(r"[\s-]")


class PastDeparture(msgspec.Struct, frozen=True, gc=False):
    """One departure of a flight number.

    Attributes
    ----------
    date : local date of the scheduled departure, ISO 8601
    delay : minutes; negative when early
    """

    date: str
    delay: float


class FlightNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One flight number on one route, in the last 400 days of the training flights.

    Attributes
    ----------
    airline, origin, destination : codes, as the flights use them
    number : without zeros before it
    times : local times of departure by schedule, from Monday to Sunday: of the last departure on that day of
        the week in the eight weeks before `last`; null: there was none
    first, last : local dates of its first and last departure, ISO 8601
    flights, delayed : how many departed, and how many of them were delayed
    median_delay, p90_delay : of their delays, minutes; early departures are negative
    recent : the last departures, the latest first
    """

    airline: str
    number: str
    origin: str
    destination: str
    times: tuple[str | None, ...]
    first: str
    last: str
    flights: int
    delayed: int
    median_delay: float
    p90_delay: float
    recent: tuple[PastDeparture, ...]


class FlightNumbers:
    """The flight numbers of a model, found as people write them.

    Examples
    --------
    >>> import datetime as dt
    >>> from puntual.inference.tables import Airline
    >>> no = dict.fromkeys(("airports", "origins", "destinations", "days_of_year"), ())
    >>> days = {"first_day": dt.date(2017, 1, 1), "last_day": dt.date(2017, 8, 31)}
    >>> airlines = (Airline("LAN", "LATAM Airlines", "LA", "LAN"),)
    >>> tables = Tables(airlines=airlines, categories={}, holidays={}, **no, **days)
    >>> flown = {"origin": "SCEL", "destination": "SCFA", "times": (None,) * 7, "recent": ()}
    >>> flown |= {"first": "2017-01-01", "last": "2017-08-31", "flights": 9, "delayed": 2}
    >>> one = FlightNumber(airline="LAN", number="199", median_delay=1.0, p90_delay=20.0, **flown)
    >>> numbers = FlightNumbers([one], tables)
    >>> [len(numbers.find(asked)) for asked in ("LA 199", "lan-0199", "199", "H2 199", "LA 198")]
    [1, 1, 1, 0, 0]
    """

    def __init__(self, records: Iterable[FlightNumber], tables: Tables) -> None:
        self._airline_codes = tables.airline_codes
        self._by_number: dict[str, list[FlightNumber]] = {}
        for record in records:
            self._by_number.setdefault(record.number, []).append(record)

    def find(self, asked: str) -> list[FlightNumber]:
        """The records of a number, with or without an airline's code before it; the latest flown first."""
        text = _BETWEEN.sub("", asked).upper()
        for length in AIRLINE_LENGTHS:
            airline = self._airline_codes.get(text[:length])
            found = [
                record
                for record in self._by_number.get(text[length:].lstrip("0"), ())
                if not length or record.airline == airline
            ]
            if found:
                return sorted(found, key=lambda one: (one.last, one.flights), reverse=True)
        return []
