"""What is known of the day, entry by entry of the log, and the values that a model reads of it.

Moments are minutes since 1970 in UTC. A state holds what it was given: asked about a moment, everything that
it holds must have become known by then.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from puntual.inference.encoder import Resolved
from puntual.inference.operations import ANSWERED_WITHIN, PARTS, SCOPES
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES
from puntual.inference.timetable import Departure as Departing
from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    Event,
    LogEntry,
    Observation,
    TimetableChange,
)
from puntual.operations.legs import Legs
from puntual.operations.observed import Observed
from puntual.operations.planned import FlightState, Key, Planned
from puntual.operations.planned_days import MAX_CACHED, PlannedDays
from puntual.operations.scope_stats import KEPT_DAYS, ScopeStats

KEPT_FLIGHTS = 3 * DAY_MINUTES
"""Minutes after the end of its day for which a flight that has left, or a timetable, can still change."""

MAX_UNKNOWN = 100_000
"""Events of flights that no timetable names; beyond it those that came first are dropped."""

_PASTS = tuple(dict.fromkeys(scope.past for scope in SCOPES))
_MEASURES = {
    past: [measure for scope in SCOPES if scope.past == past for measure in scope.measures] for past in _PASTS
}
_NOTHING = ScopeStats(())
_ORIGIN, _AIRLINE, _DESTINATION, _ROUTE = PARTS

Place = tuple[str, ...]
"""What a scope's departures have in common, in the model's codes."""


class _Part(NamedTuple):
    """The values of one of `PARTS` for one place, as of a minute.

    Attributes
    ----------
    stats : of which they are made
    version : sum of those of `stats`
    """

    stats: tuple[ScopeStats, ...]
    version: int
    moment: int
    clock: int
    values: tuple[float, ...]


class Counts(NamedTuple):
    """How much a state holds.

    Attributes
    ----------
    unknown : events of flights that no timetable names
    """

    flights: int
    unknown: int


class LiveState:
    """What the entries of the log that were applied say; their order does not matter.

    Parameters
    ----------
    tables : codes and time zones
    delay_minutes : a flight is delayed when it leaves more than this late
    """

    def __init__(self, tables: Tables, delay_minutes: int) -> None:
        self._delay_minutes = delay_minutes
        self._planned = PlannedDays(tables)
        self._stats: dict[tuple[str, ...], dict[Place, ScopeStats]] = {past: {} for past in _PASTS}
        self._unknown: dict[Key, list[LogEntry]] = defaultdict(list)
        self._unknown_events = 0
        self._parts: dict[tuple[str, ...], dict[Place, _Part]] = {fields: {} for fields in PARTS}
        self._values: dict[tuple[Departing, str | None], tuple[float, ...]] = {}
        self._moment = 0
        self._legs, self._observed = Legs(), Observed()

    @property
    def counts(self) -> Counts:
        """How much it holds."""
        return Counts(len(self._planned), self._unknown_events)

    def apply(self, entry: LogEntry) -> bool:
        """Take an entry into account; whether it is of a flight that a timetable names, or no flight's."""
        match entry.body:
            case Observation() as observation:
                self._observed.add(self._planned.airport(observation.airport), entry, observation)
                self._values.clear()
            case TimetableChange() as change:
                self._plan(entry, change)
            case Departure() | Cancellation() | Estimate() as event:
                return self._settle(entry, event)
        return True

    def knows(self, event: Event) -> bool:
        """Whether a timetable names the flight of an event; true of an event that is about no flight."""
        if isinstance(event, Observation | TimetableChange):
            return True
        return self._planned.find(self._planned.key_of(event), event) is not None

    def forget(self, moment: int) -> None:
        """Drop what nothing reads any more that is asked from a moment on."""
        before = moment - KEPT_FLIGHTS
        for flight in self._planned.forget(before, moment - KEPT_DAYS * DAY_MINUTES):
            self._legs.remove(flight)
        for of_scope in self._stats.values():
            for place, stats in [*of_scope.items()]:
                if not stats.forget(moment):
                    del of_scope[place]
        old = [key for key in self._unknown if self._planned.utc(key[0], key[2]) < before]
        for unknown in old:
            self._take_unknown(unknown)
        self._observed.forget(moment)
        self._clear_parts()
        self._values.clear()

    def values(self, asked: Resolved, moment: int) -> tuple[float, ...] | None:
        """The values of the operations horizon, in the order of `puntual.inference.operations.OPERATIONS`.

        Parameters
        ----------
        moment : of asking

        Returns
        -------
        None : no timetable of the origin's day of asking is known, so nothing can be said of that day; or the
            flight is so late that it is delayed, or further ahead than `ANSWERED_WITHIN`
        """
        if moment != self._moment:
            self._values.clear()
            self._moment = moment
        flight = asked.departure, asked.aircraft
        values = self._values.get(flight)
        if values is None:
            values = self._read(asked, moment)
            if values is not None:
                if len(self._values) >= MAX_CACHED:
                    self._values.clear()
                self._values[flight] = values
        return values

    def _read(self, asked: Resolved, moment: int) -> tuple[float, ...] | None:
        origin, airline, destination, minute = asked.departure
        scheduled = self._planned.utc(origin, minute)
        lead = scheduled - moment
        day, clock = divmod(minute - lead, DAY_MINUTES)
        if not -self._delay_minutes <= lead <= ANSWERED_WITHIN or not self._planned.knows((origin, day)):
            return None
        aircraft = asked.aircraft or self._planned.planned_aircraft(asked.departure)
        return (
            *self._part(_ORIGIN, (origin,), moment, clock),
            *self._part(_AIRLINE, (origin, airline), moment, clock),
            *self._part(_DESTINATION, (origin, destination), moment, clock),
            *self._part(_ROUTE, (origin, airline, destination), moment, clock),
            *self._legs.values(aircraft, origin, moment, scheduled),
            *self._observed.values(origin, moment),
            float(lead),
        )

    def counts_of(self, asked: Resolved) -> tuple[float, ...]:
        """What is counted of a flight in its day's timetable, as `puntual.inference.timetable` does."""
        return self._planned.counts_of(asked.departure)

    def days(self) -> list[tuple[str, dt.date]]:
        """The origins and local days whose timetable is known, in order."""
        return self._planned.days()

    def flights(self, origin: str, date: dt.date) -> int:
        """How many flights the board of a day has."""
        return self._planned.number(origin, date)

    def board(self, origin: str, date: dt.date, moment: int) -> list[FlightState]:
        """The flights of an origin's local day as they are known at a moment, in order of their times.

        Parameters
        ----------
        origin : any known code
        """
        flights = self._planned.board(origin, date)
        return [flight.state(moment, self._delay_minutes) for flight in flights]

    def _part(self, fields: tuple[str, ...], place: Place, moment: int, clock: int) -> tuple[float, ...]:
        """The values of one of `PARTS`, made again if a minute has passed or something has become known."""
        parts = self._parts[fields]
        part = parts.get(place)
        if part is not None and part.moment == moment and part.clock == clock:
            version = 0
            for stats in part.stats:
                version += stats.version
            if version == part.version:
                return part.values
        found = dict(zip(fields, place, strict=True))
        made: list[ScopeStats] = []
        values: list[float] = []
        for scope in PARTS[fields]:
            stats = self._stats[scope.past].get(tuple([found[field] for field in scope.asked]), _NOTHING)
            made.append(stats)
            values += stats.values(scope, moment, clock)
        version = sum([stats.version for stats in made])
        parts[place] = _Part(tuple(made), version, moment, clock, tuple(values))
        return parts[place].values

    def _clear_parts(self) -> None:
        for parts in self._parts.values():
            parts.clear()

    def _plan(self, entry: LogEntry, change: TimetableChange) -> None:
        day = self._planned.day_of(change)
        for flight in self._planned.flights(day):
            self._legs.remove(flight)
        new = self._planned.plan(entry, change)
        self._values.clear()
        for flight in self._planned.flights(day):
            self._count(flight)
        for flight in new:
            for kept in self._take_unknown(flight.key):
                self.apply(kept)

    def _take_unknown(self, key: Key) -> list[LogEntry]:
        entries = self._unknown.pop(key, [])
        self._unknown_events -= len(entries)
        return entries

    def _settle(self, entry: LogEntry, event: Departure | Cancellation | Estimate) -> bool:
        key = self._planned.key_of(event)
        flight = self._planned.find(key, event)
        if flight is None:
            self._unknown[key].append(entry)
            self._unknown_events += 1
            if self._unknown_events > MAX_UNKNOWN:
                self._take_unknown(next(iter(self._unknown)))
        elif isinstance(event, Estimate):
            flight.settle(entry, event)  # no value is made of it
        else:
            self._count(flight, partial(flight.settle, entry, event))
        return flight is not None

    def _count(self, flight: Planned, change: Callable[[], None] = lambda: None) -> None:
        """Change what is known of a flight, and replace what the stats have of it."""
        self._values.clear()
        before = flight.contribution(self._delay_minutes) if flight.counted else None
        self._legs.remove(flight)
        change()
        flight.counted = flight.listed or flight.is_decided
        after = flight.contribution(self._delay_minutes) if flight.counted else None
        if flight.counted:
            self._legs.add(flight)
        if before == after:
            return
        origin, airline, minute = flight.key
        if not flight.listed:
            self._planned.recount((origin, minute // DAY_MINUTES))
        fields = {"origin": origin, "airline": airline, "destination": flight.destination}
        for past, of_scope in self._stats.items():
            key = tuple([fields[field] for field in past])
            stats = of_scope.get(key)
            if stats is None:
                stats = of_scope[key] = ScopeStats(_MEASURES[past])
                self._clear_parts()  # they may be made of nothing where there is something now
            if before is not None:
                stats.remove(before)
            if after is not None:
                stats.add(after)
