"""The flights that timetables name, by what events say of them and by day."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator
from operator import attrgetter

from puntual.inference.local_time import utc_minute
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES, NO_COUNTS, Timetable
from puntual.inference.timetable import Departure as Departing
from puntual.operations.events import FlightEvent, LogEntry, PlannedFlight, Rank, TimetableChange, rank
from puntual.operations.planned import Key, Planned, local_minute

MAX_CACHED = 4096
"""Flights for which something is kept until it changes."""

Day = tuple[str, int]
"""An origin, in the model's codes, and the ordinal of its local day."""


class PlannedDays:
    """The timetables that are known.

    Parameters
    ----------
    tables : codes and time zones
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._zones = {airport.code: airport.timezone for airport in tables.airports}
        self._first: dict[Key, Planned] = {}
        self._flights: dict[Day, list[Planned]] = {}
        self._closed: dict[Day, list[Planned]] = {}
        self._ranks: dict[Day, Rank] = {}
        self._timetables: dict[Day, Timetable] = {}
        self._counts: dict[Departing, tuple[float, ...]] = {}
        self._same: dict[int, int] = {}

    def __len__(self) -> int:
        return sum(map(len, [*self._flights.values(), *self._closed.values()]))

    def airport(self, code: str) -> str:
        """The model's own code of an airport; an unknown one in capitals."""
        capitals = code.upper()
        return sys.intern(self._tables.airport_codes.get(capitals, capitals))

    def _airline(self, code: str) -> str:
        capitals = code.upper()
        return sys.intern(self._tables.airline_codes.get(capitals, capitals))

    def utc(self, origin: str, minute: int) -> int:
        """A local minute of an origin as a moment, minutes since 1970."""
        return utc_minute(self._zones.get(origin), minute)

    def key_of(self, event: FlightEvent) -> Key:
        """What an event says of its flight that each flight has."""
        origin = self.airport(event.origin)
        minute = local_minute(event.scheduled_departure, self._zones.get(origin))
        return origin, self._airline(event.airline), minute

    def find(self, key: Key, event: FlightEvent) -> Planned | None:
        """The flight of a key that an event is about; of several of one number, that to its destination."""
        destination = None if event.destination is None else self.airport(event.destination)
        found = None
        for flight in self._alike(key):
            if flight.is_about(event, destination):
                if destination is None or flight.destination == destination:
                    return flight
                found = found or flight
        return found

    def planned_aircraft(self, departure: Departing) -> str | None:
        """The tail number of a flight that is asked about, as far as it is known."""
        origin, airline, destination, minute = departure
        for flight in self._alike((origin, airline, minute)):
            if flight.destination == destination:
                return flight.aircraft
        return None

    def _alike(self, key: Key) -> Iterator[Planned]:
        flight = self._first.get(key)
        while flight is not None:
            yield flight
            flight = flight.alike

    def day_of(self, change: TimetableChange) -> Day:
        """The day whose timetable changes."""
        return self.airport(change.origin), change.date.toordinal()

    def flights(self, day: Day) -> list[Planned]:
        """All flights that a timetable of a day has ever named."""
        return self._flights.get(day, [])

    def plan(self, entry: LogEntry, change: TimetableChange) -> list[Planned]:
        """Take a timetable into account; give the flights that none has named before.

        What an older timetable names counts only if it has come true. A day that `forget` closed stays so.
        """
        day, at = self.day_of(change), rank(entry)
        if day in self._closed:
            return []
        is_newest = day not in self._ranks or at > self._ranks[day]
        flights = self._flights.setdefault(day, [])
        if is_newest:
            self._ranks[day] = at
            for flight in flights:
                flight.listed = False
        found = [self._list(day[0], planned, is_newest=is_newest) for planned in change.flights]
        new = [flight for flight in found if flight is not None]
        flights += new
        self.recount(day)
        return new

    def _list(self, origin: str, planned: PlannedFlight, *, is_newest: bool) -> Planned | None:
        """List a flight of a timetable; give it if no other has named it."""
        zone = self._zones.get(origin)
        minute = local_minute(planned.scheduled_departure, zone)
        # Flights share the numbers of their minutes: a fifteenth of the memory of each.
        key = origin, self._airline(planned.airline), self._same.setdefault(minute, minute)
        destination = self.airport(planned.destination)
        last = None
        for flight in self._alike(key):
            if flight.destination == destination and flight.is_planned_as(planned):
                if is_newest:
                    flight.listed = True
                    flight.plan(planned)
                return None
            last = flight
        scheduled = self.utc(origin, minute)
        flight = Planned(key, destination, planned, self._same.setdefault(scheduled, scheduled))
        flight.listed = is_newest
        if last is None:
            self._first[key] = flight
        else:
            last.alike = flight
        return flight

    def recount(self, day: Day) -> None:
        """Count anew in a day's timetable, as other flights belong to it now."""
        self._timetables.pop(day, None)
        self._counts.clear()

    def counts_of(self, departure: Departing) -> tuple[float, ...]:
        """What is counted of a flight in its day's timetable, as `puntual.inference.timetable` does."""
        counts = self._counts.get(departure)
        if counts is None:
            timetable = self._timetable((departure[0], departure[3] // DAY_MINUTES))
            counts = timetable.counts(*departure) if timetable else NO_COUNTS
            if len(self._counts) >= MAX_CACHED:
                self._counts.clear()
            self._counts[departure] = counts
        return counts

    def _timetable(self, day: Day) -> Timetable | None:
        """The timetable of a day; None: it is not known."""
        if day not in self._ranks:
            return None
        timetable = self._timetables.get(day)
        if timetable is None:
            keys = ((*one.key[:2], one.destination, one.key[2]) for one in self._taking_place(day))
            timetable = self._timetables[day] = Timetable(keys)
        return timetable

    def knows(self, day: Day) -> bool:
        """Whether the timetable of a day is known."""
        return day in self._ranks

    def days(self) -> list[tuple[str, dt.date]]:
        """The origins and local days whose timetable is known, in order."""
        return sorted((origin, dt.date.fromordinal(day)) for origin, day in self._ranks)

    def board(self, origin: str, date: dt.date) -> list[Planned]:
        """The flights of an origin's local day, in order of their times; any known code of it."""
        return sorted(self._taking_place((self.airport(origin), date.toordinal())), key=attrgetter("order"))

    def number(self, origin: str, date: dt.date) -> int:
        """How many flights an origin's local day has; any known code of it."""
        return sum(1 for _ in self._taking_place((self.airport(origin), date.toordinal())))

    def _taking_place(self, day: Day) -> Iterator[Planned]:
        """The flights of a day that its timetable names, or that have come true."""
        return (one for one in self.flights(day) if one.listed or one.is_decided)

    def forget(self, before: int, oldest: int) -> list[Planned]:
        """Close the days that ended before a moment, and give the flights that are dropped.

        What became of a flight may be sent long after its timetable: flights that have neither left nor been
        cancelled are kept, but for those of days that ended before `oldest`.
        """
        for day in [day for day in self._flights if self._end(day) < before]:
            self._closed[day] = self._flights.pop(day)
            del self._ranks[day]
            self._timetables.pop(day, None)
        dropped = []
        for day, flights in [*self._closed.items()]:
            is_old = self._end(day) < oldest
            dropped += [flight for flight in flights if is_old or flight.is_decided or not flight.listed]
            self._closed[day] = [flight for flight in flights if flight.listed and not flight.is_decided]
            if is_old:
                del self._closed[day]
        for flight in dropped:
            self._unlink(flight)
        self._counts.clear()
        self._same.clear()
        return dropped

    def _end(self, day: Day) -> int:
        return self.utc(day[0], (day[1] + 1) * DAY_MINUTES)

    def _unlink(self, flight: Planned) -> None:
        alike = [one for one in self._alike(flight.key) if one is not flight]
        del self._first[flight.key]
        for one, following in itertools.zip_longest(alike, alike[1:]):
            one.alike = following
        if alike:
            self._first[flight.key] = alike[0]
