"""Names, codes, places and holidays that an artifact will carry, told from maintained packages."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Literal

import airportsdata
import holidays
import polars as pl

from puntual.calendar import day_of_year
from puntual.inference.tables import Airline, Airport, Tables

HOLIDAY_YEARS_AHEAD = 15
_CATEGORICAL = ("airline", "operator", "destination", "origin")


def describe_world(flights: pl.DataFrame, airline_names: dict[str, str]) -> Tables:
    """What a model will know: the values that its flights hold, and public facts about their places.

    Parameters
    ----------
    flights : canonical frame of what it learns from
    airline_names : by code, as the source tells them
    """
    seen = {name: tuple(flights[name].drop_nulls().unique().sort()) for name in _CATEGORICAL}
    airports = describe_airports({*seen["origin"], *seen["destination"]})
    dates = flights["scheduled_departure"].dt.date().unique().sort().to_list()
    countries = {
        airport.country for airport in airports if airport.code in seen["origin"] and airport.country
    }
    return Tables(
        airlines=describe_airlines({*seen["airline"], *seen["operator"]}, airline_names),
        airports=airports,
        origins=seen["origin"],
        destinations=seen["destination"],
        categories=seen | {"flight_type": ("I", "N")},
        holidays=national_holidays(countries, dates[0].year - 1, dates[-1].year + HOLIDAY_YEARS_AHEAD),
        days_of_year=tuple(sorted({*map(day_of_year, dates)})),
        first_day=dates[0],
        last_day=dates[-1],
    )


def describe_airports(codes: Iterable[str]) -> tuple[Airport, ...]:
    """Airports by their IATA or ICAO code, sorted; one that `airportsdata` does not know has its code only.

    Examples
    --------
    >>> describe_airports(["SCEL"])[0].iata
    'SCL'
    >>> describe_airports(["XQZ"])[0].name
    'XQZ'
    """
    described = []
    for code in sorted(set(codes)):
        found = _airports("IATA" if len(code) == 3 else "ICAO").get(code)
        if found is None:
            described.append(Airport(code, code))
            continue
        described.append(
            Airport(
                code=code,
                name=found["name"],
                iata=found["iata"] or None,
                icao=found["icao"] or None,
                city=found["city"] or None,
                country=found["country"] or None,
                latitude=found["lat"],
                longitude=found["lon"],
                timezone=found["tz"] or None,
            )
        )
    return tuple(described)


def describe_airlines(codes: Iterable[str], names: dict[str, str]) -> tuple[Airline, ...]:
    """Airlines by their IATA or ICAO code, sorted.

    Parameters
    ----------
    codes : as the flights use them
    names : by code, as the source gives them; missing: the name of `airline_codes.csv`, else the code

    Examples
    --------
    >>> describe_airlines(["LAN"], {"LAN": "Grupo LATAM"})
    (Airline(code='LAN', name='Grupo LATAM', iata='LA', icao='LAN'),)
    """
    table = _airlines()
    described = []
    for code in sorted(set(codes)):
        known = table.get(code, {})
        described.append(
            Airline(code, names.get(code) or known.get("name", code), known.get("iata"), known.get("icao"))
        )
    return tuple(described)


def national_holidays(
    countries: Iterable[str], first_year: int, last_year: int
) -> dict[str, tuple[int, ...]]:
    """National holidays by country (ISO 3166-1 alpha-2) as ordinals, both years included.

    A country that `holidays` does not know has none.

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


@cache
def _airlines() -> dict[str, dict[str, str]]:
    """The rows of `airline_codes.csv` by either code.

    The designators are those of ICAO Doc 8585 and of IATA's Airline Coding Directory.
    """
    text = resources.files("puntual").joinpath("airline_codes.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {row["icao"]: row for row in rows} | {row["iata"]: row for row in rows}
