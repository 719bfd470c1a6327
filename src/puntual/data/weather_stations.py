"""Which station observes the weather of which airport."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from puntual.data.code_tables import Period, airports_by_code
from puntual.data.weather_rows import KNOWN_AT
from puntual.errors import DataError

_SHOWN = 3


def at_airports(weather: pl.DataFrame, airports: Iterable[str]) -> pl.DataFrame:
    """The weather at some airports, with the codes that these are given by; other stations are left out.

    A station is an airport's if one of both codes, IATA or ICAO, of each are the same; the station of the
    very same code comes first.

    Parameters
    ----------
    weather : as of `puntual.data.weather.read_weather`

    Examples
    --------
    >>> from puntual.data.weather import read_weather
    >>> weather = at_airports(read_weather("nyc"), ["KJFK", "SCEL"])
    >>> weather["airport"].unique().to_list()
    ['KJFK']
    """
    days = weather[KNOWN_AT].dt.date().sort().to_list()
    period = (days[0], days[-1]) if days else None
    stations = weather["airport"].unique().sort().to_list()
    pairs = [
        (station, airport)
        for airport in dict.fromkeys(airports)
        if (station := _find_station(airport, stations, period)) is not None
    ]
    named = pl.DataFrame(pairs, schema={"station": pl.String, "airport": pl.String}, orient="row")
    joined = named.join(weather.rename({"airport": "station"}), "station", maintain_order="right")
    return joined.drop("station").select(weather.columns).sort("airport", KNOWN_AT)


def weather_of_flights(weather: pl.DataFrame, flights: pl.DataFrame, where: str) -> pl.DataFrame:
    """The weather at the airports that flights leave from.

    Parameters
    ----------
    weather : as of `puntual.data.weather.read_weather`
    flights : canonical frame
    where : what the weather is called in the error

    Raises
    ------
    DataError : none of its stations is at any of these airports
    """
    origins = flights["origin"].drop_nulls().unique().sort().to_list()
    found = at_airports(weather, origins)
    if found.is_empty():
        stations = ", ".join(weather["airport"].unique().sort().head(_SHOWN).to_list())
        wanted = f"a station at an airport of the flights, such as {', '.join(origins[:_SHOWN])}"
        raise DataError(where, f"weather of {stations} only", wanted=wanted)
    return found


def _find_station(airport: str, stations: list[str], period: Period | None) -> str | None:
    if airport in stations:
        return airport
    own = _codes(airport, period)
    return next((station for station in stations if own & _codes(station, period)), None)


def _codes(code: str, period: Period | None) -> set[str]:
    pairs = (one for one in airports_by_code().get(code, ()) if one.held_in(period))
    return {code, *(code for one in pairs for code in (one.iata, one.icao) if code)}
