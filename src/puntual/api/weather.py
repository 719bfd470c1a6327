"""Observed weather in the hand: read from files, or given as a frame, for the airports of some flights."""

from __future__ import annotations

import polars as pl

from puntual.api.flights import warn
from puntual.data.embedded import EMBEDDED
from puntual.data.flights import Flights
from puntual.data.weather import WeatherData, read_observations
from puntual.data.weather_rows import WEATHER_COLUMNS
from puntual.data.weather_stations import weather_of_flights
from puntual.errors import SettingError

WeatherLike = WeatherData | pl.DataFrame | bool | None
"""Files, or what `puntual.data.weather.read_weather` gave; None: the weather that embedded flights come with;
False: none."""


def observed_weather(weather: WeatherLike, flights: Flights) -> pl.DataFrame | None:
    """The observed weather at the airports that flights leave from; None if there is none.

    Raises
    ------
    DataError : files that hold no weather, or none of any of these airports
    SettingError : anything else
    """
    if weather is False:
        return None
    if weather is None:
        if flights.where not in EMBEDDED:
            return None
        weather = flights.where
    if isinstance(weather, pl.DataFrame):
        lacking = [name for name in WEATHER_COLUMNS if name not in weather.columns]
        if lacking:
            raise SettingError(f"weather: a frame without {lacking[0]!r}; wanted: that of read_weather")
        return weather_of_flights(weather, flights.frame, "weather")
    if weather is True:
        raise SettingError("weather: True; wanted: files, a frame of read_weather, None, or False")
    observations = read_observations(weather)
    # What embedded weather lacks is known.
    if observations.where not in EMBEDDED:
        warn(observations.notes()[1:])
    return weather_of_flights(observations.frame, flights.frame, observations.where)
