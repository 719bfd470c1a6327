"""What an artifact knows of the world: airlines, airports, holidays, and the values that training saw."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from functools import cached_property

import msgspec

from puntual.inference.season_rules import FAR_DAYS, day_of_year, nearest_days

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG."""


class Airline(msgspec.Struct, frozen=True, omit_defaults=True):
    """An airline that the training flights hold; `code` is the one that they use."""

    code: str
    name: str
    iata: str | None = None
    icao: str | None = None


class Airport(msgspec.Struct, frozen=True, omit_defaults=True):
    """An airport that the training flights hold; `code` is the one that they use.

    Attributes
    ----------
    city : that it serves, as people say it, in English
    city_es : in Spanish; None: the same
    country : ISO 3166-1 alpha-2
    latitude, longitude : degrees, north and east positive
    timezone : IANA name
    """

    code: str
    name: str
    iata: str | None = None
    icao: str | None = None
    city: str | None = None
    city_es: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    timezone: str | None = None

    def city_in(self, language: str) -> str:
        """The city in ``en`` or ``es``; the airport's own name where it is not known.

        Examples
        --------
        >>> Airport("KJFK", "John F Kennedy", city="New York", city_es="Nueva York").city_in("es")
        'Nueva York'
        """
        return (self.city_es if language == "es" else None) or self.city or self.name


class Tables(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that encoding a flight needs besides the flight.

    Attributes
    ----------
    airlines, airports : sorted by code
    origins, destinations : codes of the airports that flights left from and for
    categories : by categorical feature, its values; a value's position is its number
    holidays : by country, the national holidays as ordinals (`date.toordinal`), ascending
    days_of_year : those that the flights learned from fell on (`season_rules.day_of_year`), ascending
    first_day, last_day : local dates of the first and last of those flights
    """

    airlines: tuple[Airline, ...]
    airports: tuple[Airport, ...]
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    holidays: dict[str, tuple[int, ...]]
    days_of_year: tuple[int, ...]
    first_day: dt.date
    last_day: dt.date

    @cached_property
    def seasons(self) -> dict[int, int]:
        """Days of the year whose season was learned -> the day that the model reads for it."""
        return nearest_days(self.days_of_year)

    @cached_property
    def last_season(self) -> int:
        """The day of the year that the model reads for a season that was never seen: the last one learned."""
        return day_of_year(self.last_day)

    @cached_property
    def near_dates(self) -> tuple[dt.date, dt.date]:
        """The first and the last date that is not far from those learned (`season_rules.FAR_DAYS`)."""
        reach = dt.timedelta(FAR_DAYS)
        return self.first_day - reach, self.last_day + reach

    @cached_property
    def airline_codes(self) -> dict[str, str]:
        """Any known code of an airline -> the one that the training flights use."""
        return _codes(self.airlines)

    @cached_property
    def airport_codes(self) -> dict[str, str]:
        """Any known code of an airport -> the one that the training flights use."""
        return _codes(self.airports)

    @cached_property
    def airline_by_code(self) -> dict[str, Airline]:
        """The airlines by the code that the training flights use."""
        return {airline.code: airline for airline in self.airlines}

    @cached_property
    def airport_by_code(self) -> dict[str, Airport]:
        """The airports by the code that the training flights use."""
        return {airport.code: airport for airport in self.airports}

    def airline_name(self, code: str) -> str:
        """What people call an airline, with its code if another one here has that name too."""
        airline = self.airline_by_code.get(code)
        if airline is None:
            return code
        return _disambiguate(airline, airline.name, (other.name for other in self.airlines))

    def airport_name(self, code: str, language: str) -> str:
        """The city of an airport, with its code if another one here is of that name too."""
        airport = self.airport_by_code.get(code)
        if airport is None:
            return code
        return _disambiguate(
            airport, airport.city_in(language), (other.city_in(language) for other in self.airports)
        )

    def distance_km(self, origin: str, destination: str) -> float:
        """Great-circle distance; NaN where an airport or its place is not known.

        References
        ----------
        Sinnott (1984), Virtues of the haversine, Sky and Telescope 68(2).
        """
        a, b = self.airport_by_code.get(origin), self.airport_by_code.get(destination)
        if a is None or b is None or a.latitude is None or b.latitude is None:
            return math.nan
        if a.longitude is None or b.longitude is None:
            return math.nan
        south, north = math.radians(a.latitude), math.radians(b.latitude)
        half_turn = math.radians(b.longitude - a.longitude) / 2
        h = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(half_turn) ** 2
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))

    def flight_type(self, origin: str, destination: str) -> str | None:
        """``N`` within a country, ``I`` between two; None where a country is not known."""
        a, b = self.airport_by_code.get(origin), self.airport_by_code.get(destination)
        if a is None or b is None or a.country is None or b.country is None:
            return None
        return "N" if a.country == b.country else "I"

    def holidays_at(self, origin: str) -> tuple[int, ...]:
        """National holidays of the country of an origin; empty where it is not known."""
        airport = self.airport_by_code.get(origin)
        return self.holidays.get(airport.country or "", ()) if airport else ()


def _disambiguate(entry: Airline | Airport, name: str, names: Iterable[str]) -> str:
    return f"{name}, {entry.iata or entry.code}" if [*names].count(name) > 1 else name


def _codes(entries: tuple[Airline, ...] | tuple[Airport, ...]) -> dict[str, str]:
    own = {entry.code: entry.code for entry in entries}
    others = {
        alias: entry.code for entry in entries for alias in (entry.iata, entry.icao) if alias is not None
    }
    return others | own
