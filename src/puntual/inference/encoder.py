"""One flight -> the numbers that a model reads; the counterpart over frames is `puntual.features`."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from puntual.errors import ArtifactError, FlightError
from puntual.inference.catalogue import COUNTED
from puntual.inference.season_rules import (
    PERIOD_NUMBERS,
    day_of_year,
    days_to_nearest,
    is_high_season,
    period_of_day,
)
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES, NO_COUNTS, Departure
from puntual.types import Flight

Values = tuple[float, ...]

PLACE = ("airline", "operator", "destination", "origin", "flight_type", "distance_km")
DAY = (
    "weekday",
    "month",
    "day_of_year",
    "new_season",
    "high_season",
    "days_to_holiday",
    "days_since_holiday",
)
SLOT = ("minute_of_day", "period_of_day", "minute_of_hour", "minute_of_week")
ENCODED = PLACE + DAY + SLOT + COUNTED
"""The features in the order in which this module makes them."""

NAMED = ("airline", "destination", "origin", "operator")
"""The fields of a flight that hold a code."""
UNKNOWN = (*NAMED, "season", "date")
"""What of a flight a model may never have seen, in the order in which an answer names it."""

_CACHED = 4096
WEEK_MINUTES = 7 * DAY_MINUTES


class Resolved(NamedTuple):
    """A flight in the model's own codes and in local time."""

    departure: Departure
    operator: str | None
    flight_type: str | None
    day: dt.date
    unknown: tuple[str, ...]
    aircraft: str | None = None


class Encoder:
    """Encodes flights with the tables of one artifact.

    Parameters
    ----------
    tables : what the artifact knows
    features : names, in the order that the model reads

    Attributes
    ----------
    day : a local day, and an origin -> the numbers of `DAY`

    Raises
    ------
    ArtifactError : a feature that this version does not know
    """

    def __init__(self, tables: Tables, features: tuple[str, ...]) -> None:
        missing = [name for name in features if name not in ENCODED]
        if missing:
            raise ArtifactError(
                "features", f"unknown feature {missing[0]!r}", wanted="a model of this version"
            )
        self._tables = tables
        self._select: Callable[[Values], Values] | None = (
            None if features == ENCODED else itemgetter(*(ENCODED.index(name) for name in features))
        )
        self._number = {
            feature: {value: float(position) for position, value in enumerate(values)}
            for feature, values in tables.categories.items()
        }
        self._airlines = tables.airline_codes
        self._airports = tables.airport_codes
        self._only_origin = tables.origins[0] if len(tables.origins) == 1 else None
        self._seen = {name: frozenset(tables.categories[name]) for name in NAMED}
        self.day = lru_cache(_CACHED)(self._encode_day)
        self._route = lru_cache(_CACHED)(self._encode_route)
        self._unknown = lru_cache(_CACHED)(self._find_unknown)
        self._far = lru_cache(_CACHED)(self._find_far)
        self._slots = tuple(
            (
                float(minute % DAY_MINUTES),
                PERIOD_NUMBERS[period_of_day(minute % DAY_MINUTES // 60)],
                float(minute % 60),
                float(minute),
            )
            for minute in range(WEEK_MINUTES)
        )

    def resolve(self, flight: Flight, index: int = 0) -> Resolved:
        """Translate codes and times to the model's own.

        Parameters
        ----------
        flight : as asked
        index : its position in the request, for the error

        Raises
        ------
        FlightError : no origin where the model knows several; an offset where the zone is not known
        """
        airline = _translate(self._airlines, flight.airline)
        destination = _translate(self._airports, flight.destination)
        origin = self._origin(flight, index)
        operator = flight.operator and _translate(self._airlines, flight.operator)
        moment = flight.scheduled_departure
        if moment.tzinfo is not None:
            moment = self._local(moment, origin, index)
        day = moment.date()
        minute = day.toordinal() * DAY_MINUTES + moment.hour * 60 + moment.minute
        departure = (origin, airline, destination, minute)
        unknown = self._unknown(airline, destination, origin, operator) + self._far(day)
        return Resolved(departure, operator, flight.flight_type, day, unknown, flight.aircraft)

    def encode(self, resolved: Resolved, counts: Values = NO_COUNTS) -> Values:
        """Numbers in the order of the model's features; NaN where a value is missing or never seen.

        Parameters
        ----------
        resolved : from `resolve`
        counts : from `puntual.inference.timetable.Timetable.counts`
        """
        origin, airline, destination, minute = resolved.departure
        number = self._number
        flight_type, destination_number, origin_number, distance = self._route(origin, destination)
        if resolved.flight_type is not None:
            flight_type = number["flight_type"].get(resolved.flight_type, math.nan)
        values = (
            number["airline"].get(airline, math.nan),
            number["operator"].get(resolved.operator, math.nan) if resolved.operator else math.nan,
            destination_number,
            origin_number,
            flight_type,
            distance,
            *self.day(resolved.day, origin),
            *self._slots[(minute - DAY_MINUTES) % WEEK_MINUTES],  # ordinal 1 was a Monday
            *counts,
        )
        return self._select(values) if self._select else values

    def _find_unknown(self, *codes: str | None) -> tuple[str, ...]:
        """The fields, in the order of `NAMED`, whose code the model never saw."""
        fields = zip(NAMED, codes, strict=True)
        return tuple(name for name, code in fields if code is not None and code not in self._seen[name])

    def _find_far(self, day: dt.date) -> tuple[str, ...]:
        """What of a date lies far from those learned from, in the order of `UNKNOWN`."""
        first, last = self._tables.near_dates
        season = () if day_of_year(day) in self._tables.seasons else ("season",)
        return season if first <= day <= last else (*season, "date")

    def _origin(self, flight: Flight, index: int) -> str:
        if flight.origin is not None:
            return _translate(self._airports, flight.origin)
        if self._only_origin is None:
            raise FlightError(index, "origin", "missing", wanted=" or ".join(self._tables.origins))
        return self._only_origin

    def _encode_route(self, origin: str, destination: str) -> Values:
        tables, number = self._tables, self._number
        flight_type = tables.flight_type(origin, destination)
        return (
            number["flight_type"].get(flight_type, math.nan) if flight_type else math.nan,
            number["destination"].get(destination, math.nan),
            number["origin"].get(origin, math.nan),
            tables.distance_km(origin, destination),
        )

    def _encode_day(self, day: dt.date, origin: str) -> Values:
        season = self._tables.seasons.get(day_of_year(day))
        return (
            float(day.weekday()),
            float(day.month),
            float(self._tables.last_season if season is None else season),
            float(season is None),
            float(is_high_season(day.month, day.day)),
            *days_to_nearest(day, self._tables.holidays_at(origin)),
        )

    def _local(self, moment: dt.datetime, origin: str, index: int) -> dt.datetime:
        airport = self._tables.airport_by_code.get(origin)
        wanted = "local time at the origin, without an offset"
        if airport is None or airport.timezone is None:
            found = f"an offset, but the time zone of {origin} is not known"
            raise FlightError(index, "scheduled_departure", found, wanted=wanted)
        try:
            return moment.astimezone(zoneinfo.ZoneInfo(airport.timezone))
        except OverflowError:
            raise FlightError(index, "scheduled_departure", moment.isoformat(), wanted=wanted) from None


def _translate(codes: dict[str, str], code: str) -> str:
    """The model's own code for any known one; an unknown one in capitals."""
    known = codes.get(code)
    if known is None:
        capitals = code.upper()
        known = codes.get(capitals, capitals)
    return known
