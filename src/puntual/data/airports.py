"""The names, codes, places and holidays of an artifact, from maintained packages and two small tables."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import airportsdata
import holidays
import polars as pl

from puntual.data import code_tables
from puntual.data.code_tables import Period
from puntual.formats.headings import fold_accents
from puntual.inference.season_rules import day_of_year
from puntual.inference.tables import Airline, Airport, Tables

HOLIDAY_YEARS_AHEAD = 15
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_PARTICLES = re.compile(r" (?:De|Del|Da|Do|Dos|Y|E) (?=\w)")
_CATEGORICAL = ("airline", "operator", "destination", "origin")


def build_tables(
    flights: pl.DataFrame, airline_names: Mapping[str, str], city_names: Mapping[str, str] = _NO_NAMES
) -> Tables:
    """Build the tables of a model: the values of its flights, and public facts about their airports.

    Parameters
    ----------
    flights : canonical frame of the training flights
    airline_names, city_names : by code of the airline and the airport, from the source
    """
    seen = {name: flights[name].drop_nulls().unique().sort().to_list() for name in _CATEGORICAL}
    dates = flights["scheduled_departure"].dt.date().unique().sort().to_list()
    return tables_of(seen, dates, airline_names, city_names)


def tables_of(
    values: Mapping[str, Sequence[str]],
    dates: Sequence[dt.date],
    airline_names: Mapping[str, str],
    city_names: Mapping[str, str] = _NO_NAMES,
) -> Tables:
    """As `build_tables`, of what flights have.

    Parameters
    ----------
    values : airlines, operators, destinations and origins by the name of their column, each once and in order
    dates : local ones of the departures, each once and in order; at least one
    """
    seen = {name: tuple(values[name]) for name in _CATEGORICAL}
    airports = describe_airports({*seen["origin"], *seen["destination"]}, city_names)
    countries = {
        airport.country for airport in airports if airport.code in seen["origin"] and airport.country
    }
    return Tables(
        airlines=describe_airlines(
            {*seen["airline"], *seen["operator"]}, airline_names, (dates[0], dates[-1])
        ),
        airports=airports,
        origins=seen["origin"],
        destinations=seen["destination"],
        categories=seen | {"flight_type": ("I", "N")},
        holidays=national_holidays(countries, dates[0].year - 1, dates[-1].year + HOLIDAY_YEARS_AHEAD),
        days_of_year=tuple(sorted({*map(day_of_year, dates)})),
        first_day=dates[0],
        last_day=dates[-1],
    )


def describe_airports(codes: Iterable[str], city_names: Mapping[str, str] = _NO_NAMES) -> tuple[Airport, ...]:
    """Airports by their IATA or ICAO code, sorted; those unknown to `airportsdata` have only their code.

    The city is the one that the airport serves, named by the source, else by `airport_cities.csv`, else by
    `airportsdata`, which names the place of the runways. If the table knows the source's name, whatever its
    accents and capitals, the table gives the spelling in both languages.

    Parameters
    ----------
    codes : as the flights use them
    city_names : by code, as the source gives them

    Examples
    --------
    >>> [airport.city for airport in describe_airports(["SCQP", "EZE"])]
    ['Buenos Aires', 'Temuco']
    >>> panama = describe_airports(["MPTO"], {"MPTO": "CIUDAD DE PANAMA"})[0]
    >>> panama.city, panama.city_es, panama.iata
    ('Panama City', 'Ciudad de Panamá', 'PTY')
    >>> describe_airports(["XQZ"])[0].name
    'XQZ'
    """
    described = []
    for code in sorted(set(codes)):
        found = _airports("IATA" if len(code) == 3 else "ICAO").get(code)
        city, city_es = _city(code, city_names.get(code), found["city"] if found else "")
        if found is None:
            described.append(Airport(code, code, city=city, city_es=city_es))
            continue
        described.append(
            Airport(
                code=code,
                name=_with_place(found["name"], found["city"], f"{city}, {city_es}"),
                iata=found["iata"] or None,
                icao=found["icao"] or None,
                city=city,
                city_es=city_es,
                country=found["country"] or None,
                latitude=found["lat"],
                longitude=found["lon"],
                timezone=found["tz"] or None,
            )
        )
    return tuple(described)


def describe_airlines(
    codes: Iterable[str], names: Mapping[str, str], period: Period | None = None
) -> tuple[Airline, ...]:
    """Airlines by their IATA or ICAO code, sorted.

    Parameters
    ----------
    codes : as the flights use them
    names : by code, from the source, for airlines that `airline_codes.csv` lacks, since a source may
        name an airline's group; airlines in neither are named by their code
    period : first and last day of the flights, since a code can pass to another airline

    Examples
    --------
    >>> names = {"LAN": "Grupo LATAM", "TAM": "Grupo LATAM", "QFU": "Qantas Airways"}
    >>> [airline.name for airline in describe_airlines(names, names)]
    ['LATAM Airlines', 'Qantas Airways', 'LATAM Brasil']
    >>> import datetime as dt
    >>> describe_airlines(["AZ"], {}, (dt.date(2023, 1, 1), dt.date(2023, 12, 31)))[0].name
    'ITA Airways'
    """
    described = []
    for code in sorted(set(codes)):
        known = _airline(code, period)
        if known is None or (code in names and not (known.active or known.until)):
            described.append(Airline(code, names.get(code, code)))
        else:
            described.append(Airline(code, known.name, known.iata or None, known.icao or None))
    return tuple(described)


def _airline(code: str, period: Period | None) -> code_tables.Airline | None:
    """Who had a code then; without a period, the first one of the table."""
    held = code_tables.airlines_by_code().get(code, ())
    then = [airline for airline in held if airline.flew_in(period)] or held
    return next((airline for airline in then if period and airline.active), then[0] if then else None)


def national_holidays(
    countries: Iterable[str], first_year: int, last_year: int
) -> dict[str, tuple[int, ...]]:
    """National holidays by country (ISO 3166-1 alpha-2) as ordinals, both years included.

    Countries that `holidays` does not know are left out.

    Examples
    --------
    >>> import datetime as dt
    >>> dt.date(2017, 9, 18).toordinal() in national_holidays(["CL"], 2017, 2017)["CL"]
    True
    """
    return {
        country: days
        for country in sorted(set(countries))
        if (days := _holidays(country, range(first_year, last_year + 1)))
    }


def _holidays(country: str, years: range) -> tuple[int, ...]:
    try:
        known = holidays.country_holidays(country, years=years)
    except NotImplementedError:
        return ()
    return tuple(sorted(day.toordinal() for day in known))


@cache
def _airports(codes: Literal["IATA", "ICAO"]) -> dict[str, airportsdata.Airport]:
    return airportsdata.load(codes)


def _city(code: str, source_name: str | None, place: str) -> tuple[str | None, str | None]:
    """The city in English, and in Spanish where it differs.

    Parameters
    ----------
    source_name : the source's name of the city
    place : the airport's place by `airportsdata`; empty if unknown
    """
    known = _by_code("airport_cities.csv").get(code)
    if known is None:
        return _title_case(source_name or place) or None, None
    names = {known["city"], known["city_es"], *known["also"].split(";"), place}
    if source_name is None or fold_accents(source_name) in map(fold_accents, names):
        return known["city"], known["city_es"] or None
    return _title_case(source_name), None


def _with_place(airport: str, place: str, city: str) -> str:
    """An airport's name with its place, unless the name contains it or it is the airport's city.

    Examples
    --------
    >>> _with_place("Ministro Pistarini Airport", "Ezeiza", "Buenos Aires")
    'Ministro Pistarini Airport, Ezeiza'
    >>> _with_place("Tocumen International Airport", "Tocumen", "Panama City")
    'Tocumen International Airport'
    """
    return airport if fold_accents(place) in fold_accents(f"{airport}, {city}") else f"{airport}, {place}"


def _title_case(name: str) -> str:
    """A name in title case if it was in capitals, with lower-case Spanish and Portuguese particles.

    Examples
    --------
    >>> [_title_case(name) for name in ("PUERTO WILLIAMS", "Isla De Pascua", "Dallas")]
    ['Puerto Williams', 'Isla de Pascua', 'Dallas']
    """
    return _PARTICLES.sub(lambda found: found[0].lower(), name.title() if name.isupper() else name)


@cache
def _by_code(table: str) -> dict[str, dict[str, str]]:
    """The rows of a table by either of their codes.

    ``airport_cities.csv``, compiled for this package: the city that flights to an airport are sold as, if
    `airportsdata` has another one, no accents, or only one language; Spanish spelling follows the Real
    Academia Española (Ortografía de la lengua española, 2010). `also` lists other spellings of sources.
    """
    text = resources.files("puntual.data").joinpath(table).read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {row[code]: row for code in ("icao", "iata") for row in rows if row[code]}
